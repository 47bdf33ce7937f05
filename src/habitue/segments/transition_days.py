"""The instants at which people entered and left one segment, for counting them by day."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from habitue.config import state_folder
from habitue.segments.transition_tables import TRANSITIONS
from habitue.segments.transitions import TRANSITIONS_FILE
from habitue.state.sqlite import answering, from_us, open_database


def moves_by_instant(project: Path, segment: str, since_us: int) -> Iterator[tuple[datetime, bool]]:
    """When somebody entered (true) or left a segment because of what happened, from an instant on.

    What a changed rule or a build moved is left out: on that day nobody did anything.

    Cost: one look at the segment's transitions.
    """
    path = state_folder(project) / TRANSITIONS_FILE
    with answering(path), closing(open_database(path, TRANSITIONS)) as connection:
        rows = connection.execute(
            """
            SELECT t.occurred_us, t.entered FROM segments AS s JOIN transitions AS t ON t.segment = s.number
            WHERE s.name = ? AND t.occurred_us >= ? AND t.cause IN ('event', 'deadline')
            """,
            (segment, since_us),
        )
        for occurred_us, entered in rows:
            yield from_us(occurred_us), bool(entered)
