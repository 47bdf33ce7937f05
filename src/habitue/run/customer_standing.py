"""Where one customer stands in every segment: in or out, exactly since when, and until when if nothing happens.

Cost: one scan of the customer column of each event table that a rule looks at, for all segments together.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from habitue.govern.audit import AuditAction
from habitue.govern.roles import Access
from habitue.rules import Node, inline
from habitue.rules.evaluation import Context
from habitue.rules.proof import prove
from habitue.run.auditing import note
from habitue.run.customer_views import open_customer
from habitue.run.explaining import visit_end
from habitue.run.group_members import read_groups
from habitue.run.workspace import Workspace
from habitue.segments.cut_points import load_cuts
from habitue.segments.person import events_in, read_person


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentStanding:
    """Where a customer stands in a segment.

    Attributes:
        segment: Its name.
        label: A few words for people.
        purpose: What it may be used for; empty for none.
        member: Whether they are in it.
        since: When that began, exactly; None where it held for as long as can be told.
        changes_at: When it turns round if nothing more happens; None for never.
    """

    segment: str
    label: str
    purpose: str
    member: bool
    since: datetime | None
    changes_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """Where a customer stands in every declared segment.

    Attributes:
        customer: Internal id.
        as_of: The instant: this moment where segments are read live.
        segments: In the order of the files.
    """

    customer: str
    as_of: datetime
    segments: tuple[SegmentStanding, ...]


def view_standings(workspace: Workspace, access: Access, wanted: str) -> Standings:
    """Where a customer stands in every declared segment.

    Args:
        workspace: The open project.
        access: Who asks.
        wanted: An id, `user_id:42`, `email:…`.

    Raises:
        RoleForbiddenError: The role sees no people.
        HabitueError: There is no such customer, nothing was built yet, or their data is restricted.
    """
    customer = open_customer(workspace, access, wanted)
    note(workspace, AuditAction.READ, subject=customer, about="customers standing", actor=access.actor)
    catalogue, live = workspace.project.catalogue, workspace.live_answers
    rules = {name: inline(workspace.segment_rule(name), catalogue) for name in workspace.project.segments}
    is_live = {name for name in rules if live is not None and name in live.sizes()}
    built, now = workspace.as_of(), workspace.as_of() if live is None else live.as_of()
    found: dict[str, SegmentStanding] = {}
    for as_of, names in ((now, is_live), (built, rules.keys() - is_live)):
        found |= _proved(workspace, customer, {name: rules[name] for name in rules if name in names}, as_of)
    return Standings(
        customer=customer,
        as_of=(now if is_live else built).astimezone(UTC),
        segments=tuple(found[name] for name in rules),
    )


def _proved(workspace: Workspace, customer: str, rules: dict[str, Node], as_of: datetime) -> dict[str, SegmentStanding]:
    if not rules:
        return {}
    catalogue = workspace.project.catalogue
    events = frozenset(event for rule in rules.values() for event in events_in(rule))
    ends = visit_end(workspace, as_of)
    person = read_person(
        customer,
        events,
        tables=workspace.tables(),
        catalogue=catalogue,
        warehouse=workspace.warehouse,
        until=dict.fromkeys(events, as_of) | ends,
    )
    cuts = load_cuts(workspace.warehouse, list(rules.values()), catalogue)
    found = {}
    for name, rule in rules.items():
        groups = read_groups(workspace, rule, customer, cuts, ends)
        proof = prove(rule, person, as_of, Context(catalogue=catalogue, cuts=cuts, groups=groups))
        spec = workspace.project.segments[name]
        found[name] = SegmentStanding(
            segment=name,
            label=spec.label,
            purpose=spec.purpose,
            member=proof.member,
            since=proof.since,
            changes_at=proof.changes_at,
        )
    return found
