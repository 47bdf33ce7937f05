"""The staircase: the contract holds, and a step upwards anywhere is seen."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import PACKAGE, ROOT

RUN = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the import contract of `folder` over the package in `folder`/src."""
    return subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=folder,
        env={"PYTHONPATH": str(folder / "src"), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the package and its contract that a test may spoil."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(PACKAGE, tmp_path / "src" / "habitue", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_package_keeps_the_staircase(house: Path) -> None:
    outcome = check(house)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_an_import_from_a_room_above_is_seen(house: Path) -> None:
    (house / "src/habitue/records/upstairs.py").write_text("import habitue.cli\n", encoding="utf-8")
    outcome = check(house)
    assert outcome.returncode == 1
    assert "habitue.records is not allowed to import habitue.cli" in outcome.stdout


def test_an_import_from_above_for_types_only_is_seen(house: Path) -> None:
    (house / "src/habitue/records/upstairs.py").write_text(
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import habitue.cli\n", encoding="utf-8"
    )
    outcome = check(house)
    assert outcome.returncode == 1
    assert "habitue.records is not allowed to import habitue.cli" in outcome.stdout


def test_an_import_inside_a_function_is_seen(house: Path) -> None:
    (house / "src/habitue/config/upstairs.py").write_text(
        "def late() -> None:\n    import habitue.run\n", encoding="utf-8"
    )
    outcome = check(house)
    assert outcome.returncode == 1
    assert "habitue.config is not allowed to import habitue.run" in outcome.stdout


def test_neighbours_that_import_each_other_are_seen(house: Path) -> None:
    (house / "src/habitue/state/across.py").write_text("import habitue.engines\n", encoding="utf-8")
    outcome = check(house)
    assert outcome.returncode == 1
    assert "habitue.state is not allowed to import habitue.engines" in outcome.stdout


def test_a_folder_without_a_place_on_the_staircase_is_seen(house: Path) -> None:
    room = house / "src/habitue/attic"
    room.mkdir()
    (room / "__init__.py").write_text('"""Where nothing has a place."""\n', encoding="utf-8")
    outcome = check(house)
    assert outcome.returncode == 1
    assert "attic" in outcome.stdout
