"""Routes about who is behind the marks of charts: values of metrics, cells of cohorts, parts of paths, channels."""

from collections.abc import Iterator
from datetime import date
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from habitue.records.permissions import Permission
from habitue.run.measuring_marks import PathMark, ValueMark, channel_people, cohort_people, metric_people, path_people
from habitue.run.people_pages import MarkPeople
from habitue.server.api_funnels import (
    ATTRIBUTION,
    COHORTS,
    PATHS,
    attribution_asked,
    cohorts_asked,
    paths_asked,
    texts,
)
from habitue.server.api_measure import MEASURE, measure_asked
from habitue.server.asking import check_parameters, check_text, text, whole, yes
from habitue.server.asking_people import PAGE, page_asked, peopled
from habitue.server.problems import ParameterError
from habitue.server.routing import DeclaredRoute, Described, Handler, Parameter, route

_GROUP: Final = "People behind figures"
_LONGEST: Final = 10_000
_VALUE: Final = (
    Parameter(name="groups", about="The group of each dimension of `by`: a JSON array of texts, null for not known."),
    Parameter(name="step", about="The first day of the day, week or month."),
    Parameter(name="upper", about="Those behind what is divided, not those it is divided by.", kind="boolean"),
)
_START: Final = Parameter(name="start", about="The first day of the cohort.", required=True)
_LATER: Final = Parameter(
    name="later", about="How many steps after it; left out: the whole cohort.", kind="integer", least=0, most=2_000
)
_PLACE: Final = Parameter(name="place", about="1 is the nearest to the anchor.", kind="integer", least=1, most=20)
_LINK: Final = (
    _PLACE,
    Parameter(name="source", about="What they do there; left out: what is not shown by name."),
    Parameter(name="target", about="What they do next; left out: what is not shown by name."),
    Parameter(name="ends", about="Whether the path ends there; left out and without target: all who are there."),
    Parameter(name="onward", about="Those who go on, to `target` or to what has no name.", kind="boolean"),
    Parameter(
        name="names", about="What is shown by name, as `names` of the paths: a JSON array of texts; else looked up."
    ),
)
_CHANNEL: Final = Parameter(name="channel", about="Value of the property `by`.", required=True)


def mark_routes() -> Iterator[DeclaredRoute]:
    """Every route about who is behind a mark."""
    yield _route(
        "/api/v1/metrics/{name}/people", _of_metric, "metric_people", "a value of a metric", (*MEASURE, *_VALUE)
    )
    yield _route("/api/v1/cohorts/people", _of_cohort, "cohort_people", "a cohort, or a cell of it",
                 (*COHORTS, _START, _LATER))  # fmt: skip
    yield _route("/api/v1/paths/people", _of_path, "path_people", "a part of paths", (*PATHS, *_LINK))
    yield _route("/api/v1/attribution/people", _of_channel, "channel_people", "what a channel is given",
                 (*ATTRIBUTION, _CHANNEL))  # fmt: skip


def _route(path: str, handler: Handler, name: str, mark: str, parameters: tuple[Parameter, ...]) -> DeclaredRoute:
    return route(
        path,
        handler,
        methods=["GET"],
        permission=Permission.SEE_PEOPLE,
        name=name,
        summary=f"Who is behind {mark}, by id, a page at a time, and as a rule.",
        described=Described(parameters=(*parameters, *PAGE), answer=MarkPeople, group=_GROUP),
    )


async def _of_metric(request: Request) -> Response:
    check_parameters(request)
    name = check_text("name", request.path_params["name"], most=200)
    asked, page = measure_asked(request), page_asked(request)
    mark = ValueMark(groups=_groups(request), step=_day(request, "step"), upper=yes(request, "upper"))
    return await peopled(request, lambda desk, access: metric_people(desk, access, name, asked, mark, page), page)


async def _of_cohort(request: Request) -> Response:
    check_parameters(request)
    asked, page, start = cohorts_asked(request), page_asked(request), _day(request, "start")
    if start is None:
        raise ParameterError("start", what="The parameter 'start' is missing.", do="Send the cohort's first day.")
    later = whole(request, _LATER, usual=0) if "later" in request.query_params else None
    return await peopled(
        request, lambda desk, access: cohort_people(desk, access, asked, start=start, later=later, page=page), page
    )


async def _of_path(request: Request) -> Response:
    check_parameters(request)
    asked, page, target = paths_asked(request), page_asked(request), text(request, "target")
    goes_on = yes(request, "onward") or target is not None
    mark = PathMark(
        place=whole(request, _PLACE, usual=1),
        source=text(request, "source"),
        target=target,
        ends=False if goes_on else yes(request, "ends") or None,
        names=texts(request, "names"),
    )
    return await peopled(request, lambda desk, access: path_people(desk, access, asked, mark, page), page)


async def _of_channel(request: Request) -> Response:
    check_parameters(request)
    asked, page, channel = attribution_asked(request), page_asked(request), text(request, "channel") or ""
    return await peopled(request, lambda desk, access: channel_people(desk, access, asked, channel, page), page)


def _groups(request: Request) -> tuple[str | None, ...]:
    value = text(request, "groups", most=_LONGEST)
    if value is None:
        return ()
    try:
        return tuple(msgspec.json.decode(value, type=list[str | None]))
    except (msgspec.DecodeError, UnicodeEncodeError):
        what = "The parameter 'groups' is no JSON array of texts."
        raise ParameterError("groups", what=what, do='Write it as ["DE", null].') from None


def _day(request: Request, name: str) -> date | None:
    value = text(request, name, most=10)
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise ParameterError(name, what=f"The parameter {name!r} is no date.", do="Write it as 2026-01-31.") from None
