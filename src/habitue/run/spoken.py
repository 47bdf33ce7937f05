"""What sources say that people said about purposes, held for a live reading in some twenty bytes an entry."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from habitue.engines.warehouse import Warehouse
from habitue.govern.consent import ConsentEntry, ConsentState
from habitue.govern.spec import LegalBasis
from habitue.govern.vault_tables import record_number, record_numbers
from habitue.sources.shapes import SOURCE_CONSENTS
from habitue.state.sqlite import from_us

_WORDS: Final = ("purpose", "state", "given", "basis", "region")
_STATES: Final = frozenset(each.value for each in ConsentState)
_BASES: Final = frozenset(each.value for each in LegalBasis)
_NEVER: Final = -(1 << 63)
"""What stands for an instant that is not there."""
_SCHEMA: Final = pa.schema(
    {"record_id": pa.string(), **dict.fromkeys(_WORDS, pa.string()), "occurred_at": pa.timestamp("us")}
)
Ints = npt.NDArray[np.int64]


class _Words(NamedTuple):
    """What an entry says; many say the same."""

    purpose: str
    state: ConsentState
    basis: LegalBasis
    region: str


class Spoken:
    """Entries of sources by record, in the order of records.

    Args:
        rows: Columns of the table of what sources say about consents.
    """

    def __init__(self, rows: pa.Table | None = None) -> None:
        rows = _SCHEMA.empty_table() if rows is None else rows
        numbers = record_numbers(rows["record_id"].to_pylist())
        known = [place for place, number in enumerate(numbers) if number is not None]
        found: Ints = np.array([numbers[place] for place in known], np.int64)
        order = np.argsort(found, kind="stable")
        kept = np.array(known, np.int64)[order]
        codes, self._words = _coded(rows)
        # Of a few records a plain search is quicker than numpy's, where it does not meet numpy's numbers.
        self._records = found[order].data
        self._codes = codes[kept].data
        self._us = _instants(rows)[kept].data

    def __call__(self, records: Sequence[str]) -> Iterator[ConsentEntry]:
        """What is said of some records."""
        for record in records:
            number = record_number(record)
            if number is None:
                continue
            begin = bisect_left(self._records, number)
            for place in range(begin, bisect_right(self._records, number, lo=begin)):
                words, at_us = self._words[self._codes[place]], self._us[place]
                if words is not None and at_us != _NEVER:
                    at = from_us(at_us)
                    yield ConsentEntry(record_id=record, occurred_at=at, received_at=at, **words._asdict())


def spoken_in(warehouse: Warehouse) -> Spoken:
    """What the sources of a project say about consents, as its tables have it."""
    if SOURCE_CONSENTS not in warehouse.tables():
        return Spoken()
    rows = warehouse.table(SOURCE_CONSENTS).select("record_id", *_WORDS, "occurred_at")
    return Spoken(warehouse.fetch(rows))


def _coded(rows: pa.Table) -> tuple[Ints, list[_Words | None]]:
    """A number for what each row says, and what each number stands for."""
    codes: Ints = np.zeros(len(rows), np.int64)
    for name in _WORDS:
        encoded = pc.dictionary_encode(rows[name].cast(pa.string()).combine_chunks())
        column: Ints = encoded.indices.fill_null(len(encoded.dictionary)).to_numpy(zero_copy_only=False)
        codes = np.unique(codes * (len(encoded.dictionary) + 1) + column, return_inverse=True)[1].reshape(-1)
    _, first = np.unique(codes, return_index=True)
    said = rows.select(_WORDS).take(pa.array(first, pa.int64())).to_pylist()
    return codes, [_words(**each) for each in said]


def _words(purpose: str, state: str | None, given: bool | None, basis: str | None, region: str | None) -> _Words | None:
    """What an entry says as the ledger would have it; None for what is none."""
    said = state or ("given" if given else "withdrawn")
    if said not in _STATES:
        return None
    what = ConsentState(said)
    return _Words(
        purpose="" if what.is_about_all else purpose,
        state=what,
        basis=LegalBasis(basis) if basis in _BASES else LegalBasis.CONSENT if basis is None else LegalBasis.CONTRACT,
        region=region or "",
    )


def _instants(rows: pa.Table) -> Ints:
    """When each was said, in µs."""
    at = rows["occurred_at"].cast(pa.timestamp("us")).cast(pa.int64()).combine_chunks()
    found: Ints = at.fill_null(_NEVER).to_numpy(zero_copy_only=False).astype(np.int64)
    return found
