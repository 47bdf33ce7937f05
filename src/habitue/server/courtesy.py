"""Work in the background that lets those go first who wait for an answer: between two pieces it pauses for a while."""

import time
from collections.abc import Callable
from typing import Final

_LOOK_S: Final = 0.001
LONGEST_S: Final = 0.03
"""How long a piece of work is put off at most: under load without end it takes longer, and still gets done."""


class Courtesy:
    """When to go on with work that nobody waits for.

    Args:
        is_busy: Whether somebody waits: messages to be taken in, written or read.
        pause: Lets so many seconds pass.
    """

    def __init__(self, is_busy: Callable[[], bool], pause: Callable[[float], None] = time.sleep) -> None:
        self._is_busy = is_busy
        self._pause = pause

    def give_way(self) -> None:
        """Wait until nobody waits, so long at most."""
        waited_s = 0.0
        while waited_s < LONGEST_S and self._is_busy():
            self._pause(_LOOK_S)
            waited_s += _LOOK_S

    def progress(self, step: str, done: int, total: int) -> None:
        """Give way whenever a piece is done; for whoever tells how far they are."""
        del step, done, total
        self.give_way()
