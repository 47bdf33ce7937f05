"""Whether two contenders gave the same answer, and if not, where they part."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bench.definitions import Definition

_RELATIVE = 1e-9


def difference(definition: Definition, one: Path, other: Path) -> str:
    """The first difference in a few words; empty when both files hold the same answer.

    Members, texts, instants and whole numbers must be equal; amounts and means may part by one in 10^9, since
    contenders add floats in different orders. The order of rows does not matter.

    Args:
        definition: What was asked.
        one: Answer file of the first contender.
        other: Answer file of the second.
    """
    left, right = _sorted(one, definition), _sorted(other, definition)
    if left.num_rows != right.num_rows:
        return f"{left.num_rows:,} rows against {right.num_rows:,}"
    for name in definition.columns:
        apart = _apart(left[name].combine_chunks(), right[name].combine_chunks())
        if apart:
            return f"{name} differs in {apart:,} of {left.num_rows:,} rows"
    return ""


def rows_of(path: Path) -> int:
    """How many rows an answer has."""
    with pa.memory_map(str(path)) as source:
        return int(pa.ipc.open_file(source).read_all().num_rows)


def _sorted(path: Path, definition: Definition) -> pa.Table:
    with pa.memory_map(str(path)) as source:
        table = pa.ipc.open_file(source).read_all()
    return table.select(list(definition.columns)).sort_by("customer_id")


def _apart(left: pa.Array, right: pa.Array) -> int:
    """How many places of two columns hold different values; a missing value equals only a missing value."""
    missing = pc.not_equal(left.is_null(), right.is_null())
    if _is_number(left.type):
        a, b = (np.asarray(each.cast(pa.float64()).fill_null(0.0)) for each in (left, right))
        unequal = np.abs(a - b) > _RELATIVE * np.maximum(np.abs(a), np.abs(b))
    else:
        kind = pa.timestamp("us") if pa.types.is_timestamp(left.type) else pa.string()
        unequal = np.asarray(pc.fill_null(pc.not_equal(left.cast(kind), right.cast(kind)), fill_value=False))
    return int(np.count_nonzero(unequal | np.asarray(missing)))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))
