"""Habitue finds people better than an exact rule and plain Splink do, on made-up and on public records."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.identity.evaluate import NotMatchedError, evaluate, judge
from habitue.identity.rules import DEFAULT_RULES
from habitue.identity.scores import exact_share, numbered, score_labelled, score_persons
from tests.identity.crowds import Labelled, crowd, fake_people, febrl, rows_of

labels = st.lists(st.tuples(st.integers(0, 4), st.integers(-1, 4)), min_size=1, max_size=15)


def measured(data: Labelled, least: float) -> None:
    found = evaluate(data.table, data.truth, data.rules)
    ours, *others = found.methods
    assert [each.name for each in others] == ["exact rule", "plain splink"]
    assert ours.persons.f1 >= least
    assert all(ours.persons.f1 > other.persons.f1 for other in others)
    assert ours.largest <= 20


@given(labels)
def test_persons_are_scored_as_counting_all_pairs_says(rows: list[tuple[int, int]]) -> None:
    persons, truth = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    known = [row for row in rows if row[1] >= 0]
    pairs = [(one, two) for place, one in enumerate(known) for two in known[:place]]
    tally = score_persons(persons, truth)
    assert tally.found == sum(one[0] == two[0] for one, two in pairs)
    assert tally.true == sum(one[1] == two[1] for one, two in pairs)
    assert tally.right == sum(one == two for one, two in pairs)


@given(labels)
def test_the_exact_share_counts_persons_found_whole_and_alone(rows: list[tuple[int, int]]) -> None:
    known = [row for row in rows if row[1] >= 0]
    true = {label: {place for place, row in enumerate(known) if row[1] == label} for _, label in known}
    found = {label: {place for place, row in enumerate(known) if row[0] == label} for label, _ in known}
    share = sum(part in found.values() for part in true.values()) / len(true) if true else 1.0
    persons, truth = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    assert exact_share(persons, truth) == pytest.approx(share)


def test_single_judgements_are_scored_without_the_whole_truth() -> None:
    tally = score_labelled(numbered("aabb"), [(0, 1, True), (0, 2, True), (2, 3, False)])
    assert (tally.right, tally.found, tally.true) == (1, 2, 2)


def test_rules_that_match_nothing_cannot_be_evaluated() -> None:
    with pytest.raises(NotMatchedError):
        evaluate(crowd(10).table, {}, DEFAULT_RULES)


@pytest.mark.slow
def test_made_up_people_are_found() -> None:
    data = crowd(10_000)
    found = evaluate(data.table, data.truth, data.rules)
    assert found.blocking_recall >= 0.93
    measured(data, 0.97)


@pytest.mark.public_data
@pytest.mark.parametrize(("number", "least"), [(1, 0.985), (2, 0.975), (3, 0.97)])
def test_febrl_without_identity_number_and_birth_date(public_data: Path, number: int, least: float) -> None:
    measured(febrl(public_data, number), least)


@pytest.mark.public_data
def test_febrl_with_birth_dates_that_often_are_wrong(public_data: Path) -> None:
    measured(febrl(public_data, 3, with_birth_date=True), 0.985)


@pytest.mark.public_data
def test_fake_people(public_data: Path) -> None:
    measured(fake_people(public_data), 0.91)


@pytest.mark.public_data
def test_fake_people_against_judgements_of_single_pairs(public_data: Path) -> None:
    data = fake_people(public_data)
    rows = rows_of(public_data / "fake_people" / "fake_1000_labels.csv.gz")
    pairs = [
        (str(row["unique_id_l"]), str(row["unique_id_r"]), float(row["clerical_match_score"] or 0) > 0.5)
        for row in rows
    ]
    tally = judge(data.table, pairs, data.rules)
    assert tally.precision >= 0.98
    assert tally.recall >= 0.8
