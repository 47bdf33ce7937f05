"""A live reading seeded in bulk, held to one that was told of everybody one by one, then both told the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from habitue.rules.catalogue import Definition
from habitue.rules.history import Consent, Happening, micros
from habitue.rules.live import LiveRules
from habitue.rules.live_need_tables import rows_of
from habitue.rules.live_seeding import Flip, LiveSeeding
from habitue.rules.live_transitions import Facts, Transition
from habitue.rules.writing import write
from tests.rules.law import Case, InMemory, cuts_of
from tests.rules.live_law import DifferenceError, Item, Received, arrivals, grown
from tests.rules.oracle import Oracle
from tests.rules.populations import Event, Person, Said, histories

CHUNK: Final = 2
"""Rows of a batch: few, so that needs come in several."""
MOST_SWEEPS: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was known when the seed was taken, and what came in after it."""

    people: tuple[Person, ...]
    now: datetime
    rest: tuple[Received, ...]


def told(case: Case, seed: int) -> Told:
    """The people of a case, with all that comes in before some moment, and the rest in order."""
    chance = Random(seed)
    received = sorted(
        (one for person in case.people for one in arrivals(person, chance, late=True)), key=lambda one: one.at
    )
    before = chance.randrange(len(received))
    known = {person.customer_id: Person(customer_id=person.customer_id) for person in case.people}
    for each in received[:before]:
        known[each.customer_id] = grown(known[each.customer_id], each.item)
    return Told(people=tuple(known.values()), now=received[before].at, rest=tuple(received[before:]))


def readings(case: Case, engine: InMemory, told: Told) -> dict[str, LiveRules]:
    """The same people, seeded in bulk, one by one, and told event by event in the order of their instants."""
    cuts = cuts_of(case, Oracle(catalogue=engine.catalogue, people=case.people, now=case.now))
    definitions = [Definition(name=f"rule_{index}", rule=rule) for index, rule in enumerate(case.rules)]
    made = {way: LiveRules(definitions, engine.catalogue, cuts) for way in ("in bulk", "one by one", "by events")}
    before = {"rule_0": {"gone", case.people[0].customer_id}}
    flips = seeded(made["in bulk"], engine, told, before)
    hold_flips(made["in bulk"], flips, before, told)
    for history in histories(told.people):
        made["one by one"].seed(history, told.now)
    _tell_all(made["by events"], told)
    return made


def seeded(live: LiveRules, engine: InMemory, told: Told, before: dict[str, set[str]]) -> list[Flip]:
    """Seed a reading from tables."""
    tables = engine.fill(told.people)
    seeding = LiveSeeding(live, engine.catalogue, micros(told.now))
    for need in seeding.needs:
        rows = rows_of(need, tables, engine.catalogue)
        for batch in engine.fetch(rows).to_batches(max_chunksize=CHUNK) if rows is not None else ():
            seeding.load(need, batch)
    return seeding.settle(before)


def hold_flips(live: LiveRules, flips: Sequence[Flip], before: dict[str, set[str]], told: Told) -> None:
    """Hold flips to turn what was known into what is."""
    names = [f"rule_{number}" for number in range(len(live.plan.names))]
    inside = {name: set(before.get(name, ())) for name in names}
    for each in flips:
        (inside[each.definition].add if each.entered else inside[each.definition].remove)(each.customer_id)
    if inside != {name: set(live.members(name)) for name in names}:
        raise DifferenceError(f"at {told.now} flips lead elsewhere")


def _tell_all(live: LiveRules, told: Told) -> None:
    """Everything at once at the moment of the seed, as if nothing had been known until then."""
    for person in told.people:
        facts = Facts(traits=person.traits, scores=person.scores, clusters=person.clusters)
        live.know(person.customer_id, facts, told.now)
        items: list[Item] = [*person.events, *person.consents]
        for item in items:
            _tell(live, Received(customer_id=person.customer_id, at=told.now, item=item))


def _tell(live: LiveRules, each: Received) -> list[Transition]:
    match each.item:
        case Event() as item:
            happened = Happening(occurred_at=item.occurred_at, position=item.position, properties=item.properties)
            return live.feed(each.customer_id, item.name, happened, each.at)
        case Said() as item:
            said = Consent(purpose=item.purpose, given=item.given, occurred_at=item.occurred_at, position=item.position)
            return live.consent(each.customer_id, said, each.at)
        case Person() as item:
            facts = Facts(traits=item.traits, scores=item.scores, clusters=item.clusters)
            return live.know(each.customer_id, facts, each.at)


def follow(case: Case, made: dict[str, LiveRules], told: Told, merges: Sequence[tuple[str, str]]) -> int:
    """Tell all readings the rest, with every deadline between, and hold them to one another; how much was compared."""
    hold_alike(case, made, "at the seed")
    compared = 0
    for each in told.rest:
        compared += _step(case, made, each.at, {way: _tell(live, each) for way, live in made.items()})
    end = told.rest[-1].at
    for stays, goes in merges:
        compared += _step(case, made, end, {way: live.merge(stays, goes, end) for way, live in made.items()})
    for days in (1, 8, 40, 400):
        compared += _step(case, made, end + timedelta(days=days), {way: [] for way in made})
    return compared


def _step(case: Case, made: dict[str, LiveRules], now: datetime, found: dict[str, list[Transition]]) -> int:
    for way, live in made.items():
        for _ in range(MOST_SWEEPS):
            swept = live.advance(now)
            found[way] += swept.transitions
            if swept.is_done:
                break
    first = sorted(found["in bulk"])
    for way, transitions in found.items():
        if sorted(transitions) != first:
            raise DifferenceError(f"at {now}\n{first} in bulk\n{sorted(transitions)} {way}\n{_said(case)}")
    hold_alike(case, made, f"at {now}")
    return len(first) + 1


def hold_alike(case: Case, made: dict[str, LiveRules], when: str) -> None:
    """Hold the memberships of all readings to those seeded in bulk."""
    for number in range(len(case.rules)):
        name = f"rule_{number}"
        inside = {way: set(live.members(name)) for way, live in made.items()}
        for way, members in inside.items():
            if members != inside["in bulk"]:
                raise DifferenceError(f"{when}: {inside['in bulk']} in bulk, {members} {way}\n{_said(case, number)}")


def _said(case: Case, number: int | None = None) -> str:
    rules = case.rules if number is None else case.rules[number : number + 1]
    return "\n".join([*map(write, rules), *map(str, case.people)])
