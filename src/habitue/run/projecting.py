"""The log in the warehouse: what arrived live becomes rows beside those from files, and cards in the vault.

How far the log was read stands in the warehouse and is written in the transaction of the rows, so that nothing is
missing and nothing is there twice after a kill. Cards come first: putting one again leaves it as it is.

Cost: one pass over what is new in the log; one insertion a table and step.
"""

import gc
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final, NamedTuple, Protocol

from habitue.engines.warehouse import Warehouse
from habitue.govern.sealing import SealBrokenError
from habitue.govern.vault import Vault
from habitue.run.live_parts import log_path
from habitue.run.marks import digest_of
from habitue.run.person_rows import PERSONS, ensure_persons
from habitue.run.project import Project
from habitue.run.stores import Stores
from habitue.sources.arrivals import ArrivalDamagedError, ArrivedEvent, Sealed, read_sealed
from habitue.sources.live_cards import LiveCards, Said, drop_live_cards, given_before
from habitue.sources.live_rows import EVENT_ID, GIVEN_KINDS, SLOT, LiveRows, Opened, live_event_id, open_records
from habitue.sources.live_tables import (
    LiveRead,
    LiveWriter,
    clear_given,
    clear_live,
    differing_tables,
    ensure_tables,
    live_read,
    note_live_read,
)
from habitue.sources.shapes import CUSTOMERS, EVENT_HEAD, TableShape
from habitue.sources.tables import GIVEN, LIVE_SLOT, wanted_tables
from habitue.streams import LogReader

STEP: Final = 100_000
_PAGE: Final = 10_000
_SMALL_PAGE: Final = 200
_HELD: Final = 500_000
_VERSION: Final = 1
_MASKED: Final = re.compile(r"~[0-9a-f]{32}")
_GIVEN_HEAD: Final = frozenset({"customer_id", "record_id", "habitue_slot", "habitue_rank", "position"})


class Projected(NamedTuple):
    """What one step did.

    Attributes:
        offset: The last record of the log that the warehouse knows.
        rows: Rows put in.
        is_done: Whether nothing more is in the log; also where the warehouse waits for a build.
        waits: Tables that have other columns than the project declares: a build makes them anew first.
    """

    offset: int
    rows: int
    is_done: bool
    waits: tuple[str, ...] = ()


class Holder(Protocol):
    """Who has a project open: a workspace, or a build of it."""

    @property
    def project(self) -> Project:
        """What its files declare."""
        ...

    @property
    def stores(self) -> Stores:
        """Its open files."""
        ...


class Projector:
    """Carries the log of a project into its warehouse, step by step; used by one thread.

    Args:
        holder: The open project; its files are asked for anew at every step, since an erasure reopens some of them.
        give_way: Called between pieces of a few milliseconds, where others wait for the interpreter.
    """

    def __init__(self, holder: Holder, give_way: Callable[[], None] | None = None) -> None:
        self._project = holder.project
        self._stores = holder.stores
        self._digest = live_digest(holder.project)
        self._slots = live_slots(holder.project)
        self._is_checked = False
        self._writer: LiveWriter | None = None
        self._cards = LiveCards(holder.stores.vault)
        self._known: dict[str, bool] = {}
        self._burials = 0
        self._give_way = give_way or (lambda: None)
        self._page = _PAGE if give_way is None else _SMALL_PAGE

    def step(self, limit: int = STEP) -> Projected:
        """Carry over at most so many records of the log, in one transaction.

        Raises:
            HabitueError: The log is damaged, or there is no room; nothing was changed.
        """
        path = log_path(self._project.folder)
        warehouse, sources = self._stores.warehouse, self._project.sources
        before = live_read(warehouse)
        if not path.exists() and before is None:
            return Projected(0, 0, is_done=True)
        waits = differing_tables(warehouse, sources) if not self._is_checked else []
        if waits:
            return Projected(before.place if before else 0, 0, is_done=True, waits=tuple(waits))
        with ExitStack() as opened:
            reader = opened.enter_context(LogReader(path)) if path.exists() else None
            begin = before if before is not None and self._goes_on(reader, before) else None
            first = 1 if reader is None else reader.bounds()[0]
            if begin is None:
                # Once messages were too old to stay, cards are all that remembers what they said.
                if first == 1:
                    drop_live_cards(self._stores.vault, list(self._slots))
                self._cards = LiveCards(self._stores.vault)
            try:
                with _uncollected(), warehouse.transaction():
                    if begin is None:
                        begin = self._begin_anew(before)
                        self._remember(first)
                    done = self._carry(reader, begin, limit)
            except BaseException:
                self._cards = LiveCards(self._stores.vault)
                raise
        self._is_checked = True
        return done

    def run(self) -> Projected:
        """Carry over everything that is in the log."""
        rows = 0
        while True:
            done = self.step()
            rows += done.rows
            if done.is_done:
                return done._replace(rows=rows)

    def _goes_on(self, reader: LogReader | None, read: LiveRead) -> bool:
        """Whether the tables hold what this very log says up to where it was read."""
        if self._is_checked:
            return True
        if reader is None or read.digest != self._digest or reader.bounds()[1] < read.place:
            return False
        last = reader.read(read.place - 1, 1)
        return not last or last[0].offset != read.place or last[0].received_us == read.received_us

    def _records(self) -> dict[str, bool]:
        """The records that were looked up, for as long as nobody is erased."""
        burials = self._stores.vault.burials()
        if burials != self._burials or len(self._known) > _HELD:
            self._known, self._burials = {}, burials
        return self._known

    def _begin_anew(self, before: LiveRead | None) -> LiveRead:
        warehouse, sources = self._stores.warehouse, self._project.sources
        clear_live(warehouse, sources, before.tables if before else ())
        ensure_tables(warehouse, sources)
        ensure_persons(warehouse)
        filled = sorted({*_event_tables(self._project).values(), GIVEN[CUSTOMERS]})
        read = LiveRead(digest=self._digest, tables=tuple(filled))
        note_live_read(warehouse, read)
        return read

    def remember(self) -> None:
        """Have what customers said in messages that went as the cards remember it, and nothing else of it."""
        path = log_path(self._project.folder)
        if path.exists() and live_read(self._stores.warehouse) is not None:
            with LogReader(path) as reader, self._stores.warehouse.transaction():
                self._remember(reader.bounds()[0])

    def _remember(self, first: int) -> None:
        if first <= 1:
            return
        batch = _Batch(self._project, self._stores.vault, self._slots, self._cards, self._records())
        clear_given(self._stores.warehouse, first)
        for source, slot in self._slots.items():
            for record, offset, occurred_us, traits in given_before(self._stores.vault, source, first):
                batch.given.add_given(record, occurred_us, offset, slot, traits)
        if len(batch.given):
            self._put(GIVEN[CUSTOMERS], batch.given)

    def _put(self, table: str, gathered: LiveRows) -> None:
        if self._writer is None or self._writer.warehouse is not self._stores.warehouse:
            self._writer = LiveWriter(self._stores.warehouse, self._project.sources, persons=PERSONS)
        self._writer.put(table, gathered.table())

    def _carry(self, reader: LogReader | None, read: LiveRead, limit: int) -> Projected:
        rows, left = 0, limit
        batch = _Batch(self._project, self._stores.vault, self._slots, self._cards, self._records())
        while reader is not None and left > 0:
            page = reader.read(read.place, min(left, self._page), with_ids=False)
            if not page:
                break
            said = batch.take(open_records(page))
            read = LiveRead(
                place=page[-1].offset,
                received_us=page[-1].received_us,
                said=max(read.said, said),
                digest=read.digest,
                tables=read.tables,
            )
            left -= len(page)
            self._give_way()
        batch.cards.put()
        batch.put_carried()
        for name, gathered in batch.tables.items():
            if len(gathered):
                rows += len(gathered)
                self._put(name, gathered)
                self._give_way()
        if left < limit:
            note_live_read(self._stores.warehouse, read)
        return Projected(read.place, rows, is_done=left > 0)


class _Batch:
    """The records of one step, sorted into tables and cards.

    Attributes:
        tables: Gathered rows by table.
        cards: Gathered cards.
        given: The rows of what customers say of themselves, also among the tables.
    """

    def __init__(
        self,
        project: Project,
        vault: Vault,
        slots: Mapping[str, int],
        cards: LiveCards,
        known: dict[str, bool],
    ) -> None:
        shapes = project.sources.tables
        self._vault = vault
        self._slots = slots
        self._events = _event_tables(project)
        self._known = known
        customers = shapes.get(CUSTOMERS) or TableShape(name=CUSTOMERS, event="", columns=())
        stored = wanted_tables(project.sources)[GIVEN[CUSTOMERS]]
        traits = {name: kind for name, kind in stored.items() if name not in _GIVEN_HEAD}
        self.given = LiveRows(customers, traits, _masks(customers, vault), extra=SLOT)
        self.cards = cards
        self._carried: dict[str, dict[tuple[str, str], None]] = {}
        self.tables = {GIVEN[CUSTOMERS]: self.given}
        for name in self._events.values():
            own = {column: kind for column, kind in shapes[name].stored.items() if column not in EVENT_HEAD}
            self.tables[name] = LiveRows(shapes[name], own, _masks(shapes[name], vault), extra=EVENT_ID)

    def take(self, records: Sequence[Opened]) -> int:
        """Sort in more records; the offset of the last that says who somebody is, 0 without one."""
        last = 0
        for each in records:
            arrival = each.arrival
            if not self._is_known(arrival.record):
                continue
            for space, name in arrival.carried:
                self._carried.setdefault(space, {})[arrival.record, name] = None
            made: list[tuple[str, str, ArrivedEvent]] = []
            for event in arrival.events:
                table = self._events.get(event.name)
                if table is not None:
                    event_id = live_event_id(each.record, event.child)
                    self.tables[table].add(each, event.child, event_id, event.properties)
                    made.append((table, event_id, event))
            if arrival.traits or each.record.kind in GIVEN_KINDS:
                self.given.add(each, 0, self._slots.get(each.record.source, LIVE_SLOT), arrival.traits)
            if (arrival.sealed and arrival.tells) or arrival.others or arrival.traits:
                last = max(last, self._tell(each, made))
        return last

    def put_carried(self) -> None:
        """Have the vault know who carries what, so that whoever carries the same is found also after a restart."""
        for space, pairs in self._carried.items():
            self._vault.add_carried(space, list(pairs))

    def _tell(self, opened: Opened, made: Sequence[tuple[str, str, ArrivedEvent]]) -> int:
        """Have the cards take over what a message says; the offset of the last that changed who the record is."""
        (record, arrival), has_words = opened, opened.arrival.sealed and opened.arrival.tells
        if not has_words and not arrival.traits:
            latest = self.cards.tied(record.source, arrival.record, arrival.others)
            if latest is not None:
                return latest
        said = Said(
            source=record.source,
            record=arrival.record,
            offset=record.offset,
            occurred_us=arrival.occurred_us,
            sealed=self._opened(arrival.record, arrival.sealed) if has_words else None,
            others=arrival.others,
            traits=arrival.traits,
            events=made,
        )
        return self.cards.add(said)

    def _is_known(self, record: str) -> bool:
        """Whether the vault still knows a record; of somebody erased it does not."""
        found = self._known.get(record)
        if found is None:
            found = self._known[record] = self._vault.record_known(record)
        return found

    def _opened(self, record: str, sealed: str) -> Sealed | None:
        """What was sealed with a message; nothing where it does not open, which is no reason to stop."""
        try:
            clear = self._vault.open_for(record, sealed)
            return None if clear is None else read_sealed(clear)
        except (SealBrokenError, ArrivalDamagedError):
            return None


@contextmanager
def _uncollected() -> Iterator[None]:
    """No search for cycles inside the block: what is gathered holds none, and the search takes half the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def live_slots(project: Project) -> dict[str, int]:
    """The place of each live source among all sources, for choosing between what they say; positions have only one."""
    return {plan.name: LIVE_SLOT + place for place, plan in enumerate(project.sources.collected)}


def live_mark(warehouse: Warehouse) -> str:
    """What of the log the warehouse holds, in short; empty where it holds nothing of it."""
    read = live_read(warehouse)
    return digest_of([read.place, read.digest]) if read is not None and read.place else ""


def live_digest(project: Project) -> str:
    """Everything that live rows depend on besides the log and the vault."""
    return digest_of(
        [_VERSION, wanted_tables(project.sources), _personal(project), live_slots(project), project.sources.zone]
    )


def _personal(project: Project) -> list[str]:
    shapes = project.sources.tables.values()
    return sorted(f"{shape.name}.{each.name}" for shape in shapes for each in shape.columns if each.personal)


def _event_tables(project: Project) -> dict[str, str]:
    return {shape.event: name for name, shape in project.sources.tables.items() if shape.event}


def _masks(shape: TableShape, vault: Vault) -> dict[str, Callable[[str], str]]:
    """What stands for personal values: the log has it already, but where the contract has become stricter since."""

    def masking(column: str) -> Callable[[str], str]:
        return lambda value: value if _MASKED.fullmatch(value) else vault.mask(column, value)

    return {each.name: masking(each.name) for each in shape.columns if each.personal}
