"""What is older than its rule leaves in every build, and no file brings it back."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bench.erasure_people import make_people, write_shop
from bench.scanner import Scanner
from habitue.cli.clock import system_surroundings
from habitue.config import STATE_FOLDER
from habitue.run.building import BuildOrder
from habitue.run.retention import RetentionEntry, list_retention
from habitue.run.workspace import Workspace
from tests.projects import put
from tests.terminal import answer, habitue

PEOPLE = make_people(8, seed=3)
OLD, NEW = PEOPLE[0], PEOPLE[1]
FIRST_BUILD = datetime(2026, 3, 1, tzinfo=UTC)
ORDERS = f"""order,customer,at,amount,note
O1,{OLD.account},2026-01-01 10:00:00,5.00,{OLD.note}
O2,{OLD.account},2026-02-10 10:00:00,6.00,a later note
O3,{NEW.account},2026-02-20 10:00:00,7.00,{NEW.note}
O4,{NEW.account},2026-01-02 10:00:00,8.00,
O5,{NEW.account},not a time,8.00,
"""
RULES = """retention: orders
events: [Order Completed]
keep: 30d
purpose: marketing_email
---
retention: lane
data: failed_rows
keep: 20d
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A shop with two customers who order, and rules for orders and failed rows, not built yet."""
    shop = write_shop(tmp_path / "shop", PEOPLE)
    put(shop / "data" / "orders.csv", ORDERS)
    put(shop / "policies" / "retention.yaml", RULES)
    return shop


@contextmanager
def at(shop: Path, moment: datetime) -> Iterator[Workspace]:
    """The project, opened at a moment."""
    with Workspace.open(shop, around=replace(system_surroundings(), clock=lambda: moment)) as workspace:
        yield workspace


def orders(workspace: Workspace) -> list[str]:
    """The numbers of the orders that are there."""
    rows = workspace.warehouse.fetch(workspace.warehouse.table("event_order_completed")).to_pylist()
    return sorted(row["order_id"] for row in rows)


def entries(workspace: Workspace) -> dict[str, RetentionEntry]:
    found = list_retention(workspace.project, workspace.stores, now=workspace.clock())
    return {each.about: each for each in found}


def test_rows_that_are_too_old_leave_with_what_they_said_and_others_stay(shop: Path) -> None:
    with at(shop, FIRST_BUILD) as workspace:
        workspace.build()
        assert orders(workspace) == ["O2", "O3"]
        cards = "".join(card for _, _, card in workspace.vault.cards())
        assert OLD.note not in cards
        assert "a later note" in cards
        assert NEW.note in cards


def test_the_edge_itself_stays_and_a_microsecond_before_it_goes(shop: Path) -> None:
    edge = datetime(2026, 2, 10, 10, tzinfo=UTC) + timedelta(days=30)
    with at(shop, edge) as workspace:
        workspace.build()
        assert orders(workspace) == ["O2", "O3"]
    with at(shop, edge + timedelta(microseconds=1)) as workspace:
        workspace.build()
        assert orders(workspace) == ["O3"]


def test_with_the_clock_moved_nothing_past_its_limit_is_left(shop: Path) -> None:
    with at(shop, FIRST_BUILD) as workspace:
        workspace.build()
        assert entries(workspace)["Order Completed"].gone == 0
    later = FIRST_BUILD + timedelta(days=25)
    with at(shop, later) as workspace:
        assert entries(workspace)["Order Completed"].gone == 2
        assert entries(workspace)["failed_rows"].gone == 1
        report = workspace.build()
        assert sum(step.rows for step in report.steps if step.name == "retention") == 3
        assert {about: each.gone for about, each in entries(workspace).items()} == dict.fromkeys(entries(workspace), 0)
        assert workspace.build().steps[-3].status == "fresh"


@pytest.mark.parametrize("full", [False, True])
def test_a_file_read_again_brings_nothing_back(shop: Path, full: bool) -> None:
    with at(shop, FIRST_BUILD) as workspace:
        workspace.build()
    put(shop / "data" / "orders.csv", ORDERS + f"O6,{NEW.account},2026-03-20 10:00:00,9.00,\n")
    with at(shop, FIRST_BUILD + timedelta(days=25)) as workspace:
        workspace.build(BuildOrder(full=full))
        assert orders(workspace) == ["O6"]
    scan = Scanner([OLD.note, NEW.note]).decoded(shop / STATE_FOLDER, {})
    assert scan.said == []


def test_failed_rows_are_dated_by_when_their_file_was_first_taken_in(shop: Path) -> None:
    with at(shop, FIRST_BUILD) as workspace:
        workspace.build()
        assert len(workspace.control.failed.rows()) == 1
    with at(shop, FIRST_BUILD + timedelta(days=21)) as workspace:
        workspace.build(BuildOrder(full=True))
        assert workspace.control.failed.rows() == []


def test_people_without_a_sign_of_life_leave_the_vault_and_come_back_when_they_do(shop: Path) -> None:
    put(shop / "policies" / "retention.yaml", "retention: people\ndata: customers\nkeep: 60d\n")
    with at(shop, FIRST_BUILD) as workspace:
        workspace.build()
    with at(shop, datetime(2026, 4, 15, tzinfo=UTC)) as workspace:
        workspace.build()
        cards = "".join(card for _, _, card in workspace.vault.cards())
        assert NEW.email in cards, "an order in February is a sign of life"
        assert PEOPLE[2].email not in cards, "registered in January, and nothing since"
        assert entries(workspace)["customers"].gone == 0
        workspace.build(BuildOrder(full=True))
        cards = "".join(card for _, _, card in workspace.vault.cards())
        assert PEOPLE[2].email not in cards, "read again, and still too old"
    put(shop / "data" / "orders.csv", ORDERS + f"O7,{PEOPLE[2].account},2026-04-14 10:00:00,9.00,\n")
    with at(shop, datetime(2026, 4, 16, tzinfo=UTC)) as workspace:
        workspace.build(BuildOrder(full=True))
        assert PEOPLE[2].email in "".join(card for _, _, card in workspace.vault.cards())


def test_what_went_is_in_the_audit_log_without_saying_who(shop: Path) -> None:
    with at(shop, FIRST_BUILD) as workspace:
        workspace.build()
        said = [each for each in workspace.audit.entries() if each.action == "retention"]
        assert [(each.about, each.purpose, each.subject) for each in said] == [
            ("orders: 2 rows of Order Completed", "marketing_email", "")
        ]


def test_the_list_names_every_table_and_says_what_has_no_rule(shop: Path) -> None:
    answer("build", "--project", shop)
    found = {each["about"]: each for each in answer("privacy", "retention", "--project", shop)}
    assert set(found) == {"Order Completed", "Page Viewed", "customers", "failed_rows", "transitions"}
    assert (found["Order Completed"]["rule"], found["Order Completed"]["keep"]) == ("orders", "30d")
    assert found["Page Viewed"]["rule"] == ""
    shown = habitue("privacy", "retention", "--project", shop)
    assert "no rule" in shown.out


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("retention: a\nkeep: 30d\n", "POLICY-WRITTEN"),
        ("retention: a\nkeep: 30d\ndata: events\nevents: [Order Completed]\n", "POLICY-WRITTEN"),
        ("retention: a\nkeep: 0d\ndata: events\n", "POLICY-WRITTEN"),
        ("retention: a\nkeep: a month\ndata: events\n", "DURATION"),
        ("retention: a\nkeep: 30d\ndata: everything\n", "FIELD-VALUE"),
        ("retention: a\nkeep: 30d\nevents: [Order Complete]\n", "EVENT-UNKNOWN"),
        ("retention: a\nkeep: 30d\ndata: events\npurpose: fun\n", "PURPOSE-UNKNOWN"),
        ("retention: a\nkeep: 30d\ndata: events\n---\nretention: a\nkeep: 3d\ndata: events\n", "DEFINED-TWICE"),
        ("keep: 30d\ndata: events\n", "FIELD-MISSING"),
    ],
)
def test_a_rule_that_is_not_one_is_a_fault_with_its_line(shop: Path, text: str, code: str) -> None:
    put(shop / "policies" / "retention.yaml", text)
    outcome = habitue("check", "--project", shop, "--json")
    assert outcome.code == 1
    assert [each["code"] for each in json.loads(outcome.out)["faults"]] == [code]
