"""Cards: what each source says of each person in the clear, one sealed text for each record and source."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import Final

from habitue.govern.person_keys import PersonKeys, ask
from habitue.govern.vault_tables import record_id, record_number, record_numbers

_PAGE: Final = 20_000
_FIRST: Final = -(1 << 63)


class Cards:
    """The cards of one open vault."""

    def __init__(self, connection: sqlite3.Connection, keys: PersonKeys) -> None:
        self._connection = connection
        self._keys = keys

    def put(self, source: str, records: Sequence[str], cards: Sequence[str]) -> None:
        """Seal the cards of a source, in place of its former ones of these records; inside a transaction."""
        number = self.source(source)
        wanted = dict(zip(record_numbers(records), cards, strict=True))
        waiting = iter(sorted(each for each in wanted if each is not None))
        while page := list(islice(waiting, _PAGE)):
            texts = {each: wanted[each] for each in page}
            self._connection.executemany(
                """
                INSERT INTO cards (record, source, sealed) VALUES (?, ?, ?)
                ON CONFLICT (record, source) DO UPDATE SET sealed = excluded.sealed
                """,
                ((each, number, sealed) for each, sealed in self._keys.sealed(texts, source)),
            )

    def source(self, name: str) -> int:
        """The number of a source, which gets one when it has none; inside a transaction."""
        row = self._connection.execute("SELECT number FROM sources WHERE name = ?", (name,)).fetchone()
        if row is None:
            self._connection.execute("INSERT INTO sources (name) VALUES (?)", (name,))
            return self.source(name)
        return int(row[0])

    def lacking(self, source: str, records: Iterable[str]) -> set[str]:
        """Those of some records that have no card of a source; one search of the index each."""
        wanted = set(records)
        found = self._connection.execute("SELECT number FROM sources WHERE name = ?", (source,)).fetchone()
        if found is None:
            return wanted
        there = "SELECT 1 FROM cards WHERE record = ? AND source = ?"
        return {
            each
            for each in wanted
            if self._connection.execute(there, (record_number(each), found[0])).fetchone() is None
        }

    def drop(self, source: str) -> int:
        """Remove every card of a source; how many there were."""
        return self._connection.execute(
            "DELETE FROM cards WHERE source = (SELECT number FROM sources WHERE name = ?)", (source,)
        ).rowcount

    def with_any(self, numbers: Sequence[int]) -> set[int]:
        """Those of some records of whom there is a card."""
        ask(self._connection, numbers)
        rows = self._connection.execute(
            "SELECT a.record FROM asked AS a WHERE EXISTS (SELECT 1 FROM cards AS c WHERE c.record = a.record)"
        )
        return {record for (record,) in rows.fetchall()}

    def drop_of(self, numbers: Sequence[int]) -> int:
        """Remove every card of some records; how many there were."""
        ask(self._connection, numbers)
        return self._connection.execute("DELETE FROM cards WHERE record IN (SELECT record FROM asked)").rowcount

    def each(self, source: str | None) -> Iterator[tuple[str, str, str]]:
        """Record, source and card, of one source or of all, by record; opened one by one."""
        at, key = (_FIRST, 0), None
        while rows := self._page(at, source):
            for record, number, name, sealed, wrapped in rows:
                if key is None or record != at[0]:
                    key = self._keys.opened(record, wrapped)
                at = (record, number + 1)
                yield record_id(record), name, key.unseal(sealed, f"{record}|{name}").decode("utf-8", "surrogatepass")

    def _page(self, at: tuple[int, int], source: str | None) -> list[tuple[int, int, str, bytes, bytes]]:
        return self._connection.execute(
            """
            SELECT c.record, c.source, s.name, c.sealed, r.wrapped
            FROM cards AS c
            CROSS JOIN records AS r ON r.record = c.record
            CROSS JOIN sources AS s ON s.number = c.source
            WHERE (c.record, c.source) >= (:record, :number) AND (:source IS NULL OR s.name = :source)
            ORDER BY c.record, c.source LIMIT :page
            """,
            {"record": at[0], "number": at[1], "source": source, "page": _PAGE},
        ).fetchall()

    def of(self, record: str) -> dict[str, str] | None:
        """The cards of one record by source; None where there is no such record."""
        number = record_number(record)
        key = None if number is None else self._keys.of(number)
        if key is None:
            return None
        rows = self._connection.execute(
            """
            SELECT s.name, c.sealed FROM cards AS c JOIN sources AS s ON s.number = c.source
            WHERE c.record = ? ORDER BY s.name
            """,
            (number,),
        ).fetchall()
        return {name: key.unseal(sealed, f"{number}|{name}").decode("utf-8", "surrogatepass") for name, sealed in rows}

    def of_many(self, numbers: Collection[int]) -> dict[int, dict[str, str]]:
        """The cards of some records by source, in the order of sources; those who are not there are absent."""
        rows = self._connection.execute(
            """
            SELECT r.record, r.wrapped, s.name, c.sealed FROM json_each(?) AS j
            CROSS JOIN records AS r ON r.record = j.value
            LEFT JOIN cards AS c ON c.record = r.record LEFT JOIN sources AS s ON s.number = c.source
            ORDER BY r.record, s.name
            """,
            (json.dumps(list(numbers)),),
        ).fetchall()
        found: dict[int, dict[str, str]] = {}
        for number, those in groupby(rows, key=itemgetter(0)):
            cards = found[number] = {}
            key = None
            for _, wrapped, name, sealed in those:
                if name is not None:
                    key = key or self._keys.opened(number, wrapped)
                    cards[name] = key.unseal(sealed, f"{number}|{name}").decode("utf-8", "surrogatepass")
        return found
