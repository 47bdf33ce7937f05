"""One browser and one served shop for all tests of pages; without a Chromium they are left out."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.opened import PATIENCE_MS, Seen, Shop, find_chromium, opened, served, served_demo, wait_built
from tests.browser.wheel import installed_wheel
from tests.projects import copied, put

BOTH = "dashboard: both\ntiles:\n  - funnel: {steps: [Product Viewed, Order Completed]}\n    width: 2\n"


@pytest.fixture(scope="session")
def executable() -> str:
    """Where a browser is."""
    found = find_chromium()
    if found is None:
        pytest.skip("needs Chromium: `apt-get install chromium`, or any other on the path")
    return found


@pytest.fixture(scope="module")
def chromium(executable: str) -> Iterator[Browser]:
    """A browser without a window; closed after each file, since its event loop hinders those of other tests."""
    with sync_playwright() as playwright:
        # Root has no other way to start it; it opens pages of this machine alone.
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def program(executable: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`habitue` of the wheel, as users install it."""
    assert executable
    return installed_wheel(tmp_path_factory.mktemp("installed"))


@pytest.fixture(scope="package")
def shop_served(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The demonstration shop, served by the wheel, with visitors coming in."""
    # Pictures show what a shop of some size looks like: in a small one much is hidden from most roles.
    customers = 5_000 if os.environ.get("HABITUE_PICTURES") else 500
    with served_demo(tmp_path_factory.mktemp("served") / "shop", program, customers=customers) as shop:
        yield shop


@pytest.fixture(scope="module")
def seen(chromium: Browser, shop_served: Shop) -> Iterator[Seen]:
    """One window of that shop for a whole file, with patience for a busy machine."""
    with opened(chromium, shop_served) as window:
        window.page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        yield window


@pytest.fixture(scope="module")
def many(program: Path, demo_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A served shop for which some five hundred customers are many; each file has its own, that nobody has asked."""
    folder = tmp_path_factory.mktemp("many")
    project = copied(demo_project, folder / "shop")
    settings = project / "habitue.yaml"
    put(settings, settings.read_text(encoding="utf-8") + "estimate_from: 150\n")
    put(project / "dashboards" / "both.yaml", BOTH)
    with served(project, folder / "served", program) as shop:
        wait_built(folder / "served")
        yield shop
