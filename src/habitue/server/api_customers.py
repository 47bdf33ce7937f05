"""Routes about single customers: found by identifier, shown whole, their timeline, segments and why."""

from collections.abc import Iterator
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from habitue.govern.roles import Access
from habitue.records.permissions import Permission
from habitue.run.customer_views import (
    CustomerMemberships,
    CustomerProfile,
    CustomersFound,
    search_customers,
    view_customer,
    view_customer_segments,
)
from habitue.run.explaining import Explanation
from habitue.run.personal_reads import view_explanation
from habitue.run.timelines import LARGEST_TIMELINE, Span, Timeline, view_timeline
from habitue.run.workspace import Workspace
from habitue.server.asking import answered, check_parameters, check_text, instant, names_in, text, whole
from habitue.server.problems import ParameterError
from habitue.server.routing import DeclaredRoute, Described, Parameter, route

_GROUP: Final = "Customers"
_ABOUT: Final = "{id} is a customer's id, `user_id:42`, or a trait and its value: `email:ann@example.com`."
_Q: Final = Parameter(name="q", about="An id, `user_id:42`, `email:ann@example.com` …", required=True)
_SHOW: Final = Parameter(
    name="show", about="Identifiers and personal traits in the clear, with commas; needs `purpose`."
)
_PURPOSE: Final = Parameter(name="purpose", about="What `show` is for: a declared purpose.")
_AFTER: Final = Parameter(name="cursor", about="`next_cursor` of the page before.")
_LIMIT: Final = Parameter(name="limit", about="How many at most.", kind="integer", least=1, most=LARGEST_TIMELINE)
_SINCE: Final = Parameter(name="since", about="Only what happened at this time or later, ISO 8601.")
_UNTIL: Final = Parameter(name="until", about="Only what happened before, ISO 8601.")
_EVENTS: Final = Parameter(name="events", about="Only these: a JSON array of names, or names with semicolons between.")
_SEGMENT: Final = Parameter(name="segment", about="Name of a segment.", required=True)


def customer_routes() -> Iterator[DeclaredRoute]:
    """Every route about single customers."""
    yield route(
        "/api/v1/customers",
        _search,
        methods=["GET"],
        permission=Permission.SEE_PEOPLE,
        name="find_customers",
        summary="The customers whom an identifier means.",
        described=Described(parameters=(_Q,), answer=CustomersFound, group=_GROUP),
    )
    yield route(
        "/api/v1/customers/{id}",
        _show,
        methods=["GET"],
        permission=Permission.SEE_PEOPLE,
        name="show_customer",
        summary="What is known of a customer: traits, features, segments, consents.",
        described=Described(parameters=(_SHOW, _PURPOSE), answer=CustomerProfile, group=_GROUP, about=_ABOUT),
    )
    yield route(
        "/api/v1/customers/{id}/timeline",
        _timeline,
        methods=["GET"],
        permission=Permission.SEE_PEOPLE,
        name="customer_timeline",
        summary="What a customer did, the newest first.",
        described=Described(
            parameters=(_AFTER, _LIMIT, _SINCE, _UNTIL, _EVENTS), answer=Timeline, group=_GROUP, about=_ABOUT
        ),
    )
    yield route(
        "/api/v1/customers/{id}/segments",
        _segments,
        methods=["GET"],
        permission=Permission.SEE_PEOPLE,
        name="customer_segments",
        summary="The segments that a customer is in at this moment.",
        described=Described(answer=CustomerMemberships, group=_GROUP, about=_ABOUT),
    )
    yield route(
        "/api/v1/customers/{id}/explain",
        _explain,
        methods=["GET"],
        permission=Permission.SEE_PEOPLE,
        name="explain_customer",
        summary="Why a customer is in a segment or not, since when, until when.",
        described=Described(parameters=(_SEGMENT,), answer=Explanation, group=_GROUP, about=_ABOUT),
    )


async def _search(request: Request) -> Response:
    check_parameters(request)
    wanted = text(request, "q", most=300)
    if wanted is None:
        raise ParameterError("q", what="Nobody is asked for.", do="Send q=user_id:42.")
    return await answered(request, lambda workspace, access: search_customers(workspace, access, wanted))


async def _show(request: Request) -> Response:
    check_parameters(request)
    wanted, show, purpose = customer_in(request), text(request, "show"), text(request, "purpose") or ""
    names = show.split(",") if show else []
    return await answered(
        request, lambda workspace, access: view_customer(workspace, access, wanted, show=names, purpose=purpose)
    )


async def _timeline(request: Request) -> Response:
    check_parameters(request)
    wanted, after, limit = customer_in(request), text(request, "cursor"), whole(request, _LIMIT, usual=50)
    since, until = instant(request, "since"), instant(request, "until")
    events = frozenset(names_in(request, "events"))

    def look(workspace: Workspace, access: Access) -> Timeline:
        within = Span(since=workspace.instant(since), until=workspace.instant(until), events=events)
        return view_timeline(workspace, access, wanted, after=after, limit=limit, within=within)

    return await answered(request, look)


async def _segments(request: Request) -> Response:
    check_parameters(request)
    wanted = customer_in(request)
    return await answered(request, lambda workspace, access: view_customer_segments(workspace, access, wanted))


async def _explain(request: Request) -> Response:
    check_parameters(request)
    wanted, segment = customer_in(request), text(request, "segment", most=200)
    if segment is None:
        raise ParameterError("segment", what="No segment is asked about.", do="Send segment=NAME.")
    return await answered(request, lambda workspace, access: view_explanation(workspace, access, segment, wanted))


def customer_in(request: Request) -> str:
    """The customer that a path names.

    Raises:
        ParameterError: It is no identifier.
    """
    return check_text("id", request.path_params["id"], most=300)
