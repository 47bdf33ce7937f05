"""Every page, light and dark, wide, narrow and zoomed: no fault, nothing from outside, open to everybody."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from habitue.govern.roles import Role
from tests.browser.opened import AXE, NARROW, WIDE, ZOOMED, Seen, Shop, app_routes, opened

# Where to keep a picture of every page; looked at by people.
PICTURES = os.environ.get("HABITUE_PICTURES")


@pytest.fixture(scope="module")
def seen(chromium: Browser, shop_served: Shop) -> Iterator[Seen]:
    with opened(chromium, shop_served) as window:
        yield window


def path_of(pattern: str, seen: Seen) -> str:
    """An address that fits a pattern."""
    if pattern == "/customers/:id":
        answer = seen.page.request.get(f"{seen.url}/api/v1/segments/not_reading/members?limit=1")
        return f"/customers/{answer.json()['customers'][0]}"
    named = {"/dashboards/:name": "shop", "/measures/:metric": "revenue"}
    return re.sub(r":\w+", named.get(pattern, "drifting_away"), pattern)


@pytest.mark.parametrize("pattern", app_routes())
def test_every_page_is_whole_in_both_themes_and_at_every_width(pattern: str, seen: Seen) -> None:
    page = seen.page
    seen.faults.clear()
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})
    seen.go(path_of(pattern, seen))
    assert page.locator("main h1").count() == 1
    problems = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.wait_for_timeout(150)
        picture(seen, pattern, scheme)
        if AXE.exists():
            problems += [f"{scheme}: {each}" for each in seen.axe()]
    for name, size in (("at 200 %", ZOOMED), ("at 360 pixels", NARROW)):
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        page.wait_for_timeout(150)
        if name == "at 360 pixels":
            picture(seen, pattern, "narrow")
        if seen.overflow() > 0:
            problems.append(f"{name} the page is {seen.overflow()} pixels too wide")
    assert problems == []
    assert seen.faults == []


def picture(seen: Seen, pattern: str, scheme: str) -> None:
    if PICTURES:
        name = re.sub(r"\W+", "-", pattern).strip("-") or "overview"
        seen.page.screenshot(path=Path(PICTURES) / f"{name}-{scheme}.png", full_page=scheme == "narrow")


def test_the_page_to_sign_in_is_whole(chromium: Browser, shop_served: Shop) -> None:
    context = chromium.new_context(base_url=shop_served.url, viewport={"width": 360, "height": 740})
    try:
        seen = Seen(page=context.new_page(), url=shop_served.url).watch()
        seen.page.goto(f"{shop_served.url}/segments")
        seen.page.wait_for_url("**/sign-in?next=%2Fsegments")
        seen.page.wait_for_selector("form")
        assert seen.overflow() <= 0
        assert seen.axe() == []
        assert seen.faults == []
    finally:
        context.close()


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_an_overview_of_its_own(role: Role, chromium: Browser, shop_served: Shop) -> None:
    with opened(chromium, shop_served, role) as seen:
        seen.go("/")
        assert seen.axe() == []
        assert seen.faults == []
        people = seen.page.locator("nav a[href='/customers']").count()
        assert people == (role in {Role.ANALYST, Role.PRIVACY_OFFICER, Role.ADMIN})
        picture(seen, f"overview-{role.value}", "light")
