"""The law through the real log and loop: live equals a reading of each person's whole history at that instant.

Messages come late, twice, out of order and before anybody knows whose they are; the history is put together from what
was sent, by whom it turned out to be, and visits are cut out of it event by event.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from random import Random

import pytest
from hypothesis import Phase as Generate
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.features.sessions import SESSION_EVENT
from habitue.live import Loop, Pace
from habitue.rules import Catalogue
from habitue.rules.evaluation import Context, answering
from habitue.rules.happened import Person
from habitue.rules.history import Happening, History, Value, history_of, instant_of, micros
from habitue.rules.lowering import inline
from habitue.sources.arrivals import Arrival, values_of
from habitue.sources.tables import live_position
from habitue.streams import NewRecord
from tests.live.arriving import START, VISITING, Shop, settle
from tests.live.drawn import Sent, story

GAP = timedelta(minutes=30)
MICROSECOND = timedelta(microseconds=1)
EDGES = (timedelta(0), GAP, timedelta(hours=1), timedelta(hours=2), timedelta(days=1), timedelta(days=1) + GAP)


class Known:
    """What was sent so far, as one would write it down."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, Arrival]] = []

    def people(self) -> dict[str, set[str]]:
        """The records of each person, by one of them: those that some message names together."""
        groups: dict[str, set[str]] = {}
        for _, arrival in self.sent:
            named = {arrival.record, *(record for _, record in arrival.others)}
            whole = set().union(*(groups.get(each, {each}) for each in named))
            groups.update(dict.fromkeys(whole, whole))
        return groups

    def history(self, records: set[str], shop: Shop) -> History:
        """Everything of one person."""
        events: dict[str, list[Happening]] = {}
        traits: dict[str, tuple[int, int, Value | None]] = {}
        for offset, arrival in self.sent:
            if arrival.record not in records:
                continue
            for each in arrival.events:
                happening = Happening(
                    occurred_at=instant_of(arrival.occurred_us),
                    position=live_position(offset),
                    properties=values_of(each.properties, shop.reading.events[each.name]),
                )
                events.setdefault(each.name, []).append(happening)
            for name, value in arrival.traits.items():
                said = (arrival.occurred_us, offset, value)
                traits[name] = max(traits.get(name, said), said)
        events[SESSION_EVENT] = _visits(events.get("Product Viewed", []))
        return history_of("", events=events, traits={name: said[2] for name, said in traits.items()})


def _visits(views: Sequence[Happening]) -> list[Happening]:
    """Visits cut one view after the other."""
    ordered = sorted(views, key=lambda each: (each.occurred_at, each.position))
    groups: list[list[Happening]] = []
    for each in ordered:
        if groups and each.occurred_at - groups[-1][-1].occurred_at < GAP:
            groups[-1].append(each)
        else:
            groups.append([each])
    return [
        Happening(
            occurred_at=group[-1].occurred_at + GAP,
            position=group[-1].position,
            properties={"bounced": len(group) == 1},
        )
        for group in groups
    ]


def should(history: History, catalogue: Catalogue, now: datetime) -> set[str]:
    """The segments that somebody is in at an instant."""
    context = Context(catalogue=catalogue)
    return {
        name
        for name, each in catalogue.segments.items()
        if answering(inline(each.rule, catalogue), context)(Person(history, micros(now))) is True
    }


def compare(shop: Shop, loop: Loop, known: Known) -> int:
    """Hold everybody to the law as of now; how many memberships there are."""
    count = 0
    groups = known.people()
    whole = {frozenset(each) for each in groups.values()}
    for records in whole:
        wanted = should(known.history(set(records), shop), shop.catalogue, shop.clock.now)
        found = {record: {name for name in VISITING if loop.is_member(record, name)} for record in records}
        told = [each for each in found.values() if each]
        assert len(told) <= 1, f"{sorted(records)} are one person, and told apart: {found}"
        assert (told[0] if told else set()) == wanted, f"{sorted(records)} at {shop.clock.now}: {found}"
        count += len(wanted)
    return count


def edges(known: Known, after: datetime, until: datetime | None) -> Iterator[datetime]:
    """Instants at which something may change, and a microsecond before and after."""
    found = {
        instant_of(arrival.occurred_us) + edge + off
        for _, arrival in known.sent[-8:]
        for edge in EDGES
        for off in (-MICROSECOND, timedelta(0), MICROSECOND)
    }
    return (each for each in sorted(found) if each > after and (until is None or each < until))


@pytest.mark.parametrize("pace", [Pace(tick_s=0.001), Pace(page=2, batch=1, people=1, tick_s=0.001)])
@given(seed=st.integers(0, 10_000), switches=st.booleans())
@settings(
    max_examples=3,
    deadline=None,
    phases=[Generate.generate],
)
def test_live_equals_the_whole_history_at_every_edge(
    tmp_path_factory: pytest.TempPathFactory, pace: Pace, seed: int, switches: bool
) -> None:
    shop = Shop(tmp_path_factory.mktemp("law"), rules=VISITING)
    loop, chance, known, count = shop.loop(pace), Random(seed), Known(), 0
    messages = list(islice(story(seed), 30))
    try:
        for place in range(0, len(messages), 5):
            some = messages[place : place + 5]
            _send(shop, some, known, chance)
            settle(shop, loop, known.sent[-1][0])
            count += compare(shop, loop, known)
            after = messages[place + 5].received_at if place + 5 < len(messages) else None
            for instant in islice(edges(known, shop.clock.now, after), 6):
                shop.clock.now = instant
                settle(shop, loop)
                count += compare(shop, loop, known)
            if switches and place == 15:
                assert loop.switch().result(10) == 0
        assert loop.state().poisoned == loop.state().refused == 0
    finally:
        loop.stop()
        shop.committer.close()
    assert count


def _send(shop: Shop, some: Sequence[Sent], known: Known, chance: Random) -> None:
    """Some messages in any order, and some of them twice."""
    now = some[-1].received_at
    shuffled = list(some)
    chance.shuffle(shuffled)
    for each in shuffled:
        offset = shop.send(each.arrival, received_at=now)
        known.sent.append((offset, each.arrival))
        if chance.random() < 0.3:
            again = NewRecord("site", f"m-{shop.sent}", "track", micros(now), b"never read")
            assert shop.committer.append_many([again]).duplicates == 1
    shop.clock.now = now
    assert shop.clock.now >= START
