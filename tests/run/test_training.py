"""Features as of instants: what they were then, and nothing of what came later."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from habitue.run.customers import customers_of
from habitue.run.instants import AskedFileError, csv_text, joined, read_asked, write_table
from habitue.run.training import ASKED, UnknownCustomersError, features_at
from habitue.run.workspace import Workspace
from tests.projects import FEATURES, ORDERS, around, built_shop, local, put
from tests.terminal import answer, habitue

INSTANTS = [
    local("2026-02-10 09:15:00"),
    local("2026-02-10 09:14:59"),
    local("2026-03-02 09:15:00"),
    local("2026-03-12 09:15:00"),
    local("2026-03-12 09:14:59.999999"),
    local("2026-03-31 22:30:00"),
]
PEOPLE = ["ann", "ben", "cay", "dan"]


def opened(project: Path) -> Workspace:
    return Workspace.open(project, around=around("2026-04-01"))


def asked(rows: Sequence[tuple[str, datetime]]) -> pa.Table:
    return pa.Table.from_pylist([{"customer_id": who, "instant": when} for who, when in rows], schema=ASKED)


def every_pair() -> pa.Table:
    return asked([(who, when) for when in INSTANTS for who in PEOPLE])


def test_values_are_those_of_the_instant_to_the_microsecond(shop_project: Path) -> None:
    with opened(shop_project) as workspace:
        rows = asked([("ann", when) for when in INSTANTS])
        found = features_at(workspace, rows, names=["spend_ever", "orders_30d"]).rows
    spent = [float(each) for each in found.column("spend_ever").to_pylist()]
    assert spent == [100.5, 20.5, 110.5, 110.5, 110.5, 110.5]
    # The order of 10 February, 09:15:00, leaves its 30 days exactly at 09:15:00 on 12 March.
    assert found.column("orders_30d").to_pylist() == [1, 0, 2, 1, 2, 0]


def test_features_asked_for_many_instants_at_once_are_those_of_a_build_as_of_each(tmp_path: Path) -> None:
    project = built_shop(tmp_path / "shop")
    with opened(project) as workspace:
        together = features_at(workspace, every_pair()).rows
    for place in (1, 3, 4, 5):
        when = INSTANTS[place]
        put(project / "orders.csv", "".join(_until(when.strftime("%Y-%m-%d %H:%M:%S"))))
        answer("build", "--full", "--project", project)
        with opened(project) as workspace:
            table = workspace.warehouse.fetch(workspace.tables().customers).column("customer_id").to_pylist()
            ids = customers_of(workspace, PEOPLE).to_pylist()
            known = [who for who, each in zip(PEOPLE, ids, strict=True) if each in table]
            alone = features_at(workspace, asked([(who, when) for who in known])).rows.to_pylist()
        rows = together.slice(place * len(PEOPLE), len(PEOPLE)).to_pylist()
        assert [row for row in rows if row["customer_id"] in known] == alone


def _until(moment: str) -> list[str]:
    head, *lines = ORDERS.splitlines(keepends=True)
    return [head, *(line for line in lines if line.split(",")[2] <= moment)]


def test_no_event_after_the_instant_can_change_a_value(tmp_path: Path) -> None:
    project = built_shop(tmp_path / "shop")
    last = max(INSTANTS) + timedelta(microseconds=1)
    with opened(project) as workspace:
        before = features_at(workspace, every_pair()).rows
    later = [
        f"{number},{who},{last + timedelta(hours=number):%Y-%m-%d %H:%M:%S},999.00,X\n" for number, who in _later()
    ]
    put(project / "orders.csv", ORDERS + "".join(later))
    answer("build", "--project", project)
    with opened(project) as workspace:
        after = features_at(workspace, every_pair()).rows
    assert after.equals(before)


def _later() -> list[tuple[int, str]]:
    dice = random.Random(7)
    return [(100 + number, dice.choice([*PEOPLE, "new1", "new2", "new3"])) for number in range(40)]


def test_answers_at_once_equal_answers_one_instant_at_a_time(demo_project: Path) -> None:
    dice = random.Random(3)
    with opened(demo_project) as workspace:
        ids = workspace.warehouse.fetch(workspace.tables().customers).column("customer_id").to_pylist()
        start = local("2026-01-01")
        rows = [(dice.choice(ids), start + timedelta(seconds=dice.randrange(15_000_000))) for _ in range(12)]
        found = features_at(workspace, asked(rows))
        each = [features_at(workspace, asked([row])).rows for row in rows[:3]]
    assert found.instants == 12
    assert set(found.apart) == {"r_score", "f_score", "m_score", "rfm_score", "fm_score"}
    assert [row for table in each for row in table.to_pylist()] == found.rows.slice(0, 3).to_pylist()


def test_features_of_current_traits_are_left_out_and_named(tmp_path: Path) -> None:
    project = built_shop(tmp_path / "shop")
    source = (project / "sources/orders.yaml").read_text("utf-8")
    put(project / "sources/orders.yaml", source + "  - customers: customer\n    traits: {last_coupon: coupon}\n")
    put(project / "features/all.yaml", FEATURES + "---\nfeature: has_coupon\nrule: exists(trait.last_coupon)\n")
    answer("build", "--project", project)
    with opened(project) as workspace:
        found = features_at(workspace, every_pair())
    assert found.undated == ("has_coupon",)
    assert "has_coupon" not in found.features


def test_customers_nobody_knows_are_refused_with_their_rows(shop_project: Path) -> None:
    with opened(shop_project) as workspace, pytest.raises(UnknownCustomersError, match=r"rows 2\)"):
        features_at(workspace, asked([("ann", INSTANTS[0]), ("zoe", INSTANTS[0])]))


def test_times_of_a_file_without_an_offset_are_local_to_the_project(shop_project: Path, tmp_path: Path) -> None:
    put(tmp_path / "rows.csv", "customer,label,at\nann,1,2026-07-01\nann,0,2026-07-01T12:00:00Z\n")
    with opened(shop_project) as workspace:
        rows, more = read_asked(tmp_path / "rows.csv", workspace.project.catalogue.zone)
    assert rows.column("instant").to_pylist() == [local("2026-06-30 23:00:00"), local("2026-07-01 12:00:00")]
    assert more.column_names == ["label"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("who,at\nann,2026-01-01\n", "has no column 'customer_id'"),
        ("customer_id,when\nann,2026-01-01\n", "has no column 'instant'"),
        ("customer_id,instant\nann,soon\n", "rows 1"),
        ("customer_id,instant\n,2026-01-01\n", "rows 1"),
        ("", "cannot be read"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_in_a_sentence(tmp_path: Path, text: str, says: str) -> None:
    put(tmp_path / "rows.csv", text)
    with pytest.raises(AskedFileError, match=says):
        read_asked(tmp_path / "rows.csv", ZoneInfo("Europe/London"))


def test_a_column_with_the_name_of_a_feature_is_refused() -> None:
    rows = pa.table({"customer_id": ["a"], "instant": [1], "spend": [2]})
    with pytest.raises(AskedFileError, match="'spend'"):
        joined(rows, pa.table({"spend": [3]}))
    assert joined(rows, pa.table({"label": [3]})).column_names == ["customer_id", "instant", "label", "spend"]


def test_the_command_writes_parquet_csv_or_prints(shop_project: Path, tmp_path: Path) -> None:
    put(tmp_path / "rows.csv", "customer_id,instant,bought\nann,2026-02-11,yes\ncay,2026-03-31,no\n")
    words = ("features", "table", "--at", tmp_path / "rows.csv", "--project", shop_project)
    told = answer(*words, "--feature", "spend_ever")
    assert told["features"] == ["spend_ever"]
    assert [(row["customer_id"], row["bought"], row["spend_ever"]) for row in told["table"]] == [
        ("ann", "yes", 100.5),
        ("cay", "no", 5.25),
    ]
    printed = habitue(*words)
    assert printed.out.splitlines()[0].startswith('"customer_id","instant","bought","spend_ever"')
    assert "instant" in printed.err
    for name in ("table.parquet", "table.csv"):
        assert answer(*words, "--out", tmp_path / name)["rows"] == 2
        assert (tmp_path / name).stat().st_size > 0
    wrong = habitue(*words, "--out", tmp_path / "table.xlsx", "--json")
    assert (wrong.code, wrong.error["code"]) == (1, "TRAINING-FILE")


def test_a_table_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    write_table(tmp_path / "one.csv", pa.table({"a": [1]}))
    assert (tmp_path / "one.csv").read_text("utf-8") == csv_text(pa.table({"a": [1]}))
    assert [path.name for path in tmp_path.iterdir()] == ["one.csv"]
