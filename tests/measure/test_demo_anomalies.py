"""What the samples plant is found in the demonstration and in shops of other chances, with the group that made it."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from habitue.measure.anomalies import Chance, Daily, Floats, Spell, find_group_spells, find_spells
from habitue.measure.drivers import find_drivers
from habitue.samples import write_retail
from habitue.samples.campaigns import CAMPAIGNS
from tests.terminal import answer

Group = tuple[str, str]
Made = tuple[str, Group, int, int]
DRIVERS: dict[str, tuple[str, Group]] = {
    "card_payments_down": ("orders", ("channel", "web")),
    "app_release_broken": ("orders", ("channel", "app")),
    "influencer_video": ("visitors", ("source", "social")),
    "german_site_slow": ("visitors", ("country", "DE")),
}
UNTIL, DAYS, LOOKED = datetime(2026, 6, 30, 22, tzinfo=UTC), 730, range(480, 730)


def _planted(folder: Path) -> dict[str, tuple[date, date]]:
    with (folder / "truth" / "anomalies.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        each["name"]: (date.fromisoformat(each["first_day"]), date.fromisoformat(each["last_day"])) for each in rows
    }


def test_everything_planted_is_found_in_the_demonstration_with_its_driver(tmp_path: Path) -> None:
    """With as many customers as it has where nobody says how many."""
    demo = tmp_path / "demo"
    answer("demo", "--dir", demo, "--no-serve")
    found = answer("anomalies", "--since", "2025-11-01", "--project", demo)["anomalies"]
    planted = _planted(demo)
    assert set(planted) == set(DRIVERS)
    for name, (first, last) in planted.items():
        metric, driver = DRIVERS[name]
        meant = [
            each
            for each in found
            if each["metric"] == metric
            and (each["drivers"][0]["dimension"], each["drivers"][0]["group"]) == driver
            and each["day"] <= last.isoformat()
            and each["last_day"] >= first.isoformat()
        ]
        assert meant, name
        assert all((each["score"] > 0) == (name == "influencer_video") for each in meant)
        assert meant[0]["drivers"][0]["explains"] > 0.7


class _Shop:
    """The daily counts of a written sample, read without a project."""

    def __init__(self, folder: Path) -> None:
        self.first = UNTIL.date().toordinal() - DAYS + 1
        self.counts: dict[tuple[str, Group], Floats] = {}
        seen: set[tuple[Group, int, str]] = set()
        for each in _objects(folder / "data" / "orders.ndjson"):
            self._put("orders", str(each.get("ordered_at", "")), each, ("channel", "country"))
        for each in _objects(folder / "data" / "web_events.ndjson"):
            if each.get("event") == "Page Viewed":
                self._put("visitors", str(each.get("timestamp", "")), each, ("channel", "country", "source"), seen)

    def _put(
        self,
        metric: str,
        when: str,
        row: dict[str, object],
        dimensions: tuple[str, ...],
        seen: set[tuple[Group, int, str]] | None = None,
    ) -> None:
        try:
            place = date.fromisoformat(when[:10]).toordinal() - self.first
        except ValueError:
            return
        if not 0 <= place < DAYS:
            return
        for group in (("", ""), *((name, str(row.get(name))) for name in dimensions)):
            if seen is not None:
                key = (group, place, str(row.get("customer")))
                if key in seen:
                    continue
                seen.add(key)
            self.counts.setdefault((metric, group), np.zeros(DAYS))[place] += 1

    def found(self) -> Iterator[Made]:
        """Metric, group or first driver, first and last place of every spell of the last 250 days."""
        for metric in ("orders", "visitors"):
            whole = self.counts[metric, ("", "")]
            begins = int(np.flatnonzero(whole)[0])
            groups = {
                group: days[begins:] for (name, group), days in self.counts.items() if name == metric and group[0]
            }
            places = range(LOOKED.start - begins, LOOKED.stop - begins)
            rows, one = np.array(list(groups.values())), whole[np.newaxis, begins:]
            (wholes,) = find_spells(Daily(upper=one, people=one), places, chance=Chance.COUNT)
            for spell in wholes:
                yield self._made(metric, _first_driver(spell, groups), spell, begins)
            parts = find_group_spells(rows, np.maximum(one - rows, 0.0), places, wholes=wholes)
            for group, spells in zip(groups, parts, strict=True):
                for spell in spells:
                    yield self._made(metric, group, spell, begins)

    def _made(self, metric: str, group: Group, spell: Spell, begins: int) -> Made:
        return metric, group, self.first + begins + spell.first, self.first + begins + spell.last


def _first_driver(spell: Spell, groups: dict[Group, Floats]) -> Group:
    found = [
        driver
        for name in dict.fromkeys(dimension for dimension, _ in groups)
        for driver in find_drivers(spell, {group: days for (dim, group), days in groups.items() if dim == name}, name)
    ]
    best = max(found, key=lambda each: each.weight, default=None)
    return ("", "") if best is None else (best.dimension, best.group)


def _objects(file: Path) -> Iterator[dict[str, object]]:
    with file.open() as lines:
        for line in lines:
            try:
                yield json.loads(line)
            except ValueError:
                continue


@pytest.mark.parametrize("seed", range(21, 26))
def test_everything_planted_is_found_at_demo_size_whatever_the_chances(seed: int, tmp_path: Path) -> None:
    write_retail(tmp_path, customers=2_000, seed=seed, until=UNTIL)
    found = set(_Shop(tmp_path).found())
    for name, (first, last) in _planted(tmp_path).items():
        metric, driver = DRIVERS[name]
        meant = [
            (begin, end)
            for what, group, begin, end in found
            if (what, group) == (metric, driver) and begin <= last.toordinal() and end >= first.toordinal()
        ]
        assert meant, (name, seed)


def test_a_shop_to_which_nothing_happens_has_fewer_than_one_false_alarm_in_two_hundred_metric_days(
    tmp_path: Path,
) -> None:
    """Outside the fortnights of campaigns and the turns of seasons, which are no false alarms."""
    looked = alarms = 0
    for seed in range(31, 35):
        folder = tmp_path / str(seed)
        write_retail(folder, customers=2_000, seed=seed, until=UNTIL, oddities=())
        assert _planted(folder) == {}
        shop, last = _Shop(folder), UNTIL.date().toordinal()
        busy = {last - each.days_before + after for each in CAMPAIGNS for after in range(17)}
        quiet = {last - ago for ago in range(LOOKED.stop - LOOKED.start)} - busy
        quiet = {each for each in quiet if date.fromordinal(each) >= date(2026, 2, 15)}
        looked += 2 * len(quiet)
        alarms += sum(set(range(begin, end + 1)) <= quiet for _, _, begin, end in shop.found())
    assert looked > 500
    assert 100 * alarms / looked < 0.5
