"""How many customers a rule holds for while somebody makes it: an estimate from some of them, then the exact figure.

An estimate looks at a share of the customers with all their events.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from habitue.govern.roles import Access, Permission
from habitue.govern.suppression import LEAST_GROUP, apart
from habitue.rules import Node
from habitue.rules.batch import Question, answer
from habitue.rules.examining import Examined, RuleFault
from habitue.rules.nodes import And, Name
from habitue.rules.writing import write
from habitue.run.drawn_customers import Draw, draw_customers, may_be_drawn
from habitue.run.segment_examining import RuleAsked, look_over, sentence
from habitue.run.segment_known import with_known
from habitue.run.workspace import Workspace

BASIS: Final = "with basis"
"""No path of a part: the whole rule with a basis for its purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSize:
    """One group or condition of a rule.

    Attributes:
        path: Where in the tree.
        customers: For how many it holds by itself; None where that is hidden.
    """

    path: str
    customers: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSize:
    """How many customers a rule holds for.

    Attributes:
        rule: What was counted, as canonical text; what is not finished is left out. Empty where nothing is left.
        words: The same as a sentence.
        as_of: The instant.
        customers: For how many it holds; None where that is hidden, or nothing was counted.
        of: Of how many.
        share: As a share, 0 to 1.
        parts: Each group and condition by itself.
        faults: What is wrong with the rule, each with its place.
        is_estimate: Whether only some customers were looked at.
        looked_at: How many were.
        low: The least that the exact figure may be (19 times in 20); None for an exact one.
        high: The most.
        with_basis: For how many of them there is a basis for the segment's purpose: that many are in it. None where it
            has no purpose, or that is hidden.
        rounded: Whether figures are rounded to whole tens, for roles that see no people.
    """

    rule: str
    words: str
    as_of: datetime
    customers: int | None
    of: int | None
    share: float | None
    parts: tuple[PartSize, ...]
    faults: tuple[RuleFault, ...]
    is_estimate: bool
    looked_at: int | None
    low: int | None
    high: int | None
    with_basis: int | None
    rounded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    draw: Draw
    sizes: Mapping[str, int]

    def shown(self, access: Access) -> dict[str, int | None]:
        """Sizes among all customers as a role is shown them.

        Without people none below ten or close to another among those who were looked at, the rest in whole tens.
        """
        if access.sees_people:
            return {path: self.draw.scaled(each) for path, each in self.sizes.items()}
        hidden = apart(list(self.sizes.values()), self.draw.looked_at)
        return {
            path: None if place in hidden else _tens(self.draw.scaled(_tens(size)))
            for place, (path, size) in enumerate(self.sizes.items())
        }


def size_rule(workspace: Workspace, access: Access, asked: RuleAsked, *, exact: bool) -> RuleSize:
    """How many customers a rule holds for, and each of its parts.

    Args:
        workspace: The open project.
        access: Who asks.
        asked: The rule.
        exact: Whether to look at everybody; without, at some where there are many.

    Raises:
        RoleForbiddenError: The role sees no figures.
        NotBuiltError: Nothing was built yet.
    """
    access.need(Permission.SEE_AGGREGATES)
    _, found, _ = look_over(workspace, asked)
    everybody = workspace.warehouse.count(workspace.tables().customers)
    if found.node is not None and asked.purpose in workspace.project.purposes:
        allowed = And(parts=(found.node, Name(space="consent", name=asked.purpose)))
        found = replace(found, parts={**found.parts, BASIS: allowed})
    counted = None if found.node is None else _count(workspace, found, exact=exact)
    return _size(workspace, access, found, counted, everybody)


def _count(workspace: Workspace, found: Examined, *, exact: bool) -> _Counted:
    draw = draw_customers(workspace, estimate=not exact and may_be_drawn(found.node, workspace.project.catalogue))
    names: dict[Node, str] = {}
    for node in found.parts.values():
        names.setdefault(node, f"part_of_rule_{len(names)}")
    question = with_known(workspace, drawn_question(workspace.question(), draw), list(names))
    table = answer({name: node for node, name in names.items()}, question)
    sums = {name: table[name].cast("int64").sum().fill_null(0) for name in names.values()}
    row = workspace.warehouse.fetch(table.aggregate(**sums)).to_pylist()[0]
    sizes = {path: int(row[names[node]]) for path, node in found.parts.items()}
    return _Counted(draw=draw, sizes=sizes)


def drawn_question(question: Question, draw: Draw) -> Question:
    """The same question about those customers alone who are looked at, with their events."""
    return replace(question, tables=draw.tables(question.tables))


def count_parts(workspace: Workspace, access: Access, found: Examined) -> tuple[dict[str, int | None], bool]:
    """For how many customers each part of a rule holds, as a role is shown it, and whether only some were looked at."""
    counted = _count(workspace, found, exact=False)
    return counted.shown(access), not counted.draw.is_all


def _size(workspace: Workspace, access: Access, found: Examined, counted: _Counted | None, everybody: int) -> RuleSize:
    shown = {} if counted is None else counted.shown(access)
    of = everybody if access.sees_people else None if everybody < LEAST_GROUP else _tens(everybody)
    customers = shown.get("$")
    draw = None if counted is None else counted.draw
    is_estimate = draw is not None and not draw.is_all
    margin = None
    if counted is not None and is_estimate and customers is not None:
        sample = counted.sizes["$"]
        margin = counted.draw.margin(sample if access.sees_people else _tens(sample))
    return RuleSize(
        rule="" if found.node is None else write(found.node),
        words=sentence(workspace, found.node),
        as_of=workspace.as_of(),
        customers=customers,
        of=of,
        share=None if customers is None or not of else min(1.0, customers / of),
        parts=tuple(PartSize(path=path, customers=shown[path]) for path in found.parts if path != BASIS),
        faults=found.faults,
        is_estimate=is_estimate,
        looked_at=None if draw is None or not access.sees_people else draw.looked_at,
        low=None if margin is None or customers is None else max(0, customers - margin),
        high=None if margin is None or customers is None else min(everybody, customers + margin),
        with_basis=shown.get(BASIS),
        rounded=not access.sees_people,
    )


def _tens(count: int) -> int:
    return (count + LEAST_GROUP // 2) // LEAST_GROUP * LEAST_GROUP
