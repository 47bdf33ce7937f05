"""Carried identifiers: names that records have besides their own, such as an e-mail address that several may share."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence

from habitue.govern.vault_tables import record_id, record_numbers


class Carried:
    """The carried identifiers of one open vault."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put(self, namespace: str, pairs: Sequence[tuple[str, str]]) -> None:
        """Replace what records carry of a namespace by these pairs of record and name; inside a transaction.

        Records that the vault does not know are left out. What stays the same is not written again.
        """
        number = self._namespace(namespace)
        records = record_numbers([record for record, _ in pairs])
        # In the order of names, so that pages are filled one after the other.
        order = sorted(range(len(pairs)), key=[name for _, name in pairs].__getitem__)
        rows = ((bytes.fromhex(pairs[place][1]), records[place]) for place in order if records[place] is not None)
        self._connection.execute(
            """
            CREATE TEMP TABLE IF NOT EXISTS given (
                name BLOB NOT NULL, record INTEGER NOT NULL, PRIMARY KEY (name, record)
            ) WITHOUT ROWID
            """
        )
        self._connection.execute("DELETE FROM given")
        self._connection.executemany("INSERT OR IGNORE INTO given (name, record) VALUES (?, ?)", rows)
        self._connection.execute(
            """
            DELETE FROM carried WHERE namespace = ? AND NOT EXISTS (
                SELECT 1 FROM given AS g WHERE g.name = carried.name AND g.record = carried.record)
            """,
            (number,),
        )
        self._connection.execute(
            """
            INSERT INTO carried (name, record, namespace)
            SELECT g.name, g.record, ? FROM given AS g
            WHERE NOT EXISTS (SELECT 1 FROM carried AS c WHERE c.name = g.name AND c.record = g.record)
              AND EXISTS (SELECT 1 FROM records AS r WHERE r.record = g.record)
            ORDER BY g.name, g.record
            """,
            (number,),
        )
        self._connection.execute("DELETE FROM given")

    def add(self, namespace: str, pairs: Sequence[tuple[str, str]]) -> None:
        """Have records carry names of a namespace besides what they carry; inside a transaction."""
        number = self._namespace(namespace)
        records = record_numbers([record for record, _ in pairs])
        rows = [
            (bytes.fromhex(name), record, number)
            for (_, name), record in zip(pairs, records, strict=True)
            if record is not None
        ]
        self._connection.executemany(
            """
            INSERT OR IGNORE INTO carried (name, record, namespace)
            SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM records WHERE record = ?2)
            """,
            rows,
        )

    def _namespace(self, name: str) -> int:
        self._connection.execute("INSERT INTO namespaces (name) VALUES (?) ON CONFLICT (name) DO NOTHING", (name,))
        return int(self._connection.execute("SELECT number FROM namespaces WHERE name = ?", (name,)).fetchone()[0])

    def all(self) -> dict[str, list[tuple[str, str]]]:
        """Pairs of record and name by namespace, by name."""
        found: dict[str, list[tuple[str, str]]] = {}
        rows = self._connection.execute(
            """
            SELECT n.name, c.record, c.name FROM carried AS c CROSS JOIN namespaces AS n ON n.number = c.namespace
            ORDER BY c.name, c.record
            """
        )
        for namespace, record, name in rows:
            found.setdefault(namespace, []).append((record_id(record), name.hex()))
        return found

    def clear(self, but: Iterable[str]) -> None:
        """Forget all of them, except those of some namespaces."""
        self._connection.execute(
            """
            DELETE FROM carried WHERE namespace NOT IN (
                SELECT number FROM namespaces WHERE name IN (SELECT value FROM json_each(?)))
            """,
            (json.dumps(list(but)),),
        )

    def sharing(self, records: Collection[int]) -> list[tuple[int, str, str]]:
        """Who carries the names by which some records are known: record, namespace and record of the other."""
        rows = self._connection.execute(
            """
            SELECT r.record, n.name, c.record FROM json_each(?) AS j CROSS JOIN records AS r ON r.record = j.value
            CROSS JOIN carried AS c ON c.name = r.name CROSS JOIN namespaces AS n ON n.number = c.namespace
            WHERE c.record <> r.record ORDER BY c.record
            """,
            (json.dumps(list(records)),),
        )
        return [(record, namespace, record_id(other)) for record, namespace, other in rows.fetchall()]

    def by(self, name: str) -> list[str]:
        """The records that carry a name."""
        rows = self._connection.execute(
            "SELECT record FROM carried WHERE name = ? ORDER BY record", (bytes.fromhex(name),)
        ).fetchall()
        return [record_id(record) for (record,) in rows]

    def counts(self, names: Sequence[bytes]) -> list[int]:
        """How many records carry each of some names."""
        if not names:
            return []
        rows = self._connection.execute(
            """
            WITH RECURSIVE places(place) AS (SELECT 0 UNION ALL SELECT place + 1 FROM places WHERE place + 1 < ?1)
            SELECT (SELECT count(*) FROM carried WHERE name = substr(?2, place * 16 + 1, 16)) FROM places ORDER BY place
            """,
            (len(names), b"".join(names)),
        )
        return [count for (count,) in rows.fetchall()]
