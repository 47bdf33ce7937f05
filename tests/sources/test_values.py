"""Text as values of each kind, against the standard library and by round trips."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import ibis
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.sources.spec import ColumnSpec, FieldKind
from habitue.sources.values import PLAIN, NumberStyle, read_text, read_value

GERMAN = NumberStyle(decimal=",", thousands=".")
ENGLISH = NumberStyle(decimal=".", thousands=",")


def column(kind: FieldKind, formats: Sequence[str] = (), *, integer_text: bool = False) -> ColumnSpec:
    return ColumnSpec(
        field="x", type=kind, required=False, formats=tuple(formats), integer_text=integer_text, missing=("NA",)
    )


def read(
    texts: Sequence[str | None], spec: ColumnSpec, *, style: NumberStyle = PLAIN, zone: str = "UTC", home: str = "UTC"
) -> list[tuple[Any, str]]:
    """For each text its value (a pair for locations) and the code of what is wrong with it."""
    rows = ibis.table({"text": "string"}, name="incoming")
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute("SET TimeZone = 'UTC'")
        con.register("incoming", pa.table({"text": pa.array(texts, pa.string())}))
        reading = read_value(read_text(rows["text"], spec.missing), spec, style, zone, home)
        typed = rows.mutate(**{f"v{suffix}": value for suffix, value in reading.values.items()})
        got = {suffix: typed[f"v{suffix}"] for suffix in reading.values}
        checked = typed.select(
            *[f"v{suffix}" for suffix in reading.values],
            **{problem.code: problem.fails(got).fill_null(False) for problem in reading.problems},
        )
        found = con.execute(str(ibis.to_sql(checked, dialect="duckdb"))).fetchall()
    width = len(reading.values)
    codes = [problem.code for problem in reading.problems]
    result: list[tuple[Any, str]] = []
    for row in found:
        wrong = [code for code, fails in zip(codes, row[width:], strict=True) if fails]
        assert len(wrong) <= 1
        result.append((row[0] if width == 1 else row[:width], wrong[0] if wrong else ""))
    return result


def at(text: str) -> datetime:
    """An instant in UTC, as the engine gives it: without a zone."""
    return datetime.fromisoformat(text)


def utc(text: str, zone: str = "UTC", fold: int = 0) -> datetime:
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return local.astimezone(UTC).replace(tzinfo=None)


def test_nothing_and_blanks_and_declared_words_are_missing_and_never_wrong() -> None:
    for kind in FieldKind:
        got = read([None, "", "  ", "\t\u00a0", "NA"], column(kind))
        assert all(value in (None, (None, None)) and code == "" for value, code in got), kind


def test_blanks_around_a_value_do_not_count() -> None:
    assert read([" 7 ", "\u00a07\t", "\ufeff7"], column(FieldKind.INTEGER)) == [(7, "")] * 3
    assert read(["  a b  "], column(FieldKind.TEXT)) == [("a b", "")]


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("0", 0, ""), ("-5", -5, ""), ("+5", 5, ""), ("12.0", 12, ""), ("12.", 12, ""),
        ("1.5", None, "INTEGER-UNREADABLE"),
        ("1e3", None, "INTEGER-UNREADABLE"), ("1,000", None, "INTEGER-UNREADABLE"), ("--1", None, "INTEGER-UNREADABLE"),
        ("9223372036854775807", 2**63 - 1, ""), ("9223372036854775808", None, "INTEGER-RANGE"),
        ("9007199254740993.0", 9007199254740993, ""), ("0x10", None, "INTEGER-UNREADABLE"),
    ],
)  # fmt: skip
def test_whole_numbers_are_exact(text: str, value: int | None, code: str) -> None:
    assert read([text], column(FieldKind.INTEGER)) == [(value, code)]


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("1.10", "1.1", ""), ("-0.5", "-0.5", ""), (".5", "0.5", ""), ("5.", "5", ""), ("12.34000000", "12.34", ""),
        ("12.34567", None, "MONEY-DECIMALS"), ("99999999999999.9999", "99999999999999.9999", ""),
        ("100000000000000", None, "MONEY-RANGE"), ("£3.50", "3.5", ""), ("3.50 €", "3.5", ""), ("-£2", "-2", ""),
        ("EUR 3", "3", ""), ("3 GBP", "3", ""), ("1e3", None, "MONEY-UNREADABLE"), ("1.2.3", None, "MONEY-UNREADABLE"),
        ("three", None, "MONEY-UNREADABLE"), ("1,50", None, "MONEY-UNREADABLE"), ("-", None, "MONEY-UNREADABLE"),
    ],
)  # fmt: skip
def test_money_is_exact_or_refused(text: str, value: str | None, code: str) -> None:
    assert read([text], column(FieldKind.MONEY)) == [(None if value is None else Decimal(value), code)]


def test_decimal_commas_and_thousands_are_read_as_the_file_writes_them() -> None:
    german = read(["1.234.567,5", "0,05", "1.5", "1.234,50 €", "12.34,5"], column(FieldKind.MONEY), style=GERMAN)
    assert [value for value, _ in german] == [Decimal("1234567.5"), Decimal("0.05"), None, Decimal("1234.5"), None]
    english = read(["1,234.5", "12,34.5", "1,234,567"], column(FieldKind.NUMBER), style=ENGLISH)
    assert [value for value, _ in english] == [1234.5, None, 1234567.0]
    assert read(["1.000", "1,0"], column(FieldKind.INTEGER), style=GERMAN) == [(1000, ""), (1, "")]


def test_numbers_are_finite() -> None:
    got = read(["1e3", "-2.5E-3", "1e999", "nan", "inf", "1_0"], column(FieldKind.NUMBER))
    assert [value for value, _ in got] == [1000.0, -0.0025, None, None, None, None]
    assert [code for _, code in got] == ["", "", "NUMBER-RANGE", *["NUMBER-UNREADABLE"] * 3]


def test_yes_and_no_in_several_languages() -> None:
    got = read(["true", "JA", "1", "y", "No", "nein", "f", "0", "perhaps"], column(FieldKind.BOOLEAN))
    assert [value for value, _ in got] == [True] * 4 + [False] * 4 + [None]
    assert got[-1][1] == "BOOLEAN-UNREADABLE"


def test_ids_that_went_through_a_spreadsheet_read_as_whole() -> None:
    got = read(["13085.0", "13085", "A1.0", "1.50", "007.00"], column(FieldKind.TEXT, integer_text=True))
    assert [value for value, _ in got] == ["13085", "13085", "A1.0", "1.50", "007"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-07-01", "2024-07-01T00:00"), ("2024-7-1 9:05", "2024-07-01T09:05"),
        ("2024-07-01T10:00Z", "2024-07-01T10:00"), ("2024-07-01 10:00:00 +02:00", "2024-07-01T08:00"),
        ("2024-07-01T10:00:00.123456+0530", "2024-07-01T04:30:00.123456"),
        ("2024-07-01T10:00:00,5", "2024-07-01T10:00:00.5"),
        ("2024-07-01T10:00-08", "2024-07-01T18:00"),
    ],
)  # fmt: skip
def test_iso_times_with_and_without_offset(text: str, expected: str) -> None:
    assert read([text], column(FieldKind.TIME)) == [(at(expected), "")]


def test_what_is_no_time_is_refused() -> None:
    texts = [
        "2024-02-30",
        "2024-13-01",
        "2024-01-01 25:00",
        "infinity",
        "epoch",
        "now",
        "0001-01-01",
        "12024-01-01",
        "1",
    ]
    assert {code for _, code in read(texts, column(FieldKind.TIME))} == {"TIME-UNREADABLE"}


def test_several_formats_are_tried_in_order() -> None:
    formats = ("%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "iso", "epoch_s")
    texts = ["01/02/2024 10:00", "01/13/2024 10:00", "2024-03-01", "1704067200", "1704067200.25", "Monday"]
    got = read(texts, column(FieldKind.TIME, formats))
    assert [value for value, _ in got] == [
        at("2024-02-01T10:00:00"), at("2024-01-13T10:00:00"), at("2024-03-01T00:00:00"), at("2024-01-01T00:00:00"),
        at("2024-01-01T00:00:00.250000"), None,
    ]  # fmt: skip
    assert read(["1704067200123"], column(FieldKind.TIME, ("epoch_ms",)))[0][0] == at("2024-01-01T00:00:00.123000")
    assert read(["2024-01-01 10:00 +0200"], column(FieldKind.TIME, ("%Y-%m-%d %H:%M %z",)))[0][0] == at(
        "2024-01-01T08:00"
    )


def test_a_local_time_that_a_clock_change_skips_or_repeats_has_one_answer() -> None:
    got = read(["2024-03-31 01:30", "2024-10-27 01:30"], column(FieldKind.TIME), zone="Europe/London")
    assert [value for value, _ in got] == [at("2024-03-31T01:30:00"), at("2024-10-27T01:30:00")]
    assert got[0][0] == utc("2024-03-31T01:30", "Europe/London", fold=0)
    assert got[1][0] == utc("2024-10-27T01:30", "Europe/London", fold=1)


@given(
    moments=st.lists(
        st.datetimes(at("1971-01-01"), at("2037-01-01")).map(lambda each: each.replace(microsecond=0)),
        min_size=1, max_size=30,
    ),
    zone=st.sampled_from(["UTC", "Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
)  # fmt: skip
def test_local_times_agree_with_the_standard_library(moments: list[datetime], zone: str) -> None:
    got = read([each.isoformat(sep=" ") for each in moments], column(FieldKind.TIME), zone=zone)
    for moment, (value, code) in zip(moments, got, strict=True):
        answers = {utc(moment.isoformat(), zone, fold) for fold in (0, 1)}
        assert code == ""
        assert value in answers, (moment, zone)


def test_a_date_is_its_midnight_in_the_projects_zone() -> None:
    got = read(["2024-07-01", "2024-07-01T23:30:00Z", "2024-01-01 15:00"], column(FieldKind.DATE), home="Europe/Berlin")
    assert [value for value, _ in got] == [
        at("2024-06-30T22:00:00"), at("2024-07-01T22:00:00"), at("2023-12-31T23:00:00")
    ]  # fmt: skip


def test_locations_are_pairs_of_degrees() -> None:
    texts = ["52.5,13.4", "(52.5; -13.4)", '{"lat": 52.5, "lon": 13.4}', "[52.5, 13.4]", "91,0", "0,181", "52.5"]
    got = read(texts, column(FieldKind.LOCATION))
    pair, nothing = (52.5, 13.4), (None, None)
    assert [value for value, _ in got] == [pair, (52.5, -13.4), pair, pair, nothing, nothing, nothing]


@given(numbers=st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=20))
def test_every_whole_number_comes_back(numbers: list[int]) -> None:
    assert read([str(each) for each in numbers], column(FieldKind.INTEGER)) == [(each, "") for each in numbers]


@given(
    cents=st.lists(st.integers(-(10**18) + 1, 10**18 - 1), min_size=1, max_size=20),
    style=st.sampled_from([PLAIN, GERMAN, ENGLISH]),
)
def test_every_amount_of_money_comes_back(cents: list[int], style: NumberStyle) -> None:
    amounts = [Decimal(each) / 10000 for each in cents]
    written = [f"{each:,.4f}" if style.thousands else f"{each:.4f}" for each in amounts]
    if style is GERMAN:
        written = [each.translate(str.maketrans(",.", ".,")) for each in written]
    assert read(written, column(FieldKind.MONEY), style=style) == [(each, "") for each in amounts]


@given(numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_every_number_comes_back(numbers: list[float]) -> None:
    assert read([repr(each) for each in numbers], column(FieldKind.NUMBER)) == [(each, "") for each in numbers]


@given(texts=st.lists(st.text(max_size=12), min_size=1, max_size=10), kind=st.sampled_from(list(FieldKind)))
def test_any_text_is_a_value_or_missing_or_refused(texts: list[str], kind: FieldKind) -> None:
    usable = [text.replace("\x00", "") for text in texts]
    for text, (value, code) in zip(usable, read(usable, column(kind)), strict=True):
        nothing = value in (None, (None, None))
        if code == "" and nothing:
            assert not text.strip(" \t\r\n\x0b\x0c\u00a0\u3000\ufeff") or text.strip() == "NA", (text, kind)


def test_an_hour_of_each_zone_is_the_same_instant() -> None:
    got = read(["2024-07-01 12:00"], column(FieldKind.TIME), zone="America/New_York")
    assert got[0][0] - at("2024-07-01T12:00:00") == timedelta(hours=4)
