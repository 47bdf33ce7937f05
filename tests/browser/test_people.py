"""Customers, data and privacy in a browser: found, explained, shown for a purpose, mended and erased."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from habitue.govern.roles import Role
from tests.browser.opened import AXE, NARROW, PATIENCE_MS, WIDE, Seen, Shop, opened
from tests.terminal import Json

TABS = [
    *(f"/customers/CUSTOMER?tab={tab}" for tab in ("timeline", "visits", "segments&which=all", "consents", "identity")),
    "/customers?tab=review",
    *(f"/data?tab={tab}" for tab in ("quality&table=Order+Completed&column=revenue", "failed", "contracts", "builds")),
    "/data?tab=lineage&node=feature:monetary",
    *(f"/privacy?tab={tab}" for tab in ("requests", "retention", "audit", "catalogue")),
]


def asked(seen: Seen, path: str) -> Json:
    answer = seen.page.request.get(f"{seen.url}{path}")
    assert answer.ok, answer.text()
    return answer.json()


def somebody(seen: Seen, rule: str = "count('Order Completed') >= 2") -> str:
    found = asked(seen, f"/api/v1/customer-list?limit=1&sort=-feature.monetary&rule={rule.replace(' ', '%20')}")
    return str(found["customers"][0]["customer"])


@pytest.mark.parametrize("path", TABS)
def test_every_tab_is_whole_and_open_to_everybody(path: str, seen: Seen) -> None:
    seen.faults.clear()
    seen.page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})
    seen.page.emulate_media(color_scheme="light")
    seen.go(path.replace("CUSTOMER", somebody(seen)))
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


def test_filters_of_the_list_are_in_the_address_and_carried_to_a_customer_and_back(seen: Seen) -> None:
    page = wide(seen)
    seen.go("/customers?segment=not_reading&sort=-feature.monetary")
    total = asked(seen, "/api/v1/customer-list?segment=not_reading&limit=1")["total"]
    expect(page.get_by_role("heading", name=re.compile(rf"^{total:,} customers?$"))).to_be_visible()
    page.reload()
    seen.settle()
    expect(page.get_by_role("heading", name=re.compile(rf"^{total:,} customers?$"))).to_be_visible()
    expect(page.locator("th[aria-sort=descending]")).to_have_count(1)
    first = page.locator("tbody a.mono").first
    someone = first.inner_text()
    first.click()
    expect(page.get_by_role("heading", level=1, name=someone)).to_be_visible()
    page.locator(".crumbs a").first.click()
    expect(page).to_have_url(re.compile(r"/customers\?segment=not_reading"))
    page.get_by_role("button", name="Remove Segment").click()
    expect(page).not_to_have_url(re.compile("segment="))


def test_a_rule_lists_whom_it_holds_for_and_one_with_a_fault_says_where(seen: Seen) -> None:
    page = wide(seen)
    seen.go("/customers")
    field = page.get_by_role("textbox", name="Rule")
    field.fill("count('Order Completed') >= 3")
    field.press("Enter")
    expect(page.get_by_text("at least 3 times")).to_be_visible()
    field.fill("count('Order Complete') >= 3")
    field.press("Enter")
    expect(page.get_by_role("alert").first).to_contain_text("Did you mean")


def test_why_somebody_is_in_a_segment_is_opened_by_keys_alone(seen: Seen) -> None:
    page = wide(seen)
    seen.go(f"/customers/{somebody(seen)}?tab=segments&which=all")
    why = page.get_by_role("button", name=re.compile("^Why")).first
    why.focus()
    why.press("Enter")
    expect(page.locator(".leaf").first).to_be_visible()
    assert "why=" in page.url
    page.reload()
    expect(page.locator(".leaf").first).to_be_visible()


def test_values_are_shown_in_the_clear_for_a_purpose_and_that_is_written_down(seen: Seen) -> None:
    page = wide(seen)
    someone = somebody(seen, "consent.marketing_email")
    seen.go(f"/customers/{someone}")
    expect(page.locator(".clear")).to_have_count(0)
    page.get_by_role("button", name="Show in the clear").click()
    page.get_by_label("What for").select_option("marketing_email")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator(".clear").first).to_be_visible()
    shown = asked(seen, f"/api/v1/privacy/audit/entries?subject={someone}&limit=5")["entries"]
    assert any(each["purpose"] == "marketing_email" for each in shown)
    page.get_by_role("button", name="Hide again").click()
    expect(page.locator(".clear")).to_have_count(0)


def test_an_analyst_sees_people_and_nothing_in_the_clear(chromium: Browser, shop_served: Shop, seen: Seen) -> None:
    someone = somebody(seen)
    with opened(chromium, shop_served, Role.ANALYST) as window:
        window.page.set_default_timeout(PATIENCE_MS)
        for tab in ("known", "timeline", "identity"):
            window.go(f"/customers/{someone}?tab={tab}")
            assert "@" not in window.page.locator("main").inner_text()
        assert window.page.get_by_role("button", name="Show in the clear").count() == 0
        window.go("/data?tab=failed")
        window.page.get_by_role("button", name=re.compile("^Mend row")).first.click()
        expect(window.page.get_by_text("does not see what stands in failed rows")).to_be_visible()
        window.go("/privacy")
        expect(window.page.get_by_text("Your role does not see this page")).to_be_visible()


def test_what_two_records_say_is_hidden_until_one_says_what_for(seen: Seen) -> None:
    page = wide(seen)
    hidden = asked(seen, "/api/v1/identity/review?limit=5")
    assert hidden
    assert all(said["left"] is None is said["right"] for each in hidden for said in each["traits"].values())
    seen.go("/customers?tab=review")
    assert "@" not in page.locator(".pairs").inner_text()
    page.get_by_label("Show what they say for").select_option("orders")
    expect(page.locator(".pairs")).to_contain_text("@")


def test_a_failed_row_is_mended_and_replayed(seen: Seen) -> None:
    page = wide(seen)
    row = next(each for each in asked(seen, "/api/v1/sources/failed?limit=500") if each["field"] == "arm")
    seen.go("/data?tab=failed&source=campaign_assignments")
    page.get_by_role("button", name=f"Mend row {row['id']}", exact=True).click()
    page.get_by_label("arm", exact=True).fill("treatment")
    page.get_by_role("button", name="Mend", exact=True).click()
    expect(page.get_by_text("mended, waits").first).to_be_visible()
    page.get_by_role("button", name=re.compile("^Replay")).click()
    expect(page.get_by_text(re.compile("mended rows were taken in"))).to_be_visible()


def test_an_erasure_is_rehearsed_first_and_has_its_proof_afterwards(seen: Seen) -> None:
    page = wide(seen)
    someone = somebody(seen, "count('Order Completed') == 1")
    seen.go(f"/privacy?tab=requests&erase={someone}")
    page.get_by_role("button", name="See what would go").click()
    expect(page.get_by_text("would be erased")).to_be_visible()
    order = page.get_by_role("button", name="Erase for good")
    expect(order).to_be_disabled()
    page.get_by_label("It cannot be taken back, and I am sure").check()
    order.click()
    expect(page.get_by_text("Their keys are destroyed").first).to_be_visible()
    seen.go(f"/customers/{someone}")
    expect(page.get_by_role("alert")).to_be_visible()
    seen.faults.clear()


def wide(seen: Seen) -> Page:
    """The page, as wide as on a desk."""
    seen.page.set_viewport_size({"width": WIDE["width"], "height": WIDE["height"]})
    seen.page.emulate_media(color_scheme="light")
    return seen.page
