"""Before a segment is published: who would enter and who would leave, against what is declared now."""

from dataclasses import dataclass
from datetime import datetime

import ibis
import ibis.expr.types as ir

from habitue.govern.roles import Access, Permission
from habitue.govern.suppression import LEAST_GROUP, apart
from habitue.records import Kind
from habitue.rules import Node
from habitue.rules.batch import answer
from habitue.rules.examining import RuleFault
from habitue.rules.nodes import And, Constant, Name
from habitue.rules.writing import write
from habitue.run.segment_examining import RuleAsked, look_over, sentence
from habitue.run.segment_known import with_known
from habitue.run.workspace import Workspace

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentDiff:
    """What publishing a rule would change.

    Attributes:
        segment: The segment.
        is_new: Whether it is not declared yet.
        as_of: The instant.
        before: Its rule now; empty for a new one.
        after: The rule to come, as canonical text.
        words_before: The rule now in words.
        words_after: The rule to come in words.
        entering: How many would enter; None where that is hidden.
        leaving: How many would leave.
        staying: How many would stay.
        entered: Some of those who would enter, for roles that see people.
        left: Some of those who would leave.
        faults: What is wrong with the rule; with any, nothing is counted.
        rounded: Whether figures are rounded to whole tens.
    """

    segment: str
    is_new: bool
    as_of: datetime
    before: str
    after: str
    words_before: str
    words_after: str
    entering: int | None
    leaving: int | None
    staying: int | None
    entered: tuple[str, ...]
    left: tuple[str, ...]
    faults: tuple[RuleFault, ...]
    rounded: bool


def diff_segment(workspace: Workspace, access: Access, asked: RuleAsked) -> SegmentDiff:
    """Who would enter and leave a segment if a rule were published.

    Args:
        workspace: The open project.
        access: Who asks.
        asked: The rule, the segment that it is for, and its purpose.

    Raises:
        RoleForbiddenError: The role sees no figures.
        NotBuiltError: Nothing was built yet.
    """
    access.need(Permission.SEE_AGGREGATES)
    _, found, _ = look_over(workspace, asked)
    there = workspace.project.catalogue.segments.get(asked.segment)
    node = None if found.faults else found.node
    turns: dict[str, int] = {}
    entered: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    if node is not None:
        table = _both(workspace, node, asked)
        turns = _counts(workspace, table)
        if access.sees_people:
            entered, left = (_some(workspace, table, after=after) for after in (True, False))
    sizes = _seen(access, workspace, turns) if turns else {}
    return SegmentDiff(
        segment=asked.segment,
        is_new=there is None,
        as_of=workspace.as_of(),
        before="" if there is None else write(there.rule),
        after="" if node is None else write(node),
        words_before=sentence(workspace, None if there is None else there.rule),
        words_after=sentence(workspace, node),
        entering=sizes.get("entering"),
        leaving=sizes.get("leaving"),
        staying=sizes.get("staying"),
        entered=entered,
        left=left,
        faults=found.faults,
        rounded=not access.sees_people,
    )


def _both(workspace: Workspace, node: Node, asked: RuleAsked) -> ir.Table:
    """Every customer with whether they are in now (`before`) and would be (`after`)."""
    catalogue = workspace.project.catalogue
    after: Node = node
    if asked.purpose in catalogue.purposes:
        after = And(parts=(node, Name(space="consent", name=asked.purpose)))
    before: Node = Constant(value=False, kind=Kind.BOOLEAN)
    if asked.segment in catalogue.segments:
        before = Name(space="segment", name=asked.segment)
    question = with_known(workspace, workspace.question(), [before, after])
    return answer({"before": before, "after": after}, question)


def _counts(workspace: Workspace, table: ir.Table) -> dict[str, int]:
    figures = {
        "entering": (table.after & ~table.before).cast("int64").sum().fill_null(0),
        "leaving": (~table.after & table.before).cast("int64").sum().fill_null(0),
        "staying": (table.after & table.before).cast("int64").sum().fill_null(0),
        "of": table.count(),
    }
    row: dict[str, int] = workspace.warehouse.fetch(table.aggregate(**figures)).to_pylist()[0]
    return row


def _some(workspace: Workspace, table: ir.Table, *, after: bool) -> tuple[str, ...]:
    turned = table.filter(table.after != table.before, table.after == ibis.literal(after))
    rows = workspace.warehouse.fetch(turned.select("customer_id").order_by("customer_id").limit(MOST_SHOWN))
    return tuple(rows.column("customer_id").to_pylist())


def _seen(access: Access, workspace: Workspace, turns: dict[str, int]) -> dict[str, int | None]:
    """The three figures, without people none of few and all in whole tens."""
    del workspace
    names = ("entering", "leaving", "staying")
    if access.sees_people:
        return {name: turns[name] for name in names}
    counts = [turns[name] for name in names]
    hidden = apart(counts, turns["of"])
    tens = {
        name: (count + LEAST_GROUP // 2) // LEAST_GROUP * LEAST_GROUP for name, count in zip(names, counts, strict=True)
    }
    return {
        name: 0 if not count else None if place in hidden else tens[name]
        for place, (name, count) in enumerate(zip(names, counts, strict=True))
    }
