"""Every message is understood or refused with code, field and reason, whatever comes."""

import json
import random
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.streams.commerce_names import ga4_name, segment_name
from habitue.streams.decoding import Decoder, corrected_us, to_us
from habitue.streams.messages import Batch, Message, MessageKind, MessageLimits, MessageRefusal
from tests.streams import malformed
from tests.streams.events import NOW_US

SECOND_US = 1_000_000
DECODER = Decoder()
TRACK = {"userId": "u", "event": "Cart Viewed", "messageId": "m"}


def one(said: object, kind: MessageKind | None = MessageKind.TRACK, **options: bool) -> Message | MessageRefusal:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return DECODER.message(body, kind, received_us=NOW_US, **options)


def understood(said: object, kind: MessageKind | None = MessageKind.TRACK, **options: bool) -> Message:
    found = one(said, kind, **options)
    assert isinstance(found, Message), found
    return found


def refused(said: object, kind: MessageKind | None = MessageKind.TRACK) -> tuple[str, str]:
    found = one(said, kind)
    assert isinstance(found, MessageRefusal), found
    assert found.reason.endswith(".")
    return found.code, found.field


def batch(said: object) -> list[Message | MessageRefusal]:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    found = DECODER.batch(body, received_us=NOW_US)
    assert isinstance(found, Batch), found
    return found.results


def iso(us: int) -> str:
    return datetime.fromtimestamp(us / 1_000_000, UTC).isoformat()


def test_each_kind_is_understood() -> None:
    track = understood(TRACK | {"properties": {"items": 3}, "context": {"ip": "::1"}, "integrations": {"All": False}})
    assert (track.kind, track.name, track.user_id, track.message_id) == (MessageKind.TRACK, "Cart Viewed", "u", "m")
    assert (track.properties, track.context, track.integrations) == ({"items": 3}, {"ip": "::1"}, {"All": False})
    identify = understood({"anonymousId": "a", "traits": {"age": 4}, "type": "identify"}, None)
    assert (identify.kind, identify.user_id, identify.anonymous_id) == (MessageKind.IDENTIFY, None, "a")
    assert identify.traits == {"age": 4}
    page = understood({"userId": 7, "name": "Home", "category": "Shop"}, MessageKind.PAGE)
    assert (page.user_id, page.name, page.category) == ("7", "Home", "Shop")
    assert understood({"userId": "u", "name": "Menu"}, MessageKind.SCREEN).name == "Menu"
    assert understood({"userId": "u", "groupId": "g"}, MessageKind.GROUP).group_id == "g"
    alias = understood({"userId": "new", "previousId": "old"}, MessageKind.ALIAS)
    assert (alias.user_id, alias.previous_id) == ("new", "old")
    assert understood({"userId": "new", "anonymousId": "old"}, MessageKind.ALIAS).previous_id == "old"


@pytest.mark.parametrize(
    ("said", "kind", "code", "field"),
    [
        (b"", "track", "MESSAGE-JSON", ""),
        (b"\xff", "track", "MESSAGE-JSON", ""),
        (b'{"userId":"u","event":"\xff"}', "track", "MESSAGE-JSON", ""),
        (b'{"userId":"u","event":"\\ud800"}', "track", "MESSAGE-JSON", ""),
        (b'{"userId":NaN}', "track", "MESSAGE-JSON", ""),
        ([1], "track", "MESSAGE-TYPE", ""),
        (TRACK | {"event": 5}, "track", "MESSAGE-TYPE", "event"),
        (TRACK | {"userId": 1.5}, "track", "MESSAGE-TYPE", "userId"),
        (TRACK | {"userId": True}, "track", "MESSAGE-TYPE", "userId"),
        (TRACK | {"properties": []}, "track", "MESSAGE-TYPE", "properties"),
        (TRACK | {"timestamp": "yesterday"}, "track", "MESSAGE-TIME", "timestamp"),
        (TRACK | {"timestamp": 5}, "track", "MESSAGE-TIME", "timestamp"),
        (TRACK | {"timestamp": "0001-01-01T00:00:00+14:00"}, "track", "MESSAGE-TIME", "timestamp"),
        (b'{"userId":"u","event":"e","properties":{"a":1e999}}', "track", "MESSAGE-NUMBER", "properties[...]"),
        (TRACK | {"properties": {"a": [1 << 63]}}, "track", "MESSAGE-NUMBER", ""),
        (TRACK | {"properties": {"a": -(1 << 63) - 1}}, "track", "MESSAGE-NUMBER", ""),
        ({"event": "e"}, "track", "MESSAGE-MISSING", "userId"),
        ({"event": "e", "userId": "", "anonymousId": None}, "track", "MESSAGE-MISSING", "userId"),
        ({"userId": "u"}, "track", "MESSAGE-MISSING", "event"),
        ({"userId": "u"}, "group", "MESSAGE-MISSING", "groupId"),
        ({"userId": "u"}, "alias", "MESSAGE-MISSING", "previousId"),
        ({"anonymousId": "a", "previousId": "b"}, "alias", "MESSAGE-MISSING", "userId"),
        (TRACK | {"messageId": "x" * 101}, "track", "MESSAGE-VALUE", "messageId"),
        (TRACK | {"anonymousId": "x" * 513}, "track", "MESSAGE-VALUE", "anonymousId"),
        (TRACK, None, "MESSAGE-MISSING", "type"),
        (TRACK | {"type": "merge"}, None, "MESSAGE-KIND", "type"),
        (TRACK | {"properties": {"a": "x" * 33_000}}, "track", "MESSAGE-SIZE", ""),
        (TRACK | {"properties": {str(n): 1 for n in range(1_001)}}, "track", "MESSAGE-KEYS", ""),
    ],
)
def test_each_fault_has_its_code_and_field(said: object, kind: str | None, code: str, field: str) -> None:
    assert refused(said, None if kind is None else MessageKind(kind)) == (code, field)


def test_what_is_just_within_its_limits_is_understood() -> None:
    nested: object = {}
    for _ in range(30):
        nested = {"a": nested}
    understood(TRACK | {"properties": nested})
    assert refused(TRACK | {"properties": {"a": nested}})[0] == "MESSAGE-DEPTH"
    understood(TRACK | {"properties": {str(n): 1 for n in range(1_000)}})
    understood(TRACK | {"properties": {"a": (1 << 63) - 1, "b": "9" * 40}})
    understood(TRACK | {"userId": 10**400})
    message = understood(TRACK | {"properties": {"url": "a:b" * 2_000, "text": "{[" * 500}})
    assert msgspec.json.encode(message)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
@pytest.mark.parametrize("levels", [500, 10_000])
def test_a_bottomless_message_is_refused_alone(opening: str, levels: int) -> None:
    closing = "]" if opening == "[" else "}"
    nested = opening * levels + "1" + closing * levels
    deep = '{"type":"track","userId":"u","event":"e","properties":{"a":' + nested + "}}"
    assert refused(deep.encode())[0] in ("MESSAGE-DEPTH", "MESSAGE-SIZE")
    good = json.dumps(TRACK | {"type": "track", "properties": {"text": 'a "quoted\\" [[['}})
    results = batch(f'{{"batch":[{good},{deep},{good}]}}'.encode())
    assert [isinstance(each, Message) for each in results] == [True, False, True]
    assert results[0] == understood(good.encode())
    assert isinstance(results[1], MessageRefusal)
    assert results[1].code in ("MESSAGE-DEPTH", "MESSAGE-SIZE")


@pytest.mark.parametrize(
    "hostile", [b"[" * 400_000, b'{"batch":[' + b'{"a":' * 80_000, b'"\\' * 200_000, b'["' * 200_000]
)
def test_endless_bodies_are_answered_quickly(hostile: bytes) -> None:
    found = DECODER.batch(hostile, received_us=NOW_US)
    assert isinstance(found, MessageRefusal)
    assert found.code in ("MESSAGE-JSON", "MESSAGE-DEPTH", "MESSAGE-TYPE")


def test_a_batch_answers_for_each_message_and_lends_its_context() -> None:
    said = {
        "batch": [TRACK | {"type": "track", "context": {"b": 2}}, {"type": "track"}, 5, TRACK | {"type": "track"}],
        "context": {"a": 1, "b": 1},
        "integrations": {"All": True},
        "writeKey": "k",
    }
    found = DECODER.batch(json.dumps(said).encode(), received_us=NOW_US)
    assert isinstance(found, Batch)
    assert found.write_key == "k"
    first, second, third, fourth = found.results
    assert isinstance(first, Message)
    assert (first.context, first.integrations) == ({"a": 1, "b": 2}, {"All": True})
    assert isinstance(second, MessageRefusal)
    assert (second.code, second.raw) == ("MESSAGE-MISSING", b'{"type": "track"}')
    assert isinstance(third, MessageRefusal)
    assert (third.code, third.raw) == ("MESSAGE-TYPE", b"5")
    assert isinstance(fourth, Message)
    assert fourth.context == {"a": 1, "b": 1}


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({}, "MESSAGE-MISSING", "batch"),
        ({"batch": {}}, "MESSAGE-TYPE", "batch"),
        ({"batch": [], "sentAt": "now"}, "MESSAGE-TIME", "sentAt"),
        ({"batch": [], "context": {"a": 1 << 70}}, "MESSAGE-NUMBER", ""),
        ({"batch": [0] * 2_501}, "BATCH-COUNT", "batch"),
        ({"batch": ["x" * 500_000, "x" * 20_000]}, "BATCH-SIZE", ""),
        (b'{"batch":[{}', "MESSAGE-JSON", ""),
    ],
)
def test_a_batch_that_cannot_be_taken_apart_is_refused(said: object, code: str, field: str) -> None:
    found = DECODER.batch(said if isinstance(said, bytes) else json.dumps(said).encode(), received_us=NOW_US)
    assert isinstance(found, MessageRefusal)
    assert (found.code, found.field) == (code, field)


def test_limits_can_be_set() -> None:
    decoder = Decoder(MessageLimits(message_bytes=20, batch_messages=1))
    assert isinstance(decoder.message(b'{"userId":"u"}', MessageKind.PAGE, received_us=0), Message)
    assert isinstance(decoder.message(b'{"userId":"uuuuuuuuuuuuuuu"}', MessageKind.PAGE, received_us=0), MessageRefusal)
    assert isinstance(decoder.batch(b'{"batch":[1,2]}', received_us=0), MessageRefusal)


def test_the_sender_clock_is_corrected() -> None:
    """The example of Segment's specification: what counts is how long before sending it happened."""
    wrong = NOW_US + 10 * 365 * 86_400 * SECOND_US
    said = TRACK | {"timestamp": iso(wrong - 60 * SECOND_US), "sentAt": iso(wrong)}
    assert understood(said).occurred_us == NOW_US - 60 * SECOND_US
    assert understood(said, corrects_clock=False).occurred_us == NOW_US
    past = TRACK | {"timestamp": "2020-01-01T00:00:00"}
    assert understood(past).occurred_us == to_us(datetime(2020, 1, 1, tzinfo=UTC))
    assert understood(TRACK).occurred_us == NOW_US
    assert understood(past | {"originalTimestamp": iso(NOW_US - SECOND_US)}).occurred_us == NOW_US - SECOND_US
    (first,) = batch({"batch": [TRACK | {"type": "track", "timestamp": iso(wrong)}], "sentAt": iso(wrong + SECOND_US)})
    assert isinstance(first, Message)
    assert first.occurred_us == NOW_US - SECOND_US


@given(st.integers(), st.none() | st.integers(), st.integers())
def test_nothing_happens_after_it_was_received(received: int, sent: int | None, original: int) -> None:
    found = corrected_us(received, sent, original)
    assert found <= received
    if sent is not None and original <= sent:
        assert received - found == sent - original


def test_a_message_without_an_id_gets_one_of_its_content() -> None:
    timed = {"userId": "u", "event": "e", "timestamp": "2026-01-01T00:00:00Z"}
    first = understood(timed).message_id
    assert first.startswith("content-")
    body = json.dumps(timed).encode()
    again = DECODER.message(body, MessageKind.TRACK, received_us=NOW_US + 5)
    assert isinstance(again, Message)
    assert again.message_id == first
    bare = {"type": "track", "userId": "u", "event": "e"}
    twice = batch({"batch": [bare, bare]})
    assert isinstance(twice[0], Message)
    assert isinstance(twice[1], Message)
    assert twice[0].message_id != twice[1].message_id


def test_twenty_thousand_malformed_bodies_are_each_answered() -> None:
    chance = random.Random(20)
    codes: dict[str, int] = {}
    for _ in range(20_000):
        body = malformed.body(chance)
        found = DECODER.message(body, chance.choice((None, *MessageKind)), received_us=NOW_US)
        if isinstance(found, MessageRefusal):
            assert found.reason
            assert found.raw == body
            codes[found.code] = codes.get(found.code, 0) + 1
            continue
        assert found.occurred_us <= NOW_US
        assert 0 < len(found.message_id) <= 100
        assert msgspec.json.decode(msgspec.json.encode(found), type=Message) == found
    assert len(codes) >= 9, codes
    assert 5_000 < sum(codes.values()) < 20_000


def test_malformed_messages_do_not_spoil_their_batch() -> None:
    chance = random.Random(21)
    good = json.dumps(TRACK | {"type": "track"}).encode()
    for _ in range(300):
        bent = [malformed.bent(chance) for _ in range(5)]
        found = DECODER.batch(b'{"batch":[' + b",".join([good, *bent, good]) + b"]}", received_us=NOW_US)
        if isinstance(found, MessageRefusal):
            assert found.code == "MESSAGE-JSON"
            continue
        assert len(found.results) == 7
        assert isinstance(found.results[0], Message)
        assert isinstance(found.results[6], Message)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_answered(body: bytes) -> None:
    for kind in (None, MessageKind.TRACK):
        assert isinstance(DECODER.message(body, kind, received_us=NOW_US), Message | MessageRefusal)
    assert isinstance(DECODER.batch(body, received_us=NOW_US), Batch | MessageRefusal)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(malformed.KEYS), JSON, max_size=8))
def test_any_fields_are_answered(fields: dict[str, object]) -> None:
    body = json.dumps(fields).encode()
    for kind in (None, *MessageKind):
        assert isinstance(DECODER.message(body, kind, received_us=NOW_US), Message | MessageRefusal)
    assert isinstance(DECODER.batch(body, received_us=NOW_US), Batch | MessageRefusal)


def test_shop_events_have_one_name_each_in_both_worlds() -> None:
    known = ["Product Viewed", "Order Completed", "Cart Viewed", "Checkout Started", "Products Searched", "Signed In"]
    for name in known:
        there = ga4_name(name)
        assert there is not None
        assert segment_name(there) == name
    assert ga4_name("order completed") == "purchase"
    assert ga4_name("Something Else") is None
    assert segment_name("page_view") is None
