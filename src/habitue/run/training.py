"""Features of customers as of any instants: point-in-time tables to learn from, without a look ahead.

Cost: features that only look back in time are answered for all instants at once, from one copy of each asked
customer's events; places among customers, calendar windows and comparisons with dates are answered instant by
instant, each like a build of those features.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from habitue.errors import HabitueError
from habitue.records import Kind
from habitue.rules import Catalogue, Moment, Node, inline
from habitue.rules.batch import Question, answer
from habitue.rules.checking import Checker
from habitue.rules.failures import RuleNameError
from habitue.rules.nodes import (
    Aggregate,
    Bucket,
    Constant,
    Days,
    Distance,
    Followed,
    Name,
    Place,
    Property,
    Relation,
    Window,
)
from habitue.rules.nodes import (
    Sequence as SequenceNode,
)
from habitue.rules.tables import Tables
from habitue.rules.walking import walk
from habitue.run.consents import spoken
from habitue.run.customers import customers_of
from habitue.run.workspace import Workspace
from habitue.segments.person import events_in
from habitue.sources.progress import Progress, silent
from habitue.sources.tables import GIVEN

ASKED = pa.schema([("customer_id", pa.string()), ("instant", pa.timestamp("us", tz="UTC"))])
"""The columns of the rows that features are asked for."""
ROWS_AT_ONCE = 100_000
_PAIRS = pa.schema(
    [
        ("row", pa.int64()),
        ("asked", pa.string()),
        ("instant", pa.timestamp("us")),
        ("shift", pa.int64()),
    ]
)
_SECOND = 1_000_000
_TIMES = (Kind.TIME, Kind.DATE)
_CALENDAR = ("since", "day", "week", "month")
Keep = Callable[[ir.Table], ir.Table]
Way = Literal["together", "apart", "undated"]


class UnknownCustomersError(HabitueError):
    """Features are asked for customers that the project does not know."""

    code = "TRAINING-CUSTOMER"

    def __init__(self, rows: Sequence[int], count: int) -> None:
        shown = ", ".join(f"{row + 1:,}" for row in rows)
        more = " …" if count > len(rows) else ""
        super().__init__(
            what=f"{count:,} of the rows name customers that the project does not know (rows {shown}{more}).",
            do="Give ids as `habitue segments members` prints them, or take those rows out.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureTable:
    """Features as of given instants.

    Attributes:
        rows: customer_id, instant and a column per feature; one row for each that was asked, in that order.
        features: The features it has.
        undated: Features left out because they read what is known only as of today: traits, scores, clusters.
        apart: Those that were answered instant by instant.
        instants: How many different instants there are.
        seconds: Wall time.
    """

    rows: pa.Table
    features: tuple[str, ...]
    undated: tuple[str, ...]
    apart: tuple[str, ...]
    instants: int
    seconds: float


def features_at(
    workspace: Workspace, asked: pa.Table, *, names: Sequence[str] = (), progress: Progress = silent
) -> FeatureTable:
    """The values that features had for customers at instants, from nothing that happened later.

    An event counts from its `occurred_at` on. Places are taken among the customers known at the instant: those given
    by a source without a date, and those with an event or a consent by then.

    Args:
        workspace: The open project.
        asked: Rows of `ASKED`; customers are internal ids, or ids of their own as the sources have them.
        names: Features wanted; all declared ones when empty.
        progress: Told how far it is.

    Raises:
        HabitueError: Nothing was built yet, there is no such feature, or a customer is not known.
    """
    started = time.perf_counter()
    project = workspace.project
    wanted = list(names) or list(project.features)
    for name in wanted:
        if name not in project.features:
            raise RuleNameError(
                noun="feature", name=name, known=project.features, column=0, declare="Declare it under features/."
            )
    ways = {name: _way(Name(space="feature", name=name), project.catalogue) for name in wanted}
    given = asked.cast(ASKED)
    asked = given.set_column(0, ASKED.field(0), _known(workspace, given))
    answering = _Answering(workspace, progress)
    together = [name for name, way in ways.items() if way == "together"]
    apart = [name for name, way in ways.items() if way == "apart"]
    parts = [*answering.together(asked, together), *answering.apart(asked, apart)]
    rows = _assembled(asked, parts, [*together, *apart], [name for name in wanted if ways[name] != "undated"])
    rows = rows.set_column(0, ASKED.field(0), given.column("customer_id"))
    return FeatureTable(
        rows=rows,
        features=tuple(rows.column_names[2:]),
        undated=tuple(name for name, way in ways.items() if way == "undated"),
        apart=tuple(apart),
        instants=len(pc.unique(asked.column("instant"))),
        seconds=time.perf_counter() - started,
    )


def _way(feature: Name, catalogue: Catalogue) -> Way:
    """How a feature can be answered for many instants."""
    parts = list(walk(inline(feature, catalogue)))
    if any(isinstance(each, Distance) or _is_current(each) for each in parts):
        return "undated"
    if Checker(catalogue).settle(feature).kind in _TIMES or any(_is_absolute(each, catalogue) for each in parts):
        return "apart"
    return "together"


def _is_current(node: Node) -> bool:
    return isinstance(node, Name) and node.space in ("trait", "score", "cluster")


def _is_absolute(node: Node, catalogue: Catalogue) -> bool:
    """Whether moving a customer's events and the instant by the same time could change the answer."""
    match node:
        case Place() | Relation() | Bucket():
            return True
        case Constant():
            return node.kind in _TIMES
        case Property():
            return node.name == "occurred_at" or any(
                shape.properties.get(node.name) in _TIMES for shape in catalogue.events.values()
            )
        case Aggregate():
            kind = catalogue.events[node.event].kind_of(node.property) if node.property else None
            return kind in _TIMES or _is_calendar(node.window)
        case SequenceNode() | Followed():
            return _is_calendar(node.window)
    return False


def _is_calendar(window: Window) -> bool:
    return window.kind in _CALENDAR


def _known(workspace: Workspace, asked: pa.Table) -> pa.ChunkedArray:
    """The internal id of each asked customer."""
    customers = workspace.tables().customers.select("customer_id")
    known = workspace.warehouse.fetch(customers).column("customer_id").combine_chunks()
    found = customers_of(workspace, asked.column("customer_id").to_pylist())
    missing = pc.invert(pc.is_in(found, value_set=known))
    rows = np.flatnonzero(missing.to_numpy(zero_copy_only=False))
    if len(rows):
        raise UnknownCustomersError([int(row) for row in rows[:5]], len(rows))
    return pa.chunked_array([found])


def _assembled(asked: pa.Table, parts: Sequence[pa.Table], made: Sequence[str], wanted: Sequence[str]) -> pa.Table:
    """The asked rows with a column per wanted feature; each part holds some features of some rows."""
    found = asked
    for name in wanted:
        mine = [part.select(["row", name]) for part in parts if name in part.column_names]
        if not mine or name not in made:
            continue
        whole = pa.concat_tables(mine)
        found = found.append_column(name, whole.take(pc.sort_indices(whole.column("row"))).column(name))
    return found


class _Answering:
    """One table being answered."""

    def __init__(self, workspace: Workspace, progress: Progress) -> None:
        self.project = workspace.project
        self.catalogue = workspace.project.catalogue
        self.warehouse = workspace.warehouse
        self.tables = workspace.tables()
        self.progress = progress

    def together(self, asked: pa.Table, names: Sequence[str]) -> Iterator[pa.Table]:
        """Features that depend only on how long ago things happened, for all instants at once.

        Each row becomes a customer of its own, whose events are moved so that its instant is that of all.
        """
        if not names:
            return
        trees = {name: Name(space="feature", name=name) for name in names}
        inlined = [inline(each, self.catalogue) for each in trees.values()]
        whole_seconds = any(isinstance(part, Days) for tree in inlined for part in walk(tree))
        events = sorted({event for tree in inlined for event in events_in(tree)})
        groups = list(_groups(asked, whole_seconds=whole_seconds))
        for number, (now, pairs) in enumerate(groups):
            self.progress("features at instants", number, len(groups))
            with self.warehouse.keeping() as keep:
                question = self._question(now, self._moved(self._kept(pairs, keep), events, keep), keep)
                table = answer(trees, question)
                yield self.warehouse.fetch(table.mutate(row=table.customer_id.cast("int64")).drop("customer_id"))

    def apart(self, asked: pa.Table, names: Sequence[str]) -> Iterator[pa.Table]:
        """Features that depend on the instant itself or on everybody, one instant after the other."""
        if not names:
            return
        ranked = [name for name in names if self._is_ranked(name)]
        others = [name for name in names if name not in ranked]
        numbered = asked.append_column("row", pa.array(np.arange(asked.num_rows)))
        instants = pc.unique(asked.column("instant")).sort()
        for number, instant in enumerate(instants):
            self.progress("features instant by instant", number, len(instants))
            mine = numbered.filter(pc.equal(numbered.column("instant"), instant))
            now = instant.as_py()
            with self.warehouse.keeping() as keep:
                pairs = self._kept(_pairs(mine, now), keep)
                for some, tables in ((others, self.tables), (ranked, self._known(now, keep) if ranked else None)):
                    if some and tables is not None:
                        trees = {name: Name(space="feature", name=name) for name in some}
                        table = keep(answer(trees, self._question(now, tables, keep)))
                        # Whom nobody knew then has no place: a left join.
                        found = pairs.left_join(table, pairs.asked == table.customer_id)
                        yield self.warehouse.fetch(found.select("row", *some))

    def _is_ranked(self, name: str) -> bool:
        tree = inline(Name(space="feature", name=name), self.catalogue)
        return any(isinstance(part, Place | Relation) for part in walk(tree))

    def _question(self, now: datetime, tables: Tables, keep: Keep) -> Question:
        moment = Moment(now=now, zone=self.catalogue.zone)
        return Question(catalogue=self.catalogue, tables=tables, moment=moment, cuts={}, stage=keep)

    def _kept(self, pairs: pa.Table, keep: Keep) -> ir.Table:
        incoming = "incoming_instants"
        self.warehouse.con.register(incoming, pairs)
        try:
            return keep(self.warehouse.table(incoming))
        finally:
            self.warehouse.con.unregister(incoming)

    def _moved(self, pairs: ir.Table, events: Sequence[str], keep: Keep) -> Tables:
        """The asked customers' events, once for each row that asks, moved by the row's shift; later ones left out."""

        def moved(rows: ir.Table) -> ir.Table:
            joined = rows.inner_join(pairs, [rows.customer_id == pairs.asked, rows.occurred_at <= pairs.instant])
            later = joined.occurred_at + joined["shift"].as_interval("us")
            made = joined.mutate(customer_id=joined["row"].cast("string"), occurred_at=later.cast("timestamp(6)"))
            return made.select(list(rows.columns))

        consents = self.tables.consents
        return Tables(
            customers=pairs.select(customer_id=pairs["row"].cast("string")),
            events={
                name: keep(moved(table)) if name in events else table for name, table in self.tables.events.items()
            },
            consents=None if consents is None else keep(moved(consents)),
        )

    def _known(self, now: datetime, keep: Keep) -> Tables:
        """The tables with the customers that were known at an instant."""
        limit = ibis.literal(now.astimezone(UTC).replace(tzinfo=None), "timestamp(6)")
        given = self.warehouse.table(GIVEN["customers"])
        seen = [given.filter(given.habitue_rank.isnull() | (given.habitue_rank <= limit))]
        histories = [
            *self.tables.events.values(),
            *([spoken(self.tables.consents)] if self.tables.consents is not None else []),
        ]
        seen += [rows.filter(rows.occurred_at <= limit) for rows in histories]
        ids = ibis.union(*(rows.select("customer_id") for rows in seen), distinct=True)
        customers = keep(self.tables.customers.semi_join(ids, "customer_id"))
        return Tables(
            customers=customers,
            events=self.tables.events,
            consents=self.tables.consents,
            relations=self.tables.relations,
        )


def _groups(asked: pa.Table, *, whole_seconds: bool) -> Iterator[tuple[datetime, pa.Table]]:
    """Rows that can be answered at one instant, a bounded number at a time, with that instant.

    Args:
        asked: The rows.
        whole_seconds: Whether events may be moved by whole seconds only, because something is cut to seconds.
    """
    micros = asked.column("instant").cast(pa.int64()).to_numpy()
    fractions = micros % _SECOND if whole_seconds else np.zeros_like(micros)
    numbered = asked.append_column("row", pa.array(np.arange(asked.num_rows)))
    for fraction in np.unique(fractions):
        places = np.flatnonzero(fractions == fraction)
        for start in range(0, len(places), ROWS_AT_ONCE):
            chosen = places[start : start + ROWS_AT_ONCE]
            latest = int(micros[chosen].max())
            now = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=latest)
            yield now, _pairs(numbered.take(pa.array(chosen)), now)


def _pairs(numbered: pa.Table, now: datetime) -> pa.Table:
    """Rows with their number, and by how much their events are moved to be seen from `now`."""
    micros = numbered.column("instant").cast(pa.int64()).to_numpy()
    latest = (now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    columns = [
        numbered.column("row"),
        numbered.column("customer_id"),
        numbered.column("instant").cast(pa.timestamp("us", tz="UTC")).cast(pa.timestamp("us")),
        pa.array(latest - micros),
    ]
    return pa.table(columns, schema=_PAIRS)
