"""The vault: who people are, under a key per person, apart from everything they did.

Every person has a random id and a random key, wrapped by the master key. Identifiers are found by keyed pseudonyms and
stored sealed under the person's key, as is everything personal about them. Destroying the key makes all of it noise.

Cost: `assign` is linear in the values given, about 10 µs for each new person; a look-up is one index search.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from habitue.config import state_folder
from habitue.errors import HabitueError
from habitue.govern.keys import MasterKey, MasterKeyWrongError, RandomBytes
from habitue.govern.sealing import RandomPool, SealBrokenError, masked, pseudonyms, seal, unseal
from habitue.govern.vault_tables import VAULT
from habitue.state.sqlite import answering, open_database, to_us, transaction

VAULT_FILE: Final = "vault.sqlite"
_CHECK: Final = b"habitue vault"
_CHUNK: Final = 50_000
Payload = Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """One identifier of a person.

    Attributes:
        namespace: What kind it is: `user_id`, `email`, …
        value: In the clear.
    """

    namespace: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What an erasure took out of the vault.

    Attributes:
        customer_id: Who is no more.
        identifiers: Identifiers removed, each remembered by a keyed tombstone.
        payloads: Sealed payloads removed.
        keys: Keys destroyed.
    """

    customer_id: str
    identifiers: int
    payloads: int
    keys: int


class PersonUnknownError(HabitueError):
    """Nobody in the vault has an id."""

    code = "PERSON-UNKNOWN"

    def __init__(self, customer_id: str) -> None:
        super().__init__(
            what=f"The vault knows nobody by the id {customer_id[:40]!r}.",
            do="Give an id as `habitue segments members` prints it; somebody erased stays unknown.",
        )


class Vault:
    """One open vault.

    Attributes:
        vault_id: Names the vault, and the file of its master key.
    """

    def __init__(self, path: Path, master: MasterKey, *, vault_id: str, random: RandomBytes) -> None:
        self.vault_id = vault_id
        self._path = path
        self._random: RandomBytes = RandomPool(random)
        self._wrap = master.derive("wrap")
        self._names = master.derive("pseudonym")
        self._graves = master.derive("tombstone")
        self._connection = open_database(path, VAULT)
        self._connection.execute("PRAGMA secure_delete = ON")
        self._connection.execute("PRAGMA temp_store = MEMORY")

    @classmethod
    def open(cls, project: Path, master: MasterKey, *, vault_id: str, random: RandomBytes) -> Self:
        """Open the vault of a project folder, made when absent.

        Raises:
            MasterKeyWrongError: The key is another vault's.
        """
        vault = cls(state_folder(project) / VAULT_FILE, master, vault_id=vault_id, random=random)
        try:
            vault._prove_key(master)
        except BaseException:
            vault.close()
            raise
        return vault

    def _prove_key(self, master: MasterKey) -> None:
        row = self._connection.execute("SELECT value FROM facts WHERE name = 'check'").fetchone()
        if row is None:
            sealed = seal(self._wrap, _CHECK, f"{self.vault_id}|check", random=self._random)
            with self.transaction():
                self._connection.execute("INSERT INTO facts (name, value) VALUES ('check', ?)", (sealed,))
            return
        try:
            unseal(self._wrap, row[0], f"{self.vault_id}|check")
        except SealBrokenError:
            raise MasterKeyWrongError(self.vault_id, master.place) from None

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    def __enter__(self) -> Self:
        """The same object, closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes inside the block happen together, or none of them when it raises."""
        with answering(self._path), transaction(self._connection):
            yield

    def assign(self, namespace: str, values: Sequence[str], *, now: datetime) -> list[str | None]:
        """The person of each identifier: the one known by it, or a new one; None where the person was erased.

        Args:
            namespace: What kind of identifiers they are.
            values: Normalised; the same value twice means the same person.
            now: The present time, aware.
        """
        distinct = list(dict.fromkeys(values))
        names = dict(zip(distinct, pseudonyms(self._names, namespace, distinct), strict=True))
        with self.transaction():
            known = self._known(names.values())
            graves = self._buried(namespace, distinct)
            new = [value for value in distinct if names[value] not in known and value not in graves]
            for start in range(0, len(new), _CHUNK):
                known.update(self._make(namespace, new[start : start + _CHUNK], names, to_us(now)))
        return [None if value in graves else known.get(names[value]) for value in values]

    def _make(self, namespace: str, values: Sequence[str], names: Mapping[str, bytes], at: int) -> dict[bytes, str]:
        persons, identifiers = [], []
        made: dict[bytes, str] = {}
        for value in values:
            customer, key = f"c{self._random(8).hex()}", self._random(32)
            persons.append(
                (customer, seal(key=self._wrap, value=key, about=f"{customer}|key", random=self._random), at)
            )
            about = f"{customer}|{namespace}"
            identifiers.append(
                (
                    names[value],
                    namespace,
                    customer,
                    seal(key, value.encode("utf-8", "surrogatepass"), about, random=self._random),
                    at,
                )
            )
            made[names[value]] = customer
        # In key order the B-trees fill page after page; in random order each row would touch a page of its own.
        persons.sort()
        identifiers.sort()
        self._connection.executemany("INSERT INTO persons (customer_id, wrapped, made_us) VALUES (?, ?, ?)", persons)
        self._connection.executemany(
            "INSERT INTO identifiers (pseudonym, namespace, customer_id, sealed, first_us) VALUES (?, ?, ?, ?, ?)",
            identifiers,
        )
        return made

    def _known(self, names: Iterable[bytes]) -> dict[bytes, str]:
        self._wanted(names)
        rows = self._connection.execute(
            "SELECT i.pseudonym, i.customer_id FROM wanted AS w JOIN identifiers AS i ON i.pseudonym = w.pseudonym"
        )
        return dict(rows.fetchall())

    def _wanted(self, names: Iterable[bytes]) -> None:
        self._connection.execute("CREATE TEMP TABLE IF NOT EXISTS wanted (pseudonym BLOB PRIMARY KEY) WITHOUT ROWID")
        self._connection.execute("DELETE FROM wanted")
        self._connection.executemany("INSERT INTO wanted (pseudonym) VALUES (?)", ((name,) for name in sorted(names)))

    def _buried(self, namespace: str, values: Sequence[str]) -> set[str]:
        if self._connection.execute("SELECT 1 FROM tombstones LIMIT 1").fetchone() is None:
            return set()
        marks = dict(zip(pseudonyms(self._graves, namespace, values), values, strict=True))
        self._wanted(marks)
        rows = self._connection.execute(
            "SELECT w.pseudonym FROM wanted AS w JOIN tombstones AS t ON t.pseudonym = w.pseudonym"
        )
        return {marks[mark] for (mark,) in rows.fetchall()}

    def resolve(self, namespace: str, value: str) -> str | None:
        """The person known by an identifier, or None."""
        (name,) = pseudonyms(self._names, namespace, [value])
        row = self._connection.execute("SELECT customer_id FROM identifiers WHERE pseudonym = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def link(self, customer_id: str, namespace: str, value: str, *, now: datetime) -> bool:
        """Give a person one more identifier; False where somebody else has it, or it was erased."""
        if self._buried(namespace, [value]):
            return False
        (name,) = pseudonyms(self._names, namespace, [value])
        key = self._key(customer_id)
        sealed = seal(key, value.encode("utf-8", "surrogatepass"), f"{customer_id}|{namespace}", random=self._random)
        with self.transaction():
            done = self._connection.execute(
                """
                INSERT INTO identifiers (pseudonym, namespace, customer_id, sealed, first_us) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (pseudonym) DO NOTHING
                """,
                (name, namespace, customer_id, sealed, to_us(now)),
            )
        return done.rowcount == 1 or self.resolve(namespace, value) == customer_id

    def identifiers(self, customer_id: str) -> list[Identifier]:
        """A person's identifiers in the clear, by namespace and age."""
        key = self._key(customer_id)
        rows = self._connection.execute(
            "SELECT namespace, sealed FROM identifiers WHERE customer_id = ? ORDER BY namespace, first_us",
            (customer_id,),
        ).fetchall()
        return [
            Identifier(
                namespace=namespace,
                value=unseal(key, sealed, f"{customer_id}|{namespace}").decode("utf-8", "surrogatepass"),
            )
            for namespace, sealed in rows
        ]

    def put_personal(self, source: str, payloads: Mapping[str, Payload]) -> None:
        """Seal what a source says of persons, in place of what it said before.

        Args:
            source: Name of the source or table.
            payloads: Plain values by field, by customer id; unknown persons are left out.
        """
        customers = list(payloads)
        with self.transaction():
            for start in range(0, len(customers), _CHUNK):
                chunk = customers[start : start + _CHUNK]
                keys = self._keys(chunk)
                rows = [
                    (each, source, seal(keys[each], _dump(payloads[each]), f"{each}|{source}", random=self._random))
                    for each in chunk
                    if each in keys
                ]
                rows.sort()
                self._connection.executemany(
                    """
                    INSERT INTO payloads (customer_id, source, sealed) VALUES (?, ?, ?)
                    ON CONFLICT (customer_id, source) DO UPDATE SET sealed = excluded.sealed
                    """,
                    rows,
                )

    def personal(self, customer_id: str) -> dict[str, dict[str, object]]:
        """Everything personal about one person, by source."""
        key = self._key(customer_id)
        rows = self._connection.execute(
            "SELECT source, sealed FROM payloads WHERE customer_id = ? ORDER BY source", (customer_id,)
        ).fetchall()
        return {source: json.loads(unseal(key, sealed, f"{customer_id}|{source}")) for source, sealed in rows}

    def each_personal(self, source: str) -> Iterator[tuple[str, dict[str, object]]]:
        """What a source says of every person, decrypted one by one in memory only; by customer id."""
        rows = self._connection.execute(
            """
            SELECT p.customer_id, p.sealed, k.wrapped FROM payloads AS p JOIN persons AS k USING (customer_id)
            WHERE p.source = ? ORDER BY p.customer_id
            """,
            (source,),
        )
        for customer, sealed, wrapped in rows:
            key = unseal(self._wrap, wrapped, f"{customer}|key")
            yield customer, json.loads(unseal(key, sealed, f"{customer}|{source}"))

    def masks(self, column: str, values: Iterable[str | None]) -> list[str | None]:
        """What stands for the personal values of a column in tables; see `masked`."""
        return masked(self._names, column, values)

    def count(self) -> int:
        """How many persons the vault knows."""
        return int(self._connection.execute("SELECT count(*) FROM persons").fetchone()[0])

    def erase(self, customer_id: str, *, now: datetime) -> Erased:
        """Destroy a person's key, identifiers and payloads, and remember by tombstones not to take them in again.

        The write-ahead log is emptied, so that no file of the vault holds the key or a pseudonym any longer.

        Raises:
            PersonUnknownError: Nobody has that id.
        """
        known = self.identifiers(customer_id)
        marks = [pseudonyms(self._graves, each.namespace, [each.value])[0] for each in known]
        with self.transaction():
            self._connection.executemany(
                "INSERT OR IGNORE INTO tombstones (pseudonym, erased_us) VALUES (?, ?)",
                [(mark, to_us(now)) for mark in marks],
            )
            gone = self._connection.execute("DELETE FROM identifiers WHERE customer_id = ?", (customer_id,)).rowcount
            payloads = self._connection.execute("DELETE FROM payloads WHERE customer_id = ?", (customer_id,)).rowcount
            keys = self._connection.execute("DELETE FROM persons WHERE customer_id = ?", (customer_id,)).rowcount
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return Erased(customer_id=customer_id, identifiers=gone, payloads=payloads, keys=keys)

    def tombstones(self) -> list[tuple[bytes, int]]:
        """Every tombstone and when it was set (µs), to be kept beside backups."""
        rows: list[tuple[bytes, int]] = self._connection.execute(
            "SELECT pseudonym, erased_us FROM tombstones ORDER BY pseudonym"
        ).fetchall()
        return rows

    def bury(self, tombstones: Iterable[tuple[bytes, int]]) -> None:
        """Take over tombstones, as after restoring an older backup."""
        with self.transaction():
            self._connection.executemany(
                "INSERT OR IGNORE INTO tombstones (pseudonym, erased_us) VALUES (?, ?)", tombstones
            )

    def _key(self, customer_id: str) -> bytes:
        keys = self._keys([customer_id])
        if customer_id not in keys:
            raise PersonUnknownError(customer_id)
        return keys[customer_id]

    def _keys(self, customers: Sequence[str]) -> dict[str, bytes]:
        self._connection.execute("CREATE TEMP TABLE IF NOT EXISTS asked (customer_id TEXT PRIMARY KEY) WITHOUT ROWID")
        self._connection.execute("DELETE FROM asked")
        self._connection.executemany("INSERT OR IGNORE INTO asked VALUES (?)", ((each,) for each in customers))
        rows = self._connection.execute(
            "SELECT k.customer_id, k.wrapped FROM asked AS a JOIN persons AS k ON k.customer_id = a.customer_id"
        )
        return {customer: unseal(self._wrap, wrapped, f"{customer}|key") for customer, wrapped in rows.fetchall()}


def _dump(payload: Payload) -> bytes:
    return json.dumps(dict(payload), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
