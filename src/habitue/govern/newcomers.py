"""Taking in people a few at a time, as live events bring them: record, key, name and first card in few steps."""

import sqlite3
from collections.abc import Sequence
from typing import Final

from habitue.govern.graves import Graves
from habitue.govern.keys import RandomBytes
from habitue.govern.person_keys import PersonKeys
from habitue.govern.record_seals import RecordSeals
from habitue.govern.vault_tables import record_id

_ID_BYTES: Final = 8


class Newcomers:
    """Gives records to names that are mostly new.

    Args:
        connection: The vault's.
        keys: Makes keys.
        random: Where ids come from.
        graves: Says who was erased.
        seals: Holds the keys of new records ready, since something about them is to be sealed next.
    """

    def __init__(
        self, connection: sqlite3.Connection, keys: PersonKeys, random: RandomBytes, graves: Graves, seals: RecordSeals
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._random = random
        self._graves = graves
        self._seals = seals

    def admit(
        self, names: Sequence[bytes], cards: Sequence[str], *, source: int, place: str, now_us: int
    ) -> list[int | None]:
        """The record of each name, made where there is none; None where it is buried. Inside a transaction.

        Args:
            names: Keyed names; the same one twice is the same record.
            cards: What is first said of each, kept where the source has said nothing yet.
            source: The number of that source.
            place: Its name, which the seal is bound to.
            now_us: The present time.
        """
        find = self._connection.execute
        buried = self._graves.among(names)
        found: dict[bytes, int] = {}
        new: list[tuple[bytes, str]] = []
        for name, card in zip(names, cards, strict=True):
            if name in found or name in buried:
                continue
            row = find("SELECT record FROM names WHERE name = ?", (name,)).fetchone()
            if row is None:
                found[name] = int.from_bytes(self._random(_ID_BYTES), "little", signed=True)
                new.append((name, card))
                continue
            found[name] = row[0]
            if find("SELECT 1 FROM cards WHERE record = ? AND source = ?", (row[0], source)).fetchone() is None:
                self._keep_card(row[0], card, source, place)
        self._make([(found[name], name, card) for name, card in new], source, place, now_us)
        return [None if name in buried else found[name] for name in names]

    def _make(self, new: Sequence[tuple[int, bytes, str]], source: int, place: str, now_us: int) -> None:
        records, cards = [], []
        for number, name, card in new:
            wrapped, seal = self._keys.draw(number)
            self._seals.remember(record_id(number), number, seal)
            records.append((number, name, wrapped, now_us))
            cards.append((number, source, seal.seal(card.encode("utf-8", "surrogatepass"), f"{number}|{place}")))
        many = self._connection.executemany
        many("INSERT INTO records (record, name, wrapped, made_us) VALUES (?, ?, ?, ?)", records)
        many("INSERT INTO names (name, record) VALUES (?, ?)", [(name, number) for number, name, _ in new])
        many("INSERT INTO cards (record, source, sealed) VALUES (?, ?, ?)", cards)

    def _keep_card(self, number: int, card: str, source: int, place: str) -> None:
        """Keep the card of a record that lost its own, as when it was kept long enough."""
        sealed = self._seals.sealed_at(record_id(number), card.encode("utf-8", "surrogatepass"), f"{number}|{place}")
        self._connection.execute(
            "INSERT INTO cards (record, source, sealed) VALUES (?, ?, ?)", (number, source, sealed)
        )
