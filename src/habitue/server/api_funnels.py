"""Routes about what people do one thing after another: funnels, cohorts, paths, attribution."""

from collections.abc import Iterator
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from habitue.measure.funnels import Order
from habitue.records.permissions import Permission
from habitue.run.heeding import parts_heed
from habitue.run.measuring_attribution import AttributionAsked, SeenAttribution, measure_attribution
from habitue.run.measuring_cohorts import CohortsAsked, SeenCohorts, measure_cohorts
from habitue.run.measuring_frame import Asked
from habitue.run.measuring_funnels import FunnelAsked, FunnelPeople, SeenFunnel, funnel_people, measure_funnel
from habitue.run.measuring_paths import LONGEST_PATH, MOST_NAMES, PathsAsked, SeenPaths, measure_paths
from habitue.server.api_measure import DAYS
from habitue.server.asking import ESTIMATE, check_parameters, figured, instant, text, whole, yes
from habitue.server.asking_people import PAGE, page_asked, peopled
from habitue.server.problems import ParameterError
from habitue.server.routing import DeclaredRoute, Described, Parameter, route

_GROUP: Final = "Funnels, cohorts, paths, attribution"
_LONGEST: Final = 10_000
_ABOUT: Final = (
    Parameter(name="since", about="Only what happened at this time or later, ISO 8601."),
    Parameter(name="until", about="Only what happened before; left out: as of the last build."),
    DAYS,
    Parameter(name="of", about="A rule: only people for whom it holds as of the last build."),
    Parameter(name="purpose", about="Only people with a basis for this purpose now."),
)
_EVENT: Final = "`EVENT` or `EVENT where CONDITION`"
_WITHIN: Final = Parameter(name="within", about="Longest time, as `7d`; empty without a limit.")
_STEPS: Final = (
    Parameter(
        name="steps", about=f"Each {_EVENT}: a JSON array of texts, or texts with semicolons between.", required=True
    ),
    _WITHIN,
    Parameter(name="order", about="ordered, strict or any."),
)
_BY: Final = Parameter(name="by", about="A property of the first step, `trait.NAME` or `segment.NAME`.")
_STEP: Final = Parameter(name="step", about="Its number.", kind="integer", least=1, most=20)
_DROPPED: Final = Parameter(name="dropped", about="Who took the step before, and not this one.", kind="boolean")
_VALUE: Final = Parameter(name="value", about="With `by`: only people with this value; left out: without one.")
_LENGTH: Final = Parameter(name="steps", about="Of a path.", kind="integer", least=1, most=LONGEST_PATH)
_TOP: Final = Parameter(name="top", about="Things shown by name.", kind="integer", least=1, most=MOST_NAMES)
COHORTS: Final = (
    Parameter(name="event", about=f"What people do for the first time, {_EVENT}; by default `Order Completed`."),
    Parameter(name="again", about="What they come again for; left out: the same."),
    Parameter(name="every", about="day, week or month."),
    Parameter(name="revenue", about="`EVENT.PROPERTY` that holds money."),
    *_ABOUT,
)
PATHS: Final = (
    Parameter(name="events", about="What paths are made of, as `steps` of a funnel; left out: every event but visits."),
    Parameter(name="to", about="Paths lead to the first of these."),
    Parameter(name="from", about="Paths begin after the first of these."),
    _WITHIN,
    _LENGTH,
    _TOP,
    *_ABOUT,
)
ATTRIBUTION: Final = (
    Parameter(name="touch", about=f"What people are touched by, {_EVENT}.", required=True),
    Parameter(name="by", about="Its property that says through what; by default `channel`."),
    Parameter(name="to", about="The conversion; by default `Order Completed`."),
    Parameter(name="value", about="A property of the conversion: what it is worth."),
    _WITHIN,
    Parameter(name="half_life", about="Of the model `decay`, as `7d`."),
    *_ABOUT,
)


def funnel_routes() -> Iterator[DeclaredRoute]:
    """Every route about what people do one thing after another."""
    yield route(
        "/api/v1/funnel",
        _funnel,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="measure_funnel",
        summary="How many people take steps one after the other, and how long it takes them.",
        described=Described(parameters=(*_STEPS, _BY, *_ABOUT, ESTIMATE), answer=SeenFunnel, group=_GROUP),
    )
    yield route(
        "/api/v1/funnel/people",
        _people,
        methods=["GET"],
        permission=Permission.SEE_PEOPLE,
        name="funnel_people",
        summary="Who took a step of a funnel, or did not go on to it, by id, a page at a time.",
        described=Described(
            parameters=(*_STEPS, _BY, _VALUE, _STEP, _DROPPED, *PAGE, *_ABOUT),
            answer=FunnelPeople,
            group=_GROUP,
        ),
    )
    yield route(
        "/api/v1/cohorts",
        _cohorts,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="measure_cohorts",
        summary="Who comes again, and what they pay, by when they came first.",
        described=Described(parameters=(*COHORTS, ESTIMATE), answer=SeenCohorts, group=_GROUP),
    )
    yield route(
        "/api/v1/paths",
        _paths,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="measure_paths",
        summary="What people do one thing after another, up to an event or from one on, and where they stop.",
        described=Described(parameters=(*PATHS, ESTIMATE), answer=SeenPaths, group=_GROUP),
    )
    yield route(
        "/api/v1/attribution",
        _attribution,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="measure_attribution",
        summary="Which channels conversions are put down to, by seven models.",
        described=Described(parameters=(*ATTRIBUTION, ESTIMATE), answer=SeenAttribution, group=_GROUP),
    )


async def _funnel(request: Request) -> Response:
    check_parameters(request)
    asked = _funnel_asked(request, by=text(request, "by") or "")
    return await figured(
        request,
        lambda workspace, access: measure_funnel(workspace, access, asked),
        first=lambda workspace, access: measure_funnel(workspace, access, asked, estimate=True),
        heeds=parts_heed([asked.by], asked.about.of),
    )


async def _people(request: Request) -> Response:
    check_parameters(request)
    asked, step = _funnel_asked(request, by=text(request, "by") or ""), whole(request, _STEP, usual=1)
    dropped, value = yes(request, "dropped"), text(request, "value")
    page = page_asked(request, usual=1000)
    return await peopled(
        request,
        lambda workspace, access: funnel_people(
            workspace, access, asked, step=step, dropped=dropped, value=value, page=page
        ),
        page,
    )


async def _cohorts(request: Request) -> Response:
    check_parameters(request)
    asked = cohorts_asked(request)
    return await figured(
        request,
        lambda workspace, access: measure_cohorts(workspace, access, asked),
        first=lambda workspace, access: measure_cohorts(workspace, access, asked, estimate=True),
        heeds=parts_heed([], asked.about.of),
    )


async def _paths(request: Request) -> Response:
    check_parameters(request)
    asked = paths_asked(request)
    return await figured(
        request,
        lambda workspace, access: measure_paths(workspace, access, asked),
        first=lambda workspace, access: measure_paths(workspace, access, asked, estimate=True),
        heeds=parts_heed([], asked.about.of),
    )


async def _attribution(request: Request) -> Response:
    check_parameters(request)
    asked = attribution_asked(request)
    return await figured(
        request,
        lambda workspace, access: measure_attribution(workspace, access, asked),
        first=lambda workspace, access: measure_attribution(workspace, access, asked, estimate=True),
        heeds=parts_heed([], asked.about.of),
    )


def cohorts_asked(request: Request) -> CohortsAsked:
    """The cohorts that somebody asks for."""
    given = _given(request, "event", "again", "every", "revenue")
    return CohortsAsked(**given, about=_about(request))


def paths_asked(request: Request) -> PathsAsked:
    """The paths that somebody asks for."""
    return PathsAsked(
        touches=texts(request, "events"),
        to=text(request, "to") or "",
        start=text(request, "from") or "",
        within=text(request, "within", most=40) or "",
        steps=whole(request, _LENGTH, usual=5),
        top=whole(request, _TOP, usual=8),
        about=_about(request),
    )


def attribution_asked(request: Request) -> AttributionAsked:
    """The attribution that somebody asks for."""
    given = _given(request, "to", "value", "half_life")
    # Said and empty is without a limit; not said is the usual one.
    limits = {"within": request.query_params["within"]} if "within" in request.query_params else {}
    touch, by = _required(request, "touch"), text(request, "by") or "channel"
    return AttributionAsked(touch=touch, by=by, **given, **limits, about=_about(request))


def _funnel_asked(request: Request, *, by: str) -> FunnelAsked:
    _required(request, "steps")
    order = text(request, "order", most=20) or Order.ORDERED.value
    if order not in set(Order):
        raise ParameterError("order", what="The parameter 'order' is none of ordered, strict, any.", do="Send one.")
    within = text(request, "within", most=40) or ""
    steps = texts(request, "steps")
    return FunnelAsked(steps=steps, within=within, order=Order(order), by=by, about=_about(request))


def _about(request: Request) -> Asked:
    of = text(request, "of", most=_LONGEST) or ""
    purpose = text(request, "purpose", most=200) or ""
    return Asked(
        since=instant(request, "since"),
        until=instant(request, "until"),
        of=of,
        purpose=purpose,
        days=whole(request, DAYS, usual=0),
    )


def _given(request: Request, *names: str) -> dict[str, str]:
    found = {name: text(request, name) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def _required(request: Request, name: str) -> str:
    value = text(request, name, most=_LONGEST)
    if value is None:
        raise ParameterError(name, what=f"The parameter {name!r} is missing.", do="Send it.")
    return value


def texts(request: Request, name: str) -> tuple[str, ...]:
    """A JSON array of texts, or texts with semicolons between."""
    value = text(request, name, most=_LONGEST)
    if value is None:
        return ()
    if not value.startswith("["):
        return tuple(each.strip() for each in value.split(";"))
    try:
        return tuple(msgspec.json.decode(value, type=list[str]))
    except (msgspec.DecodeError, UnicodeEncodeError):
        what = f"The parameter {name!r} is no JSON array of texts."
        raise ParameterError(name, what=what, do='Write it as ["Product Viewed", "Order Completed"].') from None
