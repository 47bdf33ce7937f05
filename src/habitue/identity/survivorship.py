"""Which value of a trait a person keeps when its records say different things."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from habitue.identity.coded import Coded
from habitue.identity.edges import Ints
from habitue.identity.rules import TraitRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Sayings:
    """What records say of one trait, a row each.

    Attributes:
        person: The person of each row.
        value: What is said, missing where nothing is.
        said_us: When, in microseconds since 1970.
        source: By which source.
        record: Number of the record; a greater one is younger.
    """

    person: Coded
    value: Coded
    said_us: Ints
    source: Coded
    record: Ints


def surviving_rows(sayings: Sayings, rule: TraitRule) -> Ints:
    """The row whose value each person keeps, in order of the persons; persons without a value are absent.

    Of equal ones the latest saying stays, and of those the youngest record's.

    Args:
        sayings: What is said.
        rule: How to choose.
    """
    rows = np.flatnonzero(sayings.value.known & sayings.person.known)
    person = sayings.person.code[rows]
    order = np.lexsort((*_ties(sayings, rows, rule), person))
    chosen = rows[order]
    first = np.ones(len(chosen), dtype=np.bool_)
    first[1:] = sayings.person.code[chosen][1:] != sayings.person.code[chosen][:-1]
    kept: Ints = chosen[first].astype(np.int64)
    return kept


def _ties(sayings: Sayings, rows: Ints, rule: TraitRule) -> tuple[Ints, ...]:
    """What decides between a person's rows, the smallest first; the last one given decides first."""
    latest, youngest = -sayings.said_us[rows], -sayings.record[rows]
    value = sayings.value.code[rows]
    match rule.keep:
        case "latest":
            return youngest, latest
        case "first":
            return sayings.record[rows], sayings.said_us[rows]
        case "longest":
            size = np.array([len(text) for text in sayings.value.values], dtype=np.int64)
            return youngest, latest, -size[value]
        case "most_frequent":
            return youngest, latest, -_counts(sayings.person.code[rows], value)
        case "source_priority":
            return youngest, latest, _ranks(sayings.source, rule)[rows]


def _counts(person: Ints, value: Ints) -> Ints:
    """How often each row's person is said to have each row's value."""
    pair = person * (int(value.max(initial=0)) + 1) + value
    _, inverse, counts = np.unique(pair, return_inverse=True, return_counts=True)
    often: Ints = counts[inverse].astype(np.int64)
    return often


def _ranks(source: Coded, rule: TraitRule) -> Ints:
    """Place of each row's source in the order of trust; sources that are not named come last."""
    place = {name: index for index, name in enumerate(rule.sources)}
    last = len(rule.sources)
    ranks = np.array([*(place.get(name, last) for name in source.values), last], dtype=np.int64)
    return ranks[source.code]


def surviving(table: pa.Table, rule: TraitRule) -> pa.Table:
    """The value each person keeps, and where it comes from.

    Args:
        table: `customer_id`, `value`, `said_at` (timestamp), `source`, `record` (number), a row a saying.
        rule: How to choose.

    Returns:
        The rows that are kept, one a person, by customer id.
    """
    said = pc.cast(pc.cast(table["said_at"], pa.timestamp("us")), pa.int64()).fill_null(0)
    sayings = Sayings(
        person=Coded.of(table["customer_id"]),
        value=Coded.of(table["value"]),
        said_us=said.to_numpy(),
        source=Coded.of(table["source"]),
        record=table["record"].to_numpy(),
    )
    return table.take(surviving_rows(sayings, rule)).sort_by("customer_id")
