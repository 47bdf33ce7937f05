"""Live messages that could not be taken in, and why; what they said stays sealed."""

from dataclasses import dataclass
from datetime import datetime

from habitue.govern.roles import Access, Permission
from habitue.rules.history import instant_of
from habitue.run.live_parts import log_path
from habitue.run.workspace import Workspace
from habitue.streams import LogReader

LARGEST_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveFailure:
    """One message of the failed lane of the log.

    Attributes:
        id: Its number.
        source: The live source that it came to.
        stage: Where it failed.
        code: Stable code of the reason.
        field: The path of what is wrong; empty for the whole message.
        reason: One sentence, without the value.
        state: `open`, `replayed` or `dropped`.
        received_at: When it came.
    """

    id: int
    source: str
    stage: str
    code: str
    field: str
    reason: str
    state: str
    received_at: datetime


def view_live_failures(
    workspace: Workspace, access: Access, *, source: str | None = None, after: int = 0, limit: int = 100
) -> list[LiveFailure]:
    """A page of the live messages that could not be taken in, by number.

    Args:
        workspace: The open project.
        access: Who asks.
        source: Only of this source.
        after: The last number of the page before.
        limit: How many at most, up to 200.

    Raises:
        RoleForbiddenError: The role sees no single rows.
    """
    access.need(Permission.SEE_PEOPLE)
    path = log_path(workspace.project.folder)
    if not path.exists():
        return []
    with LogReader(path) as reader:
        found = reader.failures(source=source, after=after, limit=min(limit, LARGEST_PAGE))
    return [
        LiveFailure(
            id=each.number,
            source=each.source,
            stage=each.stage,
            code=each.code,
            field=each.field,
            reason=each.reason,
            state=each.state.value,
            received_at=instant_of(each.received_us),
        )
        for each in found
    ]
