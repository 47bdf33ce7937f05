"""A log that messages are put into, and the live reading of a few rules over it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import sleep
from zoneinfo import ZoneInfo

from habitue.features.sessions import SESSION_EVENT
from habitue.features.visits import SESSION_SHAPE
from habitue.features.visits_live import REVISED_US
from habitue.govern.consent import ConsentEntry
from habitue.govern.spec import PolicySpec
from habitue.identity.rules import DEFAULT_RULES
from habitue.identity.settling import no_facts
from habitue.live import LiveConsents, LiveIdentity, Loop, Pace, Phase, Reading, Seeded, Setting
from habitue.live.generation import Generation
from habitue.live.poison import taken
from habitue.live.tail import Tail
from habitue.records import Kind
from habitue.rules import Catalogue, Definition, EventShape, read
from habitue.rules.history import Happening, micros
from habitue.rules.live import LiveRules
from habitue.segments import Moved, TransitionLog
from habitue.sources.arrivals import Arrival, ArrivedEvent, Stored, body_of
from habitue.streams import Committer, Log, NewRecord

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
RULES = {
    "recent": "did('Product Viewed', last='1h')",
    "buyer": "sum('Order Completed'.revenue) >= 100",
    "abandoner": "unfollowed('Product Viewed', by='Order Completed', within='30m')",
    "german": "trait.country == 'DE'",
}
VISITING = {
    **RULES,
    "visitor": "count('Session', last='2h') >= 2",
    "bounced": "did('Session', where=bounced, last='1d') and not did('Order Completed', last='1d')",
}
PROPERTIES = {
    "Product Viewed": {"product_id": Kind.TEXT, "page": Kind.TEXT},
    "Order Completed": {"revenue": Kind.MONEY},
}


def catalogue_of(rules: Mapping[str, str] | None = None, purposes: Collection[str] = ()) -> Catalogue:
    """A small shop."""
    shapes = {name: EventShape(name=name, properties=kinds) for name, kinds in PROPERTIES.items()}
    segments = {
        name: Definition(name=name, rule=read(rule)) for name, rule in (RULES if rules is None else rules).items()
    }
    shapes[SESSION_EVENT] = SESSION_SHAPE
    return Catalogue(
        zone=ZoneInfo("UTC"),
        events=shapes,
        traits={"country": Kind.TEXT},
        segments=segments,
        purposes=frozenset(purposes),
    )


@dataclass
class Clock:
    """A clock that goes when it is told to."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Shop:
    """A project folder with a log, and what is done with both.

    Attributes:
        project: The folder.
        clock: The present time.
        heard: Transitions that the loop told.
    """

    project: Path
    rules: Mapping[str, str] | None = None
    clock: Clock = field(default_factory=Clock)
    heard: list[Moved] = field(default_factory=list)
    sent: int = 0
    purposes: Mapping[str, PolicySpec] = field(default_factory=dict)
    restricted: Collection[str] = ()
    spoken: Sequence[ConsentEntry] = ()
    sharing: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        (self.project / ".habitue").mkdir(exist_ok=True)
        self.committer = Committer(Log.open(self.log))

    @property
    def log(self) -> Path:
        """The file of the log."""
        return self.project / ".habitue" / "log.sqlite"

    @property
    def all_rules(self) -> Mapping[str, str]:
        """The rules of its segments."""
        return RULES if self.rules is None else self.rules

    def bought(self, now: datetime) -> list[Happening]:
        """An order that never was in the log."""
        return [Happening(occurred_at=now, position=1, properties={"revenue": Decimal(500)})]

    @property
    def reading(self) -> Reading:
        """How its messages are read."""
        return Reading.of(self.catalogue, visit_events=("Product Viewed",), purposes=self.purposes)

    @property
    def catalogue(self) -> Catalogue:
        """Its names."""
        return catalogue_of(self.rules, self.purposes)

    def make(self, offset: int, now: datetime, _members: Mapping[str, Collection[str]]) -> Seeded:
        """A live reading made from the log alone, as if no record had been joined to another."""
        generation = self.told(offset, now)
        visits = generation.visits.people if generation.visits else {}
        return Seeded(generation.rules, offset, {}, visits, self.restricted, generation.told, self.said_of)

    def said_of(self, records: Sequence[str]) -> list[ConsentEntry]:
        """What its sources say about purposes."""
        return [each for each in self.spoken if each.record_id in records]

    def told(self, offset: int, now: datetime, identity: LiveIdentity | None = None) -> Generation:
        """A generation that was told the log from the beginning to an offset, as of an instant."""
        catalogue = self.catalogue
        rules = LiveRules(catalogue.segments.values(), catalogue, revised={SESSION_EVENT: REVISED_US})
        generation = Generation.of(Seeded(rules), self.reading, identity or LiveIdentity(), 0)
        tail = Tail(self.log)
        while generation.offset < offset:
            for record in tail.read(generation.offset, min(1_000, offset - generation.offset)).records:
                taken(generation, record)
        tail.close()
        while not rules.advance(now).is_done:
            pass
        return generation

    def identity(self) -> LiveIdentity:
        """Who is who, in the project's folder."""
        return LiveIdentity.open(
            self.project,
            DEFAULT_RULES,
            resolve=lambda _name: (),
            sharing_of=lambda records: {each: self.sharing.get(each, ()) for each in records},
            facts_of=no_facts,
        )

    def setting(self) -> Setting:
        """What its live reading works with."""
        return Setting(
            project=self.project,
            log=self.log,
            reading=self.reading,
            make=self.make,
            identity=self.identity,
            clock=self.clock,
            consents=lambda: LiveConsents.open(self.project, self.purposes),
        )

    def now_us(self) -> int:
        """The present time in µs."""
        return micros(self.clock.now)

    def loop(self, pace: Pace | None = None) -> Loop:
        """A live reading that has begun."""
        loop = Loop(self.setting(), pace or Pace(tick_s=0.01))
        loop.subscribe(self.heard.extend)
        self.committer.listen(loop.notify)
        loop.start()
        while not loop.state().is_ready:
            assert not loop.state().problem
            sleep(0.002)
        return loop

    def send(self, *arrivals: Arrival, received_at: datetime | None = None) -> int:
        """Put messages into the log; the offset of the last."""
        return self.send_all([(each, received_at or self.clock.now) for each in arrivals])

    def send_all(self, messages: Iterable[tuple[Arrival, datetime]]) -> int:
        """Put messages into the log, each with when it is received; the offset of the last."""
        records = []
        for arrival, received_at in messages:
            self.sent += 1
            records.append(NewRecord("site", f"m-{self.sent}", "track", micros(received_at), body_of(arrival)))
        return self.committer.append_many(records).offsets[-1]

    def kept(self) -> list[tuple[str, str, bool, int, str]]:
        """All transitions kept: who, what, entered, seconds since the start, why."""
        with TransitionLog.open(self.project) as log:
            start = micros(START)
            return [
                (each.customer_id, each.segment, each.entered, (each.occurred_us - start) // 1_000_000, each.cause)
                for each in log.read()
            ]


def settle(shop: Shop, loop: Loop, offset: int = 0) -> None:
    """Wait until all is read and every deadline minded."""
    for _ in range(2_000):
        state = loop.state()
        assert state.phase is not Phase.FAILED, state.problem
        if state.phase is Phase.LIVE and state.offset >= offset and loop.seen_us() >= shop.now_us():
            return
        sleep(0.005)
    raise AssertionError(loop.state())


def event(
    who: str,
    name: str,
    at: datetime,
    properties: Mapping[str, Stored] | None = None,
    *,
    others: Sequence[tuple[str, str]] = (),
    carried: Sequence[tuple[str, str]] = (),
) -> Arrival:
    """A message about one event."""
    return Arrival(
        occurred_us=micros(at),
        record=who,
        events=(ArrivedEvent(name, dict(properties or {})),),
        others=tuple(others),
        carried=tuple(carried),
    )
