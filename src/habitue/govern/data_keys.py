"""The keys a vault works with, kept in the vault under the master key: of names, of graves, of the failed lane.

They outlive the master key, which can be changed at any time: names and graves stay what they are.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from habitue.govern.keys import MasterKey, MasterKeyWrongError, RandomBytes
from habitue.govern.sealing import Seal, SealBrokenError
from habitue.state.sqlite import transaction

_CHECK: Final = "check"
_LENGTHS: Final[Mapping[str, int]] = {"names": 64, "graves": 32, "lane": 32}


@dataclass(frozen=True, slots=True)
class DataKeys:
    """The data keys in the clear, for this process only.

    Attributes:
        names: 64 bytes, of which names and masks are made.
        graves: 32 bytes, of which graves are made.
        lane: 32 bytes, which seal rows of the failed lane.
    """

    names: bytes = field(repr=False)
    graves: bytes = field(repr=False)
    lane: bytes = field(repr=False)


def wrap_of(master: MasterKey, random: RandomBytes) -> Seal:
    """What wraps all other keys of a vault."""
    return Seal(master.derive("wrap"), random)


def has_data_keys(connection: sqlite3.Connection) -> bool:
    """Whether the vault was given its keys."""
    return connection.execute("SELECT 1 FROM facts WHERE name = ?", (_CHECK,)).fetchone() is not None


def read_data_keys(connection: sqlite3.Connection, wrap: Seal, *, vault_id: str, place: str) -> DataKeys:
    """The data keys of a vault that has some.

    Raises:
        MasterKeyWrongError: The master key is another vault's.
        SealBrokenError: It is the right one, and a data key was changed or is missing.
    """
    facts: dict[str, bytes] = dict(connection.execute("SELECT name, value FROM facts").fetchall())
    try:
        wrap.unseal(facts.get(_CHECK, b""), f"{vault_id}|{_CHECK}")
    except SealBrokenError:
        raise MasterKeyWrongError(vault_id, place) from None
    keys = {name: wrap.unseal(facts.get(name, b""), f"{vault_id}|{name}") for name in _LENGTHS}
    return DataKeys(names=keys["names"], graves=keys["graves"], lane=keys["lane"])


def make_data_keys(connection: sqlite3.Connection, wrap: Seal, *, vault_id: str, random: RandomBytes) -> DataKeys:
    """Draw the data keys of a new vault and keep them there."""
    keys = {name: random(length) for name, length in _LENGTHS.items()}
    made = DataKeys(names=keys["names"], graves=keys["graves"], lane=keys["lane"])
    with transaction(connection):
        keep_data_keys(connection, wrap, made, vault_id=vault_id)
    return made


def keep_data_keys(connection: sqlite3.Connection, wrap: Seal, keys: DataKeys, *, vault_id: str) -> None:
    """Put the data keys into the vault under a master key, in place of what is there; inside a transaction."""
    clear = {_CHECK: _CHECK.encode(), "names": keys.names, "graves": keys.graves, "lane": keys.lane}
    connection.executemany(
        "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [(name, wrap.seal(value, f"{vault_id}|{name}")) for name, value in clear.items()],
    )
