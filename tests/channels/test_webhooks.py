"""Changes on their way to receivers that are well, ill, dead, or gone."""

import json
import threading
from datetime import timedelta

import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from habitue.channels import Deliveries, Delivery, DeliveryState
from habitue.cli.clock import system_clock
from habitue.segments.transitions import TransitionLog
from tests.channels.outgoing import OTHER_SECRET, SECRET, Outgoing, channel
from tests.channels.receivers import OK, Got, Said, receiving
from tests.waiting import until


def states(out: Outgoing, name: str = "crm") -> dict[int, str]:
    """Where the deliveries of a channel stand, by sequence."""
    with Deliveries.open(out.folder) as store:
        return {each.sequence: each.state.value for each in store.latest(name)}


def test_every_change_reaches_the_receiver_once_signed_as_its_library_verifies(out: Outgoing) -> None:
    with receiving() as receiver, out.sending(channel(receiver.url)) as webhooks:
        out.move(("c1", "vip", True), ("c2", "vip", True), ("c1", "vip", False))
        webhooks.notify()
        until(lambda: len(receiver.accepted) == 3)
    for got in receiver.got:
        body = Webhook(SECRET).verify(got.body, got.headers)
        assert body["type"] == ("segment.entered" if body["data"]["entered"] else "segment.left")
        assert len(got.body) < 20_000
    assert sorted(receiver.sequences) == [1, 2, 3]
    assert states(out) == {1: "delivered", 2: "delivered", 3: "delivered"}
    first = next(got.json for got in receiver.got if got.sequence == 1)
    assert first == {
        "type": "segment.entered",
        "timestamp": "2026-11-22T12:00:00.000000Z",
        "data": {
            "customer": "c1",
            "segment": "vip",
            "entered": True,
            "occurred_at": "2026-11-22T12:00:00.000000Z",
            "noticed_at": "1970-01-01T00:00:00.000001Z",
            "cause": "event",
            "sequence": 1,
            "channel": "crm",
        },
    }


def test_a_changed_byte_or_another_secret_fails_verification(out: Outgoing) -> None:
    with receiving() as receiver, out.sending(channel(receiver.url)) as webhooks:
        out.enter("c1")
        webhooks.notify()
        until(lambda: bool(receiver.accepted))
    got = receiver.got[0]
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(got.body.replace(b"c1", b"c2"), got.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER_SECRET).verify(got.body, got.headers)


def test_during_a_rotation_both_secrets_verify(out: Outgoing) -> None:
    out.house.keys["crm"] = f"{OTHER_SECRET} {SECRET}"
    with receiving() as receiver, out.sending(channel(receiver.url)) as webhooks:
        out.enter("c1")
        webhooks.notify()
        until(lambda: bool(receiver.accepted))
    for secret in (SECRET, OTHER_SECRET):
        assert Webhook(secret).verify(receiver.got[0].body, receiver.got[0].headers)["data"]["customer"] == "c1"


def test_a_retry_has_the_same_id_and_bytes_and_a_signature_of_its_own_instant(out: Outgoing) -> None:
    answers = [Said(status=500), Said(status=0), Said(status=503), OK]
    with (
        receiving(lambda number, _: answers[min(number, 3)]) as receiver,
        out.sending(channel(receiver.url)) as webhooks,
    ):
        out.enter("c1")
        webhooks.notify()
        until(lambda: bool(receiver.accepted))
        until(lambda: states(out) == {1: "delivered"})
    assert len({(got.id, got.body) for got in receiver.got}) == 1
    assert len(receiver.got) == 4
    for got in receiver.got:
        Webhook(SECRET).verify(got.body, got.headers)
    with Deliveries.open(out.folder) as store:
        # A connection that was used before and is closed without a word is tried anew within one attempt.
        assert store.latest()[0].attempts in (3, 4)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (Said(status=302, headers={"location": "http://127.0.0.1:1/elsewhere"}), "redirected"),
        (Said(status=400), "refused"),
        (Said(status=500), "failed"),
        (Said(status=429), "busy"),
        (Said(after_s=1.0), "timeout"),
        (Said(status=0), "connection"),
    ],
)
def test_a_failure_is_tried_again_as_often_as_the_table_says_and_then_given_up(
    out: Outgoing, said: Said, why: str
) -> None:
    with receiving(lambda _number, _got: said) as receiver, out.sending(channel(receiver.url)) as webhooks:
        out.enter("c1")
        webhooks.notify()
        until(lambda: states(out) == {1: "given_up"})
        state = webhooks.state()[0]
    assert len(receiver.got) == 6
    with Deliveries.open(out.folder) as store:
        found = store.latest()[0]
        assert (found.attempts, found.why) == (6, why)
        progress = store.progress("crm")
    assert progress is not None
    # Only a message is wrong, or the receiver is.
    assert progress.off == ("" if why == "refused" else "failing")
    assert state.failures == 6


def test_a_receiver_that_is_gone_switches_the_channel_off_until_somebody_puts_it_on(out: Outgoing) -> None:
    answers = {0: Said(status=410)}
    with (
        receiving(lambda number, _: answers.get(number, OK)) as receiver,
        out.sending(channel(receiver.url)) as webhooks,
    ):
        out.enter("c1")
        webhooks.notify()
        until(lambda: webhooks.state()[0].state == "off")
        assert webhooks.state()[0].why == "gone"
        out.enter("c2")
        webhooks.notify()
        threading.Event().wait(0.3)
        assert len(receiver.got) == 1
        with Deliveries.open(out.folder) as store:
            store.switch_on("crm", now=system_clock())
        until(lambda: sorted(receiver.sequences) == [1, 2])


def test_a_receiver_that_asks_to_wait_is_left_alone_for_as_long(out: Outgoing) -> None:
    answers = {0: Said(status=429, headers={"retry-after": "1"})}
    with (
        receiving(lambda number, _: answers.get(number, OK)) as receiver,
        out.sending(channel(receiver.url)) as webhooks,
    ):
        out.enter("c1")
        webhooks.notify()
        until(lambda: len(receiver.got) == 1)
        out.enter("c2")
        webhooks.notify()
        threading.Event().wait(0.5)
        assert len(receiver.got) == 1
        until(lambda: sorted(receiver.sequences) == [1, 2])


def test_a_dead_receiver_delays_nobody_and_is_not_flooded_when_it_is_back(out: Outgoing) -> None:
    dead = threading.Event()
    dead.set()

    def answering(_number: int, _got: Got) -> Said:
        return Said(after_s=2.0) if dead.is_set() else OK

    with (
        receiving() as well,
        receiving(answering) as ill,
        out.sending(channel(well.url, "well"), channel(ill.url, "ill")) as webhooks,
    ):
        out.enter(*(f"c{number}" for number in range(300)))
        webhooks.notify()
        until(lambda: len(well.accepted) == 300, seconds=8)
        assert not ill.accepted
        assert len(ill.got) < 60
        dead.clear()
        until(lambda: len(set(ill.sequences)) == 300, seconds=15)
    assert len(well.got) == 300


def test_changes_about_one_customer_arrive_in_order_whatever_fails(out: Outgoing) -> None:
    def answering(number: int, _got: Got) -> Said:
        return Said(status=500) if number % 3 == 1 else OK

    changes = [(f"c{number % 4}", f"s{number // 4 // 2}", number // 4 % 2 == 0) for number in range(80)]
    with receiving(answering) as receiver, out.sending(channel(receiver.url)) as webhooks:
        moved = out.move(*changes)
        webhooks.notify()
        until(lambda: len(receiver.sequences) == len(moved))
    accepted = [got.json["data"] for got in receiver.accepted]
    for customer in ("c0", "c1", "c2", "c3"):
        sequences = [each["sequence"] for each in accepted if each["customer"] == customer]
        assert sequences == sorted(sequences)


def test_one_message_that_is_never_taken_holds_up_only_its_customer(out: Outgoing) -> None:
    def answering(_number: int, got: Got) -> Said:
        return Said(status=400) if got.sequence == 1 else OK

    with receiving(answering) as receiver, out.sending(channel(receiver.url)) as webhooks:
        out.move(("bad", "vip", True), ("bad", "new", True), *((f"c{each}", "vip", True) for each in range(20)))
        webhooks.notify()
        until(lambda: len(receiver.sequences) == 21)
        until(lambda: states(out)[1] == "given_up")
    assert receiver.sequences[-1] == 2
    assert webhooks.state()[0].state == "on"


def test_a_channel_hears_only_of_its_segments_and_only_of_what_comes(out: Outgoing) -> None:
    out.enter("before")
    with receiving() as receiver, out.sending(channel(receiver.url, segments=("vip",))) as webhooks:
        until(lambda: webhooks.state()[0].sequence == 1)
        out.move(("c1", "vip", True), ("c1", "other", True), ("c2", "vip", True))
        webhooks.notify()
        until(lambda: webhooks.state()[0].sequence == 4)
    assert sorted(receiver.sequences) == [2, 4]


def test_as_segment_events_an_audience_is_entered_and_exited(out: Outgoing) -> None:
    out.house.known_as["c1"] = "42"
    spec = channel("http://127.0.0.1:9/", format="segment", identifier="user_id", purpose="news")
    with receiving() as receiver:
        there = spec.model_copy(update={"webhook": receiver.url})
        with out.sending(there) as webhooks:
            out.move(("c1", "vip", True), ("c1", "vip", False))
            webhooks.notify()
            until(lambda: len(receiver.accepted) == 2)
    entered, left = (got.json for got in receiver.got)
    assert (entered["event"], left["event"]) == ("Audience Entered", "Audience Exited")
    assert entered["type"] == "track"
    assert entered["userId"] == "42"
    assert entered["messageId"] == receiver.got[0].id
    assert entered["properties"]["audience_key"] == "vip"
    assert (entered["properties"]["vip"], left["properties"]["vip"]) == (True, False)
    assert entered["context"]["personas"]["computation_key"] == "vip"
    assert '"c1"' not in json.dumps(entered)


def test_nobody_without_a_basis_is_told_about_and_who_withdraws_is_taken_back(out: Outgoing) -> None:
    house = out.house
    house.refused["news"] = {"no"}
    with receiving() as receiver, out.sending(channel(receiver.url, purpose="news")) as webhooks:
        out.enter("yes", "no", "later")
        webhooks.notify()
        until(lambda: len(states(out)) == 3)
        assert {got.json["data"]["customer"] for got in receiver.got} == {"yes", "later"}
        house.refused["news"] = {"no", "later"}
        out.move(("no", "vip", False), ("later", "vip", False), ("later", "new", True))
        webhooks.notify()
        until(lambda: len(states(out)) == 6)
    said = [(got.json["data"]["customer"], got.json["type"]) for got in receiver.got]
    assert sorted(said) == [("later", "segment.entered"), ("later", "segment.left"), ("yes", "segment.entered")]
    assert states(out) == {1: "delivered", 2: "withheld", 3: "delivered", 4: "withheld", 5: "delivered", 6: "withheld"}


def test_a_withdrawal_counts_for_what_waits_for_another_attempt(out: Outgoing) -> None:
    def answering(_number: int, _got: Got) -> Said:
        out.house.refused["news"] = {"c1"}
        return Said(status=500)

    with receiving(answering) as receiver, out.sending(channel(receiver.url, purpose="news")) as webhooks:
        out.enter("c1")
        webhooks.notify()
        until(lambda: states(out) == {1: "withheld"})
    assert len(receiver.got) == 1


def test_somebody_who_is_forgotten_is_not_told_about_any_more(out: Outgoing) -> None:
    def answering(number: int, _got: Got) -> Said:
        if not number:
            with TransitionLog.open(out.folder) as log:
                log.forget(["c1"])
        return Said(status=500)

    with receiving(answering) as receiver, out.sending(channel(receiver.url)) as webhooks:
        out.enter("c1")
        webhooks.notify()
        until(lambda: states(out) == {1: "withheld"})
    assert len(receiver.got) == 1


def test_somebody_who_is_being_erased_is_not_told_about_though_everything_else_still_knows_them(out: Outgoing) -> None:
    with receiving() as receiver, out.sending(channel(receiver.url, purpose="news")) as webhooks:
        webhooks.forget(["c1"])
        out.enter("c1", "c2")
        webhooks.notify()
        until(lambda: states(out) == {1: "withheld", 2: "delivered"})
        with Deliveries.open(out.folder) as store:
            assert (store.told_of("c1"), store.told_of("c2")) == ([], [("crm", "vip")])
            assert store.forget(["c2"]) == 1
    assert [got.sequence for got in receiver.got] == [2]


def test_without_channels_nothing_is_begun_and_without_a_secret_nothing_is_sent(out: Outgoing) -> None:
    before = threading.active_count()
    with out.sending() as nothing:
        assert threading.active_count() == before
        assert nothing.state() == ()
    out.house.keys["crm"] = ""
    with receiving() as receiver, out.sending(channel(receiver.url)) as webhooks:
        out.enter("c1")
        webhooks.notify()
        until(lambda: webhooks.state()[0].state == "no_secret")
        out.house.keys["crm"] = SECRET
        until(lambda: len(receiver.accepted) == 1)


def test_what_is_settled_is_forgotten_after_its_time_and_what_waits_is_not(out: Outgoing) -> None:
    with Deliveries.open(out.folder) as store:
        now = system_clock()
        store.begin("crm", 0, now=now)
        made = [
            Delivery("crm", sequence, "vip", True, DeliveryState.WAITING if sequence == 3 else DeliveryState.DELIVERED)
            for sequence in range(1, 11)
        ]
        store.keep("crm", made, sequence=8)
        assert store.retire(now - timedelta(days=1)) == 7
        assert {each.sequence for each in store.latest()} == {3, 9, 10}
        store.keep("crm", made, sequence=10)
        assert store.retire(now - timedelta(days=365 * 100), most=2) == 7
        assert {each.sequence for each in store.latest()} == {3, 9, 10}
