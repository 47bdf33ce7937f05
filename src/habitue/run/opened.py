"""An open project as its own parts hand it on: what is declared, the open files, and what comes from outside."""

from dataclasses import dataclass

from habitue.run.live_parts import LiveParts
from habitue.run.project import Project
from habitue.run.stores import Stores
from habitue.run.surroundings import Surroundings
from habitue.segments.history import SegmentHistory
from habitue.state import ProjectLock


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An open project.

    Attributes:
        project: What its files declare.
        stores: Its open files.
        history: What builds changed in memberships.
        around: The time, chance, and where keys are kept.
        live: What is in the hands of live parts.
        lock: Keeps other processes out; None for what only reads beside its owner.
    """

    project: Project
    stores: Stores
    history: SegmentHistory
    around: Surroundings
    live: LiveParts
    lock: ProjectLock | None = None
