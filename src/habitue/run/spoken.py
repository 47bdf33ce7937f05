"""What sources say that people said about purposes, held for a live reading in a few bytes an entry."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from habitue.engines.warehouse import Warehouse
from habitue.govern.consent import ConsentEntry, ConsentState
from habitue.govern.spec import LegalBasis
from habitue.govern.vault_tables import record_number, record_numbers
from habitue.sources.shapes import SOURCE_CONSENTS

_WANTED: Final = ("record_id", "purpose", "state", "given", "basis", "region", "occurred_at")
_STATES: Final = frozenset(each.value for each in ConsentState)
_BASES: Final = frozenset(each.value for each in LegalBasis)


class Spoken:
    """Entries of sources by record, in the order of records.

    Args:
        rows: Columns of the table of what sources say about consents.
    """

    def __init__(self, rows: pa.Table | None = None) -> None:
        numbers = [] if rows is None else record_numbers(rows["record_id"].to_pylist())
        known = [place for place, number in enumerate(numbers) if number is not None]
        found: npt.NDArray[np.int64] = np.array([numbers[place] for place in known], np.int64)
        order = np.argsort(found, kind="stable")
        # Of a few records a plain search is ten times as quick as numpy's, and quicker still without numpy's numbers.
        self._records = found[order].data
        self._rows = None if rows is None else _packed(rows.take(pa.array(known, pa.int64()).take(pa.array(order))))

    def __call__(self, records: Sequence[str]) -> Iterator[ConsentEntry]:
        """What is said of some records."""
        if self._rows is None:
            return
        for record in records:
            number = record_number(record)
            if number is None:
                continue
            # Of most nothing is said.
            begin = bisect_left(self._records, number)
            end = bisect_right(self._records, number, lo=begin)
            for row in self._rows.slice(begin, end - begin).to_pylist() if begin < end else ():
                entry = _entry(record, **row)
                if entry is not None:
                    yield entry


def spoken_in(warehouse: Warehouse) -> Spoken:
    """What the sources of a project say about consents, as its tables have it."""
    if SOURCE_CONSENTS not in warehouse.tables():
        return Spoken()
    return Spoken(warehouse.fetch(warehouse.table(SOURCE_CONSENTS).select(*_WANTED)))


def _packed(rows: pa.Table) -> pa.Table:
    """Texts that repeat are kept once."""
    columns = {name: rows[name] for name in _WANTED if name != "record_id"}
    for name in ("purpose", "state", "basis", "region"):
        columns[name] = pc.dictionary_encode(columns[name].cast(pa.string()))
    return pa.table(columns).combine_chunks()


def _entry(
    record: str,
    purpose: str,
    state: str | None,
    given: bool | None,
    basis: str | None,
    region: str | None,
    occurred_at: datetime | None,
) -> ConsentEntry | None:
    """An entry as the ledger would have it; None for what is none."""
    said = state or ("given" if given else "withdrawn")
    if said not in _STATES or occurred_at is None:
        return None
    at, what = occurred_at.replace(tzinfo=UTC), ConsentState(said)
    return ConsentEntry(
        record_id=record,
        purpose="" if what.is_about_all else purpose,
        state=what,
        basis=LegalBasis(basis) if basis in _BASES else LegalBasis.CONSENT if basis is None else LegalBasis.CONTRACT,
        region=region or "",
        occurred_at=at,
        received_at=at,
    )
