"""Somebody says what their data may be used for, and it is so before the command ends."""

from pathlib import Path

import pytest

from tests.projects import corner_shop, put
from tests.terminal import Json, answer, habitue

POLICIES = """purpose: news
label: News by e-mail
marketing: true
---
purpose: delivery
basis: contract
"""
SAID = """customer,purpose,said,at
ann,news,given,2026-01-01 00:00:00
ben,news,given,2026-01-01 00:00:00
ben,news,withdrawn,2026-02-01 00:00:00
"""
SOURCE = """source: said
files: said.csv
columns:
  customer: {field: customer, type: text, required: true}
  purpose: {field: purpose, type: text}
  said: {field: said, type: text}
  at: {field: said_at, type: time}
makes:
  - consents: customer
    purpose: purpose
    state: said
    occurred_at: said_at
    asked_in: "'counter'"
"""
SEGMENTS = """segment: to_write_to
purpose: news
rule: did('Order Completed')
---
segment: to_deliver_to
purpose: delivery
rule: did('Order Completed')
"""
FEATURES = """feature: news_orders
purpose: news
rule: count('Order Completed')
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The corner shop with two purposes, built."""
    folder = corner_shop(tmp_path / "shop")
    put(folder / "policies" / "all.yaml", POLICIES)
    put(folder / "said.csv", SAID)
    put(folder / "sources" / "said.yaml", SOURCE)
    put(folder / "segments" / "purposes.yaml", SEGMENTS)
    put(folder / "features" / "purposes.yaml", FEATURES)
    answer("build", "--project", folder)
    return folder


def consent(shop: Path, customer: str, *words: str) -> Json:
    return answer("privacy", "consent", f"user_id:{customer}", *words, "--project", shop)


def size(shop: Path, segment: str) -> int:
    found = answer("segments", "members", segment, "--project", shop)["customers"]
    (listed,) = [each for each in answer("segments", "list", "--project", shop) if each["name"] == segment]
    assert listed["customers"] == len(found)
    return len(found)


def values(shop: Path) -> int:
    return int(answer("features", "show", "news_orders", "--project", shop)["feature"]["present"])


def purposes(found: Json) -> dict[str, bool]:
    return {each["purpose"]: each["allowed"] for each in found["purposes"]}


def test_a_withdrawal_is_effective_before_its_answer_and_the_history_stays(shop: Path) -> None:
    assert (size(shop, "to_write_to"), values(shop)) == (1, 1)
    found = consent(shop, "ann", "--withdraw", "news", "--source", "telephone", "--text-version", "v3")
    assert purposes(found) == {"news": False, "delivery": True}
    assert [(each["segment"], each["entered"]) for each in found["turns"]] == [("to_write_to", False)]
    assert (size(shop, "to_write_to"), values(shop), size(shop, "to_deliver_to")) == (0, 0, 5)
    shown = consent(shop, "ann")
    said = [(each["state"], each["source"], each["text_version"]) for each in shown["entries"]]
    assert said == [("withdrawn", "telephone", "v3"), ("given", "counter", "")]
    history = answer("segments", "history", "to_write_to", "--project", shop)
    assert [(each["customers"], each["entered"], each["left"]) for each in history] == [(1, 1, 0), (0, 0, 1)]
    answer("build", "--project", shop)
    assert (size(shop, "to_write_to"), values(shop)) == (0, 0)
    answer("build", "--full", "--project", shop)
    assert (size(shop, "to_write_to"), values(shop)) == (0, 0)


def test_what_was_said_earlier_and_comes_later_does_not_undo_what_was_said_since(shop: Path) -> None:
    assert purposes(consent(shop, "ben", "--give", "news", "--at", "2026-01-15"))["news"] is False
    assert purposes(consent(shop, "ben", "--give", "news", "--at", "2026-03-01"))["news"] is True
    assert size(shop, "to_write_to") == 2


def test_an_objection_stands_against_a_contract_too(shop: Path) -> None:
    assert purposes(consent(shop, "cay", "--withdraw", "delivery"))["delivery"] is True
    assert purposes(consent(shop, "cay", "--object", "delivery"))["delivery"] is False
    assert size(shop, "to_deliver_to") == 4


def test_restricted_data_is_used_for_nothing_and_comes_back_when_that_is_lifted(shop: Path) -> None:
    everybody = size(shop, "to_deliver_to")
    found = consent(shop, "ann", "--restrict")
    assert found["restricted"] is True
    assert purposes(found) == {"news": False, "delivery": False}
    assert (size(shop, "to_deliver_to"), size(shop, "to_write_to"), values(shop)) == (everybody - 1, 0, 0)
    refused = habitue("segments", "explain", "to_deliver_to", "user_id:ann", "--project", shop, "--json")
    assert refused.error["code"] == "CUSTOMER-RESTRICTED"
    preview = answer("segments", "preview", "did('Order Completed')", "--project", shop)
    assert (preview["customers"], preview["of"]) == (everybody - 1, everybody - 1)
    answer("build", "--full", "--project", shop)
    assert size(shop, "to_deliver_to") == everybody - 1
    assert consent(shop, "ann", "--lift")["restricted"] is False
    assert (size(shop, "to_deliver_to"), size(shop, "to_write_to"), values(shop)) == (everybody, 1, 1)


def test_an_explanation_tells_nothing_of_what_no_basis_allows(shop: Path) -> None:
    told = answer("segments", "explain", "to_write_to", "user_id:ben", "--project", shop)
    assert told["member"] is False
    assert [each["rule"] for each in told["leaves"]] == ["consent.news"]
    told = answer("segments", "explain", "to_write_to", "user_id:ann", "--project", shop)
    assert told["member"] is True
    assert [each["event_count"] for each in told["leaves"]] == [3, 0]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--give", "news", "--at", "2999-01-01"], "CONSENT-FUTURE"),
        (["--give", "newz"], "PURPOSE-UNKNOWN"),
        (["--give", "news", "--withdraw", "news"], "USAGE"),
        (["--give", "news", "--restrict"], "USAGE"),
    ],
)
def test_what_cannot_be_said_is_refused_and_changes_nothing(shop: Path, words: list[str], code: str) -> None:
    before = consent(shop, "ann")
    refused = habitue("privacy", "consent", "user_id:ann", *words, "--project", shop, "--json")
    assert (refused.code != 0, refused.error["code"]) == (True, code)
    assert consent(shop, "ann") == before


def test_a_consent_from_the_future_waits_in_the_failed_lane(shop: Path) -> None:
    put(shop / "said.csv", f"{SAID}cay,news,given,2999-01-01 00:00:00\ndan,news,perhaps,2026-01-01 00:00:00\n")
    answer("build", "--project", shop)
    failed = answer("sources", "failed", "--project", shop)
    assert sorted((each["source"], each["code"]) for each in failed) == [
        ("said", "CONSENT-FUTURE"),
        ("said", "CONSENT-STATE"),
    ]
    assert size(shop, "to_write_to") == 1


def test_reading_and_recording_stand_in_the_audit_log(shop: Path) -> None:
    consent(shop, "ann", "--object", "news")
    consent(shop, "ann")
    entries = answer("privacy", "audit", "--project", shop)["entries"]
    assert [(each["action"], each["about"], each["purpose"]) for each in entries[:2]] == [
        ("read", "consent", ""),
        ("consent", "objected", "news"),
    ]


def test_the_terminal_shows_where_every_purpose_stands(shop: Path) -> None:
    shown = habitue("privacy", "consent", "user_id:ann", "--withdraw", "news", "--project", shop)
    assert shown.code == 0
    assert "Left: to_write_to." in shown.out
    assert "withdrawn" in shown.out
    kept = habitue("privacy", "consent", "user_id:ann", "--withdraw", "delivery", "--project", shop)
    assert "the basis is contract" in kept.err + kept.out
