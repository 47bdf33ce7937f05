"""What people say about purposes while messages come in: whether there is a basis from now on, as a build will have it.

Only what could change the answer is looked into; then everything said by the person counts, with what the tables had.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

from habitue.govern.consent import SKEW, ConsentEntry, ConsentState, Strength, Terms, fold
from habitue.govern.ledger import ConsentLedger
from habitue.govern.spec import PolicySpec
from habitue.rules.history import Consent, instant_of
from habitue.rules.live import LiveRules
from habitue.rules.live_transitions import Transition
from habitue.sources.arrivals import Arrival

_SILENT: Final = 0
"""The position of what stands for silence: before anything that is said."""
_HEARD: Final = 50_000
_HELD: Final = 100_000
Spoken = Callable[[Sequence[str]], Iterable[ConsentEntry]]


def _nothing(_records: Sequence[str]) -> Iterable[ConsentEntry]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """A message that says something about purposes.

    Attributes:
        person: Whom it is about.
        records: All records of the person.
        received_at: When it was received.
        position: Its place among all.
    """

    person: str
    records: Sequence[str]
    received_at: datetime
    position: int


@dataclass(slots=True)
class LiveConsents:
    """What the people of one generation allow; used by one thread.

    Attributes:
        purposes: The declared ones.
        ledger: What was said before, or by another way than messages; None where there is none.
        spoken: What sources say that was said by some records; the ledger does not have it.
        restricted: People whose data is used for nothing; nothing is kept of them here.
        is_lifted: Whether one of them may be read again, for which everything has to be made anew.
    """

    purposes: Mapping[str, PolicySpec] = field(default_factory=lambda: MappingProxyType({}))
    ledger: ConsentLedger | None = None
    spoken: Spoken = _nothing
    restricted: set[str] = field(default_factory=set)
    is_lifted: bool = False
    _told: dict[tuple[str, str], bool] = field(default_factory=dict)
    _heard: dict[str, list[ConsentEntry]] = field(default_factory=dict)
    _entries: dict[str, list[ConsentEntry]] = field(default_factory=dict)
    _version: int = -1

    @classmethod
    def open(cls, project: Path, purposes: Mapping[str, PolicySpec]) -> Self:
        """The consents of a project folder; none where it declares no purposes."""
        return cls(purposes, ConsentLedger.open(project) if purposes else None)

    def close(self) -> None:
        """Give the ledger back."""
        if self.ledger is not None:
            self.ledger.close()

    def look_ahead(self, records: Collection[str]) -> None:
        """Have at hand, by one question, what the ledger says of some records; also what it says since."""
        ledger = self.ledger
        if ledger is None:
            return
        version = ledger.version()
        if version != self._version or len(self._entries) > _HELD:
            self._entries.clear()
            self._version = version
        lacking = [each for each in records if each not in self._entries]
        if lacking:
            self._entries.update((each, []) for each in lacking)
            for numbered in ledger.entries(lacking):
                self._entries[numbered.entry.record_id].append(numbered.entry)

    def greet(self, rules: LiveRules, person: str, now: datetime) -> list[Transition]:
        """Somebody is new: where silence means yes, they allow it."""
        out = list[Transition]()
        for purpose in rules.plan.consents:
            policy = self.purposes.get(purpose)
            if policy is not None and Terms.of(policy).silence:
                silence = Consent(purpose=purpose, given=True, occurred_at=now, position=_SILENT)
                out += rules.consent(person, silence, now)
        return out

    def hear(self, rules: LiveRules, arrival: Arrival, occasion: Occasion) -> list[Transition]:
        """A message says something; gives what changes by it."""
        entries = _entries(arrival, occasion.received_at)
        news = [each for each in entries if self._is_news(each, occasion.person)]
        if not news:
            return []
        if len(self._heard) > _HEARD:
            self._heard.clear()
            self._entries.clear()
        self._heard.setdefault(occasion.person, []).extend(news)
        return self.decide(rules, occasion)

    def decide(self, rules: LiveRules, occasion: Occasion) -> list[Transition]:
        """Look at everything that a person said; gives what changes by it."""
        person, out = occasion.person, list[Transition]()
        known = fold(self._said(occasion))
        if known.restricted:
            self.restricted.add(person)
            return rules.forget(person, occasion.received_at)
        for purpose, policy in self.purposes.items():
            if purpose not in rules.plan.consents:
                continue
            allowed = known.allows(policy)
            if self._told.get((person, purpose)) is not allowed:
                self._told[person, purpose] = allowed
                consent = Consent(
                    purpose=purpose, given=allowed, occurred_at=occasion.received_at, position=occasion.position
                )
                out += rules.consent(person, consent, occasion.received_at)
        return out

    def recall(self, occasion: Occasion, arrival: Arrival | None = None) -> None:
        """Something was said by somebody restricted: whether that lifts it."""
        if arrival is not None:
            entries = _entries(arrival, occasion.received_at)
            self._heard.setdefault(occasion.person, []).extend(each for each in entries if each.state.is_about_all)
        self.is_lifted = self.is_lifted or not fold(self._said(occasion)).restricted

    def merge(self, stays: str, gone: str) -> None:
        """Two people turn out to be one; what they said together is to be looked into anew."""
        self._heard.setdefault(stays, []).extend(self._heard.pop(gone, ()))
        for purpose in self.purposes:
            self._told.pop((stays, purpose), None)
            self._told.pop((gone, purpose), None)
        if gone in self.restricted:
            self.restricted.add(stays)

    def forget(self, customers: Collection[str]) -> None:
        """Drop what is known of some people."""
        self._entries.clear()
        for customer in customers:
            self._heard.pop(customer, None)
            for purpose in self.purposes:
                self._told.pop((customer, purpose), None)

    def _is_news(self, entry: ConsentEntry, person: str) -> bool:
        """Whether an entry could change anything: a refusal changes nothing where there is one, nor a yes a yes."""
        if entry.state.is_about_all or entry.region:
            return True
        told = self._told.get((person, entry.purpose))
        return told is None or told is not (entry.state is ConsentState.GIVEN)

    def _said(self, occasion: Occasion) -> list[ConsentEntry]:
        """Everything that a person said, by whatever way it came."""
        heard = self._heard.get(occasion.person, ())
        if any(each not in self._entries for each in occasion.records):
            self.look_ahead(occasion.records)
        written = (entry for record in occasion.records for entry in self._entries.get(record, ()))
        return [*self._before(occasion), *written, *heard]

    def _before(self, occasion: Occasion) -> list[ConsentEntry]:
        """What sources say; a permission that is dated later than now does not count."""
        latest = occasion.received_at + SKEW
        return [
            each
            for each in self.spoken(occasion.records)
            if each.occurred_at <= latest or each.state not in (ConsentState.GIVEN, ConsentState.LIFTED)
        ]


def _entries(arrival: Arrival, received_at: datetime) -> list[ConsentEntry]:
    """What a message says, as the ledger has it."""
    return [
        ConsentEntry(
            record_id=arrival.record,
            purpose=each.purpose,
            state=ConsentState(each.state),
            strength=Strength(each.strength),
            source=each.source,
            region=each.region,
            occurred_at=instant_of(arrival.occurred_us),
            received_at=received_at,
        )
        for each in arrival.consents
    ]
