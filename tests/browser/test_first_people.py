"""A click on a mark shows the first people before everybody was looked at, then how many there are, then their rule."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.opened import PATIENCE_MS, Seen, Shop, opened


@pytest.fixture
def seen(chromium: Browser, many: Shop) -> Iterator[Seen]:
    with opened(chromium, many) as window:
        yield window


class Held:
    """Questions for everybody behind a mark: held back until they are let go, or refused."""

    def __init__(self, page: Page) -> None:
        self.asked: list[str] = []
        self._waiting: list[Route] = []
        self._holds, self._refuses = True, False
        page.route(re.compile(r"/people\?"), self._take)

    def _take(self, route: Route) -> None:
        self.asked.append(route.request.url)
        if "soon=true" in route.request.url or not self._holds:
            route.continue_()
        elif self._refuses:
            self._refuse(route)
        else:
            self._waiting.append(route)

    def let_go(self) -> None:
        self._holds = False
        for each in self._waiting:
            each.continue_()

    def refuse(self) -> None:
        self._refuses = True
        for each in self._waiting:
            self._refuse(each)
        self._waiting.clear()

    @staticmethod
    def _refuse(route: Route) -> None:
        route.fulfill(status=503, json={"code": "TAKES-TOO-LONG", "detail": "The answer takes too long."})


def exact(seen: Seen, path: str) -> None:
    """Open a page and wait until what it shows is no estimate any longer."""
    seen.go(path)
    expect(seen.page.locator("main .based").first).to_contain_text("Exact", timeout=PATIENCE_MS)


def number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


MARKS = {
    "/funnels?days=365": "[aria-label='Steps in figures'] td button",
    "/paths?days=365": "[aria-label='Where paths end'] td button",
}


@pytest.mark.parametrize("path", MARKS)
def test_people_come_first_and_how_many_they_are_after_them(path: str, seen: Seen) -> None:
    exact(seen, path)
    held, page = Held(seen.page), seen.page
    mark = page.locator(MARKS[path]).first
    many = number(mark.inner_text())
    mark.click()
    drawer = page.get_by_role("dialog")
    rows = drawer.locator("tbody tr")
    expect(rows).not_to_have_count(0, timeout=PATIENCE_MS)
    before = rows.count()
    first = rows.first.inner_text()
    assert before < many
    # The mark's own number stands there, and nobody asks for a rule yet.
    assert number(drawer.locator(".dialog-head div.quiet").inner_text().split("·")[0]) == many
    assert not any("rule=true" in each for each in held.asked)
    expect(drawer.get_by_text("Loading")).to_be_visible()
    assert seen.axe() == []
    held.let_go()
    expect(rows).not_to_have_count(before, timeout=PATIENCE_MS)
    assert rows.first.inner_text() == first
    assert number(drawer.locator(".dialog-head div.quiet").inner_text().split("·")[0]) == many
    expect(drawer.get_by_text("Looking for the rule")).to_have_count(0, timeout=PATIENCE_MS)
    assert [each for each in held.asked if "rule=true" in each] == held.asked[-1:]
    assert seen.faults == []


def test_the_first_people_stay_where_the_rest_cannot_be_found(seen: Seen) -> None:
    exact(seen, "/funnels?days=300")
    held, page = Held(seen.page), seen.page
    page.locator(MARKS["/funnels?days=365"]).first.click()
    drawer = page.get_by_role("dialog")
    rows = drawer.locator("tbody tr")
    expect(rows).not_to_have_count(0, timeout=PATIENCE_MS)
    before = rows.count()
    held.refuse()
    more = drawer.get_by_role("button", name="Show more")
    expect(more).to_be_visible(timeout=PATIENCE_MS)
    expect(rows).to_have_count(before)
    held.let_go()
    more.click()
    expect(rows).not_to_have_count(before, timeout=PATIENCE_MS)
    assert seen.faults == []
