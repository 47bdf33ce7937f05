"""Looks for planted identifiers in every file of a folder, in every form that somebody could have left them in.

A scanner that finds nothing proves nothing: it is run before as well, and has to find everything then, also inside
compressed stores, which it decodes. Forms: as written, folded, UTF-16, base64 in each of its three alignments, hex,
public hashes as hex and as bytes, and every piece of eight bytes that nobody else's identifiers share.
"""

import base64
import hashlib
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from sqlglot import expressions as exp

PIECE: Final = 8
_BITS: Final = 24
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
_HEX: Final = frozenset(b"0123456789abcdefABCDEF+-. ")
_BATCH: Final = 1 << 26
Found: TypeAlias = dict[str, Counter[str]]
"""Values found, by form, with how often."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One form of one planted value.

    Attributes:
        value: The value.
        form: `raw`, `folded`, `base64`, …
        text: What to look for: at least eight bytes.
    """

    value: str
    form: str
    text: bytes


@dataclass(slots=True)
class Scan:
    """What a scan found.

    Attributes:
        files: Files that were read.
        bytes: Bytes that were read, decoded ones included.
        found: Values found, by place and form.
    """

    files: int = 0
    bytes: int = 0
    found: dict[str, Found] = field(default_factory=dict)

    @property
    def values(self) -> set[str]:
        """The values that were found anywhere in any form."""
        return {value for forms in self.found.values() for values in forms.values() for value in values}

    @property
    def said(self) -> list[str]:
        """Places and forms, in a few words each."""
        return [
            f"{place}: {form} of {len(values)} values"
            for place, forms in self.found.items()
            for form, values in forms.items()
        ]

    def add(self, place: str, found: Found) -> None:
        """Take over what was found at a place."""
        if found:
            forms = self.found.setdefault(place, {})
            for form, values in found.items():
                forms.setdefault(form, Counter()).update(values)


def forms_of(value: str, *, shared: frozenset[bytes] = frozenset()) -> Iterator[Sign]:
    """Every form of a value that is long enough to mean something.

    Args:
        value: As it was planted.
        shared: Pieces that others have too.
    """
    signs: dict[bytes, str] = {}
    for form, text in (("raw", value), ("folded", value.casefold()), ("upper", value.upper())):
        raw = text.encode()
        signs.setdefault(raw, form)
        for name in ("utf-16-le", "utf-16-be"):
            signs.setdefault(text.encode(name), f"{form} utf-16")
        for hexed in (raw.hex(), raw.hex().upper()):
            signs.setdefault(hexed.encode(), f"{form} hex")
        for encoded in _base64(raw):
            signs.setdefault(encoded, f"{form} base64")
        for hashed in (hashlib.sha256, hashlib.sha1, hashlib.md5):
            digest = hashed(raw, usedforsecurity=False)
            signs.setdefault(digest.digest(), f"{form} {digest.name}")
            signs.setdefault(digest.hexdigest().encode(), f"{form} {digest.name} hex")
            signs.setdefault(digest.hexdigest().upper().encode(), f"{form} {digest.name} hex")
    for piece in pieces(value):
        if piece not in shared and not set(piece) <= _HEX:
            signs.setdefault(piece, "piece")
    yield from (Sign(value, form, text) for text, form in signs.items() if len(text) >= PIECE)


def pieces(value: str) -> Iterator[bytes]:
    """Every run of eight bytes of a value."""
    raw = value.encode()
    yield from (raw[start : start + PIECE] for start in range(len(raw) - PIECE + 1))


def _base64(raw: bytes) -> Iterator[bytes]:
    """What base64 makes of bytes inside longer ones, for each place they can begin at."""
    for shift, skipped in ((0, 0), (1, 2), (2, 3)):
        whole = base64.b64encode(bytes(shift) + raw)[skipped : (shift + len(raw)) * 8 // 6]
        yield whole
        yield whole.translate(bytes.maketrans(b"+/", b"-_"))


class Scanner:
    """Looks for many signs at once.

    Cost: about a second for 100 MB, whatever the number of signs.
    """

    def __init__(self, values: Iterable[str], *, others: Iterable[str] = ()) -> None:
        self.values = list(dict.fromkeys(values))
        wanted = {piece for value in self.values for piece in pieces(value)}
        shared = frozenset(piece for other in others for piece in pieces(other) if piece in wanted)
        counted = Counter(piece for value in self.values for piece in set(pieces(value)))
        common = shared | {piece for piece, count in counted.items() if count > 1}
        self._signs: defaultdict[int, list[Sign]] = defaultdict(list)
        for value in self.values:
            for sign in forms_of(value, shared=common):
                self._signs[int.from_bytes(sign.text[:PIECE], "little")].append(sign)
        keys = np.array(sorted(self._signs), dtype=np.uint64)
        self._keys = keys
        self._likely = np.zeros(1 << _BITS, dtype=np.bool_)
        self._likely[_spread(keys)] = True

    def look(self, data: bytes) -> Found:
        """What is in some bytes."""
        found: Found = {}
        for shift in range(PIECE):
            count = (len(data) - shift) // PIECE
            if count <= 0:
                continue
            words = np.frombuffer(data, dtype="<u8", count=count, offset=shift)
            for place in np.flatnonzero(self._likely[_spread(words)]).tolist():
                start = shift + place * PIECE
                for sign in self._signs.get(int(words[place]), ()):
                    if data.startswith(sign.text, start):
                        found.setdefault(sign.form, Counter())[sign.value] += 1
        return found

    def files(self, folder: Path) -> Scan:
        """What is in the bytes of every file of a folder, as they lie there."""
        scan = Scan()
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            data = path.read_bytes()
            scan.files += 1
            scan.bytes += len(data)
            scan.add(path.relative_to(folder).as_posix(), self.look(data))
        return scan

    def decoded(self, folder: Path, sealed: Mapping[str, Iterable[str]]) -> Scan:
        """What every store of a folder holds once it is read as what it is.

        Args:
            folder: The folder `.habitue` of a project that nobody has open.
            sealed: Texts that were opened with the keys that are left, by what they are.
        """
        scan = Scan()
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            for name, texts in _contents(path):
                self._add(scan, f"{path.relative_to(folder).as_posix()}: {name}", texts)
        for name, opened in sealed.items():
            self._add(scan, f"opened {name}", (text.encode("utf-8", "surrogatepass") for text in opened))
        return scan

    def _add(self, scan: Scan, place: str, texts: Iterable[bytes]) -> None:
        held: list[bytes] = []
        size = 0
        for text in texts:
            held.append(text)
            size += len(text) + 1
            if size > _BATCH:
                scan.add(place, self.look(b"\n".join(held)))
                scan.bytes, held, size = scan.bytes + size, [], 0
        scan.add(place, self.look(b"\n".join(held)))
        scan.bytes += size


def _spread(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return (words * _SPREAD) >> np.uint64(64 - _BITS)


def _contents(path: Path) -> Iterator[tuple[str, Iterable[bytes]]]:
    """The tables of a store, each as its texts and bytes."""
    if path.suffix == ".sqlite":
        with closing(sqlite3.connect(path)) as connection:
            names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            for name in names:
                yield name, _cells(connection.execute(_whole(name).sql("sqlite")))
    elif path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as con:
            tables = con.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary").fetchall()
            for (name,) in tables:
                yield name, _texts(con.execute(_whole(name).sql("duckdb")).fetch_record_batch())
    elif path.suffix == ".parquet":
        yield "rows", _texts(pq.ParquetFile(path).iter_batches())


def _whole(name: str) -> exp.Select:
    return exp.select("*").from_(exp.Table(this=exp.to_identifier(name, quoted=True)))


def _cells(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    for row in rows:
        for cell in row:
            if isinstance(cell, str):
                yield cell.encode("utf-8", "surrogatepass")
            elif isinstance(cell, bytes):
                yield cell


def _texts(batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    for batch in batches:
        for column in batch.columns:
            if (
                pa.types.is_string(column.type)
                or pa.types.is_large_string(column.type)
                or pa.types.is_binary(column.type)
            ):
                yield b"\n".join(
                    value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
                    for value in column.to_pylist()
                    if value is not None
                )
