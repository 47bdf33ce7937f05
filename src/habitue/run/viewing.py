"""What a role is shown of segments: everything, or figures in which no small group stands or can be worked out.

Every door (terminal, HTTP) gives answers through these functions. A figure that is hidden is None.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from habitue.govern.roles import Access, Permission, Role, access_of
from habitue.govern.suppression import LEAST_GROUP, Crowd, apart, crowd_of, hidden_groups
from habitue.run.auditing import terminal_actor
from habitue.run.segments import Overlap, SegmentEntry
from habitue.run.workspace import Workspace
from habitue.segments.history import SegmentBuild
from habitue.segments.memberships import MEMBERSHIPS, patterns
from habitue.segments.preview import Preview


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSegment(SegmentEntry):
    """A segment as a role is shown it.

    Attributes:
        hidden: Whether its size is hidden; a size that is None without being hidden was not built yet.
    """

    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenOverlap:
    """How much two segments share, as a role is shown it; both figures are None when they are hidden."""

    one: str
    other: str
    customers: int | None
    jaccard: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenBuild:
    """One segment at one build, as a role is shown it; figures are None when they are hidden."""

    segment: str
    as_of: datetime
    customers: int | None
    entered: int | None
    left: int | None
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLeaf:
    """One part of a previewed rule, as a role is shown it."""

    rule: str
    words: str
    customers: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPreview:
    """What a rule selects, as a role is shown it.

    Attributes:
        rule: As canonical text.
        words: In words.
        as_of: The instant.
        customers: How many it holds for; None when that is hidden.
        of: Of how many.
        share: The same as a share, 0 to 1.
        sample: Some of them, for roles that see people.
        leaves: Its parts.
        rounded: Whether figures are rounded to whole tens: whoever may ask anything could otherwise compare two rules
            that differ in one person.
    """

    rule: str
    words: str
    as_of: datetime
    customers: int | None
    of: int | None
    share: float | None
    sample: tuple[str, ...]
    leaves: tuple[SeenLeaf, ...]
    rounded: bool = False


def access_to(workspace: Workspace, role: Role, *, actor: str = "") -> Access:
    """What a role may do in an open project, as its policies narrow it.

    Args:
        workspace: The open project.
        role: As what.
        actor: Who; by default who sits at the terminal.
    """
    who = actor or terminal_actor(workspace.around.environ)
    return access_of(role, workspace.project.roles, actor=who)


def view_segments(workspace: Workspace, access: Access, entries: Sequence[SegmentEntry]) -> list[SeenSegment]:
    """Sizes and shares of segments; hidden as in every other output, whichever of them are asked for.

    Roles that see people see those of this moment where there is a live reading. To others sizes that move with single
    people would tell of them: they see those of the last build.

    Raises:
        RoleForbiddenError: The role sees no figures.
    """
    access.need(Permission.SEE_AGGREGATES)
    if access.sees_people:
        return [_seen_segment(each, hidden=False) for each in _at_this_moment(workspace, entries)]
    hidden = hidden_sizes(segment_crowd(workspace))
    return [_seen_segment(each, hidden=each.customers is not None and each.name in hidden) for each in entries]


def _at_this_moment(workspace: Workspace, entries: Sequence[SegmentEntry]) -> list[SegmentEntry]:
    sizes = {} if workspace.live_answers is None else workspace.live_answers.sizes()
    total = workspace.warehouse.count(workspace.tables().customers) if sizes else 0
    return [
        replace(each, customers=sizes[each.name], share=min(1.0, sizes[each.name] / total) if total else 0.0)
        if each.name in sizes
        else each
        for each in entries
    ]


def _seen_segment(entry: SegmentEntry, *, hidden: bool) -> SeenSegment:
    return SeenSegment(
        name=entry.name,
        label=entry.label,
        customers=None if hidden else entry.customers,
        share=None if hidden else entry.share,
        purpose=entry.purpose,
        rule=entry.rule,
        words=entry.words,
        group=entry.group,
        description=entry.description,
        hidden=hidden,
    )


def segment_crowd(workspace: Workspace) -> Crowd:
    """All declared segments as groups of all customers, as of the last build."""
    names = list(workspace.project.segments)
    if MEMBERSHIPS not in workspace.warehouse.tables():
        return crowd_of({}, names, 0)
    rows = workspace.warehouse.fetch(patterns(workspace.warehouse.table(MEMBERSHIPS))).to_pylist()
    found = {frozenset(row["pattern"].split(",")): row["customers"] for row in rows}
    return crowd_of(found, names, workspace.warehouse.count(workspace.tables().customers))


def hidden_sizes(crowd: Crowd) -> frozenset[str]:
    """The segments whose size is hidden wherever it would show."""
    return hidden_groups(crowd)


def view_overlaps(workspace: Workspace, access: Access, pairs: Sequence[Overlap]) -> list[SeenOverlap]:
    """How much segments share.

    Without people, a pair is hidden where one of its segments is, where either without the other is small, and where
    pairs together give a small group away.

    Raises:
        RoleForbiddenError: The role sees no figures.
    """
    access.need(Permission.SEE_AGGREGATES)
    hidden = frozenset[int]() if access.sees_people else _hidden_pairs(segment_crowd(workspace), pairs)
    return [
        SeenOverlap(
            one=each.one,
            other=each.other,
            customers=None if place in hidden else each.customers,
            jaccard=None if place in hidden else each.jaccard,
        )
        for place, each in enumerate(pairs)
    ]


def _hidden_pairs(crowd: Crowd, pairs: Sequence[Overlap]) -> frozenset[int]:
    unseen = hidden_sizes(crowd)
    shown = {name: bits for name, bits in crowd.groups.items() if name not in unseen}
    everybody = crowd.size(crowd.everybody)
    hidden: set[int] = set()
    joint: dict[str, int] = {}
    for place, pair in enumerate(pairs):
        if pair.one not in shown or pair.other not in shown:
            hidden.add(place)
            continue
        one, other = shown[pair.one], shown[pair.other]
        both, either = crowd.size(one & other), crowd.size(one | other)
        rests = (crowd.size(one) - both, crowd.size(other) - both, everybody - either)
        if both < LEAST_GROUP or any(0 < rest < LEAST_GROUP for rest in rests):
            hidden.add(place)
        else:
            # Neither a line break nor a tab stands in a segment's name.
            joint[f"{place}\t"] = one & other
    gone = hidden_groups(Crowd(crowd.parts, {**crowd.groups, **joint}), given=tuple(shown), secret=unseen)
    return frozenset(hidden | {int(name) for name in joint if name in gone})


def view_history(access: Access, builds: Sequence[SegmentBuild], *, hidden: bool = False) -> list[SeenBuild]:
    """Sizes and movement of one segment, the oldest build first.

    Without people, the latest size shows as in lists, an earlier one where it equals the next shown or differs from it
    by at least ten; who entered and left shows where the sizes before and after do and neither is a small group.

    Args:
        access: Who asks.
        builds: The builds, the oldest first.
        hidden: Whether lists hide the present size; then everything is hidden.

    Raises:
        RoleForbiddenError: The role sees no figures.
    """
    access.need(Permission.SEE_AGGREGATES)
    if access.sees_people:
        return [_seen_build(each) for each in builds]
    sizes = [None] * len(builds) if hidden else _steps_apart([each.customers for each in builds])
    seen = []
    for place, (each, size) in enumerate(zip(builds, sizes, strict=True)):
        moves = size is not None and (not place or sizes[place - 1] is not None)
        moves = moves and not _is_small(each.entered, each.left)
        entered = each.entered if moves and each.entered >= LEAST_GROUP else None
        left = each.left if moves and each.left >= LEAST_GROUP else None
        seen.append(replace(_seen_build(each), customers=size, entered=entered, left=left))
    return seen


def _steps_apart(sizes: Sequence[int]) -> list[int | None]:
    """The sizes that show, the latest first to be chosen: equal to the one shown after it, or far from it."""
    shown: list[int | None] = []
    after: int | None = None
    for size in reversed(sizes):
        is_shown = size >= LEAST_GROUP and (after in (None, size) or abs(size - (after or 0)) >= LEAST_GROUP)
        shown.append(size if is_shown else None)
        after = size if is_shown else after
    return shown[::-1]


def _is_small(*counts: int) -> bool:
    return any(0 < count < LEAST_GROUP for count in counts)


def _seen_build(build: SegmentBuild) -> SeenBuild:
    return SeenBuild(
        segment=build.segment,
        as_of=build.as_of,
        customers=build.customers,
        entered=build.entered,
        left=build.left,
        rule=build.rule,
    )


def view_preview(access: Access, found: Preview) -> SeenPreview:
    """What a rule selects.

    Without people no ids, no figure below ten or close to another one, and the rest rounded to whole tens.

    Raises:
        RoleForbiddenError: The role sees no figures.
    """
    access.need(Permission.SEE_AGGREGATES)
    sizes: list[int | None] = [found.customers, *(each.customers for each in found.leaves)]
    of: int | None = found.of
    if not access.sees_people:
        hidden = apart([found.customers, *(each.customers for each in found.leaves)], found.of)
        sizes = [None if place in hidden or size is None else _rounded(size) for place, size in enumerate(sizes)]
        of = None if found.of < LEAST_GROUP else _rounded(found.of)
    return SeenPreview(
        rule=found.rule,
        words=found.words,
        as_of=found.as_of,
        customers=sizes[0],
        of=of,
        share=None if sizes[0] is None or not of else sizes[0] / of,
        sample=found.sample if access.sees_people else (),
        leaves=tuple(
            SeenLeaf(rule=each.rule, words=each.words, customers=size)
            for each, size in zip(found.leaves, sizes[1:], strict=True)
        ),
        rounded=not access.sees_people,
    )


def _rounded(count: int) -> int:
    """To the nearest ten, halves up."""
    return (count + LEAST_GROUP // 2) // LEAST_GROUP * LEAST_GROUP
