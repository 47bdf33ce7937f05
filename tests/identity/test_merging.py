"""What people decide is done, and undoing it restores exactly what was."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.identity.edges import Edges
from habitue.identity.ledger import PersonNotFoundError, digest, members
from habitue.identity.links import MATCHED, Links, LinkState
from habitue.identity.merging import (
    AlreadyOneError,
    DecisionUnknownError,
    Desk,
    MergeRefusedError,
    NotMergedError,
    answer,
    merge,
    part,
    review,
    take_back,
    unmerge,
)
from habitue.identity.rules import Guards
from habitue.identity.settling import settle
from tests.identity.stores import LATER, NOW, desk_of, known, link, opened, people, settled

RECORDS = 9
BIRTHS = [None, None, "1980-05-31", "1991-07-09"]
ends = st.integers(0, RECORDS - 1)
pairs = st.lists(st.tuples(ends, ends).filter(lambda pair: pair[0] != pair[1]), max_size=10)
births = st.lists(st.sampled_from(BIRTHS), min_size=RECORDS, max_size=RECORDS)


def set_up(links: Links, rows: list[tuple[int, int]], dates: list[str | None]) -> Desk:
    names = known(links, RECORDS)
    link(links, *((names[one], names[two]) for one, two in rows))
    desk = desk_of(links, births={name: date for name, date in zip(names, dates, strict=True) if date})
    settled(links, desk)
    return desk


@settings(max_examples=25)
@given(pairs, births, st.data())
def test_a_merge_and_its_unmerge_leave_everybody_who_they_were(
    rows: list[tuple[int, int]], dates: list[str | None], data: st.DataObject
) -> None:
    with opened() as links:
        desk = set_up(links, rows, dates)
        was = digest(links)
        persons = sorted(set(people(links).values()))
        one, two = data.draw(st.sampled_from(persons)), data.draw(st.sampled_from(persons))
        if one == two:
            return
        outcome = merge(desk, one, two, now=NOW)
        assert digest(links) != was
        survivor = people(links)[members(links, outcome.merged[0][0])[0]]
        unmerge(desk, survivor, now=LATER)
        assert digest(links) == was


@settings(max_examples=25)
@given(pairs, births, st.data())
def test_parting_records_and_taking_it_back_leaves_everybody_who_they_were(
    rows: list[tuple[int, int]], dates: list[str | None], data: st.DataObject
) -> None:
    with opened() as links:
        desk = set_up(links, rows, dates)
        was = digest(links)
        several = sorted({person for person in people(links).values() if len(members(links, person)) > 1})
        if not several:
            return
        person = data.draw(st.sampled_from(several))
        everything = members(links, person)
        leaving = data.draw(
            st.lists(st.sampled_from(everything), min_size=1, max_size=len(everything) - 1, unique=True)
        )
        part(desk, person, leaving, now=NOW)
        after = people(links)
        assert {after[each] for each in leaving}.isdisjoint(after[each] for each in everything if each not in leaving)
        made = {fact.act for each in everything for fact in links.facts(each) if fact.state is LinkState.NEVER}
        assert len(made) == 1
        take_back(desk, made.pop(), now=LATER)
        assert digest(links) == was


@settings(max_examples=25)
@given(pairs, births)
def test_deciding_around_a_change_only_gives_what_deciding_everything_gives(
    rows: list[tuple[int, int]], dates: list[str | None]
) -> None:
    with opened() as links, opened() as others:
        set_up(links, rows, dates)
        other = set_up(others, [], dates)
        for one, two in rows:
            link(others, (f"r{one}", f"r{two}"))
            other.settle(list(others.numbers([f"r{one}", f"r{two}"]).values()), now=NOW)
        assert together(people(links)) == together(people(others))


def test_a_merge_loop_says_that_both_are_one_already() -> None:
    with opened() as links:
        desk = set_up(links, [], [None] * RECORDS)
        merge(desk, "r0", "r1", now=NOW)
        merge(desk, "r0", "r2", now=NOW)
        was = digest(links)
        for one, two in (("r0", "r0"), ("r2", "r0"), ("r1", "r2")):
            with pytest.raises((AlreadyOneError, PersonNotFoundError)):
                merge(desk, one, two, now=LATER)
        assert digest(links) == was


def test_a_merge_joins_people_with_conflicting_birth_dates_because_somebody_decided_it() -> None:
    with opened() as links:
        desk = set_up(links, [(0, 1)], ["1980-05-31", "1991-07-09", *[None] * (RECORDS - 2)])
        assert people(links)["r1"] == "r1"
        merge(desk, "r0", "r1", now=NOW)
        assert people(links)["r1"] == "r0"


def test_a_merge_against_an_earlier_decision_is_refused_and_changes_nothing() -> None:
    with opened() as links:
        desk = set_up(links, [(0, 1), (1, 2)], [None] * RECORDS)
        part(desk, "r0", ["r2"], now=NOW)
        was, facts = digest(links), len(links.facts("r0"))
        with pytest.raises(MergeRefusedError):
            merge(desk, "r0", "r2", now=LATER)
        assert (digest(links), len(links.facts("r0"))) == (was, facts)


def test_a_person_nobody_merged_cannot_be_unmerged_without_naming_records() -> None:
    with opened() as links:
        desk = set_up(links, [(0, 1)], [None] * RECORDS)
        with pytest.raises(NotMergedError):
            unmerge(desk, "r0", now=NOW)
        with pytest.raises(NotMergedError):
            part(desk, "r0", ["r0", "r1"], now=NOW)


def test_somebody_unknown_cannot_be_merged() -> None:
    with opened() as links:
        desk = set_up(links, [], [None] * RECORDS)
        with pytest.raises(PersonNotFoundError):
            merge(desk, "r0", "nobody", now=NOW)


def test_a_decision_is_taken_back_once() -> None:
    with opened() as links:
        desk = set_up(links, [], [None] * RECORDS)
        merge(desk, "r0", "r1", now=NOW)
        (made,) = links.facts("r0", "r1")
        assert (made.decided_by, made.state, made.rule) == ("ann", LinkState.ALWAYS, "decision")
        take_back(desk, made.act, now=LATER)
        with pytest.raises(DecisionUnknownError):
            take_back(desk, made.act, now=LATER)
        with pytest.raises(DecisionUnknownError):
            take_back(desk, 999, now=LATER)


def test_a_later_build_does_not_undo_what_somebody_decided() -> None:
    with opened() as links:
        desk = set_up(links, [(0, 1)], [None] * RECORDS)
        part(desk, "r0", ["r1"], now=NOW)
        merge(desk, "r2", "r3", now=NOW)
        link(links, ("r0", "r1"), weight=999.0)
        found = settled(links, desk)
        assert found["r0"] != found["r1"]
        assert found["r2"] == found["r3"]


def ask(links: Links, *rows: tuple[int, int, float]) -> None:
    edges = Edges.of([row[0] + 1 for row in rows], [row[1] + 1 for row in rows], [row[2] for row in rows], matched=True)
    links.replace(MATCHED, {LinkState.REVIEW: edges}, model="m1", now=NOW, by="build")


def test_the_review_asks_the_most_likely_first_and_never_twice() -> None:
    with opened() as links:
        desk = set_up(links, [(4, 5)], [None] * RECORDS)
        ask(links, (0, 1, -2.0), (2, 3, -0.5), (4, 5, -0.1))
        assert [(each.left, each.right) for each in review(links)] == [("r2", "r3"), ("r0", "r1")]
        assert review(links)[0].probability == pytest.approx(0.414, abs=0.001)
        answer(desk, "r2", "r3", same=True, now=NOW)
        answer(desk, "r0", "r1", same=False, now=NOW)
        assert review(links) == []
        found = people(links)
        assert (found["r2"] == found["r3"], found["r0"] == found["r1"]) == (True, False)


def test_an_answer_taken_back_is_asked_again() -> None:
    with opened() as links:
        desk = set_up(links, [], [None] * RECORDS)
        ask(links, (0, 1, -2.0))
        answer(desk, "r0", "r1", same=False, now=NOW)
        take_back(desk, links.facts("r0", "r1")[-1].act, now=LATER)
        assert len(review(links)) == 1


@settings(max_examples=25)
@given(pairs, pairs, births)
def test_what_links_said_before_leaves_no_trace_in_who_is_together(
    first: list[tuple[int, int]], second: list[tuple[int, int]], dates: list[str | None]
) -> None:
    with opened() as links, opened() as others:
        desk, other = set_up(links, first, dates), set_up(others, second, dates)
        edges = Edges.of(
            [one + 1 for one, _ in second], [two + 1 for _, two in second], [5.0] * len(second), matched=False
        )
        links.replace("email", {LinkState.LINK: edges}, now=LATER, by="build")
        assert together(settled(links, desk)) == together(settled(others, other))


def together(persons: dict[str, str]) -> list[list[str]]:
    groups: dict[str, list[str]] = {}
    for record, person in sorted(persons.items()):
        groups.setdefault(person, []).append(record)
    return sorted(groups.values())


def test_a_dry_run_tells_who_would_merge_or_split_and_changes_nothing() -> None:
    with opened() as links:
        desk = set_up(links, [(0, 1), (1, 2), (3, 4)], [None] * RECORDS)
        was = digest(links)
        with links.rehearsal():
            settled_now = settle(links, guards=Guards(size=2), new_id=desk.new_id, now=LATER)
        assert settled_now.split == (("r0", "r0", "r2"),)
        assert [(each.record, each.after) for each in settled_now.changes] == [("r2", "r2")]
        assert digest(links) == was
