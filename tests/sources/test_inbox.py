"""What becomes of messages: events by their contracts, people by the vault; sealed, noted, laned or refused."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from habitue.govern.spec import PolicySpec
from habitue.sources.arrivals import ArrivedEvent, read_arrival
from habitue.sources.inbox import SourceNotLiveError
from habitue.streams.messages import MessageRefusal
from tests.sources.inboxes import NOW_US, SITE, Site, open_site

BOUGHT = {"order_id": "O1", "revenue": 19.95, "products": [{"product_id": "P1", "price": 5}, {"product_id": "P2"}]}


def track(properties: Mapping[str, object], event: str = "Order Completed") -> dict[str, object]:
    """A track message of a known user."""
    return {"type": "track", "event": event, "userId": "7", "properties": properties}


def test_an_event_becomes_what_its_contract_says(tmp_path: Path) -> None:
    site = open_site(tmp_path)
    arrival = site.arrival({**track(BOUGHT), "anonymousId": "a-7", "timestamp": "2026-06-30T11:59:00Z"})
    assert arrival.events == (
        ArrivedEvent("Order Completed", {"order_id": "O1", "revenue": "19.95"}),
        ArrivedEvent("Product Ordered", {"product_id": "P1", "price": "5"}, 1),
        ArrivedEvent("Product Ordered", {"product_id": "P2"}, 2),
    )
    assert arrival.occurred_us == NOW_US - 60_000_000
    assert arrival.record == site.record("user_id", "7")
    assert arrival.others == (("cookie", site.record("cookie", "a-7")),)
    assert (arrival.sealed, arrival.noted) == ("", ())


def test_who_is_known_by_a_cookie_alone_is_a_customer_of_their_own(tmp_path: Path) -> None:
    site = open_site(tmp_path)
    arrival = site.arrival({"type": "page", "anonymousId": " a-8 ", "name": "Home", "properties": {"path": "/"}})
    assert (arrival.record, arrival.others) == (site.record("cookie", "a-8"), ())
    assert arrival.events == (ArrivedEvent("Page Viewed", {"path": "/"}),)
    assert site.opened(arrival).rest == {"name": "Home"}


def test_traits_are_read_by_their_names_in_any_spelling(tmp_path: Path) -> None:
    site = open_site(tmp_path)
    traits = {"firstName": "Ann", "email": "Ann@Example.org", "birthday": "1980-02-03", "address": {"city": "Bath"}}
    arrival = site.arrival({"type": "identify", "userId": "7", "traits": {**traits, "plan": "gold", "shoe": 41}})
    assert arrival.traits == {
        "first_name": site.vault.mask("first_name", "Ann"),
        "email": site.vault.mask("email", "Ann@Example.org"),
        # A day is the instant of its midnight in the project's zone, and its mask that of the warehouse's spelling.
        "birth_date": site.vault.mask("birth_date", "1980-02-02"),
        "city": "Bath",
        "plan": "gold",
    }
    assert arrival.carried == (("email", site.vault.name("email", "ann@example.org")),)
    sealed = site.opened(arrival)
    assert sealed.identifiers == {"email": ["Ann@Example.org"]}
    assert sealed.traits == {"first_name": "Ann", "email": "Ann@Example.org", "birth_date": "1980-02-02"}
    assert sealed.rest == {"traits": {"shoe": 41, "address": {"city": "Bath"}}}


def test_what_a_group_is_like_is_not_said_of_the_customer(tmp_path: Path) -> None:
    site = open_site(tmp_path)
    arrival = site.arrival({"type": "group", "userId": "7", "groupId": "acme", "traits": {"plan": "gold"}})
    assert (arrival.traits, arrival.events) == ({}, ())
    assert site.opened(arrival).rest == {"group": {"id": "acme", "traits": {"plan": "gold"}}}
    held = open_site(
        tmp_path / "held",
        source=f"{SITE}traits: {{city: groupId, plan: group.plan}}\n",
    )
    arrival = held.arrival({"type": "group", "userId": "7", "groupId": "acme", "traits": {"plan": "gold"}})
    assert arrival.traits == {"city": "acme", "plan": "gold"}


def test_personal_properties_are_masked_and_sealed_entries_of_lists_too(tmp_path: Path) -> None:
    site = open_site(tmp_path)
    bought = {"order_id": "O1", "note": "for Ann", "products": [{"product_id": "P1", "engraving": "Ann"}]}
    arrival = site.arrival(track(bought))
    assert [each.properties for each in arrival.events] == [
        {"order_id": "O1", "note": site.vault.mask("note", "for Ann")},
        {"product_id": "P1", "engraving": site.vault.mask("engraving", "Ann")},
    ]
    assert site.opened(arrival).properties == {
        "Order Completed": {"note": "for Ann"},
        "Product Ordered 1": {"engraving": "Ann"},
    }


def test_what_nobody_declared_is_sealed(tmp_path: Path) -> None:
    site = open_site(tmp_path)
    context = {"ip": "192.0.2.7", "library": {"name": "x"}}
    arrival = site.arrival(
        {**track({"order_id": "O1", "gift": True}), "context": context, "integrations": {"All": False}}
    )
    assert arrival.events == (ArrivedEvent("Order Completed", {"order_id": "O1"}),)
    assert site.opened(arrival).rest == {
        "properties": {"gift": True},
        "context": context,
        "integrations": {"All": False},
    }


def test_an_event_without_a_contract_is_kept_and_makes_no_row(tmp_path: Path) -> None:
    site = open_site(tmp_path)
    taken = site.take(track({"size": 3}, "Mystery"))
    assert taken.results[0].noted == ("EVENT-UNDECLARED event",)
    arrival = read_arrival(taken.records[0].body)
    assert (arrival.events, arrival.noted) == ((), ("EVENT-UNDECLARED event",))
    assert site.opened(arrival).rest == {"event": "Mystery", "properties": {"size": 3}}


@pytest.mark.parametrize("mode", ["note", "lane", "refuse"])
def test_a_contract_that_is_not_kept_is_noted_laned_or_refused(tmp_path: Path, mode: str) -> None:
    site = open_site(tmp_path, source=f"{SITE}contract: {mode}\n")
    taken = site.take(track({"revenue": -5}), track(BOUGHT))
    status, code = {
        "note": ("stored", ""),
        "lane": ("failed", "CONTRACT-MIN"),
        "refuse": ("refused", "CONTRACT-MIN"),
    }[mode]
    assert [(each.status, each.code) for each in taken.results] == [(status, code), ("stored", "")]
    assert len(taken.records) == (2 if mode == "note" else 1)
    assert [(each.stage, each.code, each.field) for each in taken.failures] == (
        [("contract", "CONTRACT-MIN", "revenue")] if mode == "lane" else []
    )
    if mode == "note":
        arrival = read_arrival(taken.records[0].body)
        assert arrival.noted == ("CONTRACT-MIN revenue", "CONTRACT-REQUIRED order_id")
        assert arrival.events == (ArrivedEvent("Order Completed", {}),)
        assert site.opened(arrival).rest == {"properties": {"revenue": -5}}


@pytest.mark.parametrize("mode", ["note", "lane", "refuse"])
def test_what_was_not_understood_is_laned_as_it_came(tmp_path: Path, mode: str) -> None:
    site = open_site(tmp_path, source=f"{SITE}contract: {mode}\n")
    raw = b'{"type": "track", "userId": "7", "event": "\xff"}'
    wrong = MessageRefusal("MESSAGE-JSON", "", "It is not JSON in UTF-8.", raw)
    taken = site.inbox.take("site", [wrong, wrong._replace(raw=b"")], received_us=NOW_US)
    lane = mode != "refuse"
    assert [each.status for each in taken.results] == ["failed" if lane else "refused", "refused"]
    if lane:
        (failure,) = taken.failures
        opened = site.vault.lane.open(failure.raw.decode()).encode("utf-8", "surrogateescape")
        assert (failure.code, opened) == ("MESSAGE-JSON", raw)


def test_only_live_sources_take_messages(tmp_path: Path) -> None:
    site = open_site(tmp_path)
    assert site.inbox.plan("site").name == "site"
    with pytest.raises(SourceNotLiveError, match="No live source is called 'shop'"):
        site.inbox.take("shop", [], received_us=NOW_US)
    with pytest.raises(KeyError):
        site.inbox.plan("shop")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
OBJECTS = st.dictionaries(
    st.sampled_from(["order_id", "revenue", "paid_at", "note", "products", "product_id", "quantity", "items", "email"])
    | st.text(max_size=6),
    JSON | st.lists(st.dictionaries(st.sampled_from(["product_id", "price", "engraving", "x"]), JSON), max_size=3),
    max_size=6,
)
MESSAGES = st.fixed_dictionaries(
    {"type": st.sampled_from(["identify", "track", "page", "screen", "group", "alias"])},
    optional={
        "userId": st.sampled_from(["7", "8", " ", "null"]) | st.text(max_size=4),
        "anonymousId": st.sampled_from(["a", "b", "anonymous"]),
        "previousId": st.sampled_from(["a", "7", "z"]),
        "groupId": st.just("g"),
        "event": st.sampled_from(["Order Completed", "purchase", "add_to_cart", "Product Added", "Mystery"]),
        "name": st.text(max_size=5),
        "properties": OBJECTS,
        "traits": OBJECTS,
        "context": OBJECTS,
    },
)


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Site]:
    return {
        mode: open_site(tmp_path_factory.mktemp(mode), source=f"{SITE}contract: {mode}\n")
        for mode in ("note", "lane", "refuse")
    }


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(MESSAGES, min_size=1, max_size=4), st.sampled_from(["note", "lane", "refuse"]))
def test_whatever_comes_is_answered_and_never_half_taken(
    sites: dict[str, Site], messages: list[dict[str, object]], mode: str
) -> None:
    site = sites[mode]
    taken = site.take(*messages)
    statuses = [each.status for each in taken.results]
    assert len(statuses) == len(messages)
    assert len(taken.records) == statuses.count("stored")
    assert len(taken.failures) == statuses.count("failed")
    assert (
        set(statuses)
        <= {"note": {"stored", "failed"}, "lane": {"stored", "failed"}, "refuse": {"stored", "refused"}}[mode]
    )
    for record in taken.records:
        arrival = read_arrival(record.body)
        assert site.vault.record_known(arrival.record)
        assert [event.child for event in arrival.events] == list(range(len(arrival.events)))
        assert arrival.occurred_us <= NOW_US
        if arrival.sealed:
            site.opened(arrival)
        if mode != "note":
            assert arrival.noted == ()


def test_messages_of_thousands_are_one_transaction_of_the_vault(tmp_path: Path) -> None:
    site = open_site(tmp_path, purposes=[PolicySpec(purpose="ads")])
    before = site.vault.count()
    taken = site.take(*({"type": "page", "anonymousId": f"cookie-{number}"} for number in range(2_500)))
    assert (len(taken.records), site.vault.count() - before) == (2_500, 2_500)
