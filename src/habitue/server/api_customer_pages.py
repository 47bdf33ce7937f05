"""Routes for lists of customers and the page of one: everything on it, where they stand, who they are made of."""

from collections.abc import Callable, Iterator
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from habitue.govern.roles import Access
from habitue.records.permissions import Permission
from habitue.run.customer_pages import CustomerPage, view_page
from habitue.run.customer_rows import LARGEST_LIST, CustomerList, ListAsked, list_customers
from habitue.run.customer_standing import Standings, view_standings
from habitue.run.deciding import Decided, answer_pair, merge_people, unmerge_people
from habitue.run.identity_views import SeenPair, view_identity, view_pairs
from habitue.run.person_records import PersonShown
from habitue.run.personal_reads import check_identifier
from habitue.run.workspace import Workspace
from habitue.server.api_customers import customer_in
from habitue.server.asking import (
    answered,
    changed,
    check_parameters,
    check_text,
    decoded,
    desk_of,
    names_in,
    text,
    whole,
)
from habitue.server.problems import ParameterError
from habitue.server.routing import DeclaredRoute, Described, Parameter, access_of, route

_GROUP: Final = "Customers"
_IDENTITY: Final = "Who is who"
_MOST_PAIRS: Final = 100
_MOST_RECORDS: Final = 100
_LONGEST_RULE: Final = 20_000
_LISTED: Final = (
    Parameter(name="segment", about="Only members of this segment."),
    Parameter(name="rule", about="Only customers for whom this rule holds."),
    Parameter(name="ids", about="Only these: ids with semicolons between, 200 at most."),
    Parameter(name="columns", about="`trait.NAME` and `feature.NAME` with semicolons between; left out: usual ones."),
    Parameter(name="sort", about="A column; `-` before it: the largest first."),
    Parameter(name="cursor", about="`next_cursor` of the page before."),
    Parameter(name="limit", about="How many at most.", kind="integer", least=1, most=LARGEST_LIST),
)
_PURPOSE: Final = Parameter(name="purpose", about="What values are shown in the clear for; left out: none are.")
_PAIRS: Final = Parameter(name="limit", about="How many at most.", kind="integer", least=1, most=_MOST_PAIRS)


class MergeAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is the same person.

    Attributes:
        other: Another customer: an id, `user_id:42`, `email:…`.
    """

    other: str


class UnmergeAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How somebody is taken apart; with neither the newest merge is taken back.

    Attributes:
        records: Records that are somebody else, for good.
        decision: The decision to take back, by its number.
    """

    records: tuple[str, ...] = ()
    decision: int | None = None


class PairAnswered(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether two records are one person.

    Attributes:
        left: A record.
        right: Another.
        same: Whether they are; for good.
    """

    left: str
    right: str
    same: bool


def customer_page_routes() -> Iterator[DeclaredRoute]:
    """Every route for lists of customers and for the page of one."""
    yield route(
        "/api/v1/customer-list",
        _list,
        methods=["GET"],
        permission=Permission.SEE_PEOPLE,
        name="list_customers",
        summary="Customers by random id, of a segment or of any rule, with open traits and figures, a page at a time.",
        described=Described(parameters=_LISTED, answer=CustomerList, group=_GROUP),
    )
    yield route(
        "/api/v1/customers/{id}/page",
        _page,
        methods=["GET"],
        permission=Permission.SEE_PEOPLE,
        name="customer_page",
        summary="Everything known of a customer in one answer, personal values masked.",
        described=Described(answer=CustomerPage, group=_GROUP),
    )
    yield route(
        "/api/v1/customers/{id}/standing",
        _standing,
        methods=["GET"],
        permission=Permission.SEE_PEOPLE,
        name="customer_standing",
        summary="Where a customer stands in every segment: exactly since when, and until when.",
        described=Described(answer=Standings, group=_GROUP),
    )
    yield from _identity_routes()


def _identity_routes() -> Iterator[DeclaredRoute]:
    yield route(
        "/api/v1/customers/{id}/identity",
        _identity,
        methods=["GET"],
        permission=Permission.SEE_PEOPLE,
        name="customer_identity",
        summary="The records of a customer, and what joins them.",
        described=Described(parameters=(_PURPOSE,), answer=PersonShown, group=_IDENTITY),
    )
    yield route(
        "/api/v1/customers/{id}/merge",
        _merge,
        methods=["POST"],
        permission=Permission.MANAGE_IDENTITY,
        name="merge_customers",
        summary="Make two customers one, for good; answered when everything follows.",
        described=Described(body=MergeAsked, answer=Decided, group=_IDENTITY),
    )
    yield route(
        "/api/v1/customers/{id}/unmerge",
        _unmerge,
        methods=["POST"],
        permission=Permission.MANAGE_IDENTITY,
        name="unmerge_customer",
        summary="Take back a merge, or part records for good; answered when everything follows.",
        described=Described(body=UnmergeAsked, answer=Decided, group=_IDENTITY),
    )
    yield route(
        "/api/v1/identity/review",
        _pairs,
        methods=["GET"],
        permission=Permission.MANAGE_IDENTITY,
        name="identity_review",
        summary="Records that may be one person, for somebody to say.",
        described=Described(parameters=(_PAIRS, _PURPOSE), answer=list[SeenPair], group=_IDENTITY),
    )
    yield route(
        "/api/v1/identity/review",
        _answer,
        methods=["POST"],
        permission=Permission.MANAGE_IDENTITY,
        name="answer_review",
        summary="Say whether two records are one person, for good; answered when everything follows.",
        described=Described(body=PairAnswered, answer=Decided, group=_IDENTITY),
    )


async def _list(request: Request) -> Response:
    check_parameters(request)
    asked = ListAsked(
        segment=text(request, "segment", most=200) or "",
        rule=text(request, "rule", most=_LONGEST_RULE) or "",
        ids=_ids(request),
        columns=names_in(request, "columns"),
        sort=text(request, "sort", most=200) or "",
        after=text(request, "cursor", most=40),
        limit=whole(request, _LISTED[-1], usual=50),
    )
    return await answered(request, lambda workspace, access: list_customers(workspace, access, asked))


def _ids(request: Request) -> tuple[str, ...]:
    found = names_in(request, "ids", most=LARGEST_LIST * 40)
    if len(found) > LARGEST_LIST:
        what = f"The parameter 'ids' names more than {LARGEST_LIST} customers."
        raise ParameterError("ids", what=what, do="Ask for fewer.")
    return found


async def _page(request: Request) -> Response:
    check_parameters(request)
    wanted = customer_in(request)
    return await answered(request, lambda workspace, access: view_page(workspace, access, wanted))


async def _standing(request: Request) -> Response:
    check_parameters(request)
    wanted = customer_in(request)
    return await answered(request, lambda workspace, access: view_standings(workspace, access, wanted))


async def _identity(request: Request) -> Response:
    check_parameters(request)
    wanted, purpose = customer_in(request), text(request, "purpose", most=200) or ""
    return await answered(request, lambda workspace, access: view_identity(workspace, access, wanted, purpose=purpose))


async def _merge(request: Request) -> Response:
    check_parameters(request)
    wanted, access = customer_in(request), access_of(request)
    asked = await decoded(request, MergeAsked)
    other = check_text("other", asked.other, most=300)

    def work(workspace: Workspace) -> Decided:
        for each in (wanted, other):
            check_identifier(workspace, access, each)
        return merge_people(workspace, wanted, other, actor=access.actor)

    return await _decided(request, access, work)


async def _unmerge(request: Request) -> Response:
    check_parameters(request)
    wanted, access = customer_in(request), access_of(request)
    asked = await decoded(request, UnmergeAsked)
    if (asked.records and asked.decision is not None) or len(asked.records) > _MOST_RECORDS:
        what = f"Name up to {_MOST_RECORDS} records, or one decision."
        raise ParameterError("records", what=what, do="Leave one of them out.")
    for each in asked.records:
        check_text("records", each, most=300)

    def work(workspace: Workspace) -> Decided:
        for each in (wanted, *asked.records):
            check_identifier(workspace, access, each)
        return unmerge_people(workspace, wanted, records=asked.records, decision=asked.decision, actor=access.actor)

    return await _decided(request, access, work)


async def _pairs(request: Request) -> Response:
    check_parameters(request)
    limit, purpose = whole(request, _PAIRS, usual=20), text(request, "purpose", most=200) or ""
    return await answered(
        request, lambda workspace, access: view_pairs(workspace, access, limit=limit, purpose=purpose)
    )


async def _answer(request: Request) -> Response:
    check_parameters(request)
    access = access_of(request)
    asked = await decoded(request, PairAnswered)
    left, right = (check_text(name, getattr(asked, name), most=100) for name in ("left", "right"))
    return await _decided(
        request,
        access,
        lambda workspace: answer_pair(workspace, left, right, same=asked.same, actor=access.actor),
    )


async def _decided(request: Request, access: Access, work: Callable[[Workspace], Decided]) -> Response:
    """What a decision changes, by the thread that owns the project; whoever asked may go away meanwhile."""
    # It tells whose rows changed.
    access.need(Permission.SEE_PEOPLE)
    return await changed(desk_of(request), work)
