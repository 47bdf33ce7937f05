"""Customer records, their doubles and slips."""

from collections import defaultdict
from itertools import combinations

import pytest

from habitue.samples.crm import Record, _typo
from tests.samples.conftest import Sample


def pairs_by(sample: Sample, *columns: str) -> set[tuple[str, str]]:
    """Pairs of records that agree on all of some columns, none of them empty."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for row in good(sample):
        key = tuple(row[column].lower() for column in columns)
        if all(key):
            groups[key].append(row["record_id"])
    return {pair for group in groups.values() for pair in combinations(sorted(group), 2)}


def good(sample: Sample) -> list[dict[str, str]]:
    """The CRM rows that were not made invalid: the first of each record."""
    first: dict[str, dict[str, str]] = {}
    for row in sample.table("data/crm.csv"):
        first.setdefault(row["record_id"], row)
    return list(first.values())


def true_pairs(sample: Sample) -> set[tuple[str, str]]:
    """Pairs of records about one person."""
    groups: dict[str, list[str]] = defaultdict(list)
    for row in sample.table("truth/records.csv"):
        groups[row["person_id"]].append(row["record_id"])
    return {pair for group in groups.values() for pair in combinations(sorted(group), 2)}


def test_every_record_has_its_person(sample: Sample) -> None:
    links = sample.table("truth/records.csv")
    assert {row["record_id"] for row in links} == {row["record_id"] for row in good(sample)}
    assert len(links) == sample.said.records
    persons = sample.table("truth/persons.csv")
    assert {row["person_id"] for row in links} == {row["person_id"] for row in persons}
    assert len(persons) == sample.said.customers
    assert {row["customer_id"] for row in links if row["kind"] == "original"} == {r["customer_id"] for r in persons}


def test_about_one_person_in_nine_has_a_second_record(sample: Sample) -> None:
    assert 0.08 < (sample.said.records - sample.said.customers) / sample.said.customers < 0.15


def test_simple_matching_finds_many_doubles_but_not_all(sample: Sample) -> None:
    truth = true_pairs(sample)
    found = pairs_by(sample, "email") | pairs_by(sample, "phone") | pairs_by(sample, "last_name", "birth_date")
    precision, recall = len(found & truth) / len(found), len(found & truth) / len(truth)
    assert precision > 0.97
    assert 0.6 < recall < 0.97


def test_names_alone_do_not_make_a_person(sample: Sample) -> None:
    truth = true_pairs(sample)
    found = pairs_by(sample, "first_name", "last_name")
    assert len(found & truth) / len(found) < 0.5


def test_reentered_records_keep_the_customer_and_second_accounts_do_not(sample: Sample) -> None:
    original = {
        row["person_id"]: row["customer_id"] for row in sample.table("truth/records.csv") if row["kind"] == "original"
    }
    for row in sample.table("truth/records.csv"):
        if row["kind"] != "original":
            assert (row["customer_id"] == original[row["person_id"]]) == (row["kind"] == "reentry")


def test_no_address_or_number_can_belong_to_anybody(sample: Sample) -> None:
    for row in good(sample):
        assert not row["email"] or row["email"].endswith(".example")
        assert row["phone"][:4] in ("", "+446", "+491", "+353", "+331", "+311", "+431") or row["phone"][:2] in (
            "06",
            "01",
        )


def test_customer_ids_are_unique_and_do_not_tell_who_came_first(sample: Sample) -> None:
    ids = [row["customer_id"] for row in sample.table("truth/persons.csv")]
    assert len(set(ids)) == len(ids)
    assert all(len(each) == 9 and each[0] == "C" for each in ids)
    assert ids != sorted(ids)


@pytest.mark.parametrize(("how", "becomes"), [(0.1, "Smth"), (0.4, "Smiith"), (0.6, "Smtih"), (0.9, "Smkth")])
def test_a_slip_of_the_key_changes_one_letter(how: float, becomes: str) -> None:
    assert _typo("Smith", (0.5, how, 0.4)) == becomes


def test_a_record_carries_what_the_feed_writes(sample: Sample) -> None:
    columns = set(sample.table("data/crm.csv")[0])
    assert {"first_name", "street", "postcode"} <= set(Record.__dataclass_fields__) & columns
