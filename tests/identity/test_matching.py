"""Records of one person are found by likeness: alike each time, nearly all, and hardly any other."""

from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pytest

from habitue.identity.blocking import block
from habitue.identity.links import LinkState
from habitue.identity.matching import Matches, fitting_guards, match
from habitue.identity.model import MatchModel, ModelDamagedError, untrained
from habitue.identity.preparing import prepare
from habitue.identity.rules import Guards, Matching
from habitue.identity.scores import numbered, score_links
from tests.identity.crowds import ALL_COLUMNS, Labelled, crowd

SMALL = Matching(columns=MappingProxyType({"given_name": "given_name", "surname": "surname", "email": "email"}))


@pytest.fixture(scope="module")
def people() -> Labelled:
    return crowd(3_000)


@pytest.fixture(scope="module")
def matches(people: Labelled) -> Matches:
    return match(prepare(people.table, ALL_COLUMNS), ALL_COLUMNS)


def test_blocking_brings_nearly_all_pairs_together(people: Labelled, matches: Matches) -> None:
    truth = numbered(people.truth.values())
    left, right = matches.pairs.left, matches.pairs.right
    found = int((truth[left] == truth[right]).sum())
    recall = found / score_links(matches.edges()[LinkState.LINK], truth).true
    assert recall >= 0.93
    assert matches.recall == pytest.approx(recall, abs=0.03)


def test_a_model_learned_twice_is_the_same_model(people: Labelled, matches: Matches) -> None:
    again = match(prepare(people.table, ALL_COLUMNS), ALL_COLUMNS)
    assert again.model.version == matches.model.version
    assert np.array_equal(again.weight, matches.weight)


def test_a_learned_model_gives_the_same_weights_without_learning(people: Labelled, matches: Matches) -> None:
    read = MatchModel.from_json(matches.model.to_json())
    again = match(prepare(people.table, ALL_COLUMNS), ALL_COLUMNS, model=read)
    assert again.model == matches.model
    assert np.allclose(again.weight, matches.weight, atol=1e-4)


def test_a_stored_model_names_nobody(people: Labelled, matches: Matches) -> None:
    text = matches.model.to_json()
    names = {name for name in people.table["surname"].to_pylist() if name and len(name) > 4}
    assert not any(name in text for name in names)


@pytest.mark.parametrize(
    "change",
    [('"prior": ', '"prior": 0.0'), ("same_of_name", "same_of_nam"), ('"format": 1', '"format": 2'), ("{", "[")],
)
def test_a_changed_model_is_refused(matches: Matches, change: tuple[str, str]) -> None:
    with pytest.raises(ModelDamagedError):
        MatchModel.from_json(matches.model.to_json().replace(change[0], change[1], 1))


def test_pairs_to_review_are_not_linked(matches: Matches) -> None:
    found = matches.edges()
    link, review = found[LinkState.LINK], found[LinkState.REVIEW]
    assert len(link)
    assert len(review)
    assert link.weight.min() >= 0 > review.weight.max()


def test_probabilities_mean_what_they_say(people: Labelled, matches: Matches) -> None:
    truth = numbered(people.truth.values())
    same = truth[matches.pairs.left] == truth[matches.pairs.right]
    likely = 1 / (1 + 2.0 ** -np.clip(matches.weight, -60, 60))
    assert float(likely.sum()) == pytest.approx(float(same.sum()), rel=0.05)


@pytest.mark.parametrize("rows", [0, 1, 2, 30])
def test_a_handful_of_records_is_matched_without_learning(rows: int) -> None:
    table = pa.table(
        {
            "record_id": [f"r{place}" for place in range(rows)],
            "given_name": pa.array([f"ann{place // 2}" for place in range(rows)], pa.string()),
            "surname": pa.array([f"smith{place // 2}" for place in range(rows)], pa.string()),
            "email": pa.array([f"k{place // 2}j@x.org" for place in range(rows)], pa.string()),
        }
    )
    prepared = prepare(table, SMALL)
    found = match(prepared, SMALL)
    assert len(found.edges()[LinkState.LINK]) == rows // 2
    assert found.model.levels == untrained(tuple(prepared.text), 0.1).levels


def test_columns_without_any_value_do_no_harm(people: Labelled) -> None:
    table, nothing = people.table.slice(0, 400), pa.nulls(400, pa.string())
    for name in ("email", "birth_date"):
        table = table.set_column(table.column_names.index(name), name, nothing)
    assert len(match(prepare(table, ALL_COLUMNS), ALL_COLUMNS).pairs)


def test_one_name_shared_by_everybody_is_not_compared_with_everybody() -> None:
    size = 5_000
    columns = {"given_name": ["ann"] * size, "surname": ["lee"] * size, "email": [f"k{n}@x.org" for n in range(size)]}
    table = pa.table({"record_id": [f"r{place}" for place in range(size)], **columns})
    pairs = block(prepare(table, SMALL))
    assert len(pairs) < 5_000
    assert pairs.skipped["given|surname"] == 5_000


def test_dates_of_birth_that_often_are_wrong_keep_nobody_apart(matches: Matches) -> None:
    assert fitting_guards(Guards(), matches.model).birth_date
    worse = untrained(matches.model.columns, 0.001)
    levels = {**worse.levels, ("birth_date", "other"): worse.levels["birth_date", "same_year"]}
    model = MatchModel(columns=worse.columns, levels=levels, prior=worse.prior)
    assert not fitting_guards(Guards(), model).birth_date
