"""The keys of persons: one for each record, random, kept under the master key, destroyed when the person is erased."""

import sqlite3
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from habitue.errors import HabitueError
from habitue.govern.keys import KEY_BYTES, RandomBytes
from habitue.govern.sealing import NONCE_BYTES, Seal

_PAGE: Final = 50_000
_DRAWN: Final = NONCE_BYTES + KEY_BYTES


class PersonUnknownError(HabitueError):
    """Nobody in the vault has an id."""

    code = "PERSON-UNKNOWN"

    def __init__(self, customer_id: str) -> None:
        super().__init__(
            what=f"The vault knows nobody by the id {customer_id[:40]!r}.",
            do="Give an id as `habitue segments members` prints it; somebody erased stays unknown.",
        )


class PersonKeys:
    """The keys of one open vault's records."""

    def __init__(self, connection: sqlite3.Connection, wrap: Seal, random: RandomBytes) -> None:
        self._connection = connection
        self._wrap = wrap
        self._random = random

    def make(self, names: Sequence[bytes], made_us: int) -> Iterator[tuple[bytes, int]]:
        """A new record with a new key for each name; the number of each, in the order of the names.

        Args:
            names: In order, so that their index fills page after page; none of them known.
            made_us: The present time.
        """
        numbers: tuple[int, ...] = struct.unpack(f"<{len(names)}q", self._random(8 * len(names)))
        self._connection.executemany(
            "INSERT INTO records (record, name, wrapped, made_us) VALUES (?, ?, ?, ?)",
            self._rows(numbers, names, sorted(range(len(names)), key=numbers.__getitem__), made_us),
        )
        self._connection.executemany("INSERT INTO names (name, record) VALUES (?, ?)", zip(names, numbers, strict=True))
        return zip(names, numbers, strict=True)

    def _rows(
        self, numbers: Sequence[int], names: Sequence[bytes], order: Sequence[int], made_us: int
    ) -> Iterator[tuple[int, bytes, bytes, int]]:
        random, wrap = self._random, self._wrap.seal_with
        for place in order:
            number, drawn = numbers[place], random(_DRAWN)
            yield number, names[place], wrap(drawn[:NONCE_BYTES], drawn[NONCE_BYTES:], f"{number}|key"), made_us

    def draw(self, number: int) -> tuple[bytes, Seal]:
        """A new key for a record: as it is kept under the master key, and ready for use."""
        drawn = self._random(_DRAWN)
        key = drawn[NONCE_BYTES:]
        return self._wrap.seal_with(drawn[:NONCE_BYTES], key, f"{number}|key"), Seal(key, self._random)

    def opened(self, number: int, wrapped: bytes) -> Seal:
        """The key of a record, ready for use.

        Raises:
            SealBrokenError: It was changed.
        """
        return Seal(self._wrap.unseal(wrapped, f"{number}|key"), self._random)

    def of(self, number: int) -> Seal | None:
        """The key of one record; None where there is no such record."""
        row = self._connection.execute("SELECT wrapped FROM records WHERE record = ?", (number,)).fetchone()
        return None if row is None else self.opened(number, row[0])

    def sealed(self, texts: Mapping[int, str], place: str) -> Iterator[tuple[int, bytes]]:
        """Each text sealed under its record's key, by record; of records that are there, a page of them at most.

        Args:
            texts: By record, in the order of records.
            place: What the texts are.
        """
        ask(self._connection, texts)
        rows = self._connection.execute(
            """
            SELECT r.record, r.wrapped FROM asked AS a CROSS JOIN records AS r ON r.record = a.record
            ORDER BY a.record
            """
        ).fetchall()
        random, unwrap = self._random, self._wrap.unseal
        for number, wrapped in rows:
            key = Seal(unwrap(wrapped, f"{number}|key"), random)
            yield number, key.seal(texts[number].encode("utf-8", "surrogatepass"), f"{number}|{place}")

    def rewrap(self, wrap: Seal) -> int:
        """Keep every key under another master key; inside a transaction. How many there are."""
        last, count = -(1 << 63) - 1, 0
        while rows := self._page(last):
            self._connection.executemany(
                "UPDATE records SET wrapped = ? WHERE record = ?",
                ((wrap.seal(self._wrap.unseal(old, f"{each}|key"), f"{each}|key"), each) for each, old in rows),
            )
            last, count = rows[-1][0], count + len(rows)
        self._wrap = wrap
        return count

    def _page(self, after: int) -> list[tuple[int, bytes]]:
        start = max(after + 1, -(1 << 63))
        if start >= 1 << 63:
            return []
        return self._connection.execute(
            "SELECT record, wrapped FROM records WHERE record >= ? ORDER BY record LIMIT ?", (start, _PAGE)
        ).fetchall()


def ask(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Hold these records in the temporary table `asked`, which lives in memory only, in place of those before."""
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS asked (record INTEGER PRIMARY KEY)")
    connection.execute("DELETE FROM asked")
    connection.executemany("INSERT OR IGNORE INTO asked (record) VALUES (?)", ((number,) for number in numbers))
