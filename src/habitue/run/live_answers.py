"""What a running live reading knows better than the last build, as far as questions about a project need it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol


class LiveAnswers(Protocol):
    """Who is in which segment at this moment; may be asked by any thread.

    A segment that the live reading cannot answer is in no answer here: for it the last build's stands.
    """

    def sizes(self) -> Mapping[str, int]:
        """How many are in each segment that is read live."""
        ...

    def members(self, segment: str) -> Collection[str]:
        """Who is in a segment that is read live."""
        ...

    def page(self, segment: str, *, after: str = "", limit: int = 1_000) -> Sequence[str]:
        """Some who are in a segment that is read live, by id, from behind a given one."""
        ...

    def is_member(self, customer: str, segment: str) -> bool:
        """Whether somebody is in a segment that is read live."""
        ...

    def as_of(self) -> datetime:
        """The instant of these answers, aware."""
        ...

    def is_turning(self) -> bool:
        """Whether what was built or declared last is about to be taken over, so that the tables are ahead of these."""
        ...
