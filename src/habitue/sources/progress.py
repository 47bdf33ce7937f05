"""How far a load is, told to whoever wants to show it."""

from typing import Protocol


class Progress(Protocol):
    """Called again and again while something long goes on."""

    def __call__(self, step: str, done: int, total: int) -> None:
        """Take note.

        Args:
            step: What is going on, e.g. `orders: reading orders.csv.gz`.
            done: How much of it is done.
            total: How much there is; an estimate, 0 when unknown.
        """


def silent(step: str, done: int, total: int) -> None:
    """Show nothing."""
    del step, done, total
