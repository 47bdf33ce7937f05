"""What people said about purposes, and what it comes to."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.govern.consent import ConsentEntry, ConsentFutureError, ConsentPurposeError, ConsentState, Strength, fold
from habitue.govern.spec import LegalBasis, PolicySpec
from tests.govern.consent_histories import NOON, PURPOSES, histories
from tests.govern.consent_oracle import has_basis, is_restricted

HOUR = timedelta(hours=1)


def said(
    state: ConsentState, hours: int, strength: Strength = Strength.EXPLICIT, *, purpose: str = "news"
) -> ConsentEntry:
    """Something said so many hours after noon, and received in time."""
    at = NOON + hours * HOUR
    purpose = "" if state.is_about_all else purpose
    return ConsentEntry(record_id="c1", purpose=purpose, state=state, strength=strength, occurred_at=at, received_at=at)


@settings(max_examples=1000)
@given(history=histories, policy=st.sampled_from(list(PURPOSES.values())))
def test_what_was_said_comes_to_what_going_through_it_one_by_one_tells(
    history: list[ConsentEntry], policy: PolicySpec
) -> None:
    assert fold(history).allows(policy) is has_basis(history, policy, NOON)
    assert fold(history).restricted is is_restricted(history)


@given(history=histories, shuffled=st.randoms(use_true_random=False))
def test_entries_in_any_order_and_twice_come_to_the_same(history: list[ConsentEntry], shuffled: Random) -> None:
    again = [*history, *history[:3]]
    shuffled.shuffle(again)
    assert fold(again) == fold(history)


@pytest.mark.parametrize("weak", [Strength.DEFAULT, Strength.SIGNAL])
@pytest.mark.parametrize("purpose", sorted(PURPOSES))
def test_an_objection_is_not_lifted_by_anything_but_the_persons_word(weak: Strength, purpose: str) -> None:
    objection = said(ConsentState.OBJECTED, 0, Strength.SIGNAL, purpose=purpose)
    assert not fold([objection, said(ConsentState.GIVEN, 1, weak, purpose=purpose)]).allows(PURPOSES[purpose])
    assert fold([objection, said(ConsentState.GIVEN, 1, purpose=purpose)]).allows(PURPOSES[purpose])


def test_a_refusal_counts_when_both_were_said_at_one_instant() -> None:
    both = [said(ConsentState.WITHDRAWN, 1), said(ConsentState.GIVEN, 1)]
    assert not fold(both).allows(PURPOSES["news"])
    assert not fold(both[::-1]).allows(PURPOSES["news"])


def test_what_was_set_before_a_choice_does_not_undo_the_choice() -> None:
    chosen = [said(ConsentState.GIVEN, 0), said(ConsentState.WITHDRAWN, 1, Strength.DEFAULT)]
    assert fold(chosen).allows(PURPOSES["news"])


def test_a_contract_is_not_undone_by_withdrawing_a_consent_but_by_an_objection() -> None:
    delivery = PURPOSES["delivery"]
    assert fold([]).allows(delivery)
    assert fold([said(ConsentState.WITHDRAWN, 0, purpose="delivery")]).allows(delivery)
    assert not fold([said(ConsentState.OBJECTED, 0, purpose="delivery")]).allows(delivery)


def test_direct_marketing_once_refused_needs_a_new_consent_whatever_its_basis() -> None:
    post, at = PURPOSES["post"], NOON + HOUR
    refused = said(ConsentState.WITHDRAWN, 0, Strength.SIGNAL, purpose="post")
    contract = ConsentEntry(
        record_id="c1",
        purpose="post",
        state=ConsentState.GIVEN,
        basis=LegalBasis.CONTRACT,
        occurred_at=at,
        received_at=at,
    )
    assert fold([]).allows(post)
    assert not fold([refused, contract]).allows(post)
    assert fold([refused, contract, said(ConsentState.GIVEN, 2, purpose="post")]).allows(post)


def test_restricted_data_is_used_for_nothing_until_that_is_lifted() -> None:
    restricted = [said(ConsentState.GIVEN, 0), said(ConsentState.RESTRICTED, 1)]
    assert not fold(restricted).allows(PURPOSES["news"])
    assert not fold(restricted).allows(PURPOSES["delivery"])
    assert fold([*restricted, said(ConsentState.LIFTED, 2)]).allows(PURPOSES["news"])


def test_a_consent_from_the_future_is_refused() -> None:
    at = NOON + timedelta(minutes=5)
    ConsentEntry(record_id="c1", purpose="news", state=ConsentState.GIVEN, occurred_at=at, received_at=NOON)
    with pytest.raises(ConsentFutureError) as refused:
        ConsentEntry(
            record_id="c1",
            purpose="news",
            state=ConsentState.WITHDRAWN,
            occurred_at=at + timedelta(microseconds=1),
            received_at=NOON,
        )
    assert refused.value.code == "CONSENT-FUTURE"


@pytest.mark.parametrize(("state", "purpose"), [(ConsentState.GIVEN, ""), (ConsentState.RESTRICTED, "news")])
def test_an_entry_names_a_purpose_exactly_where_it_is_about_one(state: ConsentState, purpose: str) -> None:
    with pytest.raises(ConsentPurposeError):
        ConsentEntry(record_id="c1", purpose=purpose, state=state, occurred_at=NOON, received_at=NOON)
