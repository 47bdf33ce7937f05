"""Where there are many customers a page shows an estimate that says so, until the exact figures take its place."""

import re
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from habitue.govern.roles import Role
from tests.browser.opened import PATIENCE_MS, Seen, Shop, opened

PAGES: Final = {
    "/funnels?within=3d&since=2026-02-01": "funnel",
    "/cohorts?every=week&since=2026-02-01": "cohorts",
    "/paths?steps=3&since=2026-02-01": "paths",
    "/attribution?since=2026-02-01": "attribution",
    "/anomalies?days=365": "anomalies",
}
"""Pages as nobody has asked for them, and the route that each asks."""
ESTIMATE: Final = re.compile(r"^Estimate from [\d,]+ of [\d,]+ customers; exact figures follow$")
EXACT: Final = re.compile(r"^Exact: all [\d,]+ customers were counted$")


class Held:
    """Exact answers that are held back until they are let go; estimates are not."""

    def __init__(self, page: Page, name: str) -> None:
        self._page = page
        self._routes: list[Route] = []
        self._holds = True
        page.route(re.compile(rf"/api/v1/{name}\b"), self._take)

    def _take(self, route: Route) -> None:
        if self._holds and "estimate=true" not in route.request.url:
            self._routes.append(route)
        else:
            route.continue_()

    def let_go(self) -> None:
        self._holds = False
        for each in self._routes:
            each.continue_()

    def fail(self) -> None:
        # It is asked for a moment after the estimate is drawn.
        while not self._routes:
            self._page.wait_for_timeout(50)
        self._holds = False
        for each in self._routes:
            each.fulfill(status=503, json={"code": "TAKES-TOO-LONG", "detail": "The answer takes too long."})


def label_of(seen: Seen) -> Locator:
    return seen.page.locator("main .based").first


@pytest.mark.parametrize("path", PAGES)
def test_an_estimate_says_so_and_turns_exact_in_its_place(path: str, chromium: Browser, many: Shop) -> None:
    with opened(chromium, many) as seen:
        held = Held(seen.page, PAGES[path])
        seen.page.goto(seen.url + path)
        label = label_of(seen)
        expect(label).to_have_text(ESTIMATE, timeout=PATIENCE_MS)
        expect(label).to_have_attribute("role", "status")
        seen.settle()
        assert seen.axe() == []
        before = label.bounding_box()
        held.let_go()
        expect(label).to_have_text(EXACT, timeout=PATIENCE_MS)
        assert label.bounding_box() == before
        seen.page.reload(timeout=PATIENCE_MS)
        seen.settle()
        # Where it is kept nothing is said of how it came about; a build meanwhile has it counted again.
        expect(label_of(seen)).to_have_text(re.compile(rf"^$|{EXACT.pattern}"), timeout=PATIENCE_MS)
        assert seen.faults == []


def test_what_is_saved_of_an_estimate_says_that_it_is_one(chromium: Browser, many: Shop) -> None:
    with opened(chromium, many) as seen:
        held = Held(seen.page, "cohorts")
        seen.page.goto(f"{seen.url}/cohorts?every=month&since=2026-01-01")
        expect(label_of(seen)).to_have_text(ESTIMATE, timeout=PATIENCE_MS)
        names = []
        for kind in ("CSV", "SVG", "PNG"):
            seen.page.get_by_label("Save Cohorts", exact=True).click()
            with seen.page.expect_download() as saving:
                seen.page.get_by_role("menuitem", name=kind, exact=True).click()
            names.append(saving.value.suggested_filename)
            if kind != "PNG":
                content = saving.value.path().read_text(encoding="utf-8")
                assert "Estimate from" in content
        assert names == ["cohorts-estimate.csv", "cohorts-estimate.svg", "cohorts-estimate.png"]
        held.let_go()
        expect(label_of(seen)).to_have_text(EXACT, timeout=PATIENCE_MS)
        with seen.page.expect_download() as saving:
            seen.page.get_by_label("Save Cohorts", exact=True).click()
            seen.page.get_by_role("menuitem", name="CSV", exact=True).click()
        assert saving.value.suggested_filename == "cohorts.csv"
        assert "Estimate" not in saving.value.path().read_text(encoding="utf-8")
        assert seen.faults == []


def test_an_estimate_stays_where_the_exact_figures_cannot_be_had(chromium: Browser, many: Shop) -> None:
    with opened(chromium, many) as seen:
        held = Held(seen.page, "funnel")
        seen.page.goto(f"{seen.url}/funnels?within=5d&since=2026-01-01")
        label = label_of(seen)
        expect(label).to_have_text(ESTIMATE, timeout=PATIENCE_MS)
        held.fail()
        expect(label).to_contain_text("could not be counted: The answer takes too long.", timeout=PATIENCE_MS)
        expect(seen.page.locator("main .figure-value").first).to_be_visible(timeout=PATIENCE_MS)
        label.get_by_role("button", name="Count again").click()
        expect(label).to_have_text(EXACT, timeout=PATIENCE_MS)


def test_a_tile_is_estimated_and_roles_without_people_are_told_no_numbers(chromium: Browser, many: Shop) -> None:
    with opened(chromium, many, Role.MARKETER) as seen:
        seen.page.route(
            re.compile(r"/api/v1/dashboards/both\?.*tile="),
            lambda route: route.continue_() if "estimate=true" in route.request.url else route.abort(),
        )
        seen.page.goto(f"{seen.url}/dashboards/both?since=2026-02-01")
        expect(label_of(seen)).to_contain_text("Estimate from some of the customers", timeout=PATIENCE_MS)
