"""The vault: who people are, under a key per record, apart from everything they did.

A record is one customer as one source knows it by its own identifier; identity makes persons of records. Every record
has a random id and a random key, which the master key wraps. Identifiers are kept as keyed names only; what a source
says of a record in the clear is one card, sealed under the record's key. Destroying the key makes all of it noise.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING, Final, Self

from habitue.config import state_folder
from habitue.govern.cards import Cards
from habitue.govern.carried import Carried
from habitue.govern.data_keys import (
    DataKeys,
    has_data_keys,
    keep_data_keys,
    make_data_keys,
    read_data_keys,
    wrap_of,
)
from habitue.govern.graves import Graves
from habitue.govern.keys import MasterKey, RandomBytes
from habitue.govern.naming import MASK, Naming
from habitue.govern.newcomers import Newcomers
from habitue.govern.person_keys import PersonKeys, PersonUnknownError
from habitue.govern.record_seals import RecordSeals
from habitue.govern.sealing import RandomPool, Seal, TextSealer
from habitue.govern.vault_erasing import Erased, erase_records
from habitue.govern.vault_tables import VAULT, record_id, record_number
from habitue.state.file import StateFile
from habitue.state.sqlite import answering, open_database, to_us

if TYPE_CHECKING:
    import ibis.expr.types as ir

VAULT_FILE: Final = "vault.sqlite"
_PAGE: Final = 50_000
_IN_MEMORY: Final = 1 << 30


class Vault(StateFile):
    """One open vault.

    Attributes:
        vault_id: Names the vault, and the file of its master key.
        lane: Seals rows of the failed lane.
        log: Signs entries of the audit log.
    """

    def __init__(self, path: Path, connection: Connection, wrap: Seal, keys: DataKeys, random: RandomBytes) -> None:
        self.vault_id = ""
        self.lane = TextSealer(keys.lane, "lane", random=random)
        self.log = TextSealer(keys.lane, "audit", random=random)
        super().__init__(path, connection)
        self._random = random
        self._data_keys = keys
        self._naming = Naming(keys.names)
        self._graves = Graves(connection, keys.graves)
        self._keys = PersonKeys(connection, wrap, random)
        self._cards = Cards(connection, self._keys)
        self._seals = RecordSeals(self._keys)
        self._newcomers = Newcomers(connection, self._keys, random, self._graves, self._seals)
        self._carried = Carried(connection)

    @classmethod
    def open(cls, project: Path, master: MasterKey, *, vault_id: str, random: RandomBytes) -> Self:
        """Open the vault of a project folder, made when absent.

        Args:
            project: The project folder.
            master: Its master key.
            vault_id: The vault's own id, which every wrapped key is bound to.
            random: Where keys, ids and nonces come from: `os.urandom`, but in tests.

        Raises:
            MasterKeyWrongError: The key is another vault's.
        """
        path, pool = state_folder(project) / VAULT_FILE, RandomPool(random)
        connection = open_database(path, VAULT)
        try:
            with answering(path):
                # What is deleted is overwritten with zeros, in the file and not only in its lists.
                connection.execute("PRAGMA secure_delete = ON")
                connection.execute("PRAGMA temp_store = MEMORY")
                # Newcomers lie all over the file: the more commits are carried over at once, the fewer pages twice.
                connection.execute("PRAGMA wal_autocheckpoint = 4000")
                wrap = wrap_of(master, pool)
                if has_data_keys(connection):
                    keys = read_data_keys(connection, wrap, vault_id=vault_id, place=master.place)
                else:
                    keys = make_data_keys(connection, wrap, vault_id=vault_id, random=pool)
        except BaseException:
            connection.close()
            raise
        vault = cls(path, connection, wrap, keys, pool)
        vault.vault_id = vault_id
        return vault

    def note(self, name: str, text: str) -> None:
        """Keep a text under a name, in place of what is there; it is not sealed by this."""
        with self.transaction():
            self._connection.execute(
                "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (f"note {name}", text.encode()),
            )

    def noted(self, name: str) -> str | None:
        """The text kept under a name."""
        with answering(self._path):
            row = self._connection.execute("SELECT value FROM facts WHERE name = ?", (f"note {name}",)).fetchone()
        return None if row is None else str(row[0], "utf-8")

    def name(self, namespace: str, value: str) -> str:
        """The keyed name of an identifier: 32 hex digits, equal for equal values of one namespace."""
        return self._naming.names(namespace, [value])[0]

    def names(self, namespace: str, values: Iterable[str]) -> list[str]:
        """The keyed name of each value."""
        return self._naming.names(namespace, values)

    def name_expression(self, namespace: str, value: "ir.StringValue") -> "ir.StringValue":
        """The same of a text column, in a statement that DuckDB runs; see `Naming.expression` for what to mind."""
        return self._naming.expression(namespace, value)

    def mask(self, column_name: str, value: str) -> str:
        """What stands for a personal value in tables: `~` and 32 hex digits, equal for equal values of one column."""
        return MASK + self.name(f"column:{column_name}", value)

    def mask_expression(self, column_name: str, value: "ir.StringValue") -> "ir.StringValue":
        """The same of a text column, in a statement that DuckDB runs; missing stays missing."""
        return self._naming.mask_expression(column_name, value)

    def assign(self, names: Sequence[str], *, now: datetime) -> list[str | None]:
        """The record of each own identifier: the one known by it, or a new one; None where it is buried.

        Args:
            names: Of own identifiers; the same name twice means the same record.
            now: The present time, aware.
        """
        distinct = sorted(set(names))
        wanted = list(map(bytes.fromhex, distinct))
        with self.transaction():
            found = self._known(wanted)
            buried = self._graves.among(wanted)
            new = [name for name in wanted if name not in found and name not in buried]
            found.update(self._keys.make(new, to_us(now)))
        for name in buried:
            found.pop(name, None)
        ids = {text: record_id(found[name]) for text, name in zip(distinct, wanted, strict=True) if name in found}
        return list(map(ids.get, names))

    def admit(self, names: Sequence[str], cards: Sequence[str], *, source: str, now: datetime) -> list[str | None]:
        """As `assign`, for a few at a time; of whom a source has said nothing yet, it says a card."""
        wanted = [bytes.fromhex(name) for name in names]
        with self.transaction():
            number = self._cards.source(source)
            found = self._newcomers.admit(wanted, cards, source=number, place=source, now_us=to_us(now))
        return [None if each is None else record_id(each) for each in found]

    def find(self, names: Iterable[str]) -> dict[str, str]:
        """The record of each own identifier that there is one of."""
        return {name.hex(): record_id(number) for name, number in self._known(map(bytes.fromhex, set(names))).items()}

    def seal_for(self, record: str, clear: bytes) -> str:
        """Bytes as base64 text, sealed under a record's key: noise once that is destroyed.

        Raises:
            PersonUnknownError: There is no such record.
        """
        sealed = self._seals.seal(record, clear)
        if sealed is None:
            raise PersonUnknownError(record)
        return sealed

    def open_for(self, record: str, sealed: str) -> bytes | None:
        """What was sealed by `seal_for`; None where the record's key is gone."""
        return self._seals.open(record, sealed)

    def forget_keys(self, records: Collection[str] | None = None) -> None:
        """Hold the keys of some records, or of all, no longer in memory: for when somebody else erased them."""
        self._seals.forget(records)

    def _known(self, names: Iterable[bytes]) -> dict[bytes, int]:
        waiting, found = iter(names), dict[bytes, int]()
        if self._connection.execute("SELECT 1 FROM names LIMIT 1").fetchone() is None:
            return found
        self._connection.execute("CREATE TEMP TABLE IF NOT EXISTS wanted (name BLOB PRIMARY KEY) WITHOUT ROWID")
        while page := list(islice(waiting, _PAGE)):
            self._connection.execute("DELETE FROM wanted")
            self._connection.executemany("INSERT INTO wanted (name) VALUES (?)", ((name,) for name in page))
            found.update(
                self._connection.execute(
                    "SELECT w.name, n.record FROM wanted AS w CROSS JOIN names AS n ON n.name = w.name"
                ).fetchall()
            )
        return found

    def put_cards(self, source: str, records: Sequence[str], cards: Sequence[str]) -> None:
        """Seal what a source says of records, in place of what it said of them before.

        Args:
            source: Name of the source.
            records: Ids; unknown ones are left out, and of one given twice the last card counts.
            cards: A text for each of them.
        """
        with self.transaction():
            self._cards.put(source, records, cards)

    def lacking_card(self, source: str, records: Iterable[str]) -> set[str]:
        """Those of some records of whom a source has said nothing."""
        return self._cards.lacking(source, records)

    def drop_cards(self, source: str) -> int:
        """Remove every card of a source; how many there were."""
        with self.transaction():
            return self._cards.drop(source)

    def with_cards(self, records: Iterable[str]) -> set[str]:
        """Those of some records of whom a source has said something."""
        return {record_id(number) for number in self._cards.with_any(_numbers(records))}

    def drop_cards_of(self, records: Iterable[str]) -> int:
        """Remove every card of some records, whose names and keys stay; how many there were."""
        with self.transaction():
            return self._cards.drop_of(_numbers(records))

    def cards(self, *, source: str | None = None) -> Iterator[tuple[str, str, str]]:
        """Record, source and card of one source or of all, by record; opened one by one, in memory only."""
        return self._cards.each(source)

    def card(self, record: str) -> dict[str, str]:
        """The cards of one record by source.

        Raises:
            PersonUnknownError: There is no such record.
        """
        found = self._cards.of(record)
        if found is None:
            raise PersonUnknownError(record)
        return found

    def cards_of(self, records: Iterable[str]) -> dict[str, dict[str, str]]:
        """The cards of some records by source, as `card`, at once.

        Raises:
            PersonUnknownError: There is no such record.
        """
        numbers = {record: record_number(record) for record in records}
        found = self._cards.of_many([each for each in numbers.values() if each is not None])
        for record, number in numbers.items():
            if number is None or number not in found:
                raise PersonUnknownError(record)
        return {record: found[number] for record, number in numbers.items() if number is not None}

    def put_carried(self, namespace: str, pairs: Sequence[tuple[str, str]]) -> None:
        """Replace what records carry of a namespace: pairs of record and name, where many records may carry a name."""
        with self.transaction():
            self._carried.put(namespace, pairs)

    def add_carried(self, namespace: str, pairs: Sequence[tuple[str, str]]) -> None:
        """Have records carry names of a namespace, pairs of record and name, besides what they carry."""
        with self.transaction():
            self._carried.add(namespace, pairs)

    def sharing_of(self, records: Collection[str]) -> dict[str, list[tuple[str, str]]]:
        """Who else carries the identifiers by which records are known: pairs of namespace and record, by record."""
        found: dict[str, list[tuple[str, str]]] = {}
        for number, namespace, other in self._carried.sharing(_numbers(records)):
            found.setdefault(record_id(number), []).append((namespace, other))
        return found

    def carrier_counts(self, names: Sequence[str]) -> list[int]:
        """How many records carry each of some names, besides whose own identifier has it."""
        return self._carried.counts([bytes.fromhex(name) for name in names])

    def carriers(self, name: str) -> list[str]:
        """The record whose own identifier has a name, and those that carry it."""
        row = self._connection.execute("SELECT record FROM names WHERE name = ?", (bytes.fromhex(name),)).fetchone()
        own = [] if row is None else [record_id(row[0])]
        return [*own, *(each for each in self._carried.by(name) if each not in own)]

    def carried(self) -> dict[str, list[tuple[str, str]]]:
        """What records carry: pairs of record and name by namespace, in the order of names."""
        return self._carried.all()

    def clear_carried(self, *, but: Iterable[str] = ()) -> None:
        """Forget what records carry, in every namespace but those named."""
        with self.transaction():
            self._carried.clear(but)

    def resolve(self, name: str) -> list[str]:
        """The record whose own identifier has a name; else the records that carry it; else nothing."""
        row = self._connection.execute("SELECT record FROM names WHERE name = ?", (bytes.fromhex(name),)).fetchone()
        return self._carried.by(name) if row is None else [record_id(row[0])]

    def record_known(self, record: str) -> bool:
        """Whether there is a record of this id."""
        found = self._connection.execute("SELECT 1 FROM records WHERE record = ?", (record_number(record),)).fetchone()
        return found is not None

    def count(self) -> int:
        """How many records there are."""
        return int(self._connection.execute("SELECT count(*) FROM records").fetchone()[0])

    def erase(self, records: Sequence[str], *, now: datetime) -> Erased:
        """Destroy records: their keys, names, cards; and bury their names, so that they are not taken in again.

        A carried name that a record staying behind also has is not buried: it is that record's name as well. Unknown
        records are passed over, so that an erasure cut short can be given again. The file is then written anew: no
        byte of the keys and names is in any file of the vault. That takes time with its size, so give all at once.

        Raises:
            StateBusyError: Somebody else reads the vault, and its file could not be written anew: erase again.
        """
        numbers = _numbers(records)
        with self.transaction():
            erased = erase_records(self._connection, self._graves, numbers, to_us(now))
        self._seals.forget(erased.records)
        if numbers:
            self.compact()
        return erased

    def compact(self) -> None:
        """Write the vault's file anew, and empty its log: what was deleted is then in neither.

        Raises:
            StateBusyError: Somebody else reads the vault.
        """
        is_large = self._path.stat().st_size > _IN_MEMORY
        if is_large:
            self._connection.execute("PRAGMA temp_store = FILE")
        self.scrub()
        if is_large:
            self._connection.execute("PRAGMA temp_store = MEMORY")

    def buried(self, names: Iterable[str]) -> set[str]:
        """Those of the names that are buried."""
        return {name.hex() for name in self._graves.among({bytes.fromhex(name) for name in names})}

    def burials(self) -> int:
        """How many graves there are; counted again only where the vault changed, so that it may be asked often."""
        return self._graves.count()

    def has_graves(self) -> bool:
        """Whether anybody was ever erased."""
        return self._connection.execute("SELECT 1 FROM graves LIMIT 1").fetchone() is not None

    def tombstones(self) -> list[tuple[bytes, int]]:
        """Every grave and when it was dug (µs since 1970), to be kept beside backups."""
        return list(self._graves.all())

    def back_from(self, graves: Collection[bytes]) -> list[str]:
        """The records whose own identifier lies in some graves: whom a restored copy has brought back."""
        rows = self._connection.execute("SELECT record, name FROM records")
        back: list[str] = []
        while page := {name: record for record, name in rows.fetchmany(_PAGE)}:
            back += [record_id(page[name]) for name in self._graves.under(page, graves)]
        return back

    def bury(self, tombstones: Iterable[tuple[bytes, int]], *, now: datetime) -> Erased:
        """Take over graves, as after restoring an older backup, and erase whoever the backup brought back."""
        with self.transaction():
            graves = dict(tombstones)
            self._graves.take(graves.items())
            back = _numbers(self.back_from(graves))
            erased = erase_records(self._connection, self._graves, back, to_us(now))
        if back:
            self.compact()
        return erased

    def rewrap(self, master: MasterKey) -> int:
        """Keep every key under another master key, in one transaction; how many records there are."""
        wrap = wrap_of(master, self._random)
        with self.transaction():
            count = self._keys.rewrap(wrap)
            keep_data_keys(self._connection, wrap, self._data_keys, vault_id=self.vault_id)
        self.compact()
        return count


def _numbers(records: Iterable[str]) -> list[int]:
    """The stored forms of ids; what is none is left out."""
    return [number for record in records if (number := record_number(record)) is not None]
