"""PostHog's events and RudderStack's merges as messages of the Segment API, and what is refused of them."""

import json
import random

import pytest

from habitue.streams.merges import MergeDecoder
from habitue.streams.messages import Batch, Message, MessageKind, MessageRefusal
from habitue.streams.posthog import PostHogDecoder
from tests.streams import malformed

NOW_US = 1_780_000_000_000_000
DECODER = PostHogDecoder()


def decoded(body: object) -> Batch:
    said = DECODER.body(json.dumps(body).encode(), received_us=NOW_US)
    assert isinstance(said, Batch), said
    return said


def message(**fields: object) -> Message:
    (said,) = decoded({"event": "Cart Viewed", "distinct_id": "7", **fields}).results
    assert isinstance(said, Message), said
    return said


def refusal(**fields: object) -> tuple[str, str]:
    (said,) = decoded({"event": "Cart Viewed", "distinct_id": "7", **fields}).results
    assert isinstance(said, MessageRefusal), said
    assert said.raw
    return said.code, said.field


def test_an_event_is_a_track_with_its_properties() -> None:
    said = message(uuid="u1", properties={"items": 2, "$lib": "posthog-python", "$set": {"plan": "gold"}})
    assert (said.kind, said.name, said.user_id, said.message_id) == (MessageKind.TRACK, "Cart Viewed", "7", "u1")
    assert said.properties == {"items": 2, "$lib": "posthog-python"}
    assert said.traits == {}
    assert said.context == {"library": {"name": "posthog-python", "version": None}, "traits": {"plan": "gold"}}


def test_a_page_view_is_a_page_as_segment_has_it() -> None:
    seen = {"$current_url": "https://shop.example/a?b", "$pathname": "/a", "title": "A", "$referrer": "$direct"}
    said = message(event="$pageview", properties=seen)
    assert (said.kind, said.name) == (MessageKind.PAGE, "A")
    assert said.context["page"] == said.properties
    assert said.properties == {"url": "https://shop.example/a?b", "path": "/a", "title": "A", "referrer": "$direct"}
    assert message(event="$screen", properties={"$screen_name": "Home"}).name == "Home"


def test_who_is_identified_is_the_device_of_before() -> None:
    said = message(
        event="$identify", properties={"$anon_distinct_id": "d", "$set": {"plan": "x"}, "$set_once": {"a": 1}}
    )
    assert (said.kind, said.user_id, said.anonymous_id, said.traits) == (MessageKind.IDENTIFY, "7", "d", {"plan": "x"})
    assert message(event="$set", **{"$set": {"plan": "y"}}).traits == {"plan": "y"}


@pytest.mark.parametrize("nobody", [{"$process_person_profile": False}, {"$is_identified": False}, {"$device_id": "7"}])
def test_an_id_that_is_nobodys_yet_is_that_of_a_device(nobody: dict[str, object]) -> None:
    said = message(properties=nobody)
    assert (said.user_id, said.anonymous_id) == (None, "7")


def test_an_alias_goes_the_way_that_the_library_names_it() -> None:
    said = message(event="$create_alias", distinct_id="before", properties={"alias": "from now on"})
    assert (said.kind, said.user_id, said.previous_id) == (MessageKind.ALIAS, "from now on", "before")


def test_a_group_is_about_somebody() -> None:
    group = {"$group_type": "company", "$group_key": "c1", "$group_set": {"plan": "x"}}
    said = message(event="$groupidentify", properties=group)
    assert (said.kind, said.group_id, said.user_id, said.traits) == (MessageKind.GROUP, "c1", "7", {"plan": "x"})
    assert refusal(event="$groupidentify", distinct_id="$company_c1", properties=group) == (
        "MESSAGE-MISSING",
        "distinct_id",
    )


def test_the_clock_of_the_sender_is_corrected_but_not_of_the_past() -> None:
    event = {"event": "x", "distinct_id": "7", "timestamp": "2026-05-28T20:00:00Z"}
    sent = {"batch": [event], "sent_at": "2026-05-28T20:00:10+00:00"}
    (corrected,) = decoded(sent).results
    (kept,) = decoded({**sent, "historical_migration": True}).results
    assert isinstance(corrected, Message)
    assert isinstance(kept, Message)
    assert corrected.occurred_us == NOW_US - 10_000_000
    assert kept.occurred_us == 1_779_998_400_000_000


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"event": None}, ("MESSAGE-MISSING", "event")),
        ({"event": 7}, ("MESSAGE-TYPE", "event")),
        ({"distinct_id": ""}, ("MESSAGE-MISSING", "distinct_id")),
        ({"distinct_id": "x" * 513}, ("MESSAGE-VALUE", "distinct_id")),
        ({"event": "$create_alias"}, ("MESSAGE-MISSING", "properties.alias")),
        ({"event": "$groupidentify"}, ("MESSAGE-MISSING", "properties.$group_key")),
        ({"uuid": "u" * 101}, ("MESSAGE-VALUE", "uuid")),
        ({"timestamp": "yesterday"}, ("MESSAGE-TIME", "timestamp")),
        ({"timestamp": "1850-01-01T00:00:00Z"}, ("MESSAGE-TIME", "timestamp")),
        ({"properties": {"n": 1 << 70}}, ("MESSAGE-NUMBER", "")),
        ({"properties": {str(key): 1 for key in range(1_001)}}, ("MESSAGE-KEYS", "")),
        ({"properties": {"x": "y" * 33_000}}, ("MESSAGE-SIZE", "")),
    ],
)
def test_what_cannot_be_understood_is_refused_by_field(fields: dict[str, object], expected: tuple[str, str]) -> None:
    assert refusal(**fields) == expected


def test_one_event_that_is_endlessly_deep_leaves_its_neighbours_alone() -> None:
    good = b'{"event": "x", "distinct_id": "7"}'
    deep = b'{"event": "x", "distinct_id": "7", "properties": {"a": ' + b"[" * 10_000 + b"]" * 10_000 + b"}}"
    for body in (b"[" + good + b"," + deep + b"]", b'{"batch": [' + good + b"," + deep + b"]}"):
        said = DECODER.body(body, received_us=NOW_US)
        assert isinstance(said, Batch), said
        assert [type(each) for each in said.results] == [Message, MessageRefusal]


def test_malformed_bodies_are_each_answered() -> None:
    chance = random.Random(7)
    merges, kinds = MergeDecoder(), set[type]()
    for number in range(6_000):
        body = malformed.body(chance)
        if number % 2:
            said: object = merges.message(body.replace(b'"properties"', b'"mergeProperties"'), received_us=NOW_US)
        else:
            named = body.replace(b'"userId"', b'"distinct_id"')
            said = DECODER.body(named if number % 4 else b"[" + named + b"]", received_us=NOW_US)
        kinds.add(type(said))
        assert isinstance(said, Batch | Message | MessageRefusal)
    assert {Batch, MessageRefusal} <= kinds


def merged(*pairs: tuple[str, object], **more: object) -> Message | MessageRefusal:
    body = {"mergeProperties": [{"type": kind, "value": value} for kind, value in pairs], **more}
    return MergeDecoder().message(json.dumps(body).encode(), received_us=NOW_US)


def test_two_ids_of_users_that_are_merged_are_an_alias() -> None:
    said = merged(("user_id", "7"), ("user_id", 8))
    assert isinstance(said, Message)
    assert (said.kind, said.user_id, said.previous_id) == (MessageKind.ALIAS, "7", "8")


def test_other_identifiers_that_are_merged_are_traits_of_somebody() -> None:
    said = merged(("email", "a@b.c"), ("mobile", "+49301"), anonymousId="d")
    assert isinstance(said, Message)
    assert (said.kind, said.anonymous_id, said.traits) == (
        MessageKind.IDENTIFY,
        "d",
        {"email": "a@b.c", "mobile": "+49301"},
    )


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        ([("user_id", "7")], "MESSAGE-VALUE"),
        ([("email", "a@b.c"), ("mobile", "1")], "MESSAGE-MISSING"),
        ([("user_id", "7"), ("email", "")], "MESSAGE-VALUE"),
        ([("user_id", "7"), ("email", "x" * 600)], "MESSAGE-VALUE"),
        ([("user_id", "7"), ("email", None)], "MESSAGE-TYPE"),
        ([("user_id", "7")] * 11, "MESSAGE-VALUE"),
    ],
)
def test_a_merge_of_nothing_is_refused(pairs: list[tuple[str, object]], code: str) -> None:
    said = merged(*pairs)
    assert isinstance(said, MessageRefusal)
    assert said.code == code
