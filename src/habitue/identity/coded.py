"""A text column as numbers: distinct values once, so that each is worked on once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from habitue.identity.edges import Bools, Ints

Hashes = np.ndarray[Any, np.dtype[np.uint64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """A column of text.

    Attributes:
        code: Place of each row's value, -1 where it is missing.
        values: The distinct values.
    """

    code: Ints
    values: tuple[str, ...]

    @classmethod
    def of(cls, column: pa.ChunkedArray | pa.Array) -> Self:
        """From a column of any type that can be written as text."""
        text = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        encoded = pc.cast(text, pa.string()).dictionary_encode()
        code = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        return cls(code=code, values=tuple(encoded.dictionary.to_pylist()))

    def __len__(self) -> int:
        """How many rows."""
        return len(self.code)

    @property
    def known(self) -> Bools:
        """Which rows have a value."""
        return self.code >= 0

    def map(self, change: Callable[[str], str | None]) -> Self:
        """Each value changed; None makes it missing."""
        places: dict[str, int] = {}
        moved = np.full(len(self.values) + 1, -1, dtype=np.int64)
        for old, value in enumerate(self.values):
            changed = change(value)
            if changed is not None:
                moved[old] = places.setdefault(changed, len(places))
        return type(self)(code=moved[self.code], values=tuple(places))

    def counts(self) -> Ints:
        """How many rows have each value."""
        return np.bincount(self.code[self.known], minlength=len(self.values)).astype(np.int64)

    def rows(self, places: Ints | Sequence[int]) -> list[str | None]:
        """The values of some rows."""
        return [None if code < 0 else self.values[code] for code in self.code[places].tolist()]

    def array(self) -> pa.Array:
        """The column again."""
        taken = pa.array(self.code, mask=~self.known)
        return pa.array(self.values, pa.string()).take(taken)

    def hashes(self) -> Hashes:
        """A number of 64 bits for each row, equal for equal values also in other columns; 0 where it is missing."""
        from pandas.util import hash_array

        values = hash_array(np.array(self.values, dtype=object), categorize=False) if self.values else np.zeros(0)
        spread: Hashes = np.append(values.astype(np.uint64) | np.uint64(1), np.uint64(0))
        return spread[self.code]
