"""The scanner finds what is there: a proof that nothing is left is worth as much as its controls."""

import base64
import hashlib
import sqlite3
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.scanner import Scanner, forms_of

VALUE = "Zoe.Quark+7@Blümchen.test"
OTHER = "somebody.else@elsewhere.test"


def encoded(before: bytes) -> bytes:
    return base64.b64encode(before + VALUE.encode() + b"tail")


HIDING: dict[str, bytes] = {
    "as written": VALUE.encode(),
    "folded": VALUE.casefold().encode(),
    "in capitals": VALUE.upper().encode(),
    "utf-16": VALUE.encode("utf-16-le"),
    "utf-16 the other way": VALUE.encode("utf-16-be"),
    "hex": VALUE.encode().hex().encode(),
    "base64": encoded(b""),
    "base64 one on": encoded(b"x"),
    "base64 two on": encoded(b"xy"),
    "base64 for addresses": base64.urlsafe_b64encode(b"a" + VALUE.encode()),
    "sha-256": hashlib.sha256(VALUE.encode()).digest(),
    "sha-256 as hex": hashlib.sha256(VALUE.casefold().encode()).hexdigest().encode(),
    "sha-1 as hex": hashlib.sha1(VALUE.encode(), usedforsecurity=False).hexdigest().encode(),
    "md5": hashlib.md5(VALUE.casefold().encode(), usedforsecurity=False).digest(),
    "a piece": VALUE.encode()[3:11],
}


@pytest.mark.parametrize("hiding", HIDING)
@pytest.mark.parametrize("shift", range(9))
def test_every_form_is_found_wherever_it_begins(hiding: str, shift: int) -> None:
    data = b"\x00" * shift + b"!" + HIDING[hiding] + b"??"
    assert Scanner([VALUE]).look(data), hiding


def test_a_piece_that_others_share_is_not_taken_for_somebody() -> None:
    assert Scanner([VALUE], others=["Zoe.Quark+8@x.test"]).look(b"..Zoe.Quar..") == {}
    assert Scanner([VALUE]).look(b"..Zoe.Quar..")


def test_nothing_is_found_where_nothing_is() -> None:
    assert Scanner([VALUE]).look(OTHER.encode() * 1000) == {}


def test_files_are_read_as_they_lie_and_stores_are_decoded(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "one.sqlite")
    connection.execute("CREATE TABLE t (a TEXT, b BLOB)")
    connection.execute("INSERT INTO t VALUES (?, ?)", (VALUE, OTHER.encode()))
    connection.commit()
    connection.close()
    with duckdb.connect(str(tmp_path / "two.duckdb")) as con:
        con.execute('CREATE TABLE "odd name" AS SELECT ? || i AS a FROM range(50000) AS r(i)', [VALUE])
    pq.write_table(pa.table({"a": [VALUE] * 10_000}), tmp_path / "three.parquet", compression="zstd")
    scanner = Scanner([VALUE, OTHER])
    decoded = scanner.decoded(tmp_path, {"cards": [f"a card of {OTHER}"]})
    assert {place.partition(":")[0] for place in decoded.found} == {
        "one.sqlite",
        "two.duckdb",
        "three.parquet",
        "opened cards",
    }
    assert decoded.values == {VALUE, OTHER}
    assert "one.sqlite" in scanner.files(tmp_path).found


def test_each_value_has_its_forms_and_pieces() -> None:
    forms = {sign.form for sign in forms_of(VALUE)}
    assert {"raw", "folded", "upper", "raw utf-16", "raw hex", "raw base64", "raw sha256 hex", "piece"} <= forms
    assert all(len(sign.text) >= 8 for sign in forms_of(VALUE))
