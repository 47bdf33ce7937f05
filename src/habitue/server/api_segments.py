"""Routes about segments: the list, one whole, previews, members, history, overlap."""

from collections.abc import Iterator
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from habitue.govern.roles import Access
from habitue.records.permissions import Permission
from habitue.run.parity import Parity, check_parity
from habitue.run.personal_reads import MembersShown, read_members, view_members
from habitue.run.segment_views import SegmentShown, view_segment
from habitue.run.segments import Members, list_overlaps, list_segments
from habitue.run.viewing import (
    SeenBuild,
    SeenOverlap,
    SeenPreview,
    SeenSegment,
    view_overlaps,
    view_preview,
    view_segments,
)
from habitue.run.workspace import Workspace
from habitue.server.asking import (
    answered,
    at_one,
    check_parameters,
    check_text,
    decoded,
    desk_of,
    figured,
    json_answer,
    parse_instant,
    text,
    whole,
    written,
)
from habitue.server.problems import ParameterError, RequestError
from habitue.server.routing import DeclaredRoute, Described, Parameter, access_of, route

_GROUP: Final = "Segments"
LARGEST_PAGE: Final = 10_000
_SEGMENT: Final = Parameter(name="segment", about="Only this segment.")
_AFTER: Final = Parameter(name="cursor", about="`next_cursor` of the page before.")
_SHOW: Final = Parameter(
    name="show", about="Identifiers and personal traits in the clear, with commas; needs `purpose`."
)
_PURPOSE: Final = Parameter(name="purpose", about="What `show` is for: a declared purpose.")
_LIMIT: Final = Parameter(name="limit", about="How many at most.", kind="integer", least=1, most=LARGEST_PAGE)


class PreviewAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule to be looked at.

    Attributes:
        rule: As a segment declares it.
        as_of: The instant, ISO 8601; by default that of the last build.
        sample: How many ids to show, to roles that see people.
    """

    rule: str
    as_of: str | None = None
    sample: int = 10


def segment_routes() -> Iterator[DeclaredRoute]:
    """Every route about segments; those with a word of their own before those with a name."""
    yield from _about_all()
    yield from _about_one()


def _about_all() -> Iterator[DeclaredRoute]:
    yield route(
        "/api/v1/segments",
        _list,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="list_segments",
        summary="Every segment with size, share, purpose and meaning.",
        described=Described(answer=list[SeenSegment], group=_GROUP),
    )
    yield route(
        "/api/v1/segments/preview",
        _preview,
        methods=["POST"],
        permission=Permission.SEE_AGGREGATES,
        name="preview_segment",
        summary="Whom a rule would select, and each of its parts.",
        described=Described(body=PreviewAsked, answer=SeenPreview, group=_GROUP),
    )
    yield route(
        "/api/v1/segments/overlap",
        _overlap,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="overlap_segments",
        summary="How many customers every two segments share.",
        described=Described(answer=list[SeenOverlap], group=_GROUP),
    )
    yield route(
        "/api/v1/segments/parity",
        _parity,
        methods=["GET"],
        permission=Permission.SEE_PEOPLE,
        name="segment_parity",
        summary="Whether the batch reading and the live one agree about everybody.",
        described=Described(parameters=(_SEGMENT,), answer=Parity, group=_GROUP),
    )


def _about_one() -> Iterator[DeclaredRoute]:
    yield route(
        "/api/v1/segments/{name}",
        _show,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="show_segment",
        summary="One segment whole: rule, meaning, size, and its movement at builds.",
        described=Described(answer=SegmentShown, group=_GROUP),
    )
    yield route(
        "/api/v1/segments/{name}/history",
        _history,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="segment_history",
        summary="Size and movement of a segment at every build.",
        described=Described(answer=list[SeenBuild], group=_GROUP),
    )
    yield route(
        "/api/v1/segments/{name}/members",
        _members,
        methods=["GET"],
        permission=Permission.SEE_PEOPLE,
        name="segment_members",
        summary="The members of a segment by id, a page at a time; with `show` in the clear, which is audited.",
        described=Described(parameters=(_AFTER, _LIMIT, _SHOW, _PURPOSE), answer=Members | MembersShown, group=_GROUP),
    )


async def _list(request: Request) -> Response:
    check_parameters(request)
    return await answered(request, lambda workspace, access: view_segments(workspace, access, list_segments(workspace)))


async def _preview(request: Request) -> Response:
    check_parameters(request)
    asked = await decoded(request, PreviewAsked)
    rule = check_text("rule", asked.rule, most=20_000)
    as_of = parse_instant("as_of", asked.as_of)
    if not 0 <= asked.sample <= LARGEST_PAGE:
        what = f"`sample` is not a whole number from 0 to {LARGEST_PAGE:,}."
        raise ParameterError("sample", what=what, do="Send one that is.")

    def look(workspace: Workspace, access: Access) -> SeenPreview:
        access.need(Permission.SEE_AGGREGATES)
        found = workspace.preview(rule, as_of=workspace.instant(as_of), sample=asked.sample)
        return view_preview(access, found)

    return await answered(request, look)


async def _overlap(request: Request) -> Response:
    check_parameters(request)
    return await figured(request, lambda workspace, access: view_overlaps(workspace, access, list_overlaps(workspace)))


async def _parity(request: Request) -> Response:
    check_parameters(request)
    segment = text(request, "segment", most=200)

    access, desk = access_of(request), desk_of(request)
    access.need(Permission.SEE_PEOPLE)

    def compare(workspace: Workspace) -> bytes:
        return written(check_parity(workspace, [] if segment is None else [known(workspace, segment)]))

    # The tables are brought up to the log first, by the thread that may.
    return json_answer(await at_one(desk, compare))


async def _show(request: Request) -> Response:
    check_parameters(request)
    name = segment_in(request)
    return await answered(request, lambda workspace, access: view_segment(workspace, access, known(workspace, name)))


async def _history(request: Request) -> Response:
    check_parameters(request)
    name = segment_in(request)
    return await answered(
        request, lambda workspace, access: view_segment(workspace, access, known(workspace, name)).history
    )


async def _members(request: Request) -> Response:
    check_parameters(request)
    name, after, limit = segment_in(request), text(request, "cursor"), whole(request, _LIMIT, usual=1000)
    show, purpose = text(request, "show"), text(request, "purpose") or ""

    def look(workspace: Workspace, access: Access) -> Members | MembersShown:
        segment = known(workspace, name)
        if show is None:
            return view_members(workspace, access, segment, after=after, limit=limit)
        columns = show.split(",")
        return read_members(workspace, access, segment, show=columns, purpose=purpose, after=after, limit=limit)

    return await answered(request, look)


def segment_in(request: Request) -> str:
    """The segment that a path names.

    Raises:
        ParameterError: It is no name.
    """
    return check_text("name", request.path_params["name"], most=200)


def known(workspace: Workspace, name: str) -> str:
    """The name itself where a segment is called that.

    Raises:
        RequestError: None is.
    """
    if name not in workspace.project.segments:
        what = "No segment has this name."
        raise RequestError("SEGMENT-UNKNOWN", what=what, do="`GET /api/v1/segments` lists them.", field="name")
    return name
