"""Merging, unmerging and reviewing by people: each is a stored decision, and undoing it restores what was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

import numpy as np

from habitue.errors import HabitueError
from habitue.identity.edges import ALWAYS, Edges, probability
from habitue.identity.ledger import members, persons_of
from habitue.identity.links import DECISION, LinkFact, Links, LinkState
from habitue.identity.persons import NewId
from habitue.identity.rules import Guards
from habitue.identity.settling import FactsOf, Outcome, decision_pairs, no_facts, settle


class AlreadyOneError(HabitueError):
    """Two customers who should be merged are one already, as when merges go round in a circle."""

    code = "IDENTITY-ALREADY-ONE"

    def __init__(self, person: str) -> None:
        super().__init__(
            what=f"Both already are customer {person[:40]!r}; nothing was changed.",
            do="See `habitue identity show` for what joined them.",
        )


class MergeRefusedError(HabitueError):
    """Somebody decided before that records of two customers are never one."""

    code = "IDENTITY-NEVER"

    def __init__(self, one: str, two: str) -> None:
        super().__init__(
            what=f"Somebody decided that records of {one[:40]!r} and {two[:40]!r} are never one; nothing was changed.",
            do="Take that decision back first: `habitue identity unmerge --decision N` with its number.",
        )


class NotMergedError(HabitueError):
    """A customer has nothing that could be taken apart as asked."""

    code = "IDENTITY-NOT-MERGED"

    def __init__(self, person: str) -> None:
        super().__init__(
            what=f"Nobody merged customer {person[:40]!r} by hand, and no records were named to part from it.",
            do="Name the records that are somebody else: `habitue identity unmerge CUSTOMER --record ID`.",
        )


class DecisionUnknownError(HabitueError):
    """No decision that holds has a number."""

    code = "IDENTITY-DECISION-UNKNOWN"

    def __init__(self, fact: int) -> None:
        super().__init__(
            what=f"No decision {fact} holds now.",
            do="`habitue identity show CUSTOMER` lists the decisions with their numbers.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where somebody decides.

    Attributes:
        links: The link store.
        guards: What is refused.
        facts_of: What is known of records that keeps them apart.
        new_id: Makes an id of a person that nobody ever had.
        by: Who decides.
    """

    links: Links
    guards: Guards
    new_id: NewId
    by: str
    facts_of: FactsOf = no_facts

    def settle(self, touched: Sequence[int], *, now: datetime) -> Outcome:
        """Make persons around some records what the links say."""
        return settle(
            self.links, guards=self.guards, facts_of=self.facts_of, new_id=self.new_id, now=now, touched=touched
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Two records that may be one person, for somebody to look at.

    Attributes:
        left: Record id of the older one.
        right: Record id of the younger one.
        left_person: Who the older one is now.
        right_person: Who the younger one is now.
        weight: Of the match, in bits; 0 is as likely as not.
        model: Version of the model that asks.
    """

    left: str
    right: str
    left_person: str
    right_person: str
    weight: float
    model: str

    @property
    def probability(self) -> float:
        """That they are one person."""
        return probability(self.weight)


def merge(desk: Desk, one: str, two: str, *, now: datetime) -> Outcome:
    """Make two customers one, for good: no rule and no new data parts them.

    Args:
        desk: Where somebody decides.
        one: Id of a customer.
        two: Id of another.
        now: The present time, aware.

    Raises:
        PersonNotFoundError: One of them is nobody.
        AlreadyOneError: Both are the same customer.
        MergeRefusedError: Somebody decided that records of them are never one.
    """
    first, second = members(desk.links, one), members(desk.links, two)
    if one == two:
        raise AlreadyOneError(one)
    _refuse_apart(desk.links, one, two)
    with desk.links.transaction():
        made = desk.links.decide(first[0], second[0], LinkState.ALWAYS, now=now, by=desk.by)
        return desk.settle(list(desk.links.numbers([made.left, made.right]).values()), now=now)


def _refuse_apart(links: Links, one: str, two: str, but: frozenset[int] = frozenset()) -> None:
    """Refuse to join two persons of whom somebody decided that records of them are never one."""
    mine, theirs = (set(links.numbers(members(links, person)).values()) for person in (one, two))
    for _, left, right, state in decision_pairs(links, mine | theirs):
        if state is LinkState.NEVER and (left in mine) != (right in mine) and {left, right} != but:
            raise MergeRefusedError(one, two)


def unmerge(desk: Desk, person: str, *, now: datetime) -> Outcome:
    """Take back the newest merge that somebody made within a customer; what it joined is apart as before.

    Raises:
        PersonNotFoundError: The customer is nobody.
        NotMergedError: Nobody merged it by hand.
    """
    numbers = desk.links.numbers(members(desk.links, person))
    made = [each for each in decision_pairs(desk.links, numbers.values()) if each[3] is LinkState.ALWAYS]
    if not made:
        raise NotMergedError(person)
    return take_back(desk, made[-1][0], now=now)


def take_back(desk: Desk, decision: int, *, now: datetime) -> Outcome:
    """Undo one decision, whether always or never, by its number (`LinkFact.act`); the facts made with it go as well.

    Raises:
        DecisionUnknownError: No such decision holds now.
    """
    made = [fact for fact in desk.links.decisions(decision) if fact.state is not LinkState.WITHDRAWN]
    holding = [fact for fact in made if _newest(desk.links, fact).fact == fact.fact]
    if not holding:
        raise DecisionUnknownError(decision)
    ends = desk.links.numbers(end for fact in holding for end in (fact.left, fact.right))
    edges = Edges.of(
        [ends[fact.left] for fact in holding],
        [ends[fact.right] for fact in holding],
        np.full(len(holding), ALWAYS),
        matched=False,
    )
    with desk.links.transaction():
        desk.links.add(edges, rule=DECISION, state=LinkState.WITHDRAWN, now=now, by=desk.by)
        return desk.settle(list(ends.values()), now=now)


def _newest(links: Links, fact: LinkFact) -> LinkFact:
    return [each for each in links.facts(fact.left, fact.right) if each.rule == DECISION][-1]


def part(desk: Desk, person: str, records: Sequence[str], *, now: datetime) -> Outcome:
    """Part records from a customer, for good: each of them is never one with any of those that stay.

    Args:
        desk: Where somebody decides.
        person: Id of the customer.
        records: Ids of its records that are somebody else.
        now: The present time, aware.

    Raises:
        PersonNotFoundError: The customer is nobody.
        NotMergedError: None of the records, or all of them, are the customer's.
    """
    everything = members(desk.links, person)
    leaving = [each for each in everything if each in set(records)]
    staying = [each for each in everything if each not in set(records)]
    if not leaving or not staying:
        raise NotMergedError(person)
    numbers = desk.links.numbers(everything)
    pairs = [(numbers[one], numbers[two]) for one, two in product(leaving, staying)]
    edges = Edges.of([one for one, _ in pairs], [two for _, two in pairs], np.full(len(pairs), ALWAYS), matched=False)
    with desk.links.transaction():
        desk.links.add(edges, rule=DECISION, state=LinkState.NEVER, now=now, by=desk.by)
        return desk.settle(list(numbers.values()), now=now)


def review(links: Links, *, limit: int = 50) -> list[Question]:
    """Pairs to look at, the most likely first: matches below the threshold of linking that nobody decided yet.

    Args:
        links: The link store.
        limit: At most so many.
    """
    rows = links.connection.execute(
        """
        SELECT q.left_record, q.right_record, q.weight, q.model FROM current_links AS q
        WHERE q.state = 'review' AND 'withdrawn' = coalesce((
            SELECT d.state FROM links AS d
            WHERE d.left_record = q.left_record AND d.right_record = q.right_record AND d.rule = ?
            ORDER BY d.fact DESC LIMIT 1
        ), 'withdrawn') ORDER BY q.weight DESC, q.left_record, q.right_record
        """,
        (DECISION,),
    )
    questions: list[Question] = []
    while len(questions) < limit and (some := rows.fetchmany(limit)):
        ends = {end for row in some for end in row[:2]}
        ids, people = links.record_ids(ends), persons_of(links, ends)
        questions += [
            Question(
                left=ids[left],
                right=ids[right],
                left_person=people[left],
                right_person=people[right],
                weight=weight,
                model=model,
            )
            for left, right, weight, model in some
            if people[left] != people[right]
        ]
    return questions[:limit]


def answer(desk: Desk, left: str, right: str, *, same: bool, now: datetime) -> Outcome:
    """Answer a question of the review: two records always are one person, or never.

    Raises:
        RecordUnknownError: One of them is not known.
        MergeRefusedError: Somebody decided that other records of the two are never one.
    """
    state = LinkState.ALWAYS if same else LinkState.NEVER
    numbers = frozenset([desk.links.number(left), desk.links.number(right)])
    one, two = persons_of(desk.links, numbers).values()
    if same and one != two:
        _refuse_apart(desk.links, one, two, but=numbers)
    with desk.links.transaction():
        desk.links.decide(left, right, state, now=now, by=desk.by)
        return desk.settle(list(numbers), now=now)
