"""People who live together or share an account are in one group, whose id says nothing of the address."""

import pyarrow as pa

from habitue.identity.households import accounts, households

KEY, OTHER = b"k" * 32, b"o" * 32
PEOPLE = pa.table(
    {
        "customer_id": ["c1", "c2", "c3", "c4", "c5"],
        "street": ["1 High St", "1 high st.", "2 High St", None, "1 High St"],
        "surname": ["Lee", "LEE", "Lee", "Lee", "Kay"],
        "company": ["Acme", "acme ", None, "Bolt", "n/a"],
    }
)


def test_people_of_one_address_and_name_are_one_household() -> None:
    found = households(PEOPLE, ["street", "surname"], key=KEY)
    groups: dict[str, list[str]] = {}
    for row in found.table.to_pylist():
        groups.setdefault(row["group_id"], []).append(row["customer_id"])
    assert sorted(groups.values()) == [["c1", "c2"], ["c3"], ["c5"]]
    assert (found.groups, found.too_large) == (3, 0)


def test_ids_of_groups_are_the_same_each_time_and_depend_on_the_key() -> None:
    first = households(PEOPLE, ["street", "surname"], key=KEY).table
    assert first.equals(households(PEOPLE.take([4, 3, 2, 1, 0]), ["street", "surname"], key=KEY).table)
    other = households(PEOPLE, ["street", "surname"], key=OTHER).table
    assert set(first["group_id"].to_pylist()).isdisjoint(other["group_id"].to_pylist())


def test_an_address_of_many_people_is_no_household() -> None:
    people = pa.table(
        {"customer_id": [f"c{place:02}" for place in range(20)], "street": ["Campus"] * 19 + ["2 High St"]}
    )
    found = households(people, ["street"], key=KEY, largest=12)
    assert found.table["customer_id"].to_pylist() == ["c19"]
    assert found.too_large == 1


def test_people_of_one_company_are_one_account_and_placeholders_none() -> None:
    found = accounts(PEOPLE, "company", key=KEY)
    assert found.groups == 2
    assert sorted(found.table["customer_id"].to_pylist()) == ["c1", "c2", "c4"]
    assert all(group.startswith("a") for group in found.table["group_id"].to_pylist())


def test_nobody_is_in_no_group() -> None:
    assert households(PEOPLE.slice(0, 0), ["street"], key=KEY).table.num_rows == 0
