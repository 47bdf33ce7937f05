"""State that outlives a run: the control database with its failed lane, and the lock on the project."""

from habitue.state.control import Control
from habitue.state.entries import Build, BuildStatus, BuildStep, FailedCount, FailedRow, Load, RowState
from habitue.state.failed import FailedLane, FailedRowNotFoundError, Sealer
from habitue.state.lock import ProjectBusyError, ProjectLock
from habitue.state.sqlite import StateBusyError, StateDamagedError, StateNewerError

__all__ = [
    "Build",
    "BuildStatus",
    "BuildStep",
    "Control",
    "FailedCount",
    "FailedLane",
    "FailedRow",
    "FailedRowNotFoundError",
    "Load",
    "ProjectBusyError",
    "ProjectLock",
    "RowState",
    "Sealer",
    "StateBusyError",
    "StateDamagedError",
    "StateNewerError",
]
