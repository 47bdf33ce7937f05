"""The list of segments as a page shows it: sizes, how they moved, where each is used, whether it is live."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from habitue.govern.roles import Access
from habitue.run.segment_uses import Use, uses_of
from habitue.run.segments import list_segments
from habitue.run.viewing import SeenBuild, SeenSegment, view_history, view_segments
from habitue.run.workspace import Workspace
from habitue.segments.history import SegmentBuild

_BUILDS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardSegment:
    """One segment.

    Attributes:
        segment: Rule, meaning, size.
        movement: Its size at the last builds, the oldest first.
        used_by: Definitions that name it.
        is_live: Whether it is read live: who enters and leaves shows at once.
    """

    segment: SeenSegment
    movement: tuple[SeenBuild, ...]
    used_by: tuple[Use, ...]
    is_live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentBoard:
    """Every segment.

    Attributes:
        as_of: The instant of the last build; None before the first.
        customers: How many customers there are; None before the first build.
        segments: In the order of the files.
    """

    as_of: datetime | None
    customers: int | None
    segments: tuple[BoardSegment, ...]


def segment_board(workspace: Workspace, access: Access) -> SegmentBoard:
    """Every segment with how it moved and where it is used.

    Raises:
        RoleForbiddenError: The role sees no figures.
    """
    seen = view_segments(workspace, access, list_segments(workspace))
    last = workspace.control.last_answers()
    moves = _movement(workspace)
    uses = uses_of(workspace.project)
    live = {} if workspace.live_answers is None else workspace.live_answers.sizes()
    everybody = workspace.warehouse.count(workspace.tables().customers) if last is not None else None
    return SegmentBoard(
        as_of=None if last is None else last.as_of,
        customers=everybody if access.sees_people or everybody is None else everybody // 10 * 10,
        segments=tuple(
            BoardSegment(
                segment=each,
                movement=tuple(view_history(access, moves.get(each.name, ()), hidden=each.hidden)),
                used_by=tuple(uses.get(each.name, ())),
                is_live=each.name in live,
            )
            for each in seen
        ),
    )


def _movement(workspace: Workspace) -> Mapping[str, Sequence[SegmentBuild]]:
    found: dict[str, list[SegmentBuild]] = {}
    for number in workspace.history.builds()[-_BUILDS:]:
        for each in workspace.history.build_sizes(number):
            found.setdefault(each.segment, []).append(each)
    return found
