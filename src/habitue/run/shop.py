"""The Python door: an open project as an object to explore in a notebook or script."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import pyarrow as pa

from habitue.run.building import BuildOrder, BuildReport
from habitue.run.customers import find_customer
from habitue.run.explaining import Explanation, explain
from habitue.run.segments import SegmentEntry, list_history, list_members, list_segments
from habitue.run.surroundings import Surroundings
from habitue.run.training import ASKED, FeatureTable, features_at
from habitue.run.workspace import Workspace
from habitue.segments.history import SegmentBuild
from habitue.segments.preview import Preview

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


class MemberTable:
    """The members of a segment, ready for whichever table library is at hand."""

    def __init__(self, rows: pa.Table) -> None:
        self._rows = rows

    def __len__(self) -> int:
        """How many members there are."""
        return int(self._rows.num_rows)

    def __iter__(self) -> Iterator[str]:
        """Their ids, ascending."""
        return iter(self._rows.column("customer_id").to_pylist())

    def to_arrow(self) -> pa.Table:
        """As an Arrow table with the column customer_id."""
        return self._rows

    def to_pandas(self) -> "pd.DataFrame":
        """As a pandas frame with the column customer_id."""
        frame: pd.DataFrame = self._rows.to_pandas()
        return frame

    def to_polars(self) -> "pl.DataFrame":
        """As a Polars frame with the column customer_id; needs `pip install 'habitue[polars]'`."""
        import polars as pl  # imported late: a large library, and an extra

        return pl.DataFrame(self._rows)


class Segment:
    """One declared segment."""

    def __init__(self, workspace: Workspace, entry: SegmentEntry) -> None:
        self._workspace = workspace
        self.entry = entry

    def members(self) -> MemberTable:
        """Everybody in it as of the last build."""
        ids: list[str] = []
        cursor: str | None = None
        while True:
            page = list_members(self._workspace, self.entry.name, after=cursor, limit=100_000)
            ids += page.customers
            cursor = page.next_cursor
            if cursor is None:
                return MemberTable(pa.table({"customer_id": pa.array(ids, pa.string())}))

    def history(self) -> list[SegmentBuild]:
        """Its size and movement at every build."""
        return list_history(self._workspace, self.entry.name)

    def __repr__(self) -> str:
        """Its name, size and meaning."""
        size = "not built" if self.entry.customers is None else f"{self.entry.customers:,}"
        return f"<Segment {self.entry.name}: {size}. {self.entry.words}>"


class Segments(Mapping[str, Segment]):
    """The declared segments by name, and a way to try out others."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def __getitem__(self, name: str) -> Segment:
        """The segment of a name; KeyError when there is none."""
        for entry in list_segments(self._workspace):
            if entry.name == name:
                return Segment(self._workspace, entry)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        """Names in the order of the files."""
        return iter(self._workspace.project.segments)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._workspace.project.segments)

    def preview(self, rule: str, *, as_of: datetime | None = None) -> Preview:
        """Whom a rule would select.

        Raises:
            HabitueError: The rule does not fit the project, or nothing was built yet.
        """
        return self._workspace.preview(rule, as_of=as_of)


class Shop:
    """An open project.

    Attributes:
        segments: Its segments by name.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.segments = Segments(workspace)

    @classmethod
    def open(cls, folder: str | Path, *, around: Surroundings) -> Self:
        """Open the project of a folder for this process alone.

        Raises:
            HabitueError: There is no project, its files hold faults, or another process has it.
        """
        return cls(Workspace.open(Path(folder), around=around))

    def build(self, *, as_of: datetime | None = None, full: bool = False, select: tuple[str, ...] = ()) -> BuildReport:
        """Make everything that is stale.

        Args:
            as_of: The instant of the answers; None for what `habitue.yaml` says.
            full: Make everything anew, the history of memberships included.
            select: Only these steps: sources, sessions, features, segments.

        Raises:
            HabitueError: Something is wrong with the data or the machine.
        """
        return self._workspace.build(BuildOrder(as_of=as_of, full=full, select=select))

    def explain(self, segment: str, customer: str) -> Explanation:
        """Why a customer is in a segment or not, since when, and when that changes if nothing happens.

        Raises:
            HabitueError: There is no such segment or customer.
        """
        return explain(self._workspace, segment, find_customer(self._workspace, customer))

    def features(self) -> pa.Table:
        """The features of every customer as of the last build, as Arrow.

        Raises:
            HabitueError: Nothing was built yet.
        """
        self._workspace.as_of()
        return self._workspace.warehouse.fetch(self._workspace.warehouse.table("features"))

    def features_at(self, rows: Iterable[tuple[str, datetime]], names: Sequence[str] = ()) -> FeatureTable:
        """The values that features had for customers at instants, from nothing that happened later.

        Args:
            rows: Ids of customers, each with an aware instant.
            names: Features wanted; all declared ones when empty.

        Raises:
            HabitueError: Nothing was built yet, there is no such feature, or a customer is not known.
        """
        asked = [{"customer_id": customer, "instant": instant} for customer, instant in rows]
        return features_at(self._workspace, pa.Table.from_pylist(asked, schema=ASKED), names=names)

    def close(self) -> None:
        """Give the project back."""
        self._workspace.close()

    def __enter__(self) -> Self:
        """The same object, closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the project."""
        self.close()
