"""How much a live reading keeps: told for each segment, split where segments share, and bounded."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from habitue.records import Kind
from habitue.rules import Catalogue, Definition, EventShape, read
from habitue.rules.history import micros
from habitue.rules.live import LiveRules
from habitue.rules.live_weighing import Weighing, Weight

START = micros(datetime(2026, 1, 1, tzinfo=UTC))
SECOND = 1_000_000
CATALOGUE = Catalogue(
    zone=ZoneInfo("UTC"),
    events={name: EventShape(name=name, properties={"path": Kind.TEXT}) for name in ("Viewed", "Bought")},
    traits={},
)


def reading(**rules: str) -> LiveRules:
    return LiveRules([Definition(name=name, rule=read(rule)) for name, rule in rules.items()], CATALOGUE)


def do(live: LiveRules, people: int, event: str, *, times: int = 1) -> None:
    for number in range(people):
        for time in range(times):
            at = START + time * SECOND
            live.take(f"c{number}", event, at, number * times + time, {"path": f"/{time % 3}"}, at)


def weigh(live: LiveRules, sample: int = 1_000) -> Weight:
    weighing = Weighing(live, sample=sample)
    while weighing.step(7):
        pass
    return weighing.weight()


def test_what_two_segments_share_is_split_between_them() -> None:
    live = reading(one="did('Viewed', last='7d')", two="count('Viewed', last='3d') >= 2", other="did('Bought')")
    do(live, 40, "Viewed", times=3)
    do(live, 10, "Bought")
    weight = weigh(live)
    one, two, other = (weight.definitions[name] for name in ("one", "two", "other"))
    assert (weight.people, weight.looked_at, weight.states) == (40, 40, 50)
    assert one == two
    assert (one.people, other.people) == (40, 10)
    assert (one.items, other.items) == (40, 10)
    assert weight.items == sum(each.items for each in weight.definitions.values())
    parts = sum(each.approximate_bytes for each in weight.definitions.values())
    assert parts < weight.approximate_bytes


def test_events_that_are_looked_back_at_count_for_those_who_look() -> None:
    live = reading(paths="distinct('Viewed'.path, last='7d') >= 9", buyers="did('Bought')")
    do(live, 5, "Viewed", times=12)
    weight = weigh(live)
    assert weight.definitions["paths"].items == weight.items == 5 * 12
    assert weight.definitions["buyers"].people == weight.definitions["buyers"].items == 0


def test_where_some_are_looked_at_the_figures_stand_for_everybody() -> None:
    live = reading(viewers="did('Viewed', last='7d')")
    do(live, 1_000, "Viewed")
    weight = weigh(live, sample=50)
    assert (weight.people, weight.looked_at) == (1_000, 50)
    assert weight.states == weight.definitions["viewers"].people == 1_000


@pytest.mark.parametrize(
    "rule",
    [
        "count('Viewed', last='7d') >= 3",
        "distinct('Viewed'.path, last='1m') >= 2",
        "unfollowed('Viewed', by='Bought', within='1m', last='2m')",
        "sequence('Viewed', 'Bought', within='1m', last='2m')",
    ],
)
def test_somebody_who_does_something_for_ever_does_not_take_ever_more(rule: str) -> None:
    live = reading(some=rule)
    do(live, 1, "Viewed", times=2_000)
    live.advance_to(START + 2_000 * SECOND)
    assert weigh(live).items < 1_000


def test_nobody_weighs_nothing() -> None:
    weight = weigh(reading(viewers="did('Viewed')"))
    assert (weight.people, weight.items, weight.approximate_bytes) == (0, 0, 0)
