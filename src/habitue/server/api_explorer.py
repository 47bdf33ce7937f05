"""Routes of the segment explorer: profile, spreads, people, movement by day, and where a segment is declared."""

from collections.abc import Iterator
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from habitue.records.permissions import Permission
from habitue.run.segment_days import DayMoves, days_of
from habitue.run.segment_definitions import SegmentDefinition, show_definition
from habitue.run.segment_past import MOST_POINTS, SegmentPast, past_of
from habitue.run.segment_people import MOST_ROWS, PeoplePage, people_of
from habitue.run.segment_profiles import SegmentProfile, profile_segment
from habitue.run.segment_spreads import SegmentSpread, spread_segment
from habitue.server.asking import answered, check_parameters, check_text, figured, text, whole
from habitue.server.problems import ParameterError
from habitue.server.routing import DeclaredRoute, Described, Parameter, route

_GROUP: Final = "Segments"
_LONGEST_PAST_S: Final = 60.0
_AGAINST: Final = Parameter(name="against", about="Other segments to compare with, with commas.")
_OF: Final = Parameter(name="of", about="`feature.NAME` or `trait.NAME`.", required=True)
_CURSOR: Final = Parameter(name="cursor", about="`next_cursor` of the page before.")
_LIMIT: Final = Parameter(name="limit", about="How many at most.", kind="integer", least=1, most=MOST_ROWS)
_COLUMNS: Final = Parameter(name="columns", about="`feature.NAME` or `trait.NAME`, with commas.")
_POINTS: Final = Parameter(name="points", about="How many.", kind="integer", least=1, most=MOST_POINTS)
_EVERY: Final = Parameter(name="every", about="Days between two.", kind="integer", least=1, most=400)
_DAYS: Final = Parameter(name="days", about="How many days back.", kind="integer", least=1, most=400)


def explorer_routes() -> Iterator[DeclaredRoute]:
    """The routes of the explorer."""
    yield route(
        "/api/v1/segments/{name}/definition",
        _definition,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="segment_definition",
        summary="Where a segment is declared, as a tree and as YAML, and what uses it.",
        described=Described(answer=SegmentDefinition, group=_GROUP),
    )
    yield route(
        "/api/v1/segments/{name}/profile",
        _profile,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="segment_profile",
        summary="Its features and open traits against everybody, with effect sizes.",
        described=Described(parameters=(_AGAINST,), answer=SegmentProfile, group=_GROUP),
    )
    yield route(
        "/api/v1/segments/{name}/spread",
        _spread,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="segment_spread",
        summary="How one feature or trait is spread over it, beside everybody.",
        described=Described(parameters=(_OF,), answer=SegmentSpread, group=_GROUP),
    )
    yield route(
        "/api/v1/segments/{name}/days",
        _moves,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="segment_days",
        summary="How many entered and left on each day.",
        described=Described(parameters=(_DAYS,), answer=list[DayMoves], group=_GROUP),
    )
    yield route(
        "/api/v1/segments/{name}/past",
        _past,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="segment_past",
        summary="Its size at earlier instants as its present rule would have had it.",
        described=Described(parameters=(_POINTS, _EVERY), answer=SegmentPast, group=_GROUP),
    )
    yield route(
        "/api/v1/segments/{name}/people",
        _people,
        methods=["GET"],
        permission=Permission.SEE_PEOPLE,
        name="segment_people",
        summary="Its people by id with some features, 200 at a time.",
        described=Described(parameters=(_CURSOR, _LIMIT, _COLUMNS), answer=PeoplePage, group=_GROUP),
    )


def _name(request: Request) -> str:
    return check_text("name", request.path_params["name"], most=200)


def _listed(request: Request, name: str) -> list[str]:
    return [each.strip() for each in (text(request, name) or "").split(",") if each.strip()]


async def _definition(request: Request) -> Response:
    check_parameters(request)
    name = _name(request)
    return await answered(request, lambda workspace, access: show_definition(workspace, access, name))


async def _profile(request: Request) -> Response:
    check_parameters(request)
    name, against = _name(request), _listed(request, "against")
    return await figured(request, lambda workspace, access: profile_segment(workspace, access, name, against=against))


async def _spread(request: Request) -> Response:
    check_parameters(request)
    name, of = _name(request), text(request, "of", most=200)
    if of is None:
        raise ParameterError("of", what="The parameter 'of' is missing.", do="Name a feature or an open trait.")
    return await figured(request, lambda workspace, access: spread_segment(workspace, access, name, of))


async def _moves(request: Request) -> Response:
    check_parameters(request)
    name, days = _name(request), whole(request, _DAYS, usual=30)
    return await answered(request, lambda workspace, access: days_of(workspace, access, name, days=days))


async def _past(request: Request) -> Response:
    check_parameters(request)
    name, points, every = _name(request), whole(request, _POINTS, usual=13), whole(request, _EVERY, usual=7)
    return await figured(
        request,
        lambda workspace, access: past_of(workspace, access, name, points=points, days=every),
        seconds=_LONGEST_PAST_S,
    )


async def _people(request: Request) -> Response:
    check_parameters(request)
    name, after, columns = _name(request), text(request, "cursor", most=200), _listed(request, "columns")
    limit = whole(request, _LIMIT, usual=MOST_ROWS)
    return await answered(
        request,
        lambda workspace, access: people_of(workspace, access, name, after=after, limit=limit, columns=columns),
    )
