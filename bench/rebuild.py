"""`python -m bench.rebuild`: a project of live events rebuilt from its log, and what that costs.

A project without files takes a million events of fifty thousand people in through the inbox, as a server does; then
the tables are made anew beside those there are, and both compared.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from bench.resources import cpu_seconds
from habitue.cli.clock import system_surroundings
from habitue.run.live_parts import log_path
from habitue.run.rebuilding import rebuild
from habitue.run.workspace import Workspace
from habitue.sources.inbox import Inbox
from habitue.state.sqlite import to_us
from habitue.streams import Log
from habitue.streams.decoding import Decoder
from habitue.streams.messages import Batch

DONE, BROKEN = 0, 3
BAR_S: Final = 60.0
_BATCH: Final = 500
_NOW: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)
_DAYS: Final = 90
_EACH: Final = 20
FILES: Final = {
    "habitue.yaml": "name: live\nnoun: customer\ntime_zone: Europe/London\ncurrency: GBP\nas_of: newest_event\n",
    "sources/site.yaml": "source: site\ncollect: true\n",
    "contracts/all.yaml": """customers: true
traits:
  email: {type: text, personal: true}
  plan: {type: text}
---
event: Order Completed
properties: {order_id: {type: text}, revenue: {type: money}, coupon: {type: text}}
---
event: Product Viewed
properties: {product_id: {type: text}, category: {type: text}, price: {type: money}}
---
event: Page Viewed
properties: {path: {type: text}}
""",
    "segments/all.yaml": """segment: big
rule: sum('Order Completed'.revenue) >= 500
---
segment: looked
rule: did('Product Viewed', last='7d') and not did('Order Completed', last='7d')
---
segment: pro
rule: trait.plan == 'pro'
""",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a rebuild cost.

    Attributes:
        events: Messages in the log.
        people: Of so many people.
        rows: Live rows in the tables.
        taken_in_s: CPU seconds to take them in.
        rebuild_cpu_s: CPU seconds of the rebuild, comparing included.
        rebuild_s: Wall time of it.
        bar_s: At most so many CPU seconds a million events.
        differences: Tables that came out otherwise.
        holds: Whether it was fast enough and nothing differs.
    """

    events: int
    people: int
    rows: int
    taken_in_s: float
    rebuild_cpu_s: float
    rebuild_s: float
    bar_s: float
    differences: tuple[str, ...]
    holds: bool


def messages(count: int, people: int, seed: int) -> Iterator[dict[str, object]]:
    """What people send: one message in twenty says who they are, one in ten is an order, the rest is looking around."""
    dice = Random(seed)
    for number in range(count):
        who = dice.randrange(people)
        at = _NOW - timedelta(seconds=dice.randrange(_DAYS * 86_400))
        head = {
            "messageId": f"{number:08x}-0000-4000-8000-000000000000",
            "userId": f"u{who}",
            "anonymousId": f"a{who}",
            "timestamp": at.isoformat(),
            "context": {"ip": "203.0.113.7", "userAgent": "Mozilla/5.0", "library": {"name": "bench"}},
        }
        kind = number % _EACH
        if kind == 0:
            yield {
                **head,
                "type": "identify",
                "traits": {"email": f"u{who}@shop.test", "plan": dice.choice(("pro", "free"))},
            }
        elif kind <= _EACH // 10:
            order = {"order_id": f"o{number}", "revenue": f"{dice.randrange(20_000) / 100:.2f}", "coupon": None}
            yield {**head, "type": "track", "event": "Order Completed", "properties": order}
        elif kind % 2:
            seen = {"product_id": f"p{dice.randrange(500)}", "category": f"c{dice.randrange(20)}", "price": "9.99"}
            yield {**head, "type": "track", "event": "Product Viewed", "properties": seen}
        else:
            yield {**head, "type": "page", "properties": {"path": f"/p/{dice.randrange(500)}"}}


def take_in(workspace: Workspace, count: int, people: int, seed: int) -> None:
    """Have a project's log filled by its inbox."""
    project, stores = workspace.project, workspace.stores
    inbox = Inbox(
        project.sources, project.purposes, project.identity, stores.vault, clock=workspace.clock, ledger=stores.consents
    )
    decoder, received_us = Decoder(), to_us(_NOW)
    waiting: list[dict[str, object]] = []

    def flush(log: Log) -> None:
        body = json.dumps({"batch": waiting}).encode()
        batch = decoder.batch(body, received_us=received_us)
        if isinstance(batch, Batch):
            taken = inbox.take("site", batch.results, received_us=received_us)
            log.append_many(taken.records, taken.failures)
        waiting.clear()

    with Log.open(log_path(project.folder)) as log:
        for each in messages(count, people, seed):
            waiting.append(each)
            if len(waiting) == _BATCH:
                flush(log)
        flush(log)


def measure(folder: Path, *, count: int, people: int, seed: int = 7) -> Figures:
    """Take events in, build, rebuild."""
    for name, text in FILES.items():
        path = folder / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    around = replace(system_surroundings(), clock=lambda: _NOW, environ={"XDG_CONFIG_HOME": str(folder / "keys")})
    with Workspace.open(folder / "shop", around=around) as workspace:
        before = cpu_seconds()
        take_in(workspace, count, people, seed)
        taken_in = cpu_seconds() - before
        workspace.build()
        before, begun = cpu_seconds(), time.perf_counter()
        done = rebuild(workspace)
        cpu, wall = cpu_seconds() - before, time.perf_counter() - begun
    bar = BAR_S * max(count, 1) / 1_000_000
    return Figures(
        events=count,
        people=people,
        rows=done.events,
        taken_in_s=round(taken_in, 1),
        rebuild_cpu_s=round(cpu, 1),
        rebuild_s=round(wall, 1),
        bar_s=bar,
        differences=done.differences,
        holds=not done.differences and (cpu <= bar or count < 1_000_000),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 0 when they hold, 3 when they do not."""
    parser = argparse.ArgumentParser(prog="python -m bench.rebuild", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000, help="how many (1000000)")
    parser.add_argument("--people", type=int, default=50_000, help="of how many people (50000)")
    parser.add_argument("--seed", type=int, default=7, help="of the made-up events (7)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), count=options.events, people=options.people, seed=options.seed)
    sys.stdout.write(json.dumps(asdict(figures), indent=2) + "\n")
    return DONE if figures.holds else BROKEN


if __name__ == "__main__":
    sys.exit(main())
