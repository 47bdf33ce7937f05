"""What became of every delivery, and how far each channel has come: `.habitue/deliveries.sqlite`.

No values of people are in it: a delivery is known by the sequence of its change, and what is sent is made anew from
the log of changes at every attempt. For channels with a purpose it holds who the receiver was told about, by internal
id, so that somebody who withdraws their consent is taken back there too.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple, Self, TypeAlias

from habitue.channels.delivery_tables import CUT, DELIVERIES, KEEP, LATEST, RETIRE, WAITING
from habitue.config import state_folder
from habitue.state.file import StateFile
from habitue.state.sqlite import answering, from_us, open_database, to_us

DELIVERIES_FILE: Final = "deliveries.sqlite"
MOST_LISTED: Final = 10_000
Pairs: TypeAlias = Sequence[tuple[str, str]]


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    """It will be tried, or tried again."""
    DELIVERED = "delivered"
    """The receiver took it."""
    GIVEN_UP = "given_up"
    """Every attempt failed."""
    WITHHELD = "withheld"
    """It was not sent: there is no basis for the purpose, no identifier, or the change is known no longer."""


class Delivery(NamedTuple):
    """What became of one change in one channel.

    Attributes:
        channel: Its name.
        sequence: Of the change.
        segment: Its name.
        entered: Whether somebody entered.
        state: Where it stands.
        attempts: How many were made.
        next_us: When the next is due, µs since 1970 UTC; 0 for at once.
        why: What became of the last, in one word.
        status: Of the last answer; None where there was none.
        took_ms: How long the last attempt took.
        first_us: When it was taken up first.
        last_us: When it changed last.
    """

    channel: str
    sequence: int
    segment: str
    entered: bool
    state: DeliveryState
    attempts: int = 0
    next_us: int = 0
    why: str = ""
    status: int | None = None
    took_ms: int = 0
    first_us: int = 0
    last_us: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a channel has come.

    Attributes:
        name: Its name.
        sequence: Every change up to this one was taken up.
        begun_at: When it was first served.
        off: Why nothing is sent; empty while it is on.
        off_at: Since when.
        accepted_at: When the receiver last took something; None for never.
        accepted: How many deliveries it took.
    """

    name: str
    sequence: int
    begun_at: datetime
    off: str = ""
    off_at: datetime | None = None
    accepted_at: datetime | None = None
    accepted: int = 0


class Deliveries(StateFile):
    """The deliveries of one project. A connection is used by the thread that opened it.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, open_database(path, DELIVERIES))
        self._connection.execute("PRAGMA secure_delete = ON")

    @classmethod
    def open(cls, project: Path) -> Self:
        """Open the deliveries of a project folder, made when absent."""
        return cls(state_folder(project) / DELIVERIES_FILE)

    # --- How far a channel has come -----------------------------------------------------------------------------------

    def progress(self, channel: str) -> Progress | None:
        """How far a channel has come; None before it was first served."""
        with answering(self._path):
            row = self._connection.execute(
                "SELECT name, sequence, begun_us, off, off_us, accepted_us, accepted FROM channels WHERE name = ?",
                (channel,),
            ).fetchone()
        if row is None:
            return None
        name, sequence, begun_us, off, off_us, accepted_us, accepted = row
        return Progress(
            name=name,
            sequence=sequence,
            begun_at=from_us(begun_us),
            off=off,
            off_at=None if off_us is None else from_us(off_us),
            accepted_at=None if accepted_us is None else from_us(accepted_us),
            accepted=accepted,
        )

    def begin(self, channel: str, newest: int, *, now: datetime) -> Progress:
        """Serve a channel: a new one is told what comes after this, a known one goes on where it stopped.

        Where the log of changes was begun anew, with lower numbers, what was noted of the old one goes.

        Args:
            channel: Its name.
            newest: The sequence of the newest change.
            now: The present time.
        """
        with self.transaction():
            self._connection.execute(
                "INSERT INTO channels (name, sequence, begun_us) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
                (channel, newest, to_us(now)),
            )
            ahead = self._connection.execute(
                "UPDATE channels SET sequence = 0 WHERE name = ? AND sequence > ?", (channel, newest)
            )
            if ahead.rowcount:
                self._connection.execute("DELETE FROM deliveries WHERE channel = ?", (channel,))
        found = self.progress(channel)
        if found is None:
            raise LookupError(channel)
        return found

    def switch_off(self, channel: str, why: str, *, now: datetime) -> None:
        """Send nothing more through a channel."""
        with self.transaction():
            self._connection.execute(
                "UPDATE channels SET off = ?, off_us = ? WHERE name = ?", (why, to_us(now), channel)
            )

    def switch_on(self, channel: str, *, now: datetime) -> int:
        """Send again: what waits is due at once, and what was given up is tried from the beginning; how many."""
        with self.transaction():
            self._connection.execute("UPDATE channels SET off = '', off_us = NULL WHERE name = ?", (channel,))
            again = self._connection.execute(
                """
                UPDATE deliveries SET state = 'waiting', attempts = 0, next_us = 0, first_us = ?1
                WHERE channel = ?2 AND state = 'given_up'
                """,
                (to_us(now), channel),
            ).rowcount
            self._hasten(channel)
        return again

    def hasten(self, channel: str) -> None:
        """Let everything that waits be due at once: the receiver is there again."""
        with self.transaction():
            self._hasten(channel)

    def _hasten(self, channel: str) -> None:
        self._connection.execute(
            "UPDATE deliveries SET next_us = 0 WHERE channel = ? AND state = 'waiting' AND why <> 'refused'",
            (channel,),
        )

    # --- Deliveries ---------------------------------------------------------------------------------------------------

    def waiting(self, channel: str) -> list[Delivery]:
        """What has to be tried, or tried again, by sequence."""
        with answering(self._path):
            rows = self._connection.execute(WAITING, (channel,)).fetchall()
        return list(map(_delivery, rows))

    def waiting_count(self, channel: str) -> int:
        """How many have to be tried, or tried again."""
        with answering(self._path):
            row = self._connection.execute(
                "SELECT count(*) FROM deliveries WHERE channel = ? AND state = 'waiting'", (channel,)
            ).fetchone()
        return int(row[0])

    def taken_up(self, channel: str, *, after: int) -> set[int]:
        """The sequences behind one that have been taken up already."""
        with answering(self._path):
            rows = self._connection.execute(
                "SELECT sequence FROM deliveries WHERE channel = ? AND sequence > ?", (channel, after)
            ).fetchall()
        return {int(row[0]) for row in rows}

    def keep(self, channel: str, deliveries: Iterable[Delivery], *, sequence: int, untold: Pairs = ()) -> None:
        """Note what became of deliveries, and how far the channel has come: all or nothing, on disk at the end.

        Args:
            channel: Its name.
            deliveries: As they stand now.
            sequence: Every change up to this one was taken up.
            untold: Pairs of segment and customer that the receiver was told to let go.
        """
        noted = list(deliveries)
        accepted = [each.last_us for each in noted if each.state is DeliveryState.DELIVERED]
        with self.transaction():
            self._connection.executemany(KEEP, map(_row, noted))
            self._connection.executemany(
                "DELETE FROM told WHERE channel = ? AND segment = ? AND customer_id = ?",
                [(channel, *each) for each in untold],
            )
            self._connection.execute(
                """
                UPDATE channels SET sequence = max(sequence, ?), accepted = accepted + ?,
                    accepted_us = max(coalesce(accepted_us, 0), coalesce(?, accepted_us, 0)) WHERE name = ?
                """,
                (sequence, len(accepted), max(accepted, default=None), channel),
            )

    def latest(
        self, channel: str | None = None, state: DeliveryState | None = None, *, limit: int = 100
    ) -> list[Delivery]:
        """Deliveries, those that changed last first.

        Args:
            channel: Only of this channel.
            state: Only in this state.
            limit: At most so many, up to 10,000.
        """
        asked = (channel, None if state is None else state.value, max(0, min(limit, MOST_LISTED)))
        with answering(self._path):
            return list(map(_delivery, self._connection.execute(LATEST, asked).fetchall()))

    def counts(self, channel: str) -> dict[DeliveryState, int]:
        """How many deliveries of a channel stand where, as far as the log still has them."""
        with answering(self._path):
            rows = self._connection.execute(
                "SELECT state, count(*) FROM deliveries WHERE channel = ? GROUP BY state", (channel,)
            ).fetchall()
        return {DeliveryState(state): int(count) for state, count in rows}

    def retire(self, before: datetime, *, most: int = 100_000, limit: int = 10_000) -> int:
        """Forget settled deliveries that changed last before an instant, and all but the newest of a channel.

        Args:
            before: The instant.
            most: How many of a channel stay.
            limit: How many of the old ones go at once.
        """
        with self.transaction():
            gone = self._connection.execute(RETIRE, (to_us(before), limit)).rowcount
            for (name,) in self._connection.execute("SELECT name FROM channels").fetchall():
                gone += self._connection.execute(CUT, (name, most)).rowcount
        return gone

    # --- Who a receiver was told about --------------------------------------------------------------------------------

    def tell(self, channel: str, pairs: Pairs) -> None:
        """Note, before it is sent, that the receiver is told about these customers in these segments."""
        if not pairs:
            return
        with self.transaction():
            self._connection.executemany(
                "INSERT INTO told (channel, segment, customer_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                [(channel, *each) for each in pairs],
            )

    def is_told(self, channel: str, segment: str, customer: str) -> bool:
        """Whether the receiver was told that a customer entered a segment, and not yet that they left."""
        with answering(self._path):
            row = self._connection.execute(
                "SELECT 1 FROM told WHERE channel = ? AND segment = ? AND customer_id = ?", (channel, segment, customer)
            ).fetchone()
        return row is not None

    def told_of(self, customer: str) -> list[tuple[str, str]]:
        """The channels and segments in which receivers know of a customer."""
        with answering(self._path):
            rows = self._connection.execute(
                "SELECT channel, segment FROM told WHERE customer_id = ? ORDER BY channel, segment", (customer,)
            ).fetchall()
        return [(str(channel), str(segment)) for channel, segment in rows]

    def forget(self, customers: Collection[str]) -> int:
        """Delete all that is noted of some customers, and write the file anew; how many rows went."""
        gone = 0
        with self.transaction():
            for customer in customers:
                gone += self._connection.execute("DELETE FROM told WHERE customer_id = ?", (customer,)).rowcount
        self.scrub()
        return gone


def _delivery(row: tuple[str, int, str, int, str, int, int, str, int | None, int, int, int]) -> Delivery:
    channel, sequence, segment, entered, state, attempts, next_us, why, status, took_ms, first_us, last_us = row
    return Delivery(
        channel,
        sequence,
        segment,
        bool(entered),
        DeliveryState(state),
        attempts,
        next_us,
        why,
        status,
        took_ms,
        first_us,
        last_us,
    )


def _row(each: Delivery) -> tuple[str | int | None, ...]:
    return (*each[:3], int(each.entered), each.state.value, *each[5:])
