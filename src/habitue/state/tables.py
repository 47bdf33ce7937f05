"""The tables of the control database, as constant SQL."""

from habitue.state.sqlite import Format

LOADS = """
CREATE TABLE loads (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL CHECK (size >= 0),
    rows_read INTEGER NOT NULL CHECK (rows_read >= 0),
    rows_used INTEGER NOT NULL CHECK (rows_used >= 0),
    rows_failed INTEGER NOT NULL CHECK (rows_failed >= 0),
    mapping_digest TEXT NOT NULL,
    loaded_us INTEGER NOT NULL,
    first_position INTEGER,
    last_position INTEGER,
    UNIQUE (source, sha256)
) STRICT
"""

FAILED_FILES = """
CREATE TABLE failed_files (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    file TEXT NOT NULL,
    UNIQUE (source, sha256)
) STRICT
"""

FAILED_ROWS = """
CREATE TABLE failed_rows (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    file_id INTEGER NOT NULL REFERENCES failed_files (id),
    line INTEGER NOT NULL,
    stage TEXT NOT NULL,
    code TEXT NOT NULL,
    field TEXT NOT NULL,
    reason TEXT NOT NULL,
    row TEXT NOT NULL,
    digest TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'repaired', 'replayed', 'dropped')),
    repaired TEXT,
    failed_us INTEGER NOT NULL,
    changed_us INTEGER NOT NULL,
    UNIQUE (file_id, line, stage)
) STRICT
"""

BUILDS = """
CREATE TABLE builds (
    id INTEGER PRIMARY KEY,
    as_of_us INTEGER,
    started_us INTEGER NOT NULL,
    finished_us INTEGER,
    seconds REAL,
    status TEXT NOT NULL CHECK (status IN ('running', 'done', 'failed', 'interrupted')),
    steps TEXT NOT NULL
) STRICT
"""

COUNTERS = """
CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    next INTEGER NOT NULL CHECK (next >= 0)
) STRICT, WITHOUT ROWID
"""

APPLICATION = 0x48414243
CONTROL = Format(
    application=APPLICATION,
    version=1,
    statements=(
        LOADS,
        FAILED_FILES,
        FAILED_ROWS,
        BUILDS,
        COUNTERS,
        "PRAGMA application_id = 0x48414243",
        "PRAGMA user_version = 1",
    ),
)
