"""Segments in a browser: built by clicks and by keys alone, kept as drafts, looked at before, published into files."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from habitue.govern.roles import Role
from tests.browser.opened import AXE, NARROW, WIDE, Seen, Shop, opened
from tests.terminal import Json

PATIENCE_MS = 60_000
MOST_SECONDS = 60
TABS = ["people", "profile&against=lapsed", "spread&of=trait.country", "overlap", "history", "definition", "why"]
PATHS = [
    *(f"/segments/high_value_loyalist?tab={tab}" for tab in TABS),
    "/segments/let_down/edit",
    "/segments/let_down/edit?view=text",
    "/segments/new?rule=percentile(feature.spend_365d)%20%3E%3D%200.9%20or%20change(count('Session'),%20last='30d')%20%3C%201",
]


@pytest.fixture(scope="module")
def seen(chromium: Browser, shop_served: Shop) -> Iterator[Seen]:
    with opened(chromium, shop_served) as window:
        window.page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        yield window


def begun(seen: Seen, path: str = "/segments/new") -> Page:
    """The builder, opened in a wide window."""
    seen.faults.clear()
    seen.page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})
    seen.go(path)
    seen.page.get_by_label("What it is called").wait_for()
    return seen.page


def add(page: Page, words: str) -> Locator:
    """Add a condition to the outermost group, and give its line."""
    field = page.get_by_role("combobox", name="Add a condition").last
    field.click()
    field.fill(words)
    page.keyboard.press("Enter")
    return page.locator(".rule-row:not(.inner)").last


def asked(seen: Seen, path: str) -> Json:
    answer = seen.page.request.get(f"{seen.url}{path}")
    assert answer.ok, answer.text()
    return answer.json()


def discard(page: Page) -> None:
    page.get_by_role("button", name="Discard draft").click()
    expect(page).to_have_url(re.compile(r"/segments(/[a-z_]+)?$"))


@pytest.mark.parametrize("path", PATHS)
def test_every_view_of_a_segment_is_whole_and_open_to_everybody(path: str, seen: Seen) -> None:
    seen.faults.clear()
    seen.page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})
    seen.page.emulate_media(color_scheme="light")
    seen.go(path)
    problems = []
    if AXE.exists():
        problems += [f"light: {each}" for each in seen.axe()]
        seen.page.emulate_media(color_scheme="dark")
        problems += [f"dark: {each}" for each in seen.axe()]
    seen.page.set_viewport_size({"width": NARROW["width"], "height": NARROW["height"]})
    seen.page.wait_for_timeout(150)
    if seen.overflow() > 0:
        problems.append(f"{seen.overflow()} pixels too wide")
    assert problems == []
    assert seen.faults == []


def test_somebody_builds_what_they_mean_by_clicks_in_less_than_a_minute(seen: Seen) -> None:
    page = begun(seen)
    began = time.monotonic()
    page.get_by_label("What it is called").fill("Twice in fashion, gone quiet")
    line = add(page, "Product Ordered")
    line.get_by_label("How often").select_option("at least")
    line.get_by_label("How many times").fill("2")
    line.get_by_label("How long back", exact=True).fill("60")
    where = line.get_by_role("combobox", name="Only Product Ordered where")
    where.fill("category")
    page.keyboard.press("Enter")
    line.get_by_role("combobox", name="Value").fill("Fashion")
    page.keyboard.press("Enter")
    line = add(page, "Stopped doing")
    line.get_by_label("For how long not", exact=True).fill("3")
    line.get_by_label("Unit of For how long not").select_option("weeks")
    add(page, "Consents to News and offers by e-mail")
    words = page.locator(".sentence").first
    expect(words).to_have_text(
        "Customers who did 'Product Ordered' with category 'Fashion' at least twice in the last 60 days, who did "
        "'Session' before, but not in the last 21 days, and who consent to marketing email."
    )
    expect(page.locator(".builder-size-number")).to_contain_text(re.compile(r"\d of [\d,]+ customers"))
    assert time.monotonic() - began < MOST_SECONDS
    page.get_by_role("radio", name="Text").click()
    expect(page.locator("#rule-text")).to_have_value(
        "count('Product Ordered', where=category == 'Fashion', last='60d') >= 2 and stopped('Session', after='21d') "
        "and consent.marketing_email"
    )
    size = page.locator(".builder-size-number").inner_text()
    rule = page.locator("#rule-text").input_value()
    found = seen.page.request.post(
        f"{seen.url}/api/v1/segments/describe", data={"rule": rule}, headers={"Origin": seen.url, **csrf(seen)}
    ).json()
    assert found["faults"] == []
    assert re.match(r"[\d,]+ of", size)
    discard(page)
    assert seen.faults == []


def csrf(seen: Seen) -> dict[str, str]:
    return {"X-CSRF-Token": str(asked(seen, "/api/v1/session")["csrf"])}


def test_a_rule_of_three_levels_is_built_by_the_keyboard_alone(seen: Seen) -> None:
    seen.faults.clear()
    seen.go("/segments")
    page, keys = seen.page, seen.page.keyboard
    keys.press("n")
    page.get_by_label("What it is called").wait_for()
    expect(page.get_by_label("What it is called")).to_be_focused()
    keys.type("By keys")

    def to(label: str) -> None:
        for _ in range(80):
            if page.evaluate(FOCUSED) == label:
                return
            keys.press("Tab")
        raise AssertionError(f"Tab does not lead to {label}")

    def put(words: str, then: str) -> None:
        to("Add a condition")
        keys.type(words)
        keys.press("Enter")
        until(page, lambda: page.evaluate(FOCUSED) == then)

    def group() -> None:
        to("Group")
        keys.press("Enter")
        until(page, lambda: page.evaluate(FOCUSED) == "Add a condition")

    put("Order Completed", "Did or did not")
    group()
    put("country", "Value")
    keys.type("DE")
    keys.press("Enter")
    to("Add a condition")
    group()
    put("Session", "Did or did not")
    keys.press("ArrowDown")
    put("Consents to News and offers by e-mail", "Consents or not")
    expect(page.locator(".sentence").first).to_have_text(
        "Customers who did 'Order Completed' in the last 30 days, and either whose country is 'DE' or who (did not do "
        "'Session' in the last 30 days and consent to marketing email)."
    )
    assert page.locator(".rule-group").count() == 3
    keys.press("Alt+ArrowUp")
    expect(page.locator(".sentence").first).to_contain_text("(consent to marketing email and did not do 'Session'")
    until(page, lambda: page.evaluate(FOCUSED) == "Consents or not")
    keys.press("Control+z")
    expect(page.locator(".sentence").first).to_contain_text("(did not do 'Session'")
    keys.press("Control+y")
    expect(page.locator(".sentence").first).to_contain_text("(consent to marketing email and did")
    keys.press("Control+Enter")
    page.locator(".diff-figures").wait_for()
    keys.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    discard(page)
    assert seen.faults == []


FOCUSED = """() => {
  const at = document.activeElement;
  return at.getAttribute("aria-label") || at.labels?.[0]?.innerText || at.innerText || at.tagName;
}"""


def until(page: Page, holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        page.wait_for_timeout(20)
    raise AssertionError("it does not come")


def test_a_draft_comes_back_after_a_reload_and_two_tabs_do_not_overwrite_each_other(seen: Seen) -> None:
    page = begun(seen)
    page.get_by_label("What it is called").fill("Kept")
    add(page, "Order Completed")
    expect(page.get_by_text("Draft saved")).to_be_visible()
    page.reload()
    expect(page.locator(".rule-row")).to_have_count(1)
    expect(page.get_by_label("What it is called")).to_have_value("Kept")
    expect(page.get_by_label("Name in files and rules")).to_have_value("kept")
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("What it is called").fill("Kept by another tab")
    expect(other.get_by_text("Draft saved")).to_be_visible()
    page.get_by_label("What it is called").fill("Kept by this tab")
    expect(page.get_by_role("alert")).to_contain_text("saved elsewhere")
    page.get_by_role("button", name="Keep mine").click()
    expect(page.get_by_text("Draft saved")).to_be_visible()
    other.close()
    page.reload()
    expect(page.get_by_label("What it is called")).to_have_value("Kept by this tab")
    seen.go("/segments")
    page.get_by_role("link", name="Kept by this tab").click()
    discard(page)
    # The refusal of what would have overwritten something is in the console, as any refusal is.
    assert [each for each in seen.faults if "409" not in each] == []


def test_text_and_conditions_are_one_rule_and_faults_are_told_where_they_are(seen: Seen) -> None:
    page = begun(seen, "/segments/new?view=text")
    text = page.locator("#rule-text")
    text.fill("did('Order Completed', last='90d') and (trait.country in ['DE', 'FR'] or not segment.lapsd)")
    expect(page.locator("#rule-text-said")).to_contain_text("Did you mean 'lapsed'?")
    page.get_by_role("radio", name="Conditions").click()
    expect(page.locator(".rule-fault")).to_contain_text("No segment is called 'lapsd'.")
    line = page.locator(".rule-row:not(.inner)").nth(2)
    line.get_by_role("combobox", name="Segment").fill("Lapsed")
    page.keyboard.press("Enter")
    expect(page.locator(".rule-fault")).to_have_count(0)
    page.locator(".rule-row:not(.inner)").first.get_by_label("Did or did not").select_option("did not")
    page.get_by_role("radio", name="Text").click()
    expect(text).to_have_value(re.compile(r"not did\('Order Completed', last='90d'\) and \(trait.country in"))
    discard(page)
    assert seen.faults == []


def test_publishing_shows_who_moves_first_and_writes_a_file(seen: Seen, shop_served: Shop) -> None:
    page = begun(seen)
    page.get_by_label("What it is called").fill("From Germany")
    line = add(page, "country")
    line.get_by_role("combobox", name="Value").fill("DE")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Publish").click()
    entering = page.locator(".diff-number").first
    expect(entering).to_have_text(re.compile(r"^\+\d"))
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page).to_have_url(re.compile(r"/segments/from_germany\?fresh=true"))
    file = shop_served.folder / "segments" / "from_germany.yaml"
    assert (
        file.read_text(encoding="utf-8") == "segment: from_germany\nlabel: From Germany\nrule: trait.country == 'DE'\n"
    )
    expect(page.locator(".figure-value").first).to_have_text(re.compile(r"\d"))
    page.get_by_role("tab", name="Definition").click()
    expect(page.locator("pre")).to_contain_text("rule: trait.country == 'DE'")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page).to_have_url(re.compile(r"/segments$"))
    assert not file.exists()


def test_a_marketer_builds_without_seeing_anybody(chromium: Browser, shop_served: Shop) -> None:
    with opened(chromium, shop_served, Role.MARKETER) as seen:
        seen.page.set_default_timeout(PATIENCE_MS)
        seen.go("/segments/high_value_loyalist")
        assert "Why" not in seen.page.locator("[role=tablist]").inner_text()
        page = begun(seen)
        page.get_by_label("What it is called").fill("Of many")
        add(page, "Order Completed")
        expect(page.locator(".panel-foot").first).to_contain_text("in whole tens")
        page.get_by_role("button", name="Publish").click()
        page.locator(".diff-figures").wait_for()
        assert page.get_by_role("button", name="See them").count() == 0
        page.keyboard.press("Escape")
        discard(page)
        assert seen.faults == []


def test_an_executive_sees_figures_and_edits_nothing(chromium: Browser, shop_served: Shop) -> None:
    with opened(chromium, shop_served, Role.EXECUTIVE) as seen:
        seen.page.set_default_timeout(PATIENCE_MS)
        seen.go("/segments")
        assert seen.page.get_by_role("link", name="New segment").count() == 0
        seen.go("/segments/high_value_loyalist")
        assert seen.page.get_by_role("button", name="Edit").count() == 0
        assert seen.faults == []
