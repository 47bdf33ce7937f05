"""What the history told of people who are no more, or are others now: put back when they are as they were.

`.habitue/history/set-aside.parquet` holds moves by a fingerprint of the records that a person was made of.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from habitue.config import writing

_FILE = "set-aside.parquet"
_SCHEMA = pa.schema(
    [
        ("people", pa.string()),
        ("customer_id", pa.string()),
        ("state", pa.int64()),
        ("last", pa.int64()),
        ("build", pa.int64()),
        ("segment", pa.string()),
        ("entered", pa.bool_()),
    ]
)
_NOTHING = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the history told of one person.

    Attributes:
        customer: Their id then.
        last: The last build it told of; it told nothing of later ones.
        moves: By build: into which segments they went (true), and out of which.
    """

    customer: str
    last: int
    moves: dict[int, dict[str, bool]] = field(default_factory=dict)


def fingerprint(records: Collection[str]) -> str:
    """Tells one set of records from every other.

    Examples:
        >>> fingerprint(["c2", "c1"]) == fingerprint(["c1", "c2"])
        True
    """
    return hashlib.sha256("|".join(sorted(records)).encode()).hexdigest()[:32]


class SetAside:
    """The moves set aside in one history folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE

    def keep(self, state: int, told: Mapping[str, Told]) -> None:
        """Set aside what is told of people, by fingerprint; what was set aside in the same state stays.

        Args:
            state: Of who is who, when it was told.
            told: What is told.
        """
        known = self._rows()
        same = known.filter(pc.equal(known.column("state"), state)) if known.num_rows else known
        new = {people: each for people, each in told.items() if people not in set(same.column("people").to_pylist())}
        kept = known.filter(pc.invert(pc.is_in(known.column("people"), value_set=pa.array(list(new), pa.string()))))
        rows = [row for people, each in sorted(new.items()) for row in _written(people, state, each)]
        self._write(pa.concat_tables([kept, pa.Table.from_pylist(rows, schema=_SCHEMA)]))

    def read(self, people: Iterable[str]) -> dict[str, Told]:
        """What was set aside of people, by fingerprint; those of whom nothing was are absent."""
        wanted = pa.array(sorted(set(people)), pa.string())
        rows = self._rows()
        found: dict[str, Told] = {}
        for row in rows.filter(pc.is_in(rows.column("people"), value_set=wanted)).to_pylist():
            told = found.setdefault(row["people"], Told(customer=row["customer_id"], last=row["last"]))
            if row["build"] != _NOTHING:
                told.moves.setdefault(row["build"], {})[row["segment"]] = row["entered"]
        return found

    def of(self, customers: Collection[str]) -> list[dict[str, str | int | bool]]:
        """The rows told of some customers, by the ids they had then."""
        rows = self._rows()
        wanted = pc.is_in(rows.column("customer_id"), value_set=pa.array(sorted(customers), pa.string()))
        found: list[dict[str, str | int | bool]] = rows.filter(wanted).to_pylist()
        return found

    def forget(self, customers: Collection[str]) -> int:
        """Take what was told of some customers out; how many rows went."""
        rows = self._rows()
        gone = pc.is_in(rows.column("customer_id"), value_set=pa.array(sorted(customers), pa.string()))
        kept = rows.filter(pc.invert(gone))
        if kept.num_rows < rows.num_rows:
            self._write(kept)
        return int(rows.num_rows - kept.num_rows)

    def _rows(self) -> pa.Table:
        return pq.read_table(self._path) if self._path.exists() else _SCHEMA.empty_table()

    def _write(self, rows: pa.Table) -> None:
        unfinished = self._path.with_suffix(".unfinished")
        with writing(self._path):
            pq.write_table(rows, unfinished, compression="zstd")
            unfinished.replace(self._path)


def _written(people: str, state: int, told: Told) -> list[dict[str, str | int | bool]]:
    head: dict[str, str | int | bool] = {
        "people": people,
        "customer_id": told.customer,
        "state": state,
        "last": told.last,
    }
    # A row without a segment says that the person was known, though in none.
    rows = [{**head, "build": _NOTHING, "segment": "", "entered": False}]
    for build, moves in sorted(told.moves.items()):
        rows += [{**head, "build": build, "segment": name, "entered": entered} for name, entered in moves.items()]
    return rows
