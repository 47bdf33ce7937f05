"""Records of the log as rows of tables: events by their table, and what messages say of customers.

What does not fit a column any longer, because its contract has changed since, is missing there; a record that cannot be
read at all, or that is about nobody, becomes nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import pyarrow as pa

from habitue.sources.arrivals import Arrival, ArrivalDamagedError, Stored, read_arrival
from habitue.sources.shapes import TableShape
from habitue.sources.tables import live_position
from habitue.streams import Record

GIVEN_KINDS: Final = frozenset({"identify", "group"})
"""Kinds of messages that make somebody a customer, whatever they say."""
_HEAD: Final = (
    pa.field("record_id", pa.string()),
    pa.field("occurred_at", pa.timestamp("us")),
    pa.field("position", pa.int64()),
)
EVENT_ID: Final = pa.field("event_id", pa.string())
SLOT: Final = pa.field("habitue_slot", pa.int64())
_TYPES: Final = {
    "string": pa.string(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp(6)": pa.timestamp("us"),
}
_BY_TYPE: Final[Mapping[pa.DataType, type | tuple[type, ...]]] = {
    pa.string(): str,
    pa.int64(): int,
    pa.float64(): (int, float),
    pa.bool_(): bool,
    pa.timestamp("us"): int,
}
_WIDEST: Final = 1 << 63
Masks = Mapping[str, Callable[[str], str]]


class Opened(NamedTuple):
    """A record of the log with what it says.

    Attributes:
        record: As the log has it.
        arrival: What it says.
    """

    record: Record
    arrival: Arrival


def open_records(records: Iterable[Record]) -> list[Opened]:
    """The records that say something about somebody; the others are passed over."""
    found = []
    for record in records:
        if not record.body:
            continue
        try:
            arrival = read_arrival(record.body)
        except ArrivalDamagedError:
            continue
        if arrival.record:
            found.append(Opened(record, arrival))
    return found


def live_event_id(record: Record, child: int) -> str:
    """The id of a live event, as that of an event from a file is: its source, its place, its entry."""
    return f"{record.source}:live:{record.offset}:{child - 1}" if child else f"{record.source}:live:{record.offset}"


class LiveRows:
    """The rows of one table, gathered.

    Args:
        shape: The table.
        stored: Its own columns that messages may fill, with their types as Ibis writes them.
        masks: What stands for a personal value, by column.
        extra: The further column: `EVENT_ID` of events, `SLOT` of what is said of customers.
    """

    def __init__(self, shape: TableShape, stored: Mapping[str, str], masks: Masks, *, extra: pa.Field) -> None:
        self.shape = shape
        self._extra = extra
        self._masks = masks
        # Money comes as text and is read by the engine, exactly.
        self._types = {name: _TYPES.get(kind, pa.string()) for name, kind in stored.items()}
        self._records: list[str] = []
        self._times: list[int] = []
        self._places: list[int] = []
        self._extras: list[str | int] = []
        self._said: list[Mapping[str, Stored]] = []

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self._places)

    def add(self, opened: Opened, child: int, extra: str | int, said: Mapping[str, Stored]) -> None:
        """One more row."""
        self._records.append(opened.arrival.record)
        self._times.append(opened.arrival.occurred_us)
        self._places.append(live_position(opened.record.offset, child))
        self._extras.append(extra)
        self._said.append(said)

    def add_given(self, record: str, occurred_us: int, offset: int, slot: int, said: Mapping[str, Stored]) -> None:
        """One more row of what somebody said of themselves, whose message is gone."""
        self._records.append(record)
        self._times.append(occurred_us)
        self._places.append(live_position(offset))
        self._extras.append(slot)
        self._said.append(said)

    def table(self) -> pa.Table:
        """The rows; nothing is gathered any longer afterwards."""
        columns = [
            pa.array(self._records, pa.string()),
            pa.array(self._times, pa.int64()).cast(pa.timestamp("us")),
            pa.array(self._places, pa.int64()),
            pa.array(self._extras, self._extra.type),
            *(self._column(name, kind) for name, kind in self._types.items()),
        ]
        fields = [*_HEAD, self._extra, *(pa.field(name, kind) for name, kind in self._types.items())]
        self._records, self._times, self._places, self._extras, self._said = [], [], [], [], []
        return pa.table(columns, schema=pa.schema(fields))

    def _column(self, name: str, kind: pa.DataType) -> pa.Array:
        values: list[Stored] = [each.get(name) for each in self._said]
        mask = self._masks.get(name)
        if mask is not None:
            values = [None if each is None else mask(str(each)) for each in values]
        return _array(values, kind)


def _array(values: Sequence[Stored], kind: pa.DataType) -> pa.Array:
    inner = pa.int64() if pa.types.is_timestamp(kind) else kind
    try:
        found = pa.array(values, inner)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeEncodeError):
        found = pa.array([_fitting(each, kind) for each in values], inner)
    return found.cast(kind)


def _fitting(value: Stored, kind: pa.DataType) -> Stored:
    """The value where the type can hold it, else nothing."""
    if value is None or not isinstance(value, _BY_TYPE[kind]) or (isinstance(value, bool) and kind != pa.bool_()):
        return None
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode("utf-8")
    return value if isinstance(value, float) or -_WIDEST <= value < _WIDEST else None
