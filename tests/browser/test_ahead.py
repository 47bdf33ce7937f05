"""What pages ask when they are opened is reckoned before anybody opens one, by a server that nobody has asked yet."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Response

from habitue.govern.roles import Role
from tests.browser.opened import Seen, Shop, opened, served
from tests.projects import SOURCE, copied, put
from tests.terminal import answer

PATIENCE_S: Final = 120.0
RECKONS_S: Final = 1_200.0
"""It is reckoned in a fourth of the time, so that on a machine with much else to do it takes many times as long."""
VISITS: Final = """  - event: Page Viewed
    customer: customer
    occurred_at: ordered_at
    properties: {source: coupon}
"""
DASHBOARD: Final = "dashboard: shop\ntiles:\n  - metric: orders\n  - text: Words alone.\nsee: [admin, marketer]\n"
OVERVIEW: Final = {"/api/v1/measures", "/api/v1/anomalies", "/api/v1/vocabulary"}
LOOKS: Final = {
    Role.EXECUTIVE: OVERVIEW,
    Role.MARKETER: OVERVIEW,
    Role.ANALYST: OVERVIEW,
    Role.PRIVACY_OFFICER: {"/api/v1/privacy/consents"},
    Role.ADMIN: OVERVIEW,
}
PAGES: Final = {
    "/measures": "/api/v1/measures",
    "/funnels": "/api/v1/funnel",
    "/cohorts": "/api/v1/cohorts",
    "/paths": "/api/v1/paths",
    "/attribution": "/api/v1/attribution",
    "/anomalies": "/api/v1/anomalies",
    "/dashboards/shop": "/api/v1/dashboards/shop",
    "/segments/new": "/api/v1/vocabulary",
}
"""Of each page, what is asked there that looks at everybody."""


@pytest.fixture(scope="module")
def unasked(program: Path, shop_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A served shop whose pages nobody has opened, when it has been open for a while."""
    folder = tmp_path_factory.mktemp("unasked")
    project = copied(shop_project, folder / "shop")
    put(project / "sources" / "orders.yaml", SOURCE + VISITS)
    put(project / "dashboards" / "shop.yaml", DASHBOARD)
    answer("build", "--project", project)
    with served(project, folder / "served", program) as shop:
        deadline = time.monotonic() + RECKONS_S
        while not is_reckoned(shop):
            assert time.monotonic() < deadline, "it is never reckoned"
            time.sleep(0.2)
        # Ages are told in whole seconds.
        time.sleep(1)
        yield shop


def is_reckoned(shop: Shop) -> bool:
    return "\nhabitue_pages_reckoned 1.0\n" in httpx.get(f"{shop.url}/metrics", trust_env=False).text


def ages(seen: Seen, path: str, asked: set[str]) -> dict[str, list[str]]:
    """The answers about everybody that a page gets, by the path of the route: how old they are.

    Args:
        seen: A window.
        path: The page.
        asked: Routes that it has to ask.
    """
    found: dict[str, list[str]] = {}

    def note(response: Response) -> None:
        address = urlsplit(response.url)
        # What was done in the last day, to the minute, is asked anew each minute.
        if "age" in response.headers and "since" not in dict(parse_qsl(address.query)):
            found.setdefault(address.path, []).append(response.headers["age"])

    seen.page.on("response", note)
    seen.go(path)
    deadline = time.monotonic() + PATIENCE_S
    # A page asks some of it when it was answered something else.
    while not asked <= set(found):
        assert time.monotonic() < deadline, (path, found)
        seen.page.wait_for_timeout(50)
    seen.settle()
    seen.page.remove_listener("response", note)
    return found


@pytest.mark.parametrize("role", list(Role))
def test_the_overview_of_each_role_is_reckoned_before_it_is_opened(
    role: Role, chromium: Browser, unasked: Shop
) -> None:
    with opened(chromium, unasked, role) as seen:
        found = ages(seen, "/", LOOKS[role])
        assert [path for path, each in found.items() if "0" in each] == []


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MARKETER])
def test_pages_are_reckoned_before_they_are_opened(role: Role, chromium: Browser, unasked: Shop) -> None:
    with opened(chromium, unasked, role) as seen:
        for page, asked in PAGES.items():
            found = ages(seen, page, {asked})
            assert {path: each for path, each in found.items() if "0" in each} == {}, page
