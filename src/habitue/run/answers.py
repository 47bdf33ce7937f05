"""The answers of a build: features, cut points and memberships, from one set of leaves."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import ibis
import ibis.expr.types as ir

from habitue.engines.warehouse import Warehouse
from habitue.rules import Moment, Node
from habitue.rules.batch import Question, answer
from habitue.rules.checking import Checker
from habitue.rules.cuts import CutPoints
from habitue.rules.expressions import Term
from habitue.rules.nodes import Name
from habitue.rules.places import ranked
from habitue.rules.writing import write
from habitue.run.project import Project
from habitue.run.tables import project_tables
from habitue.segments.cut_points import Ranking, compute_cuts, rankings, save_cuts, written_cuts
from habitue.segments.history import MEMBERSHIP_ROWS, SegmentBuild, SegmentHistory
from habitue.segments.memberships import MEMBERSHIPS, current, moved_on, moves

FEATURES = "features"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the answers of a build are made from.

    Attributes:
        project: The declarations.
        warehouse: The tables.
        history: What earlier builds changed.
        as_of: The instant asked about.
        anew: Whether the history of memberships begins anew.
        trusted: Whether the memberships in the warehouse are those of the history: a build that was killed may have
            left one ahead of the other, and then the history counts.
    """

    project: Project
    warehouse: Warehouse
    history: SegmentHistory
    as_of: datetime
    anew: bool = False
    trusted: bool = True


def build_answers(answers: Answers, number: int) -> Iterator[tuple[str, int, str]]:
    """Make features, cut points and memberships anew; gives (step, rows, what changed) as each is done.

    Args:
        answers: What they are made from.
        number: Number of the build.
    """
    warehouse, catalogue = answers.warehouse, answers.project.catalogue
    checker = Checker(catalogue)
    features = {f"feature_{name}": Name(space="feature", name=name) for name in catalogue.features}
    segments = {f"segment_{name}": Name(space="segment", name=name) for name in catalogue.segments}
    bodies = [
        *(checker.definition("feature", each).node for each in catalogue.features.values()),
        *(checker.definition("segment", each).node for each in catalogue.segments.values()),
    ]
    ranks = rankings(bodies, catalogue)
    places = {f"ranked_{number}": rank.inner for number, rank in enumerate(ranks)}
    asked: dict[str, Node] = {**features, **segments, **places}
    with warehouse.keeping() as keep:
        question = Question(
            catalogue=catalogue,
            tables=project_tables(answers.project, warehouse),
            moment=Moment(now=answers.as_of, zone=catalogue.zone),
            cuts={},
            stage=keep,
        )
        table = keep(answer(asked, question))
        yield "features", _save_features(warehouse, table, list(catalogue.features)), ""
        cuts = {rank: _cuts(warehouse, table, name, rank) for name, rank in zip(places, ranks, strict=True)}
        save_cuts(warehouse, cuts)
        moved = _move_memberships(answers, table, number)
        if cuts:
            answers.history.keep_cuts(number, written_cuts(cuts))
        yield moved


def _save_features(warehouse: Warehouse, table: ir.Table, names: list[str]) -> int:
    columns = {name: table[f"feature_{name}"] for name in names}
    return warehouse.replace(FEATURES, table.select("customer_id", **columns))


def _cuts(warehouse: Warehouse, table: ir.Table, name: str, ranking: Ranking) -> CutPoints:
    value = ranked(Term(expression=table[name], kind=ranking.kind))
    return compute_cuts(warehouse, value.name("value"), ranking)


def _move_memberships(answers: Answers, table: ir.Table, number: int) -> tuple[str, int, str]:
    warehouse, names = answers.warehouse, list(answers.project.catalogue.segments)
    if answers.anew:
        warehouse.replace_rows(MEMBERSHIPS, MEMBERSHIP_ROWS.empty_table())
    elif not answers.trusted or MEMBERSHIPS not in warehouse.tables():
        warehouse.replace_rows(MEMBERSHIPS, answers.history.memberships())
    if not names:
        return "segments", 0, "no segments declared"
    with warehouse.keeping() as keep:
        members = keep(current(table, {name: f"segment_{name}" for name in names}))
        before = warehouse.table(MEMBERSHIPS)
        changed = keep(moves(before, members, names))
        counted = _counts(warehouse, members, changed)
        # In one order, so that equal builds write equal files.
        moved = warehouse.fetch(changed.order_by("segment", "entered", "customer_id"))
        warehouse.replace(MEMBERSHIPS, keep(moved_on(before, members, names, answers.as_of)))
    checker = Checker(answers.project.catalogue)
    builds = [
        SegmentBuild(
            segment=name,
            as_of=answers.as_of,
            customers=counted.get((name, "customers"), 0),
            entered=counted.get((name, "entered"), 0),
            left=counted.get((name, "left"), 0),
            rule=write(checker.definition("segment", answers.project.catalogue.segments[name]).node),
        )
        for name in names
    ]
    if answers.anew:
        answers.history.forget()
    answers.history.append(number, builds, moved)
    entered, left = (sum(getattr(each, what) for each in builds) for what in ("entered", "left"))
    return "segments", sum(each.customers for each in builds), f"{entered:,} entered, {left:,} left"


def _counts(warehouse: Warehouse, members: ir.Table, changed: ir.Table) -> dict[tuple[str, str], int]:
    inside = members.group_by("segment").aggregate(rows=members.count()).mutate(what=ibis.literal("customers"))
    turns = changed.group_by("segment", "entered").aggregate(rows=changed.count())
    turns = turns.mutate(what=ibis.ifelse(turns.entered, "entered", "left"))
    columns = ["segment", "what", "rows"]
    found = warehouse.fetch(ibis.union(inside.select(columns), turns.select(columns))).to_pylist()
    return {(row["segment"], row["what"]): row["rows"] for row in found}
