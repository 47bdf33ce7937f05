"""When the first build after a start begins, where there are many customers.

It looks through all files and copies the tables, which keeps the disk and a core busy for a minute with a million
customers: the very minute in which people open the app again.
"""

import asyncio
import threading
from contextlib import suppress

from habitue.errors import HabitueError
from habitue.run.drawn_customers import has_many
from habitue.server.asking import Desk
from habitue.server.unasked import CALM_S, nobody_waits
from habitue.server.upkeep import HOLD_S


async def hold_build(
    desk: Desk, near: asyncio.Event, held: threading.Event, *, calm_s: float = CALM_S, hold_s: float = HOLD_S
) -> None:
    """Hold it back until pages are quick and nobody waits for one; not at all where there are few customers.

    Args:
        desk: Where the project is.
        near: Set when those are kept in memory whom pages look at first.
        held: Set as long as it is held back.
        calm_s: So long nobody has to wait for anything, in seconds.
        hold_s: So long at most it is held back.
    """
    nobody_waits()
    held.set()
    try:
        with suppress(HabitueError, TimeoutError):
            async with asyncio.timeout(hold_s):
                if await desk.readers.read(has_many):
                    await near.wait()
                    await asyncio.sleep(calm_s)
                    await desk.readers.unasked.calm(hold_s)
    finally:
        held.clear()
