"""Whom messages are about: records that stay, erased people who stay away, and not one identifier in the log."""

import json
from pathlib import Path

import pytest

from bench.scanner import Scanner
from habitue.sources.arrivals import read_arrival
from habitue.sources.inbox import Taken
from habitue.streams import Committer, Log
from tests.govern.vaults import LATER, open_vault_of
from tests.sources.inboxes import SITE, Site, open_site


def seen(user: str | None = None, cookie: str | None = None) -> dict[str, object]:
    """A page that somebody looked at."""
    return {"type": "page", "userId": user, "anonymousId": cookie}


def records_of(taken: Taken) -> list[str]:
    return [read_arrival(each.body).record for each in taken.records]


def test_a_record_stays_the_same_for_an_identifier_known_or_forgotten(tmp_path: Path) -> None:
    site = open_site(tmp_path, held=1)
    first = records_of(site.take(seen("7"), seen("8"), seen(" 7 ")))
    assert first[0] == first[2] != first[1]
    for start in range(0, 45_000, 2_500):
        site.take(*(seen(f"u{number}") for number in range(start, start + 2_500)))
    assert records_of(site.take(seen("7"), seen("8"))) == first[:2]


def test_files_and_messages_know_a_customer_by_one_record(tmp_path: Path) -> None:
    site = open_site(tmp_path)
    with open_vault_of(tmp_path) as other:
        (record,) = other.assign([other.name("user_id", "7")], now=LATER)
    assert records_of(site.take(seen("7"))) == [record]


def test_a_record_has_a_card_that_says_by_what_it_is_known(tmp_path: Path) -> None:
    site = open_site(tmp_path)
    site.take(seen("7", "a-7"), seen("8"), seen("7"))
    known = [json.loads(card)["id"] for _, _, card in site.vault.cards(source="")]
    assert sorted(known) == [[["cookie", "a-7"]], [["user_id", "7"]], [["user_id", "8"]]]


def test_identifiers_that_identify_nobody_are_passed_over(tmp_path: Path) -> None:
    site = open_site(tmp_path)
    taken = site.take(seen("null", "a-7"), seen("7", "0000-0000"), seen("undefined", " "))
    assert [(each.status, each.code) for each in taken.results] == [
        ("stored", ""),
        ("stored", ""),
        ("failed", "IDENTIFIER-NOBODY"),
    ]
    assert records_of(taken) == [site.record("cookie", "a-7"), site.record("user_id", "7")]
    assert all(not read_arrival(each.body).others for each in taken.records)


def test_an_alias_lays_a_record_to_another_of_whichever_kind_it_is_known_as(tmp_path: Path) -> None:
    site = open_site(tmp_path)
    site.take(seen("old"))
    alias: dict[str, object] = {"type": "alias", "userId": "7"}
    taken = site.take(seen(None, "a-7"), {**alias, "previousId": "a-7"}, {**alias, "previousId": "old"})
    _, cookie, user = [read_arrival(each.body) for each in taken.records]
    assert cookie.record == user.record == site.record("user_id", "7")
    assert cookie.others == (("cookie", site.record("cookie", "a-7")),)
    assert user.others == (("user_id", site.record("user_id", "old")),)


def test_further_identifiers_are_carried_from_where_the_source_says(tmp_path: Path) -> None:
    held = "identifiers: {customer_no: userId, loyalty_card: [properties.card, traits.card], email: context.mail}\n"
    site = open_site(tmp_path, source=f"{SITE}{held}")
    message = {**seen("7"), "properties": {"card": 4711}, "context": {"mail": "ann@example.org"}}
    arrival = site.arrival(message)
    assert arrival.record == site.record("customer_no", "7")
    assert dict(arrival.carried) == {
        "email": site.vault.name("email", "ann@example.org"),
        "loyalty_card": site.vault.name("loyalty_card", "4711"),
    }


@pytest.mark.parametrize("elsewhere", [False, True])
def test_erased_people_are_suppressed_at_once_and_for_good(tmp_path: Path, elsewhere: bool) -> None:
    site = open_site(tmp_path)
    (record,) = records_of(site.take(seen("7", "a-7")))
    if elsewhere:
        with open_vault_of(tmp_path) as other:
            other.erase([record], now=LATER)
    else:
        site.vault.erase([record], now=LATER)
        site.inbox.forget([record])
    taken = site.take(seen("7"), seen("7", "a-7"), seen("8"))
    assert [each.status for each in taken.results] == ["suppressed", "suppressed", "stored"]
    assert (taken.suppressed, len(taken.records), taken.failures) == (2, 1, [])
    assert site.record("user_id", "7") is None


@pytest.mark.parametrize("spoiled", [{"type": "dance"}, {"properties": 7, "userId": 7}])
def test_what_is_not_understood_of_somebody_erased_is_not_kept(tmp_path: Path, spoiled: dict[str, object]) -> None:
    site = open_site(tmp_path)
    (record,) = records_of(site.take(seen("7", "a-7")))
    site.vault.erase([record], now=LATER)
    site.inbox.forget([record])
    taken = site.take({**seen("7", "a-8"), **spoiled}, {**seen("8"), **spoiled, "userId": "8"})
    assert [each.status for each in taken.results] == ["suppressed", "failed"]
    assert (taken.suppressed, len(taken.failures)) == (1, 1)


def test_an_id_of_a_message_that_tells_an_identifier_is_kept_under_a_name(tmp_path: Path) -> None:
    site = open_site(tmp_path)
    told = {**seen("user-17"), "messageId": "user-17/2026"}
    first, again, other = (site.take(each).records[0].message_id for each in (told, told, seen("user-17")))
    assert first == again == site.vault.name("message_id", "user-17/2026")
    assert other == "m0"


def test_what_was_sealed_is_noise_once_its_record_is_erased(tmp_path: Path) -> None:
    site = open_site(tmp_path)
    (taken,) = site.take({**seen("7"), "context": {"ip": "192.0.2.7"}}).records
    arrival = read_arrival(taken.body)
    assert site.vault.open_for(arrival.record, arrival.sealed) is not None
    site.vault.erase([arrival.record], now=LATER)
    assert site.vault.open_for(arrival.record, arrival.sealed) is None


PLANTED = {
    "userId": "customer-481516",
    "anonymousId": "cookie-2342-aaaa-bbbb",
    "email": "Anneliese.Lindqvist@example.org",
    "phone": "+46 70 174 06 05",
    "name": "Anneliese Lindqvist",
    "note": "for my dear Anneliese",
    "engraving": "Lindqvist 4 ever",
    "ip": "198.51.100.177",
    "secret": "undeclared-4815162342",
    "mystery": "Opened letter of Lindqvist",
}


def planted() -> list[dict[str, object]]:
    """Messages full of what nobody else may read."""
    who = {"userId": PLANTED["userId"], "anonymousId": PLANTED["anonymousId"]}
    context = {"ip": PLANTED["ip"], "traits": {"email": PLANTED["email"]}}
    bought = {
        "order_id": "O1",
        "note": PLANTED["note"],
        "revenue": PLANTED["secret"],
        "products": [{"product_id": "P1", "engraving": PLANTED["engraving"], "to": PLANTED["name"]}],
    }
    traits = {"firstName": PLANTED["name"], "email": PLANTED["email"], "phone": PLANTED["phone"]}
    return [
        {"type": "track", "event": "Order Completed", **who, "properties": bought, "context": context},
        {"type": "track", "event": PLANTED["mystery"], **who, "properties": {"x": PLANTED["secret"]}},
        {"type": "identify", **who, "traits": {**traits, "city": "Bath", "secret": PLANTED["secret"]}},
        {"type": "group", **who, "groupId": PLANTED["secret"], "traits": {"name": PLANTED["name"]}},
        {"type": "alias", "userId": PLANTED["userId"], "previousId": PLANTED["anonymousId"]},
        {"type": "page", **who, "name": PLANTED["name"], "category": PLANTED["note"], "context": context},
        {"type": "track", "event": "Order Completed", "userId": "null", "properties": bought},
        {"type": "track", **who, "properties": bought, "messageId": f"{PLANTED['userId']}-1"},
        {"type": "screen", **who, "messageId": f"{PLANTED['userId']}-2"},
    ]


def kept(site: Site, path: Path) -> Taken:
    """The planted messages in a log."""
    taken = site.take(*planted())
    with Committer(Log.open(path)) as committer:
        committer.append_many(taken.records, taken.failures)
    return taken


@pytest.mark.parametrize("mode", ["note", "lane"])
def test_no_identifier_and_no_personal_value_is_in_any_file(tmp_path: Path, mode: str) -> None:
    site = open_site(tmp_path / "shop", source=f"{SITE}contract: {mode}\n")
    taken = kept(site, tmp_path / "shop" / ".habitue" / "log.sqlite")
    site.vault.close()
    site.ledger.close()
    assert len(taken.records) + len(taken.failures) == len(planted())
    scanner = Scanner(PLANTED.values())
    scan = scanner.files(tmp_path / "shop" / ".habitue")
    decoded = scanner.decoded(tmp_path / "shop" / ".habitue", {})
    assert (scan.said, decoded.said) == ([], [])
    assert scan.files >= 3


def test_the_search_finds_each_of_them_where_it_is_in_the_clear(tmp_path: Path) -> None:
    """The positive control of the test above."""
    (tmp_path / "clear.json").write_text(json.dumps(planted(), ensure_ascii=False), encoding="utf-8")
    assert Scanner(PLANTED.values()).files(tmp_path).values == set(PLANTED.values())
