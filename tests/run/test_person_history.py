"""The past of people who turn out to be one, or several, becomes what it would have been all along."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from habitue.run.person_answers import BY_PERSON
from habitue.segments.history import SegmentHistory
from tests.projects import put
from tests.terminal import Json, answer

START = datetime(2026, 1, 1, tzinfo=UTC)
BUILDS = ("2026-02-01", "2026-03-01", "2026-04-01")
SOURCE = """source: orders
files: orders.csv
identifiers: {user_id: customer, email: email}
columns:
  order: {field: order_id, type: text, required: true}
  customer: {field: customer, type: text, required: true}
  email: {field: email, type: text}
  at: {field: ordered_at, type: time, formats: ["%Y-%m-%d %H:%M:%S"], required: true}
  amount: {field: amount, type: money, required: true}
makes:
  - event: Order Completed
    customer: customer
    occurred_at: ordered_at
    properties: {order_id: order_id, revenue: amount}
"""
CONTRACT = "event: Order Completed\nproperties:\n  order_id: {type: text}\n  revenue: {type: money}\n"
SEGMENTS = """segment: recent
rule: did('Order Completed', last='30d')
---
segment: twice
rule: count('Order Completed', last='60d') >= 2
---
segment: early_in_the_month
rule: count('Order Completed', this_month=True) >= 1
---
segment: spender
rule: sum('Order Completed'.revenue) > 100
---
segment: best
rule: percentile(sum('Order Completed'.revenue)) >= 0.9
"""
PLAIN = ("recent", "twice", "early_in_the_month", "spender")
APART = "identity: people\nnamespaces: {user_id: {limit: 10}, email: {links: never}}\n"
TOGETHER = "identity: people\nnamespaces: {user_id: {limit: 10}}\n"


def shop(folder: Path, people: int, rules: str) -> Path:
    """So many people of two accounts and one e-mail address each, and their orders over a quarter."""
    rows = ["order,customer,email,at,amount"]
    for number in range(people * 6):
        person, account = number % people, number // people % 2
        at = START + timedelta(days=(number * 37) % 90, minutes=number)
        rows.append(f"{number},{person}-{account},p{person}@example.org,{at:%Y-%m-%d %H:%M:%S},{number * 7 % 90}.00")
    files = {"habitue.yaml": "name: shop\n", "orders.csv": "\n".join(rows) + "\n", "sources/orders.yaml": SOURCE}
    files |= {"contracts/orders.yaml": CONTRACT, "segments/all.yaml": SEGMENTS, "identity/people.yaml": rules}
    for name, text in files.items():
        put(folder / name, text)
    return folder


def build(project: Path, as_of: str) -> Json:
    return {each["name"]: each for each in answer("build", "--as-of", as_of, "--project", project)["steps"]}


def memberships(project: Path) -> list[tuple[str, ...]]:
    """All memberships but those by rank, each customer by the least of their orders."""
    with duckdb.connect(str(project / ".habitue" / "warehouse.duckdb"), read_only=True) as con:
        rows = con.execute(
            """
            SELECT m.segment, o.least, m.entered_at, m.left_at FROM memberships AS m JOIN (
                SELECT customer_id, min(order_id::INT) AS least FROM event_order_completed GROUP BY customer_id
            ) AS o USING (customer_id) WHERE list_contains(?, m.segment) ORDER BY ALL
            """,
            [list(PLAIN)],
        ).fetchall()
    return [tuple(map(str, row)) for row in rows]


@pytest.mark.parametrize("people", [6, BY_PERSON + 5], ids=["one by one", "all at once"])
def test_people_joined_late_have_the_past_they_would_have_had(tmp_path: Path, people: int) -> None:
    always, late = shop(tmp_path / "always", people, TOGETHER), shop(tmp_path / "late", people, APART)
    for as_of in BUILDS:
        build(always, as_of)
        build(late, as_of)
    assert memberships(late) != memberships(always)
    put(late / "identity/people.yaml", TOGETHER)
    steps = build(late, BUILDS[-1])
    assert steps["history"]["rows"] == 2 * people
    assert memberships(late) == memberships(always)
    put(late / "identity/people.yaml", APART)
    build(late, BUILDS[-1])
    apart = shop(tmp_path / "apart", people, APART)
    for as_of in BUILDS:
        build(apart, as_of)
    assert memberships(late) == memberships(apart)


def test_sizes_and_moves_of_every_build_agree_after_the_past_was_answered_anew(tmp_path: Path) -> None:
    project = shop(tmp_path, 6, APART)
    for as_of in BUILDS:
        build(project, as_of)
    put(project / "identity/people.yaml", TOGETHER)
    build(project, BUILDS[-1])
    history, inside = SegmentHistory(project), dict[str, set[str]]()
    for number in history.builds():
        sizes, moves = history.build(number)
        for row in moves.to_pylist():
            members = inside.setdefault(row["segment"], set())
            assert (row["customer_id"] in members) is not row["entered"]
            (members.add if row["entered"] else members.discard)(row["customer_id"])
        for size in sizes:
            mine = [row["entered"] for row in moves.to_pylist() if row["segment"] == size.segment]
            assert (size.customers, size.entered, size.left) == (
                len(inside.get(size.segment, ())),
                sum(mine),
                len(mine) - sum(mine),
            )


def test_a_rule_that_changed_counts_in_the_past_as_it_was_then(tmp_path: Path) -> None:
    always, late = shop(tmp_path / "always", 6, TOGETHER), shop(tmp_path / "late", 6, APART)
    for project in (always, late):
        build(project, BUILDS[0])
        put(project / "segments/all.yaml", SEGMENTS.replace("last='30d'", "last='10d'"))
        build(project, BUILDS[1])
    put(late / "identity/people.yaml", TOGETHER)
    build(late, BUILDS[1])
    assert memberships(late) == memberships(always)


def test_builds_after_which_nobody_changed_leave_the_history_alone(tmp_path: Path) -> None:
    project = shop(tmp_path, 6, TOGETHER)
    build(project, BUILDS[0])
    assert "history" not in build(project, BUILDS[1])


def test_a_build_of_answers_only_leaves_the_past_until_the_tables_follow(tmp_path: Path) -> None:
    project = shop(tmp_path, 6, TOGETHER)
    for as_of in BUILDS:
        build(project, as_of)
    before = memberships(project)
    answer("identity", "merge", "user_id:1-0", "user_id:2-0", "--no-build", "--project", project)
    answer("build", "--as-of", BUILDS[-1], "--select", "segments", "--project", project)
    assert memberships(project) == before
    assert build(project, BUILDS[-1])["history"]["rows"] == 2
