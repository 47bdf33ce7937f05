"""A project's history told again: a live reading seeded from the older part, and told the newer one event by event."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, NamedTuple

import ibis
import ibis.expr.types as ir

from habitue.engines.warehouse import Warehouse
from habitue.records import Kind
from habitue.rules import Catalogue, Definition
from habitue.rules.expressions import literal
from habitue.rules.history import Consent, Happening, Value, instant_of, micros
from habitue.rules.live import LiveRules
from habitue.rules.live_need_tables import rows_of
from habitue.rules.live_needs import Form, Need
from habitue.rules.live_rows import lists_of, times_of, values_of
from habitue.rules.live_seeding import LiveSeeding
from habitue.rules.tables import Tables
from habitue.rules.windows import LONG_AGO
from habitue.run.project import Project
from habitue.run.seeding import cuts_of, fill
from habitue.sources.progress import Progress

_EVERY: Final = 1_000
Keep = Callable[[ir.Table], ir.BooleanValue]


class Retold(NamedTuple):
    """A history told again.

    Attributes:
        live: As of the end of it.
        told: How many events were told one by one.
    """

    live: LiveRules
    told: int


class _Told(NamedTuple):
    """Something that happened to somebody, in the order of all."""

    time: int
    position: int
    customer: str
    event: str
    properties: Mapping[str, Value | None]


def retell(
    definitions: Sequence[Definition],
    project: Project,
    warehouse: Warehouse,
    tables: Tables,
    *,
    as_of: datetime,
    most: int,
    progress: Progress,
) -> Retold:
    """A live reading of some segments that came to an instant by itself, from somewhere in the history.

    Args:
        definitions: Segments that can be kept live.
        project: Their project.
        warehouse: Holds the tables.
        tables: The history; customers as they are now.
        as_of: The instant to come to.
        most: So many of the newest events are told one by one at most, and never more than half of all.
        progress: Told how far it is.
    """
    catalogue = project.catalogue
    live = LiveRules(definitions, catalogue, cuts_of(definitions, project, warehouse))
    events = [name for name in live.plan.events if name in tables.events]
    begin = _beginning([tables.events[name] for name in events], warehouse, as_of, most)
    older = literal(begin, Kind.TIME)
    known = _only(tables, lambda rows: rows.occurred_at <= older)
    fill(LiveSeeding(live, catalogue, micros(begin)), known, warehouse, cut=None, members={})
    asked = Need(form=Form.AHEAD, after=micros(begin), until=micros(as_of))
    told = sorted(
        (each for name in events for each in _happened(replace(asked, event=name), warehouse, tables, catalogue)),
        key=lambda each: each[:2],
    )
    said = sorted(_said(asked, warehouse, tables, tuple(live.plan.consents)), key=lambda each: each[1].occurred_at)
    for done, each in enumerate(told):
        if done % _EVERY == 0:
            progress("telling events", done, len(told))
            live.advance(instant_of(each.time))
        now = instant_of(each.time)
        while said and said[0][1].occurred_at <= now:
            customer, consent = said.pop(0)
            live.consent(customer, consent, consent.occurred_at)
        happening = Happening(occurred_at=now, position=each.position, properties=each.properties)
        live.feed(each.customer, each.event, happening, now)
    for customer, consent in said:
        live.consent(customer, consent, consent.occurred_at)
    while not live.advance(as_of).is_done:
        pass
    return Retold(live, len(told))


def _beginning(events: Sequence[ir.Table], warehouse: Warehouse, as_of: datetime, most: int) -> datetime:
    """The instant after which so many events happened, or half of all."""
    if not events:
        return as_of
    times = [rows.select("occurred_at") for rows in events]
    every = ibis.union(*times) if len(times) > 1 else times[0]
    every = every.filter(every.occurred_at <= literal(as_of, Kind.TIME))
    rest = min(warehouse.count(every) // 2, most)
    found = warehouse.fetch(every.order_by(ibis.desc("occurred_at")).limit(1, offset=rest))
    (first,) = times_of(found.column("occurred_at").combine_chunks()) or (micros(LONG_AGO),)
    return instant_of(first)


def _only(tables: Tables, keep: Keep) -> Tables:
    """The tables with some of the events and consents only."""
    return replace(
        tables,
        events={name: rows.filter(keep(rows)) for name, rows in tables.events.items()},
        consents=None if tables.consents is None else tables.consents.filter(keep(tables.consents)),
    )


def _happened(need: Need, warehouse: Warehouse, tables: Tables, catalogue: Catalogue) -> Iterator[_Told]:
    """The events of one name that are told one by one, of people who are customers."""
    declared = catalogue.events[need.event].properties
    names = tuple(name for name, kind in declared.items() if kind is not Kind.LOCATION)
    rows = rows_of(replace(need, properties=names), tables, catalogue)
    if rows is None:
        return
    for batch in warehouse.ibis.to_pyarrow_batches(rows.semi_join(tables.customers, "customer_id")):
        found = lists_of(batch.column("rows"))
        times, positions, *columns = found.columns
        for row, customer in enumerate(batch.column("customer_id").to_pylist()):
            for place in range(found.offsets[row], found.offsets[row + 1]):
                properties = {name: column[place] for name, column in zip(names, columns, strict=True)}
                yield _Told(times[place], positions[place], customer, need.event, properties)


def _said(need: Need, warehouse: Warehouse, tables: Tables, purposes: tuple[str, ...]) -> Iterator[tuple[str, Consent]]:
    """What was said about purposes meanwhile."""
    if tables.consents is None or not purposes:
        return
    later = tables.consents.filter(
        tables.consents.purpose.isin(purposes),
        tables.consents.occurred_at > literal(instant_of(need.after or 0), Kind.TIME),
        tables.consents.occurred_at <= literal(instant_of(need.until or 0), Kind.TIME),
    )
    rows = warehouse.fetch(later.semi_join(tables.customers, "customer_id"))
    columns = [values_of(rows.column(each).combine_chunks()) for each in ("customer_id", "purpose", "given")]
    at, positions = (values_of(rows.column(each).combine_chunks()) for each in ("occurred_at", "position"))
    for customer, purpose, given, time, position in zip(*columns, at, positions, strict=True):
        yield customer, Consent(purpose=purpose, given=given is True, occurred_at=time, position=position)
