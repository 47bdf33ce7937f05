"""The sample as a whole: bytes, sizes, counts, references."""

import hashlib
import tracemalloc
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from habitue.config import MisplacedError
from habitue.samples import SampleSizeError, retail, write_retail
from tests.samples.conftest import UNTIL, Sample

# Of seed 7 with 500 customers. Whoever changes what is drawn raises RETAIL_VERSION and writes the new digest here.
DIGEST = "62c725ac6566dbdaa2c78e95e35130bb8efc0be440d10a6dec6ec12d1304800c"


def digest(folder: Path) -> str:
    """One digest of all files below a folder, names included."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*.*")):
        total.update(path.relative_to(folder).as_posix().encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def test_the_same_arguments_give_the_same_bytes_on_every_machine(tmp_path: Path) -> None:
    write_retail(tmp_path, customers=500, seed=7, until=UNTIL)
    assert digest(tmp_path) == DIGEST


def test_a_sample_replaces_an_earlier_one_in_the_same_folder(tmp_path: Path) -> None:
    write_retail(tmp_path, customers=520, seed=8, until=UNTIL)
    write_retail(tmp_path, customers=500, seed=7, until=UNTIL)
    assert digest(tmp_path) == DIGEST


def test_another_seed_gives_another_sample(tmp_path: Path) -> None:
    write_retail(tmp_path, customers=500, seed=8, until=UNTIL)
    assert digest(tmp_path) != DIGEST


def test_the_end_may_be_given_in_any_zone(tmp_path: Path) -> None:
    write_retail(tmp_path, customers=500, seed=7, until=datetime.fromisoformat("2026-07-01T05:29:59+05:30"))
    assert digest(tmp_path) == DIGEST


@pytest.mark.parametrize("customers", [-1, 0, 499, 1_000_001])
def test_sizes_that_are_not_offered_are_refused_before_anything_is_written(tmp_path: Path, customers: int) -> None:
    with pytest.raises(SampleSizeError, match=str(customers)):
        write_retail(tmp_path / "new", customers=customers, seed=7, until=UNTIL)
    assert not (tmp_path / "new").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(MisplacedError, match=tmp_path.name):
        write_retail(tmp_path, customers=500, seed=7, until=UNTIL)


def test_memory_does_not_grow_with_the_number_of_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retail, "BLOCK", 500)
    held: list[int] = []
    told: list[tuple[str, int, int]] = []

    def look(what: str, done: int, of: int) -> None:
        told.append((what, done, of))
        held.append(tracemalloc.get_traced_memory()[0] + int(pa.default_memory_pool().bytes_allocated()))

    tracemalloc.start()
    try:
        write_retail(tmp_path, customers=3200, seed=7, until=UNTIL, progress=look)
    finally:
        tracemalloc.stop()
    assert told == [("customers", done, 3200) for done in (500, 1000, 1500, 2000, 2500, 3000, 3200)]
    assert max(held[1:]) <= held[0] * 1.2 + 1_000_000


def test_every_file_has_the_rows_that_were_said(sample: Sample) -> None:
    for feed in sample.said.feeds:
        lines = (sample.folder / "data" / feed.file).read_bytes().count(b"\n")
        assert lines - feed.file.endswith(".csv") == feed.rows, feed.file


def test_bad_rows_are_as_many_as_the_truth_says(sample: Sample) -> None:
    planted: Counter[str] = Counter()
    for row in sample.table("truth/failed.csv"):
        planted[row["file"]] += int(row["rows"])
    assert {feed.file: feed.failing for feed in sample.said.feeds if feed.failing} == dict(planted)
    assert sum(planted.values()) == sample.said.failing > 50
    assert sum(row["rating"] in ("11", "five") for row in sample.table("data/reviews.csv")) == 4
    lines = (sample.folder / "data" / "web_events.ndjson").read_text(encoding="utf-8").splitlines()
    assert sum(not line.endswith("}") for line in lines) == 2


def test_a_customer_has_about_twenty_five_rows(sample: Sample) -> None:
    assert 22 <= sample.said.rows / sample.said.customers <= 34


def test_nothing_happens_after_the_end(sample: Sample) -> None:
    last = UNTIL.strftime("%Y-%m-%dT%H:%M:%S")
    web = [str(each["timestamp"]) for each in sample.objects("data/web_events.ndjson") if "timestamp" in each]
    assert max(each for each in web if each[0] == "2")[:19] <= last
    for file, column in (
        ("crm", "registered_at"),
        ("deliveries", "delivered_at"),
        ("email_events", "occurred_at"),
        ("reviews", "written_at"),
        ("consents", "changed_at"),
    ):
        times = [row[column] for row in sample.table(f"data/{file}.csv") if row[column][:2] == "20"]
        assert max(times)[:19] <= last, file


def test_a_sample_can_end_on_any_day(tmp_path: Path) -> None:
    for number, until in enumerate((datetime(2024, 2, 29, 12, tzinfo=UTC), datetime(2025, 3, 30, 1, 30, tzinfo=UTC))):
        said = write_retail(tmp_path / str(number), customers=500, seed=1, until=until)
        assert said.rows > 10_000


def test_orders_and_their_lines_add_up(sample: Sample) -> None:
    checked = 0
    for order in sample.objects("data/orders.ndjson"):
        products = order["products"]
        revenue = order["revenue"]
        assert isinstance(products, list)
        if not isinstance(revenue, float) or revenue < 0:
            continue
        lines = sum(round(each["price"] * 100) * each["quantity"] - round(each["discount"] * 100) for each in products)
        assert lines == round(revenue * 100)
        assert sum(each["quantity"] for each in products) == order["items"]
        checked += 1
    assert checked > 4000


def test_every_row_points_to_things_that_exist(sample: Sample) -> None:
    orders = {str(each["order_id"]) for each in sample.objects("data/orders.ndjson")}
    accounts = {row["customer_id"] for row in sample.table("data/crm.csv")}
    items = {row["item_id"] for row in sample.table("data/catalogue.csv")}
    assert {row["order_id"] for row in sample.table("data/refunds.csv")} <= orders
    assert {row["order_id"] for row in sample.table("data/deliveries.csv")} - {""} <= orders
    assert {row["product_id"] for row in sample.table("data/reviews.csv")} - {""} <= items
    for file in ("refunds", "deliveries", "email_events", "reviews", "consents", "campaign_assignments"):
        assert {row["customer_id"] for row in sample.table(f"data/{file}.csv")} - {""} <= accounts, file
    assert {str(each["customer_id"]) for each in sample.objects("data/orders.ndjson")} - {""} <= accounts
