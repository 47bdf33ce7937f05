"""Scores of how long ago something was: looked up on a staircase, they are what looking back at the events says."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from habitue.records import Kind
from habitue.rules import Catalogue, EventShape, check_condition, read
from habitue.rules.cuts import cut_points
from habitue.rules.evaluation import Context
from habitue.rules.history import Happening, Happenings, instant_of, micros
from habitue.rules.live_leaves import any_shape
from habitue.rules.live_people import NEVER, LivePerson
from habitue.rules.live_steps import steps_shape
from habitue.rules.lowering import inline
from habitue.rules.nodes import Compare, Node, Place
from habitue.rules.walking import walk

CATALOGUE = Catalogue(
    zone=ZoneInfo("UTC"),
    events={"Order": EventShape(name="Order", properties={"channel": Kind.TEXT})},
    traits={"country": Kind.TEXT},
)
BEGUN = micros(instant_of(1_700_000_000_123_457))
DAY = timedelta(days=1) // timedelta(microseconds=1)
RULES = (
    "6 - tile(days(since(last_at('Order'))), 5) >= 3",
    "6 - tile(days(since(last_at('Order'))), 5) == 4",
    "6 - tile(days(since(last_at('Order', where=channel == 'web'))), 5) <= 2",
    "tile(days(since(first_at('Order'))), 3) != 2",
    "percentile(days(since(last_at('Order')))) < 0.5",
    "days(since(last_at('Order'))) * 2 - 10 > 4.5",
    "3 <= days(since(last_at('Order'))) / 7",
    "since(last_at('Order')) > '9d'",
)
DAYS = [3, 5, 8, 8.5, 13, 21, 34, 55, 89]


def context_of(rule: Node) -> Context:
    cuts = {each.inner: cut_points(DAYS) for each in walk(rule) if isinstance(each, Place)}
    return Context(catalogue=CATALOGUE, cuts=cuts)


def settled(text: str) -> Node:
    return inline(check_condition(read(text), CATALOGUE), CATALOGUE)


@pytest.mark.parametrize("text", RULES)
def test_a_staircase_says_what_looking_back_says_at_every_edge(text: str) -> None:
    rule = settled(text)
    context = context_of(rule)
    quick, plain = steps_shape(rule, context), any_shape(rule, context)
    assert quick is not None
    person = LivePerson("c1", 0)
    order = Happening(occurred_at=instant_of(BEGUN), position=1, properties={"channel": "web"})
    person.events["Order"] = Happenings.in_order((order,))
    stairs, looking = quick.make(), plain.make()
    stairs.take(0, BEGUN, 1, order.properties)
    edges = sorted({BEGUN, *(int(days * DAY) + BEGUN for days in (*DAYS, 7, 7.25, 21, 0.5))})
    asked = sorted({edge + off for edge in edges for off in (-1_000_000, -1, 0, 1, 1_000_000, DAY // 3)})
    for now in (each for each in asked if each >= BEGUN):
        assert stairs.look(person, now) is looking.look(person, now), now - BEGUN
        assert stairs.due > now
        # Nothing changes before it says so, and the other one knows the same instant or an earlier look.
        if stairs.due < NEVER:
            held = stairs.look(person, now)
            assert looking.look(person, stairs.due - 1) is held
            assert looking.look(person, stairs.due) is not held


def test_whoever_never_did_it_is_on_no_stair() -> None:
    rule = settled(RULES[0])
    shape = steps_shape(rule, context_of(rule))
    assert shape is not None
    assert not shape.make().look(LivePerson("c1", 0), BEGUN)


@pytest.mark.parametrize(
    "text",
    [
        "default(days(since(last_at('Order'))), 0) < 3",
        "days(since(last_at('Order', last='30d'))) < 3",
        "days(since(last_at('Order'))) < count('Order')",
        "since(last_at('Order')) > '3d' and trait.country == 'GB'",
        "days(since(last_at('Order'))) < days(since(first_at('Order'))) - 3",
    ],
)
def test_what_looks_at_anything_else_has_no_staircase(text: str) -> None:
    found = [each for each in walk(settled(text)) if isinstance(each, Compare)]
    assert steps_shape(settled(text), context_of(settled(text))) is None or len(found) > 1
