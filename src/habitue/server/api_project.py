"""Routes about the project: features, sources, what failed, how the server stands, and building."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from habitue.govern.roles import Access
from habitue.records.permissions import Permission
from habitue.rules.live_weighing import Weight
from habitue.run.building import BuildOrder, BuildReport
from habitue.run.features import list_features, show_feature
from habitue.run.personal_reads import view_failed
from habitue.run.sources import FailedEntry, SourceEntry, list_failed, list_sources
from habitue.run.viewing_figures import SeenDistribution, SeenFeature, view_feature, view_features, view_sources
from habitue.run.workspace import Workspace
from habitue.server.asking import (
    answered,
    changed,
    check_parameters,
    check_text,
    decoded,
    desk_of,
    parse_instant,
    text,
    whole,
)
from habitue.server.routing import DeclaredRoute, Described, Parameter, access_of, route

_GROUP: Final = "Project"
_SOURCE: Final = Parameter(name="source", about="Only of this source.")
_STAGE: Final = Parameter(name="stage", about="Only of this stage: read, type, make, collect.")
_CODE: Final = Parameter(name="code", about="Only with this reason, e.g. TYPE-INTEGER.")
_AFTER: Final = Parameter(name="after", about="Only rows with a greater number.", kind="integer", least=0)
_LIMIT: Final = Parameter(name="limit", about="How many at most.", kind="integer", least=1, most=1000)


class BuildAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be built.

    Attributes:
        as_of: The instant of the answers, ISO 8601; by default what the settings say.
        full: Make everything anew, the history included.
        select: Only these steps.
    """

    as_of: str | None = None
    full: bool = False
    select: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a server stands.

    Attributes:
        project: The project's name.
        build: The number of the last build; None before the first.
        as_of: The instant of its answers.
        built_at: When it ended.
        now: The present time.
        live: How the live parts stand.
        held: How much the live reading keeps, and what for each segment, for those who see people; None where nothing
            is live.
    """

    project: str
    build: int | None
    as_of: datetime | None
    built_at: datetime | None
    now: datetime
    live: object
    held: Weight | None


def project_routes() -> Iterator[DeclaredRoute]:
    """Every route about the project."""
    yield route(
        "/api/v1/state",
        _state,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="state",
        summary="The last build, and how the live parts stand.",
        described=Described(answer=Standing, group=_GROUP),
    )
    yield route(
        "/api/v1/features",
        _features,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="list_features",
        summary="Every feature with how many customers have a value.",
        described=Described(answer=list[SeenFeature], group=_GROUP),
    )
    yield route(
        "/api/v1/features/{name}",
        _feature,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="show_feature",
        summary="One feature: its rule and its spread.",
        described=Described(answer=SeenDistribution, group=_GROUP),
    )
    yield route(
        "/api/v1/sources",
        _sources,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="list_sources",
        summary="Every source, what became of its rows, and how fresh it is.",
        described=Described(answer=list[SourceEntry], group=_GROUP),
    )
    yield route(
        "/api/v1/sources/failed",
        _failed,
        methods=["GET"],
        permission=Permission.SEE_PEOPLE,
        name="failed_rows",
        summary="Rows and events that could not be taken in, and why.",
        described=Described(
            parameters=(_SOURCE, _STAGE, _CODE, _AFTER, _LIMIT), answer=list[FailedEntry], group=_GROUP
        ),
    )
    yield route(
        "/api/v1/build",
        _build,
        methods=["POST"],
        permission=Permission.BUILD,
        name="build",
        summary="Make everything that is stale; answered when it is done.",
        described=Described(body=BuildAsked, answer=BuildReport, group=_GROUP),
    )


async def _state(request: Request) -> Response:
    check_parameters(request)
    desk = desk_of(request)
    live = desk.standing()

    def look(workspace: Workspace, access: Access) -> Standing:
        access.need(Permission.SEE_AGGREGATES)
        # It moves with what single people do.
        held = desk.held() if access.sees_people else None
        last, answers = workspace.control.last_build(), workspace.control.last_answers()
        return Standing(
            project=workspace.project.settings.name,
            build=None if last is None else last.id,
            as_of=None if answers is None else answers.as_of,
            built_at=None if last is None else last.finished_at,
            now=workspace.clock(),
            live=live,
            held=held,
        )

    return await answered(request, look)


async def _features(request: Request) -> Response:
    check_parameters(request)

    def look(workspace: Workspace, access: Access) -> list[SeenFeature]:
        found = list_features(workspace)
        is_built = any(each.present is not None for each in found)
        everybody = workspace.warehouse.count(workspace.tables().customers) if is_built else 0
        return view_features(access, found, everybody)

    return await answered(request, look)


async def _feature(request: Request) -> Response:
    check_parameters(request)
    name = check_text("name", request.path_params["name"], most=200)
    return await answered(request, lambda workspace, access: view_feature(access, show_feature(workspace, name)))


async def _sources(request: Request) -> Response:
    check_parameters(request)
    return await answered(request, lambda workspace, access: view_sources(access, list_sources(workspace)))


async def _failed(request: Request) -> Response:
    check_parameters(request)
    source, stage, code = (text(request, name, most=200) for name in ("source", "stage", "code"))
    after, limit = whole(request, _AFTER, usual=0), whole(request, _LIMIT, usual=100)

    def look(workspace: Workspace, access: Access) -> list[FailedEntry]:
        access.need(Permission.SEE_PEOPLE)
        found = list_failed(workspace, source, stage=stage, code=code, limit=limit, after=after)
        return view_failed(workspace, access, found)

    return await answered(request, look)


async def _build(request: Request) -> Response:
    check_parameters(request)
    access = access_of(request)
    # It tells how many rows changed, which may be few people's.
    access.need(Permission.SEE_PEOPLE)
    asked = await decoded(request, BuildAsked)
    as_of = parse_instant("as_of", asked.as_of)

    def work(workspace: Workspace) -> object:
        return workspace.build(BuildOrder(as_of=workspace.instant(as_of), full=asked.full, select=asked.select))

    return await changed(desk_of(request), work)
