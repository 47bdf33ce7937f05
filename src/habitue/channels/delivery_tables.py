"""The tables of the delivery log, as constant SQL."""

from typing import Final

from habitue.state.sqlite import Format

DELIVERIES: Final = Format(
    application=0x4842444C,
    version=1,
    statements=(
        "PRAGMA application_id = 1212302412",
        "PRAGMA user_version = 1",
        """
        CREATE TABLE channels (
            name TEXT PRIMARY KEY, sequence INTEGER NOT NULL, begun_us INTEGER NOT NULL, off TEXT NOT NULL DEFAULT '',
            off_us INTEGER, accepted_us INTEGER, accepted INTEGER NOT NULL DEFAULT 0
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE deliveries (
            channel TEXT NOT NULL, sequence INTEGER NOT NULL, segment TEXT NOT NULL, entered INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up', 'withheld')),
            attempts INTEGER NOT NULL, next_us INTEGER NOT NULL, why TEXT NOT NULL, status INTEGER,
            took_ms INTEGER NOT NULL, first_us INTEGER NOT NULL, last_us INTEGER NOT NULL,
            PRIMARY KEY (channel, sequence)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX waiting ON deliveries (channel, sequence) WHERE state = 'waiting'",
        """
        CREATE TABLE told (
            channel TEXT NOT NULL, segment TEXT NOT NULL, customer_id TEXT NOT NULL,
            PRIMARY KEY (channel, segment, customer_id)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX told_of ON told (customer_id)",
    ),
)

KEEP: Final = """
INSERT INTO deliveries (channel, sequence, segment, entered, state, attempts, next_us, why, status, took_ms, first_us,
                        last_us)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (channel, sequence) DO UPDATE SET state = excluded.state, attempts = excluded.attempts,
    next_us = excluded.next_us, why = excluded.why, status = excluded.status, took_ms = excluded.took_ms,
    last_us = excluded.last_us
"""

LATEST: Final = """
SELECT channel, sequence, segment, entered, state, attempts, next_us, why, status, took_ms, first_us, last_us
FROM deliveries
WHERE (?1 IS NULL OR channel = ?1) AND (?2 IS NULL OR state = ?2)
ORDER BY last_us DESC, sequence DESC LIMIT ?3
"""
WAITING: Final = """
SELECT channel, sequence, segment, entered, state, attempts, next_us, why, status, took_ms, first_us, last_us
FROM deliveries WHERE channel = ? AND state = 'waiting' ORDER BY sequence
"""
RETIRE: Final = """
DELETE FROM deliveries WHERE (channel, sequence) IN (
    SELECT d.channel, d.sequence FROM deliveries AS d JOIN channels AS c ON c.name = d.channel
    WHERE d.state <> 'waiting' AND d.sequence <= c.sequence AND d.last_us < ? LIMIT ?)
"""
CUT: Final = """
DELETE FROM deliveries WHERE channel = ?1 AND state <> 'waiting' AND sequence <= (
    SELECT min(c.sequence, (
        SELECT sequence FROM deliveries WHERE channel = ?1 ORDER BY sequence DESC LIMIT 1 OFFSET ?2))
    FROM channels AS c WHERE c.name = ?1)
"""
