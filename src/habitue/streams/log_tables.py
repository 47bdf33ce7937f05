"""The tables of the log, as constant SQL."""

from typing import Final

APPLICATION: Final = 0x4841424C
VERSION: Final = 1

# `place` is the offset, a word that SQL keeps for itself.
RECORDS = """
CREATE TABLE records (
    place INTEGER PRIMARY KEY,
    received_us INTEGER NOT NULL,
    source INTEGER NOT NULL,
    key BLOB NOT NULL,
    kind TEXT NOT NULL,
    crc INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT
"""
# Holds the key of every record up to the fact `indexed`, and of some after it.
MESSAGE_IDS = """
CREATE TABLE message_ids (
    key BLOB PRIMARY KEY,
    place INTEGER NOT NULL
) STRICT, WITHOUT ROWID
"""
# A segment is a stretch of the log, up to the next one, in which everything was received between two instants.
SEGMENTS = """
CREATE TABLE segments (
    first_place INTEGER PRIMARY KEY,
    start_us INTEGER NOT NULL,
    end_us INTEGER NOT NULL
) STRICT
"""
SOURCES = """
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    received INTEGER NOT NULL DEFAULT 0,
    stored INTEGER NOT NULL DEFAULT 0,
    duplicates INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    CHECK (received = stored + duplicates + failed AND min(stored, duplicates, failed) >= 0)
) STRICT
"""
FAILED = """
CREATE TABLE failed (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    source INTEGER NOT NULL,
    stage TEXT NOT NULL,
    code TEXT NOT NULL,
    field TEXT NOT NULL,
    reason TEXT NOT NULL,
    received_us INTEGER NOT NULL,
    raw BLOB,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'replayed', 'dropped'))
) STRICT
"""
FAILED_TIMES = "CREATE INDEX failed_times ON failed (received_us)"
FACTS = """
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID
"""

MAKE: Final = (
    RECORDS,
    MESSAGE_IDS,
    SEGMENTS,
    SOURCES,
    FAILED,
    FAILED_TIMES,
    FACTS,
    "INSERT INTO facts (name, value) VALUES ('epoch', 0), ('next', 1), ('indexed', 0), ('lane_bytes', 0)",
    "PRAGMA application_id = 0x4841424C",
    "PRAGMA user_version = 1",
)

INSERT: Final = """
INSERT INTO records (place, received_us, source, key, kind, crc, body) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
FIND_FIFTY: Final = """
SELECT key, place FROM message_ids WHERE key IN (
    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
)
"""
INDEX: Final = "INSERT OR IGNORE INTO message_ids (key, place) VALUES (?, ?)"
UNINDEX: Final = "DELETE FROM message_ids WHERE key = ?"
INDEXED: Final = "UPDATE facts SET value = ? WHERE name = 'indexed'"
UNINDEXED: Final = """
SELECT key, place FROM records WHERE place > (SELECT value FROM facts WHERE name = 'indexed')
"""
READ: Final = """
SELECT r.place, r.received_us, s.name, r.key, r.kind, r.body, r.crc
FROM records AS r JOIN sources AS s ON s.id = r.source WHERE r.place > ? ORDER BY r.place LIMIT ?
"""
COUNT: Final = """
UPDATE sources SET received = received + ?, stored = stored + ?, duplicates = duplicates + ?, failed = failed + ?
WHERE id = ?
"""
FAIL: Final = """
INSERT INTO failed (source, stage, code, field, reason, received_us, raw) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
REPLAY: Final = "UPDATE failed SET state = 'replayed' WHERE number = ? AND state = 'open' AND source = ?"
READ_FAILED: Final = """
SELECT f.number, s.name, f.stage, f.code, f.field, f.reason, f.received_us, f.raw, f.state
FROM failed AS f JOIN sources AS s ON s.id = f.source
WHERE f.number > :after AND (:source IS NULL OR s.name = :source) AND (:code IS NULL OR f.code = :code)
  AND (:state IS NULL OR f.state = :state)
ORDER BY f.number LIMIT :limit
"""
