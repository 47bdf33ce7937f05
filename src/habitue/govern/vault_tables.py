"""The tables of the vault.

Record ids and names are stored as the bytes they stand for: a record's id `c` + 16 hex digits as a whole number of 64
bits, a name's 32 hex digits as 16 bytes.
"""

import struct
from collections.abc import Sequence
from typing import Final

from habitue.state.sqlite import Format

_ID_LENGTH: Final = 17
_ALL_BITS: Final = 0xFFFF_FFFF_FFFF_FFFF
VAULT: Final = Format(
    application=0x48425641,
    version=1,
    statements=(
        "PRAGMA application_id = 1212307009",
        "PRAGMA user_version = 1",
        # The data keys under the master key, and what proves that a master key is the right one.
        "CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID",
        # One row a record: its key under the master key, and the name of its own identifier.
        """
        CREATE TABLE records (
            record INTEGER PRIMARY KEY, name BLOB NOT NULL, wrapped BLOB NOT NULL, made_us INTEGER NOT NULL
        ) STRICT
        """,
        # The same names again, in their own order: an index on random values would be filled page by random page.
        "CREATE TABLE names (name BLOB PRIMARY KEY, record INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE TABLE namespaces (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
        """
        CREATE TABLE carried (
            name BLOB NOT NULL, record INTEGER NOT NULL, namespace INTEGER NOT NULL, PRIMARY KEY (name, record)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE TABLE sources (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
        """
        CREATE TABLE cards (
            record INTEGER NOT NULL, source INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY (record, source)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE TABLE graves (grave BLOB PRIMARY KEY, erased_us INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    ),
)


def record_number(record_id: str) -> int | None:
    """The stored form of a record's id; None for text that is none.

    Examples:
        >>> record_number("c00000000000000ff"), record_number("cffffffffffffffff"), record_number("x")
        (255, -1, None)
    """
    if len(record_id) != _ID_LENGTH or record_id[0] != "c":
        return None
    try:
        number = int.from_bytes(bytes.fromhex(record_id[1:]), signed=True)
    except ValueError:
        return None
    return number if f"c{number & _ALL_BITS:016x}" == record_id else None


def record_numbers(records: Sequence[str]) -> list[int | None]:
    """The stored form of many ids at once; None for texts that are none.

    Examples:
        >>> record_numbers(["c0000000000000001", "x"]), record_numbers(["cffffffffffffffff"])
        ([1, None], [-1])
    """
    text = "".join(records)
    # Alphanumeric, because `bytes.fromhex` passes over spaces; and lower case, as ids are.
    if not (text.isascii() and text.isalnum() and text.islower() and set(map(len, records)) == {_ID_LENGTH}):
        return [record_number(record) for record in records]
    if text[::_ID_LENGTH] != "c" * len(records):
        return [record_number(record) for record in records]
    try:
        digits = bytes.fromhex("".join([record[1:] for record in records]))
    except ValueError:
        return [record_number(record) for record in records]
    return list(struct.unpack(f">{len(records)}q", digits))


def record_id(number: int) -> str:
    """The id of a stored record.

    Examples:
        >>> record_id(-1)
        'cffffffffffffffff'
    """
    return f"c{number & _ALL_BITS:016x}"
