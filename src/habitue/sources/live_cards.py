"""What live messages say of people in the clear, as cards in the vault: one for each record and source.

A card is changed message by message, and says up to which one it was; so a log that is read again from somewhere leaves
it as it is. It also remembers the traits that count, as the log has them, for when their messages are too old to stay.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from habitue.govern.vault import Vault
from habitue.sources.arrivals import ArrivedEvent, Sealed, Stored
from habitue.sources.spec import OWN_CARD

TIMES: Final = "said"
"""The part of a live card that tells when each trait was said, µs since 1970: the latest counts, whenever it came."""
LATEST: Final = "at"
"""The part that tells the offset of the last message that changed who somebody is by this card."""
GIVEN: Final = "given"
"""The part that holds each trait as the log has it: when it was said, µs, the offset, and the value."""
_NEVER: Final = -(1 << 63)
_PAIRS: Final = 200_000
Card = dict[str, Any]


class Said(NamedTuple):
    """What one message says that a card may hold.

    Attributes:
        source: Who sent it.
        record: Whom it is about.
        offset: Its place in the log.
        occurred_us: When it happened.
        sealed: What it says in the clear.
        others: Further records that it says are the same person.
        traits: Traits as the log has them.
        events: Table, id and event of each event that it became.
    """

    source: str
    record: str
    offset: int
    occurred_us: int
    sealed: Sealed | None
    others: Sequence[tuple[str, str]]
    traits: Mapping[str, Stored]
    events: Iterable[tuple[str, str, ArrivedEvent]]


class LiveCards:
    """The cards that some messages of the log change.

    Args:
        vault: Where cards are.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._cards: dict[tuple[str, str], Card] = {}
        self._changed: set[tuple[str, str]] = set()
        self._before: dict[str, Mapping[str, str]] = {}
        self._paired: dict[tuple[str, str, str], int] = {}

    def add(self, said: Said) -> int:
        """Take over what one message says.

        Returns:
            The offset of the last message that changed who the record is by this source; 0 where this one says nothing
            of it.
        """
        sealed = said.sealed
        says = sealed is not None and (sealed.id or sealed.identifiers or sealed.traits or sealed.properties)
        if not says and not said.traits and not said.others:
            return 0
        card = self._card(said.source, said.record)
        changes = self._identify(card, said)
        if sealed is not None and says:
            changes |= _tell_traits(card, sealed, said.occurred_us)
            if _tell_events(card, sealed, said.events):
                self._changed.add((said.record, said.source))
        if said.traits and _tell_given(card, said):
            self._changed.add((said.record, said.source))
        if changes:
            card[LATEST] = said.offset
            self._changed.add((said.record, said.source))
        latest = int(card.get(LATEST, 0))
        self._pair(said, latest)
        return latest

    def tied(self, source: str, record: str, others: Sequence[tuple[str, str]]) -> int | None:
        """What `add` would give for a message that says no more than that records are one person, where it did before.

        Args:
            source: Who sent it.
            record: Whom it is about.
            others: The further records.
        """
        latest = 0
        for _, other in others:
            known = self._paired.get((source, record, other))
            if known is None:
                return None
            latest = max(latest, known)
        return latest

    def _identify(self, card: Card, said: Said) -> bool:
        """Take over further identifiers; whether one is new."""
        told = [self._own(other) for _, other in said.others]
        if said.sealed is not None:
            told += list(said.sealed.id[1:])
            told += [(space, value) for space, values in said.sealed.identifiers.items() for value in values]
        is_new = False
        for space, value in filter(None, told):
            known = card.setdefault("identifiers", {}).setdefault(space, [])
            if value not in known:
                known.append(value)
                is_new = True
        return is_new

    def _own(self, record: str) -> tuple[str, str] | None:
        """The identifier that a record is known by; None where it was erased."""
        if not self._vault.record_known(record):
            return None
        found = json.loads(self._opened(record).get(OWN_CARD, "{}")).get("id")
        return (str(found[0][0]), str(found[0][1])) if found else None

    def _pair(self, said: Said, latest: int) -> None:
        if len(self._paired) > _PAIRS:
            self._paired.clear()
        for _, other in said.others:
            self._paired[said.source, said.record, other] = latest

    def _card(self, source: str, record: str) -> Card:
        found = self._cards.get((record, source))
        if found is None:
            found = self._cards[record, source] = json.loads(self._opened(record).get(source, "{}"))
        return found

    def _opened(self, record: str) -> Mapping[str, str]:
        found = self._before.get(record)
        if found is None:
            found = self._before[record] = self._vault.card(record)
        return found

    def put(self) -> int:
        """Seal the changed cards; how many there are."""
        by_source: dict[str, tuple[list[str], list[str]]] = {}
        for record, source in sorted(self._changed):
            records, texts = by_source.setdefault(source, ([], []))
            records.append(record)
            texts.append(json.dumps(self._cards[record, source], ensure_ascii=False))
        for source, (records, texts) in by_source.items():
            self._vault.put_cards(source, records, texts)
        count = len(self._changed)
        self._cards, self._changed, self._before = {}, set(), {}
        return count


def _tell_traits(card: Card, sealed: Sealed, occurred_us: int) -> bool:
    """Take over traits; whether one is another than before."""
    is_new = False
    if sealed.traits:
        traits, times = card.setdefault("traits", {}), card.setdefault(TIMES, {})
        for name, value in sealed.traits.items():
            if value is not None and times.get(name, occurred_us) <= occurred_us:
                is_new |= traits.get(name) != str(value) or times.get(name) != occurred_us
                traits[name], times[name] = str(value), occurred_us
    return is_new


def _tell_events(card: Card, sealed: Sealed, events: Iterable[tuple[str, str, ArrivedEvent]]) -> bool:
    """Take over what was personal in events; whether there was anything."""
    has_words = False
    for table, event_id, event in events if sealed.properties else ():
        key = f"{event.name} {event.child}" if event.child else event.name
        words = {name: value for name, value in sealed.properties.get(key, {}).items() if value is not None}
        if words:
            card.setdefault("events", {}).setdefault(table, {})[event_id] = words
            has_words = True
    return has_words


def _tell_given(card: Card, said: Said) -> bool:
    """Take over traits as the log has them; whether one is another than before."""
    given, is_new = card.setdefault(GIVEN, {}), False
    for name, value in said.traits.items():
        if value is not None and [said.occurred_us, said.offset] > given.get(name, [_NEVER, 0])[:2]:
            given[name] = [said.occurred_us, said.offset, value]
            is_new = True
    return is_new


def given_before(vault: Vault, source: str, first: int) -> Iterator[tuple[str, int, int, dict[str, Stored]]]:
    """What cards remember of traits whose messages are gone: record, offset, when (µs), and the traits.

    Args:
        vault: Where the cards are.
        source: The live source.
        first: The offset of the oldest message there still is.
    """
    for record, _, text in vault.cards(source=source):
        by_message: dict[tuple[int, int], dict[str, Stored]] = {}
        for name, (occurred_us, offset, value) in json.loads(text).get(GIVEN, {}).items():
            if offset < first:
                by_message.setdefault((offset, occurred_us), {})[name] = value
        for (offset, occurred_us), traits in sorted(by_message.items()):
            yield record, offset, occurred_us, traits


def drop_live_cards(vault: Vault, sources: Sequence[str]) -> int:
    """Take what live sources said out of the vault; how many cards there were."""
    return sum(vault.drop_cards(each) for each in sources)
