"""What the warehouse was last built from: a digest per step, kept in the warehouse itself.

A warehouse that is lost loses its marks with it, so that everything is stale and made again.
"""

import hashlib
import json
from collections.abc import Mapping

import pyarrow as pa

from habitue.engines.warehouse import Warehouse

MARKS = "built"
_SCHEMA = pa.schema([("step", pa.string()), ("digest", pa.string())])


def digest_of(parts: object) -> str:
    """A digest of plain values (texts, numbers, lists and mappings with text keys)."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def read_marks(warehouse: Warehouse) -> dict[str, str]:
    """The digest of each step that was built."""
    if MARKS not in warehouse.tables():
        return {}
    # Asked for with every figure that is kept: without laying out a query.
    return dict(warehouse.con.execute("SELECT step, digest FROM built ORDER BY step").fetchall())


def write_marks(warehouse: Warehouse, marks: Mapping[str, str]) -> None:
    """Remember what is built, in place of what was remembered; nothing is written where that is the same."""
    if marks == read_marks(warehouse):
        return
    rows = [{"step": step, "digest": digest} for step, digest in sorted(marks.items())]
    warehouse.replace_rows(MARKS, pa.Table.from_pylist(rows, schema=_SCHEMA))
