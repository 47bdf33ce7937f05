"""What stands in a document, and where a caret points."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from habitue.cli.printing import ago, pointed, share
from habitue.records.plain import plain


@given(text=st.text(min_size=1, max_size=300), data=st.data(), room=st.integers(10, 90))
def test_the_caret_stands_under_the_column_however_long_the_rule(text: str, data: st.DataObject, room: int) -> None:
    flat = text.replace("\n", " ").replace("\r", " ").replace("\t", " ")
    column = data.draw(st.integers(1, len(flat)))
    shown, caret = pointed(text, column, room=room)
    assert caret.endswith("^")
    assert shown[len(caret) - 1] == flat[column - 1]
    assert len(shown) <= room + 2


def test_values_are_written_as_json_has_them() -> None:
    berlin = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=1)))
    said = plain({"at": berlin, "money": Decimal("8832003.274"), "none": float("nan"), "long": timedelta(minutes=2)})
    assert said == {"at": "2026-01-01T11:00:00Z", "money": 8832003.274, "none": None, "long": 120.0}


@given(value=st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**13), max_value=10**13))
def test_money_survives_a_document_exactly(value: Decimal) -> None:
    said = json.loads(json.dumps(plain(value)))
    assert Decimal(str(said)) == value


def test_ages_and_shares_are_said_in_the_unit_that_fits() -> None:
    assert [ago(seconds) for seconds in (None, 0, 3600 * 3, 86400 * 100)] == ["", "0 min", "3 h", "100 d"]
    assert share(1 / 3) == "33.3 %"
    assert plain(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00Z"
