"""`python -m bench.pages`: how soon every page of the app shows data, and a click on a chart its people.

A served demonstration shop, or a project that is named, is opened in a browser that has been nowhere yet, page by
page: *first* is when the first figure, row or chart is there, *all* when nothing is loading any more. The promise is
about a million customers and a machine that does nothing else: `--customers 1000000`.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from playwright.sync_api import Browser, sync_playwright

from habitue.govern.roles import Role
from habitue.state.notice import read_notice
from tests.browser.opened import Shop, app_routes, find_chromium, served, served_demo, signed

FIRST_BAR_S: Final = 1.5
CLICK_BAR_S: Final = 0.3
DONE, BROKEN = 0, 3
_DATA: Final = (
    "main .page-body :is(.figure-value, tbody td, canvas, .panel a, .panel li, .panel input, .empty, .problem)"
)
_QUIET: Final = "() => !document.querySelector('main :is([aria-label=Loading], .loading, [aria-busy=true])')"
_STEP: Final = "main tbody td button"
_PATIENCE_MS: Final = 60_000
_NAMED: Final = {"/dashboards/:name": "shop", "/measures/:metric": "revenue"}


class Timed(NamedTuple):
    """One page.

    Attributes:
        page: Its path.
        first_s: Until data is there.
        all_s: Until nothing is loading.
        server_s: CPU time of the server meanwhile, whatever else it does included.
    """

    page: str
    first_s: float
    all_s: float
    server_s: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 0 when the promises are kept, 3 when one is broken."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=__doc__)
    parser.add_argument("--customers", type=int, default=20_000, help="of the demonstration shop (20000)")
    parser.add_argument("--project", type=Path, help="a built project instead")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    asked = parser.parse_args(arguments)
    found = find_chromium()
    if found is None:
        sys.stderr.write("There is no Chromium here.\n")
        return DONE
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        place = Path(folder) / "shop"
        serving = served(asked.project, place) if asked.project else served_demo(place, customers=asked.customers)
        with serving as shop:
            browser = playwright.chromium.launch(
                executable_path=found, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
            )
            timed = [time_page(browser, shop, each) for each in app_routes()]
            click_s = time_click(browser, shop)
            browser.close()
    broken = [each.page for each in timed if each.first_s > FIRST_BAR_S] + ["click"] * (click_s > CLICK_BAR_S)
    if asked.json:
        sys.stdout.write(json.dumps({"pages": [each._asdict() for each in timed], "click_s": click_s}) + "\n")
    else:
        for each in timed:
            sys.stdout.write(
                f"{each.page:24} first {each.first_s:6.2f} s   all {each.all_s:6.2f} s   "
                f"server {each.server_s:5.2f} CPU-s\n"
            )
        sys.stdout.write(f"{'a step to its people':24} {click_s:12.2f} s\n")
        sys.stdout.write(
            f"others' work {os.getloadavg()[0]:.1f}; " + (f"broken: {', '.join(broken)}\n" if broken else "kept\n")
        )
    return BROKEN if broken else DONE


def time_page(browser: Browser, shop: Shop, pattern: str) -> Timed:
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
        page.wait_for_selector(_DATA, timeout=_PATIENCE_MS)
        first = time.perf_counter() - begun
        page.wait_for_function(_QUIET, timeout=_PATIENCE_MS)
        whole = time.perf_counter() - begun
        return Timed(pattern, round(first, 3), round(whole, 3), round(_worked(shop) - worked, 3))


def _worked(shop: Shop) -> float:
    """CPU seconds of the server so far."""
    notice = read_notice(shop.folder)
    if notice is None:
        return 0.0
    fields = Path(f"/proc/{notice.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def time_click(browser: Browser, shop: Shop) -> float:
    """From a click on a step of a funnel to the people in it."""
    with signed(browser, shop, Role.ADMIN) as context:
        page = context.new_page()
        page.goto(f"{shop.url}/funnels?days=0")
        page.wait_for_selector(_STEP, timeout=_PATIENCE_MS)
        page.wait_for_function(_QUIET, timeout=_PATIENCE_MS)
        begun = time.perf_counter()
        page.locator(_STEP).first.click()
        page.wait_for_selector("dialog tbody tr", timeout=_PATIENCE_MS)
        return round(time.perf_counter() - begun, 3)


if __name__ == "__main__":
    sys.exit(main())
