"""The ids of grouped events say nothing about who somebody is."""

import hashlib
from pathlib import Path

from bench.scanner import Scanner
from habitue.config import STATE_FOLDER
from tests.projects import put
from tests.terminal import answer

SOURCE = """source: visits
files: visits.csv
columns:
  who: {field: customer, required: true}
  at: {field: seen_at, type: time, formats: ["%Y-%m-%d %H:%M:%S"], required: true}
makes:
  - event: Customer Seen
    per: customer
    customer: customer
    occurred_at: seen_at
    properties: {times: count()}
"""


def test_events_grouped_by_customer_hold_no_digest_of_the_customers_id(tmp_path: Path) -> None:
    people = [f"someone-{number}@quite-a-place.test" for number in range(5)]
    put(tmp_path / "habitue.yaml", "name: seen\ntime_zone: UTC\nas_of: newest_event\n")
    put(tmp_path / "sources" / "visits.yaml", SOURCE)
    rows = "".join(f"{each},2026-01-0{day} 10:00:00\n" for day in (1, 2) for each in people)
    put(tmp_path / "visits.csv", "who,at\n" + rows)
    answer("build", "--project", tmp_path)
    assert Scanner(people).decoded(tmp_path / STATE_FOLDER, {}).said == []
    digests = [hashlib.md5(each.encode(), usedforsecurity=False).hexdigest() for each in people]
    assert Scanner(digests).decoded(tmp_path / STATE_FOLDER, {}).said == []
