"""`python -m bench.pages`: how soon every page of the app shows data, a mark its people, and the builder an edit.

The wheel is built and installed into an environment of its own, which serves a demonstration shop, or a project that is
named. Every page is opened twice, each time in a browser that has been nowhere yet: *first* as soon as the server is
open, when nobody has asked for its figures and the server reckons them ahead beside, *again* when it has. Data is there
when the first figure, row or mark is; a page has all of it when nothing is loading any more. The promise is about a
million customers and a machine that does nothing else: `--customers 1000000`; `--keep DIR` keeps that shop for the next
time. With a million the shop takes half an hour to make, 40 GB on the disk while it is built, and 12 GB of memory.
"""

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from bench.edits import Edited, time_edits
from habitue.govern.roles import Role
from habitue.state.notice import read_notice
from tests.browser.opened import Shop, app_routes, find_chromium, served, served_demo, signed
from tests.browser.wheel import installed_wheel

FIRST_BAR_S: Final = 1.5
CLICK_BAR_S: Final = 0.3
EDIT_BAR_S: Final = 0.1
COUNT_BAR_S: Final = 1.0
DONE, BROKEN = 0, 3
_DATA: Final = (
    "main .page-body :is(.figure-value, tbody td, canvas, .panel li, .rule-row, .rule-group, .measures-flow, .empty,"
    " .problem)"
)
"""What a page shows of what it asked for; what one can enter is there before."""
_FORM: Final = f"{_DATA}, main .page-body .panel :is(a, input, button)"
"""The same of pages that ask for nothing at first, or hold settings."""
_FORMS: Final = frozenset({"/segments/new", "/segments/:name/edit", "/settings", "/dashboards", "/measures"})
_QUIET: Final = "() => !document.querySelector('main :is([aria-label=Loading], .loading, [aria-busy=true], .counting)')"
_SEEN: Final = "each => [...document.querySelectorAll(each)].some(found => found.getClientRects().length)"
"""Looked at with every frame, which waiting for a selector is not: that looks every half second after the first."""
_PATIENCE_MS: Final = 120_000
_NAMED: Final = {"/dashboards/:name": "shop", "/measures/:metric": "revenue"}
_ROUNDS: Final = ("first", "again")
_PERSON: Final = "dialog tbody tr"
_CLICKED: Final = """person => document.addEventListener("pointerdown", event => {
  const shown = () => [...document.querySelectorAll(person)].some(found => found.getClientRects().length);
  const drawn = () => requestAnimationFrame(() => (window.habitueTook = (performance.now() - event.timeStamp) / 1000));
  const look = () => (shown() ? drawn() : requestAnimationFrame(look));
  look();
}, { capture: true, once: true })"""
"""Looks from when the browser has a click until people were drawn: whoever clicks for us waits before for a place that
does not move, and for the pointer to be there."""
_LOOK_S: Final = 2.0
_RECKONED: Final = "\nhabitue_pages_reckoned 1.0\n"


class Mark(NamedTuple):
    """A mark that has people behind it.

    Attributes:
        what: In a few words.
        path: The page.
        button: What is clicked.
        opens: What is clicked before to see it; empty for nothing.
    """

    what: str
    path: str
    button: str
    opens: str = ""


_MARKS: Final = (
    Mark("a step of a funnel", "/funnels?days=90", "[aria-label='Steps in figures'] td button"),
    Mark("a cohort", "/cohorts", "main table button.link-button", "button[aria-label='Cohorts as a table']"),
    Mark("an end of paths", "/paths", "[aria-label='Where paths end'] td button"),
    Mark("a channel", "/attribution", "[aria-label='Attribution by channel'] td button"),
    Mark("a day of a metric", "/measures/orders?days=30", "main tbody td button", "button[aria-label$='as a table']"),
)


class Timed(NamedTuple):
    """One page, once.

    Attributes:
        page: Its path.
        round: `first` or `again`.
        first_s: Until data is there.
        all_s: Until nothing is loading.
        server_s: CPU time of the server meanwhile, whatever else it does included.
    """

    page: str
    round: str
    first_s: float
    all_s: float
    server_s: float


class Clicked(NamedTuple):
    """A click on a mark.

    Attributes:
        what: The mark.
        round: `first` or `again`.
        people_s: Until its people are there.
    """

    what: str
    round: str
    people_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Everything that was timed.

    Attributes:
        customers: How many the shop has.
        pages: Each page, twice.
        clicks: Each mark, twice.
        edits: Edits in the builder.
    """

    customers: int
    pages: list[Timed]
    clicks: list[Clicked]
    edits: list[Edited]

    def broken(self) -> list[str]:
        """The promises that are broken, each with what breaks it."""
        return [
            *(f"{each.page} ({each.round})" for each in self.pages if each.first_s > FIRST_BAR_S),
            *(f"{each.what} ({each.round})" for each in self.clicks if each.people_s > CLICK_BAR_S),
            *(f"seeing {each.what}" for each in self.edits if each.seen_s > EDIT_BAR_S),
            *(f"counting {each.what}" for each in self.edits if each.counted_s > COUNT_BAR_S),
        ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 0 when the promises are kept, 3 when one is broken."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument("--customers", type=int, default=20_000, help="of the demonstration shop (20000)")
    parser.add_argument("--keep", type=Path, help="where to keep that shop, or where it is kept")
    parser.add_argument("--project", type=Path, help="a built project instead")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    asked = parser.parse_args(arguments)
    executable = find_chromium()
    if executable is None:
        sys.stderr.write("There is no Chromium here.\n")
        return DONE
    with TemporaryDirectory() as folder:
        program = installed_wheel(Path(folder) / "installed")
        project = asked.project or _shop(asked.keep or Path(folder) / "kept", asked.customers, program)
        place = Path(folder) / "shop"
        # What serving does to a project is done to a copy.
        shutil.copytree(project, place)
        with served(place, place, program=program) as shop, _browser(executable) as browser:
            found = _timed(browser, shop)
    sys.stdout.write(json.dumps(asdict(found)) + "\n" if asked.json else _told(found))
    return BROKEN if found.broken() else DONE


def _shop(place: Path, customers: int, program: Path) -> Path:
    """The demonstration shop of a folder, made where there is none yet."""
    if not (place / "habitue.yaml").exists():
        # Served, a demonstration shop has data up to now.
        with served_demo(place, program, customers=customers):
            pass
    return place


@contextmanager
def _browser(executable: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


def _timed(browser: Browser, shop: Shop) -> Found:
    _tell("waiting until the server is open")
    _wait_until_ready(browser, shop)
    pages = [time_page(browser, shop, each, _ROUNDS[0]) for each in app_routes()]
    clicks = [time_click(browser, shop, each, turn) for each in _MARKS for turn in _ROUNDS]
    _tell("waiting until what pages ask was reckoned ahead")
    _wait_until_reckoned(browser, shop)
    pages += [time_page(browser, shop, each, _ROUNDS[1]) for each in app_routes()]
    with signed(browser, shop, Role.ADMIN) as context:
        page = context.new_page()
        page.set_default_timeout(_PATIENCE_MS)
        edits = time_edits(page, shop.url)
        customers = int(context.request.get(f"{shop.url}/api/v1/segments/board").json()["customers"])
    return Found(customers=customers, pages=pages, clicks=clicks, edits=edits)


def _wait_until_ready(browser: Browser, shop: Shop) -> None:
    """Wait until the server is open for everything, live reading included."""
    with signed(browser, shop, Role.ADMIN) as context:
        while not context.request.get(f"{shop.url}/readyz").ok:
            time.sleep(_LOOK_S)


def _wait_until_reckoned(browser: Browser, shop: Shop) -> None:
    """Wait until what pages ask was reckoned ahead, and the server has nothing left to do."""
    with signed(browser, shop, Role.ADMIN) as context:
        while _RECKONED not in context.request.get(f"{shop.url}/metrics").text():
            time.sleep(_LOOK_S)
        quiet = 0
        while quiet < 3:
            before = _worked(shop)
            time.sleep(_LOOK_S)
            quiet = quiet + 1 if _worked(shop) - before < 0.2 * _LOOK_S else 0


def time_page(browser: Browser, shop: Shop, pattern: str, turn: str) -> Timed:
    """How soon one page shows data, in a browser that kept nothing."""
    with signed(browser, shop, Role.ADMIN) as context:
        page = context.new_page()
        name = _NAMED.get(pattern, "drifting_away")
        if pattern == "/customers/:id":
            members = context.request.get(f"{shop.url}/api/v1/segments/drifting_away/members?limit=1").json()
            name = members["customers"][0]
        path = "/".join(name if part.startswith(":") else part for part in pattern.split("/"))
        begun, worked = time.perf_counter(), _worked(shop)
        page.goto(shop.url + path, wait_until="commit")
        page.wait_for_function(_SEEN, arg=_FORM if pattern in _FORMS else _DATA, timeout=_PATIENCE_MS)
        first = time.perf_counter() - begun
        page.wait_for_function(_QUIET, timeout=_PATIENCE_MS)
        whole = time.perf_counter() - begun
        _tell(f"{pattern} ({turn}): {first:.2f} s")
        return Timed(pattern, turn, round(first, 3), round(whole, 3), round(_worked(shop) - worked, 3))


def _worked(shop: Shop) -> float:
    """CPU seconds of the server so far."""
    notice = read_notice(shop.folder)
    if notice is None:
        return 0.0
    fields = Path(f"/proc/{notice.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def time_click(browser: Browser, shop: Shop, mark: Mark, turn: str) -> Clicked:
    """From a click on a mark to the people behind it."""
    with signed(browser, shop, Role.ADMIN) as context:
        page = context.new_page()
        page.goto(f"{shop.url}{mark.path}")
        if mark.opens:
            page.locator(mark.opens).first.click(timeout=_PATIENCE_MS)
        _rest(page, mark.button)
        page.evaluate(_CLICKED, _PERSON)
        page.locator(mark.button).first.click()
        took = page.wait_for_function("() => window.habitueTook", timeout=_PATIENCE_MS)
        return Clicked(mark.what, turn, round(took.json_value(), 3))


def _tell(what: str) -> None:
    """How far it is, for whoever waits."""
    sys.stderr.write(f"{what}\n")
    sys.stderr.flush()


def _rest(page: Page, button: str) -> None:
    page.wait_for_selector(button, timeout=_PATIENCE_MS)
    page.wait_for_function(_QUIET, timeout=_PATIENCE_MS)


def _told(found: Found) -> str:
    lines = [f"{found.customers:,} customers"]
    lines += [
        f"{each.page:24} {each.round:6} data {each.first_s:6.2f} s   all {each.all_s:6.2f} s   "
        f"server {each.server_s:5.2f} CPU-s"
        for each in found.pages
    ]
    lines += [f"{each.what:24} {each.round:6} people {each.people_s:4.2f} s" for each in found.clicks]
    for edit in found.edits:
        exact = "exact at once" if edit.exact_s is None else f"exact {edit.exact_s:.2f} s"
        lines.append(f"{edit.what:31} seen {edit.seen_s:6.3f} s   counted {edit.counted_s:.2f} s   {exact}")
    broken = found.broken()
    lines.append(f"others' work {os.getloadavg()[0]:.1f}; " + (f"broken: {', '.join(broken)}" if broken else "kept"))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
