"""Planted days out of the ordinary are found with the group that made them, and quiet weeks are left alone."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.measure.anomalies import Chance, Daily, Floats, Spell, find_group_spells, find_spells
from habitue.measure.drivers import find_drivers
from tests.projects import SETTINGS, put
from tests.terminal import answer, habitue

SOURCE = """source: orders
files: orders.csv
columns:
  order: {field: order_id, type: text, required: true}
  customer: {field: customer, type: text, required: true}
  at: {field: ordered_at, type: time, required: true}
  amount: {field: amount, type: money, required: true}
  device: {field: device, type: text}
  country: {field: country, type: text}
makes:
  - event: Order Completed
    customer: customer
    occurred_at: ordered_at
    properties: {order_id: order_id, revenue: amount, device: device, country: country}
"""
FIRST, WEEKS = datetime(2026, 1, 5, tzinfo=UTC), 12
BROKEN, BUSY = date(2026, 3, 24), date(2026, 3, 27)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve weeks of a shop, of a third more orders on Saturdays, with two planted days.

    On one the shop took no orders by telephone; on another Austria ordered four times as much.
    """
    shop = tmp_path_factory.mktemp("planted") / "shop"
    put(shop / "habitue.yaml", SETTINGS)
    put(shop / "sources/orders.yaml", SOURCE)
    lines, dice = ["order,customer,at,amount,device,country\n"], Random(7)
    for number in range(WEEKS * 7):
        day = FIRST + timedelta(days=number)
        for order in range(round((240 if day.isoweekday() == 6 else 180) * dice.uniform(0.95, 1.05))):
            device, country = dice.choice(["mobile", "desktop"]), dice.choice(["GB", "GB", "DE", "AT"])
            if day.date() == BROKEN and device == "mobile":
                continue
            for copy in range(5 if day.date() == BUSY and country == "AT" else 1):
                at = (day + timedelta(hours=9, seconds=order * 100)).isoformat()
                key, who, paid = f"{number}-{order}-{copy}", dice.randrange(900), dice.uniform(20, 40)
                lines.append(f"{key},c{who},{at},{paid:.2f},{device},{country}\n")
    put(shop / "orders.csv", "".join(lines))
    answer("build", "--project", shop)
    return shop


def test_planted_days_are_found_with_the_group_that_made_them(planted: Path) -> None:
    found = answer("anomalies", "--since", "2026-03-10", "--project", planted)["anomalies"]
    drivers = {(each["metric"], each["day"]): each["drivers"] for each in found}
    assert {day for _, day in drivers} == {BROKEN.isoformat(), BUSY.isoformat()}
    for metric in ("orders", "revenue"):
        fewer, more = drivers[metric, BROKEN.isoformat()][0], drivers[metric, BUSY.isoformat()][0]
        assert (fewer["dimension"], fewer["group"], fewer["value"]) == ("device", "mobile", 0)
        assert (more["dimension"], more["group"]) == ("country", "AT")
        assert more["explains"] > 0.8
    directions = {each["day"]: each["good"] for each in found if each["metric"] == "orders"}
    assert directions == {BROKEN.isoformat(): False, BUSY.isoformat(): True}


def test_the_expected_value_is_the_median_of_the_same_weekdays(planted: Path) -> None:
    found = answer("anomalies", "orders", "--since", "2026-03-24", "--project", planted)["anomalies"]
    (broken,) = [each for each in found if each["day"] == BROKEN.isoformat()]
    days = answer("measure", "orders", "--every", "day", "--since", "2026-01-05", "--project", planted)["cells"]
    before = {(BROKEN - timedelta(weeks=weeks)).isoformat() for weeks in range(1, 9)}
    tuesdays = sorted(each["value"] for each in days if each["step"] in before)
    assert len(tuesdays) == 8
    assert broken["expected"] == (tuesdays[3] + tuesdays[4]) / 2


def test_without_people_anomalies_are_rounded_and_name_no_group_of_few(planted: Path) -> None:
    found = answer("anomalies", "--since", "2026-03-10", "--as", "executive", "--project", planted)
    assert found["rounded"]
    for each in found["anomalies"]:
        assert each["value"] == float(f"{each['value']:.3g}")
        assert all(driver["value"] == 0 or driver["value"] >= 10 for driver in each["drivers"])


def test_a_quiet_shop_says_so(planted: Path) -> None:
    found = habitue("anomalies", "--since", "2026-03-10", "--until", "2026-03-20", "--project", planted)
    assert (found.code, found.out) == (0, "No day was out of the ordinary.\n")


def _series(days: Sequence[float]) -> Daily:
    values = np.array([days], dtype=np.float64)
    return Daily(upper=values, people=values)


def _after_ten_weeks(values: Sequence[float]) -> list[Spell]:
    """The spells after ten weeks."""
    (found,) = find_spells(_series(values), range(70, len(values)), chance=Chance.COUNT)
    return found


@given(st.lists(st.integers(50, 75), min_size=8, max_size=8), st.integers(0, 400))
def test_a_count_within_three_roots_of_its_median_is_never_an_alarm(before: list[int], now: int) -> None:
    days = [float(each) for each in [*before[-2:], *before] for _ in range(7)] + [float(now)]
    middle = float(np.median(before))
    single = [each for each in _after_ten_weeks(days) if each.days == 1]
    if abs(now - middle) < 3 * middle**0.5:
        assert not single
    for each in single:
        assert (each.score > 0) == (now > middle)
        assert each.expected == middle


def test_three_weeks_are_too_few_to_say_anything() -> None:
    assert find_spells(_series([100.0] * 21 + [0.0]), range(21, 22), chance=Chance.COUNT) == [[]]


def test_days_that_say_nothing_alone_are_found_as_a_spell() -> None:
    usual = [2.0, 3.0, 2.0, 1.0, 3.0, 2.0, 1.0] * 10
    assert _after_ten_weeks([*usual, 0.0]) == []
    (spell,) = _after_ten_weeks([*usual, *([0.0] * 10)])
    assert (spell.days, spell.value, spell.expected) == (10, 0.0, 21.0)


def test_a_day_out_of_the_ordinary_is_nothing_that_later_days_are_compared_with() -> None:
    usual = [20.0] * 70
    usual[50] = 400.0
    (spell,) = _after_ten_weeks([*usual, 0.0, 0.0])
    assert (spell.days, spell.expected) == (2, 40.0)


@pytest.mark.parametrize("rate", [0.5, 3.0, 20.0, 200.0])
def test_noise_makes_fewer_than_one_alarm_in_five_hundred_days(rate: float) -> None:
    dice, many, days = np.random.default_rng(11), 60, 340
    week = np.resize([1.0, 1.17, 1.14, 1.32, 0.88, 0.22, 0.92], days)
    upper, lower = (dice.poisson(week * times, size=(many, days)).astype(float) for times in (rate, 3 * rate))
    places = range(140, days)
    counts = find_spells(Daily(upper=upper, people=upper), places, chance=Chance.COUNT)
    shares = find_spells(Daily(upper=upper, lower=lower, people=lower), places, chance=Chance.RATIO)
    groups = find_group_spells(upper, lower, places, wholes=[])
    for found, most in ((counts, 0.2), (shares, 0.2), (groups, 0.02)):
        assert 100 * sum(map(len, found)) / (many * len(places)) <= most


def test_a_share_that_moves_with_its_whole_is_no_alarm_of_its_own() -> None:
    dice, days = np.random.default_rng(5), 200
    level = np.where(np.arange(days) < 190, 60.0, 20.0)
    groups = dice.poisson(level * 0.5, size=(2, days)).astype(float)
    groups[1, 190:] = 0.0
    whole = np.sum(groups, axis=0, keepdims=True) + dice.poisson(level, size=(1, days))
    places = range(150, days)
    (wholes,) = find_spells(Daily(upper=whole, people=whole), places, chance=Chance.COUNT)
    assert wholes
    alike, gone = find_group_spells(groups, whole - groups, places, wholes=wholes)
    assert not alike
    assert gone
    assert (gone[-1].value, gone[-1].last) == (0.0, days - 1)


def test_groups_that_went_along_with_the_whole_are_no_surprise() -> None:
    spell = Spell(last=35, days=1, value=200.0, expected=100.0, score=9.0)

    def group(now: float) -> Floats:
        return np.array([50.0] * 35 + [now])

    found = find_drivers(spell, {"even": group(100.0), "odd": group(100.0)}, "kind")
    assert [each.surprise for each in found] == [0, 0]
    (driver,) = find_drivers(spell, {"even": group(150.0), "odd": group(50.0)}, "kind")
    assert (driver.group, driver.explains) == ("even", 1.0)
    assert driver.surprise > 0


def test_a_metric_of_which_nothing_is_known_makes_no_alarm(shop: Path) -> None:
    found = answer("anomalies", "--since", "2026-02-01", "--until", "2026-02-10", "--project", shop)
    assert found["anomalies"] == []
    assert "orders" in found["metrics"]
