"""Columns of Arrow as plain Python values, for states that keep them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from habitue.rules.history import instant_of


class Lists(NamedTuple):
    """A column of lists of rows, each list a stretch of the same columns.

    Attributes:
        offsets: Where each list begins, and where the last ends.
        columns: The parts of the rows: instants in µs first.
    """

    offsets: list[int]
    columns: list[list[Any]]


def values_of(column: pa.Array) -> list[Any]:
    """The values of a column as rules take them: times aware, None for what is missing."""
    if pa.types.is_timestamp(column.type):
        return [None if each is None else instant_of(each) for each in column.cast(pa.int64()).to_pylist()]
    if not column.null_count and (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return list(column.to_numpy().tolist())
    return list(column.to_pylist())


def times_of(column: pa.Array) -> list[int]:
    """The instants of a column of which none is missing, in µs."""
    return list(column.cast(pa.timestamp("us")).cast(pa.int64()).to_numpy().tolist())


def lists_of(column: pa.ListArray) -> Lists:
    """A column of lists, of instants or of rows that begin with one."""
    offsets = column.offsets.to_numpy()
    inside = column.flatten()
    parts: Sequence[pa.Array] = inside.flatten() if pa.types.is_struct(inside.type) else [inside]
    columns = [times_of(parts[0]), *(values_of(each) for each in parts[1:])]
    return Lists((offsets - offsets[0]).tolist(), columns)
