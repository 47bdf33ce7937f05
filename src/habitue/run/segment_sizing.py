"""How many customers a rule holds for while somebody makes it: an estimate from some of them, then the exact figure.

An estimate looks at a share of the customers with all their events. Ids are random, so that the end of an id draws the
share, and a person is in it whole: rules with `not` and groups are as unbiased as others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from math import sqrt
from typing import Final

import ibis.expr.types as ir

from habitue.govern.roles import Access, Permission
from habitue.govern.suppression import LEAST_GROUP, apart
from habitue.rules import Node
from habitue.rules.batch import Question, answer
from habitue.rules.examining import Examined, RuleFault
from habitue.rules.nodes import And, Name, Place, Relation
from habitue.rules.tables import Tables
from habitue.rules.walking import walk
from habitue.rules.writing import write
from habitue.run.segment_examining import RuleAsked, look_over, sentence
from habitue.run.segment_known import with_known
from habitue.run.workspace import Workspace

ALL_UP_TO: Final = 60_000
"""Up to so many customers everybody is looked at: that is as quick as an estimate."""
_LOOKED_AT: Final = 50_000
_SLICES: Final = 256
_WIDTH: Final = 1.96
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
    looked_at: int
    sizes: Mapping[str, int]
    share: float

    def scaled(self) -> dict[str, int]:
        """Sizes among all customers."""
        return {path: round(each / self.share) if self.share else 0 for path, each in self.sizes.items()}


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
    counted = None if found.node is None else _count(workspace, found, everybody, exact=exact)
    return _size(workspace, access, found, counted, everybody)


def _count(workspace: Workspace, found: Examined, everybody: int, *, exact: bool) -> _Counted:
    whole = exact or everybody <= ALL_UP_TO or not _may_be_drawn(found.node)
    slices = _SLICES if whole else max(1, min(_SLICES, _SLICES * _LOOKED_AT // everybody))
    names: dict[Node, str] = {}
    for node in found.parts.values():
        names.setdefault(node, f"part_of_rule_{len(names)}")
    question = with_known(workspace, _drawn(workspace.question(), slices), list(names))
    table = answer({name: node for node, name in names.items()}, question)
    sums = {name: table[name].cast("int64").sum().fill_null(0) for name in names.values()}
    row = workspace.warehouse.fetch(table.aggregate(looked_at=table.count(), **sums)).to_pylist()[0]
    sizes = {path: int(row[names[node]]) for path, node in found.parts.items()}
    return _Counted(looked_at=row["looked_at"], sizes=sizes, share=1.0 if whole else row["looked_at"] / everybody)


def drawn_share(question: Question, rule: Node, everybody: int) -> tuple[Question, float]:
    """A question about some customers where there are many and some tell of all, and the share of them that it is."""
    if everybody <= ALL_UP_TO or not _may_be_drawn(rule):
        return question, 1.0
    slices = max(1, min(_SLICES, _SLICES * _LOOKED_AT // everybody))
    return _drawn(question, slices), slices / _SLICES


def _may_be_drawn(rule: Node | None) -> bool:
    """Whether some customers tell of all: not where groups of people count, or the n largest."""
    nodes = [] if rule is None else list(walk(rule))
    return not any(isinstance(each, Relation) or (isinstance(each, Place) and each.kind == "top") for each in nodes)


def _drawn(question: Question, slices: int) -> Question:
    """The same question about those customers alone whose random id ends below a mark, with their events."""
    if slices >= _SLICES:
        return question

    def some(rows: ir.Table) -> ir.Table:
        return rows.filter(rows.customer_id.right(2) < f"{slices:02x}")

    tables = question.tables
    drawn = Tables(
        customers=some(tables.customers),
        events={name: some(each) for name, each in tables.events.items()},
        consents=None if tables.consents is None else some(tables.consents),
        scores=None if tables.scores is None else some(tables.scores),
        clusters=None if tables.clusters is None else some(tables.clusters),
        relations=tables.relations,
    )
    return replace(question, tables=drawn)


def count_parts(workspace: Workspace, access: Access, found: Examined) -> tuple[dict[str, int | None], bool]:
    """For how many customers each part of a rule holds, as a role is shown it, and whether only some were looked at."""
    everybody = workspace.warehouse.count(workspace.tables().customers)
    counted = _count(workspace, found, everybody, exact=False)
    return _shown(access, counted.scaled(), everybody), counted.share < 1.0


def _shown(access: Access, sizes: Mapping[str, int], everybody: int) -> dict[str, int | None]:
    """Sizes as a role is shown them: without people none below ten or close to another, the rest in whole tens."""
    if access.sees_people:
        return dict(sizes)
    hidden = apart(list(sizes.values()), everybody)
    return {path: None if place in hidden else _tens(size) for place, (path, size) in enumerate(sizes.items())}


def _size(workspace: Workspace, access: Access, found: Examined, counted: _Counted | None, everybody: int) -> RuleSize:
    raw = {} if counted is None else counted.scaled()
    shown = _shown(access, raw, everybody)
    of = everybody if access.sees_people else None if everybody < LEAST_GROUP else _tens(everybody)
    customers = shown.get("$")
    is_estimate = counted is not None and counted.share < 1.0
    margin = _margin(raw.get("$", 0), everybody, counted) if is_estimate and customers is not None else None
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
        looked_at=None if counted is None or not access.sees_people else counted.looked_at,
        low=None if margin is None or customers is None else max(0, customers - margin),
        high=None if margin is None or customers is None else min(everybody, customers + margin),
        with_basis=shown.get(BASIS),
        rounded=not access.sees_people,
    )


def _margin(customers: int, everybody: int, counted: _Counted | None) -> int:
    """How far off an estimate may be, 19 times in 20; three people in the sample are none, so that 0 is not certain."""
    if counted is None or not counted.looked_at:
        return everybody
    rate = min(1.0, max(customers / everybody, 3 / counted.looked_at))
    error = sqrt(rate * (1 - rate) / counted.looked_at * (1 - counted.share))
    return max(LEAST_GROUP, round(_WIDTH * error * everybody))


def _tens(count: int) -> int:
    return (count + LEAST_GROUP // 2) // LEAST_GROUP * LEAST_GROUP
