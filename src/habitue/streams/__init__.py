"""The durable log of what arrives live, and the reading of what senders put into it."""

from habitue.streams.committer import Committer, Pace
from habitue.streams.entries import (
    Counts,
    Failure,
    FailureState,
    NewFailure,
    NewRecord,
    Receipt,
    Record,
    Removed,
    Rewritten,
)
from habitue.streams.log import Group, Limits, Log
from habitue.streams.reading import LogReader
from habitue.streams.refusals import (
    LogClosedError,
    LogDamagedError,
    LogFencedError,
    LogFullError,
    LogHeldError,
    LogMissingError,
    LogNewerError,
    LogOverloadedError,
    LogRecordError,
    LogStoppedError,
)

__all__ = [
    "Committer",
    "Counts",
    "Failure",
    "FailureState",
    "Group",
    "Limits",
    "Log",
    "LogClosedError",
    "LogDamagedError",
    "LogFencedError",
    "LogFullError",
    "LogHeldError",
    "LogMissingError",
    "LogNewerError",
    "LogOverloadedError",
    "LogReader",
    "LogRecordError",
    "LogStoppedError",
    "NewFailure",
    "NewRecord",
    "Pace",
    "Receipt",
    "Record",
    "Removed",
    "Rewritten",
]
