"""Nobody works out a small group from what is shown: searched for by somebody who tries everything."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.govern.suppression import LEAST_GROUP, Crowd, apart, crowd_of, hidden_groups, hidden_parts

SIZES = st.sampled_from([1, 2, 3, 5, 9, 10, 11, 12, 20, 50, 100])


@st.composite
def crowds(draw: st.DrawFn) -> Crowd:
    parts = draw(st.lists(SIZES, min_size=1, max_size=6))
    bits = st.integers(0, (1 << len(parts)) - 1)
    drawn = draw(st.lists(bits, min_size=1, max_size=5))
    return Crowd(parts, {f"g{place}": each for place, each in enumerate(drawn)})


def rows_of(crowd: Crowd, hidden: frozenset[str]) -> list[list[int]]:
    """What is shown, everybody first, as which parts each figure counts."""
    shown = dict.fromkeys([crowd.everybody, *(bits for name, bits in crowd.groups.items() if name not in hidden)])
    return [[bits >> place & 1 for place in range(len(crowd.parts))] for bits in shown]


@given(crowds())
def test_no_sum_or_difference_of_shown_figures_is_a_small_group(crowd: Crowd) -> None:
    """Every way of adding and taking away up to six figures, three and three, is tried."""
    hidden = hidden_groups(crowd)
    if sum(crowd.parts) < LEAST_GROUP:
        assert hidden == frozenset(crowd.groups)
        return
    rows = rows_of(crowd, hidden)
    for signs in product((-1, 0, 1), repeat=len(rows)):
        if signs.count(1) > 3 or signs.count(-1) > 3:
            continue
        counted = [
            sum(sign * row[place] for sign, row in zip(signs, rows, strict=True)) for place in range(len(rows[0]))
        ]
        if all(each in (0, 1) for each in counted):
            people = sum(each * size for each, size in zip(counted, crowd.parts, strict=True))
            assert people == 0 or people >= LEAST_GROUP, signs


@given(crowds())
def test_no_hidden_figure_is_a_weighted_sum_of_shown_ones(crowd: Crowd) -> None:
    hidden = hidden_groups(crowd)
    rows = np.array(rows_of(crowd, hidden), dtype=float)
    if sum(crowd.parts) < LEAST_GROUP:
        return
    rank = np.linalg.matrix_rank(rows)
    for name in hidden:
        wanted = [crowd.groups[name] >> place & 1 for place in range(len(crowd.parts))]
        if any(wanted):
            assert np.linalg.matrix_rank(np.vstack([rows, wanted])) > rank, name


@given(crowds())
def test_a_shown_figure_is_of_ten_or_more_and_so_are_the_others(crowd: Crowd) -> None:
    everybody = crowd.size(crowd.everybody)
    for name in crowd.groups.keys() - hidden_groups(crowd):
        size = crowd.size(crowd.groups[name])
        assert size >= LEAST_GROUP
        assert everybody - size == 0 or everybody - size >= LEAST_GROUP


@given(crowds(), st.data())
def test_what_is_secret_elsewhere_stays_so_and_what_is_given_is_never_hidden(crowd: Crowd, data: st.DataObject) -> None:
    first = hidden_groups(crowd)
    shown = sorted(crowd.groups.keys() - first)
    more = {f"more {place}": each for place, each in enumerate(data.draw(st.lists(st.integers(0, crowd.everybody))))}
    whole = Crowd(crowd.parts, {**crowd.groups, **more})
    hidden = hidden_groups(whole, given=shown, secret=first)
    assert hidden >= first
    assert hidden.isdisjoint(shown)


def test_one_hidden_part_of_a_whole_takes_another_with_it() -> None:
    crowd = Crowd([50, 30, 4, 16], {"a": 1, "b": 2, "c": 4, "d": 8})
    assert hidden_groups(crowd) == {"c", "d"}


def test_a_group_within_another_that_lacks_three_of_it_is_hidden() -> None:
    patterns = {frozenset({"all", "most"}): 97, frozenset({"all"}): 3}
    assert hidden_groups(crowd_of(patterns, ["all", "most"], 200)) == {"most"}


def test_two_groups_and_their_union_do_not_tell_of_three_in_both() -> None:
    patterns = {frozenset({"a", "either"}): 40, frozenset({"b", "either"}): 50, frozenset({"a", "b", "either"}): 3}
    assert hidden_groups(crowd_of(patterns, ["a", "b", "either"], 200)) == {"a"}


def test_all_but_three_is_hidden_and_everybody_is_not() -> None:
    patterns = {frozenset({"all", "nearly"}): 197, frozenset({"all"}): 3}
    assert hidden_groups(crowd_of(patterns, ["all", "nearly"], 200)) == {"nearly"}


def test_the_rest_that_no_group_claims_is_a_group_too() -> None:
    patterns = {frozenset({"a"}): 120, frozenset({"b"}): 77}
    assert hidden_groups(crowd_of(patterns, ["a", "b"], 200)) == {"b"}


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8))
def test_hidden_parts_together_are_nobody_or_ten_or_more(counts: list[int]) -> None:
    hidden = hidden_parts(counts)
    together = sum(counts[place] for place in hidden)
    assert all(place in hidden for place, count in enumerate(counts) if count < LEAST_GROUP)
    assert together == 0 or together >= LEAST_GROUP or len(hidden) == len(counts)


@given(st.lists(st.integers(0, 60), max_size=8), st.integers(60, 80))
def test_figures_of_unknown_kinship_are_equal_or_ten_apart(counts: list[int], everybody: int) -> None:
    hidden = apart(counts, everybody)
    shown = [everybody, *(count for place, count in enumerate(counts) if place not in hidden)]
    assert all(one == other or abs(one - other) >= LEAST_GROUP for one in shown for other in shown)
    assert min(shown) >= LEAST_GROUP


@pytest.mark.parametrize("everybody", [0, 1, 9])
def test_of_fewer_than_ten_people_nothing_is_shown(everybody: int) -> None:
    crowd = crowd_of({frozenset({"a"}): everybody}, ["a"], everybody)
    assert hidden_groups(crowd) == {"a"}
    assert apart([everybody], everybody) == {0}
