"""How the log forgets: whole stretches of time at once, in steps short enough for writing to go on between them."""

import sqlite3
from collections.abc import Iterable

from habitue.streams.entries import Removed
from habitue.streams.message_ids import MessageIds


def clear_failures(connection: sqlite3.Connection, numbers: Iterable[int]) -> int:
    """Give failed events up: their rows stay as `dropped`, without what came; how many of them were open."""
    run, were_open = connection.execute, 0
    for number in numbers:
        run(
            """
            UPDATE facts SET value = value - coalesce((SELECT length(raw) FROM failed WHERE number = ?), 0)
            WHERE name = 'lane_bytes'
            """,
            (number,),
        )
        run("UPDATE failed SET raw = NULL WHERE number = ?", (number,))
        were_open += run("UPDATE failed SET state = 'dropped' WHERE number = ? AND state = 'open'", (number,)).rowcount
    return were_open


def retire(connection: sqlite3.Connection, ids: MessageIds, before_us: int, limit: int) -> Removed:
    """Remove at most so many rows that were received before an instant, the failed lane's first."""
    run = connection.execute
    found = run(
        "SELECT number FROM failed WHERE received_us < ? ORDER BY received_us LIMIT ?", (before_us, limit)
    ).fetchall()
    clear_failures(connection, (number for (number,) in found))
    connection.executemany("DELETE FROM failed WHERE number = ?", found)
    records, is_done = _retire_records(connection, ids, before_us, limit - len(found))
    return Removed(records, len(found), is_done)


def _retire_records(connection: sqlite3.Connection, ids: MessageIds, before_us: int, limit: int) -> tuple[int, bool]:
    run = connection.execute
    segments = run(
        """
        SELECT first_place, last_place FROM (
            SELECT first_place, end_us, lead(first_place) OVER (ORDER BY first_place) - 1 AS last_place FROM segments)
        WHERE end_us <= ? ORDER BY first_place
        """,
        (before_us,),
    ).fetchall()
    keys, is_done = list[bytes](), True
    for first, last in segments:
        wanted = limit - len(keys)
        gone = run(
            """
            SELECT place, key FROM records WHERE place >= ? AND (? IS NULL OR place <= ?) ORDER BY place LIMIT ?
            """,
            (first, last, last, wanted),
        ).fetchall()
        keys += [key for _, key in gone]
        connection.executemany("DELETE FROM records WHERE place = ?", [(place,) for place, _ in gone])
        if len(gone) == wanted:
            is_done = False
            break
        run("DELETE FROM segments WHERE first_place = ?", (first,))
    ids.drop(keys)
    return len(keys), is_done
