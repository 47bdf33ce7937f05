"""What arrives live stands in the warehouse beside what files brought: once, whole, and the same after any accident."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from habitue.config import STATE_FOLDER
from habitue.errors import HabitueError
from habitue.run.live_parts import log_path
from habitue.run.projecting import Projector
from habitue.run.workspace import Workspace
from habitue.sources.arrivals import Arrival, ArrivedEvent, body_of
from habitue.sources.tables import LIVE_SLOT, SLOT_STEP, live_position
from habitue.streams import Log, NewRecord
from tests.projects import around, copied, corner_shop, put, tables_of
from tests.run.arriving import CONTRACTS, NOW, arrive, identify, make_live, project_log, take_in, track
from tests.terminal import answer

ORDERS = "event_order_completed"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corner shop with a live source, built; to be copied."""
    folder = corner_shop(tmp_path_factory.mktemp("live") / "shop")
    make_live(folder)
    answer("build", "--project", folder)
    return folder


@pytest.fixture
def shop(made: Path, tmp_path: Path) -> Path:
    """A copy of it that may be changed."""
    return copied(made, tmp_path / "shop")


@contextmanager
def opened(folder: Path) -> Iterator[Workspace]:
    with Workspace.open(folder, around=around(NOW)) as workspace:
        yield workspace


def rows(folder: Path, table: str, columns: str = "*") -> list[tuple[object, ...]]:
    """The live rows of a table in order."""
    with duckdb.connect(str(folder / STATE_FOLDER / "warehouse.duckdb"), read_only=True) as con:
        first = duckdb.ConstantExpression(LIVE_SLOT * SLOT_STEP)
        named = con.table(table).filter(duckdb.ColumnExpression("position") >= first).order("position")
        return named.project(columns).fetchall()


def test_who_carries_an_address_is_known_by_it_without_a_build(shop: Path) -> None:
    put(shop / "identity" / "people.yaml", "identity: people\nnamespaces: {email: {}}\n")
    arrive(shop, identify(1, "ann", "2026-03-30T23:30:00Z", email="Ann@Example.org"))
    project_log(shop)
    project_log(shop)
    with opened(shop) as workspace:
        vault = workspace.stores.vault
        (ann,) = vault.resolve(vault.name("user_id", "ann"))
        assert vault.carriers(vault.name("email", "ann@example.org")) == [ann]
        assert vault.carriers(vault.name("user_id", "ann")) == [ann]
        vault.add_carried("email", [(ann, vault.name("user_id", "ben"))])
        (ben,) = vault.resolve(vault.name("user_id", "ben"))
        assert vault.sharing_of([ann, ben]) == {ben: [("email", ann)]}


def test_a_live_order_is_a_row_like_one_of_a_file(shop: Path) -> None:
    arrive(shop, track(1, "ann", "2026-03-30T23:30:00Z", "20.50", coupon="SPRING", note="ring twice"))
    assert project_log(shop) == 1
    ((customer, record, at, position, event_id, hour, weekday, month, order, revenue, coupon, note),) = rows(
        shop,
        ORDERS,
        "customer_id, record_id, occurred_at, position, event_id, local_hour, local_weekday, local_month,"
        " order_id, revenue, coupon, note",
    )
    assert customer == record
    assert str(at) == "2026-03-30 23:30:00"
    assert (position, event_id) == (live_position(1), "site:live:1")
    assert (hour, weekday, month) == (0, 2, 3), "half past midnight of Tuesday in London"
    assert (order, str(revenue), coupon) == ("L1", "20.5000", "SPRING")
    assert str(note).startswith("~")
    assert len(str(note)) == 33
    built = answer("build", "--project", shop)
    steps = {each["name"]: each["status"] for each in built["steps"]}
    assert (steps["live events"], steps["segments"]) == ("done", "done")
    told = answer("segments", "members", "recent", "--project", shop)["customers"]
    assert customer in told, "who ordered in January and February is recent by what came live"


def test_whoever_is_only_known_live_is_a_customer_with_the_traits_they_gave_last(shop: Path) -> None:
    arrive(
        shop,
        identify(1, "zoe", "2026-03-30T10:00:00Z", plan="pro", email="zoe@shop.test"),
        identify(2, "zoe", "2026-03-29T10:00:00Z", plan="free", email="old@shop.test"),
        track(3, "zoe", "2026-03-30T11:00:00Z"),
    )
    answer("build", "--project", shop)
    found = answer("identity", "show", "user_id:zoe", "--clear", "--project", shop)
    assert "zoe@shop.test" in json.dumps(found)
    with opened(shop) as workspace:
        (record,) = workspace.vault.resolve(workspace.vault.name("user_id", "zoe"))
        card = json.loads(workspace.vault.card(record)["site"])
        assert card["traits"]["email"] == "zoe@shop.test", "what was said last counts, whenever it came"
        (row,) = workspace.warehouse.con.execute(
            "SELECT plan, email FROM customers WHERE customer_id = ?", [record]
        ).fetchall()
        assert row == ("pro", workspace.vault.mask("email", "zoe@shop.test"))


def test_the_same_log_gives_the_same_tables_in_one_step_in_many_or_after_a_lost_warehouse(shop: Path) -> None:
    messages = [track(number, f"user{number % 7}", f"2026-03-30T10:{number:02d}:00Z") for number in range(50)]
    messages += [identify(number, f"user{number}", "2026-03-30T12:00:00Z", plan=f"p{number}") for number in range(9)]
    arrive(shop, *messages)
    with opened(shop) as workspace:
        projector, steps = Projector(workspace), 0
        while not projector.step(limit=7).is_done:
            steps += 1
        assert steps > 5
        assert projector.step(limit=7).rows == 0
    cards = _cards(shop)
    answer("build", "--project", shop, "--as-of", "2026-04-01")
    before = tables_of(shop)
    for file in (shop / STATE_FOLDER).glob("warehouse.duckdb*"):
        file.unlink()
    answer("build", "--project", shop, "--as-of", "2026-04-01")
    after = tables_of(shop)
    assert {name for name in before if before[name] != after[name]} <= {"built"}
    assert len(rows(shop, ORDERS)) == 50
    assert _cards(shop) == cards


def test_a_step_that_fails_leaves_the_tables_and_the_offset_as_they_were(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(shop, track(1, "ann", "2026-03-30T10:00:00Z"))
    project_log(shop)
    before = tables_of(shop)
    arrive(shop, *(track(number, "ben", "2026-03-30T10:00:00Z") for number in range(2, 6)))
    with opened(shop) as workspace:
        projector = Projector(workspace)
        with monkeypatch.context() as patch:
            patch.setattr("habitue.run.projecting.note_live_read", _full)
            with pytest.raises(OSError, match="full"):
                projector.step()
    assert tables_of(shop) == before
    assert project_log(shop) == 4
    assert len(rows(shop, ORDERS)) == 5


def test_a_changed_contract_waits_for_a_build_which_reads_the_whole_log_anew(shop: Path) -> None:
    arrive(shop, track(1, "ann", "2026-03-30T10:00:00Z", "5.00"), identify(1, "ann", "2026-03-30T10:00:00Z", plan="x"))
    project_log(shop)
    put(shop / "contracts" / "live.yaml", CONTRACTS.replace("revenue: {type: money}", "revenue: {type: number}"))
    put(shop / "sources" / "orders.yaml", (shop / "sources" / "orders.yaml").read_text().replace("money", "number"))
    with opened(shop) as workspace:
        done = Projector(workspace).step()
        assert (done.rows, done.waits) == (0, (ORDERS,))
    answer("build", "--project", shop)
    assert rows(shop, ORDERS, "revenue") == [(None,)], "what was read as money is no number; the rest of it is there"
    assert rows(shop, "source_customers", "plan") == [("x",)]
    put(shop / "contracts" / "live.yaml", CONTRACTS)
    put(shop / "sources" / "orders.yaml", (shop / "sources" / "orders.yaml").read_text().replace("number", "money"))
    answer("build", "--project", shop)
    assert [str(value) for (value,) in rows(shop, ORDERS, "revenue")] == ["5.0000"]


def test_files_that_are_taken_in_again_leave_live_rows_alone(shop: Path) -> None:
    arrive(shop, track(1, "ann", "2026-03-30T10:00:00Z"))
    answer("build", "--project", shop)
    with (shop / "orders.csv").open("a") as file:
        file.write("9,ben,2026-03-29 10:00:00,1.00,\n")
    answer("build", "--project", shop)
    (shop / "sources" / "orders.yaml").unlink()
    put(shop / "features" / "all.yaml", "feature: spend\nrule: sum('Order Completed'.revenue)\n")
    put(shop / "segments" / "all.yaml", "segment: all\nrule: feature.spend > 0\n")
    built = answer("build", "--project", shop)
    assert [each["status"] for each in built["steps"] if each["name"] == "live events"] == ["fresh"]
    assert len(rows(shop, ORDERS)) == 1
    assert answer("segments", "members", "all", "--project", shop)["customers"]


def test_another_log_in_place_of_the_one_that_was_read_is_read_from_its_beginning(shop: Path) -> None:
    arrive(shop, *(track(number, "ann", "2026-03-30T10:00:00Z") for number in range(5)))
    project_log(shop)
    for file in (shop / STATE_FOLDER).glob("log.sqlite*"):
        file.unlink()
    arrive(shop, track(9, "ben", "2026-03-30T10:00:00Z"))
    project_log(shop)
    assert rows(shop, ORDERS, "order_id") == [("L9",)]
    for file in (shop / STATE_FOLDER).glob("log.sqlite*"):
        file.unlink()
    project_log(shop)
    assert rows(shop, ORDERS) == []


def test_records_that_cannot_be_read_or_whose_person_is_gone_are_passed_over(shop: Path) -> None:
    with opened(shop) as workspace:
        take_in(workspace, [track(1, "ann", "2026-03-30T10:00:00Z")])
        (record,) = workspace.vault.resolve(workspace.vault.name("user_id", "ann"))
        order = ArrivedEvent("Order Completed", {"order_id": "x", "revenue": "not money", "coupon": True})
        unknown = ArrivedEvent("Never Declared", {"a": 1})
        bodies = [
            b"",
            b"{",
            b"[]",
            body_of(Arrival(0, "")),
            body_of(Arrival(0, "cffffffffffffffff", (order,))),
            body_of(Arrival(0, record, (unknown,), sealed="AAAA")),
            body_of(Arrival(0, record, (order,), {"plan": 5, "email": "in@the.clear"})),
        ]
        with Log.open(log_path(shop)) as log:
            log.append_many([NewRecord("site", f"x{each}", "track", 5, body) for each, body in enumerate(bodies)])
        assert Projector(workspace).run().rows == 3
    assert rows(shop, ORDERS, "order_id, revenue, coupon")[1:] == [("x", None, None)]
    ((plan, email),) = rows(shop, "source_customers", "plan, email")
    assert plan is None
    assert str(email).startswith("~"), "what a contract calls personal since is masked, however it was kept"


def test_a_damaged_log_is_named_and_nothing_of_it_is_taken(shop: Path) -> None:
    arrive(shop, track(1, "ann", "2026-03-30T10:00:00Z"))
    path = log_path(shop)
    content = path.read_bytes()
    place = content.rindex(b"Order Completed")
    path.write_bytes(content[:place] + b"Xrder" + content[place + 5 :])
    with opened(shop) as workspace, pytest.raises(HabitueError, match="offset 1"):
        Projector(workspace).step()


def _cards(folder: Path) -> dict[str, object]:
    with opened(folder) as workspace:
        return {record: json.loads(card) for record, _, card in workspace.vault.cards(source="site")}


def _full(*said: object) -> None:
    del said
    raise OSError("the disk is full")


def test_whoever_a_message_names_twice_is_one_person_after_a_build(shop: Path) -> None:
    arrive(
        shop,
        {**track(1, "", "2026-03-30T10:00:00Z"), "userId": None, "anonymousId": "browser-1"},
        {**track(2, "zoe", "2026-03-30T11:00:00Z"), "anonymousId": "browser-1"},
    )
    answer("build", "--project", shop)
    assert len(set(rows(shop, ORDERS, "customer_id"))) == 1
    assert len(set(rows(shop, ORDERS, "record_id"))) == 2
    cards = _cards(shop)
    arrive(shop, {**track(3, "zoe", "2026-03-30T12:00:00Z"), "anonymousId": "browser-1"})
    project_log(shop)
    assert _cards(shop) == cards


def test_a_live_source_is_listed_with_what_came_in(shop: Path) -> None:
    arrive(shop, track(1, "ann", "2026-03-30T10:00:00Z"), track(1, "ann", "2026-03-30T10:00:00Z"))
    (live,) = [each for each in answer("sources", "list", "--project", shop) if each["is_live"]]
    figures = {name: live[name] for name in ("source", "rows", "used", "unused", "failed", "files")}
    assert figures == {"source": "site", "rows": 2, "used": 1, "unused": 1, "failed": 0, "files": []}
