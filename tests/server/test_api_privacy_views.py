"""Privacy over HTTP: consents counted by hand, requests with their proof, the audit log by pages, the catalogue."""

import csv
from collections.abc import Iterator

import pytest

from habitue.govern.roles import Role
from tests.server.asked import Asked, asking
from tests.server.people_shop import PEOPLE, built_people_shop
from tests.terminal import Json


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """The shop of people, served."""
    with asking(built_people_shop(tmp_path_factory.mktemp("privacy") / "shop")) as asked:
        yield asked


def said(shop: Asked) -> list[dict[str, str]]:
    with (shop.folder / "said.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_consents_are_counted_as_one_counts_them_by_hand(shop: Asked) -> None:
    found = shop.answer("/api/v1/privacy/consents")
    assert found["customers"] == PEOPLE - 1
    news = next(each for each in found["purposes"] if each["purpose"] == "news")
    rows = said(shop)
    agreed = sum(row["said"] == "given" for row in rows)
    assert (news["agreed"], news["refused"]) == (agreed, len(rows) - agreed)
    assert news["allowed"] == shop.answer("/api/v1/customer-list", rule="consent.news")["total"] == agreed
    assert news["silent"] == PEOPLE - 1 - len(rows)
    assert news["used_by"] == ["segment.to_write_to"]
    days = {each["day"]: each for each in found["days"] if each["purpose"] == "news"}
    for day in {row["at"][:10] for row in rows}:
        of_day = [row["said"] for row in rows if row["at"].startswith(day)]
        assert (days[day]["agreed"], days[day]["refused"]) == (of_day.count("given"), of_day.count("withdrawn"))
    delivery = next(each for each in found["purposes"] if each["purpose"] == "delivery")
    assert delivery["allowed"] == PEOPLE - 1


@pytest.mark.parametrize("what", ["consents", "requests", "catalogue", "audit/entries"])
@pytest.mark.parametrize("role", [Role.EXECUTIVE, Role.MARKETER, Role.ANALYST])
def test_only_who_keeps_privacy_sees_it(shop: Asked, what: str, role: Role) -> None:
    assert shop.get(f"/api/v1/privacy/{what}", role=role).status_code == 403


def test_the_audit_log_comes_by_pages_each_entry_once_without_gaps(shop: Asked) -> None:
    for _ in range(12):
        shop.answer("/api/v1/customer-list", limit=1)
    whole: list[Json] = []
    cursor: int | None = None
    while True:
        more = "" if cursor is None else f"&cursor={cursor}"
        page = shop.answer(f"/api/v1/privacy/audit/entries?limit=5{more}")
        whole += page["entries"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    numbers = [each["number"] for each in whole]
    assert numbers == list(range(numbers[0], 0, -1))
    reads = shop.answer("/api/v1/privacy/audit/entries", limit=200, action="read")["entries"]
    assert reads
    assert {each["action"] for each in reads} == {"read"}
    middle = whole[len(whole) // 2]["at"]
    late = shop.answer("/api/v1/privacy/audit/entries", limit=200, since=middle)["entries"]
    assert [each["number"] for each in late] == [each["number"] for each in whole if each["at"] >= middle]
    refused = shop.get("/api/v1/privacy/audit/entries", action="steal")
    assert (refused.status_code, refused.json()["code"]) == (422, "PARAMETER")


def test_an_erasure_is_rehearsed_then_carried_out_and_its_request_has_a_proof(shop: Asked) -> None:
    (someone, *_) = [each["customer"] for each in shop.answer("/api/v1/customer-list")["customers"]]
    assert shop.client.post(f"/api/v1/customers/{someone}/export").status_code == 200
    planned = shop.post("/api/v1/privacy/erase", {"customers": [someone], "dry_run": True}).json()
    assert (planned["state"], planned["request_id"]) == ("would be erased", "")
    assert shop.answer(f"/api/v1/customers/{someone}/page")["customer"] == someone
    done = shop.post("/api/v1/privacy/erase", {"customers": [someone]}, role=Role.PRIVACY_OFFICER).json()
    assert done["state"] == "erased"
    requests = shop.answer("/api/v1/privacy/requests")["requests"]
    (erased,) = [each for each in requests if each["kind"] == "erase"]
    assert (erased["request_id"], erased["state"], erased["subjects"]) == (done["request_id"], "done", [someone])
    assert erased["proof"].startswith("Their keys are destroyed")
    assert any(each["kind"] == "export" and each["subjects"] == [someone] for each in requests)
    assert shop.get(f"/api/v1/customers/{someone}/page").status_code == 404
    listed = shop.answer("/api/v1/customer-list", limit=200)
    assert listed["total"] == PEOPLE - 2
    assert someone not in {each["customer"] for each in listed["customers"]}


def test_the_catalogue_names_what_is_sealed_and_whose_rows_are(shop: Asked) -> None:
    tables = {(each["store"], each["table"]): each for each in shop.answer("/api/v1/privacy/catalogue")}
    orders = tables["warehouse", "event_order_completed"]
    assert (orders["subject_key"], orders["retention"]) == ("customer_id", "3650d")
    columns = {each["name"]: each for each in orders["columns"]}
    assert columns["note"]["sealed"]
    assert columns["note"]["about_people"]
    assert not columns["revenue"]["sealed"]
