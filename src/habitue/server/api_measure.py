"""Routes about metrics: the list, one reckoned, and days that are out of the ordinary."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from habitue.govern.roles import Access
from habitue.measure.periods import MOST_DAYS, USUAL_DAYS
from habitue.records.permissions import Permission
from habitue.run.anomalies import MOST_DAYS as MOST_LOOKED
from habitue.run.anomalies import USUAL_DAYS as USUAL_LOOKED
from habitue.run.anomalies import SeenAnomalies, view_anomalies
from habitue.run.heeding import metrics_heed
from habitue.run.measuring import MeasureAsked
from habitue.run.measuring_views import (
    MOST_METRICS,
    MetricEntry,
    SeenMeasure,
    view_measure,
    view_measures,
    view_metrics,
)
from habitue.run.workspace import Workspace
from habitue.server.asking import (
    ESTIMATE,
    answered,
    check_parameters,
    check_text,
    desk_of,
    figured,
    instant,
    text,
    whole,
)
from habitue.server.routing import DeclaredRoute, Described, Parameter, route

_GROUP: Final = "Metrics"
_LONG_S: Final = 60.0
"""Anomalies look at every metric, day and group."""
_BY: Final = Parameter(
    name="by", about="Dimensions with commas: a property of the event, trait.X, segment.X, cluster.X."
)
_EVERY: Final = Parameter(name="every", about="day, week or month.")
_SINCE: Final = Parameter(name="since", about="From when on, ISO 8601; left out: the last 30 days.")
_UNTIL: Final = Parameter(name="until", about="Up to, and without; left out: all that was built.")
_METRIC: Final = Parameter(name="metric", about="Only this metric; left out: all that are reckoned of events.")
_FIRST: Final = Parameter(name="since", about="The first day, ISO 8601; left out: the last 14 whole days.")
_LENGTH: Final = Parameter(
    name="days", about="In place of since: so many whole days.", kind="integer", least=1, most=MOST_LOOKED
)
_LIMIT: Final = Parameter(name="limit", about="How many groups at most.", kind="integer", least=1, most=1_000)


_OF: Final = Parameter(name="of", about="A rule: only people for whom it holds as of the last build.")
DAYS: Final = Parameter(
    name="days", about="In place of since: so many days up to now.", kind="integer", least=1, most=MOST_DAYS
)
MEASURE: Final = (_BY, _EVERY, _SINCE, _UNTIL, DAYS, _OF)
LONGEST_RULE: Final = 20_000
_METRICS: Final = Parameter(
    name="metrics", about=f"Their names with commas, at most {MOST_METRICS}; segment.NAME for sizes.", required=True
)


def measure_routes() -> Iterator[DeclaredRoute]:
    """Every route about metrics."""
    yield route(
        "/api/v1/metrics",
        _list,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="list_metrics",
        summary="Every metric with its definition, unit and dimensions.",
        described=Described(answer=list[MetricEntry], group=_GROUP),
    )
    yield route(
        "/api/v1/measures",
        _several,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="measure_metrics",
        summary="Several metrics at once, in a period against the one before, parted alike.",
        described=Described(parameters=(_METRICS, *MEASURE, _LIMIT), answer=list[SeenMeasure], group=_GROUP),
    )
    yield route(
        "/api/v1/anomalies",
        _anomalies,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="find_anomalies",
        summary="Days on which a metric was far from the same weekdays before, and the groups that account for it.",
        described=Described(
            parameters=(_METRIC, _FIRST, _UNTIL, _LENGTH, ESTIMATE), answer=SeenAnomalies, group=_GROUP
        ),
    )
    yield route(
        "/api/v1/metrics/{name}",
        _measure,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="measure_metric",
        summary="A metric in a period against the one before, whole, by group, and by day, week or month.",
        described=Described(parameters=(*MEASURE, _LIMIT), answer=SeenMeasure, group=_GROUP),
    )


async def _list(request: Request) -> Response:
    check_parameters(request)
    return await answered(request, view_metrics)


async def _measure(request: Request) -> Response:
    check_parameters(request)
    name = check_text("name", request.path_params["name"], most=200)
    asked, limit = measure_asked(request), whole(request, _LIMIT, usual=30)
    return await figured(
        request,
        lambda workspace, access: view_measure(workspace, access, name, asked, limit=limit),
        heeds=metrics_heed(desk_of(request).readers.watch.last, [name], asked.by, asked.of),
    )


async def _several(request: Request) -> Response:
    check_parameters(request)
    names = tuple(dict.fromkeys(each for each in (text(request, "metrics") or "").split(",") if each))
    asked, limit = measure_asked(request), whole(request, _LIMIT, usual=30)
    return await figured(
        request,
        lambda workspace, access: view_measures(workspace, access, names, asked, limit=limit),
        heeds=metrics_heed(desk_of(request).readers.watch.last, names, asked.by, asked.of),
    )


def measure_asked(request: Request) -> MeasureAsked:
    """What somebody wants to know of a metric."""
    return MeasureAsked(
        by=tuple((text(request, "by") or "").split(",")) if text(request, "by") else (),
        every=text(request, "every", most=20) or "",
        since=instant(request, "since"),
        until=instant(request, "until"),
        of=text(request, "of", most=LONGEST_RULE) or "",
        days=whole(request, DAYS, usual=USUAL_DAYS),
    )


async def _anomalies(request: Request) -> Response:
    check_parameters(request)
    metric, since, until = text(request, "metric", most=200) or "", instant(request, "since"), instant(request, "until")
    days = whole(request, _LENGTH, usual=USUAL_LOOKED)

    def look(workspace: Workspace, access: Access, *, estimate: bool) -> SeenAnomalies:
        return view_anomalies(workspace, access, metric=metric, since=since, until=until, days=days, estimate=estimate)

    # Of metrics that are about events alone, by what events and traits say.
    return await figured(
        request, partial(look, estimate=False), seconds=_LONG_S, heeds=False, first=partial(look, estimate=True)
    )
