"""Records that could not be read: counted, remembered by offset, and left out."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from habitue.errors import HabitueError
from habitue.live.generation import Generation
from habitue.rules.live_transitions import Transition
from habitue.streams import Record

KEPT = 20


def code_of(error: BaseException) -> str:
    """What an error is called: its stable code, or its class for a mistake of ours; never what it says."""
    return error.code if isinstance(error, HabitueError) else type(error).__name__


@dataclass(slots=True)
class Poison:
    """The records left out since the start.

    Attributes:
        count: How many.
        last: Offset and code of the last ones.
        met: People whom a record was about that was left out, and who may have been told half of it.
    """

    count: int = 0
    last: tuple[tuple[int, str], ...] = ()
    met: set[str] = field(default_factory=set)

    def note(self, offset: int, error: BaseException) -> None:
        """Remember one more."""
        self.count += 1
        self.last = (*self.last, (offset, code_of(error)))[-KEPT:]


def look_ahead(generation: Generation, records: Sequence[Record]) -> None:
    """Have at hand what taking some records in will ask for; what goes wrong with it is met again with the record."""
    with suppress(Exception):
        generation.look_ahead(records)


def taken(generation: Generation, record: Record, poison: Poison | None = None) -> list[Transition]:
    """What a record changes; one that cannot be read changes nothing, is noted and passed over.

    Whatever is wrong with one record must not keep all that follow from being read.
    """
    try:
        return generation.take(record)
    except Exception as error:
        generation.offset = record.offset
        if poison is not None:
            poison.note(record.offset, error)
            poison.met |= generation.subjects
        return []
