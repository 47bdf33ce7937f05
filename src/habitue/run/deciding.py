"""What people decide about who is who: merging, unmerging, answering questions; and what a change of rules would do.

Every decision is stored at once; a build then makes rows, features and the past of memberships follow.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from habitue.govern.audit import AuditAction
from habitue.identity.edges import Facts
from habitue.identity.ledger import person_of
from habitue.identity.links import Links, RecordUnknownError
from habitue.identity.matching import fitting_guards
from habitue.identity.merging import Desk, answer, merge, part, review, take_back, unmerge
from habitue.identity.model import MatchModel
from habitue.identity.rules import Guards, IdentityRules
from habitue.identity.settling import Change, Outcome
from habitue.run.auditing import note, note_all, terminal_actor
from habitue.run.building import STEPS, BuildOrder, BuildReport
from habitue.run.customers import CustomerNotFoundError, find_customer, records_meant
from habitue.run.identity import PeopleContext, id_maker, link_and_settle
from habitue.run.identity_records import known_of, read_records
from habitue.run.person_records import side_by_side
from habitue.run.workspace import Workspace
from habitue.sources.progress import Progress, silent


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What a decision changed.

    Attributes:
        merged: For each person that takes in others: its id, then theirs.
        split: For each person that is divided: its id, then those of all its parts.
        changes: Records that are another person now.
        build: The build that followed; None where none was asked for.
    """

    merged: tuple[tuple[str, ...], ...]
    split: tuple[tuple[str, ...], ...]
    changes: tuple[Change, ...]
    build: BuildReport | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPair:
    """Two records that may be one person.

    Attributes:
        left: Record id of the older one.
        right: Record id of the younger one.
        left_person: Customer id of the older one.
        right_person: Customer id of the younger one.
        probability: That they are one person, 0 to 1.
        traits: What both say, by trait: the older one's value and the younger one's.
    """

    left: str
    right: str
    left_person: str
    right_person: str
    probability: float
    traits: Mapping[str, tuple[str | None, str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePlan:
    """What the rules of the project's files would change.

    Attributes:
        records: How many records there are.
        merged: For each person that would take in others: its id, then theirs.
        split: For each person that would be divided: its id, then those of all its parts.
        changes: How many records would be another person.
        links: Links that would hold, by what makes them.
        to_review: Pairs that somebody should look at.
        blocked: Identifiers that too many share: kind, how many, and how many records carry the most shared one.
        refused: Links that guards would refuse, by reason.
    """

    records: int
    merged: tuple[tuple[str, ...], ...]
    split: tuple[tuple[str, ...], ...]
    changes: int
    links: Mapping[str, int]
    to_review: int
    blocked: tuple[tuple[str, int, int], ...]
    refused: Mapping[str, int]


def merge_people(
    workspace: Workspace,
    one: str,
    other: str,
    *,
    build: bool = True,
    progress: Progress = silent,
    actor: str = "",
) -> Decided:
    """Make two customers one, for good.

    Args:
        workspace: The open project.
        one: A customer, as `find_customer` takes them.
        other: Another.
        build: Whether everything follows at once.
        progress: Told how far it is.
        actor: Who says so; by default who sits at the terminal.

    Raises:
        HabitueError: One of them is unknown, both are one already, or somebody decided that they never are.
    """
    with _desk(workspace, actor) as desk:
        first, second = _present(workspace, desk.links, one), _present(workspace, desk.links, other)
        note_all(workspace, AuditAction.MERGE, subjects=[first, second], about="identity merge", actor=actor)
        _register(workspace, desk.links, [first, second])
        outcome = merge(desk, first, second, now=_now(workspace))
    return _followed(workspace, outcome, build, progress)


def unmerge_people(
    workspace: Workspace,
    customer: str,
    *,
    records: Sequence[str] = (),
    decision: int | None = None,
    build: bool = True,
    progress: Progress = silent,
    actor: str = "",
) -> Decided:
    """Take a customer apart again.

    Args:
        workspace: The open project.
        customer: As `find_customer` takes them.
        records: Records that are somebody else, for good, by id or identifier; none takes back what was decided.
        decision: The decision to take back; None for the newest merge.
        build: Whether everything follows at once.
        progress: Told how far it is.
        actor: Who says so; by default who sits at the terminal.

    Raises:
        HabitueError: Nobody is meant, nothing was merged, or no such decision holds.
    """
    with _desk(workspace, actor) as desk:
        person = _present(workspace, desk.links, customer)
        note(workspace, AuditAction.UNMERGE, subject=person, about="identity unmerge", actor=actor)
        _register(workspace, desk.links, [person])
        if decision is not None:
            outcome = take_back(desk, decision, now=_now(workspace))
        elif records:
            outcome = part(desk, person, find_records(workspace, records), now=_now(workspace))
        else:
            outcome = unmerge(desk, person, now=_now(workspace))
    return _followed(workspace, outcome, build, progress)


def answer_pair(
    workspace: Workspace,
    left: str,
    right: str,
    *,
    same: bool,
    build: bool = True,
    progress: Progress = silent,
    actor: str = "",
) -> Decided:
    """Answer whether two records are one person, for good.

    Args:
        workspace: The open project.
        left: A record.
        right: Another.
        same: Whether they are.
        build: Whether everything follows at once.
        progress: Told how far it is.
        actor: Who says so; by default who sits at the terminal.

    Raises:
        HabitueError: One of them is unknown, or another decision stands against it.
    """
    action = AuditAction.MERGE if same else AuditAction.UNMERGE
    with _desk(workspace, actor) as desk:
        for record in (left, right):
            desk.links.number(record)
        note_all(workspace, action, subjects=[left, right], about="identity review", actor=actor)
        outcome = answer(desk, left, right, same=same, now=_now(workspace))
    return _followed(workspace, outcome, build, progress)


def asked_pairs(workspace: Workspace, *, limit: int = 20, purpose: str = "", actor: str = "") -> list[AskedPair]:
    """Pairs of records for somebody to look at, the most likely first, with what both say; written into the audit log.

    Args:
        workspace: The open project.
        limit: At most so many.
        purpose: What for, for the audit log.
        actor: Who asks; by default who sits at the terminal.
    """
    with Links.open(workspace.project.folder) as links:
        questions = review(links, limit=limit)
    people = dict.fromkeys(person for each in questions for person in (each.left_person, each.right_person))
    if people:
        note_all(workspace, AuditAction.READ, subjects=people, about="identity review", purpose=purpose, actor=actor)
    return [
        AskedPair(
            left=each.left,
            right=each.right,
            left_person=each.left_person,
            right_person=each.right_person,
            probability=each.probability,
            traits=side_by_side(workspace.vault, each.left, each.right),
        )
        for each in questions
    ]


def plan_rules(workspace: Workspace, rules: IdentityRules | None = None, *, progress: Progress = silent) -> RulePlan:
    """What rules would change; nothing is stored.

    Args:
        workspace: The open project.
        rules: The rules to try; None for those of the project's files.
        progress: Told how far it is.
    """
    tried = rules or workspace.project.identity
    context = PeopleContext(
        project=workspace.project,
        warehouse=workspace.warehouse,
        vault=workspace.vault,
        now=_now(workspace),
        progress=progress,
    )
    found = read_records(workspace.vault, tried, progress=progress)
    with Links.open(workspace.project.folder) as links, links.rehearsal():
        linked, outcome = link_and_settle(context, links, tried, found)
    refused: dict[str, int] = {}
    for _, _, each in outcome.refused:
        refused[each.reason.value] = refused.get(each.reason.value, 0) + 1
    return RulePlan(
        records=linked.records,
        merged=outcome.merged,
        split=outcome.split,
        changes=len(outcome.changes),
        links=linked.by_rule,
        to_review=linked.to_review,
        blocked=tuple((each.namespace, each.values, each.most) for each in linked.blocked),
        refused=refused,
    )


def find_records(workspace: Workspace, wanted: Sequence[str]) -> list[str]:
    """Ids of records by themselves or by an identifier: `user_id:42`.

    Raises:
        HabitueError: No record is meant.
    """
    vault, rules = workspace.vault, workspace.project.identity
    found: list[str] = []
    for each in wanted:
        space, colon, value = each.partition(":")
        texts = dict.fromkeys((value, *rules.normalise(space, [value]))) if colon else ()
        meant = [record for text in texts if text for record in vault.resolve(vault.name(space, text))]
        if vault.record_known(each):
            meant = [each]
        if not meant:
            raise CustomerNotFoundError(space) if colon else RecordUnknownError(each)
        found += meant
    return list(dict.fromkeys(found))


def _present(workspace: Workspace, links: Links, wanted: str) -> str:
    """The customer meant as of now: what was decided and not built yet counts, unlike in the tables."""
    found = find_customer(workspace, wanted)
    record = next(iter(records_meant(workspace, wanted)), found)
    return person_of(links, record) if links.numbers([record]) else found


def _register(workspace: Workspace, links: Links, records: Sequence[str]) -> None:
    """Records that nothing ever linked are known from now on."""
    links.register([each for each in records if workspace.vault.record_known(each)], now=_now(workspace))


@contextmanager
def _desk(workspace: Workspace, actor: str) -> Iterator[Desk]:
    """Where somebody decides; by default who sits at the keyboard."""
    rules = workspace.project.identity
    with Links.open(workspace.project.folder) as links:
        yield Desk(
            links=links,
            guards=_guards(rules, links),
            new_id=id_maker(links),
            by=actor or terminal_actor(workspace.around.environ),
            facts_of=_facts_of(workspace, rules),
        )


def _guards(rules: IdentityRules, links: Links) -> Guards:
    """The guards that suited the data when they were last matched."""
    model = links.model() if rules.matching is not None else None
    return rules.guards if model is None else fitting_guards(rules.guards, MatchModel.from_json(model))


def _facts_of(workspace: Workspace, rules: IdentityRules) -> Callable[[Sequence[str]], Facts]:
    def facts(records: Sequence[str]) -> Facts:
        return known_of(workspace.vault, rules, records)

    return facts


def _now(workspace: Workspace) -> datetime:
    return workspace.around.clock()


def _followed(workspace: Workspace, outcome: Outcome, build: bool, progress: Progress) -> Decided:
    """What a decision changed, and everything made from persons as of the last build; no new data is taken in."""
    last = workspace.control.last_answers()
    as_of = last.as_of if last else None
    order = BuildOrder(as_of=as_of, select=[step for step in STEPS if step != "sources"])
    return Decided(
        merged=outcome.merged,
        split=outcome.split,
        changes=outcome.changes,
        build=workspace.build(order, progress=progress) if build else None,
    )
