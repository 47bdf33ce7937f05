"""Some customers kept in memory while a project is served: see `run/nearby.py`."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from habitue.errors import HabitueError
from habitue.run.drawn_customers import keep_nearby
from habitue.server.asking import Desk
from habitue.server.guarding import Guard
from habitue.server.unasked import nobody_waits

LOOK_S: Final = 5.0
LONGEST_S: Final = 120.0
"""So long a table may take; without them pages read everybody's tables."""


async def keep_near(
    desk: Desk,
    report: Callable[[BaseException], None],
    *,
    kept: Callable[[], None] = lambda: None,
    look_s: float = LOOK_S,
) -> None:
    """Keep those whom estimates look at as they are now, until the task is cancelled.

    Args:
        desk: Where the project is.
        report: Told what goes wrong.
        kept: Told each time that they are kept, or cannot be.
        look_s: How often to see whether they still hold, in seconds.
    """
    nobody_waits()
    while True:
        is_more = False
        with Guard() as guard, suppress(HabitueError):
            # What a build is about to change is not worth it. After it every page is quicker for this, so that it gives
            # way to nobody.
            if not desk.board.state.running:
                is_more = await desk.readers.read(keep_nearby, seconds=LONGEST_S)
        if guard.error is not None:
            report(guard.error)
        if not is_more:
            kept()
        await asyncio.sleep(0 if is_more else look_s)
