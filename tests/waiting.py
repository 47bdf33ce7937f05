"""Waiting for what comes about: as long as a loaded machine may need, and no longer than it takes."""

import time
from collections.abc import Callable
from typing import Final

PATIENCE_S: Final = 90.0
_PAUSE_S: Final = 0.01


def until(holds: Callable[[], bool], *, seconds: float = PATIENCE_S) -> None:
    """Wait for something to hold; fails when it does not in time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(_PAUSE_S)
