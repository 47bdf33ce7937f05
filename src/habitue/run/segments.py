"""What can be asked of a project's segments: the list, members, overlap, history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from habitue.config import state_folder
from habitue.rules import read
from habitue.rules.history import instant_of
from habitue.rules.words import describe
from habitue.rules.writing import write
from habitue.run.live_answers import LiveAnswers
from habitue.run.workspace import NotBuiltError, Workspace
from habitue.segments.history import SegmentBuild
from habitue.segments.memberships import MEMBERSHIPS, overlaps, page, sizes
from habitue.segments.transitions import TRANSITIONS_FILE, TransitionLog

LARGEST_PAGE = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentEntry:
    """One declared segment as a list shows it.

    Attributes:
        name: Its name.
        label: A few words for people.
        customers: How many are in it, as of the last build; None when it was not built yet.
        share: Of all customers, 0 to 1; None when it was not built yet.
        purpose: What it may be used for; empty for none.
        rule: As canonical text.
        words: In words.
        group: The heading it is listed under.
        description: What it is for.
    """

    name: str
    label: str
    customers: int | None
    share: float | None
    purpose: str
    rule: str
    words: str
    group: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """A page of a segment's members.

    Attributes:
        segment: Its name.
        as_of: The instant of the answer.
        customers: Ids in ascending order.
        next_cursor: What to give as `after` for the next page; None on the last.
    """

    segment: str
    as_of: datetime
    customers: tuple[str, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """How much two segments share.

    Attributes:
        one: A segment.
        other: Another.
        customers: How many are in both.
        jaccard: Those in both as a share of those in either, 0 to 1.
    """

    one: str
    other: str
    customers: int
    jaccard: float


def list_segments(workspace: Workspace) -> list[SegmentEntry]:
    """Every declared segment, in the order of the files."""
    counts = _sizes(workspace)
    built = {each.segment for each in _last_sizes(workspace)}
    total = workspace.warehouse.count(workspace.tables().customers) if counts or built else 0
    entries = []
    for name, spec in workspace.project.segments.items():
        customers = counts.get(name, 0) if name in built else None
        rule = read(spec.rule)
        entries.append(
            SegmentEntry(
                name=name,
                label=spec.label,
                customers=customers,
                share=None if customers is None else customers / total if total else 0.0,
                purpose=spec.purpose,
                rule=write(rule),
                words=describe(
                    rule,
                    noun=workspace.project.settings.noun,
                    labels=workspace.labels(),
                    zone=workspace.project.catalogue.zone,
                ),
                group=spec.group,
                description=spec.description,
            )
        )
    return entries


def show_segment(workspace: Workspace, segment: str) -> SegmentEntry:
    """One declared segment.

    Raises:
        RuleError: There is no such segment.
    """
    workspace.segment_rule(segment)
    return next(each for each in list_segments(workspace) if each.name == segment)


def list_members(workspace: Workspace, segment: str, *, after: str | None = None, limit: int = 1000) -> Members:
    """A page of a segment's members, by id: as of this moment where it is read live, else of the last build.

    Raises:
        HabitueError: There is no such segment, or it was not built yet.
    """
    workspace.segment_rule(segment)
    limit = min(max(limit, 1), LARGEST_PAGE)
    live = workspace.live_answers
    if live is not None and segment in live.sizes():
        return _members(segment, live.as_of(), _live_page(live, segment, after or "", limit + 1), limit)
    if workspace.history.last(segment) is None:
        raise NotBuiltError(f"The segment {segment!r} has")
    rows = workspace.warehouse.fetch(
        page(workspace.warehouse.table(MEMBERSHIPS), segment, after=after, limit=limit + 1)
    )
    return _members(segment, workspace.as_of(), rows.column("customer_id").to_pylist(), limit)


def _live_page(live: LiveAnswers, segment: str, after: str, limit: int) -> list[str]:
    """So many members by id; a large page is gathered from smaller ones."""
    found: list[str] = []
    while len(found) < limit:
        rows = live.page(segment, after=found[-1] if found else after, limit=limit - len(found))
        if not rows:
            break
        found += rows
    return found


def _members(segment: str, as_of: datetime, ids: Sequence[str], limit: int) -> Members:
    """A page of so many of some ids in order, of which there is one more where another page follows."""
    shown = tuple(ids[:limit])
    return Members(segment=segment, as_of=as_of, customers=shown, next_cursor=shown[-1] if len(ids) > limit else None)


def list_overlaps(workspace: Workspace) -> list[Overlap]:
    """How much every two segments share; pairs that share nobody are left out."""
    counts = _sizes(workspace)
    rows = workspace.warehouse.fetch(overlaps(workspace.warehouse.table(MEMBERSHIPS))).to_pylist() if counts else []
    declared = workspace.project.segments
    return [
        Overlap(
            one=row["one"],
            other=row["other"],
            customers=row["customers"],
            jaccard=row["customers"] / (counts[row["one"]] + counts[row["other"]] - row["customers"]),
        )
        for row in rows
        if row["one"] in declared and row["other"] in declared
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Somebody entered or left a segment while events came in.

    Attributes:
        customer: Internal id.
        entered: False for leaving.
        at: The very instant.
        cause: `event`, `deadline`, `definition` (of a new or changed rule) or `build` (other data).
    """

    customer: str
    entered: bool
    at: datetime
    cause: str


def list_moves(workspace: Workspace, segment: str, *, limit: int) -> list[Move]:
    """Who entered and left a segment last while events came in, the newest first.

    Raises:
        RuleError: There is no such segment.
    """
    workspace.segment_rule(segment)
    folder = workspace.project.folder
    if not (state_folder(folder) / TRANSITIONS_FILE).exists():
        return []
    with TransitionLog.open(folder) as log:
        return [
            Move(customer=each.customer_id, entered=each.entered, at=instant_of(each.occurred_us), cause=each.cause)
            for each in log.latest(segment, limit)
        ]


def list_history(workspace: Workspace, segment: str) -> list[SegmentBuild]:
    """A segment's size and movement at every build, the oldest first.

    Raises:
        RuleError: There is no such segment.
    """
    workspace.segment_rule(segment)
    return workspace.history.sizes(segment)


def _sizes(workspace: Workspace) -> dict[str, int]:
    if MEMBERSHIPS not in workspace.warehouse.tables():
        return {}
    rows = workspace.warehouse.fetch(sizes(workspace.warehouse.table(MEMBERSHIPS))).to_pylist()
    return {row["segment"]: row["customers"] for row in rows}


def _last_sizes(workspace: Workspace) -> list[SegmentBuild]:
    found = [workspace.history.last(name) for name in workspace.project.segments]
    return [each for each in found if each is not None]
