"""`habitue identity`: what people see of who is who, and what they decide."""

import csv
from pathlib import Path

import pytest

from tests.projects import put
from tests.terminal import Json, answer, habitue

PEOPLE = """customer,email,first,last,born,at
1,Ann@Example.org,Ann,Lee,1980-03-04,2026-01-03 10:00:00
2,ann@example.org,Anne,Lee,,2026-01-04 10:00:00
3,ben@example.org,Ben,Hall,1955-11-30,2026-01-05 10:00:00
4,,Cay,Moss,,2026-01-06 10:00:00
5,,Dan,Moss,,2026-01-07 10:00:00
"""
SOURCE = """source: shop
files: people.csv
identifiers: {user_id: customer, email: email}
columns:
  customer: {field: customer, type: text, required: true}
  email: {field: email, type: text}
  first: {field: first, type: text}
  last: {field: last, type: text}
  born: {field: born, type: text}
  at: {field: seen_at, type: time, formats: ["%Y-%m-%d %H:%M:%S"], required: true}
makes:
  - customers: customer
    traits: {first: first, last: last, born: born}
  - event: Seen
    customer: customer
    occurred_at: seen_at
"""
CONTRACT = """customers: true
traits:
  first: {type: text, personal: true}
  last: {type: text, personal: true}
  born: {type: text, personal: true}
"""
RULES = "identity: people\nnamespaces: {user_id: {limit: 10}}\n"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Five records, two of them of one e-mail address, built."""
    for name, text in {
        "habitue.yaml": "name: shop\nas_of: newest_event\n",
        "people.csv": PEOPLE,
        "sources/shop.yaml": SOURCE,
        "contracts/people.yaml": CONTRACT,
        "identity/people.yaml": RULES,
        "segments/all.yaml": "segment: seen\nrule: did('Seen')\n",
    }.items():
        put(tmp_path / name, text)
    answer("build", "--project", tmp_path)
    return tmp_path


def shown(shop: Path, customer: str, *options: str) -> Json:
    return answer("identity", "show", customer, "--project", shop, *options)


def refused(shop: Path, *words: object) -> str:
    outcome = habitue("identity", *words, "--project", shop, "--json")
    assert outcome.code == 1, outcome.err
    return outcome.error["code"]


def test_a_customer_is_shown_with_its_records_and_what_joins_them(shop: Path) -> None:
    person = shown(shop, "user_id:1")
    assert person == shown(shop, "user_id:2") == shown(shop, "email:ANN@example.org")
    assert [each["kinds"] for each in person["records"]] == [{"email": 1, "user_id": 1}] * 2
    (link,) = person["links"]
    assert (link["rule"], link["state"], link["decision"], link["decided_by"]) == ("email", "link", None, "build")


def test_identifiers_are_shown_only_when_asked_for_and_then_it_is_written_down(shop: Path) -> None:
    assert "example.org" not in habitue("identity", "show", "user_id:1", "--project", shop).out
    assert "Ann@Example.org" in habitue("identity", "show", "user_id:1", "--clear", "--project", shop).out
    entries = answer("privacy", "audit", "--project", shop)["entries"]
    assert [(each["action"], each["about"]) for each in entries if "identity" in each["about"]] == [
        ("read", "identity show")
    ]


def test_a_merge_and_its_unmerge_are_decisions_with_a_number(shop: Path) -> None:
    alone = shown(shop, "user_id:4")["customer"]
    merged = answer("identity", "merge", "user_id:4", "user_id:5", "--project", shop)
    assert len(merged["merged"]) == 1
    person = shown(shop, "user_id:5")
    (link,) = person["links"]
    assert (link["rule"], link["state"]) == ("decision", "always")
    assert len(person["records"]) == 2
    parted = answer("identity", "unmerge", "user_id:5", "--decision", link["decision"], "--project", shop)
    assert len(parted["split"]) == 1
    assert shown(shop, "user_id:4") | {"links": []} == shown(shop, alone) | {"links": []}
    assert len(shown(shop, "user_id:5")["records"]) == 1


def test_records_that_an_identifier_joined_are_parted_for_good(shop: Path) -> None:
    answer("identity", "unmerge", "user_id:1", "--record", "user_id:2", "--project", shop)
    assert len(shown(shop, "user_id:1")["records"]) == 1
    answer("build", "--full", "--project", shop)
    assert len(shown(shop, "user_id:1")["records"]) == 1
    assert refused(shop, "merge", "user_id:1", "user_id:2") == "IDENTITY-NEVER"


def test_a_merge_can_wait_for_the_next_build(shop: Path) -> None:
    decided = answer("identity", "merge", "user_id:4", "user_id:5", "--no-build", "--project", shop)
    assert decided["build"] is None
    answer("build", "--project", shop)
    rows = answer("segments", "members", "seen", "--project", shop)["customers"]
    assert len(rows) == 3


def test_merges_that_go_round_in_a_circle_end_with_a_sentence(shop: Path) -> None:
    answer("identity", "merge", "user_id:3", "user_id:4", "--no-build", "--project", shop)
    answer("identity", "merge", "user_id:4", "user_id:5", "--project", shop)
    assert refused(shop, "merge", "user_id:5", "user_id:3") == "IDENTITY-ALREADY-ONE"
    assert refused(shop, "merge", "user_id:5", "user_id:5") == "IDENTITY-ALREADY-ONE"


def test_what_was_never_merged_and_who_is_not_known_are_refused(shop: Path) -> None:
    assert refused(shop, "unmerge", "user_id:3") == "IDENTITY-NOT-MERGED"
    assert refused(shop, "unmerge", "user_id:3", "--record", "user_id:4") == "IDENTITY-NOT-MERGED"
    assert refused(shop, "unmerge", "user_id:3", "--decision", 99) == "IDENTITY-DECISION-UNKNOWN"
    assert refused(shop, "merge", "user_id:3", "user_id:99") == "CUSTOMER-UNKNOWN"
    assert refused(shop, "show", "user_id:99") == "CUSTOMER-UNKNOWN"
    assert refused(shop, "review", "--accept", "c0", "c1") == "RECORD-UNKNOWN"


def test_a_plan_tells_what_changed_rules_would_do_and_does_nothing(shop: Path) -> None:
    assert answer("identity", "plan", "--project", shop)["changes"] == 0
    put(shop / "identity/people.yaml", RULES.replace("limit: 10}", "limit: 10}, email: {links: never}"))
    plan = answer("identity", "plan", "--project", shop)
    assert (len(plan["split"]), plan["changes"]) == (1, 1)
    assert len(shown(shop, "user_id:1")["records"]) == 2
    answer("build", "--project", shop)
    assert len(shown(shop, "user_id:1")["records"]) == 1


def test_who_is_who_is_held_against_a_file_of_the_truth(shop: Path) -> None:
    truth = shop / "truth.csv"
    with truth.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["customer_id", "person_id"], *zip("12345", "aabcc", strict=True), ("9", "z")])
    found = answer("identity", "evaluate", "--truth", truth, "--project", shop)
    persons = found["persons"]
    assert (persons["pairs"], persons["recall"], persons["precision"], persons["unknown"]) == (2, 0.5, 1.0, 1)
    assert found["matching"] is None
    put(shop / "wrong.csv", "a,b\n1,2\n")
    assert refused(shop, "evaluate", "--truth", shop / "wrong.csv") == "IDENTITY-TRUTH"
    assert refused(shop, "evaluate", "--truth", shop / "absent.csv") == "IDENTITY-TRUTH"


def test_nothing_to_review_is_said(shop: Path) -> None:
    assert "Nothing to review" in habitue("identity", "review", "--project", shop).out


def test_rules_that_cannot_be_used_are_faults_of_the_file_with_their_line(shop: Path) -> None:
    put(shop / "identity/people.yaml", RULES + "matching: {columns: {given_name: frist, surname: last}}\n")
    outcome = habitue("check", "--project", shop)
    assert outcome.code == 1
    assert "identity/people.yaml:3: IDENTITY-TRAIT" in outcome.err
    assert "Did you mean 'first'?" in outcome.err
    put(shop / "identity/people.yaml", f"{RULES}---\n{RULES}")
    assert "IDENTITY-TWICE" in habitue("check", "--project", shop).err


def test_a_doubtful_pair_is_shown_side_by_side_and_answered_once_for_all(shop: Path) -> None:
    put(shop / "people.csv", PEOPLE + "6,,Bem,Hall,1955-11-30,2026-01-08 10:00:00\n")
    likeness = (
        "matching: {columns: {given_name: first, surname: last, birth_date: born}, link: 0.99999, review: 0.001}\n"
    )
    put(shop / "identity/people.yaml", RULES + likeness)
    answer("build", "--project", shop)
    pairs = answer("identity", "review", "--project", shop)
    (asked,) = [each for each in pairs if each["traits"]["last"] == ["Hall", "Hall"]]
    assert sorted(asked["traits"]["first"]) == ["Bem", "Ben"]
    answer("identity", "review", "--accept", asked["left"], asked["right"], "--project", shop)
    assert len(shown(shop, "user_id:6")["records"]) == 2
    assert asked not in answer("identity", "review", "--project", shop)
    (decided,) = [each for each in shown(shop, "user_id:6")["links"] if each["rule"] == "decision"]
    answer("identity", "unmerge", "user_id:6", "--decision", decided["decision"], "--project", shop)
    answer("identity", "review", "--refuse", asked["left"], asked["right"], "--project", shop)
    assert len(shown(shop, "user_id:6")["records"]) == 1
    assert all(each["left"] != asked["left"] for each in answer("identity", "review", "--project", shop))
