"""Conditions within conditions in a browser: made and changed by clicks and by keys, counted, and their faults told."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.opened import AXE, NARROW, WIDE, Seen

ONLY = "when(did('Order Completed', last='90d') and not segment.let_down, feature.spend_365d) >= 100"
RULES = [
    ONLY,
    "did('Session') == did('Order Completed', where=not (channel == 'web' or items > 2), since='2026-01-01T10:30:00Z')",
    "percentile(when(trait.country == 'DE', count('Session') / 2)) >= 0.5 and not not contains(trait.country, 'D')",
    "default(when(segment.lapsed, -feature.spend_365d), 0) < 0 and trait.country in ['DE', ''] and True",
]


def begun(seen: Seen, rule: str = "", size: dict[str, int] | None = None) -> Page:
    """The builder with a rule."""
    seen.faults.clear()
    width = size or WIDE
    seen.page.set_viewport_size({"width": width["width"], "height": width["height"]})
    seen.go(f"/segments/new?rule={quote(rule)}" if rule else "/segments/new")
    seen.page.get_by_label("What it is called").wait_for()
    return seen.page


def rule_of(page: Page) -> str:
    """The rule as text; then the controls again."""
    page.get_by_role("radio", name="Text").click()
    text = page.locator("#rule-text")
    expect(text).to_have_value(re.compile("."))
    found = text.input_value()
    page.get_by_role("radio", name="Conditions").click()
    page.locator(".rule").wait_for()
    return found


@pytest.mark.parametrize("rule", RULES)
def test_controls_of_nested_rules_are_whole_and_say_the_same_rule(rule: str, seen: Seen) -> None:
    page = begun(seen, rule)
    assert page.locator(".rule-asis").count() == 0
    problems = []
    if AXE.exists():
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            problems += [f"{scheme}: {each}" for each in seen.axe()]
    page.set_viewport_size({"width": NARROW["width"], "height": NARROW["height"]})
    page.wait_for_timeout(150)
    if seen.overflow() > 0:
        problems.append(f"{seen.overflow()} pixels too wide")
    assert problems == []
    assert rule_of(page) == rule
    assert seen.faults == []


def test_a_figure_is_limited_to_when_something_holds_by_clicks_and_each_part_is_counted(seen: Seen) -> None:
    page = begun(seen, "feature.spend_365d >= 100")
    page.get_by_role("button", name="Reckon with it", exact=True).click()
    page.get_by_role("menuitem", name="Only when something holds").click()
    block = page.get_by_role("group", name="Only when this holds")
    expect(page.locator(".rule-fault")).to_contain_text("until then this does not count")
    add = block.get_by_role("combobox", name="Add a condition")
    expect(add).to_be_focused()
    page.keyboard.type("Order Completed")
    page.keyboard.press("Enter")
    inner = block.locator(".rule-row")
    inner.get_by_label("How long back", exact=True).fill("90")
    add.click()
    page.keyboard.type("let_down")
    page.keyboard.press("Enter")
    inner.nth(1).get_by_label("In or not").select_option("is not in")
    expect(page.locator(".rule-fault")).to_have_count(0)
    # By itself, for the whole condition and for each of the two within it.
    expect(page.locator(".rule-row .rule-count .figures")).to_have_text([re.compile(r"^[\d.,]+k?$")] * 3)
    assert rule_of(page) == ONLY
    block.get_by_label("How these count together").select_option("or")
    expect(page.locator(".sentence").first).to_contain_text("only if")
    assert rule_of(page) == ONLY.replace(" and not ", " or not ")
    block.get_by_role("button", name="Reckon with all of it").click()
    page.get_by_role("menuitem", name="Only what is inside").click()
    assert rule_of(page) == "feature.spend_365d >= 100"
    page.get_by_role("button", name="Discard draft").click()
    assert seen.faults == []


def test_a_figure_is_limited_by_keys_alone(seen: Seen) -> None:
    page, keys = begun(seen), seen.page.keyboard
    page.get_by_role("combobox", name="Add a condition").focus()
    keys.type("only when something holds")
    keys.press("Enter")
    add = page.get_by_role("group", name="Only when this holds").get_by_role("combobox", name="Add a condition")
    expect(add).to_be_focused()
    keys.type("Consents to News and offers by e-mail")
    keys.press("Enter")
    expect(page.get_by_label("Consents or not")).to_be_focused()
    for _ in range(20):
        if page.evaluate("document.activeElement.placeholder") == "number":
            break
        keys.press("Tab")
    keys.type("3")
    expect(page.locator(".sentence").first).to_contain_text("only if they consent to marketing email")
    assert re.fullmatch(r"when\(consent\.marketing_email, feature\.\w+\) >= 3", rule_of(page))
    page.get_by_role("button", name="Discard draft").click()
    assert seen.faults == []


def test_a_fault_within_a_condition_is_told_in_its_own_line(seen: Seen) -> None:
    page = begun(seen, "when(segment.lapsed or segment.lapsd, feature.spend_365d) >= 100")
    inner = page.get_by_role("group", name="Only when this holds").locator(".rule-row").nth(1)
    expect(inner.locator(".rule-fault")).to_contain_text("No segment is called 'lapsd'.")
    expect(page.locator(".rule-fault")).to_have_count(1)
    assert seen.faults == []


def test_a_value_is_compared_with_another_and_a_condition_on_events_is_denied(seen: Seen) -> None:
    page = begun(seen, "feature.spend_365d >= 100 and did('Order Completed', where=channel == 'web')")
    line = page.locator(".rule-row:not(.inner)").first
    line.get_by_role("button", name="More about this condition").click()
    page.get_by_role("menuitem", name="Compare with another figure").click()
    line.get_by_role("combobox", name="What").last.fill("country")
    inner = page.locator(".rule-row.inner")
    page.keyboard.press("Escape")
    inner.get_by_label("Test").select_option("does not contain")
    left, _, right = rule_of(page).partition(" and ")
    assert re.fullmatch(r"feature\.spend_365d >= (feature|trait)\.\w+", left)
    assert right == "did('Order Completed', where=not contains(channel, 'web'))"
    page.get_by_role("button", name="Discard draft").click()
    assert seen.faults == []
