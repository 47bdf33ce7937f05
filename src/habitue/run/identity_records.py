"""What the vault's cards say of records: identifiers as names, and traits to match by.

Cards are decrypted one by one and held in memory only; what comes out of here towards a disk is names and record ids.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from habitue.govern.vault import Vault
from habitue.identity.edges import Facts
from habitue.identity.linking import Carried, what_keeps_apart
from habitue.identity.rules import IdentityRules, Strength
from habitue.sources.progress import Progress, silent

CARDS_AT_ONCE: Final = 10_000
Card = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Records as linking wants them.

    Attributes:
        count: How many records have a card.
        carried: Names of all identifiers by namespace, own ones included.
        shared: Names by namespace that are nobody's own: pairs of record id and name.
        traits: `record_id` and the columns that matching names; None where nothing is matched by likeness.
    """

    count: int
    carried: Mapping[str, Carried]
    shared: Mapping[str, Sequence[tuple[str, str]]]
    traits: pa.Table | None


@dataclass(slots=True)
class _Said:
    """Identifiers of one namespace as they were written, a row each."""

    record: list[str] = field(default_factory=list)
    value: list[str] = field(default_factory=list)
    own: list[bool] = field(default_factory=list)

    def add(self, record: str, value: str, *, own: bool) -> None:
        self.record.append(record)
        self.value.append(value)
        self.own.append(own)


def read_records(vault: Vault, rules: IdentityRules, *, progress: Progress = silent) -> Records:
    """All records that have a card.

    Args:
        vault: Where the cards are.
        rules: How identifiers are compared, and which traits are matched.
        progress: Told how far it is.
    """
    return _read(_watched(vault.cards(), progress, vault.count()), vault, rules)


def known_of(vault: Vault, rules: IdentityRules, records: Sequence[str]) -> Facts:
    """What keeps some records apart, in their order; read from their cards.

    Identifiers that too many others share are left out, as linking does.
    """
    cards = [
        (record, source, card)
        for record, said in vault.cards_of(dict.fromkeys(records)).items()
        for source, card in said.items()
    ]
    if not cards:
        return Facts.none(len(records))
    _, found, traits = _opened(cards, rules)
    carried = {}
    for rule in rules.namespaces:
        each = found.get(rule.name)
        if each is None or not rule.limit or rule.links is Strength.NEVER:
            continue
        named, _ = _named(rule.name, each, vault, rules)
        blocked = _blocked(vault, {name for name in named.value if isinstance(name, str)}, rule.shared_by)
        values = [None if name in blocked else name for name in named.value]
        carried[rule.name] = Carried(record_id=each.record, value=values)
    return what_keeps_apart(rules, carried=carried, births=_born(traits, rules)).facts_of(records)


def _born(traits: Mapping[str, Mapping[str, str]], rules: IdentityRules) -> dict[str, str]:
    """The dates of birth of those who say two things of a person or more, as for `read_records`."""
    column = None if rules.matching is None else rules.matching.columns.get("birth_date")
    if column is None:
        return {}
    return {record: given[column] for record, given in traits.items() if len(given) > 1 and column in given}


def _blocked(vault: Vault, names: Collection[str], allowed: int) -> set[str]:
    """Those of some names that too many records carry; whose own identifier has one says something all the same."""
    wanted = sorted(names)
    often = [name for name, count in zip(wanted, vault.carrier_counts(wanted), strict=True) if count > allowed]
    return set(often) - vault.find(often).keys() if often else set()


def _watched(cards: Iterable[Card], progress: Progress, total: int) -> Iterator[Card]:
    for number, card in enumerate(cards):
        if number % CARDS_AT_ONCE == 0:
            progress("who is who: reading records", number, total)
        yield card


def _read(cards: Iterable[Card], vault: Vault, rules: IdentityRules) -> Records:
    count, said, traits = _opened(cards, rules)
    carried: dict[str, Carried] = {}
    shared: dict[str, list[tuple[str, str]]] = {}
    for namespace, each in said.items():
        carried[namespace], shared[namespace] = _named(namespace, each, vault, rules)
    return Records(count=count, carried=carried, shared=shared, traits=_table(traits, _columns(rules)))


def _opened(cards: Iterable[Card], rules: IdentityRules) -> tuple[int, dict[str, _Said], dict[str, dict[str, str]]]:
    """How many records have cards, the identifiers in them by namespace, and the traits that matching names."""
    wanted = _columns(rules)
    said: dict[str, _Said] = {}
    traits: dict[str, dict[str, str]] = {}
    seen: set[str] = set()
    for record, _, text in cards:
        seen.add(record)
        card = json.loads(text)
        for namespace, value in card.get("id", ()):
            said.setdefault(namespace, _Said()).add(record, value, own=True)
        for namespace, values in card.get("identifiers", {}).items():
            for value in values:
                said.setdefault(namespace, _Said()).add(record, value, own=False)
        given = card.get("traits", {})
        for column in wanted:
            value = given.get(column)
            if value is not None and value != "":
                traits.setdefault(record, {}).setdefault(column, str(value))
    return len(seen), said, traits


def _named(namespace: str, said: _Said, vault: Vault, rules: IdentityRules) -> tuple[Carried, list[tuple[str, str]]]:
    names: list[str | None] = []
    pairs: dict[tuple[str, str], None] = {}
    compared = rules.normalise(namespace, said.value)
    made = iter(vault.names(namespace, (value for value in compared if value is not None)))
    for record, written, value, own in zip(said.record, said.value, compared, said.own, strict=True):
        name = None if value is None else next(made)
        names.append(name)
        if name is not None and not (own and value == written):
            pairs[record, name] = None
    return Carried(record_id=said.record, value=names), list(pairs)


def _columns(rules: IdentityRules) -> tuple[str, ...]:
    matching = rules.matching
    return () if matching is None else tuple(dict.fromkeys((*matching.columns.values(), *matching.also)))


def _table(traits: Mapping[str, Mapping[str, str]], columns: Sequence[str]) -> pa.Table | None:
    """A row for each record that says two things of a person or more: less is no likeness.

    In the order of what they say, since ids differ in every project and what matching learns depends on the order.
    """
    if not columns:
        return None
    said = {record: tuple(given.get(column, "") for column in columns) for record, given in traits.items()}
    telling = {record: traits[record] for record in sorted(said, key=lambda each: (said[each], each))}
    telling = {record: given for record, given in telling.items() if len(given) > 1}
    made = {"record_id": pa.array(list(telling), pa.string())}
    for column in columns:
        made[column] = pa.array([given.get(column) for given in telling.values()], pa.string())
    return pa.table(made)
