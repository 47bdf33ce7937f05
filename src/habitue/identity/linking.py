"""The whole way from records to stored links: identifiers first, then likeness; and what keeps records apart."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pyarrow as pa

from habitue.identity.edges import Edges, Facts, Ints
from habitue.identity.identifiers import Blocked, IdentifierLinks, Identifiers, link_by_identifiers
from habitue.identity.links import MATCHED, Links, LinkState
from habitue.identity.matching import Matches, fitting_guards, match
from habitue.identity.model import MatchModel
from habitue.identity.preparing import RECORD_ID, birth_date, prepare
from habitue.identity.rules import Guards, IdentityRules, Strength


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """Which records carry which identifiers of one namespace, one row a pair.

    Attributes:
        record_id: Ids of records.
        value: Normalised identifiers, or keyed pseudonyms of them; missing where a record has none.
    """

    record_id: Sequence[str]
    value: Sequence[str | bytes | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of records that keeps them apart; personal, and held in memory only.

    Attributes:
        births: Dates of birth by record id, as `1987-05-31`.
        identifiers: Pairs of the place of a limited namespace and a number standing for the value, by record id.
    """

    births: Mapping[str, str] = field(default_factory=dict)
    identifiers: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)

    def facts_of(self, records: Sequence[str]) -> Facts:
        """What is known of some records, in their order; what `settle` asks for."""
        return Facts.born(
            [self.births.get(record) for record in records],
            {place: self.identifiers[record] for place, record in enumerate(records) if record in self.identifiers},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """What linking found and stored.

    Attributes:
        records: How many records there are in all.
        by_rule: Links that hold now, by rule: namespaces, and `matched`.
        to_review: Pairs for somebody to look at.
        added: Facts added, because they are new or changed.
        withdrawn: Links withdrawn, because they are found no longer.
        blocked: Identifiers that say nothing because too many records share them.
        matches: What matching found; None where nothing is matched by likeness.
        guards: The guards that suit these data.
        known: What keeps records apart.
    """

    records: int
    by_rule: Mapping[str, int]
    to_review: int
    added: int
    withdrawn: int
    blocked: tuple[Blocked, ...]
    matches: Matches | None
    guards: Guards
    known: Known


def link_records(
    links: Links,
    rules: IdentityRules,
    *,
    carried: Mapping[str, Carried],
    records: pa.Table | None = None,
    model: MatchModel | None = None,
    now: datetime,
    by: str = "build",
    threads: int = 2,
) -> Linked:
    """Find the links between records and store what changed since the last time.

    Args:
        links: The link store.
        rules: Who is who.
        carried: All identifiers of all records, by namespace; links that they make no longer are withdrawn.
        records: For matching by likeness: `record_id` and the columns that the rules name, decrypted, in memory only.
            Without them, links by likeness stay as they are.
        model: A model learned before; learned from the records when None.
        now: The present time, aware.
        by: Who asks.
        threads: Of the matching.
    """
    totals = {"added": 0, "withdrawn": 0}
    with links.transaction():
        numbers = _registered(links, carried, records, now)
        observed = {name: _observed(each, numbers) for name, each in carried.items()}
        certain = link_by_identifiers(observed, rules)
        matches, place_numbers = _matched(rules, records, numbers, model, threads)
        found: dict[str, dict[LinkState, Edges]] = {
            name: {LinkState.LINK: edges} for name, edges in certain.edges.items()
        }
        if matches is not None:
            found[MATCHED] = matches.edges(place_numbers)
            links.keep_model(matches.model.version, matches.model.to_json(), now=now)
        liked = [MATCHED] if matches is not None or rules.matching is None else []
        for rule in (*(each.name for each in rules.namespaces), *liked):
            version = matches.model.version if rule == MATCHED and matches is not None else ""
            added, withdrawn = links.replace(rule, found.get(rule, {}), model=version, now=now, by=by)
            totals = {"added": totals["added"] + added, "withdrawn": totals["withdrawn"] + withdrawn}
    return Linked(
        records=links.count(),
        by_rule={rule: len(states[LinkState.LINK]) for rule, states in found.items()},
        to_review=len(found[MATCHED][LinkState.REVIEW]) if matches is not None else 0,
        added=totals["added"],
        withdrawn=totals["withdrawn"],
        blocked=certain.blocked,
        matches=matches,
        guards=rules.guards if matches is None else fitting_guards(rules.guards, matches.model),
        known=_known(rules, records, numbers, certain),
    )


def what_keeps_apart(
    rules: IdentityRules, *, carried: Mapping[str, Carried], births: Mapping[str, str] | None = None
) -> Known:
    """What is known of records that keeps them apart, as for deciding about a few of them.

    Args:
        rules: Who is who.
        carried: Identifiers of the records by namespace.
        births: Their dates of birth as they were written, by record id; decrypted, in memory only.
    """
    values: dict[str, list[tuple[int, int]]] = {}
    for place, rule in enumerate(rules.namespaces):
        each = carried.get(rule.name)
        if each is None or not rule.limit or rule.links is Strength.NEVER:
            continue
        pairs = dict.fromkeys(zip(each.record_id, each.value, strict=True))
        sharing, codes = Counter(value for _, value in pairs), dict[str | bytes, int]()
        for record, value in pairs:
            if value is not None and sharing[value] <= rule.shared_by:
                values.setdefault(record, []).append((place, codes.setdefault(value, len(codes))))
    return Known(births=_dates((births or {}).items()), identifiers=values)


def _known(
    rules: IdentityRules, records: pa.Table | None, numbers: Mapping[str, int], certain: IdentifierLinks
) -> Known:
    names = {number: name for name, number in numbers.items()}
    return Known(
        births=_births(rules, records),
        identifiers={names[number]: values for number, values in certain.values.items()},
    )


def _registered(
    links: Links, carried: Mapping[str, Carried], records: pa.Table | None, now: datetime
) -> dict[str, int]:
    """The number of every record named anywhere, in the order of the table, then of the identifiers."""
    ids = dict.fromkeys(records[RECORD_ID].to_pylist() if records is not None else ())
    for each in carried.values():
        ids.update(dict.fromkeys(each.record_id))
    names = list(ids)
    return dict(zip(names, links.register(names, now=now).tolist(), strict=True))


def _observed(carried: Carried, numbers: Mapping[str, int]) -> Identifiers:
    return Identifiers.of([numbers[record] for record in carried.record_id], carried.value)


def _matched(
    rules: IdentityRules,
    records: pa.Table | None,
    numbers: Mapping[str, int],
    model: MatchModel | None,
    threads: int,
) -> tuple[Matches | None, Ints]:
    if rules.matching is None or records is None:
        return None, np.zeros(0, dtype=np.int64)
    places = np.array([numbers[record] for record in records[RECORD_ID].to_pylist()], dtype=np.int64)
    prepared = prepare(records, rules.matching, region=rules.region)
    usable = model if model is not None and model.columns == tuple(sorted(prepared.text)) else None
    return match(prepared, rules.matching, model=usable, threads=threads), places


def _births(rules: IdentityRules, records: pa.Table | None) -> dict[str, str]:
    column = rules.matching.columns.get("birth_date") if rules.matching is not None else None
    if records is None or column is None:
        return {}
    return _dates(zip(records[RECORD_ID].to_pylist(), records[column].cast(pa.string()).to_pylist(), strict=True))


def _dates(written: Iterable[tuple[str, str | None]]) -> dict[str, str]:
    read = ((record, birth_date(date)) for record, date in written if date is not None)
    return {record: date for record, date in read if date is not None}
