"""A copy of a file is the file, whoever copies it."""

import sys
from pathlib import Path

import pytest

from habitue.config import MisplacedError
from habitue.engines.duplicating import duplicate


@pytest.mark.parametrize("system", [sys.platform, "elsewhere"])
@pytest.mark.parametrize("size", [0, 1, 40_000_003])
def test_a_copy_holds_what_the_file_holds_and_is_its_owners_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str, size: int
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    file, copy = tmp_path / "file", tmp_path / "copy"
    held = bytes(range(251)) * (size // 251) + b"x" * (size % 251)
    file.write_bytes(held)
    assert duplicate(file, copy) == size
    assert copy.read_bytes() == held
    assert copy.stat().st_mode & 0o777 == 0o600


def test_nothing_is_copied_over_what_is_there(tmp_path: Path) -> None:
    for name in ("file", "copy"):
        (tmp_path / name).write_text(name, encoding="ascii")
    with pytest.raises(MisplacedError):
        duplicate(tmp_path / "file", tmp_path / "copy")
    assert (tmp_path / "copy").read_text(encoding="ascii") == "copy"
