"""What is told of somebody who refuses a purpose, where a rule asks about everybody they live with."""

from datetime import UTC, datetime

from habitue.records import Kind
from habitue.rules.checking import check_condition
from habitue.rules.nodes import Node
from habitue.rules.proof import LeafProof
from habitue.rules.reading import read
from habitue.run.permitted import permitted, told
from tests.rules.example_catalogue import RELATED

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def settled(text: str) -> Node:
    return check_condition(read(text), RELATED)


def proof_of(rule: str) -> LeafProof:
    return LeafProof(
        rule=rule,
        words="",
        value=True,
        kind=Kind.BOOLEAN,
        holds=True,
        events=(),
        event_count=3,
        since=NOW,
        changes_at=NOW,
    )


def test_what_others_of_a_household_are_asked_stays_whatever_the_customer_refuses() -> None:
    rule = settled("any(household, did('Order Completed') and consent.marketing_email) and consent.marketing_email")
    alone = settled("any(household, did('Order Completed') and consent.marketing_email)")
    assert permitted(alone, {"marketing_email"}) == alone
    assert permitted(rule, {"marketing_email"}) == settled("consent.marketing_email")


def test_neither_events_nor_times_are_told_of_a_relation_that_asks_for_what_is_refused() -> None:
    asked = "any(household, did('Order Completed') and consent.marketing_email)"
    (hidden,) = told([settled(asked)], [proof_of(asked)], {"marketing_email"})
    assert (hidden.event_count, hidden.since, hidden.changes_at) == (0, None, None)
    plain = "any(household, did('Order Completed'))"
    assert told([settled(plain)], [proof_of(plain)], {"marketing_email"}) == (proof_of(plain),)
