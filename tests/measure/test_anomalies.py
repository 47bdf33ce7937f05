"""Planted days out of the ordinary are found with the group that made them, and quiet weeks are left alone."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.measure.anomalies import Chance, Observed, Oddity, find_drivers, find_oddities
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


@given(st.lists(st.integers(50, 100), min_size=8, max_size=8), st.integers(0, 400))
def test_a_count_within_three_roots_of_its_median_is_never_an_alarm(before: list[int], now: int) -> None:
    day = date(2026, 3, 30)
    values = {day - timedelta(weeks=n + 1): Observed(value=each, people=each) for n, each in enumerate(before)}
    values[day] = Observed(value=now, people=now)
    usual = sorted(before)
    middle = (usual[3] + usual[4]) / 2
    found = find_oddities(values, [day], chance=Chance.COUNT)
    if abs(now - middle) < 3 * middle**0.5:
        assert not found
    if found:
        assert (found[0].score > 0) == (now > middle)


def test_three_weeks_are_too_few_to_say_anything() -> None:
    day = date(2026, 3, 30)
    values = {day - timedelta(weeks=n): Observed(value=100 if n else 0, people=100) for n in range(4)}
    assert find_oddities(values, [day], chance=Chance.COUNT) == []


def test_groups_that_went_along_with_the_whole_are_no_surprise() -> None:
    day, week = date(2026, 3, 30), date(2026, 3, 23)
    oddity = Oddity(day=day, value=200, expected=100, score=9.0)
    groups = {"even": {week: 50.0, day: 100.0}, "odd": {week: 50.0, day: 100.0}}
    assert [each.surprise for each in find_drivers(oddity, groups, "kind", begins=week)] == [0, 0]
    groups = {"even": {week: 50.0, day: 150.0}, "odd": {week: 50.0, day: 50.0}}
    (driver,) = find_drivers(oddity, groups, "kind", begins=week)
    assert (driver.group, driver.explains) == ("even", 1.0)
    assert driver.surprise > 0
