"""Histories drawn for the example catalogue: a few events on a grid of hours, at the edges of drawn windows."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache

from hypothesis import strategies as st

from habitue.records import Kind
from habitue.rules.catalogue import Catalogue
from habitue.rules.checking import check
from habitue.rules.cuts import CutPoints, cut_points
from habitue.rules.evaluation import Context
from habitue.rules.history import Consent, Happening, History, Value, history_of
from habitue.rules.nodes import Node, Place
from habitue.rules.walking import walk
from tests.rules.example_catalogue import CATALOGUE, DAY, HOUR, LENGTHS, WORDS

NOW = datetime(2026, 3, 30, 10, tzinfo=UTC)
"""The day after the clocks went forward in the catalogue's zone."""
MICROSECOND = timedelta(microseconds=1)


def ago(us: int) -> datetime:
    """The instant so many microseconds before NOW."""
    return NOW - timedelta(microseconds=us)


def value_of(kind: Kind) -> st.SearchStrategy[Value | None]:
    """A value of a kind, from those that drawn rules compare with, or missing."""
    drawn: Mapping[Kind, st.SearchStrategy[Value]] = {
        Kind.TEXT: st.sampled_from(WORDS),
        Kind.INTEGER: st.integers(-1, 5),
        Kind.NUMBER: st.sampled_from([0.1, 0.1 + 0.2, 2.5, -0.5, 12.3456, 3.0, 0.0]),
        Kind.MONEY: st.sampled_from(["0", "0.1", "2.5", "12.3456", "-0.5", "3"]).map(Decimal),
        Kind.BOOLEAN: st.booleans(),
        Kind.TIME: _grid_times(),
        Kind.DATE: st.sampled_from([datetime(2026, 3, 24, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC)]),
    }
    return st.none() | drawn[kind]


def _grid_times() -> st.SearchStrategy[datetime]:
    edges = st.sampled_from([0, *LENGTHS[:-1], 2 * LENGTHS[1], 14 * DAY])
    return edges.map(ago) | st.integers(-3, 24 * 9).map(lambda hours: ago(hours * HOUR))


@cache
def happenings(event: str, *, fine: bool = False) -> st.SearchStrategy[Happening]:
    """One event; with `fine`, up to a microsecond beside the grid."""
    properties = st.fixed_dictionaries(
        {name: value_of(kind) for name, kind in CATALOGUE.events[event].properties.items()}
    )
    times = _grid_times()
    if fine:
        times = st.builds(lambda time, shift: time + shift * MICROSECOND, times, st.integers(-1, 1))
    return st.builds(Happening, occurred_at=times, position=st.integers(0, 99), properties=properties)


@st.composite
def histories(draw: st.DrawFn, *, customer_id: str = "42", fine: bool = False) -> History:
    """One person's short history; positions are unique."""
    numbers = iter(range(100, 1000))
    events: dict[str, Iterable[Happening]] = {}
    for name in sorted(CATALOGUE.events):
        drawn = draw(st.lists(happenings(name, fine=fine), max_size=5))
        order = draw(st.permutations([next(numbers) for _ in drawn]))
        events[name] = [
            Happening(
                occurred_at=each.occurred_at, position=position, properties=each.properties, event_id=f"e{position}"
            )
            for each, position in zip(drawn, order, strict=True)
        ]
    traits = {name: draw(value_of(kind)) for name, kind in CATALOGUE.traits.items() if kind is not Kind.LOCATION}
    place = draw(st.sampled_from([(None, None), (52.5, 13.4), (48.1, 11.6)]))
    consents = [
        Consent(
            purpose=draw(st.sampled_from(sorted(CATALOGUE.purposes))), given=given, occurred_at=at, position=position
        )
        for position, (at, given) in enumerate(draw(st.lists(st.tuples(_grid_times(), st.booleans()), max_size=4)))
    ]
    scores = {
        "churn": value_of(Kind.NUMBER),
        "churn.decile": value_of(Kind.INTEGER),
        "churn.low": value_of(Kind.NUMBER),
    }
    return history_of(
        customer_id,
        events=events,
        traits={**traits, "home_lat": place[0], "home_lon": place[1]},
        scores={name: draw(values) for name, values in scores.items()},
        clusters={"personas": draw(value_of(Kind.TEXT))},
        consents=consents,
    )


@st.composite
def contexts_for(draw: st.DrawFn, rule: Node, catalogue: Catalogue = CATALOGUE) -> Context:
    """Cut points for every ranked expression of a settled, inlined rule."""
    cuts: dict[Node, CutPoints] = {}
    for part in walk(rule):
        if isinstance(part, Place):
            kind = check(part.inner, catalogue).kind
            values = [
                each for each in draw(st.lists(value_of(kind), max_size=5)) if isinstance(each, int | float | Decimal)
            ]
            tops = {one.n for one in walk(rule) if isinstance(one, Place) and one.kind == "top"}
            cuts[part.inner] = cut_points(values, tops=tops)
    return Context(catalogue=catalogue, cuts=cuts)
