"""Links become persons in one way only, and never past a guard."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.identity.clustering import Reason, cluster, reached, renumbered
from habitue.identity.edges import ALWAYS, Edges, Facts, Ints
from habitue.identity.rules import Guards

RECORDS = 14
BIRTHS = [None, "1980-05-31", "1980-06-01", "1991-05-31", "1991-07-09", "1980-01-01"]
ends = st.integers(0, RECORDS - 1)
link = st.tuples(ends, ends, st.sampled_from([0.5, 1.0, 2.0, 9.0]), st.booleans())
links = st.lists(link.filter(lambda each: each[0] != each[1]), max_size=30)
births = st.lists(st.sampled_from(BIRTHS), min_size=RECORDS, max_size=RECORDS)
pairs = st.lists(st.tuples(ends, ends).filter(lambda pair: pair[0] != pair[1]), max_size=6)
guards = st.builds(
    Guards,
    birth_date=st.booleans(),
    size=st.integers(2, 8),
    matched_size=st.integers(2, 8),
    support=st.sampled_from([0.0, 0.25, 0.5]),
)
Link = tuple[int, int, float, bool]


def edges_of(rows: list[Link]) -> Edges:
    several = []
    for matched in (False, True):
        some = [row for row in rows if row[3] is matched]
        several.append(
            Edges.of([row[0] for row in some], [row[1] for row in some], [row[2] for row in some], matched=matched)
        )
    return Edges.joined(several)


def parts_of(oldest: Ints) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(oldest == root).tolist()) for root in set(oldest.tolist())}


@given(links, births, guards, pairs)
def test_records_that_never_are_one_never_become_one(
    rows: list[Link], dates: list[str | None], rules: Guards, never: list[tuple[int, int]]
) -> None:
    rows = [*rows, *((one, two, ALWAYS, False) for one, two in never)]
    oldest = cluster(RECORDS, edges_of(rows), facts=Facts.born(dates), guards=rules, never=never).oldest
    assert all(oldest[one] != oldest[two] for one, two in never)


@given(links, births, guards, pairs, st.randoms(use_true_random=False))
def test_the_order_of_equal_links_does_not_matter(
    rows: list[Link], dates: list[str | None], rules: Guards, never: list[tuple[int, int]], chance: random.Random
) -> None:
    facts = Facts.born(dates)
    first = cluster(RECORDS, edges_of(rows), facts=facts, guards=rules, never=never)
    turned = [
        (two, one, weight, matched) if chance.random() < 0.5 else (one, two, weight, matched)
        for one, two, weight, matched in rows
    ]
    chance.shuffle(turned)
    chance.shuffle(never)
    again = cluster(RECORDS, edges_of(turned), facts=facts, guards=rules, never=never)
    assert first.oldest.tolist() == again.oldest.tolist()
    assert first.refused == again.refused


@given(links, births, guards, pairs, ends)
def test_deciding_only_what_a_change_can_touch_gives_the_same_persons(
    rows: list[Link], dates: list[str | None], rules: Guards, never: list[tuple[int, int]], start: int
) -> None:
    edges, facts = edges_of(rows), Facts.born(dates)
    whole = cluster(RECORDS, edges, facts=facts, guards=rules, never=never).oldest
    some = reached(edges, [start], RECORDS)
    place = {record: index for index, record in enumerate(some.tolist())}
    inside = [(place[one], place[two]) for one, two in never if one in place and two in place]
    part = cluster(len(some), renumbered(edges, some), facts=facts.of(some), guards=rules, never=inside).oldest
    assert some[part].tolist() == whole[some].tolist()


@given(links, births)
def test_no_two_records_of_a_person_were_born_in_another_year_on_another_day(
    rows: list[Link], dates: list[str | None]
) -> None:
    facts = Facts.born(dates)
    for part in parts_of(cluster(RECORDS, edges_of(rows), facts=facts, guards=Guards()).oldest):
        for one in part:
            for two in part:
                years = {int(facts.year[one]), int(facts.year[two])}
                days = {int(facts.day[one]), int(facts.day[two])}
                assert -1 in years | days or len(years) == 1 or len(days) == 1


@given(links, st.integers(2, 5))
def test_no_person_is_larger_than_allowed(rows: list[Link], most: int) -> None:
    oldest = cluster(
        RECORDS, edges_of(rows), facts=Facts.none(RECORDS), guards=Guards(size=most, matched_size=most)
    ).oldest
    assert max(len(part) for part in parts_of(oldest)) <= most


@given(links)
def test_without_guards_persons_are_what_links_connect(rows: list[Link]) -> None:
    open_guards = Guards(birth_date=False, size=99, matched_size=99, support=0.0)
    edges = edges_of(rows)
    oldest = cluster(RECORDS, edges, facts=Facts.none(RECORDS), guards=open_guards).oldest
    for record in range(RECORDS):
        assert set(reached(edges, [record], RECORDS).tolist()) == set(np.flatnonzero(oldest == oldest[record]).tolist())


def test_conflicting_birth_dates_keep_people_with_one_address_apart() -> None:
    edges = Edges.of([0, 1], [1, 2], [9.0, 8.0], matched=False)
    facts = Facts.born(["1980-05-31", None, "1991-07-09"])
    found = cluster(3, edges, facts=facts, guards=Guards())
    assert found.oldest.tolist() == [0, 0, 2]
    assert [(each.left, each.right, each.reason) for each in found.refused] == [(1, 2, Reason.BIRTH_DATE)]


@pytest.mark.parametrize("other", ["1980-06-01", "1991-05-31", "1991-01-01"])
def test_a_slip_in_one_part_of_a_birth_date_keeps_nobody_apart(other: str) -> None:
    edges = Edges.of([0], [1], [9.0], matched=True)
    found = cluster(2, edges, facts=Facts.born(["1980-05-31", other]), guards=Guards())
    assert found.oldest.tolist() == [0, 0]


def test_what_somebody_decided_passes_every_guard_but_never() -> None:
    edges = Edges.of([0], [1], [ALWAYS], matched=False)
    facts = Facts.born(["1980-05-31", "1991-07-09"])
    assert cluster(2, edges, facts=facts, guards=Guards(size=2)).oldest.tolist() == [0, 0]
    refused = cluster(2, edges, facts=facts, guards=Guards(size=2), never=[(1, 0)]).refused
    assert [each.reason for each in refused] == [Reason.NEVER]


def test_one_link_by_likeness_does_not_join_two_large_groups() -> None:
    groups = [(one, two) for start in (0, 4) for one in range(start, start + 4) for two in range(one + 1, start + 4)]
    rows: list[Link] = [(one, two, 9.0, True) for one, two in groups]
    found = cluster(8, edges_of([*rows, (0, 4, 1.0, True)]), facts=Facts.none(8), guards=Guards())
    assert parts_of(found.oldest) == {frozenset(range(4)), frozenset(range(4, 8))}
    assert found.refused[0].reason is Reason.SUPPORT


def test_parts_are_the_persons_of_two_or_more() -> None:
    edges = Edges.of([0, 4], [3, 5], [1.0, 1.0], matched=False)
    assert cluster(6, edges, facts=Facts.none(6), guards=Guards()).parts() == [[0, 3], [4, 5]]
