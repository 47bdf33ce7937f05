"""Records are made comparable: names the right way round, and everything written one way."""

from collections.abc import Sequence
from types import MappingProxyType

import pyarrow as pa
import pytest

from habitue.identity.preparing import RecordColumnError, prepare
from habitue.identity.rules import Matching

NAMES = Matching(columns=MappingProxyType({"given_name": "first", "surname": "last"}))


def table(**columns: Sequence[str | None]) -> pa.Table:
    size = len(next(iter(columns.values())))
    return pa.table({"record_id": [f"r{place}" for place in range(size)], **columns})


def test_names_written_the_wrong_way_round_are_turned() -> None:
    records = table(first=["Ann"] * 30 + ["Smith"], last=["Smith"] * 30 + ["Ann"])
    prepared = prepare(records, NAMES)
    assert set(prepared.text["given_name"].rows(range(31))) == {"ann"}
    assert set(prepared.text["surname"].rows(range(31))) == {"smith"}


def test_a_name_that_is_both_stays_where_it_is() -> None:
    records = table(first=["Martin", "James"] * 5, last=["James", "Martin"] * 5)
    prepared = prepare(records, NAMES)
    assert prepared.text["given_name"].rows([0, 1]) == ["martin", "james"]


def test_everything_is_written_one_way() -> None:
    matching = Matching(
        columns=MappingProxyType(
            {"birth_date": "born", "email": "mail", "phone": "tel", "postcode": "zip", "city": "city", "street": "st"}
        ),
        also=("county",),
    )
    records = table(
        born=["19870531"],
        mail=["ANN@x.org"],
        tel=["020 7946 0018"],
        zip=["sw1a 1AA"],
        city=["M\u00fcnchen"],
        st=["12, High-Street"],
        county=["Kent"],
    )
    text = prepare(records, matching, region="GB").text
    assert {role: column.rows([0])[0] for role, column in text.items()} == {
        "birth_date": "1987-05-31",
        "email": "ann@x.org",
        "phone": "+442079460018",
        "postcode": "sw1a1aa",
        "city": "munchen",
        "street": "12 high street",
        "also_1": "kent",
    }


def test_an_address_made_of_the_name_is_recognised() -> None:
    matching = Matching(columns=MappingProxyType({"given_name": "g", "surname": "s", "email": "e"}))
    records = table(
        g=["Ann", "Ann", None], s=["Smithers", "Smithers", "Smithers"], e=["a.smithers@x.org", "kit9@x.org", None]
    )
    assert prepare(records, matching).named.tolist() == [True, False, False]


def test_an_absent_column_is_named_with_the_nearest_one() -> None:
    with pytest.raises(RecordColumnError, match="Did you mean 'frist'"):
        prepare(table(frist=["Ann"], last=["Smith"]), NAMES)
