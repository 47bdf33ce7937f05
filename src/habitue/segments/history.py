"""What every build changed, in files beside the warehouse: memberships can always be made again from them.

`.habitue/history/` holds two Parquet files a build: who entered and left, and the size of every segment; a third where
rules rank customers: the cut points. `people` says which state of who is who all of them are about.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from habitue.config import state_folder, write_text, writing
from habitue.segments.set_aside import SetAside

_PEOPLE = "people"
_MOVES = pa.schema([("segment", pa.string()), ("customer_id", pa.string()), ("entered", pa.bool_())])
_SIZES = pa.schema(
    [
        ("segment", pa.string()),
        ("as_of", pa.timestamp("us", tz="UTC")),
        ("customers", pa.int64()),
        ("entered", pa.int64()),
        ("left", pa.int64()),
        ("rule", pa.string()),
    ]
)
MEMBERSHIP_ROWS = pa.schema(
    [
        ("segment", pa.string()),
        ("customer_id", pa.string()),
        ("entered_at", pa.timestamp("us")),
        ("left_at", pa.timestamp("us")),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentBuild:
    """One segment at one build.

    Attributes:
        segment: Its name.
        as_of: The instant of the build's answers.
        customers: How many were in it.
        entered: How many came since the build before.
        left: How many went since the build before.
        rule: Its rule then, as canonical text with its purpose.
    """

    segment: str
    as_of: datetime
    customers: int
    entered: int
    left: int
    rule: str


class SegmentHistory:
    """The history files of one project.

    Attributes:
        folder: Where they are.
        aside: What was told of people who are others now.
    """

    def __init__(self, project: Path) -> None:
        self.folder = state_folder(project) / "history"
        self.aside = SetAside(self.folder)

    def append(self, build: int, sizes: Sequence[SegmentBuild], moves: pa.Table) -> None:
        """Remember a build: each file is whole or not there.

        Args:
            build: Number of the build; the same number again replaces what was said.
            sizes: Every segment built.
            moves: segment, customer_id, entered.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._write(self.folder / f"{build:08d}-moves.parquet", moves.cast(_MOVES))
        rows = pa.Table.from_pylist([asdict(each) for each in sizes], schema=_SIZES)
        self._write(self.folder / f"{build:08d}-sizes.parquet", rows)

    def drop(self, build: int) -> None:
        """Take back what a build that did not end well had written; nothing where it wrote nothing."""
        for what in ("sizes", "moves", "cuts"):
            (self.folder / f"{build:08d}-{what}.parquet").unlink(missing_ok=True)

    def _write(self, path: Path, rows: pa.Table) -> None:
        unfinished = path.with_suffix(".unfinished")
        with writing(path):
            pq.write_table(rows, unfinished, compression="zstd")
            unfinished.replace(path)

    def builds(self) -> list[int]:
        """The numbers of the builds, the oldest first."""
        return [int(path.name.partition("-")[0]) for path in self._builds()]

    def build(self, number: int) -> tuple[list[SegmentBuild], pa.Table]:
        """What a build said: every segment's size, and the moves."""
        sizes = pq.read_table(self.folder / f"{number:08d}-sizes.parquet").to_pylist()
        return [SegmentBuild(**row) for row in sizes], pq.read_table(self.folder / f"{number:08d}-moves.parquet")

    def build_sizes(self, number: int) -> list[SegmentBuild]:
        """Every segment's size at a build."""
        rows = pq.read_table(self.folder / f"{number:08d}-sizes.parquet").to_pylist()
        return [SegmentBuild(**row) for row in rows]

    def keep_cuts(self, number: int, rows: pa.Table) -> None:
        """Keep the cut points of a build."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._write(self.folder / f"{number:08d}-cuts.parquet", rows)

    def cuts(self, number: int) -> pa.Table | None:
        """The cut points of a build, or None where none were kept."""
        path = self.folder / f"{number:08d}-cuts.parquet"
        return pq.read_table(path) if path.exists() else None

    def people(self) -> int:
        """The state of who is who that the files are about; 0 for every record its own person."""
        path = self.folder / _PEOPLE
        return int(path.read_text(encoding="ascii")) if path.exists() else 0

    def keep_people(self, step: int) -> None:
        """Say which state of who is who the files are about from now on."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_text(self.folder / _PEOPLE, str(step))

    def sizes(self, segment: str | None = None) -> list[SegmentBuild]:
        """Every build's sizes, the oldest first; of one segment or of all."""
        found: list[SegmentBuild] = []
        for path in self._builds():
            rows = pq.read_table(path).to_pylist()
            found += [SegmentBuild(**row) for row in rows if segment is None or row["segment"] == segment]
        return found

    def last(self, segment: str) -> SegmentBuild | None:
        """The latest build of a segment."""
        for path in reversed(self._builds()):
            for row in pq.read_table(path).to_pylist():
                if row["segment"] == segment:
                    return SegmentBuild(**row)
        return None

    def newest(self) -> datetime | None:
        """The instant of the latest build."""
        builds = self._builds()
        rows = pq.read_table(builds[-1], columns=["as_of"]).to_pylist() if builds else []
        return rows[0]["as_of"] if rows else None

    def memberships(self) -> pa.Table:
        """All memberships as the builds left them, made again from the files."""
        inside: dict[tuple[str, str], datetime] = {}
        closed: list[tuple[str, str, datetime, datetime]] = []
        for path in self._builds():
            as_of = pq.read_table(path, columns=["as_of"]).column("as_of")
            if not len(as_of):
                continue
            instant = as_of[0].as_py().replace(tzinfo=None)
            moves = pq.read_table(path.with_name(path.name.replace("-sizes", "-moves")))
            names, ids = moves.column("segment").to_pylist(), moves.column("customer_id").to_pylist()
            for segment, customer, entered in zip(names, ids, moves.column("entered").to_pylist(), strict=True):
                key = (segment, customer)
                if entered:
                    inside[key] = instant
                elif key in inside:
                    closed.append((segment, customer, inside.pop(key), instant))
        rows = [*closed, *((segment, customer, at, None) for (segment, customer), at in inside.items())]
        columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
        return pa.table(
            [pa.array(each, kind.type) for each, kind in zip(columns, MEMBERSHIP_ROWS, strict=True)],
            schema=MEMBERSHIP_ROWS,
        )

    def digest(self) -> str:
        """What the history holds, so that memberships made from it can be told from others."""
        known = hashlib.sha256(str(self.people()).encode())
        for path in self._builds():
            for file in (path.with_name(path.name.replace("-sizes", "-moves")), path):
                known.update(f"{file.name}:{file.stat().st_size};".encode())
        return known.hexdigest()

    def forget(self) -> None:
        """Begin the history anew."""
        for path in self.folder.glob("*.parquet"):
            path.unlink()

    def forget_people(self, customers: Collection[str]) -> int:
        """Write every file anew without some customers; how many rows went. Sizes stay as they were counted."""
        gone = 0
        wanted = pa.array(sorted(customers), pa.string())
        for left_over in self.folder.glob("*.unfinished"):
            left_over.unlink()
        for path in sorted(self.folder.glob("*-moves.parquet")):
            rows = pq.read_table(path)
            kept = rows.filter(pc.invert(pc.is_in(rows.column("customer_id"), value_set=wanted)))
            if kept.num_rows < rows.num_rows:
                gone += rows.num_rows - kept.num_rows
                self._write(path, kept)
        return gone + self.aside.forget(customers)

    def moves(self, customer: str) -> list[tuple[int, str, bool]]:
        """The builds (by number) that moved a customer into a segment, or out of it."""
        found: list[tuple[int, str, bool]] = []
        for path in sorted(self.folder.glob("*-moves.parquet")):
            rows = pq.read_table(path, filters=[("customer_id", "==", customer)]).to_pylist()
            found += [(int(path.name.partition("-")[0]), row["segment"], row["entered"]) for row in rows]
        return found

    def _builds(self) -> list[Path]:
        """The builds whose two files are there, the oldest first."""
        sizes = sorted(self.folder.glob("*-sizes.parquet"))
        return [path for path in sizes if path.with_name(path.name.replace("-sizes", "-moves")).exists()]
