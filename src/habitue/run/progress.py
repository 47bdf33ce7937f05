"""How long work says how far it is."""

from typing import Protocol


class Progress(Protocol):
    """Told now and then how far a step is; whoever listens draws it."""

    def __call__(self, step: str, done: int, total: int) -> None:
        """Take note.

        Args:
            step: What is being done, in a few words.
            done: How much of it.
            total: Of how much; 0 while that is not known.
        """


def silent(step: str, done: int, total: int) -> None:
    """Nobody listens."""
    del step, done, total
