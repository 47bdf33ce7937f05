"""What the API answers: the same as the terminal, to the same roles."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from habitue.govern.roles import Role
from tests.projects import built_shop
from tests.server.asked import Asked, asking
from tests.terminal import answer


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project built, which nobody serves yet."""
    return built_shop(tmp_path_factory.mktemp("api") / "shop")


@pytest.fixture(scope="module")
def said(before: Path) -> dict[str, object]:
    """What the terminal says of it."""
    ask = [
        ("segments", "list"),
        ("segments", "show", "recent"),
        ("segments", "members", "recent"),
        ("segments", "history", "recent"),
        ("segments", "overlap"),
        ("segments", "explain", "recent", "user_id:ann"),
        ("segments", "preview", "count('Order Completed') >= 2"),
        ("features", "list"),
        ("features", "show", "spend_ever"),
        ("sources", "failed"),
        ("privacy", "consent", "user_id:ann"),
        ("privacy", "retention"),
    ]
    return {" ".join(words[:2]): answer(*words, "--project", before) for words in ask}


@pytest.fixture(scope="module")
def shop_asked(before: Path, said: dict[str, object]) -> Iterator[Asked]:
    """It served."""
    assert said
    with asking(before) as asked:
        yield asked


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/api/v1/segments", "segments list"),
        ("/api/v1/segments/recent", "segments show"),
        ("/api/v1/segments/recent/members", "segments members"),
        ("/api/v1/segments/recent/history", "segments history"),
        ("/api/v1/segments/overlap", "segments overlap"),
        ("/api/v1/customers/user_id:ann/explain?segment=recent", "segments explain"),
        ("/api/v1/features", "features list"),
        ("/api/v1/features/spend_ever", "features show"),
        ("/api/v1/sources/failed", "sources failed"),
        ("/api/v1/customers/user_id:ann/consents", "privacy consent"),
        ("/api/v1/privacy/retention", "privacy retention"),
    ],
)
def test_a_route_answers_what_the_command_answers(
    shop_asked: Asked, said: dict[str, object], path: str, words: str
) -> None:
    found = shop_asked.client.get(path)
    assert found.status_code == 200, found.text
    assert found.json() == said[words]


def test_a_preview_over_http_is_the_preview_of_the_terminal(shop_asked: Asked, said: dict[str, object]) -> None:
    found = shop_asked.post("/api/v1/segments/preview", {"rule": "count('Order Completed') >= 2"})
    assert found.json() == said["segments preview"]


def test_a_timeline_pages_through_everything_once_the_newest_first(shop_asked: Asked) -> None:
    whole = shop_asked.answer("/api/v1/customers/user_id:ann/timeline")
    assert whole["next_cursor"] is None
    times = [each["occurred_at"] for each in whole["events"]]
    assert times == sorted(times, reverse=True)
    paged, cursor = [], None
    for _ in range(10):
        more = "" if cursor is None else f"&cursor={cursor}"
        page = shop_asked.answer(f"/api/v1/customers/user_id:ann/timeline?limit=1{more}")
        paged += page["events"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert paged == whole["events"]


def test_a_customer_is_found_by_identifier_and_shown_whole(shop_asked: Asked) -> None:
    (ann,) = shop_asked.answer("/api/v1/customers", q="user_id:ann")["customers"]
    assert shop_asked.answer("/api/v1/customers", q="user_id:nobody") == {"customers": [], "more": False}
    profile = shop_asked.answer(f"/api/v1/customers/{ann}")
    assert profile["features"]["spend_ever"] == 110.5
    segments = shop_asked.answer(f"/api/v1/customers/{ann}/segments")["segments"]
    assert profile["segments"] == segments
    members = shop_asked.answer("/api/v1/segments/recent/members")["customers"]
    assert ("recent" in [each["segment"] for each in segments]) == (ann in members)


def test_figures_of_fewer_than_ten_are_hidden_from_roles_without_people(shop_asked: Asked) -> None:
    listed = shop_asked.answer("/api/v1/segments", role=Role.EXECUTIVE)
    assert listed
    assert all(each["customers"] is None and each["hidden"] for each in listed)


def test_state_names_the_last_build(shop_asked: Asked) -> None:
    assert shop_asked.answer("/api/v1/state")["build"] == 1


def test_values_in_the_clear_want_a_purpose_and_a_role_that_sees_them(shop_asked: Asked) -> None:
    path = "/api/v1/segments/recent/members"
    without = shop_asked.get(path, show="user_id")
    assert (without.status_code, without.json()["code"]) == (422, "READ-PURPOSE")
    analyst = shop_asked.get(path, role=Role.ANALYST, show="user_id", purpose="any")
    assert (analyst.status_code, analyst.json()["code"]) == (403, "ROLE-FORBIDDEN")
    by_name = shop_asked.get("/api/v1/customers/user_id:ann", role=Role.ANALYST)
    assert (by_name.status_code, by_name.json()["code"]) == (403, "ROLE-FORBIDDEN")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"rule": "' + b"x" * 70_000 + b'"}', 413, "BODY-TOO-LARGE"),
        (b"{", 400, "BODY-MALFORMED"),
        (b'{"rule": "True", "secret": 1}', 400, "BODY-MALFORMED"),
        (b'{"rule": "count(\'Order Complete\') >= 1"}', 422, "RULE-UNKNOWN-NAME"),
        (b'{"rule": "True", "sample": 100000}', 422, "PARAMETER"),
        (b'{"rule": "True", "as_of": "soon"}', 422, "PARAMETER"),
    ],
)
def test_what_cannot_be_answered_is_a_problem_that_says_what_to_do(
    shop_asked: Asked, body: bytes, status: int, code: str
) -> None:
    found = shop_asked.client.post("/api/v1/segments/preview", content=body)
    assert (found.status_code, found.json()["code"]) == (status, code)
    assert found.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "do"} <= found.json().keys()


def test_a_fault_in_a_rule_says_where_it_is(shop_asked: Asked) -> None:
    found = shop_asked.post("/api/v1/segments/preview", {"rule": "did('Order Completed') and x > 1"}).json()
    assert found["column"] > 1


def test_every_look_at_a_person_is_in_the_audit_log(shop_asked: Asked) -> None:
    (ann,) = shop_asked.answer("/api/v1/customers", q="user_id:ann")["customers"]
    for path in ("", "/timeline", "/segments", "/explain?segment=recent"):
        assert shop_asked.client.get(f"/api/v1/customers/{ann}{path}").status_code == 200
    said = shop_asked.answer("/api/v1/privacy/audit", subject=ann, verify="true")
    assert said["check"]["broken_at"] is None
    about = [each["about"] for each in said["entries"]]
    for what in ("customers search", "customers show", "customers timeline", "customers segments"):
        assert what in about
    assert "segments explain recent" in about
