"""Measures in a browser: a click on a mark gives its people, the address keeps everything, tiles limit each other."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from habitue.govern.roles import Role
from tests.browser.opened import Seen, Shop, opened


@pytest.fixture(scope="module")
def seen(chromium: Browser, shop_served: Shop) -> Iterator[Seen]:
    with opened(chromium, shop_served) as window:
        yield window


def number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def drawn(chart: Locator) -> None:
    """Wait until a chart is drawn, and nothing moves in it."""
    expect(chart.locator("canvas").first).to_be_visible(timeout=30_000)
    chart.page.wait_for_timeout(500)


def click_at(chart: Locator, across: float, down: float) -> None:
    box = chart.locator("canvas").first.bounding_box()
    assert box is not None
    chart.page.mouse.click(box["x"] + box["width"] * across, box["y"] + box["height"] * down)


def test_a_step_of_a_funnel_gives_as_many_people_as_it_counts(seen: Seen) -> None:
    seen.go("/funnels?days=365")
    count = seen.page.get_by_role("region", name="Steps in figures").get_by_role("button").first
    many = number(count.inner_text())
    count.click()
    drawer = seen.page.get_by_role("dialog")
    expect(drawer.get_by_role("link", name=re.compile("^[cu]"))).not_to_have_count(0, timeout=30_000)
    assert number(drawer.locator(".dialog-head div.quiet").inner_text()) == many
    saved = drawer.get_by_role("link", name="Save as segment")
    expect(saved).to_be_visible(timeout=30_000)
    assert "rule=did" in (saved.get_attribute("href") or "")
    seen.page.keyboard.press("Escape")
    drawn(seen.page.get_by_role("figure", name="Funnel"))
    click_at(seen.page.get_by_role("figure", name="Funnel"), 0.2, 0.75)
    expect(seen.page.get_by_role("dialog")).to_be_visible()
    seen.page.keyboard.press("Escape")
    assert seen.faults == []


def test_the_address_keeps_a_funnel(seen: Seen) -> None:
    seen.go("/funnels?days=365&step=Product+Viewed&step=Order+Completed&within=30d&order=any")
    page = seen.page
    expect(page.get_by_role("combobox", name="Step 2")).to_have_value("Order Completed")
    page.get_by_role("button", name="Add a step").click()
    page.get_by_role("radio", name="Strict").click()
    seen.settle()
    before = page.url
    assert "order=strict" in before
    assert before.count("step=") == 3
    page.reload()
    seen.settle()
    assert page.url == before
    expect(page.get_by_role("radio", name="Strict")).to_have_attribute("aria-checked", "true")
    expect(page.get_by_role("combobox", name="Step 3")).to_be_visible()


def test_a_cell_of_cohorts_gives_its_people_with_the_keyboard_alone(seen: Seen) -> None:
    seen.go("/cohorts")
    page = seen.page
    figure = page.get_by_role("figure", name="Cohorts", exact=True)
    drawn(figure)
    page.get_by_role("button", name="Cohorts as a table").press("Enter")
    expect(page.get_by_role("region", name="Cohorts as a table")).to_be_visible()
    page.get_by_role("table", name="Cohorts").get_by_role("button").filter(has_text=re.compile(r"^\d")).first.press(
        "Enter"
    )
    expect(page.get_by_role("dialog").get_by_role("link").first).to_be_visible(timeout=30_000)
    page.keyboard.press("Escape")


def test_a_bar_of_a_dashboard_limits_the_other_tiles_until_it_is_undone(seen: Seen) -> None:
    seen.go("/dashboards/shop")
    page = seen.page
    tile = page.get_by_role("article", name="Buyers by country")
    drawn(tile)
    orders = page.get_by_role("article", name="Orders").locator(".figure-value > span").first
    expect(orders).to_be_visible(timeout=30_000)
    whole = number(orders.inner_text())
    click_at(tile, 0.3, 0.19)
    expect(page.get_by_role("status").filter(has_text="Only")).to_be_visible(timeout=10_000)
    assert "of=trait.country" in page.url
    expect(orders).not_to_have_text(f"{whole:,}", timeout=30_000)
    page.get_by_role("button", name="Undo").click()
    expect(orders).to_have_text(f"{whole:,}", timeout=30_000)
    assert "of=" not in page.url


def test_a_layout_is_made_with_buttons_and_written_into_the_file(seen: Seen, shop_served: Shop) -> None:
    file = shop_served.folder / "dashboards/shop.yaml"
    seen.go("/dashboards/shop")
    page = seen.page
    page.get_by_role("button", name="Lay out", exact=True).click()
    page.get_by_role("button", name="Move Orders forward").press("Enter")
    page.get_by_role("button", name="Make Orders wider").press("Enter")
    page.get_by_role("button", name="Save layout").click()
    # The thread that owns the project may be building.
    expect(page.get_by_role("button", name="Lay out", exact=True)).to_be_visible(timeout=120_000)
    text = file.read_text(encoding="utf-8")
    assert "tiles:\n  - metric: orders\n    width: 2\n  # The week's headlines.\n  - metric: revenue\n" in text
    seen.settle()
    expect(page.get_by_role("article").first).to_have_attribute("aria-label", "Orders")


def test_a_printed_report_obeys_its_own_policy(seen: Seen) -> None:
    seen.faults.clear()
    seen.page.goto(f"{seen.url}/api/v1/dashboards/shop/report")
    expect(seen.page.get_by_role("heading", level=1)).to_have_text("The shop")
    assert seen.page.locator("svg").count() >= 7
    width = seen.page.evaluate("getComputedStyle(document.querySelector('table')).borderCollapse")
    assert width == "collapse"
    assert seen.faults == []


def test_whoever_sees_no_people_is_offered_none(chromium: Browser, shop_served: Shop) -> None:
    with opened(chromium, shop_served, Role.EXECUTIVE) as seen:
        for path in ("/funnels?days=365", "/cohorts", "/measures/revenue?days=365&by=channel", "/dashboards/shop"):
            seen.go(path)
            assert seen.page.get_by_role("button", name="Who they are").count() == 0
            assert seen.page.get_by_role("button", name="Lay out", exact=True).count() == 0
        assert seen.faults == []
