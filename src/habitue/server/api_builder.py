"""Routes of the segment builder: its vocabulary, a rule both ways, sizes while editing, who would enter and leave."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from habitue.govern.roles import Access
from habitue.records.permissions import Permission
from habitue.run.segment_board import SegmentBoard, segment_board
from habitue.run.segment_diffs import SegmentDiff, diff_segment
from habitue.run.segment_examining import RuleAsked, RuleExamined, examine_rule
from habitue.run.segment_reach import RuleReach, reach_of
from habitue.run.segment_sizing import RuleSize, size_rule
from habitue.run.vocabulary import SuggestedValue, Vocabulary, suggest_values, vocabulary
from habitue.run.workspace import Workspace
from habitue.server.asking import (
    answered,
    check_parameters,
    check_text,
    decoded,
    desk_of,
    figured,
    json_answer,
    text,
    written,
)
from habitue.server.problems import ParameterError
from habitue.server.routing import DeclaredRoute, Described, Parameter, access_of, route
from habitue.server.superseding import latest_of, while_there

_GROUP: Final = "Segment builder"
_LONGEST_RULE: Final = 20_000
_LONGEST_COUNT_S: Final = 60.0
_EVENT: Final = Parameter(name="event", about="The event that has the property; left out for a trait.")
_NAME: Final = Parameter(name="name", about="The property or trait.", required=True)
_LIKE: Final = Parameter(name="like", about="Only values that hold this text.")


class RuleSent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule that is being made: as text or as a tree.

    Attributes:
        rule: As text.
        tree: As JSON, as this API gives it.
        segment: The segment that it is, or is to be.
        purpose: What that is for.
        exact: Whether to count everybody; without, some customers where there are many.
        editor: A text of your own: a newer question of the same editor breaks the older off.
    """

    rule: str = ""
    tree: dict[str, Any] | None = None
    segment: str = ""
    purpose: str = ""
    exact: bool = False
    editor: str = ""


def builder_routes() -> Iterator[DeclaredRoute]:
    """The routes of the builder; before those of segments, whose names theirs would be taken for."""
    yield from _about_names()
    yield from _about_rules()


def _about_names() -> Iterator[DeclaredRoute]:
    yield route(
        "/api/v1/vocabulary",
        _vocabulary,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="vocabulary",
        summary="Everything that a rule may name, and every term of the language.",
        described=Described(answer=Vocabulary, group=_GROUP),
    )
    yield route(
        "/api/v1/vocabulary/values",
        _values,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="suggest_values",
        summary="The values that a property or trait has most often; never personal ones.",
        described=Described(parameters=(_EVENT, _NAME, _LIKE), answer=list[SuggestedValue], group=_GROUP),
    )
    yield route(
        "/api/v1/segments/board",
        _board,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="segment_board",
        summary="Every segment with its movement and where it is used.",
        described=Described(answer=SegmentBoard, group=_GROUP),
    )


def _about_rules() -> Iterator[DeclaredRoute]:
    yield route(
        "/api/v1/segments/describe",
        _describe,
        methods=["POST"],
        permission=Permission.SEE_AGGREGATES,
        name="describe_rule",
        summary="A rule as text, as a tree and in words, and what is wrong with it where.",
        described=Described(body=RuleSent, answer=RuleExamined, group=_GROUP),
    )
    yield route(
        "/api/v1/segments/size",
        _size,
        methods=["POST"],
        permission=Permission.SEE_AGGREGATES,
        name="size_rule",
        summary="For how many customers a rule and each of its parts hold; an estimate first where there are many.",
        described=Described(body=RuleSent, answer=RuleSize, group=_GROUP),
    )
    yield route(
        "/api/v1/segments/reach",
        _reach,
        methods=["POST"],
        permission=Permission.SEE_AGGREGATES,
        name="reach_of_rule",
        summary="How many of a rule's people have a basis for each purpose, and a way to be reached.",
        described=Described(body=RuleSent, answer=RuleReach, group=_GROUP),
    )
    yield route(
        "/api/v1/segments/diff",
        _diff,
        methods=["POST"],
        permission=Permission.SEE_AGGREGATES,
        name="diff_segment",
        summary="Who would enter and leave a segment if a rule were published.",
        described=Described(body=RuleSent, answer=SegmentDiff, group=_GROUP),
    )


async def _vocabulary(request: Request) -> Response:
    check_parameters(request)
    return await figured(request, vocabulary)


async def _values(request: Request) -> Response:
    check_parameters(request)
    event, name, like = (text(request, each, most=200) for each in ("event", "name", "like"))
    if name is None:
        raise ParameterError("name", what="The parameter 'name' is missing.", do="Name a property or trait.")

    def look(workspace: Workspace, access: Access) -> list[SuggestedValue]:
        return suggest_values(workspace, access, event=event or "", name=name, like=like or "")

    return await answered(request, look)


async def _board(request: Request) -> Response:
    check_parameters(request)
    return await answered(request, segment_board)


async def _describe(request: Request) -> Response:
    check_parameters(request)
    asked, _ = await _asked(request)
    return await answered(request, lambda workspace, _: examine_rule(workspace, asked))


async def _size(request: Request) -> Response:
    check_parameters(request)
    asked, sent = await _asked(request)
    return await _newest(request, sent, lambda workspace, access: size_rule(workspace, access, asked, exact=sent.exact))


async def _reach(request: Request) -> Response:
    check_parameters(request)
    asked, sent = await _asked(request)
    return await _newest(request, sent, lambda workspace, access: reach_of(workspace, access, asked))


async def _diff(request: Request) -> Response:
    check_parameters(request)
    asked, sent = await _asked(request)
    return await _newest(request, sent, lambda workspace, access: diff_segment(workspace, access, asked))


async def _asked(request: Request) -> tuple[RuleAsked, RuleSent]:
    sent = await decoded(request, RuleSent)
    rule = check_text("rule", sent.rule, most=_LONGEST_RULE)
    segment, purpose = check_text("segment", sent.segment, most=100), check_text("purpose", sent.purpose, most=100)
    check_text("editor", sent.editor, most=100)
    return RuleAsked(rule=rule, tree=sent.tree, segment=segment, purpose=purpose), sent


async def _newest(request: Request, sent: RuleSent, question: Callable[[Workspace, Access], object]) -> Response:
    """An answer that a newer question of the same editor does without."""
    access, readers = access_of(request), desk_of(request).readers
    # An estimate is there at once, also while everybody is being counted.
    is_long = sent.exact or request.url.path.endswith("/diff")
    asking = readers.read(
        lambda workspace: written(question(workspace, access)), seconds=_LONGEST_COUNT_S, is_long=is_long
    )
    if not sent.editor:
        return json_answer(await while_there(request, asking))
    key = (access.actor, f"{request.url.path} {sent.editor}")
    return json_answer(await while_there(request, latest_of(request.app).only(key, asking)))
