"""Groups of customers: who is in them, since when, and why."""

from habitue.segments.history import SegmentBuild, SegmentHistory
from habitue.segments.preview import Preview, preview
from habitue.segments.spec import SegmentSpec
from habitue.segments.transitions import Moved, Position, TransitionLog

__all__ = [
    "Moved",
    "Position",
    "Preview",
    "SegmentBuild",
    "SegmentHistory",
    "SegmentSpec",
    "TransitionLog",
    "preview",
]
