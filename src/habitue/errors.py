"""What can go wrong, said so that the reader knows whose value it was and what to do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


class HabitueError(Exception):
    """Root of every error that Habitue raises on purpose.

    Subclasses set `code` (stable, upper case, printed in docs) and build both sentences from facts.
    Neither sentence may carry personal data: name ids, files and fields, never names or addresses.

    Attributes:
        code: Stable identifier of the cause, e.g. `RULE-UNKNOWN-EVENT`.
        what: One sentence: what is wrong with whose value.
        do: One sentence: what to do about it.
    """

    code = "HABITUE"

    def __init__(self, *, what: str, do: str) -> None:
        super().__init__(f"{what} {do}")
        self.what = what
        self.do = do


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong in a project file, with the place a person has to look at.

    Attributes:
        file: Path relative to the project folder, with forward slashes.
        line: 1-based line in that file; 0 when the file as a whole is meant.
        code: Stable code, as in `HabitueError.code`.
        what: What is wrong with whose value.
        do: What to do about it.
    """

    file: str
    line: int
    code: str
    what: str
    do: str

    def __str__(self) -> str:
        """The fault on one line, ready for a terminal."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.code}: {self.what} {self.do}"


class ProjectFaultsError(HabitueError):
    """A project's files hold faults; all of them are listed at once."""

    code = "PROJECT-FAULTS"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        listed = "\n".join(f"  {fault}" for fault in self.faults)
        count = len(self.faults)
        super().__init__(
            what=f"The project has {count} fault{'' if count == 1 else 's'}:\n{listed}\n",
            do="Mend them and run `habitue check` again.",
        )


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """The nearest known name, or None when nothing is near.

    Examples:
        >>> did_you_mean("Order Complete", ["Order Completed", "Cart Viewed"])
        'Order Completed'
    """
    folded = {each.casefold(): each for each in known}
    near = get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[near[0]] if near else None
