"""Failed live messages taken in after all: mended, or as they came where a contract was corrected since.

Each goes through the same inbox as when it came, and the log keeps it in place of its failed row in one step: whoever
replays twice, or while the sender sends again, has it once, by source and message id.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from habitue.errors import HabitueError
from habitue.govern.roles import Access, Permission
from habitue.govern.sealing import SealBrokenError
from habitue.rules.history import micros
from habitue.run.live_parts import log_path
from habitue.run.workspace import Workspace
from habitue.sources.inbox import FAILED, STORED, SUPPRESSED, Inbox, SourceNotLiveError
from habitue.sources.inbox_mending import MendError, reopened
from habitue.streams import Failure, Log, LogReader, NewRecord
from habitue.streams.entries import FailureState

MOST_TRIED: Final = 5_000
"""How many messages are tried at once."""
_PAGE: Final = 200
Changes = Mapping[int, Mapping[str, str | None]]


class LiveFailureUnknownError(HabitueError):
    """New values are given for a message that does not wait in the failed lane of live messages."""

    code = "LIVE-FAILURE"

    def __init__(self, number: int) -> None:
        super().__init__(
            what=f"No failed live message {number} waits.",
            do="List them with `habitue sources failed --live`; what was taken in or given up cannot be changed.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StillFailing:
    """A message that still cannot be taken in.

    Attributes:
        id: Its number.
        source: The live source that it came to.
        code: Stable code of the reason.
        field: The path of what is wrong; empty for the whole message.
        reason: One sentence, without the value.
    """

    id: int
    source: str
    code: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveReplayed:
    """What became of failed live messages.

    Attributes:
        tried: How many were tried.
        taken_in: How many of them are in the log now.
        duplicates: How many of those were there already, as their sender sent them again.
        given_up: How many were about somebody erased, and are given up.
        failing: Those that still fail, the first two hundred.
        waiting: How many still wait.
    """

    tried: int
    taken_in: int
    duplicates: int
    given_up: int
    failing: tuple[StillFailing, ...]
    waiting: int


def replay_live(
    workspace: Workspace, access: Access, *, source: str | None = None, changes: Changes | None = None
) -> LiveReplayed:
    """Take failed live messages in again.

    Args:
        workspace: The open project, which has to be the one that owns it.
        access: Who asks.
        source: Only of this source.
        changes: New values by number and path; with some, only these messages are tried.

    Raises:
        HabitueError: The role may not, a message does not wait, or it cannot be changed like this; nothing was done.
    """
    access.need(Permission.BUILD)
    access.need(Permission.SEE_PEOPLE)
    path = log_path(workspace.project.folder)
    if not path.exists():
        waiting: list[Failure] = []
    else:
        with LogReader(path) as reader:
            waiting = list(_waiting(reader, source, changes or {}))
    if changes:
        for number in changes.keys() - {each.number for each in waiting}:
            raise LiveFailureUnknownError(number)
    replay = _Replay(workspace, changes or {})
    replay.take(waiting)
    with_all = len(waiting) - replay.taken_in - replay.given_up
    return LiveReplayed(
        tried=len(waiting),
        taken_in=replay.taken_in,
        duplicates=replay.duplicates,
        given_up=replay.given_up,
        failing=tuple(replay.failing[:_PAGE]),
        waiting=with_all,
    )


def _waiting(reader: LogReader, source: str | None, changes: Changes) -> Iterator[Failure]:
    after, many = (min(changes) - 1 if changes else 0), 0
    last = max(changes, default=0)
    while page := reader.failures(source=source, state=FailureState.OPEN, after=after, limit=_PAGE):
        after = page[-1].number
        for each in page:
            if changes and each.number not in changes:
                continue
            yield each
            many += 1
            if many >= MOST_TRIED:
                return
        if changes and after >= last:
            return


class _Replay:
    """One go over failed messages."""

    def __init__(self, workspace: Workspace, changes: Changes) -> None:
        self.workspace, self.changes = workspace, changes
        project = workspace.project
        self.inbox = Inbox(
            project.sources,
            project.purposes,
            project.identity,
            workspace.vault,
            clock=workspace.clock,
            ledger=workspace.stores.consents,
        )
        self.taken_in = self.duplicates = self.given_up = 0
        self.failing: list[StillFailing] = []

    def take(self, waiting: Sequence[Failure]) -> None:
        """Try them all, page by page."""
        for place in range(0, len(waiting), _PAGE):
            page = waiting[place : place + _PAGE]
            kept: list[tuple[int, NewRecord]] = []
            gone: list[int] = []
            for each in page:
                found = self._tried(each)
                if isinstance(found, NewRecord):
                    kept.append((each.number, found))
                elif found == SUPPRESSED:
                    gone.append(each.number)
            if kept or gone:
                self._write(kept, gone)

    def _tried(self, failure: Failure) -> NewRecord | str:
        """What goes into the log; or what became of it instead."""
        now_us = micros(self.workspace.clock())
        try:
            message = reopened(failure, self._opened(failure), self.changes.get(failure.number, {}), now_us=now_us)
            taken = self.inbox.take(failure.source, [message], received_us=now_us)
        except (MendError, SourceNotLiveError) as error:
            if self.changes:
                raise
            return self._fails(failure, error.code, "", error.what)
        (result,) = taken.results
        if result.status == STORED:
            if self.inbox.keep_consents(taken):
                for look in self.workspace.live.on_said:
                    look({each.record_id for each in taken.consents})
            return taken.records[0]
        if result.status == SUPPRESSED:
            return SUPPRESSED
        return self._fails(failure, result.code, result.field, result.reason)

    def _opened(self, failure: Failure) -> str:
        if failure.raw is None:
            return ""
        try:
            return self.workspace.vault.lane.open(failure.raw.decode("utf-8", "surrogateescape"))
        except SealBrokenError:
            return ""

    def _fails(self, failure: Failure, code: str, field: str, reason: str) -> str:
        told = StillFailing(id=failure.number, source=failure.source, code=code, field=field, reason=reason)
        self.failing.append(told)
        return FAILED

    def _write(self, kept: Sequence[tuple[int, NewRecord]], gone: Sequence[int]) -> None:
        taken, twice, given_up = self.workspace.live.write_log(partial(_replayed, kept=kept, gone=gone))
        self.taken_in += taken
        self.duplicates += twice
        self.given_up += given_up


def _replayed(log: Log, kept: Sequence[tuple[int, NewRecord]], gone: Sequence[int]) -> tuple[int, int, int]:
    twice = 0
    for number, record in kept:
        twice += log.replay(number, record).duplicates
    return len(kept), twice, log.drop_failures(gone) if gone else 0
