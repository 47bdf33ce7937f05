"""What is the same on every page: keys, search, theme, the address, tables behind charts, people behind marks."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from habitue.govern.roles import Role
from tests.browser.opened import Seen, Shop, opened, signed


@pytest.fixture
def seen(chromium: Browser, shop_served: Shop) -> Iterator[Seen]:
    with opened(chromium, shop_served) as window:
        yield window
        assert window.faults == []


def test_keys_lead_to_pages_and_are_all_listed(seen: Seen) -> None:
    seen.go("/settings")
    seen.page.keyboard.press("?")
    expect(seen.page.get_by_role("dialog", name="Keys")).to_contain_text("Segments")
    seen.page.keyboard.press("Escape")
    expect(seen.page.get_by_role("dialog")).to_have_count(0)
    seen.page.keyboard.press("g")
    seen.page.keyboard.press("s")
    expect(seen.page).to_have_url(re.compile(r"/segments$"))
    expect(seen.page.locator("main")).to_be_focused()


def test_search_finds_a_segment_by_keyboard_alone(seen: Seen) -> None:
    seen.go("/settings")
    seen.page.keyboard.press("/")
    seen.page.keyboard.type("drifting")
    expect(seen.page.get_by_role("option", name=re.compile("Drifting"))).to_be_visible()
    seen.page.keyboard.press("Enter")
    expect(seen.page).to_have_url(re.compile(r"/segments/drifting_away$"))


def test_letters_that_somebody_types_are_no_keys(seen: Seen) -> None:
    seen.go("/settings")
    seen.page.keyboard.press("/")
    seen.page.keyboard.type("g s ?")
    expect(seen.page).to_have_url(re.compile(r"/settings$"))
    expect(seen.page.get_by_role("dialog", name="Keys")).to_have_count(0)


def test_the_address_keeps_what_was_chosen(seen: Seen) -> None:
    seen.go("/")
    seen.page.get_by_role("radio", name="90 days").click()
    expect(seen.page).to_have_url(re.compile(r"\?days=90$"))
    seen.page.reload()
    seen.settle()
    expect(seen.page.get_by_role("radio", name="90 days")).to_be_checked()
    seen.page.go_back()
    expect(seen.page.get_by_role("radio", name="30 days")).to_be_checked()


def test_a_theme_that_was_chosen_stays(seen: Seen) -> None:
    seen.go("/settings")
    seen.page.locator(".who-button").click()
    seen.page.get_by_role("menuitem", name="Dark").click()
    assert seen.page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    seen.page.reload()
    seen.settle()
    assert seen.page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


def test_a_chart_says_the_same_as_a_table(seen: Seen) -> None:
    seen.go("/")
    seen.page.get_by_role("button", name=re.compile("as a table$")).first.click()
    expect(seen.page.get_by_role("columnheader", name="The period before")).to_be_visible()
    with seen.page.expect_download() as saved:
        seen.page.get_by_role("button", name=re.compile("^Save ")).first.click()
        seen.page.get_by_role("menuitem", name="CSV").click()
    assert "The period before" in saved.value.path().read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["PNG", "SVG"])
def test_a_chart_can_be_taken_home_as_a_picture(seen: Seen, kind: str) -> None:
    seen.go("/")
    with seen.page.expect_download() as saved:
        seen.page.get_by_role("button", name=re.compile("^Save ")).first.click()
        seen.page.get_by_role("menuitem", name=kind).click()
    assert saved.value.path().read_bytes()[:4] in {b"\x89PNG", b"<svg"}


def test_a_step_of_the_funnel_shows_its_people_by_keyboard(seen: Seen) -> None:
    seen.go("/")
    step = seen.page.get_by_role("button", name=re.compile("^Product Viewed"))
    step.focus()
    seen.page.keyboard.press("Enter")
    drawer = seen.page.get_by_role("dialog")
    expect(drawer.get_by_role("table")).to_be_visible()
    person = drawer.get_by_role("link").first
    expect(person).to_have_attribute("href", re.compile(r"^/customers/\w+\?step=Product\+Viewed$"))
    seen.page.keyboard.press("Escape")
    expect(step).to_be_focused()


def test_sizes_of_segments_move_while_one_looks(seen: Seen) -> None:
    seen.go("/")
    expect(seen.page.get_by_text("As it happens")).to_be_visible()
    expect(seen.page.locator(".moves li").first).to_be_visible(timeout=30_000)


def test_windows_of_one_browser_listen_once(chromium: Browser, shop_served: Shop) -> None:
    with signed(chromium, shop_served, Role.ADMIN) as context:
        streams: list[str] = []
        context.on("request", lambda request: streams.append(request.url) if "/changes" in request.url else None)
        windows = [Seen(page=context.new_page(), url=shop_served.url).watch() for _ in range(3)]
        for each in windows:
            each.go("/")
        for each in windows:
            expect(each.page.locator(".moves li").first).to_be_visible(timeout=30_000)
        assert len(streams) == 1
        windows[0].page.close()
        windows[1].page.wait_for_timeout(1500)
        assert len(streams) == 2
        assert [each.faults for each in windows] == [[], [], []]


def test_a_role_without_people_is_told_so(chromium: Browser, shop_served: Shop) -> None:
    with opened(chromium, shop_served, Role.MARKETER) as seen:
        seen.page.goto(f"{shop_served.url}/customers")
        expect(seen.page.get_by_text("Your role does not see this page")).to_be_visible()
        seen.go("/")
        seen.page.get_by_role("button", name=re.compile("^Product Viewed")).click()
        expect(seen.page.get_by_role("dialog")).to_contain_text("Your role sees figures, not people")
        assert seen.faults == []


def test_a_path_that_leads_nowhere_says_so(seen: Seen) -> None:
    seen.page.goto(f"{seen.url}/segments/a/b/c")
    expect(seen.page.get_by_text("There is no such page")).to_be_visible()
