"""A server that goes away while somebody edits, and comes back: nothing is lost, and nothing has to be done."""

import re
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.opened import opened, served
from tests.projects import copied

PATIENCE_MS = 30_000


@pytest.fixture
def patient() -> None:
    """Wait longer than usual for what a page shows."""
    expect.set_options(timeout=PATIENCE_MS)


@pytest.mark.usefixtures("patient")
def test_what_is_edited_outlives_a_restart_of_the_server(
    chromium: Browser, program: Path, shop_project: Path, tmp_path: Path
) -> None:
    project = copied(shop_project, tmp_path / "shop")
    with ExitStack() as opening:
        with served(project, tmp_path / "first", program) as shop:
            seen = opening.enter_context(opened(chromium, shop))
            page = seen.page
            seen.go("/segments/new")
            page.get_by_label("What it is called").fill("Before")
            field = page.get_by_role("combobox", name="Add a condition").last
            field.click()
            field.fill("Order Completed")
            page.keyboard.press("Enter")
            expect(page.get_by_text("Draft saved")).to_be_visible()
        # Nobody is there, and somebody goes on.
        page.get_by_label("What it is called").fill("While nobody was there")
        expect(page.get_by_text("Draft not saved; trying again")).to_be_visible()
        expect(page.locator(".rule-row")).to_have_count(1)
        port = urlsplit(shop.url).port or 0
        with served(project, tmp_path / "second", program, port=port):
            expect(page.get_by_text(re.compile("^Draft saved"))).to_be_visible()
            expect(page.get_by_label("What it is called")).to_have_value("While nobody was there")
            page.reload()
            seen.settle()
            expect(page.get_by_label("What it is called")).to_have_value("While nobody was there")
            expect(page.locator(".rule-row")).to_have_count(1)
            expect(page.locator(".builder-size-number")).to_contain_text("of 5 customers")
    # What could not be reached is in the console, and nothing else is.
    assert [each for each in seen.faults if "ERR_" not in each] == []
