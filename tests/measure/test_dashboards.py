"""Dashboards: every fault of their files, one made of what there is, roles, layout written back, and the report."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from habitue.cli.clock import system_surroundings
from habitue.govern.roles import Role, RoleForbiddenError, access_of
from habitue.run.dashboard_layout import LayoutError, LayoutWish, TilePlace, lay_out
from habitue.run.dashboards import DashboardAsked, DashboardUnknownError, view_dashboard, view_dashboards
from habitue.run.project import read_project
from habitue.run.reporting import report_page
from habitue.run.workspace import Workspace
from tests.projects import built_shop, copied, put
from tests.terminal import answer, habitue

BOARD = """# Ours
dashboard: sales
label: Sales
owner: ann
columns: 3
period: 365d
tiles:
  # The sum of all
  - metric: revenue
  - metric: orders   # how many
    by: coupon
    width: 2
  - tile: again
    cohorts: {event: Order Completed, every: month}
  - text: |
      <b>Words</b>
---
dashboard: secret
see: [admin]
tiles:
  - metric: segment.big
    every: month
"""
WRONG = """dashboard: wrong
columns: 2
tiles:
  - metric: revenu
  - metric: revenue
    by: county
  - metric: revenue
    chart: heatmap
  - metric: revenue
    text: both
  - {}
  - segments: [bigg]
  - funnel: {steps: [Order Completed, Order Complete]}
  - cohorts: {event: Order Completed, revenue: Order Completed.coupon}
  - tile: twice
    text: a
  - tile: twice
    text: b
    width: 3
  - metric: revenue
    hight: 2
"""
ADMIN, EXECUTIVE = access_of(Role.ADMIN), access_of(Role.EXECUTIVE)


class Read(HTMLParser):
    """What a page says, and the elements that are open at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.tags.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    shop = built_shop(tmp_path_factory.mktemp("boards") / "shop")
    put(shop / "dashboards/sales.yaml", BOARD)
    return shop


@pytest.fixture
def shop(built: Path, tmp_path: Path) -> Path:
    return copied(built, tmp_path / "shop")


def test_every_fault_of_a_dashboard_is_named_at_its_line(shop: Path) -> None:
    put(shop / "dashboards/wrong.yaml", WRONG)
    found = habitue("check", "--project", shop, "--json")
    faults = [each for each in found.json["faults"] if each["file"] == "dashboards/wrong.yaml"]
    places = {(each["line"], each["code"]) for each in faults}
    assert (21, "FIELD-UNKNOWN") in places
    put(shop / "dashboards/wrong.yaml", WRONG.replace("    hight: 2\n", ""))
    found = habitue("check", "--project", shop, "--json")
    codes = [(each["line"], each["code"]) for each in found.json["faults"]]
    assert codes == [
        (4, "DASHBOARD-TILE"),
        (5, "DASHBOARD-TILE"),
        (7, "DASHBOARD-TILE"),
        (9, "DASHBOARD-TILE"),
        (11, "DASHBOARD-TILE"),
        (12, "DASHBOARD-TILE"),
        (13, "MEASURE-EVENT"),
        (14, "MEASURE-PROPERTY"),
        (15, "DEFINED-TWICE"),
        (17, "DEFINED-TWICE"),
        (19, "DASHBOARD-TILE"),
    ]


def test_a_project_without_dashboards_has_one_made_of_what_there_is(shop: Path) -> None:
    (shop / "dashboards/sales.yaml").unlink()
    with Workspace.open(shop, around=system_surroundings()) as workspace:
        (entry,) = view_dashboards(workspace, ADMIN)
        assert (entry.dashboard, entry.declared) == ("overview", False)
        board = view_dashboard(workspace, ADMIN, "overview", DashboardAsked())
    assert {each.kind for each in board.tiles} == {"metric", "cohorts", "segments"}
    assert all(each.trouble is None for each in board.tiles)


def test_a_role_sees_the_dashboards_that_are_for_it(shop: Path) -> None:
    with Workspace.open(shop, around=system_surroundings()) as workspace:
        assert [each.dashboard for each in view_dashboards(workspace, ADMIN)] == ["sales", "secret", "overview"]
        assert [each.dashboard for each in view_dashboards(workspace, EXECUTIVE)] == ["sales", "overview"]
        with pytest.raises(RoleForbiddenError):
            view_dashboard(workspace, EXECUTIVE, "secret", DashboardAsked())
        with pytest.raises(DashboardUnknownError):
            view_dashboard(workspace, ADMIN, "sale", DashboardAsked())
        seen = view_dashboard(workspace, EXECUTIVE, "sales", DashboardAsked())
    figures = [each.measure for each in seen.tiles if each.measure is not None]
    # Five customers are too few for anybody without people.
    assert all(each.whole.hidden and each.whole.value is None for each in figures)


def test_tiles_say_what_the_measures_say_and_a_rule_limits_them_all(shop: Path) -> None:
    with Workspace.open(shop, around=system_surroundings()) as workspace:
        whole = view_dashboard(workspace, ADMIN, "sales", DashboardAsked())
        limited = view_dashboard(workspace, ADMIN, "sales", DashboardAsked(of="segment.big"))
        (bare,) = view_dashboard(workspace, ADMIN, "sales", DashboardAsked(only="again", bare=True)).tiles
    revenue, orders, again, text = whole.tiles
    assert revenue.measure is not None
    assert float(revenue.measure.whole.value or 0) == 368.62
    assert orders.measure is not None
    assert {each.groups for each in orders.measure.cells} == {(None,), ("SPRING",)}
    assert again.cohorts is not None
    assert sum(each.customers or 0 for each in again.cohorts.cohorts) == 5
    assert text.text == "<b>Words</b>\n"
    assert (bare.tile, bare.cohorts) == ("again", None)
    assert limited.of_words
    assert limited.tiles[0].measure is not None
    assert (limited.tiles[0].measure.whole.customers or 0) < (revenue.measure.whole.customers or 0)


def test_a_layout_is_written_back_and_comments_stay(shop: Path) -> None:
    wish = LayoutWish(
        columns=2,
        tiles=(
            TilePlace(tile="orders", width=1, height=2),
            TilePlace(tile="revenue", width=2, height=1),
            TilePlace(tile="text", width=1, height=1),
        ),
    )
    with Workspace.open(shop, around=system_surroundings()) as workspace:
        done = lay_out(workspace, ADMIN, "sales", wish)
        assert (done.file, done.created) == ("dashboards/sales.yaml", False)
        workspace.project = read_project(shop)
        board = view_dashboard(workspace, ADMIN, "sales", DashboardAsked())
        assert [(each.tile, each.width, each.height) for each in board.tiles] == [
            ("orders", 1, 2),
            ("revenue", 2, 1),
            ("text", 1, 1),
        ]
        for wrong in (
            LayoutWish(columns=9, tiles=wish.tiles),
            LayoutWish(columns=2, tiles=()),
            LayoutWish(columns=1, tiles=wish.tiles),
            LayoutWish(columns=2, tiles=(*wish.tiles, wish.tiles[0])),
            LayoutWish(columns=2, tiles=(TilePlace(tile="gone", width=1, height=1),)),
        ):
            with pytest.raises(LayoutError):
                lay_out(workspace, ADMIN, "sales", wrong)
        with pytest.raises(RoleForbiddenError):
            lay_out(workspace, EXECUTIVE, "sales", wish)
        made = lay_out(
            workspace, ADMIN, "overview", LayoutWish(columns=1, tiles=(TilePlace(tile="revenue", width=1, height=1),))
        )
        assert made.created
    text = (shop / "dashboards/sales.yaml").read_text()
    head = "# Ours\ndashboard: sales\nlabel: Sales\nowner: ann\ncolumns: 2\nperiod: 365d\ntiles:\n"
    assert text.startswith(f"{head}  - metric: orders   # how many\n")
    assert "  # The sum of all\n  - metric: revenue\n    width: 2\n" in text
    assert text.endswith("  - metric: segment.big\n    every: month\n")
    assert answer("check", "--project", shop)["faults"] == []


def test_the_report_is_one_page_without_scripts_that_prints_its_filters(shop: Path, tmp_path: Path) -> None:
    file = tmp_path / "sales.html"
    done = answer("measure", "report", "--dashboard", "sales", "--of", "segment.big", "--to", file, "--project", shop)
    assert done == {"dashboard": "sales", "file": str(file)}
    page = file.read_text()
    # Nothing that runs, nothing from outside, no text of ours as markup.
    read = Read()
    read.feed(page)
    assert read.open == []
    assert not re.search(r"<script|javascript:|https?://(?!www\.w3\.org)|\bon\w+=|style=", page)
    assert "&lt;b&gt;Words&lt;/b&gt;" in page
    said = " ".join(read.words)
    for words in ("segment.big", "2025-03-29 to 2026-03-28", "exact, as the role admin", "coupon", "First month"):
        assert words in said
    assert read.tags.count("svg") == 2
    with Workspace.open(shop, around=system_surroundings()) as workspace:
        shown = report_page(workspace, EXECUTIVE, "sales", DashboardAsked())
    assert "368.62" not in shown
    assert "rounded; nothing about fewer than ten people" in shown


def test_the_schema_of_dashboards_is_published(tmp_path: Path) -> None:
    answer("init", tmp_path / "new", "--template", "retail")
    schema = (tmp_path / "new/.habitue/schemas/dashboards.json").read_text()
    assert '"TileSpec"' in schema
    assert (tmp_path / "new/dashboards/shop.yaml").exists()
    assert answer("check", "--project", tmp_path / "new")["faults"] == []
