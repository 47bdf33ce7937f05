"""A server that tests of the HTTP door send to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.serving import Serving, make_project, serving


@pytest.fixture
def running_server(tmp_path: Path) -> Iterator[Serving]:
    """A server of a small project with one live source, on a free port; for one test."""
    with serving(make_project(tmp_path / "shop")) as running:
        yield running
