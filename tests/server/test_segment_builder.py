"""What the builder is promised: the figures of a preview, drafts, a look before, files that stay what people wrote."""

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.types import Message

from habitue.govern.accounts import Scope
from habitue.govern.audit import AuditAction, AuditEntry
from habitue.govern.roles import Role
from habitue.server.superseding import Latest, SupersededError, while_there
from tests.projects import corner_shop, put
from tests.server.asked import Asked, asking
from tests.terminal import Json, answer

PEOPLE = 4_000
POLICIES = "purpose: mail\nlabel: Mail\nmarketing: true\n---\npurpose: orders\nbasis: contract\n"
COMMENTED = """# Kept by the shop.

segment: recent  # used by others
label: Ordered lately
# a month is long enough
rule: did('Order Completed', last='30d')
"""
DID = {"term": "did", "event": "Order Completed", "window": {"last": "30d"}}
BIG = "sum('Order Completed'.revenue) >= 100"


def orders() -> str:
    """Orders of so many people, every fourth with a coupon, every tenth two of them."""
    rows = [
        f"{number}-{again},c{number},2026-0{1 + number % 3}-{1 + number % 28:02} 10:00:00,{number % 150}.00,"
        + ("SPRING" if number % 4 == 0 else "")
        for number in range(PEOPLE)
        for again in range(2 if number % 10 == 0 else 1)
    ]
    return "\n".join(["order,customer,at,amount,coupon", *rows]) + "\n"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of some thousand people, built."""
    folder = corner_shop(tmp_path_factory.mktemp("builder") / "shop")
    put(folder / "orders.csv", orders())
    put(folder / "policies" / "purposes.yaml", POLICIES)
    text = (folder / "segments" / "all.yaml").read_text(encoding="utf-8")
    put(folder / "segments" / "all.yaml", COMMENTED + "---\n" + text.partition("---\n")[2])
    answer("build", "--project", folder)
    return folder


@pytest.fixture(scope="module")
def asked(shop: Path) -> Iterator[Asked]:
    """It served."""
    with asking(shop) as served:
        yield served


def told(asked: Asked, path: str, body: object, *, role: Role = Role.ADMIN) -> Json:
    found = asked.post(f"/api/v1/segments/{path}", body, role=role)
    assert found.status_code == 200, found.text
    return found.json()


def test_a_rule_is_the_same_as_text_and_as_a_tree(asked: Asked) -> None:
    text = "count('Order Completed', where=coupon == 'SPRING', last='60d') >= 2 and not segment.big"
    read = told(asked, "describe", {"rule": text})
    again = told(asked, "describe", {"tree": read["tree"]})
    assert read["rule"] == again["rule"] == text
    assert again == read
    assert [each["path"] for each in read["parts"]] == ["$.parts[0]", "$.parts[1].value", "$.parts[1]", "$"]
    assert read["words"].startswith("Customers who did 'Order Completed' with coupon 'SPRING' at least twice")


def test_text_that_cannot_be_read_is_answered_with_its_column(asked: Asked) -> None:
    read = told(asked, "describe", {"rule": "did('Order Completed') and nonsense"})
    assert (read["tree"], read["column"], len(read["faults"])) == (None, 28, 1)


@pytest.mark.parametrize(
    "rule",
    [
        BIG,
        f"{BIG} and not segment.recent",
        "feature.spend_ever >= 100 or segment.big",
        "percentile(feature.spend_ever) >= 0.9",
        "change(count('Order Completed'), last='30d') < 1",
        "top(feature.spend_ever, 10)",
    ],
)
def test_sizes_are_those_of_a_preview_whatever_a_build_knows_already(asked: Asked, rule: str) -> None:
    preview = asked.post("/api/v1/segments/preview", {"rule": rule}).json()
    size = told(asked, "size", {"rule": rule, "exact": True})
    assert (size["customers"], size["of"], size["is_estimate"]) == (preview["customers"], PEOPLE, False)
    parts = {each["path"]: each["customers"] for each in size["parts"]}
    assert parts["$"] == preview["customers"]
    leaves = {each["customers"] for each in preview["leaves"]}
    assert leaves <= set(parts.values())


def test_an_unfinished_part_does_not_count_and_says_where(asked: Asked) -> None:
    whole = told(asked, "size", {"tree": {"term": "and", "parts": [DID]}})
    tree = {"term": "and", "parts": [DID, {"term": "did", "event": ""}, {"term": "or", "parts": []}]}
    size = told(asked, "size", {"tree": tree})
    assert size["customers"] == whole["customers"] > 0
    assert [each["path"] for each in size["faults"]] == ["$.parts[1]", "$.parts[2]"]
    assert told(asked, "size", {"tree": {"term": "and", "parts": []}})["customers"] is None


def test_only_who_has_a_basis_for_the_purpose_counts(asked: Asked) -> None:
    size = told(asked, "size", {"rule": BIG, "purpose": "mail"})
    assert (size["with_basis"], size["customers"] > 0) == (0, True)
    assert told(asked, "size", {"rule": BIG, "purpose": "orders"})["with_basis"] == size["customers"]
    assert told(asked, "size", {"rule": BIG})["with_basis"] is None
    reach = told(asked, "reach", {"rule": BIG})
    assert {each["purpose"]: each["customers"] for each in reach["purposes"]} == {
        "mail": 0,
        "orders": size["customers"],
    }


def test_who_sees_no_people_gets_figures_in_whole_tens_and_none_of_few(asked: Asked) -> None:
    body = {"rule": f"{BIG} and did('Order Completed', where=revenue == 149, last='3d')"}
    size = told(asked, "size", body, role=Role.MARKETER)
    assert size["rounded"]
    shown = [each["customers"] for each in size["parts"] if each["customers"] is not None]
    assert shown
    assert all(each % 10 == 0 and each >= 10 for each in shown)
    diff = told(asked, "diff", {"rule": BIG, "segment": "recent"}, role=Role.MARKETER)
    assert (diff["entered"], diff["left"]) == ([], [])
    assert diff["entering"] % 10 == 0
    assert asked.get("/api/v1/segments/recent/people", role=Role.MARKETER).status_code == 403


def test_a_look_before_tells_who_enters_and_leaves(asked: Asked) -> None:
    diff = told(asked, "diff", {"rule": BIG, "segment": "recent"})
    sizes = {
        rule: told(asked, "size", {"rule": rule})["customers"]
        for rule in (f"{BIG} and not segment.recent", f"segment.recent and not {BIG}", f"{BIG} and segment.recent")
    }
    assert [diff["entering"], diff["leaving"], diff["staying"]] == list(sizes.values())
    assert len(diff["entered"]) == min(200, diff["entering"])
    assert (diff["is_new"], diff["before"]) == (False, "did('Order Completed', last='30d')")
    faulty = told(asked, "diff", {"rule": "segment.recent_and_small", "segment": "recent"})
    assert (faulty["entering"], faulty["faults"][0]["code"]) == (None, "RULE-CYCLE")


def test_the_past_of_a_rule_is_what_previews_of_those_instants_say(asked: Asked) -> None:
    past = asked.answer("/api/v1/segments/recent/past", points=4, every=10)
    assert len(past["points"]) == 4
    for each in past["points"]:
        body = {"rule": "segment.recent", "as_of": each["as_of"]}
        assert each["customers"] == asked.post("/api/v1/segments/preview", body).json()["customers"]
    rough = asked.answer("/api/v1/segments/recent/past", role=Role.EXECUTIVE, points=4, every=10)
    assert all(each["customers"] is None or each["customers"] % 10 == 0 for each in rough["points"])


def test_a_profile_compares_means_and_shares_with_everybody(asked: Asked) -> None:
    profile = asked.answer("/api/v1/segments/big/profile", against="recent")
    assert [each["segment"] for each in profile["groups"]] == ["big", "recent", ""]
    rows = {each["of"]: each for each in profile["rows"] if not each["value"]}
    spend = rows["feature.spend_ever"]["cells"]
    assert spend[0]["effect"] > 1 > abs(spend[2]["effect"])
    assert spend[2]["people"] == PEOPLE
    assert spend[0]["value"] > spend[2]["value"]
    spread = asked.answer("/api/v1/segments/big/spread", of="feature.spend_ever")
    assert sum(each["everybody"] for each in spread["bars"]) == PEOPLE
    assert sum(each["customers"] for each in spread["bars"]) == profile["groups"][0]["customers"]
    rough = asked.answer("/api/v1/segments/big/spread", role=Role.EXECUTIVE, of="feature.spend_ever")
    assert all(each["everybody"] is None or each["everybody"] >= 10 for each in rough["bars"])
    assert asked.get("/api/v1/segments/big/spread", of="feature.nothing").json()["code"] == "RULE-UNKNOWN-NAME"


def test_people_come_two_hundred_at_a_time_each_once(asked: Asked) -> None:
    seen, cursor = list[str](), ""
    while True:
        page = asked.answer("/api/v1/segments/recent/people", cursor=cursor, columns="feature.spend_ever")
        assert len(page["rows"]) <= 200
        assert [each["of"] for each in page["columns"]] == ["feature.spend_ever"]
        seen += [each["customer"] for each in page["rows"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    size = asked.answer("/api/v1/segments/recent")["segment"]["customers"]
    assert len(seen) == len(set(seen)) == size
    days = asked.answer("/api/v1/segments/recent/days", days=7)
    assert len(days) == 7
    assert asked.answer("/api/v1/segments/recent/definition")["used_by"][0]["name"] == "recent_and_small"
    board = asked.answer("/api/v1/segments/board")
    assert {each["segment"]["name"]: len(each["used_by"]) for each in board["segments"]}["recent"] == 1


def test_values_are_suggested_by_how_often_they_come_and_never_those_of_few(asked: Asked) -> None:
    found = asked.answer("/api/v1/vocabulary/values", event="Order Completed", name="coupon")
    assert [each["value"] for each in found] == ["SPRING"]
    orders = asked.answer("/api/v1/vocabulary/values", event="Order Completed", name="order_id", like="1234")
    assert [each["value"] for each in orders] == ["1234-0"]
    few = asked.answer(
        "/api/v1/vocabulary/values", role=Role.EXECUTIVE, event="Order Completed", name="order_id", like="1234"
    )
    assert few == []
    words = asked.answer("/api/v1/vocabulary")
    assert [each["name"] for each in words["purposes"]] == ["mail", "orders"]
    assert words["events"][0]["times"] == PEOPLE + PEOPLE // 10


def test_a_draft_is_kept_for_its_owner_and_survives_a_restart(tmp_path: Path) -> None:
    folder = corner_shop(tmp_path / "shop")
    answer("build", "--project", folder)
    with asking(folder) as served:
        path = "/api/v1/segments/drafts/0190-ab"
        saved = served.client.put(path, json={"body": {"tree": DID}, "version": 0})
        assert saved.status_code == 200, saved.text
        assert served.client.put(path, json={"body": {}, "version": 0}).json()["code"] == "DRAFT-CHANGED"
        key = served.key(Scope.ADMIN, Role.ANALYST)
        other = served.client.get(path, headers={"Authorization": f"Bearer {key}"})
        assert (other.status_code, other.json()["code"]) == (404, "DRAFT-UNKNOWN")
    with asking(folder) as served:
        (draft,) = served.answer("/api/v1/segments/drafts")
        assert (draft["id"], draft["body"], draft["version"]) == ("0190-ab", {"tree": DID}, 1)
        assert served.client.delete(path).json() == {"dropped": True}
        assert served.answer("/api/v1/segments/drafts") == []


def test_publishing_changes_the_rule_in_its_file_and_nothing_else(tmp_path: Path) -> None:
    folder = corner_shop(tmp_path / "shop")
    put(folder / "segments" / "own.yaml", COMMENTED.replace("recent", "lately"))
    answer("build", "--project", folder)
    path = folder / "segments" / "own.yaml"
    with asking(folder) as served:
        before = "did('Order Completed', last='30d')"
        wish = {"rule": "did('Order Completed', last='60d')", "label": "Ordered lately", "before": before}
        done = served.client.put("/api/v1/segments/lately", json=wish)
        assert done.json() == {
            "segment": "lately",
            "file": "segments/own.yaml",
            "rule": "did('Order Completed', last='60d')",
            "created": False,
        }
        assert path.read_text(encoding="utf-8") == COMMENTED.replace("recent", "lately").replace("30d", "60d")
        again = served.client.put("/api/v1/segments/lately", json=wish)
        assert (again.status_code, again.json()["code"]) == (409, "SEGMENT-CHANGED")
        shown = _once_built(served, "lately")
        assert shown["segment"]["rule"] == "did('Order Completed', last='60d')"
        assert shown["segment"]["customers"] == shown["history"][-1]["customers"] == 5
        entries = served.owner.submit(lambda workspace: workspace.audit.entries(limit=5)).result()
        assert _said(entries) == [("segments change lately", "cli:")]


def _once_built(served: Asked, name: str) -> Json:
    """A segment, once the build after its publication has answered for it."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        shown = served.answer(f"/api/v1/segments/{name}")
        if shown["history"] and shown["history"][-1]["rule"] == shown["segment"]["rule"]:
            return shown
        time.sleep(0.05)
    raise AssertionError(name)


def _said(entries: list[AuditEntry]) -> list[tuple[str, str]]:
    found = [each for each in entries if each.action is AuditAction.DEFINITION]
    return [(each.about, each.actor.partition(":")[0] + ":") for each in found]


def test_a_new_segment_gets_a_file_and_goes_with_it(tmp_path: Path) -> None:
    folder = corner_shop(tmp_path / "shop")
    answer("build", "--project", folder)
    with asking(folder) as served:
        wish = {"rule": BIG, "label": "Spends much", "group": "Value"}
        done = served.client.put("/api/v1/segments/spender", json=wish)
        assert done.json()["created"], done.text
        text = (folder / "segments" / "spender.yaml").read_text(encoding="utf-8")
        assert text == f"segment: spender\nlabel: Spends much\nrule: {BIG}\ngroup: Value\n"
        assert served.client.put("/api/v1/segments/spender", json=wish).json()["code"] == "SEGMENT-EXISTS"
        # Before the build that follows, too, one sees who is in it.
        assert len(served.answer("/api/v1/segments/spender/people")["rows"]) == 2
        assert _once_built(served, "spender")["segment"]["customers"] == 2
        assert served.client.delete("/api/v1/segments/spender").status_code == 200
        assert not (folder / "segments" / "spender.yaml").exists()
        used = served.client.delete("/api/v1/segments/big")
        assert (used.status_code, used.json()["code"]) == (409, "SEGMENT-USED")
        assert "recent_and_small" in used.json()["detail"]


@pytest.mark.parametrize(
    ("name", "wish", "code"),
    [
        ("Odd Name", {"rule": BIG}, "SEGMENT-UNFIT"),
        ("fine", {"rule": ""}, "SEGMENT-UNFIT"),
        ("fine", {"rule": "did('Nothing')"}, "RULE-UNKNOWN-NAME"),
        ("fine", {"rule": "feature.spend_ever"}, "RULE-TYPE"),
        ("fine", {"rule": BIG, "purpose": "nothing"}, "SEGMENT-UNFIT"),
        ("recent", {"rule": "segment.recent_and_small", "before": "did('Order Completed', last='30d')"}, "RULE-CYCLE"),
    ],
)
def test_what_does_not_fit_is_not_written(asked: Asked, name: str, wish: Json, code: str) -> None:
    files = {path: path.read_text(encoding="utf-8") for path in (asked.folder / "segments").iterdir()}
    refused = asked.client.put(f"/api/v1/segments/{name}", json=wish)
    assert refused.json()["code"] == code, refused.text
    assert {path: path.read_text(encoding="utf-8") for path in (asked.folder / "segments").iterdir()} == files


def test_only_roles_that_write_definitions_publish(asked: Asked) -> None:
    for role in (Role.EXECUTIVE, Role.PRIVACY_OFFICER):
        headers = {"Habitue-As": role.value}
        assert asked.client.put("/api/v1/segments/mine", json={"rule": BIG}, headers=headers).status_code == 403
        assert asked.client.delete("/api/v1/segments/recent", headers=headers).status_code == 403
        assert asked.get("/api/v1/segments/drafts", role=role).status_code == 403


def test_a_newer_question_of_an_editor_breaks_the_older_off() -> None:
    async def work() -> list[str]:
        latest, said = Latest(), list[str]()

        async def question(name: str, wait: float) -> str:
            try:
                await asyncio.sleep(wait)
            except asyncio.CancelledError:
                said.append(f"{name} broken off")
                raise
            return name

        async def ask(name: str, wait: float, editor: str) -> None:
            try:
                said.append(await latest.only(("ann", editor), question(name, wait)))
            except SupersededError as error:
                said.append(f"{name} {error.code}")

        older = asyncio.create_task(ask("older", 30, "one"))
        other = asyncio.create_task(ask("other", 0.05, "two"))
        await asyncio.sleep(0.01)
        await asyncio.gather(older, other, asyncio.create_task(ask("newer", 0.02, "one")))
        return said

    assert asyncio.run(work()) == ["older broken off", "older SUPERSEDED", "newer", "other"]


def test_who_goes_away_needs_no_answer() -> None:
    async def work() -> list[str]:
        said = list[str]()

        async def question() -> str:
            try:
                await asyncio.sleep(30)
            except asyncio.CancelledError:
                said.append("broken off")
                raise
            return "answered"

        async def receive() -> Message:
            await asyncio.sleep(0.01)
            return {"type": "http.disconnect"}

        with pytest.raises(SupersededError):
            await while_there(Request({"type": "http"}, receive), question())
        await asyncio.sleep(0)
        return said

    assert asyncio.run(work()) == ["broken off"]


def test_questions_that_come_together_from_one_editor_leave_one_answer(asked: Asked) -> None:
    told_codes: list[int] = []

    def ask() -> None:
        found = asked.post("/api/v1/segments/size", {"rule": BIG, "exact": True, "editor": "e"})
        told_codes.append(found.status_code)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert set(told_codes) <= {200, 409}
    assert 200 in told_codes
