"""The tables of the vault."""

from typing import Final

from habitue.state.sqlite import Format

VAULT: Final = Format(
    application=0x48425641,
    version=1,
    statements=(
        "PRAGMA application_id = 1212307009",
        "PRAGMA user_version = 1",
        "CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
        """
        CREATE TABLE persons (
            customer_id TEXT PRIMARY KEY, wrapped BLOB NOT NULL, made_us INTEGER NOT NULL
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE identifiers (
            pseudonym BLOB PRIMARY KEY, namespace TEXT NOT NULL, customer_id TEXT NOT NULL, sealed BLOB NOT NULL,
            first_us INTEGER NOT NULL
        ) WITHOUT ROWID
        """,
        "CREATE INDEX identifiers_of ON identifiers (customer_id)",
        """
        CREATE TABLE payloads (
            customer_id TEXT NOT NULL, source TEXT NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (customer_id, source)
        ) WITHOUT ROWID
        """,
        "CREATE TABLE tombstones (pseudonym BLOB PRIMARY KEY, erased_us INTEGER NOT NULL) WITHOUT ROWID",
    ),
)
