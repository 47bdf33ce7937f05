"""Visits of a sample's web shop told again as if they happened now, as messages of the Segment API.

Some are told late, as phones do that were offline: a basket seen a day ago less a few seconds counts as left when these
seconds have passed, and one seen a fortnight ago stops counting.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import pairwise
from pathlib import Path
from typing import Final

Message = dict[str, object]

WEB_EVENTS: Final = "data/web_events.ndjson"
_GAP: Final = timedelta(minutes=30)
_LONGEST_PAUSE_S: Final = 4.0
_HEAD: Final = frozenset({"message_id", "event", "timestamp", "customer", "user_id", "anonymous_id"})
_LATE: Final = ((0.25, timedelta(hours=24)), (0.10, timedelta(days=14)))
_LATEST_S: Final = 45.0
_ORDERED: Final = 0.6


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a visit.

    Attributes:
        pause_s: Seconds since the one before.
        event: Its name.
        properties: As the shop's tracker sends them.
    """

    pause_s: float
    event: str
    properties: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit.

    Attributes:
        user_id: Who it was; empty where nobody was logged in.
        anonymous_id: By which cookie.
        steps: What they did.
    """

    user_id: str
    anonymous_id: str
    steps: tuple[Step, ...]


class Replay:
    """An endless stream of visits, the same for the same sample and seed.

    Args:
        visits: What to draw from; not empty.
        seed: Any whole number.
    """

    def __init__(self, visits: Sequence[Visit], *, seed: int) -> None:
        self._visits = visits
        self._random = random.Random(seed)
        self._salt = f"{seed:x}"
        self._told = 0
        self._waiting: list[tuple[datetime, int, Message]] = []

    def due(self, now: datetime, *, visits: int) -> list[Message]:
        """Begin so many visits, and give every message that is due by now, in order.

        Args:
            now: The present time, aware; later than at the call before.
            visits: How many people come in.
        """
        for _ in range(visits):
            self._begin(now)
        told: list[Message] = []
        while self._waiting and self._waiting[0][0] <= now:
            told.append(heappop(self._waiting)[2])
        return told

    def past(self, count: int, *, since: datetime, until: datetime) -> Iterator[Message]:
        """So many messages about a stretch of time, visit by visit.

        Args:
            count: How many.
            since: The first visit begins then.
            until: The last one begins before it.
        """
        while count > 0:
            begun = since + (until - since) * self._random.random()
            for _, message in self._told_of(self._drawn(), begun, 1.0, timedelta()):
                if count > 0:
                    yield message
                    count -= 1

    def _begin(self, now: datetime) -> None:
        visit = self._drawn()
        late, chance = timedelta(), self._random.random()
        for share, length in _LATE:
            if chance < share:
                late = length - timedelta(seconds=self._random.uniform(10.0, _LATEST_S))
                break
            chance -= share
        for place, (due, message) in enumerate(self._told_of(visit, now, _LONGEST_PAUSE_S, late)):
            heappush(self._waiting, (due, self._told + place, message))

    def _drawn(self) -> Visit:
        return self._visits[self._random.randrange(len(self._visits))]

    def _told_of(
        self, visit: Visit, begun: datetime, longest_s: float, late: timedelta
    ) -> Iterator[tuple[datetime, Message]]:
        moment = begun
        steps = [*visit.steps, *self._order(visit)] if not late else list(visit.steps)
        for step in steps:
            moment += timedelta(seconds=min(step.pause_s, longest_s))
            self._told += 1
            message: Message = {
                "type": "track",
                "messageId": f"replay-{self._salt}-{self._told}",
                "anonymousId": visit.anonymous_id,
                "event": step.event,
                "properties": dict(step.properties),
                "timestamp": (moment - late).isoformat(),
            }
            if visit.user_id:
                message["userId"] = visit.user_id
            yield moment, message

    def _order(self, visit: Visit) -> Iterator[Step]:
        """What some of those who checked out then order."""
        added = [step.properties for step in visit.steps if step.event == "Product Added"]
        checkout = [step for step in visit.steps if step.event == "Checkout Started"]
        if not (checkout and added and visit.user_id) or self._random.random() > _ORDERED:
            return
        basket = checkout[-1].properties
        yield Step(
            20.0,
            "Order Completed",
            {
                "order_id": f"R{self._salt}{self._told}",
                "channel": basket.get("channel"),
                "country": basket.get("country"),
                "cart_id": basket.get("cart_id"),
                "revenue": basket.get("value"),
                "items": basket.get("items"),
                "products": [
                    {key: each.get(key) for key in ("product_id", "category", "brand", "price", "quantity")}
                    for each in added
                ],
            },
        )


def read_visits(folder: Path, *, most: int = 100_000) -> list[Visit]:
    """The visits of a sample's web events, at most so many.

    Args:
        folder: The project folder of a sample.
        most: How many.
    """
    events: dict[tuple[str, str], list[tuple[datetime, dict[str, object]]]] = {}
    with (folder / WEB_EVENTS).open(encoding="utf-8") as lines:
        for line in lines:
            found = _event(line)
            if found is not None:
                at, said = found
                who = (str(said.get("user_id") or ""), str(said.get("anonymous_id") or ""))
                events.setdefault(who, []).append((at, said))
    visits = (visit for who, told in sorted(events.items()) for visit in _cut(who, told))
    return [visit for _, visit in zip(range(most), visits, strict=False)]


def _event(line: str) -> tuple[datetime, dict[str, object]] | None:
    """A line of the sample; None for one that was spoiled on purpose."""
    try:
        said = json.loads(line)
        at = datetime.fromisoformat(said["timestamp"]).astimezone(UTC)
    except (ValueError, KeyError):
        return None
    return (at, said) if said.get("anonymous_id") else None


def _cut(who: tuple[str, str], told: list[tuple[datetime, dict[str, object]]]) -> Iterator[Visit]:
    told.sort(key=lambda each: each[0])
    begins = [0, *(place for place, (one, two) in enumerate(pairwise(told), 1) if two[0] - one[0] > _GAP), len(told)]
    for begin, end in pairwise(begins):
        steps, before = [], told[begin][0]
        for at, said in told[begin:end]:
            properties = {key: value for key, value in said.items() if key not in _HEAD}
            steps.append(Step((at - before).total_seconds(), str(said["event"]), properties))
            before = at
        yield Visit(*who, tuple(steps))
