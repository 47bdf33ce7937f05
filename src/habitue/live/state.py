"""What the live reading says of itself."""

from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """What the live reading is doing."""

    STARTING = "starting"
    CATCHING_UP = "catching up"
    LIVE = "live"
    WAITING = "waiting"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """A generation in the making.

    Attributes:
        step: `seeding`, `reading` (what came in meanwhile), or `failed`.
        done: Records read of what came in meanwhile.
        total: Records to read.
        problem: Code of what went wrong; empty where nothing did.
    """

    step: str
    done: int = 0
    total: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveState:
    """How the live reading stands.

    Attributes:
        phase: What it is doing; `waiting` says that what changed cannot be kept right now, and why in `problem`.
        offset: Of the last record of the log that was read and kept.
        newest: Of the newest record known.
        clock_us: The instant of the answers, µs since 1970 UTC.
        people: How many are known.
        segments: Those that are live.
        generation: How many times the definitions or the data were taken over anew.
        making: The next generation, while it is made.
        read: Records read since the start.
        poisoned: Records that could not be read, since the start; they are left out.
        poison: Offset and code of the last of them.
        refused: Transitions that changed nothing and were left out, ever.
        unheard: How often somebody who listens could not be told, since the start.
        problem: Code of what holds the reading up, or ended it; empty where nothing does.
    """

    phase: Phase
    offset: int = 0
    newest: int = 0
    clock_us: int = 0
    people: int = 0
    segments: tuple[str, ...] = ()
    generation: int = 0
    making: Making | None = None
    read: int = 0
    poisoned: int = 0
    poison: tuple[tuple[int, str], ...] = ()
    refused: int = 0
    unheard: int = 0
    problem: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether answers are given."""
        return self.phase in (Phase.LIVE, Phase.CATCHING_UP, Phase.WAITING)
