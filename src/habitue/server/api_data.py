"""Routes about data: what it must look like, its quality, what failed and how it is mended, where it goes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from habitue.govern.roles import Access
from habitue.records.permissions import Permission
from habitue.run.contract_views import Contract, view_contracts
from habitue.run.lineage import Lineage, view_lineage
from habitue.run.live_failures import LARGEST_PAGE, LiveFailure, view_live_failures
from habitue.run.live_replay import LiveReplayed, replay_live
from habitue.run.personal_reads import view_failed
from habitue.run.preparation_views import PreparedColumn, view_prepared
from habitue.run.profiles import ProfiledTable, profile_tables
from habitue.run.sources import FailedEntry, ReplayReport, count_failed, failed_entry, repair_rows, replay_failed
from habitue.run.viewing_figures import SeenTable, view_profile
from habitue.run.workspace import Workspace
from habitue.server.asking import (
    answered,
    changed,
    check_parameters,
    check_text,
    decoded,
    desk_of,
    figured,
    text,
    whole,
)
from habitue.server.problems import ParameterError
from habitue.server.routing import DeclaredRoute, Described, Parameter, access_of, route
from habitue.state import FailedCount

_GROUP: Final = "Data"
_LONGEST_PROFILE_S: Final = 120.0
_MOST_MENDED: Final = 200
_LONGEST_CELL: Final = 10_000
_NAME: Final = Parameter(name="name", about="An event, `customers`, `items`, `features`, or a source.", required=True)
_COLUMN: Final = Parameter(name="column", about="A column of numbers.", required=True)
_TARGET: Final = Parameter(name="target", about="What is to be predicted: columns that give it away are named.")
_SOURCE: Final = Parameter(name="source", about="Only of this source.")
_AFTER: Final = Parameter(name="after", about="Only messages with a greater number.", kind="integer", least=0)
_LIMIT: Final = Parameter(name="limit", about="How many at most.", kind="integer", least=1, most=LARGEST_PAGE)


class MendAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """New values of failed rows, all or none.

    Attributes:
        rows: By number of the row: new values by field or raw column, null for an empty one.
    """

    rows: dict[str, dict[str, str | None]]


class LiveReplayAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Failed live messages that are to be taken in again.

    Attributes:
        source: Only of this source; left out: of all.
        rows: By number of a message new values by path, null to take one away: only these are tried; left out: all.
    """

    source: str | None = None
    rows: dict[str, dict[str, str | None]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """Rows that wait for the next replay.

    Attributes:
        mended: How many were mended.
        rows: The rows as they stand now.
    """

    mended: int
    rows: list[FailedEntry]


def data_routes() -> Iterator[DeclaredRoute]:
    """Every route about data."""
    yield route(
        "/api/v1/contracts",
        _contracts,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="contracts",
        summary="What events, customers and items must look like, and which sources fill them.",
        described=Described(answer=list[Contract], group=_GROUP),
    )
    yield route(
        "/api/v1/lineage",
        _lineage,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="lineage",
        summary="Where data goes: sources, tables, features, segments, metrics, and what each is made from.",
        described=Described(answer=Lineage, group=_GROUP),
    )
    yield route(
        "/api/v1/quality",
        _quality,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="quality",
        summary="The quality of a source's tables, or of one table.",
        described=Described(parameters=(_NAME, _TARGET), answer=list[ProfiledTable | SeenTable], group=_GROUP),
    )
    yield route(
        "/api/v1/quality/prepared",
        _prepared,
        methods=["GET"],
        permission=Permission.SEE_PEOPLE,
        name="quality_prepared",
        summary="How a column is spread before and after it is prepared for learning.",
        described=Described(parameters=(_NAME, _COLUMN), answer=PreparedColumn, group=_GROUP),
    )
    yield from _lane_routes()


def _lane_routes() -> Iterator[DeclaredRoute]:
    yield route(
        "/api/v1/sources/failed/counts",
        _counts,
        methods=["GET"],
        permission=Permission.SEE_PEOPLE,
        name="failed_counts",
        summary="How many rows wait in the failed lane, by source, stage and reason.",
        described=Described(parameters=(_SOURCE,), answer=list[FailedCount], group=_GROUP),
    )
    yield route(
        "/api/v1/sources/failed/live",
        _live,
        methods=["GET"],
        permission=Permission.SEE_PEOPLE,
        name="failed_live",
        summary="Live messages that could not be taken in, and why; what they said stays sealed.",
        described=Described(parameters=(_SOURCE, _AFTER, _LIMIT), answer=list[LiveFailure], group=_GROUP),
    )
    yield route(
        "/api/v1/sources/failed/live/replay",
        _replay_live,
        methods=["POST"],
        permission=Permission.BUILD,
        name="replay_live",
        summary="Take failed live messages in again: mended, or as they came where a contract was corrected since.",
        described=Described(body=LiveReplayAsked, answer=LiveReplayed, group=_GROUP),
    )
    yield route(
        "/api/v1/sources/failed/mend",
        _mend,
        methods=["POST"],
        permission=Permission.BUILD,
        name="mend_rows",
        summary="Hold new values beside failed rows, all or none; the next replay takes them in.",
        described=Described(body=MendAsked, answer=Mended, group=_GROUP),
    )
    yield route(
        "/api/v1/sources/replay",
        _replay,
        methods=["POST"],
        permission=Permission.BUILD,
        name="replay_rows",
        summary="Take in mended rows, and all of sources whose mapping or contract was corrected.",
        described=Described(answer=ReplayReport, group=_GROUP),
    )


async def _contracts(request: Request) -> Response:
    check_parameters(request)

    def look(workspace: Workspace, access: Access) -> list[Contract]:
        access.need(Permission.SEE_AGGREGATES)
        return view_contracts(workspace.project)

    return await answered(request, look)


async def _lineage(request: Request) -> Response:
    check_parameters(request)

    def look(workspace: Workspace, access: Access) -> Lineage:
        access.need(Permission.SEE_AGGREGATES)
        return view_lineage(workspace.project)

    return await answered(request, look)


async def _quality(request: Request) -> Response:
    check_parameters(request)
    name, target = _needed(request, "name"), text(request, "target", most=200)

    def look(workspace: Workspace, access: Access) -> list[ProfiledTable | SeenTable]:
        access.need(Permission.SEE_AGGREGATES)
        return [view_profile(access, each) for each in profile_tables(workspace, name, target=target)]

    return await figured(request, look, seconds=_LONGEST_PROFILE_S)


async def _prepared(request: Request) -> Response:
    check_parameters(request)
    name, column = _needed(request, "name"), _needed(request, "column")
    return await figured(request, lambda workspace, access: view_prepared(workspace, access, name, column))


async def _counts(request: Request) -> Response:
    check_parameters(request)
    source = text(request, "source", most=200)

    def look(workspace: Workspace, access: Access) -> list[FailedCount]:
        access.need(Permission.SEE_PEOPLE)
        return count_failed(workspace, source)

    return await answered(request, look)


async def _live(request: Request) -> Response:
    check_parameters(request)
    source, after = text(request, "source", most=200), whole(request, _AFTER, usual=0)
    limit = whole(request, _LIMIT, usual=100)
    return await answered(
        request,
        lambda workspace, access: view_live_failures(workspace, access, source=source, after=after, limit=limit),
    )


async def _mend(request: Request) -> Response:
    check_parameters(request)
    access = access_of(request)
    access.need(Permission.SEE_PEOPLE)
    changes = _changes((await decoded(request, MendAsked)).rows)

    def work(workspace: Workspace) -> Mended:
        count = repair_rows(workspace, changes)
        rows = [row for row in map(workspace.control.failed.row, changes) if row is not None]
        shown = view_failed(workspace, access, [failed_entry(row) for row in rows], about="sources mend")
        return Mended(mended=count, rows=shown)

    return await _done(request, work, changes=False)


def _changes(asked: Mapping[str, dict[str, str | None]]) -> dict[int, dict[str, str | None]]:
    if not 0 < len(asked) <= _MOST_MENDED:
        raise ParameterError("rows", what=f"Mend 1 to {_MOST_MENDED} rows at once.", do="Send several requests.")
    changes = {}
    for number, values in asked.items():
        if not (number.isascii() and number.isdigit() and len(number) <= 15):
            raise ParameterError("rows", what="A row is named by its number.", do="`failed_rows` numbers them.")
        for name, value in values.items():
            check_text("rows", name, most=300)
            check_text("rows", value or "", most=_LONGEST_CELL)
        changes[int(number)] = values
    return changes


async def _replay_live(request: Request) -> Response:
    check_parameters(request)
    access = access_of(request)
    access.need(Permission.SEE_PEOPLE)
    asked = await decoded(request, LiveReplayAsked)
    source = None if asked.source is None else check_text("source", asked.source, most=200)
    changes = {} if asked.rows is None else _changes(asked.rows)
    return await _done(
        request, lambda workspace: replay_live(workspace, access, source=source, changes=changes), changes=False
    )


async def _replay(request: Request) -> Response:
    check_parameters(request)
    access = access_of(request)
    # It tells how many rows were taken in, which may be few people's.
    access.need(Permission.SEE_PEOPLE)

    def work(workspace: Workspace) -> ReplayReport:
        report = replay_failed(workspace)
        failing = tuple(view_failed(workspace, access, report.failing, about="sources replay"))
        return replace(report, failing=failing)

    return await _done(request, work)


async def _done(request: Request, work: Callable[[Workspace], object], *, changes: bool = True) -> Response:
    """What is done by the thread that owns the project, and whether it changes answers; whoever asked may go away."""
    return await changed(desk_of(request), work, changes=changes)


def _needed(request: Request, name: str) -> str:
    value = text(request, name, most=200)
    if value is None:
        raise ParameterError(name, what=f"The parameter {name!r} is missing.", do="Send it.")
    return value
