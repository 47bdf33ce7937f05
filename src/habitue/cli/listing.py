"""Segments as a table for people: figures in columns, the meaning under each name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from habitue.cli.drawing import bar, print_table
from habitue.cli.printing import FEW, count, share

if TYPE_CHECKING:
    from habitue.run.segments import SegmentEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentLine:
    """One segment as it is shown.

    Attributes:
        name: Its name.
        group: The heading it stands under; empty for none.
        customers: Its size; None when it was not built yet.
        share: Of all customers, 0 to 1.
        revenue_share: Of all revenue, 0 to 1; None where that was not asked for.
        purpose: What it may be used for.
        words: Who is in it.
        hidden: Whether its size is hidden.
    """

    name: str
    group: str
    customers: int | None
    share: float | None
    revenue_share: float | None
    purpose: str
    words: str
    hidden: bool = False

    @classmethod
    def of(cls, entry: "SegmentEntry", *, revenue_share: float | None = None, hidden: bool = False) -> Self:
        """The line of a listed segment."""
        return cls(
            name=entry.name,
            group=entry.group,
            customers=entry.customers,
            share=entry.share,
            revenue_share=revenue_share,
            purpose=entry.purpose,
            words=entry.words,
            hidden=hidden,
        )


def print_segments(lines: Sequence[SegmentLine]) -> None:
    """Print segments by group, in the order given; columns that nobody has a figure in are left out."""
    has_revenue = any(line.revenue_share is not None for line in lines)
    has_purpose = any(line.purpose for line in lines)
    columns = ["segment", "customers#", "share#", ""]
    columns += ["revenue#"] if has_revenue else []
    columns += ["purpose"] if has_purpose else []
    groups = list(dict.fromkeys(line.group for line in lines))
    ordered = [line for group in groups for line in lines if line.group == group]
    rows = []
    for line in ordered:
        row = [
            line.name,
            FEW if line.hidden else count(line.customers),
            share(line.share),
            bar(line.share or 0, 1, room=10),
        ]
        row += [share(line.revenue_share)] if has_revenue else []
        row += [line.purpose] if has_purpose else []
        rows.append(row)
    print_table(columns, rows, notes=[line.words for line in ordered], sections=[line.group for line in ordered])
