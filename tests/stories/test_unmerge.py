"""A wrong merge taken back: everything is what it would have been had nobody ever merged."""

from pathlib import Path

import duckdb
import pytest

from tests.projects import copied, corner_shop, put, tables_of
from tests.terminal import answer

LATER = """9,ann,2026-04-20 10:00:00,500.00,
10,cay,2026-04-21 10:00:00,60.00,
11,fay,2026-04-22 10:00:00,90.00,SPRING
"""
LEFT_OUT = ("built",)
CONSENTS = """customer,given,at
ann,true,2026-01-02 10:00:00
dan,true,2026-03-03 10:00:00
ann,false,2026-03-20 10:00:00
"""
CONSENT_SOURCE = """source: consents
files: consents.csv
columns:
  customer: {field: customer, type: text, required: true}
  given: {field: given, type: boolean, required: true}
  at: {field: changed_at, type: time, formats: ["%Y-%m-%d %H:%M:%S"], required: true}
makes:
  - consents: customer
    purpose: "'news'"
    given: given
    occurred_at: changed_at
"""
NEWS = """---
segment: to_write_to
rule: did('Order Completed')
purpose: news
"""


def build(project: Path, as_of: str = "") -> None:
    answer("build", "--project", project, *(("--as-of", as_of) if as_of else ()))


def told(project: Path) -> dict[str, str]:
    """Digests of everything that a build makes."""
    return {name: digest for name, digest in tables_of(project).items() if name not in LEFT_OUT}


def shop(folder: Path, consents: str = CONSENTS) -> Path:
    """Three builds, the last of all that is known."""
    corner_shop(folder)
    put(folder / "consents.csv", consents)
    put(folder / "sources/consents.yaml", CONSENT_SOURCE)
    put(folder / "policies/purposes.yaml", "purpose: news\nlabel: News by e-mail\n")
    put(folder / "segments/news.yaml", NEWS)
    for as_of in ("2026-02-15", "2026-03-10", "2026-04-01"):
        build(folder, as_of)
    return folder


def load_more(project: Path) -> None:
    orders = project / "orders.csv"
    orders.write_text(orders.read_text(encoding="utf-8") + LATER, encoding="utf-8")


@pytest.mark.parametrize(("one", "other"), [("user_id:ann", "user_id:dan"), ("user_id:dan", "user_id:eve")])
def test_an_unmerge_leaves_everything_as_if_nobody_had_merged(tmp_path: Path, one: str, other: str) -> None:
    merged = shop(tmp_path / "merged")
    never = copied(merged, tmp_path / "never")
    before = told(merged)
    answer("identity", "merge", one, other, "--project", merged)
    together = told(merged)
    assert {name for name in before if before[name] != together[name]} >= {"customers", "features", "memberships"}
    answer("identity", "unmerge", one, "--project", merged)
    assert told(merged) == before == told(never)


def test_an_unmerge_restores_what_was_so_then_and_is_known_otherwise_today(tmp_path: Path) -> None:
    merged = tmp_path / "merged"
    shop(merged, consents=CONSENTS.replace("ann,false", "eve,false"))
    assert ("to_write_to", "2026-02-15", None) in memberships(merged, "user_id:ann")
    put(merged / "consents.csv", CONSENTS)
    build(merged, "2026-04-10")
    before, past = told(merged), memberships(merged, "user_id:ann")
    assert ("to_write_to", "2026-02-15", "2026-04-09") in past
    for _ in range(2):
        answer("identity", "merge", "user_id:ann", "user_id:dan", "--project", merged)
        answer("identity", "unmerge", "user_id:ann", "--project", merged)
        assert memberships(merged, "user_id:ann") == past
        assert told(merged) == before


def test_a_withdrawal_of_one_account_holds_for_the_person_that_it_is_part_of(tmp_path: Path) -> None:
    project = shop(tmp_path / "shop")
    assert ("to_write_to", "2026-03-10", None) in memberships(project, "user_id:dan")
    answer("identity", "merge", "user_id:ann", "user_id:dan", "--project", project)
    assert "to_write_to" not in [segment for segment, *_ in memberships(project, "user_id:dan")]


def test_an_unmerge_after_later_builds_and_new_data_leaves_everything_as_if_nobody_had_merged(tmp_path: Path) -> None:
    merged = shop(tmp_path / "merged")
    never = copied(merged, tmp_path / "never")
    answer("identity", "merge", "user_id:ann", "user_id:dan", "--project", merged)
    for project in (merged, never):
        build(project, "2026-04-10")
        load_more(project)
        build(project, "2026-05-01")
        build(project, "2026-05-20")
    answer("identity", "unmerge", "user_id:ann", "--project", merged)
    build(never, "2026-05-20")
    assert told(merged) == told(never)


def test_a_merge_makes_the_past_what_it_would_have_been_all_along(tmp_path: Path) -> None:
    project = shop(tmp_path / "shop")
    before = memberships(project, "user_id:dan")
    assert ("recent", "2026-02-15", None) not in before
    answer("identity", "merge", "user_id:ann", "user_id:dan", "--project", project)
    together = memberships(project, "user_id:dan")
    assert together == memberships(project, "user_id:ann")
    assert ("recent", "2026-02-15", None) in together


def memberships(project: Path, customer: str) -> list[tuple[str, str, str | None]]:
    """Which segments a customer was in, from when to when."""
    person = answer("identity", "show", customer, "--project", project)["customer"]
    with duckdb.connect(str(project / ".habitue" / "warehouse.duckdb"), read_only=True) as con:
        rows = con.execute(
            """
            SELECT segment, strftime(entered_at, '%Y-%m-%d'), strftime(left_at, '%Y-%m-%d') FROM memberships
            WHERE customer_id = ? ORDER BY ALL
            """,
            [person],
        )
        return rows.fetchall()
