"""Segments in a browser: built by clicks and by keys alone, kept as drafts, looked at before, published into files."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from habitue.govern.roles import Role
from tests.browser.opened import AXE, NARROW, PATIENCE_MS, WIDE, Seen, Shop, opened
from tests.terminal import Json

MOST_SECONDS = 60
MOST_CLICKS = 16
TABS = ["people", "profile&against=lapsed", "spread&of=trait.country", "overlap", "history", "definition", "why"]
PATHS = [
    *(f"/segments/high_value_loyalist?tab={tab}" for tab in TABS),
    "/segments/let_down/edit",
    "/segments/let_down/edit?view=text",
    "/segments/new?rule=percentile(feature.spend_365d)%20%3E%3D%200.9%20or%20change(count('Session'),%20last='30d')%20%3C%201",
]


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


@dataclass(slots=True)
class Hand:
    """Somebody at the builder who has never seen it: finds things by the words that stand there, and is not quick.

    Attributes:
        page: What they see.
        clicks: How often they clicked or pressed a key that is no letter.
        letters: How many letters they typed.
    """

    page: Page
    clicks: int = 0
    letters: int = 0

    def seconds(self) -> float:
        """How long people take for as much: to think of it, to point at it, to press, to type a letter."""
        return self.clicks * (1.35 + 1.1 + 0.2) + self.letters * 0.28

    def click(self, seen: Locator) -> None:
        """Click on something that can be seen."""
        expect(seen).to_be_visible()
        seen.click()
        self.clicks += 1

    def type(self, words: str) -> None:
        """Type where the cursor is, over what is chosen there."""
        self.page.keyboard.type(words)
        self.letters += len(words)

    def take(self, words: str) -> None:
        """Take, of a list that is open, what says these words."""
        self.click(self.page.get_by_role("listbox").get_by_text(words, exact=True))

    def turn(self, within: Locator, shown: str, to: str) -> None:
        """Have a choice that shows some words show others."""
        choices = within.locator("select")
        shows = "(each, wanted) => each.findIndex(one => one.selectedOptions[0].label === wanted)"
        choice = choices.nth(int(choices.evaluate_all(shows, shown)))
        expect(choice).to_be_visible()
        choice.select_option(label=to)
        # It is opened, then something in it is clicked on.
        self.clicks += 2

    def over(self, within: Locator, shown: str, words: str) -> None:
        """Type over what a field shows: a click chooses all of it."""
        fields = within.locator("input")
        field = fields.nth(
            int(fields.evaluate_all("(each, wanted) => each.findIndex(one => one.value === wanted)", shown))
        )
        expect(field).to_be_visible()
        self.click(field)
        self.type(words)


def test_somebody_builds_what_they_mean_by_clicks_in_less_than_a_minute(seen: Seen) -> None:
    page = begun(seen)
    hand = Hand(page)
    began = time.monotonic()
    hand.click(page.get_by_placeholder("Add a condition: what people did, who they are …"))
    hand.type("bought")
    hand.take("A product was bought")
    bought = page.locator(".rule-row").first
    hand.turn(bought, "at least once", "at least")
    hand.over(bought, "30", "60")
    hand.click(bought.get_by_placeholder("where…"))
    hand.take("category")
    hand.type("Shoes")
    page.keyboard.press("Enter")
    hand.clicks += 1
    hand.click(page.get_by_placeholder("Add a condition", exact=True))
    hand.type("visit")
    hand.take("A visit, when it has ended")
    visit = page.locator(".rule-row:not(.inner)").nth(1)
    hand.turn(visit, "did", "did not")
    hand.over(visit, "30", "3 weeks")
    hand.click(page.get_by_placeholder("Add a condition", exact=True))
    hand.type("e-mail")
    hand.take("Consents to News and offers by e-mail")
    words = page.locator(".sentence").first
    expect(words).to_have_text(
        "Customers who did 'Product Ordered' with category 'Shoes' at least twice in the last 60 days, did not do "
        "'Session' in the last 21 days and consent to marketing email."
    )
    expect(page.locator(".builder-size-number")).to_contain_text(re.compile(r"\d of [\d,]+ customers"))
    assert time.monotonic() - began < MOST_SECONDS
    assert hand.clicks <= MOST_CLICKS
    assert hand.seconds() < MOST_SECONDS
    size = page.locator(".builder-size-number").inner_text()
    assert re.match(r"[\d,]+ of", size)
    # The text view was never opened until here.
    page.get_by_role("radio", name="Text").click()
    expect(page.locator("#rule-text")).to_have_value(
        "count('Product Ordered', where=category == 'Shoes', last='60d') >= 2 and not did('Session', last='21d') "
        "and consent.marketing_email"
    )
    discard(page)
    assert seen.faults == []


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
