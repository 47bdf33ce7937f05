"""Routes that keep drafts of segments, and publish, change and delete segments in the project's files."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from habitue.errors import HabitueError
from habitue.govern.roles import Access
from habitue.records.permissions import Permission
from habitue.run.building import BuildOrder
from habitue.run.drafting import DraftShown, drop_draft, list_drafts, save_draft, show_draft
from habitue.run.segment_publishing import Published, SegmentWish, publish, remove
from habitue.run.workspace import Workspace
from habitue.server.asking import Desk, answered, check_parameters, check_text, decoded, desk_of, json_answer, written
from habitue.server.desk import Work
from habitue.server.problems import ParameterError
from habitue.server.routing import DeclaredRoute, Described, access_of, route

_GROUP: Final = "Segment builder"
_ANSWERS: Final = ("features", "segments")


class SegmentSent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A segment as it is to be declared.

    Attributes:
        rule: As text.
        label: A few words for people.
        description: What it is for.
        purpose: What it may be used for.
        group: The heading it is listed under.
        before: Its rule as it was when editing began; empty for a new segment.
        draft: Your draft that it was made from, which is thrown away then.
    """

    rule: str
    label: str = ""
    description: str = ""
    purpose: str = ""
    group: str = ""
    before: str = ""
    draft: str = ""


class DraftSent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A draft to keep.

    Attributes:
        body: What the builder keeps.
        segment: The segment that it changes; empty for a new one.
        version: That which it was made from; 0 for a new one.
    """

    body: dict[str, Any]
    segment: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """What became of a draft.

    Attributes:
        dropped: Whether there was one.
    """

    dropped: bool


def publishing_routes() -> Iterator[DeclaredRoute]:
    """The routes that write; before those of segments, whose names theirs would be taken for."""
    yield from _about_drafts()
    yield from _about_files()


def _about_drafts() -> Iterator[DeclaredRoute]:
    yield route(
        "/api/v1/segments/drafts",
        _drafts,
        methods=["GET"],
        permission=Permission.EDIT_DEFINITIONS,
        name="list_drafts",
        summary="Your drafts of segments, the one saved last first.",
        described=Described(answer=list[DraftShown], group=_GROUP),
    )
    yield route(
        "/api/v1/segments/drafts/{id}",
        _draft,
        methods=["GET"],
        permission=Permission.EDIT_DEFINITIONS,
        name="show_draft",
        summary="One of your drafts.",
        described=Described(answer=DraftShown, group=_GROUP),
    )
    yield route(
        "/api/v1/segments/drafts/{id}",
        _save,
        methods=["PUT"],
        permission=Permission.EDIT_DEFINITIONS,
        name="save_draft",
        summary="Keep a draft; refused where it was saved elsewhere meanwhile.",
        described=Described(body=DraftSent, answer=DraftShown, group=_GROUP),
    )
    yield route(
        "/api/v1/segments/drafts/{id}",
        _drop,
        methods=["DELETE"],
        permission=Permission.EDIT_DEFINITIONS,
        name="drop_draft",
        summary="Throw a draft away.",
        described=Described(answer=Dropped, group=_GROUP),
    )


def _about_files() -> Iterator[DeclaredRoute]:
    yield route(
        "/api/v1/segments/{name}",
        _publish,
        methods=["PUT"],
        permission=Permission.EDIT_DEFINITIONS,
        name="publish_segment",
        summary="Declare a segment in the project's files, or change it there; comments stay.",
        described=Described(body=SegmentSent, answer=Published, group=_GROUP),
    )
    yield route(
        "/api/v1/segments/{name}",
        _remove,
        methods=["DELETE"],
        permission=Permission.EDIT_DEFINITIONS,
        name="delete_segment",
        summary="Take a segment out of the project's files; refused where it is used.",
        described=Described(answer=Published, group=_GROUP),
    )


async def _drafts(request: Request) -> Response:
    check_parameters(request)
    return await answered(request, list_drafts)


async def _draft(request: Request) -> Response:
    check_parameters(request)
    number = _number(request)
    return await answered(request, lambda workspace, access: show_draft(workspace, access, number))


async def _save(request: Request) -> Response:
    check_parameters(request)
    number = _number(request)
    sent = await decoded(request, DraftSent)
    segment = check_text("segment", sent.segment, most=100)

    def keep(workspace: Workspace, access: Access) -> DraftShown:
        return save_draft(workspace, access, number, segment=segment, body=sent.body, version=sent.version)

    return await answered(request, keep)


async def _drop(request: Request) -> Response:
    check_parameters(request)
    number = _number(request)
    return await answered(request, lambda workspace, access: Dropped(dropped=drop_draft(workspace, access, number)))


def _number(request: Request) -> str:
    number = check_text("id", request.path_params["id"], most=60)
    if not number.isascii() or not number.replace("-", "").isalnum():
        what = "The id of a draft has letters, digits and - only."
        raise ParameterError("id", what=what, do="Choose one such as a UUID.")
    return number


async def _publish(request: Request) -> Response:
    check_parameters(request)
    name = check_text("name", request.path_params["name"], most=100)
    sent = await decoded(request, SegmentSent)
    access, desk = access_of(request), desk_of(request)
    for field, most in (("rule", 20_000), ("label", 200), ("description", 2_000), ("purpose", 100), ("group", 100)):
        check_text(field, getattr(sent, field), most=most)
    wish = SegmentWish(
        name=name,
        rule=sent.rule,
        label=sent.label,
        description=sent.description,
        purpose=sent.purpose,
        group=sent.group,
        before=check_text("before", sent.before, most=20_000),
    )

    def write(workspace: Workspace) -> bytes:
        done = publish(workspace, access, wish)
        if sent.draft:
            drop_draft(workspace, access, sent.draft[:60])
        return _taken_over(workspace, desk, done)

    return await _changed(request, write)


async def _remove(request: Request) -> Response:
    check_parameters(request)
    name = check_text("name", request.path_params["name"], most=100)
    access, desk = access_of(request), desk_of(request)
    return await _changed(request, lambda workspace: _taken_over(workspace, desk, remove(workspace, access, name)))


def _taken_over(workspace: Workspace, desk: Desk, done: Published) -> bytes:
    """Have the server work by the files as they are now: the live reading takes them over in the background."""
    workspace.project = desk.readers.watch.current()
    desk.tell(workspace)
    return written(done)


async def _changed(request: Request, work: Work[bytes]) -> Response:
    """What a change answers; features and memberships are then built anew, once for all changes that wait."""
    desk, state = desk_of(request), request.app.state
    answer = await asyncio.shield(asyncio.wrap_future(desk.owner.submit(work)))

    def rebuild(workspace: Workspace) -> None:
        state.rebuild_waits = False
        _rebuild(workspace, desk)

    if not getattr(state, "rebuild_waits", False):
        state.rebuild_waits = True
        desk.owner.submit(rebuild)
    return json_answer(answer)


def _rebuild(workspace: Workspace, desk: Desk) -> None:
    """Answer for everybody again; what hinders that shows where the next build is asked for."""
    if workspace.control.last_answers() is None:
        return
    as_of = workspace.clock() if workspace.project.sources.collected else None
    with suppress(HabitueError):
        workspace.build(BuildOrder(as_of=as_of, select=_ANSWERS))
        desk.tell(workspace)
