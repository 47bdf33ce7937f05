"""The project is the nearest folder upwards that says so; its state folder is private."""

from pathlib import Path

import pytest

from habitue.config import ProjectNotFoundError, find_project, state_folder


def test_the_nearest_folder_upwards_is_the_project(tmp_path: Path) -> None:
    inner = tmp_path / "shop" / "segments" / "deep"
    inner.mkdir(parents=True)
    (tmp_path / "habitue.yaml").write_text("name: outer\n", encoding="utf-8")
    (tmp_path / "shop" / "habitue.yaml").write_text("name: shop\n", encoding="utf-8")
    assert find_project(inner) == (tmp_path / "shop").resolve()
    assert find_project(tmp_path / "shop" / "habitue.yaml") == (tmp_path / "shop").resolve()
    assert find_project(tmp_path) == tmp_path.resolve()


def test_without_a_project_the_error_says_how_to_make_one(tmp_path: Path) -> None:
    (tmp_path / "habitue.yaml").mkdir()
    with pytest.raises(ProjectNotFoundError) as refusal:
        find_project(tmp_path)
    assert refusal.value.code == "PROJECT-NOT-FOUND"
    assert "habitue init" in refusal.value.do
    assert "habitue start" in refusal.value.do


def test_the_state_folder_is_private_and_ignored_by_git(tmp_path: Path) -> None:
    folder = state_folder(tmp_path)
    assert folder == tmp_path / ".habitue"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_a_state_folder_open_to_others_is_closed(tmp_path: Path) -> None:
    (tmp_path / ".habitue").mkdir(mode=0o755)
    assert state_folder(tmp_path).stat().st_mode & 0o777 == 0o700
