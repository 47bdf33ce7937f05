"""Signing in, the settings, and what pages of other sites can do to somebody who is signed in: in a real browser."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from habitue.govern.roles import Role
from tests.browser.opened import NARROW, Seen, Shop, opened
from tests.server.serving import listen
from tests.server.signed import SENTENCE, link_of, user_of
from tests.terminal import Json

TABS = ["you", "project", "users", "roles", "sessions", "keys", "channels"]


@contextmanager
def window(chromium: Browser, shop: Shop) -> Iterator[Seen]:
    """A window in which nobody is signed in."""
    context = chromium.new_context(base_url=shop.url, viewport={"width": 1280, "height": 900})
    try:
        yield Seen(page=context.new_page(), url=shop.url).watch()
    finally:
        context.close()


def session(page: Page) -> Json:
    return json.loads(page.request.get("/api/v1/session").text())


def test_a_link_opens_the_app_once_and_leaves_no_trace_in_the_address(chromium: Browser, shop_served: Shop) -> None:
    link = link_of(shop_served.folder, Role.MARKETER)
    with window(chromium, shop_served) as seen:
        seen.page.goto(f"/sign-in?next=%2Fsettings#link={link}")
        seen.page.wait_for_url("**/settings")
        expect(seen.page.get_by_role("heading", level=1)).to_have_text("Settings")
        assert session(seen.page)["role"] == "marketer"
        seen.page.go_back()
        assert link not in seen.page.url
        assert seen.faults == []
    with window(chromium, shop_served) as seen:
        seen.page.goto(f"/sign-in#link={link}")
        expect(seen.page.get_by_role("alert")).to_contain_text("LINK-REFUSED")
        assert link not in seen.page.url


def test_a_link_put_into_the_address_of_the_open_page_is_followed(chromium: Browser, shop_served: Shop) -> None:
    with window(chromium, shop_served) as seen:
        seen.page.goto("/segments")
        seen.page.wait_for_url("**/sign-in?next=%2Fsegments")
        seen.page.wait_for_selector("form")
        seen.page.goto(f"{seen.page.url}#link={link_of(shop_served.folder)}")
        seen.page.wait_for_url("**/segments")


def test_an_account_signs_in_by_keyboard_and_out_again(chromium: Browser, shop_served: Shop) -> None:
    user_of(shop_served.folder, "ann", Role.ANALYST)
    with window(chromium, shop_served) as seen:
        page = seen.page
        page.goto("/settings?tab=you")
        page.wait_for_selector("form")
        expect(page.get_by_label("Name")).to_be_focused()
        page.keyboard.type("ann")
        page.keyboard.press("Tab")
        page.keyboard.type("something else altogether")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("do not belong together")
        page.get_by_label("Password", exact=True).fill(SENTENCE)
        page.keyboard.press("Enter")
        page.wait_for_url("**/settings?tab=you")
        expect(page.get_by_text("user:ann")).to_be_visible()
        # An analyst manages nobody.
        expect(page.get_by_role("tab", name="Users")).to_have_count(0)
        page.get_by_role("button", name="Sign out", exact=True).click()
        page.wait_for_url("**/sign-in")
        assert not session(page)["signed_in"]


@pytest.mark.parametrize("tab", TABS)
def test_every_part_of_the_settings_is_whole(tab: str, chromium: Browser, shop_served: Shop) -> None:
    with opened(chromium, shop_served) as seen:
        seen.go(f"/settings?tab={tab}")
        problems = seen.axe()
        seen.page.emulate_media(color_scheme="dark")
        problems += seen.axe()
        seen.page.set_viewport_size({"width": NARROW["width"], "height": NARROW["height"]})
        seen.page.wait_for_timeout(150)
        assert (problems, seen.overflow() <= 0, seen.faults) == ([], True, [])


def test_a_user_and_a_key_are_made_in_the_settings(chromium: Browser, shop_served: Shop) -> None:
    with opened(chromium, shop_served) as seen:
        page = seen.page
        seen.go("/settings?tab=users")
        page.get_by_role("button", name="Add a user").click()
        page.get_by_label("Name", exact=True).fill("bo")
        page.get_by_label("Role", exact=True).select_option("marketer")
        page.get_by_label("Password", exact=True).fill(SENTENCE)
        page.keyboard.press("Enter")
        expect(page.get_by_role("row", name="bo Marketer")).to_be_visible()
        page.get_by_role("button", name="What can be done with bo").click()
        page.get_by_role("menuitem", name="Keep out for now").click()
        page.get_by_role("dialog").get_by_role("button", name="Keep out").click()
        expect(page.get_by_text("kept out", exact=True)).to_be_visible()
        seen.go("/settings?tab=keys")
        page.get_by_role("button", name="Make a key").first.click()
        page.get_by_role("button", name="Make it").click()
        secret = page.locator(".settings-secret")
        expect(secret).to_contain_text("hab_")
        text = secret.inner_text()
        page.get_by_role("button", name="I have kept it").click()
        expect(secret).to_have_count(0)
        assert text not in page.content()
        assert seen.faults == []


# --- Pages of other sites ---------------------------------------------------------------------------------------------

ATTACK = """<!doctype html><title>x</title><form id="form" method="post" enctype="text/plain" target="frame">
<input name='{"name":"mallory","role":"admin","password":"seven small herons waiting","x":"' value='"}'></form>
<iframe name="frame"></iframe>"""

SEND = """async ([url, how]) => {
  try {
    const answer = await fetch(url, how);
    return [answer.status, (await answer.text()).length];
  } catch (error) {
    return String(error);
  }
}"""


async def _attack(request: Request) -> HTMLResponse:
    del request
    return HTMLResponse(ATTACK)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"], ids=["another site", "another port of the same machine"])
def test_a_page_of_another_site_changes_and_reads_nothing(host: str, chromium: Browser, shop_served: Shop) -> None:
    """The browser sends the cookie to another port of the same machine; it is the server that says no."""
    users = f"{shop_served.url}/api/v1/settings/users"
    with (
        listen(Starlette(routes=[Route("/", _attack)])) as url,
        opened(chromium, shop_served) as seen,
    ):
        page = seen.page
        before = json.loads(page.request.get(users).text())
        page.goto(url.replace("127.0.0.1", host) + "/")
        body = json.dumps({"name": "mallory", "role": "admin", "password": SENTENCE})
        for how in (
            {"method": "POST", "mode": "no-cors", "credentials": "include", "body": body},
            {"method": "POST", "credentials": "include", "body": body, "headers": {"Content-Type": "application/json"}},
            {"method": "GET", "credentials": "include"},
            {"method": "GET", "mode": "no-cors", "credentials": "include"},
            {"method": "DELETE", "credentials": "include"},
        ):
            found = page.evaluate(SEND, [users, how])
            # Nothing is read: the answer is opaque, or there is none.
            assert found == [0, 0] or "TypeError" in str(found), (how, found)
        page.evaluate(
            "url => { const form = document.getElementById('form'); form.action = url; form.submit() }", users
        )
        page.wait_for_timeout(500)
        # No page of another site shows the app within itself.
        page.evaluate("url => { document.querySelector('iframe').src = url }", f"{shop_served.url}/settings")
        page.wait_for_timeout(500)
        assert all(
            frame.url.startswith(("chrome-error:", "about:", url.replace("127.0.0.1", host)))
            or "Settings" not in (frame.title() or "")
            for frame in page.frames
        )
        assert json.loads(page.request.get(users).text()) == before
