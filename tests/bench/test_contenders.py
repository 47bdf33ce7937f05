"""All contenders of the race that need no Java give the same answers on a small history."""

from pathlib import Path

import pyarrow as pa
import pytest

from bench.compare import difference, rows_of
from bench.contender import Limits, entry_of, open_contender
from bench.dataset import Dataset, make_dataset, open_dataset
from bench.definitions import DEFINITIONS, Definition
from bench.generate import Recipe

NAMES = ("sql", "habitue", "polars", "pandas")
RECIPE = Recipe(events=30_000, customers=800, days=90, seed=11)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return make_dataset(tmp_path_factory.mktemp("bench"), RECIPE)


@pytest.fixture(scope="module")
def answers(dataset: Dataset) -> Path:
    folder = dataset.folder / "answers"
    for name in NAMES:
        contender = open_contender(entry_of(name), dataset, Limits(memory_mb=500, spill=dataset.folder / "spill"))
        (folder / name).mkdir(parents=True)
        for definition in DEFINITIONS:
            rows = contender.answer(definition)().select(list(definition.columns))
            with (
                pa.OSFile(str(folder / name / definition.key), "wb") as sink,
                pa.ipc.new_file(sink, rows.schema) as writer,
            ):
                writer.write_table(rows)
        contender.close()
    return folder


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda each: each.key)
@pytest.mark.parametrize("name", NAMES[1:])
def test_every_contender_answers_as_the_sql_by_hand(answers: Path, name: str, definition: Definition) -> None:
    one, other = (answers / each / definition.key for each in ("sql", name))
    assert difference(definition, one, other) == ""


def test_no_answer_is_trivial(answers: Path, dataset: Dataset) -> None:
    for definition in DEFINITIONS:
        rows = rows_of(answers / "sql" / definition.key)
        assert 0 < rows <= dataset.customers
        assert bool(definition.figures) == (rows == dataset.customers)


def test_a_finished_history_is_opened_and_not_made_again(dataset: Dataset) -> None:
    before = dataset.warehouse.stat().st_mtime_ns
    again = make_dataset(dataset.folder.parent.parent, RECIPE)
    assert again == dataset == open_dataset(dataset.folder)
    assert again.warehouse.stat().st_mtime_ns == before
    assert again.events == RECIPE.events
