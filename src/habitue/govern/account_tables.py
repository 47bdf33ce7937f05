"""The tables of users and API keys."""

from typing import Final

from habitue.state.sqlite import Format

ACCOUNTS: Final = Format(
    application=0x48424143,
    version=1,
    statements=(
        "PRAGMA application_id = 1212301635",
        "PRAGMA user_version = 1",
        """
        CREATE TABLE users (
            name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT NOT NULL, made_us INTEGER NOT NULL, last_us INTEGER
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE tries (
            name BLOB PRIMARY KEY, failed INTEGER NOT NULL, until_us INTEGER NOT NULL
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE keys (
            id TEXT PRIMARY KEY, digest BLOB NOT NULL, scope TEXT NOT NULL, role TEXT NOT NULL,
            made_us INTEGER NOT NULL, expires_us INTEGER NOT NULL, revoked_us INTEGER, last_us INTEGER
        ) WITHOUT ROWID
        """,
    ),
)

ADDED: Final = (
    """
    CREATE TABLE IF NOT EXISTS key_sources (
        id TEXT PRIMARY KEY REFERENCES keys (id) ON DELETE CASCADE, source TEXT NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS users_disabled (
        name TEXT PRIMARY KEY REFERENCES users (name) ON DELETE CASCADE, since_us INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS sessions (
        digest BLOB PRIMARY KEY, id TEXT NOT NULL UNIQUE, how TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL,
        user TEXT REFERENCES users (name) ON DELETE CASCADE,
        made_us INTEGER NOT NULL, used_us INTEGER NOT NULL, expires_us INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS links (
        digest BLOB PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, expires_us INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
)
"""Tables of their own, made when absent: files of before have none."""
