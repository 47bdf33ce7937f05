"""What a shop sends in a while, everything that makes a live answer hard among it.

Visits of the sample's people, now and told late; people who log in after a while, who turn out to be two accounts of
one, who share a loyalty card; consents given and withdrawn; clocks that go fast; messages that come twice.
"""

import json
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

from habitue.samples.replay import Message, Replay, Visit

BATCH: Final = 200
_TWICE: Final = 0.03
_MEMORY: Final = 5_000
_KINDS: Final = ("past", "now", "ahead", "identify", "stranger", "alias", "consent", "page")
_WEIGHTS: Final = (400, 560, 4, 12, 10, 3, 6, 5)
_STRETCH: Final = 20
_CARDS: Final = 4_000
_STEPS: Final = 6


class Traffic:
    """An endless stream of batches, the same for the same sample, seed and instants.

    Args:
        visits: Of the sample.
        seed: Any whole number.
    """

    def __init__(self, visits: Sequence[Visit], *, seed: int) -> None:
        self._chance = Random(seed)
        self._replay = Replay(visits, seed=seed)
        self._people = sorted({each.user_id for each in visits if each.user_id})
        self._cookies = sorted({each.anonymous_id for each in visits if not each.user_id})
        self._sent: deque[Message] = deque(maxlen=_MEMORY)
        self._strangers: deque[str] = deque(maxlen=500)
        self._number = 0

    def batch(self, now: datetime, size: int = BATCH) -> bytes:
        """So many messages, sent now."""
        messages: list[Message] = []
        while len(messages) < size:
            messages += self._some(now)
        del messages[size:]
        self._sent.extend(each for each in messages if self._chance.random() < 0.2)
        return json.dumps({"batch": messages, "sentAt": now.isoformat()}).encode()

    def _some(self, now: datetime) -> Iterator[Message]:
        chance = self._chance
        if self._sent and chance.random() < _TWICE:
            yield self._sent[chance.randrange(len(self._sent))]
            return
        match chance.choices(_KINDS, _WEIGHTS)[0]:
            case "past":
                yield from self._replay.past(chance.randint(1, _STEPS), since=now - timedelta(days=_STRETCH), until=now)
            case "now":
                yield from self._replay.past(chance.randint(1, _STEPS), since=now - timedelta(seconds=20), until=now)
            case "ahead":
                ahead = timedelta(seconds=chance.uniform(1, 40))
                yield from self._replay.past(1, since=now + ahead, until=now + 2 * ahead)
            case "stranger":
                yield from self._stranger(now)
            case other:
                yield self._one(other, now)

    def _one(self, kind: str, now: datetime) -> Message:
        chance = self._chance
        person = chance.choice(self._people)
        said = self._message(now, userId=person)
        match kind:
            case "identify":
                card = f"LC{chance.randrange(_CARDS):05}"
                traits = {"country": chance.choice(["GB", "DE", "FR"]), "language": "en", "loyalty_card": card}
                cookie = chance.choice(self._cookies) if self._cookies and chance.random() < 0.5 else None
                email = {"email": f"{person.lower()}@mail.example"} if chance.random() < 0.5 else {}
                return {**said, "type": "identify", "anonymousId": cookie, "traits": {**traits, **email}}
            case "alias":
                previous = self._strangers.popleft() if self._strangers else chance.choice(self._people)
                return {**said, "type": "alias", "previousId": previous}
            case "consent":
                allowed = {name: chance.random() < 0.5 for name in ("Advertising", "Personalization", "Analytics")}
                consent = {"categoryPreferences": allowed}
                return {**said, "type": "page", "context": {"consent": consent}, "properties": {"path": "/consent"}}
            case _:
                return {**said, "type": "page", "properties": {"path": "/", "device": "mobile", "channel": "web"}}

    def _stranger(self, now: datetime) -> Iterator[Message]:
        """Somebody without login looks around, and mostly logs in: as somebody known, or new."""
        chance, number = self._chance, self._number
        cookie = f"stranger-{number}"
        for step in range(chance.randint(1, 4)):
            product = {"product_id": f"P{1000 + chance.randrange(60)}", "category": "Pantry", "price": 12.5}
            at = now - timedelta(minutes=chance.uniform(0, 90))
            told = self._message(at, anonymousId=cookie)
            yield {**told, "type": "track", "event": "Product Viewed", "properties": {**product, "path": f"/{step}"}}
        how = chance.random()
        if how < 0.5:
            yield {**self._message(now, anonymousId=cookie), "type": "identify", "userId": chance.choice(self._people)}
        elif how < 0.7:
            yield {**self._message(now, anonymousId=cookie), "type": "identify", "userId": f"new-{number}"}
        else:
            self._strangers.append(cookie)

    def _message(self, at: datetime, **who: str) -> Message:
        self._number += 1
        return {"messageId": f"parity-{self._number}", "timestamp": at.isoformat(), **who}
