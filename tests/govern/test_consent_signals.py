"""What other systems say about consent becomes entries of the ledger, and nothing that they do not say does."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.govern.consent import ConsentEntry, ConsentState, Strength, fold
from habitue.govern.consent_signals import (
    PREFERENCE_UPDATED,
    Occasion,
    from_consent_mode,
    from_gpc,
    from_segment,
)
from habitue.govern.spec import ConsentModeSignal, PolicySpec
from tests.govern.consent_histories import NOON

OCCASION = Occasion(record_id="c1", occurred_at=NOON, received_at=NOON, region="us-ca")
ADS = PolicySpec(
    purpose="ads",
    marketing=True,
    segment_category=("Advertising", "Sharing"),
    consent_mode=(ConsentModeSignal.AD_STORAGE, ConsentModeSignal.AD_USER_DATA),
    gpc=True,
)
FIGURES = PolicySpec(
    purpose="figures", segment_category=("Analytics",), consent_mode=(ConsentModeSignal.ANALYTICS_STORAGE,)
)
OTHER = PolicySpec(purpose="other")
PURPOSES = (ADS, FIGURES, OTHER)
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.just("granted")
    | st.just("denied"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["context", "consent", "categoryPreferences", "Advertising", "Sharing", "ad_storage", "region", "type"]
            )
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def preferences(said: object, **message: object) -> dict[str, object]:
    """A message of Segment's with these preferences."""
    return {**message, "context": {"consent": {"categoryPreferences": said}}}


def told(entries: list[ConsentEntry]) -> dict[str, str]:
    """What was said, by purpose."""
    return {each.purpose: each.state.value for each in entries}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"Advertising": True, "Sharing": True, "Analytics": True}, {"ads": "given", "figures": "given"}),
        ({"Advertising": True, "Sharing": False, "Analytics": True}, {"ads": "withdrawn", "figures": "given"}),
        ({"Advertising": True}, {"ads": "withdrawn", "figures": "withdrawn"}),
        ({}, {"ads": "withdrawn", "figures": "withdrawn"}),
        ({"Analytics": "true", "Advertising": 1, "Sharing": 1}, {"ads": "withdrawn", "figures": "withdrawn"}),
        ([], {}),
        (None, {}),
    ],
)
def test_segment_permits_only_what_all_its_categories_permit(said: object, expected: dict[str, str]) -> None:
    assert told(from_segment(preferences(said), PURPOSES, OCCASION)) == expected


def test_a_message_without_consent_says_nothing() -> None:
    assert from_segment({"context": {}}, PURPOSES, OCCASION) == []


def test_only_a_changed_preference_is_the_persons_own_word() -> None:
    said = {"Analytics": True}
    changed = from_segment(preferences(said, type="track", event=PREFERENCE_UPDATED), [FIGURES], OCCASION)
    repeated = from_segment(preferences(said, type="track", event="Order Completed"), [FIGURES], OCCASION)
    assert [each.strength for each in (*changed, *repeated)] == [Strength.EXPLICIT, Strength.SIGNAL]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"ad_storage": "granted", "ad_user_data": "granted"}, {"ads": "given"}),
        ({"ad_storage": "granted"}, {}),
        ({"ad_storage": "denied"}, {"ads": "withdrawn"}),
        ({"ad_storage": "granted", "ad_user_data": "denied"}, {"ads": "withdrawn"}),
        ({"ad_storage": "Granted", "ad_user_data": True}, {}),
        ({"analytics_storage": "granted", "region": ["US-CA", "DE"]}, {"figures": "given"}),
        ({"analytics_storage": "granted", "region": ["US"]}, {"figures": "given"}),
        ({"analytics_storage": "denied", "region": ["DE"]}, {}),
        ({"analytics_storage": "granted", "region": "US-CA"}, {}),
        ({"analytics_storage": "denied", "region": "US-CA"}, {"figures": "withdrawn"}),
        ("granted", {}),
    ],
)
def test_consent_mode_permits_only_what_all_its_signals_grant(said: object, expected: dict[str, str]) -> None:
    assert told(from_consent_mode(said, PURPOSES, OCCASION, update=True)) == expected


def test_a_default_of_consent_mode_undoes_no_choice_and_an_update_no_objection() -> None:
    granted, denied = {"analytics_storage": "granted"}, {"analytics_storage": "denied"}
    later = Occasion(record_id="c1", occurred_at=NOON + timedelta(days=1), received_at=NOON + timedelta(days=1))
    chosen = from_consent_mode(granted, [FIGURES], OCCASION, update=True)
    assert fold([*chosen, *from_consent_mode(denied, [FIGURES], later, update=False)]).allows(FIGURES)
    objected = ConsentEntry(
        record_id="c1", purpose="figures", state=ConsentState.OBJECTED, occurred_at=NOON, received_at=NOON
    )
    assert not fold([objected, *from_consent_mode(granted, [FIGURES], later, update=True)]).allows(FIGURES)


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ([("Sec-GPC", "1")], True),
        ([(b"sec-gpc", b" 1 ")], True),
        ([("SEC-GPC", "0"), ("sec-gpc", "1")], True),
        ([("Sec-GPC", "0")], False),
        ([("Sec-GPC", "1, 1")], False),
        ([("Sec-GPC", "true")], False),
        ([("Sec-GPC", 1)], False),
        ([("X-Sec-GPC", "1")], False),
        ([], False),
    ],
)
def test_global_privacy_control_objects_where_the_header_is_exactly_one(
    headers: list[tuple[object, object]], *, said: bool
) -> None:
    assert told(from_gpc(headers, PURPOSES, OCCASION)) == ({"ads": "objected"} if said else {})


def test_a_message_from_the_future_counts_from_its_arrival() -> None:
    early = Occasion(record_id="c1", occurred_at=NOON + timedelta(days=400), received_at=NOON)
    assert [each.occurred_at for each in from_gpc([("Sec-GPC", "1")], PURPOSES, early)] == [NOON]


@given(message=anything)
def test_nothing_but_an_exact_permission_permits(message: object) -> None:
    entries = [
        *from_segment(message, PURPOSES, OCCASION),
        *from_segment({"context": {"consent": message}}, PURPOSES, OCCASION),
        *from_consent_mode(message, PURPOSES, OCCASION, update=True),
        *from_consent_mode(message, PURPOSES, OCCASION, update=False),
        *from_gpc([(message, message)], PURPOSES, OCCASION),
    ]
    given = {each.purpose for each in entries if each.state is ConsentState.GIVEN}
    text = repr(message)
    assert "ads" not in given or ("True" in text or "granted" in text)
    assert "other" not in {each.purpose for each in entries}
    assert all(each.region == "us-ca" and each.received_at == NOON for each in entries)
