"""Routes about builds: what one would do, beginning one, how far it is, and those before it."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from habitue.errors import HabitueError
from habitue.records.permissions import Permission
from habitue.run.build_views import SeenRun, view_builds, view_plan
from habitue.run.building import STEPS, BuildOrder, UnknownStepError
from habitue.run.planning import PlannedStep
from habitue.run.workspace import Workspace
from habitue.server.api_project import BuildAsked
from habitue.server.asking import (
    answered,
    check_parameters,
    decoded,
    desk_of,
    json_answer,
    parse_instant,
    whole,
    written,
)
from habitue.server.problems import RequestError
from habitue.server.routing import DeclaredRoute, Described, Parameter, access_of, route
from habitue.server.underway import Underway

_GROUP: Final = "Builds"
_LONGEST_PLAN_S: Final = 60.0
_LIMIT: Final = Parameter(name="limit", about="How many at most.", kind="integer", least=1, most=200)


def build_routes() -> Iterator[DeclaredRoute]:
    """Every route about builds but the one that waits for its end."""
    yield route(
        "/api/v1/builds",
        _list,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="list_builds",
        summary="The latest builds and what each step did.",
        described=Described(parameters=(_LIMIT,), answer=list[SeenRun], group=_GROUP),
    )
    yield route(
        "/api/v1/builds",
        _begin,
        methods=["POST"],
        permission=Permission.BUILD,
        name="begin_build",
        summary="Begin to make everything that is stale; answered at once.",
        described=Described(body=BuildAsked, answer=Underway, status=202, group=_GROUP),
    )
    yield route(
        "/api/v1/builds/plan",
        _plan,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="plan_build",
        summary="What a build would do now, and why.",
        described=Described(answer=list[PlannedStep], group=_GROUP),
    )
    yield route(
        "/api/v1/builds/underway",
        _underway,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="build_underway",
        summary="How far the build is that was begun last.",
        described=Described(answer=Underway, group=_GROUP),
    )


async def _list(request: Request) -> Response:
    check_parameters(request)
    limit = whole(request, _LIMIT, usual=20)
    return await answered(request, lambda workspace, access: view_builds(workspace, access, limit=limit))


async def _plan(request: Request) -> Response:
    check_parameters(request)
    return await answered(request, view_plan, seconds=_LONGEST_PLAN_S)


async def _underway(request: Request) -> Response:
    check_parameters(request)
    return json_answer(written(desk_of(request).board.state))


async def _begin(request: Request) -> Response:
    check_parameters(request)
    # Its steps tell how many rows changed, which may be few people's.
    access_of(request).need(Permission.SEE_PEOPLE)
    asked = await decoded(request, BuildAsked)
    as_of = parse_instant("as_of", asked.as_of)
    for step in asked.select:
        if step not in STEPS:
            raise UnknownStepError(step)
    desk = desk_of(request)
    if not desk.board.claim():
        raise RequestError("BUILD-UNDERWAY", what="A build is under way.", do="Wait for its end.")

    def work(workspace: Workspace) -> None:
        try:
            # Why it failed is on the board.
            with suppress(HabitueError), desk.board.claimed(workspace.clock):
                workspace.project = desk.readers.watch.current()
                workspace.build(BuildOrder(as_of=workspace.instant(as_of), full=asked.full, select=tuple(asked.select)))
        finally:
            desk.changed(workspace)

    desk.owner.submit(work)
    return json_answer(written(desk.board.state), status=202)
