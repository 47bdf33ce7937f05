"""Lists of customers and the page of one: the same as other readings, masked, and of nobody else."""

from collections.abc import Iterable, Iterator, Mapping

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from habitue.govern.roles import Role
from tests.server.asked import Asked, asking
from tests.server.people_shop import PEOPLE, built_people_shop, clear_values
from tests.terminal import Json

CUSTOMERS = PEOPLE - 1
LIST = "/api/v1/customer-list"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """The shop of people, served."""
    with asking(built_people_shop(tmp_path_factory.mktemp("people") / "shop")) as asked:
        yield asked


def listed(shop: Asked, parameters: Mapping[str, str]) -> httpx.Response:
    return shop.client.get(LIST, params=dict(parameters))


def everybody(shop: Asked, **parameters: str) -> list[Json]:
    """Every customer of a list, over all its pages."""
    found: list[Json] = []
    cursor: str | None = None
    while True:
        more = {} if cursor is None else {"cursor": cursor}
        page = listed(shop, {"limit": "7", **parameters, **more}).json()
        found += page["customers"]
        assert page["total"] >= len(found)
        cursor = page["next_cursor"]
        if cursor is None:
            assert page["total"] == len(found)
            return found


def ids(rows: list[Json]) -> list[str]:
    return [each["customer"] for each in rows]


cities = st.sampled_from(["Leeds", "York", "Hull", "Bath"]).map(lambda city: f"trait.city == '{city}'")
counts = st.integers(0, 6).map(lambda number: f"count('Order Completed') >= {number}")
segments = st.sampled_from(["segment.recent", "segment.big", "segment.to_write_to", "not segment.leeds"])
rules = st.lists(cities | counts | segments, min_size=1, max_size=3).map(" and ".join)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rule=rules)
def test_a_list_holds_whom_a_preview_counts_each_once_over_all_pages(shop: Asked, rule: str) -> None:
    rows = ids(everybody(shop, rule=rule))
    seen = shop.post("/api/v1/segments/preview", {"rule": rule, "sample": 100}).json()
    assert len(rows) == len(set(rows)) == seen["customers"]
    assert sorted(rows) == sorted(seen["sample"])


def test_a_list_of_a_segment_holds_its_members(shop: Asked) -> None:
    members = shop.answer("/api/v1/segments/leeds/members")["customers"]
    assert ids(everybody(shop, segment="leeds")) == sorted(members)
    both = ids(everybody(shop, segment="leeds", rule="count('Order Completed') >= 2"))
    assert set(both) < set(members)


def test_a_list_is_sorted_by_a_figure_with_missing_ones_last(shop: Asked) -> None:
    rows = everybody(shop, columns="feature.spend_ever", sort="-feature.spend_ever")
    values = [each["values"][0] for each in rows]
    known = [each for each in values if each is not None]
    assert values == sorted(known, reverse=True) + [None] * (len(values) - len(known))
    assert len(rows) == CUSTOMERS


def test_a_list_shows_personal_traits_as_a_mark_and_is_never_sorted_by_them(shop: Asked) -> None:
    rows = everybody(shop, columns="trait.email;trait.city")
    assert {each["values"][0] for each in rows} == {"~"}
    assert {each["values"][1] for each in rows} == {"Leeds", "York", "Hull"}
    refused = shop.get(LIST, sort="trait.email")
    assert (refused.status_code, refused.json()["code"]) == (422, "LIST-COLUMN")


@pytest.mark.parametrize(
    ("parameters", "status", "code"),
    [
        ({"columns": "trait.nothing"}, 422, "LIST-COLUMN"),
        ({"cursor": "-1"}, 422, "CURSOR"),
        ({"cursor": "9" * 30}, 422, "CURSOR"),
        ({"limit": "201"}, 422, "PARAMETER"),
        ({"ids": ";".join(f"c{number}" for number in range(201))}, 422, "PARAMETER"),
        ({"rule": "did('Order Complete')"}, 422, "RULE-UNKNOWN-NAME"),
        ({"segment": "nobody"}, 422, "RULE-UNKNOWN-NAME"),
    ],
)
def test_what_cannot_be_listed_is_said(shop: Asked, parameters: dict[str, str], status: int, code: str) -> None:
    found = listed(shop, parameters)
    assert (found.status_code, found.json()["code"]) == (status, code)


def paths_about(customer: str) -> list[str]:
    return [f"/api/v1/customers/{customer}/{what}" for what in ("page", "timeline", "standing", "identity", "segments")]


def test_nothing_in_the_clear_is_in_any_answer_to_who_does_not_see_it(shop: Asked) -> None:
    customers = ids(everybody(shop))
    every = [f"{LIST}?columns=trait.email;trait.first_name;trait.city", "/api/v1/contracts", "/api/v1/lineage"]
    every += ["/api/v1/sources/failed", "/api/v1/sources/failed/counts", "/api/v1/builds"]
    every += [f"/api/v1/quality?name={name}" for name in ("crm", "orders", "Order Completed", "customers")]
    every += [path for each in customers[:8] for path in paths_about(each)]
    for path in every:
        told = shop.get(path, role=Role.ANALYST)
        assert told.status_code == 200, (path, told.text)
        assert not [value for value in clear_values() if value in told.text], path
        assert "Quillfeather" not in told.text


def test_nobody_else_is_in_the_answers_about_somebody(shop: Asked) -> None:
    customers = ids(everybody(shop))
    for each in customers[:6]:
        own = {record["record"] for record in shop.answer(f"/api/v1/customers/{each}/identity")["records"]}
        others = set(customers) - own
        for path in paths_about(each):
            told = shop.get(path).text
            assert not [other for other in others if other in told], path


def test_the_page_says_what_other_readings_say(shop: Asked) -> None:
    customer = ids(everybody(shop, rule="count('Order Completed') >= 3"))[0]
    page = shop.answer(f"/api/v1/customers/{customer}/page")
    whole = shop.answer(f"/api/v1/customers/{customer}")
    assert {each["name"]: each["value"] for each in page["features"]} == whole["features"]
    assert {each["name"]: each["value"] for each in page["traits"]} == whole["traits"]
    assert (page["segments"], page["consents"]) == (whole["segments"], whole["consents"])
    events = shop.answer(f"/api/v1/customers/{customer}/timeline", limit=500)["events"]
    assert sum(each["times"] for each in page["events"]) == len(events) == sum(each["events"] for each in page["days"])
    for each in page["events"]:
        times = [event["occurred_at"] for event in events if event["event"] == each["event"]]
        assert (each["times"], each["first_at"], each["last_at"]) == (len(times), min(times), max(times))


def test_where_somebody_stands_is_what_explaining_each_segment_says(shop: Asked) -> None:
    for customer in ids(everybody(shop))[:4]:
        stands = shop.answer(f"/api/v1/customers/{customer}/standing")["segments"]
        for each in stands:
            proof = shop.answer(f"/api/v1/customers/{customer}/explain", segment=each["segment"])
            assert {name: each[name] for name in ("member", "since", "changes_at")} == {
                name: proof[name] for name in ("member", "since", "changes_at")
            }


def test_parts_of_a_timeline_are_together_the_whole(shop: Asked) -> None:
    customer = ids(everybody(shop, rule="count('Order Completed') >= 3"))[0]
    path = f"/api/v1/customers/{customer}/timeline"
    whole = shop.answer(path, limit=500)["events"]
    middle = whole[len(whole) // 2]["occurred_at"]
    late = shop.answer(path, limit=500, since=middle)["events"]
    early = shop.answer(path, limit=500, until=middle)["events"]
    assert late + early == whole
    names = sorted({each["event"] for each in whole})
    parts = [each for name in names for each in shop.answer(path, limit=500, events=name)["events"]]
    assert sorted(parts, key=str) == sorted(whole, key=str)
    unknown = shop.get(path, events="Order Complete")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "TIMELINE-EVENT")


def happened(pages: Iterable[Json]) -> int:
    """How much people did; visits of two that overlap become one of theirs, and are not counted."""
    return sum(each["times"] for page in pages for each in page["events"] if each["event"] != "Session")


def test_a_merge_makes_one_of_two_and_taking_it_back_makes_it_as_it_was(shop: Asked) -> None:
    one, other = ids(everybody(shop, rule="count('Order Completed') >= 2"))[:2]
    before = {each: shop.answer(f"/api/v1/customers/{each}/page") for each in (one, other)}
    merged = shop.post(f"/api/v1/customers/{one}/merge", {"other": other}, role=Role.PRIVACY_OFFICER)
    assert merged.status_code == 200, merged.text
    ((whole, *taken),) = merged.json()["merged"]
    assert {whole, *taken} == {one, other}
    assert shop.answer(LIST)["total"] == CUSTOMERS - 1
    page = shop.answer(f"/api/v1/customers/{whole}/page")
    assert happened([page]) == happened(before.values())
    links = shop.answer(f"/api/v1/customers/{whole}/identity")["links"]
    (decision,) = [each["decision"] for each in links if each["decision"] is not None]
    back = shop.post(f"/api/v1/customers/{whole}/unmerge", {"decision": decision}, role=Role.PRIVACY_OFFICER)
    assert back.status_code == 200, back.text
    for each, was in before.items():
        now = shop.answer(f"/api/v1/customers/{each}/page")
        assert {name: now[name] for name in ("traits", "features", "events", "days")} == {
            name: was[name] for name in ("traits", "features", "events", "days")
        }
    said = shop.answer("/api/v1/privacy/audit/entries", subject=one, action="merge")["entries"]
    assert said
    assert all(each["actor"] for each in said)


def test_who_does_not_manage_identity_merges_nobody(shop: Asked) -> None:
    one, other = ids(everybody(shop))[:2]
    refused = shop.post(f"/api/v1/customers/{one}/merge", {"other": other}, role=Role.ANALYST)
    assert (refused.status_code, refused.json()["code"]) == (403, "ROLE-FORBIDDEN")
    assert shop.get("/api/v1/identity/review", role=Role.ANALYST).status_code == 403
    assert shop.answer("/api/v1/identity/review") == []


def test_identifiers_are_shown_for_a_purpose_with_a_basis_and_that_is_written_down(shop: Asked) -> None:
    (willing, *_) = ids(everybody(shop, rule="consent.news"))
    (other, *_) = ids(everybody(shop, rule="not consent.news"))
    path = "/api/v1/customers/{}/identity"
    shown = shop.answer(path.format(willing), purpose="news")["records"]
    assert all("@quill.example" in str(each["identifiers"]["email"]) for each in shown)
    hidden = shop.answer(path.format(other), purpose="news")["records"]
    assert all(each["identifiers"] is None for each in hidden)
    assert shop.get(path.format(willing), role=Role.ANALYST, purpose="news").status_code == 403
    (entry, *_) = shop.answer("/api/v1/privacy/audit/entries", subject=willing)["entries"]
    assert (entry["about"], entry["purpose"]) == ("identity show", "news")
