"""What a project is given from outside: the time, chance, and where keys are kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a project is given from outside.

    Attributes:
        clock: The present time, aware.
        random: So many bytes that nobody can guess; ids, keys and nonces are made of them.
        environ: Settings of the process, among them `HABITUE_MASTER_KEY`.
        home: The folder under which master keys are kept.
    """

    clock: Clock
    random: Callable[[int], bytes]
    environ: Mapping[str, str]
    home: Path
