"""Persons keep their ids: the largest part keeps it, and what comes back gets back what it had."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from habitue.identity.persons import name_parts
from tests.identity.stores import ids, known, link, opened, settled

OWN = {record: f"r{record}" for record in range(8)}
groups = st.lists(st.integers(0, 3), min_size=8, max_size=8)


def parts_of(labels: list[int]) -> list[list[int]]:
    return [[record for record in OWN if labels[record] == label] for label in sorted(set(labels))]


def test_the_largest_part_keeps_the_id() -> None:
    current = dict.fromkeys(range(5), "r0")
    names = name_parts([[0, 1], [2, 3, 4]], current=current, before={}, own=OWN, taken=(), new_id=ids())
    assert names == ["r1", "r0"]


def test_of_equal_parts_the_one_with_the_oldest_record_keeps_the_id() -> None:
    current = dict.fromkeys(range(4), "r9")
    names = name_parts([[1, 2], [0, 3]], current=current, before={}, own=OWN, taken=(), new_id=ids())
    assert names == ["r1", "r9"]


def test_a_merge_keeps_the_id_of_the_larger_person() -> None:
    current = {0: "r0", 1: "r1", 2: "r1"}
    assert name_parts([[0, 1, 2]], current=current, before={}, own=OWN, taken=(), new_id=ids()) == ["r1"]


def test_a_part_gets_back_the_id_it_had_before() -> None:
    current = dict.fromkeys(range(5), "r0")
    before = {3: ["x"], 4: ["x"]}
    names = name_parts([[0, 1, 2], [3, 4]], current=current, before=before, own=OWN, taken=(), new_id=ids())
    assert names == ["r0", "x"]


def test_an_id_that_somebody_else_has_is_not_given_again() -> None:
    current = {0: "r0", 1: "r0"}
    names = name_parts([[0], [1]], current=current, before={1: ["x"]}, own=OWN, taken={"x", "r1"}, new_id=ids())
    assert names == ["r0", "new-1"]


@given(groups, groups)
def test_every_part_has_an_id_of_its_own_and_unchanged_persons_keep_theirs(before: list[int], after: list[int]) -> None:
    current = {record: f"p{label}" for record, label in zip(OWN, before, strict=True)}
    parts = parts_of(after)
    names = name_parts(parts, current=current, before={}, own=OWN, taken=(), new_id=ids())
    assert len(set(names)) == len(parts)
    for part, name in zip(parts, names, strict=True):
        persons = {current[record] for record in part}
        if len(persons) == 1 and Counter(current.values())[min(persons)] == len(part):
            assert name == min(persons)


def test_records_that_nobody_joined_are_their_own_persons() -> None:
    with opened() as links:
        known(links, 3)
        link(links, ("r1", "r2"))
        assert settled(links) == {"r0": "r0", "r1": "r1", "r2": "r1"}
