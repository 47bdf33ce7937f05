"""A browser beside a served shop: what a page shows, what it sends, and what it says in the console."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from habitue.govern.roles import Role
from tests.server.signed import link_of
from tests.terminal import Json

ROOT: Final = Path(__file__).parents[2]
WEB: Final = ROOT / "web"
AXE: Final = WEB / "node_modules" / "axe-core" / "axe.min.js"
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDE: Final = {"width": 1280, "height": 900}
ZOOMED: Final = {"width": 640, "height": 450}
"""1280 by 900 at 200 %."""
NARROW: Final = {"width": 360, "height": 740}
_LINK: Final = re.compile(r"(http://127\.0\.0\.1:\d+)/sign-in#link=\S+")
_STARTS_S: Final = 1_800.0
PATIENCE_MS: Final = 60_000
_QUIET: Final = "() => !document.querySelector('main [aria-label=Loading], main .loading, main [aria-busy=true]')"


def find_chromium() -> str | None:
    """Where a Chromium is; None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A served shop into which visitors come.

    Attributes:
        folder: The project.
        url: Where it answers.
    """

    folder: Path
    url: str


@contextmanager
def served_demo(folder: Path, program: Path, *, customers: int = 500) -> Iterator[Shop]:
    """`habitue demo` in a process of its own, until the end of the block."""
    words = ["demo", "--customers", str(customers), "--dir", str(folder), "--port", "0"]
    with _running([str(program), *words], folder.with_suffix(".told")) as url:
        yield Shop(folder=folder, url=url)


@contextmanager
def served(project: Path, beside: Path, program: Path, *, port: int = 0) -> Iterator[Shop]:
    """`habitue serve` of a project that is there, until the end of the block; what it says goes beside a path."""
    words = ["serve", "--project", str(project), "--port", str(port)]
    with _running([str(program), *words], beside.with_suffix(".told")) as url:
        yield Shop(folder=project, url=url)


def wait_built(beside: Path) -> None:
    """Wait until a shop that was served has made its answers anew: from then on they are as of that moment."""
    told, deadline = beside.with_suffix(".told"), time.monotonic() + _STARTS_S
    while '"event":"built"' not in told.read_text(encoding="utf-8"):
        assert time.monotonic() < deadline, "the server builds nothing"
        time.sleep(0.1)


@contextmanager
def _running(command: list[str], told: Path) -> Iterator[str]:
    with told.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, "NO_COLOR": "1"})
    try:
        deadline = time.monotonic() + _STARTS_S
        while (found := _LINK.search(told.read_text(encoding="utf-8"))) is None:
            assert process.poll() is None, told.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, "the server does not start"
            time.sleep(0.1)
        yield found[1]
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass(kw_only=True)
class Seen:
    """A page, and what came of it that nobody wants.

    Attributes:
        page: The page.
        faults: What it said in the console, and what it asked of other machines.
    """

    page: Page
    url: str
    faults: list[str] = field(default_factory=list)

    def watch(self) -> "Seen":
        """Write down what nobody wants, from now on."""
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("request", self._request)
        return self

    def go(self, path: str) -> None:
        """Open a path and wait until everything that it loads is there."""
        self.page.goto(self.url + path)
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is being loaded."""
        self.page.wait_for_selector("main h1, main h3, #root form", timeout=PATIENCE_MS)
        self.page.wait_for_function(_QUIET, timeout=PATIENCE_MS)

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def axe(self) -> list[str]:
        """What axe finds that is serious or worse."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: Json = self.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        return [
            f"{each['id']}: {each['nodes'][0]['target']} {each['nodes'][0]['failureSummary']}"
            for each in found["violations"]
            if each["impact"] in {"serious", "critical"}
        ]

    def _console(self, message: ConsoleMessage) -> None:
        # A machine that has too much to do says so, and the app asks again.
        if message.type in {"error", "warning"} and "status of 503" not in message.text:
            self.faults.append(f"console {message.type}: {message.text} {message.location.get('url', '')}")

    def _request(self, request: Request) -> None:
        host = urlsplit(request.url)
        if host.scheme in {"http", "https", "ws", "wss"} and host.hostname != "127.0.0.1":
            self.faults.append(f"request: {request.url}")


@contextmanager
def opened(
    browser: Browser, shop: Shop, role: Role = Role.ADMIN, *, scheme: str = "light", width: dict[str, int] | None = None
) -> Iterator[Seen]:
    """A window in which somebody is signed in, until the end of the block."""
    with signed(browser, shop, role, scheme=scheme, width=width) as context:
        yield Seen(page=context.new_page(), url=shop.url).watch()


@contextmanager
def signed(
    browser: Browser, shop: Shop, role: Role, *, scheme: str = "light", width: dict[str, int] | None = None
) -> Iterator[BrowserContext]:
    """A browser's profile in which somebody is signed in."""
    size = width or WIDE
    context = browser.new_context(
        base_url=shop.url,
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": size["width"], "height": size["height"]},
        reduced_motion="reduce",
    )
    try:
        link = link_of(shop.folder, role)
        answer = context.request.post(
            f"{shop.url}/api/v1/session/link", data={"link": link}, headers={"Origin": shop.url}
        )
        assert answer.ok, answer.text()
        yield context
    finally:
        context.close()


def app_routes() -> list[str]:
    """Every path of `web/src/app/routes.tsx`, with `:names`."""
    text = (WEB / "src" / "app" / "routes.tsx").read_text(encoding="utf-8")
    return re.findall(r"\{ path: \"([^\"]+)\"", text)
