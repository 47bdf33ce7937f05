"""How bodies of the log are changed after all, as erasing somebody asks: in steps, with checksums that hold again."""

import sqlite3
from collections.abc import Callable
from typing import Final

from habitue.streams.entries import Rewritten
from habitue.streams.log_rows import checksum

Change = Callable[[bytes], bytes | None]
"""What a body is to be from now on; None for as it is."""
_PAGE: Final = """
SELECT place, received_us, key, body FROM records WHERE place > ? ORDER BY place LIMIT ?
"""
_WRITE: Final = "UPDATE records SET body = ?, crc = ? WHERE place = ?"


def rewrite(connection: sqlite3.Connection, change: Change, after: int, limit: int) -> Rewritten:
    """Look at some bodies that follow an offset, and write those anew that change."""
    rows = connection.execute(_PAGE, (after, limit)).fetchall()
    changed = []
    for place, received_us, key, body in rows:
        new = change(body)
        if new is not None:
            changed.append((new, checksum(place, received_us, key, new), place))
    connection.executemany(_WRITE, changed)
    return Rewritten(len(changed), rows[-1][0] if rows else after, len(rows) < limit)
