"""A server on a free port of this machine, as `habitue serve` starts it, without what reads and builds."""

import io
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from habitue.cli.clock import system_surroundings
from habitue.govern.accounts import Accounts, Scope
from habitue.run.live_parts import log_path
from habitue.run.project import read_project
from habitue.run.surroundings import Surroundings
from habitue.server.app import build_app
from habitue.server.bodies import BodyLimits
from habitue.server.doors import Doors
from habitue.server.listening import listening
from habitue.server.routing import Gate
from habitue.server.telling import Teller
from habitue.sources.arrivals import Arrival, read_arrival
from habitue.streams import Counts, Failure, LogReader, Pace, Record
from tests.projects import put
from tests.server.gathering import Gathering, gathering

SETTINGS = "name: corner\nnoun: customer\ntime_zone: Europe/London\ncurrency: GBP\n"
SITE = "source: site\ncollect: true\n"
CONTRACTS = """customers: true
traits:
  email: {type: text, personal: true}
  plan: {type: text}
---
event: Order Completed
properties:
  order_id: {type: text}
  revenue: {type: money}
---
event: Product Viewed
properties:
  product_id: {type: text}
  price: {type: money}
"""
POLICIES = "purpose: ads\nsegment_category: [Advertising]\ngpc: true\n"


def make_project(folder: Path) -> Path:
    """A project with one live source."""
    put(folder / "habitue.yaml", SETTINGS)
    put(folder / "sources" / "site.yaml", SITE)
    put(folder / "contracts" / "live.yaml", CONTRACTS)
    put(folder / "policies" / "purposes.yaml", POLICIES)
    return folder


def make_key(folder: Path, *, source: str = "", scope: Scope = Scope.COLLECT) -> str:
    """A new key of a project."""
    around = system_surroundings()
    now = around.clock()
    with Accounts.open(folder, random=around.random) as accounts:
        return accounts.create_key(scope, source=source, expires_at=now + timedelta(days=1), now=now).key


@dataclass(kw_only=True)
class Serving:
    """A server that answers.

    Attributes:
        folder: The project.
        url: Where it answers.
        key: A write key.
        parts: What takes events in.
        told: What it wrote.
    """

    folder: Path
    url: str
    key: str
    parts: Gathering
    told: io.StringIO
    client: httpx.Client = field(repr=False)

    def post(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Send JSON with the key."""
        return self.client.post(path, json=body, auth=(self.key, ""), headers=headers)

    def records(self) -> list[Record]:
        """What the log holds."""
        with LogReader(log_path(self.folder)) as reader:
            return reader.read(limit=10_000)

    def arrivals(self) -> list[Arrival]:
        """The same, read."""
        return [read_arrival(each.body) for each in self.records()]

    def failures(self) -> list[Failure]:
        """What the failed lane holds."""
        with LogReader(log_path(self.folder)) as reader:
            return reader.failures(limit=10_000)

    def counts(self, source: str = "site") -> Counts:
        """What `/metrics` says became of the events of a source."""
        figures = self.metrics()
        names = ("received", "stored", "duplicates", "failed")
        return Counts(*(int(figures.get(f'habitue_events_{name}_total{{source="{source}"}}', 0)) for name in names))

    def metrics(self) -> dict[str, float]:
        """Every figure of `/metrics`."""
        lines = self.client.get("/metrics").text.splitlines()
        return {name: float(value) for name, _, value in (each.rpartition(" ") for each in lines if each[0] != "#")}


@contextmanager
def serving(
    folder: Path,
    *,
    limits: BodyLimits | None = None,
    pace: Pace | None = None,
    around: Surroundings | None = None,
    gate: Gate | None = None,
    routes: Sequence[BaseRoute] = (),
    configured: Callable[[uvicorn.Config], uvicorn.Config] = lambda config: config,
) -> Iterator[Serving]:
    """Serve a project until the end of the block."""
    given, told = around or system_surroundings(), io.StringIO()
    teller, project = Teller(told, given.clock), read_project(folder)
    with gathering(lambda: project, given, teller, pace=pace) as parts:
        doors = Doors(
            clock=given.clock,
            random=given.random,
            intake=parts.intake,
            keys=parts.keys,
            figures=parts.figures,
            teller=teller,
            limits=limits or BodyLimits(),
            gate=gate,
            routes=tuple(routes),
        )
        with (
            listen(build_app(doors), configured) as url,
            httpx.Client(base_url=url, timeout=30, trust_env=False) as client,
        ):
            yield Serving(folder=folder, url=url, key=make_key(folder), parts=parts, told=told, client=client)


@contextmanager
def listen(
    app: Starlette, configured: Callable[[uvicorn.Config], uvicorn.Config] = lambda config: config
) -> Iterator[str]:
    """Serve an app on a free port until the end of the block; gives its address."""
    server = uvicorn.Server(configured(listening(app, host="127.0.0.1", port=0)))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        assert thread.is_alive(), "the server ended"
        assert time.monotonic() < deadline, "the server does not start"
        time.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
