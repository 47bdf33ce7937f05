"""Which segments people would have been in at past builds, by the rules and cut points of each."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from habitue.engines.warehouse import Warehouse
from habitue.records import Kind
from habitue.rules import Moment, Node, RuleError, check_condition, inline, read
from habitue.rules.batch import Question, answer
from habitue.rules.checking import Checker
from habitue.rules.cuts import CutPoints
from habitue.rules.evaluation import Context, answering
from habitue.rules.expressions import Term, literal
from habitue.rules.happened import Person
from habitue.rules.history import History, micros
from habitue.rules.nodes import Name, Place, Relation
from habitue.rules.places import ranked
from habitue.rules.tables import Tables
from habitue.rules.walking import walk
from habitue.rules.writing import write
from habitue.run.consents import spoken
from habitue.run.project import Project
from habitue.run.relations import with_mates
from habitue.run.tables import project_tables
from habitue.segments.cut_points import Ranking, compute_cuts, rankings, read_cuts, written_cuts
from habitue.segments.history import SegmentBuild, SegmentHistory
from habitue.segments.memberships import current
from habitue.segments.person import events_in, read_person
from habitue.sources.tables import GIVEN
from habitue.state import Build, Load

BY_PERSON: Final = 40
PER_BUILD: Final = 5
_ALWAYS: Final = datetime(1, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9999, 1, 1, tzinfo=UTC)
Keep = Callable[[ir.Table], ir.Table]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastBuild:
    """A build of the past.

    Attributes:
        number: Its number.
        started_at: When it began; None where nobody remembers.
        sizes: What it said of each segment.
        moves: Who entered and left.
        cuts: Its cut points; None where none were kept.
        rules: The settled rule of each segment then; those with names that are gone since are left out.
        inlined: The same with definitions put in.
    """

    number: int
    started_at: datetime | None
    sizes: tuple[SegmentBuild, ...]
    moves: pa.Table
    cuts: pa.Table | None
    rules: Mapping[str, Node]
    inlined: Mapping[str, Node]

    @property
    def as_of(self) -> datetime:
        """The instant of its answers."""
        return self.sizes[0].as_of.astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Who was in which segment at a build.

    Attributes:
        members: By segment: of the people asked about, or of everybody.
        everybody: Whether it is of everybody.
        cuts: The cut points among everybody; None where they are still those of the build.
    """

    members: Mapping[str, set[str]]
    everybody: bool = False
    cuts: pa.Table | None = None


class PastAnswers:
    """Answers as of past builds, from the tables as they are now.

    Attributes:
        builds: The builds that said something of segments, the oldest first.
        ranked: The segments that depend on others: on places among all customers, or on members of groups.
    """

    def __init__(
        self,
        project: Project,
        warehouse: Warehouse,
        history: SegmentHistory,
        *,
        builds: Sequence[Build],
        loads: Sequence[Load],
    ) -> None:
        self._project = project
        self._catalogue = project.catalogue
        self._warehouse = warehouse
        self._loaded = max((load.loaded_at for load in loads), default=None)
        self._people: dict[str, History] = {}
        self._since: dict[str, datetime] = {}
        checker = Checker(self._catalogue)
        self._current = {
            name: write(checker.definition("segment", each).node) for name, each in self._catalogue.segments.items()
        }
        started = {each.id: each.started_at for each in builds}
        past = [self._past(history, number, started.get(number)) for number in history.builds()]
        self.builds = [build for build in past if build.sizes]
        every = {(name, node) for build in self.builds for name, node in build.inlined.items()}
        self.ranked = {name for name, node in every if any(isinstance(part, Place | Relation) for part in walk(node))}
        self._events = frozenset(event for _, node in every for event in events_in(node))

    def _past(self, history: SegmentHistory, number: int, started_at: datetime | None) -> PastBuild:
        sizes, moves = history.build(number)
        rules = {name: rule for name, rule in ((each.segment, self._rule(each)) for each in sizes) if rule}
        return PastBuild(
            number=number,
            started_at=started_at,
            sizes=tuple(sizes),
            moves=moves,
            cuts=history.cuts(number),
            rules=rules,
            inlined={name: inline(rule, self._catalogue) for name, rule in rules.items()},
        )

    def _rule(self, size: SegmentBuild) -> Node | None:
        """The rule as it was: the declared one while its text is the same."""
        if self._current.get(size.segment) == size.rule:
            return Name(space="segment", name=size.segment)
        try:
            return check_condition(read(size.rule), self._catalogue)
        except RuleError:
            return None

    def answer(self, build: PastBuild, people: Collection[str], *, everybody: bool) -> Answered:
        """Who of some people, or of everybody, was in which segment at a build.

        Args:
            build: The build.
            people: Ids of customers.
            everybody: Whether all customers are ranked anew.
        """
        if not build.rules or not (people or everybody):
            return Answered(members={})
        wanted = rankings(build.inlined.values(), self._catalogue)
        cuts = read_cuts(build.cuts, wanted) if build.cuts is not None else {}
        if everybody or len(cuts) < len(wanted):
            return self._of_everybody(build, wanted)
        if any(isinstance(part, Relation) for node in build.inlined.values() for part in walk(node)):
            # What others of their groups do counts, by the groups as they are today.
            return Answered(members=self._of_some(build, with_mates(self._warehouse, people), cuts))
        # Reading a person costs once, a batch costs at every build.
        if len(people) > max(BY_PERSON, PER_BUILD * len(self.builds)):
            return Answered(members=self._of_some(build, people, cuts))
        return Answered(members=self._one_by_one(build, people, cuts))

    def _one_by_one(
        self, build: PastBuild, people: Collection[str], cuts: Mapping[Node, CutPoints]
    ) -> dict[str, set[str]]:
        context = Context(catalogue=self._catalogue, cuts=cuts)
        ready = {name: answering(rule, context) for name, rule in build.inlined.items()}
        members: dict[str, set[str]] = {name: set() for name in build.rules}
        for customer in self._known(build, people):
            person = Person(self._history(customer), micros(build.as_of))
            for name, holds in ready.items():
                if holds(person) is True:
                    members[name].add(customer)
        return members

    def _history(self, customer: str) -> History:
        """Everything of one person that any of the rules looks at; read once."""
        if customer not in self._people:
            self._people[customer] = read_person(
                customer,
                self._events,
                tables=project_tables(self._project, self._warehouse),
                catalogue=self._catalogue,
                warehouse=self._warehouse,
                until=dict.fromkeys(self._events, _LAST),
            )
        return self._people[customer]

    def _of_some(
        self, build: PastBuild, people: Collection[str], cuts: Mapping[Node, CutPoints]
    ) -> dict[str, set[str]]:
        with self._warehouse.keeping() as keep:
            tables = self._restricted(self._known(build, people), keep)
            return self._members(build, build.rules, self._question(build, tables, cuts, keep))[0]

    def _of_everybody(self, build: PastBuild, wanted: Sequence[Ranking]) -> Answered:
        with self._warehouse.keeping() as keep:
            tables = project_tables(self._project, self._warehouse)
            ids = tables.customers.select("customer_id")
            if not self._holds_the_same(build):
                ids = keep(self._first_seen().filter(lambda rows: rows.first_at <= _instant(build)))
            tables = Tables(
                customers=tables.customers.semi_join(ids, "customer_id"),
                events=tables.events,
                consents=tables.consents,
                relations=tables.relations,
            )
            places = {f"ranked_{number}": rank.inner for number, rank in enumerate(wanted)}
            question = self._question(build, tables, {}, keep)
            members, table = self._members(build, {**build.rules, **places}, question)
            cuts = {
                rank: compute_cuts(
                    self._warehouse, ranked(Term(expression=table[name], kind=rank.kind)).name("value"), rank
                )
                for name, rank in zip(places, wanted, strict=True)
            }
        return Answered(members=members, everybody=True, cuts=written_cuts(cuts))

    def _members(
        self, build: PastBuild, asked: Mapping[str, Node], question: Question
    ) -> tuple[dict[str, set[str]], ir.Table]:
        """Members by segment, and the table of everything asked."""
        columns = {name: f"segment_{name}" for name in build.rules}
        table = question.stage(answer({columns.get(name, name): node for name, node in asked.items()}, question))
        members: dict[str, set[str]] = {name: set() for name in build.rules}
        rows = self._warehouse.fetch(current(table, columns))
        names, ids = rows.column("segment").to_pylist(), rows.column("customer_id").to_pylist()
        for name, customer in zip(names, ids, strict=True):
            members[name].add(customer)
        return members, table

    def _question(self, build: PastBuild, tables: Tables, cuts: Mapping[Node, CutPoints], keep: Keep) -> Question:
        moment = Moment(now=build.as_of, zone=self._catalogue.zone)
        return Question(catalogue=self._catalogue, tables=tables, moment=moment, cuts=cuts, stage=keep)

    def _restricted(self, people: Collection[str], keep: Keep) -> Tables:
        """The tables with some people only."""
        tables = project_tables(self._project, self._warehouse)
        incoming = "incoming_people"
        self._warehouse.con.register(incoming, pa.table({"customer_id": pa.array(sorted(people), pa.string())}))
        try:
            ids = keep(self._warehouse.table(incoming))
        finally:
            self._warehouse.con.unregister(incoming)
        return Tables(
            customers=keep(tables.customers.semi_join(ids, "customer_id")),
            events={
                name: keep(rows.semi_join(ids, "customer_id")) if name in self._events else rows
                for name, rows in tables.events.items()
            },
            consents=None if tables.consents is None else keep(tables.consents.semi_join(ids, "customer_id")),
            relations=tables.relations,
        )

    def _holds_the_same(self, build: PastBuild) -> bool:
        """Whether nothing was taken in since a build: then it knew everybody whom the tables know now."""
        return self._loaded is None or (build.started_at is not None and self._loaded <= build.started_at)

    def _known(self, build: PastBuild, people: Collection[str]) -> list[str]:
        """Those of some people whom a build knew: customers then, by what happened or was said of them."""
        new = [each for each in people if each not in self._since]
        if new:
            seen = self._first_seen()
            rows = self._warehouse.fetch(seen.filter(seen.customer_id.isin(new))).to_pylist()
            self._since.update(dict.fromkeys(new, _LAST.replace(tzinfo=None)))
            self._since.update({row["customer_id"]: row["first_at"] for row in rows})
        limit = _LAST if self._holds_the_same(build) else build.as_of
        return sorted(each for each in people if self._since[each] <= limit.replace(tzinfo=None))

    def _first_seen(self) -> ir.Table:
        """Since when each customer is known: customer_id, first_at."""
        tables = project_tables(self._project, self._warehouse)
        given = self._warehouse.table(GIVEN["customers"])
        seen = [given.select("customer_id", first_at=given.habitue_rank.fill_null(literal(_ALWAYS, Kind.TIME)))]
        histories = [*tables.events.values(), *([] if tables.consents is None else [spoken(tables.consents)])]
        seen += [rows.select("customer_id", first_at=rows.occurred_at) for rows in histories]
        every = ibis.union(*seen)
        first = every.group_by("customer_id").aggregate(first_at=every.first_at.min())
        return first.semi_join(tables.customers, "customer_id")


def _instant(build: PastBuild) -> ir.Value:
    return literal(build.as_of, Kind.TIME)
