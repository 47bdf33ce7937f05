"""Why a customer is in a segment, since when, and when that changes if nothing happens."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from habitue.features.sessions import SESSION_EVENT
from habitue.rules import inline
from habitue.rules.evaluation import Context
from habitue.rules.history import micros
from habitue.rules.proof import LeafProof, leaves_of, prove
from habitue.rules.words import describe
from habitue.run.group_members import read_groups
from habitue.run.permitted import permitted, refuse_restricted, told
from habitue.run.workspace import Workspace
from habitue.segments.cut_points import load_cuts
from habitue.segments.person import events_in, read_person


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The proof of one customer's place in or out of a segment.

    Attributes:
        segment: Its name.
        customer: Internal id.
        as_of: The instant that the proof is about: this moment where the segment is read live, else the last build's.
        member: Whether the customer is in it.
        since: When that began, exactly; None where it held for as long as can be told.
        changes_at: When it turns round if nothing more happens; None for never within 100 years. Of a group of more
            than 31 members, the instants at which the others' answers change are not looked for.
        words: The segment's rule in words.
        leaves: Its smallest parts, features and segments put in, in the order of the text; what is asked only of
            people who allow a purpose is left out where this one does not.
    """

    segment: str
    customer: str
    as_of: datetime
    member: bool
    since: datetime | None
    changes_at: datetime | None
    words: str
    leaves: tuple[LeafProof, ...]


def explain(workspace: Workspace, segment: str, customer: str) -> Explanation:
    """The proof of a customer's place in or out of a declared segment.

    Cost: one scan of the customer column of each event table that the rule looks at, for the customer and for each of
    up to 30 others of their groups; of larger groups one batch answer for the rest.

    Args:
        workspace: The open project.
        segment: Name of a declared segment.
        customer: Internal id.

    Raises:
        HabitueError: There is no such segment, nothing was built yet, or the customer's data is restricted.
    """
    catalogue = workspace.project.catalogue
    rule = inline(workspace.segment_rule(segment), catalogue)
    as_of = workspace.answered_at(segment)
    refuse_restricted(workspace.warehouse, customer)
    events = events_in(rule)
    person = read_person(
        customer,
        events,
        tables=workspace.tables(),
        catalogue=catalogue,
        warehouse=workspace.warehouse,
        until=dict.fromkeys(events, as_of) | visit_end(workspace, as_of),
    )
    cuts = load_cuts(workspace.warehouse, [rule], catalogue)
    groups = read_groups(workspace, rule, customer, cuts, visit_end(workspace, as_of))
    context = Context(catalogue=catalogue, cuts=cuts, groups=groups)
    proof = prove(rule, person, as_of, context)
    refused = {name for name in catalogue.purposes if not person.given(name, micros(as_of))}
    shown = permitted(rule, refused)
    leaves = proof.leaves if shown is rule else prove(shown, person, as_of, context).leaves
    return Explanation(
        segment=segment,
        customer=customer,
        as_of=as_of.astimezone(UTC),
        member=proof.member,
        since=proof.since,
        changes_at=proof.changes_at,
        words=describe(
            workspace.rule(workspace.project.segments[segment].rule),
            noun=workspace.project.settings.noun,
            labels=workspace.labels(),
            zone=catalogue.zone,
        ),
        leaves=told(list(dict.fromkeys(leaves_of(shown))), leaves, refused),
    )


def visit_end(workspace: Workspace, as_of: datetime) -> dict[str, datetime]:
    """Until when events are known: a visit whose last event has happened ends by itself, before its end comes."""
    return {SESSION_EVENT: as_of + timedelta(microseconds=workspace.project.settings.session.gap_us)}
