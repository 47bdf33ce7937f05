"""Edits in the builder of segments: how soon they show, are counted, and counted exactly."""

from typing import Final, NamedTuple

from playwright.sync_api import Page

_RULE: Final = (
    "count('Product Viewed', last='30d') >= 3 and (not did('Order Completed', last='90d') or trait.country == 'DE')"
)
_COUNTED: Final = "() => document.querySelector('.builder-size:not(.old) .builder-size-number')?.innerText.match(/\\d/)"
_EXACT: Final = (
    "() => !document.querySelector('.builder-size.old') && !document.body.innerText.includes('counting everybody')"
)
_EDIT: Final = """
async ([label, value]) => {
  const fields = [...document.querySelectorAll("main .rule-row input")];
  const field = fields.find((each) => each.getAttribute("aria-label") === label);
  const put = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const begun = performance.now();
  put.call(field, value);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await painted();
  const row = field.closest(".rule-row");
  const seen = performance.now() - begun;
  const size = () => document.querySelector(".builder-size");
  const wait = (holds) => new Promise((done) => {
    const look = () => (holds() ? done(performance.now() - begun) : setTimeout(look, 5));
    look();
  });
  await wait(() => size()?.classList.contains("old"));
  const counted = await wait(() => size() && !size().classList.contains("old"));
  const isEstimate = () => size().innerText.includes("≈");
  const exact = isEstimate() ? await wait(() => !isEstimate() && !size().classList.contains("old")) : null;
  return { shown: row.querySelector(`[aria-label="${label}"]`).value, seen, counted, exact };
}
"""


class Edited(NamedTuple):
    """One edit.

    Attributes:
        what: In a few words.
        seen_s: Until the page shows it.
        counted_s: Until a figure is there: the exact one, or an estimate that says so.
        exact_s: Until the exact one is there in place of an estimate; None where it came at once.
    """

    what: str
    seen_s: float
    counted_s: float
    exact_s: float | None


def time_edits(page: Page, url: str) -> list[Edited]:
    """Numbers of a rule of three conditions edited, one after another.

    Args:
        page: A window in which somebody is signed in who may edit definitions.
        url: Where the app is.
    """
    page.goto(f"{url}/segments/new")
    page.get_by_role("radio", name="Text").click()
    page.locator("#rule-text").fill(_RULE)
    page.get_by_role("radio", name="Conditions").click()
    page.wait_for_function(_COUNTED)
    page.wait_for_function(_EXACT)
    found = []
    for label, value in (("How many times", "4"), ("How long back", "21"), ("How many times", "2")):
        timed = page.evaluate(_EDIT, [label, value])
        if timed["shown"] != value:
            raise RuntimeError(timed)
        exact = timed["exact"]
        found.append(
            Edited(
                f"{label.lower()}: {value}",
                round(timed["seen"] / 1000, 3),
                round(timed["counted"] / 1000, 3),
                None if exact is None else round(exact / 1000, 3),
            )
        )
    return found
