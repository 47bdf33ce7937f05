"""What the tests of channels ask for."""

from pathlib import Path

import pytest

from tests.channels.outgoing import Outgoing


@pytest.fixture
def out(tmp_path: Path) -> Outgoing:
    """A project folder without changes."""
    (tmp_path / ".habitue").mkdir(mode=0o700)
    (tmp_path / "habitue.yaml").write_text("name: corner\n", encoding="utf-8")
    return Outgoing(folder=tmp_path)
