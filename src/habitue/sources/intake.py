"""Taking in one source: staging its files, holding groups and lists against contracts, and filling its tables."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import duckdb
import ibis
import ibis.expr.types as ir

from habitue.engines.warehouse import Warehouse
from habitue.sources.checks import BITS, Checks, fails_any, mask_name
from habitue.sources.failures import SourceEmptyError, SourceRowsError
from habitue.sources.fields import Layout, Zones
from habitue.sources.inputs import Inputs, Showing, in_tables, layout_of, placed
from habitue.sources.lookups import fill_lookup, lookup_name
from habitue.sources.making import GROUP, Maker
from habitue.sources.people import CARDS, PEOPLE, People, in_order
from habitue.sources.plans import ChildPlan, ConsentPlan, EntityPlan, EventPlan, JoinPlan, SourcesProject
from habitue.sources.progress import Progress
from habitue.sources.reading import open_rows
from habitue.sources.repairs import Mended, MendedRows, Repair
from habitue.sources.rows import FEED, SEQUENCE, BrokenRow, RowReader
from habitue.sources.shapes import CONSENTS, CUSTOMERS, SOURCE_CONSENTS
from habitue.sources.sniff import Recognised
from habitue.sources.staging import INCOMING, mask_count, stage, take_name
from habitue.sources.tables import GIVEN, MAX_ROWS, append, create_temporary, insertion, wanted_tables

STAGE, LATE = "source_stage", "source_late"
_LATE_COLUMNS = {SEQUENCE: "int64", "origin": "int64", "number": "int64", "mask": "int64"}
Keep = Callable[[ir.Table], ir.Table]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenFeed:
    """One stream of rows that was staged.

    Attributes:
        found: The file it is of.
        first: What its rows are counted from.
        checks: What the masks of its rows mean.
    """

    found: Recognised
    first: int
    checks: Checks


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenFile:
    """What was read of one file."""

    found: Recognised
    first: int
    records: int
    broken: tuple[BrokenRow, ...]


@dataclass(slots=True)
class Taken:
    """What became of the rows of one source.

    Attributes:
        feeds: The streams, by their number in the stage.
        files: The files.
        late: The checks of groups and list entries, by origin.
        made: Rows made, by what was made.
        used: Rows that became something.
        unused: Sound rows that no make took.
        used_by_file: Rows that became something, by digest of their file.
        notes: What a person should know.
    """

    feeds: list[TakenFeed] = field(default_factory=list)
    files: list[TakenFile] = field(default_factory=list)
    late: list[Checks] = field(default_factory=list)
    made: dict[str, int] = field(default_factory=dict)
    used: int = 0
    unused: int = 0
    used_by_file: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Origin:
    """Something made of more or less than a row: a group, or the entries of a list."""

    make: EventPlan
    child: ChildPlan | None


class Intake:
    """The rows of one source on their way into the warehouse, inside one transaction.

    Args:
        inputs: What to read.
        project: The project.
        warehouse: Where it goes.
        progress: Told how far it is.
        people: The edge that its customers pass.
    """

    def __init__(
        self, inputs: Inputs, project: SourcesProject, warehouse: Warehouse, progress: Progress, people: People
    ) -> None:
        self.people = people
        self.plan = inputs.plan
        self.taken = Taken()
        self._inputs = inputs
        self._project = project
        self._warehouse = warehouse
        self._progress = progress
        self._next = 0
        self._masks = mask_count(inputs.plan)
        self._has_late = False
        self._statements: dict[Layout, tuple[str, Checks]] = {}
        self._origins = [
            _Origin(make=make, child=child)
            for make in inputs.plan.events
            for child in (*make.children, *((None,) if make.per else ()))
        ]

    def run(self) -> None:
        """Stage the files and fill the tables; `taken` says what became of the rows.

        Raises:
            HabitueError: A file cannot be read to its end, or there is no room.
        """
        for join, files in zip(self.plan.joins, self._inputs.joins, strict=True):
            self._look_up(join, files)
        for found in self._inputs.files:
            self._stage_file(found)
        if not any(each.records for each in self.taken.files):
            raise SourceEmptyError(", ".join(each.found.part.shown for each in self.taken.files), header_only=True)
        self._progress(f"{self.plan.name}: telling people apart", 0, 0)
        self.people.admit(self._right())
        with self._warehouse.keeping() as keep:
            self._fill(self._settle(keep))
        self._progress(f"{self.plan.name}: sealing what is personal", 0, 0)
        self.people.seal_cards()
        self._count()

    def close(self) -> None:
        """Drop what was staged; a transaction that failed drops it by itself."""
        with suppress(duckdb.TransactionException):
            self._warehouse.drop([STAGE, LATE, PEOPLE, CARDS, *(lookup_name(join) for join in self.plan.joins)])

    def repairs_of(self, found: Recognised) -> Sequence[Repair]:
        """The mended rows of a file."""
        return self._inputs.repairs.get(found.sha256, ())

    def failed_rows(self) -> ir.Table:
        """The rows of the stage that reading, typing, making or a row's contract refused."""
        rows = self._staged()
        return rows.filter(fails_any(rows, self._masks))

    def late_rows(self) -> ir.Table:
        """What groups and lists refused: sequence, origin, number of the mask, mask."""
        return self._warehouse.table(LATE)

    def _staged(self) -> ir.Table:
        return self._warehouse.table(STAGE)

    def _right(self) -> ir.Table:
        """The rows that are right by themselves."""
        rows = self._staged()
        return rows.filter(~fails_any(rows, self._masks))

    def _sound(self) -> ir.Table:
        rows = self.people.without_buried(self._right())
        return rows.anti_join(self._warehouse.table(LATE), SEQUENCE) if self._has_late else rows

    def _look_up(self, join: JoinPlan, files: Sequence[Recognised]) -> None:
        names = ", ".join(found.part.shown for found in files)
        self._progress(f"{self.plan.name}: looking up in {names}", join.number, len(self.plan.joins))
        zones = Zones(source=self.plan.zone, home=self._project.zone)
        broken = fill_lookup(self._warehouse, join, files, zones)
        if broken:
            self.taken.notes.append(f"{broken:,} rows of {names} could not be read, so nothing is found in them.")

    def _stage_file(self, found: Recognised) -> None:
        repairs = self.repairs_of(found)
        plain = open_rows(found)
        reader: RowReader = Mended(plain, repairs) if repairs else plain
        self._feed(reader, found)
        broken = tuple(reader.broken)
        if isinstance(reader, Mended) and reader.rows:
            self._feed(MendedRows(columns=plain.columns, repairs=repairs, rows=reader.rows), found)
        self.taken.files.append(TakenFile(found=found, first=self._next, records=plain.records, broken=broken))
        self._next += plain.last_row
        if self._next >= MAX_ROWS:
            raise SourceRowsError(self.plan.name, MAX_ROWS)

    def _feed(self, reader: RowReader, found: Recognised) -> None:
        number = len(self.taken.feeds)
        layout = layout_of(reader, found)
        if layout not in self._statements:
            staged = stage(self.plan, layout, self._project.zone, self.people.now)
            if not number:
                create_temporary(self._warehouse, STAGE, staged.rows.schema())
            self._statements[layout] = (insertion(self._warehouse, STAGE, staged.rows), staged.checks)
        insert, checks = self._statements[layout]
        self.taken.feeds.append(TakenFeed(found=found, first=self._next, checks=checks))
        showing = Showing(reader.schema)
        self._warehouse.con.register(INCOMING, showing)
        for rows in in_tables(reader):
            self._progress(f"{self.plan.name}: reading {found.part.shown}", reader.last_row, found.seen.lines)
            showing.current = placed(rows, number, self._next)
            self._warehouse.con.execute(insert)
        showing.current = showing.empty
        self._warehouse.con.unregister(INCOMING)

    def _settle(self, keep: Keep) -> list[ir.Table]:
        """The groups and list entries that are right, once every row that is part of a wrong one is out.

        A row that is taken out of a group may make another group wrong, so this goes on until none is; each round
        takes rows out, so it ends.
        """
        create_temporary(self._warehouse, LATE, ibis.schema(_LATE_COLUMNS))
        maker = self.maker()
        while True:
            rows = self._sound()
            self.taken.late, kept, wrong = [], [], 0
            for number, origin in enumerate(self._origins):
                self._progress(f"{self.plan.name}: {origin.make.event}", number, len(self._origins))
                made, checks = (
                    maker.groups(rows, origin.make)
                    if origin.child is None
                    else maker.entries(rows, origin.make, origin.child)
                )
                kept.append(keep(made))
                self.taken.late.append(checks)
                wrong += self._refuse_late(rows, kept[-1], number, checks)
            if not wrong:
                return kept
            self._has_late = True

    def maker(self) -> Maker:
        """What turns the staged rows into tables."""
        feeds = tuple((feed.found.sha256[:12], feed.first) for feed in self.taken.feeds)
        return Maker(plan=self.plan, home=self._project.zone, feeds=feeds)

    def _refuse_late(self, rows: ir.Table, made: ir.Table, number: int, checks: Checks) -> int:
        """Note the rows of wrong groups or lists; how many groups and entries are wrong."""
        if not checks.listed:
            return 0
        masks = 1 + (len(checks.listed) - 1) // BITS
        wrong = made.filter(fails_any(made, masks))
        count = self._warehouse.count(wrong)
        if not count:
            return 0
        make = self._origins[number].make
        if self._origins[number].child is None:
            names = [mask_name(place) for place in range(masks)]
            keyed = wrong.select(GROUP, *names)
            taken = rows.filter(rows[take_name(make.number)]).select(SEQUENCE, make.per)
            wrong = taken.inner_join(keyed, taken[make.per] == keyed[GROUP])
        for place in range(masks):
            mask = wrong[mask_name(place)]
            late = wrong.filter(mask != 0).select(
                SEQUENCE,
                origin=ibis.literal(number, "int64"),
                number=ibis.literal(place, "int64"),
                mask=wrong[mask_name(place)],
            )
            append(self._warehouse, LATE, late)
        return count

    def _fill(self, kept: list[ir.Table]) -> None:
        """Put what the sound rows become into the tables."""
        rows, maker = self._sound(), self.maker()
        for make in self.plan.makes:
            self._progress(f"{self.plan.name}: writing", make.number, len(self.plan.makes))
            if isinstance(make, EventPlan) and not make.per:
                self._put(make.table, maker.events(rows, make), make.customer)
            elif isinstance(make, EntityPlan):
                self._put_entities(maker.entity(rows, make), make)
            elif isinstance(make, ConsentPlan):
                self._put(SOURCE_CONSENTS, maker.consents(rows, make), make.customer)
        self.people.note_identifiers(rows)
        for origin, made in zip(self._origins, kept, strict=True):
            table = origin.make.table if origin.child is None else origin.child.table
            shape = self._project.tables[table]
            finish = maker.group_events if origin.child is None else maker.child_events
            self._put(table, finish(made, origin.make), origin.make.customer)
            self._note(shape.event, self._warehouse.count(made))

    def _put(self, table: str, rows: ir.Table, field: str, *, shape: str = "") -> None:
        """Put rows about people behind the edge: what is personal into cards, the rest into the table."""
        declared = self._project.tables.get(shape or table)
        columns = declared.columns if declared else ()
        self.people.note(rows, field, "" if shape else table, columns)
        stored = wanted_tables(self._project)[table]
        append(self._warehouse, table, self.people.veiled(rows, field, columns, stored).order_by("position"))

    def _put_entities(self, rows: ir.Table, make: EntityPlan) -> None:
        table = GIVEN[make.table]
        if make.table == CUSTOMERS:
            self._put(table, rows, make.key, shape=CUSTOMERS)
        else:
            append(self._warehouse, table, in_order(rows, wanted_tables(self._project)[table]))

    def _note(self, name: str, rows: int) -> None:
        self.taken.made[name] = self.taken.made.get(name, 0) + rows

    def _count(self) -> None:
        """Rows used, unused and failed, and what single rows were made into."""
        rows = self._sound()
        takes = {make.number: rows[take_name(make.number)] for make in self.plan.makes}
        any_take = ibis.or_(*takes.values())
        figures = {f"take_{number}": take.sum() for number, take in takes.items()}
        counted = rows.group_by(FEED).agg(sound=rows.count(), used=any_take.sum(), **figures)
        found = self._warehouse.fetch(counted).to_pylist()
        for row in found:
            digest = self.taken.feeds[row[FEED]].found.sha256
            self.taken.used_by_file[digest] = self.taken.used_by_file.get(digest, 0) + int(row["used"])
            self.taken.used += int(row["used"])
            self.taken.unused += int(row["sound"]) - int(row["used"])
        for make in self.plan.makes:
            count = sum(int(row[f"take_{make.number}"]) for row in found)
            if isinstance(make, EventPlan) and not make.per:
                self._note(make.event, count)
            elif isinstance(make, ConsentPlan):
                self._note(CONSENTS, count)
            elif isinstance(make, EntityPlan):
                key = rows.filter(takes[make.number])[make.key]
                self._note(make.table, int(self._warehouse.ibis.to_pyarrow(key.nunique()).as_py()))
