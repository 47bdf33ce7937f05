"""`python -m bench.seeding`: how long a new segment takes to be live and complete over what a warehouse holds.

Promised: at most 20 seconds over 10 million events. A segment is complete when everybody in the history is answered
for and has their next deadline; it is timed from the text of its rule. Then 50 segments are seeded together.
"""

import argparse
import gc
import json
import multiprocessing
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from bench.dataset import PROPERTIES, Dataset, folder_of, make_dataset, open_dataset
from bench.generate import Recipe
from bench.resources import cpu_seconds, peak_mb
from habitue.engines.warehouse import Warehouse
from habitue.records import Kind, event_table
from habitue.rules import Catalogue, Definition, EventShape, read
from habitue.rules.history import micros
from habitue.rules.live import LiveRules
from habitue.rules.live_seeding import LiveSeeding
from habitue.rules.tables import Tables
from habitue.rules.writing import write
from habitue.run.seeding import fill

DONE, BROKEN = 0, 3
AT_MOST_S: Final = 20.0
SHORT: Final = 2_000_000
_ROOT: Final = Path(__file__).parent.parent
_KINDS: Final = {"product_id": Kind.TEXT, "category": Kind.TEXT, "revenue": Kind.MONEY, "items": Kind.INTEGER}
TEMPLATES: Final = (
    "count('Product Viewed', where=category == 'c0{n}', last='7d') >= {n}",
    "count('Page Viewed', last='{n}0d') >= {n}0",
    "did('Product Viewed', last='{n}d') and not did('Order Completed', last='{n}d')",
    "unfollowed('Cart Viewed', by='Order Completed', within='{n}h', last='7d')",
    "sum('Order Completed'.revenue, last='{n}0d') >= {n}00",
    "sum('Order Completed'.revenue) >= {n}000 and trait.country == 'DE'",
    "since(last_at('Order Completed')) > '{n}0d' and count('Order Completed') >= 2",
    "stopped('Page Viewed', after='{n}d') and count('Order Completed', last='365d') >= {n}",
    "count('Product Added', where=items >= {n}, last='30d') >= 2",
    "sequence('Product Viewed', 'Product Added', 'Order Completed', within='{n}h', last='7d')",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    """Some segments, live and complete.

    Attributes:
        rule: The rule of the only one; empty for several.
        segments: How many.
        members: Memberships in them.
        wall_s: Seconds that passed.
        cpu_s: User and system time.
    """

    rule: str
    segments: int
    members: int
    wall_s: float
    cpu_s: float


def definitions(count: int) -> list[Definition]:
    """So many segments, of ten sorts in turn."""
    found = []
    for index in range(count):
        text = TEMPLATES[index % len(TEMPLATES)].replace("{n}", str(1 + index // len(TEMPLATES)))
        found.append(Definition(name=f"s{index}", rule=read(text)))
    return found


def seeded(dataset: Dataset, wanted: Sequence[Definition], rule: str) -> Seeded:
    """Seed some segments from a warehouse that was just opened."""
    shapes = [
        EventShape(name=name, properties={each: _KINDS[each] for each in own}) for name, own in PROPERTIES.items()
    ]
    catalogue = Catalogue(
        zone=ZoneInfo("UTC"), events={each.name: each for each in shapes}, traits={"country": Kind.TEXT}
    )
    gc.collect()
    with Warehouse.open(dataset.warehouse, spill=dataset.folder / "spill", memory=1_500_000_000) as warehouse:
        started, used = time.perf_counter(), cpu_seconds()
        live = LiveRules(wanted, catalogue)
        seeding = LiveSeeding(live, catalogue, micros(dataset.now))
        events = {name: warehouse.table(event_table(name)) for name in PROPERTIES}
        tables = Tables(customers=warehouse.table("customers"), events=events)
        flips = fill(seeding, tables, warehouse, cut=None, members={})
        wall_s, cpu_s = time.perf_counter() - started, cpu_seconds() - used
    return Seeded(rule=rule, segments=len(wanted), members=len(flips), wall_s=round(wall_s, 2), cpu_s=round(cpu_s, 2))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 3 when a segment takes longer than promised."""
    parser = argparse.ArgumentParser(prog="python -m bench.seeding", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000_000, help="events in the warehouse (10000000)")
    parser.add_argument("--short", action="store_true", help=f"{SHORT} events; proves nothing of the promise")
    parser.add_argument("--segments", type=int, default=50, help="segments seeded together at the end (50)")
    parser.add_argument("--cache", type=Path, default=_ROOT / ".bench", help="where generated data is kept (.bench)")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    options = parser.parse_args(arguments)
    events = SHORT if options.short else options.events
    dataset = _dataset(options.cache, Recipe(events=events, customers=max(1, events // 40)))
    single = [seeded(dataset, [each], write(each.rule)) for each in definitions(len(TEMPLATES))]
    together = seeded(dataset, definitions(options.segments), "")
    slowest_s = max(max(each.wall_s, each.cpu_s) for each in single)
    document = {
        "events": dataset.events,
        "customers": dataset.customers,
        "segments": [asdict(each) for each in single],
        "slowest_s": slowest_s,
        "promised_s": AT_MOST_S,
        "together": asdict(together),
        "peak_mb": round(peak_mb()),
    }
    sys.stdout.write(json.dumps(document) + "\n" if options.json else _told(single, together))
    return DONE if slowest_s <= AT_MOST_S else BROKEN


def _told(single: Sequence[Seeded], together: Seeded) -> str:
    lines = [f"{each.wall_s:6.2f} s  {each.cpu_s:6.2f} CPU-s  {each.members:9,} in  {each.rule}" for each in single]
    all_of_them = f"{together.segments} segments together"
    lines.append(f"{together.wall_s:6.2f} s  {together.cpu_s:6.2f} CPU-s  {together.members:9,} in  {all_of_them}")
    return "".join(f"{line}\n" for line in [*lines, f"peak memory {peak_mb():,.0f} MB"])


def _dataset(cache: Path, recipe: Recipe) -> Dataset:
    """The history, generated in a process of its own so that this one stays small."""
    folder = folder_of(cache, recipe)
    if (found := open_dataset(folder)) is not None:
        return found
    process = multiprocessing.get_context("spawn").Process(target=make_dataset, args=(cache, recipe))
    process.start()
    process.join()
    made = open_dataset(folder)
    if made is None:
        raise RuntimeError(f"Generating ended with exit code {process.exitcode}.")
    return made


if __name__ == "__main__":
    sys.exit(main())
