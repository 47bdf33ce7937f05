"""People as tests draw them: plain lists, and the same people as tables of an engine or as histories."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa

from habitue.records import Kind
from habitue.rules.catalogue import Catalogue
from habitue.rules.history import Consent, Happening, History, history_of
from habitue.rules.relatives import Groups, Others

Stored = bool | int | float | Decimal | str | datetime
Row = dict[str, Stored | None]
ARROW: Mapping[Kind, pa.DataType] = {
    Kind.TEXT: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.MONEY: pa.decimal128(18, 4),
    Kind.BOOLEAN: pa.bool_(),
    Kind.TIME: pa.timestamp("us"),
    Kind.DATE: pa.timestamp("us"),
}


def _nothing() -> Mapping[str, Stored | None]:
    return {}


def _alone() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event of one person; properties that are absent are missing."""

    name: str
    occurred_at: datetime
    position: int
    properties: Mapping[str, Stored | None] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One entry of a consent ledger."""

    purpose: str
    given: bool
    occurred_at: datetime
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One customer and all that is known of them; `scores` by model and by `model.part`, groups by relation."""

    customer_id: str
    events: tuple[Event, ...] = ()
    traits: Mapping[str, Stored | None] = field(default_factory=_nothing)
    scores: Mapping[str, Stored | None] = field(default_factory=_nothing)
    clusters: Mapping[str, Stored | None] = field(default_factory=_nothing)
    consents: tuple[Said, ...] = ()
    groups: Mapping[str, str] = field(default_factory=_alone)


def histories(people: Iterable[Person]) -> list[History]:
    """The same people as the single-person reading takes them."""
    return [_history(each) for each in people]


def groups_of(people: Sequence[Person]) -> Groups:
    """Who else is in whose group, as the single-person reading takes it."""
    known = dict(zip((each.customer_id for each in people), histories(people), strict=True))
    found: dict[str, dict[str, Others]] = {}
    for person in people:
        for relation, group in person.groups.items():
            mates = [each for each in people if each is not person and each.groups.get(relation) == group]
            others = Others(histories=tuple(known[each.customer_id] for each in mates))
            found.setdefault(relation, {})[person.customer_id] = others
    return found


def _history(person: Person) -> History:
    events: dict[str, list[Happening]] = {}
    for each in person.events:
        made = Happening(occurred_at=each.occurred_at, position=each.position, properties=each.properties)
        events.setdefault(each.name, []).append(made)
    consents = [
        Consent(purpose=each.purpose, given=each.given, occurred_at=each.occurred_at, position=each.position)
        for each in person.consents
    ]
    return history_of(
        person.customer_id,
        events=events,
        traits=person.traits,
        scores=person.scores,
        clusters=person.clusters,
        consents=consents,
    )


def arrow_tables(people: Sequence[Person], catalogue: Catalogue) -> dict[str, pa.Table]:
    """The people as Arrow tables in the layout of the warehouse, by table name."""
    tables = {
        shape.table: _table(
            [_event_row(person, each, catalogue.zone) for person in people for each in person.events if each.name == n],
            {
                "customer_id": pa.string(),
                "occurred_at": pa.timestamp("us"),
                "position": pa.int64(),
                "local_hour": pa.int8(),
                "local_weekday": pa.int8(),
                "local_month": pa.int8(),
                **{name: ARROW[kind] for name, kind in shape.properties.items()},
            },
        )
        for n, shape in catalogue.events.items()
    }
    tables["customers"] = _table([_customer_row(each) for each in people], _trait_types(catalogue))
    tables["consents"] = _table(
        [
            {
                "customer_id": person.customer_id,
                "purpose": each.purpose,
                "given": each.given,
                "occurred_at": each.occurred_at.replace(tzinfo=None),
                "position": each.position,
            }
            for person in people
            for each in person.consents
        ],
        {
            "customer_id": pa.string(),
            "purpose": pa.string(),
            "given": pa.bool_(),
            "occurred_at": pa.timestamp("us"),
            "position": pa.int64(),
        },
    )
    tables["scores"] = _table(
        [_score_row(each, model) for each in people for model in sorted(catalogue.scores) if model in each.scores],
        {
            "customer_id": pa.string(),
            "model": pa.string(),
            "score": pa.float64(),
            "decile": pa.int64(),
            "low": pa.float64(),
            "high": pa.float64(),
        },
    )
    tables["clusters"] = _table(
        [
            {"customer_id": person.customer_id, "clustering": name, "label": label}
            for person in people
            for name, label in person.clusters.items()
        ],
        {"customer_id": pa.string(), "clustering": pa.string(), "label": pa.string()},
    )
    tables["relations"] = _relations(people)
    return tables


def _relations(people: Sequence[Person]) -> pa.Table:
    rows: list[Row] = [
        {"relation": relation, "customer_id": person.customer_id, "group_id": group}
        for person in people
        for relation, group in person.groups.items()
    ]
    return _table(rows, dict.fromkeys(("relation", "customer_id", "group_id"), pa.string()))


def _table(rows: Sequence[Row], types: Mapping[str, pa.DataType]) -> pa.Table:
    columns = {name: pa.array([row.get(name) for row in rows], of) for name, of in types.items()}
    return pa.table(columns)


def _naive(value: Stored | None) -> Stored | None:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def _event_row(person: Person, event: Event, zone: ZoneInfo) -> Row:
    local = event.occurred_at.astimezone(zone)
    return {
        "customer_id": person.customer_id,
        "occurred_at": event.occurred_at.replace(tzinfo=None),
        "position": event.position,
        "local_hour": local.hour,
        "local_weekday": local.isoweekday(),
        "local_month": local.month,
        **{name: _naive(value) for name, value in event.properties.items()},
    }


def _trait_types(catalogue: Catalogue) -> dict[str, pa.DataType]:
    types: dict[str, pa.DataType] = {"customer_id": pa.string()}
    for name, kind in catalogue.traits.items():
        if kind is Kind.LOCATION:
            types |= {f"{name}_lat": pa.float64(), f"{name}_lon": pa.float64()}
        else:
            types[name] = ARROW[kind]
    return types


def _customer_row(person: Person) -> Row:
    return {"customer_id": person.customer_id, **{name: _naive(value) for name, value in person.traits.items()}}


def _score_row(person: Person, model: str) -> Row:
    parts = {part: person.scores.get(f"{model}.{part}") for part in ("decile", "low", "high")}
    return {"customer_id": person.customer_id, "model": model, "score": person.scores[model], **parts}
