"""The law at work: drawn rules over drawn people, answered by every reading and by the oracle."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest
from hypothesis import strategies as st

from habitue.rules import Moment, paths
from habitue.rules.batch import Question, answer
from habitue.rules.catalogue import Catalogue
from habitue.rules.checking import check
from habitue.rules.cuts import CutPoints, cut_points
from habitue.rules.evaluation import Context, answering
from habitue.rules.happened import Person as Subject
from habitue.rules.history import micros
from habitue.rules.lowering import inline
from habitue.rules.nodes import Node, Place
from habitue.rules.tables import Tables
from habitue.rules.walking import walk
from habitue.rules.writing import write
from tests.rules.aimed import NOWS, aim_at, people_for
from tests.rules.oracle import Oracle
from tests.rules.oracle_numbers import Value, ranked
from tests.rules.populations import Person, arrow_tables, groups_of, histories

FORWARDS: Final[tuple[Callable[[Sequence[float]], float], ...]] = (sum, lambda values: sum(reversed(values)))


Answers = dict[str, tuple[Value | None, ...]]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Case:
    """Some rules, people aimed at each of them, and the instant they are asked at.

    Attributes:
        rules: Settled.
        aimed: For each rule, the people aimed at it.
        few: Answers of one person that the batch reading keeps as they are; of more, some. Small, to see both.
    """

    now: datetime
    rules: tuple[Node, ...]
    aimed: tuple[tuple[Person, ...], ...]
    few: int = paths.FEW_ANSWERS

    def __repr__(self) -> str:
        """Short: a difference shows its rule and its person itself."""
        return f"{len(self.rules)} rules for {len(self.people)} people at {self.now}"

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody, each rule's people beside those of the others."""
        return tuple(person for people in self.aimed for person in people)


@st.composite
def cases(
    draw: st.DrawFn,
    catalogue: Catalogue,
    rules: st.SearchStrategy[Node],
    *,
    many: int = 6,
    people: int = 4,
    nows: Sequence[datetime] = NOWS,
) -> Case:
    """Cases of some rules each, every rule drawn before the people that are aimed at it."""
    now = draw(st.sampled_from(nows))
    count = draw(st.sampled_from([1, *[many] * 7]))
    settled = [check(draw(rules), catalogue).node for _ in range(count)]
    aimed = []
    for i, rule in enumerate(settled):
        aim = aim_at(rule, catalogue, now)
        aimed.append(tuple(draw(_grouped(people_for(aim, f"c{i}-{j}"), catalogue)) for j in range(people)))
    return Case(now=now, rules=tuple(settled), aimed=tuple(aimed), few=draw(st.sampled_from([64, 0, 1])))


@st.composite
def _grouped(draw: st.DrawFn, people: st.SearchStrategy[Person], catalogue: Catalogue) -> Person:
    """A person in one of few groups of each relation, or in none."""
    groups = {each: draw(st.sampled_from(["", "g1", "g2", "g3"])) for each in sorted(catalogue.relations)}
    return replace(draw(people), groups={relation: group for relation, group in groups.items() if group})


class Engine(ABC):
    """An engine that is filled anew for each case."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    @abstractmethod
    def fill(self, people: Sequence[Person]) -> Tables:
        """Put these people in place of those that were there."""

    @abstractmethod
    def fetch(self, rows: ir.Table) -> pa.Table:
        """The rows of an expression."""

    def answers(self, case: Case, cuts: Mapping[Node, CutPoints], tables: Tables) -> Answers:
        """Each customer's answers to the rules of the case, in their order."""
        moment = Moment(now=case.now, zone=self.catalogue.zone)
        question = Question(catalogue=self.catalogue, tables=tables, moment=moment, cuts=cuts)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(paths, "FEW_ANSWERS", case.few)
            asked = answer({f"rule_{i}": rule for i, rule in enumerate(case.rules)}, question)
        columns = self.fetch(asked).to_pydict()
        return {
            customer: tuple(columns[f"rule_{i}"][row] for i in range(len(case.rules)))
            for row, customer in enumerate(columns["customer_id"])
        }

    def laid_out(self, tables: Mapping[str, ir.Table]) -> Tables:
        """Tables by the names of the warehouse, as the batch reading takes them."""
        return Tables(
            customers=tables["customers"],
            events={name: tables[shape.table] for name, shape in self.catalogue.events.items()},
            consents=tables["consents"],
            scores=tables["scores"],
            clusters=tables["clusters"],
            relations=tables["relations"],
        )


class InMemory(Engine):
    """DuckDB, in memory."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__(catalogue)
        self.con = duckdb.connect(":memory:", config={"threads": 1})
        self.con.execute("SET TimeZone = 'UTC'")
        self.ibis = ibis.duckdb.from_connection(self.con)
        empty = arrow_tables((), catalogue)
        for name, rows in empty.items():
            self.ibis.create_table(name, schema=ibis.Schema.from_pyarrow(rows.schema))
        self.tables = self.laid_out({name: self.ibis.table(name) for name in empty})

    def fill(self, people: Sequence[Person]) -> Tables:
        """Put these people in place of those that were there."""
        for name, rows in arrow_tables(people, self.catalogue).items():
            self.ibis.truncate_table(name)
            self.con.from_arrow(rows).insert_into(name)
        return self.tables

    def fetch(self, rows: ir.Table) -> pa.Table:
        """The rows of an expression."""
        return self.con.execute(self.ibis.compile(rows)).to_arrow_table()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A rule and a person for whom a reading and the oracle do not agree."""

    reading: str
    rule: Node
    person: Person
    expected: Value | None
    found: Value | None

    def __str__(self) -> str:
        """The case in words to reproduce it by."""
        events = "\n  ".join(map(str, sorted(self.person.events, key=lambda each: (each.occurred_at, each.position))))
        return (
            f"{self.reading} says {self.found!r}, the oracle {self.expected!r}: {write(self.rule)}\n{self.rule}\n"
            f"of {self.person.customer_id}: {self.person.traits} {self.person.scores} {self.person.clusters} "
            f"{self.person.consents} {self.person.groups}\n  {events}"
        )


def same(left: Value | None, right: Value | None) -> bool:
    """Whether two answers are one: numbers to 9 significant decimals, everything else exactly."""
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=1e-9)
    if isinstance(left, datetime) and isinstance(right, datetime):
        return left.replace(tzinfo=None) == right.replace(tzinfo=None)
    return left == right and isinstance(left, bool) is isinstance(right, bool)


def differences(engine: Engine, case: Case, *, evaluation: bool = True) -> list[Difference]:
    """Where the batch reading on an engine, or the single-person reading, differ from the oracle."""
    tables = engine.fill(case.people)
    oracle = Oracle(catalogue=engine.catalogue, people=case.people, now=case.now)
    expected = {person.customer_id: tuple(oracle.value(rule, person) for rule in case.rules) for person in case.people}
    cuts = cuts_of(case, oracle)
    found = {"batch": engine.answers(case, {}, tables)}
    if evaluation:
        found["evaluation"] = evaluated(case, engine.catalogue, cuts)
    if cuts and evaluation:
        found["batch by cut points"] = engine.answers(case, cuts, tables)
    return [
        Difference(reading=reading, rule=rule, person=person, expected=wanted, found=got)
        for reading, answers in found.items()
        for person in case.people
        for rule, wanted, got in zip(case.rules, expected[person.customer_id], answers[person.customer_id], strict=True)
        if not same(wanted, got) and is_determined(oracle, rule, person)
    ]


def is_determined(oracle: Oracle, rule: Node, person: Person) -> bool:
    """Whether the answer does not hang on the order in which floats are added."""
    answers = [oracle.value(rule, person)]
    for add in FORWARDS:
        other = Oracle(catalogue=oracle.catalogue, people=oracle.people, now=oracle.now, add=add)
        answers.append(other.value(rule, person))
    return all(same(answers[0], each) for each in answers)


def cuts_of(case: Case, oracle: Oracle) -> dict[Node, CutPoints]:
    """The cut points of every place that the rules ask for, from the oracle's values."""
    places: dict[Node, set[int]] = {}
    inners: dict[Node, Node] = {}
    for rule in case.rules:
        for node in walk(inline(rule, oracle.catalogue)):
            if isinstance(node, Place):
                places.setdefault(node.inner, set()).update({node.n} if node.kind == "top" else ())
                inners[node.inner] = node.inner
    made = {}
    for inner, tops in places.items():
        values = [oracle.value(inner, person) for person in case.people]
        kept = [as_ranked(each) for each in values if isinstance(each, int | float | Decimal)]
        made[inner] = cut_points([each for each in kept if each is not None], tops=sorted(tops))
    return made


def as_ranked(value: float | Decimal) -> int | float | Decimal | None:
    """The value by which people are ranked, as cut points keep it."""
    place = ranked(value)
    return float(place) if isinstance(value, float) and place is not None else place


def evaluated(case: Case, catalogue: Catalogue, cuts: Mapping[Node, CutPoints]) -> Answers:
    """The answers of the single-person reading."""
    context = Context(catalogue=catalogue, cuts=cuts, groups=groups_of(case.people))
    asked = [answering(inline(rule, catalogue), context) for rule in case.rules]
    return {
        history.customer_id: tuple(each(Subject(history, micros(case.now))) for each in asked)
        for history in histories(case.people)
    }
