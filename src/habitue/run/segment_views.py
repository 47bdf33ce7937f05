"""One segment whole, as a role is shown it."""

from dataclasses import dataclass

from habitue.govern.roles import Access
from habitue.run.segments import list_history, show_segment
from habitue.run.viewing import SeenBuild, SeenSegment, view_history, view_segments
from habitue.run.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentShown:
    """One segment with its movement.

    Attributes:
        segment: Rule, meaning, size.
        history: Size and movement at every build, the oldest first.
    """

    segment: SeenSegment
    history: list[SeenBuild]


def view_segment(workspace: Workspace, access: Access, name: str) -> SegmentShown:
    """One declared segment with its movement at builds.

    Raises:
        RoleForbiddenError: The role sees no figures.
        RuleError: There is no such segment.
    """
    (entry,) = view_segments(workspace, access, [show_segment(workspace, name)])
    return SegmentShown(segment=entry, history=view_history(access, list_history(workspace, name), hidden=entry.hidden))
