"""What the live reading of a project works with, and how much it does at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from habitue.live.consents import LiveConsents
from habitue.live.generation import Make
from habitue.live.identity import LiveIdentity
from habitue.live.reading import Reading


def at_once() -> None:
    """Let nobody else go first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How much is done at a time.

    Attributes:
        page: Records read at once, and kept in one transaction.
        batch: Records between which answers may be asked for.
        people: People whose deadlines are minded between two looks at the log.
        tick_s: How long nothing is looked at when nothing arrives and nothing is due.
        retry_s: How long to wait before the disk is asked again.
    """

    page: int = 1_000
    batch: int = 200
    people: int = 300
    tick_s: float = 0.25
    retry_s: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the live reading of a project works with.

    Attributes:
        project: The project's folder, where transitions are kept.
        log: The file of the log of live events.
        reading: How messages are read.
        make: Makes the live reading of the rules.
        identity: Opens who is who; called on the loop's thread, once for each generation.
        clock: Tells the present time.
        consents: Opens what people allow; called on the loop's thread, once for each generation.
        breathe: Called now and then while a reading begins; raises where nothing is to be made any longer.
    """

    project: Path
    log: Path
    reading: Reading
    make: Make
    identity: Callable[[], LiveIdentity]
    clock: Callable[[], datetime]
    consents: Callable[[], LiveConsents] = LiveConsents
    breathe: Callable[[], None] = at_once
