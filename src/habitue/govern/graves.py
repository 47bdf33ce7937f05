"""Graves: keyed marks of the names of erased people, so that they are not taken in again.

A grave is HMAC-SHA256 of a name under a key of its own, cut to 128 bits: the list of graves alone says nothing about
anybody, and can be kept beside backups.
"""

import hmac
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import Final

_GRAVE_BYTES: Final = 16
_PAGE: Final = 50_000


class Graves:
    """The graves of one open vault."""

    def __init__(self, connection: sqlite3.Connection, key: bytes) -> None:
        self._connection = connection
        self._key = key
        self._counted = (-1, 0)

    def _of(self, name: bytes) -> bytes:
        return hmac.digest(self._key, name, "sha256")[:_GRAVE_BYTES]

    def among(self, names: Iterable[bytes]) -> set[bytes]:
        """Those of the names that are buried."""
        if self._connection.execute("SELECT 1 FROM graves LIMIT 1").fetchone() is None:
            return set()
        found: set[bytes] = set()
        waiting = iter(names)
        self._connection.execute("CREATE TEMP TABLE IF NOT EXISTS sought (grave BLOB PRIMARY KEY) WITHOUT ROWID")
        while page := {self._of(name): name for name in islice(waiting, _PAGE)}:
            self._connection.execute("DELETE FROM sought")
            self._connection.executemany("INSERT INTO sought (grave) VALUES (?)", ((each,) for each in sorted(page)))
            rows = self._connection.execute("SELECT s.grave FROM sought AS s JOIN graves AS g ON g.grave = s.grave")
            found.update(page[grave] for (grave,) in rows.fetchall())
        return found

    def count(self) -> int:
        """How many graves there are; counted again only where the file changed."""
        version = int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        last, count = self._counted
        if version != last:
            count = int(self._connection.execute("SELECT count(*) FROM graves").fetchone()[0])
            self._counted = (version, count)
        return count

    def under(self, names: Iterable[bytes], graves: Collection[bytes]) -> list[bytes]:
        """Those of the names that lie in some graves, which need not be ours yet."""
        return [name for name in names if self._of(name) in graves]

    def dig(self, names: Iterable[bytes], erased_us: int) -> int:
        """Bury names; how many were not buried before."""
        return self.take((self._of(name), erased_us) for name in names)

    def take(self, graves: Iterable[tuple[bytes, int]]) -> int:
        """Take over graves with the time of each; how many are new."""
        before = self._connection.total_changes
        self._counted = (-1, 0)
        self._connection.executemany(
            "INSERT INTO graves (grave, erased_us) VALUES (?, ?) ON CONFLICT (grave) DO NOTHING", graves
        )
        return self._connection.total_changes - before

    def all(self) -> Sequence[tuple[bytes, int]]:
        """Every grave and when it was dug (µs)."""
        return self._connection.execute("SELECT grave, erased_us FROM graves ORDER BY grave").fetchall()
