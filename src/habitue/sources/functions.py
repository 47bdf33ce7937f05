"""Functions of the embedded engine that Ibis has no word for, declared once with their types."""

from collections.abc import Callable

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

Function = Callable[..., ir.Value]


def _one(first: ir.Value) -> None:
    """The shape of a function of one value."""


def _two(first: ir.Value, second: ir.Value) -> None:
    """The shape of a function of two values."""


def _declare(name: str, takes: tuple[dt.DataType, ...], gives: dt.DataType) -> Function:
    shape = _one if len(takes) == 1 else _two
    function: Function = ibis.udf.scalar.builtin(shape, name=name, signature=(takes, gives))
    return function


_TIME = dt.Timestamp(scale=6)
_INSTANT = dt.Timestamp(timezone="UTC", scale=6)
_TEXTS = dt.Array(dt.string)

full_match = _declare("regexp_full_match", (dt.string, dt.string), dt.boolean)
trim = _declare("trim", (dt.string, dt.string), dt.string)
parse_local = _declare("try_strptime", (dt.string, dt.string), _TIME)
parse_instant = _declare("try_strptime", (dt.string, dt.string), _INSTANT)
from_local = _declare("timezone", (dt.string, _TIME), _INSTANT)
to_local = _declare("timezone", (dt.string, _INSTANT), _TIME)
from_micros = _declare("make_timestamp", (dt.int64,), _TIME)
is_finite = _declare("isfinite", (dt.float64,), dt.boolean)
json_valid = _declare("json_valid", (dt.string,), dt.boolean)
json_type = _declare("json_type", (dt.string,), dt.string)
json_length = _declare("json_array_length", (dt.string,), dt.int64)
json_text = _declare("json_extract_string", (dt.string, dt.string), dt.string)
json_texts = _declare("json_extract_string", (dt.string, _TEXTS), _TEXTS)
json_parts = _declare("json_extract", (dt.string, dt.string), _TEXTS)
md5 = _declare("md5", (dt.string,), dt.string)
