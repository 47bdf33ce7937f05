"""What live messages say of people in the clear, as cards in the vault: one for each record and source.

A card is changed record of the log by record of the log, and says up to which one; so a log that is read again from
somewhere leaves the card as it is.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from habitue.govern.vault import Vault
from habitue.sources.arrivals import ArrivedEvent, Sealed
from habitue.sources.people import OWN_CARD

SAID: Final = "said"
"""The part of a live card that tells when each trait was said, µs since 1970: the latest counts, whenever it came."""
Card = dict[str, Any]


class LiveCards:
    """The cards that some records of the log change.

    Args:
        vault: Where cards are.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._cards: dict[tuple[str, str], Card] = {}
        self._own: dict[str, tuple[str, str]] = {}
        self._before: dict[str, Mapping[str, str]] = {}

    def add(
        self,
        source: str,
        record: str,
        occurred_us: int,
        sealed: Sealed,
        events: Iterable[tuple[str, str, ArrivedEvent]],
    ) -> bool:
        """What one message says.

        Args:
            source: Who sent it.
            record: Whom it is about.
            occurred_us: When it happened.
            sealed: What it says in the clear.
            events: Table, id and event of each event that it became.

        Returns:
            Whether it says anything that a card holds.
        """
        if not (sealed.id or sealed.identifiers or sealed.traits or sealed.properties):
            return False
        if sealed.id:
            self._own.setdefault(record, sealed.id[0])
        card = self._card(source, record)
        for space, values in (*((space, [value]) for space, value in sealed.id[1:]), *sealed.identifiers.items()):
            known = card.setdefault("identifiers", {}).setdefault(space, [])
            known += [each for each in values if each not in known]
        said = card.setdefault(SAID, {}) if sealed.traits else {}
        for name, value in sealed.traits.items():
            if value is not None and said.get(name, occurred_us) <= occurred_us:
                card.setdefault("traits", {})[name] = str(value)
                said[name] = occurred_us
        for table, event_id, event in events:
            key = f"{event.name} {event.child}" if event.child else event.name
            words = {name: value for name, value in sealed.properties.get(key, {}).items() if value is not None}
            if words:
                card.setdefault("events", {}).setdefault(table, {})[event_id] = words
        return True

    def _card(self, source: str, record: str) -> Card:
        found = self._cards.get((record, source))
        if found is None:
            before = self._before.get(record)
            if before is None:
                before = self._before[record] = self._vault.card(record)
            found = self._cards[record, source] = json.loads(before[source]) if source in before else {}
        return found

    def put(self) -> int:
        """Seal the changed cards; how many there are."""
        new = [each for each in self._own if OWN_CARD not in self._before.get(each, {})]
        own = [json.dumps({"id": [list(self._own[each])]}, ensure_ascii=False) for each in new]
        self._vault.put_cards(OWN_CARD, new, own)
        by_source: dict[str, tuple[list[str], list[str]]] = {}
        for (record, source), card in self._cards.items():
            records, texts = by_source.setdefault(source, ([], []))
            records.append(record)
            texts.append(json.dumps(card, ensure_ascii=False))
        for source, (records, texts) in by_source.items():
            self._vault.put_cards(source, records, texts)
        count = len(self._cards)
        self._cards, self._own, self._before = {}, {}, {}
        return count


def drop_live_cards(vault: Vault, sources: Sequence[str]) -> int:
    """Take what live sources said out of the vault; how many cards there were."""
    return sum(vault.drop_cards(each) for each in sources)
