"""The tables of the log of transitions: who came and went, who is inside, and up to where events were read."""

from typing import Final

from habitue.state.sqlite import Format

TRANSITIONS: Final = Format(
    application=0x48425452,
    version=1,
    statements=(
        "PRAGMA application_id = 1212306514",
        "PRAGMA user_version = 1",
        "CREATE TABLE segments (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, rule TEXT NOT NULL DEFAULT '')",
        """
        CREATE TABLE transitions (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            customer_id TEXT NOT NULL,
            segment INTEGER NOT NULL REFERENCES segments (number),
            entered INTEGER NOT NULL CHECK (entered IN (0, 1)),
            occurred_us INTEGER NOT NULL,
            noticed_us INTEGER NOT NULL,
            cause TEXT NOT NULL CHECK (cause IN ('event', 'deadline', 'definition', 'build')),
            log_offset INTEGER NOT NULL
        )
        """,
        "CREATE INDEX transitions_of_segment ON transitions (segment, sequence)",
        "CREATE INDEX transitions_of_customer ON transitions (customer_id, sequence)",
        """
        CREATE TABLE members (
            segment INTEGER NOT NULL REFERENCES segments (number), customer_id TEXT NOT NULL,
            since_us INTEGER NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (segment, customer_id)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX members_of_customer ON members (customer_id)",
        "CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
        "INSERT INTO facts VALUES ('offset', 0), ('clock_us', 0), ('people', 0), ('settled', 0), ('settled_us', 0)",
        "INSERT INTO facts VALUES ('refused', 0)",
    ),
)

READ: Final = """
SELECT t.sequence, t.customer_id, s.name, t.entered, t.occurred_us, t.noticed_us, t.cause, t.log_offset
FROM transitions AS t JOIN segments AS s ON s.number = t.segment
WHERE t.sequence > ? ORDER BY t.sequence LIMIT ?
"""

READ_SEGMENT: Final = """
SELECT t.sequence, t.customer_id, s.name, t.entered, t.occurred_us, t.noticed_us, t.cause, t.log_offset
FROM segments AS s CROSS JOIN transitions AS t ON t.segment = s.number
WHERE s.name = ? AND t.sequence > ? ORDER BY t.sequence LIMIT ?
"""

READ_LATEST: Final = """
SELECT t.sequence, t.customer_id, s.name, t.entered, t.occurred_us, t.noticed_us, t.cause, t.log_offset
FROM segments AS s CROSS JOIN transitions AS t ON t.segment = s.number
WHERE s.name = ? ORDER BY t.sequence DESC LIMIT ?
"""

READ_CUSTOMER: Final = """
SELECT t.sequence, t.customer_id, s.name, t.entered, t.occurred_us, t.noticed_us, t.cause, t.log_offset
FROM transitions AS t JOIN segments AS s ON s.number = t.segment
WHERE t.customer_id = ? AND t.sequence > ? ORDER BY t.sequence LIMIT ?
"""

READ_BOTH: Final = """
SELECT t.sequence, t.customer_id, s.name, t.entered, t.occurred_us, t.noticed_us, t.cause, t.log_offset
FROM transitions AS t JOIN segments AS s ON s.number = t.segment
WHERE t.customer_id = ? AND s.name = ? AND t.sequence > ? ORDER BY t.sequence LIMIT ?
"""

SEQUENCE: Final = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'transitions'"

INSIDE: Final = """
SELECT m.segment, m.customer_id FROM json_each(?) AS j CROSS JOIN members AS m
ON m.segment = json_extract(j.value, '$[0]') AND m.customer_id = json_extract(j.value, '$[1]')
"""
"""Those of some pairs of segment and customer who are inside."""

WRITE: Final = """
INSERT INTO transitions (sequence, customer_id, segment, entered, occurred_us, noticed_us, cause, log_offset)
SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
    json_extract(value, '$[3]'), json_extract(value, '$[4]'), json_extract(value, '$[5]'),
    json_extract(value, '$[6]'), json_extract(value, '$[7]')
FROM json_each(?)
"""

LEAVE: Final = "DELETE FROM members WHERE segment = ? AND customer_id IN (SELECT value FROM json_each(?))"

ENTER: Final = """
INSERT INTO members (segment, customer_id, since_us, sequence)
SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
    json_extract(value, '$[3]')
FROM json_each(?)
"""

ADVANCE: Final = """
UPDATE facts SET value = max(facts.value, j.value) FROM json_each(?) AS j WHERE facts.name = j.key
"""

DECLARE: Final = """
INSERT INTO segments (name, rule) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET rule = excluded.rule
"""
