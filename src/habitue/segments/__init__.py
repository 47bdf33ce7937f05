"""Groups of customers: who is in them, since when, and why."""

from habitue.segments.history import SegmentBuild, SegmentHistory
from habitue.segments.preview import Preview, preview
from habitue.segments.spec import SegmentSpec

__all__ = ["Preview", "SegmentBuild", "SegmentHistory", "SegmentSpec", "preview"]
