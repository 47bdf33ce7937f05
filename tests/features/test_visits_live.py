"""Visits while events arrive, in whatever order, are the visits that are cut out of all events at once."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis.backends.duckdb import Backend

from habitue.features.sessions import sessions
from habitue.features.visits_live import PersonVisits, Place, Revision, says_of
from habitue.live.sessions import LiveVisits
from habitue.records import Kind
from habitue.rules import EventShape
from habitue.rules.history import Happening, micros

START = datetime(2026, 3, 1, 10, tzinfo=UTC)
GAP_US = 60_000_000
SHAPES = {
    "Page Viewed": {"path": Kind.TEXT, "url": Kind.TEXT, "referrer": Kind.TEXT, "utm_medium": Kind.TEXT},
    "Product Added": {"device": Kind.TEXT, "page": Kind.TEXT, "channel": Kind.INTEGER},
    "Cart Viewed": {"referrer": Kind.PERSONAL},
}
TYPES = {Kind.TEXT: "string", Kind.PERSONAL: "string", Kind.INTEGER: "int64"}
SAYS = {name: EventShape(name=name, properties=kinds) for name, kinds in SHAPES.items()}


class Done(NamedTuple):
    """Somebody did something."""

    customer: str
    event: str
    after_us: int
    properties: dict[str, str | int | None]


@pytest.fixture(scope="module")
def engine() -> Iterator[Backend]:
    backend = ibis.duckdb.connect()
    yield backend
    backend.disconnect()


def batch(engine: Backend, done: Sequence[Done], names: Sequence[str]) -> list[tuple[object, ...]]:
    """What a build cuts."""
    tables = []
    for name in names:
        kinds = SHAPES[name]
        schema = ibis.schema(
            {
                "customer_id": "string",
                "occurred_at": "timestamp(6)",
                "position": "int64",
                **{each: TYPES[kind] for each, kind in kinds.items()},
            }
        )
        rows = [
            (
                each.customer,
                (START + timedelta(microseconds=each.after_us)).replace(tzinfo=None),
                place,
                *(each.properties.get(column) for column in kinds),
            )
            for place, each in enumerate(done)
            if each.event == name
        ]
        tables.append((name, ibis.memtable(rows, schema=schema)))
    columns = ["customer_id", "occurred_at", "position", *WORDS]
    found = engine.to_pyarrow(sessions(tables, gap_us=GAP_US)).select(columns).to_pylist()
    return sorted(tuple(row.values()) for row in found)


WORDS = ("started_at", "duration_s", "pages", "events", "bounced", "entry", "exit", "channel", "device")


def row(customer: str, session: Happening) -> tuple[object, ...]:
    """A session as a row of the table."""
    words = [session.properties[each] for each in WORDS]
    words[0] = words[0].replace(tzinfo=None) if isinstance(words[0], datetime) else None
    return customer, session.occurred_at.replace(tzinfo=None), session.position, *words


class Told:
    """Visits of some people told one event after the other, and the sessions that follow by what changes."""

    def __init__(self, names: Sequence[str]) -> None:
        self.says = says_of([SAYS[name] for name in names])
        self.people: dict[str, PersonVisits] = {}
        self.sessions: dict[str, dict[Place, Happening]] = {}

    def tell(self, customer: str, place: int, done: Done) -> None:
        """One event comes in."""
        at = micros(START) + done.after_us
        step = self.says[done.event].step((at, place), done.properties)
        person = self.people.setdefault(customer, PersonVisits())
        self.apply(customer, person.hear(step, 0, GAP_US))

    def merge(self, stays: str, gone: str) -> None:
        """Two people are one."""
        theirs = self.people.pop(gone, None)
        self.sessions.setdefault(stays, {}).update(self.sessions.pop(gone, {}))
        if theirs is not None:
            self.apply(stays, self.people.setdefault(stays, PersonVisits()).merge(theirs, GAP_US))

    def merge_pairs(self) -> None:
        """Everybody is one with their other."""
        for gone, stays in PAIRS.items():
            if gone != stays:
                self.merge(stays, gone)

    def apply(self, customer: str, revision: Revision) -> None:
        """Some sessions are no more, others come."""
        known = self.sessions.setdefault(customer, {})
        for each in revision.gone:
            del known[each]
        for session in revision.come:
            place = micros(session.occurred_at), session.position
            assert place not in known
            known[place] = session

    def rows(self) -> list[tuple[object, ...]]:
        """All sessions."""
        return sorted(row(customer, each) for customer, known in self.sessions.items() for each in known.values())


PAIRS = {"c1": "c1", "c2": "c1", "c3": "c3", "c4": "c3", "c5": "c5", "c6": "c5"}
texts = st.one_of(st.none(), st.sampled_from(["a", "b", "c"]))
times = st.one_of(
    st.integers(0, 8 * GAP_US),
    st.builds(lambda gaps, off: gaps * GAP_US + off, st.integers(0, 8), st.integers(-1, 1)),
)


@st.composite
def doings(draw: st.DrawFn) -> tuple[list[Done], list[str]]:
    """Some events of six people, and the names that visits are made of."""
    names = draw(st.lists(st.sampled_from(sorted(SHAPES)), min_size=1, unique=True))
    done = []
    for _ in range(draw(st.integers(1, 45))):
        event = draw(st.sampled_from(names))
        properties = {name: draw(texts) for name, kind in SHAPES[event].items() if kind is not Kind.INTEGER}
        done.append(Done(draw(st.sampled_from(sorted(PAIRS))), event, draw(times), dict(properties)))
    return done, sorted(names)


@given(drawn=doings(), chance=st.randoms(use_true_random=False))
@settings(max_examples=14, deadline=None)
def test_visits_in_any_order_are_those_of_a_build(
    engine: Backend, drawn: tuple[list[Done], list[str]], chance: Random
) -> None:
    done, names = drawn
    order = list(enumerate(done))
    chance.shuffle(order)
    told = Told(names)
    for place, each in order:
        told.tell(each.customer, place, each)
    assert told.rows() == batch(engine, done, names)


@given(drawn=doings(), chance=st.randoms(use_true_random=False), when=st.integers(0, 45))
@settings(max_examples=14, deadline=None)
def test_visits_of_people_who_turn_out_to_be_one_are_those_of_one(
    engine: Backend, drawn: tuple[list[Done], list[str]], chance: Random, when: int
) -> None:
    done, names = drawn
    order = list(enumerate(done))
    chance.shuffle(order)
    told = Told(names)
    for number, (place, each) in enumerate(order):
        if number == when:
            told.merge_pairs()
        told.tell(PAIRS[each.customer] if number >= when else each.customer, place, each)
    if when >= len(order):
        told.merge_pairs()
    assert told.rows() == batch(engine, [each._replace(customer=PAIRS[each.customer]) for each in done], names)


def test_an_event_that_comes_late_joins_two_visits() -> None:
    told = Told(["Page Viewed"])
    for place, after in enumerate((0, 100, 50)):
        told.tell("c1", place, Done("c1", "Page Viewed", after * 1_000_000, {"path": f"/{after}"}))
    (session,) = told.sessions["c1"].values()
    assert session.properties["events"] == 3
    assert (session.properties["entry"], session.properties["exit"]) == ("/0", "/100")
    assert session.position == 1


def test_visits_that_nothing_can_change_any_more_are_dropped() -> None:
    told = Told(["Page Viewed"])
    for place, after in enumerate((0, 100, 200)):
        told.tell("c1", place, Done("c1", "Page Viewed", after * 1_000_000, {}))
    person = told.people["c1"]
    person.prune(micros(START) + 100_000_000)
    assert [each.first[1] for each in person.visits] == [2]


def test_a_visit_told_of_long_after_it_was_is_one_visit() -> None:
    now, ago = micros(START), micros(START) - 14 * 86_400_000_000
    visits = LiveVisits(says_of(list(SAYS.values())), GAP_US)
    sessions = set[Place]()
    for number in range(5):
        place = (ago + number * GAP_US // 2, number)
        revision = visits.take("ann", "Page Viewed", place, {"path": "/"}, now + number)
        assert revision is not None
        sessions -= set(revision.gone)
        sessions |= {(micros(each.occurred_at), each.position) for each in revision.come}
    assert sessions == {(ago + 3 * GAP_US, 4)}
    assert visits.stale == 5
    visits.take("ann", "Page Viewed", (now + 4 * 86_400_000_000, 9), {}, now + 4 * 86_400_000_000)
    assert [each.events for each in visits.people["ann"].visits] == [1], "nothing was told of the old one for two days"
