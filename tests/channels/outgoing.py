"""A project that sends changes out: its log of changes, its channels, and what the house says about people."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from habitue.channels import ChannelSpec, Clearance, Deliveries, Pace, Webhooks
from habitue.channels.signing import make_secret, read_secrets
from habitue.cli.clock import system_clock
from habitue.rules.live_transitions import Transition
from habitue.segments.transitions import Moved, TransitionLog
from habitue.state.sqlite import to_us

SECRET = make_secret(lambda count: bytes(range(count)))
OTHER_SECRET = make_secret(lambda count: bytes(range(100, 100 + count)))
QUICK = Pace(
    waits=tuple(timedelta(milliseconds=each) for each in (0, 20, 30, 40, 50, 60)),
    timeout=timedelta(milliseconds=500),
    fresh=timedelta(milliseconds=100),
    look=timedelta(milliseconds=50),
)


@dataclass(slots=True, kw_only=True)
class House:
    """What the house says, as a test sets it; it has no project behind it.

    Attributes:
        refused: Customers without a basis, by purpose; those under "" are used for nothing.
        known_as: Own identifiers.
        keys: Secrets by channel, parted by blanks.
        told: What was noted: channel and customers.
    """

    refused: dict[str, set[str]] = field(default_factory=dict)
    known_as: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    told: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def permitted(self, customers: Collection[str], purpose: str) -> frozenset[str]:
        return frozenset(customers) - self.refused.get(purpose, set()) - self.refused.get("", set())

    def user_ids(self, customers: Collection[str]) -> Mapping[str, str]:
        return {each: self.known_as[each] for each in customers if each in self.known_as}

    def secrets(self, spec: ChannelSpec) -> Sequence[bytes]:
        return read_secrets(self.keys.get(spec.channel, SECRET), spec.channel)

    def note(self, spec: ChannelSpec, customers: Sequence[str]) -> None:
        self.told.append((spec.channel, tuple(customers)))

    def open(self) -> AbstractContextManager[Clearance]:
        return self._opened()

    @contextmanager
    def _opened(self) -> Iterator[Clearance]:
        yield self


@dataclass(slots=True, kw_only=True)
class Outgoing:
    """A project folder whose changes go out."""

    folder: Path
    house: House = field(default_factory=House)

    def move(self, *changes: tuple[str, str, bool]) -> list[Moved]:
        """Commit changes: customer, segment, whether entered."""
        at_us = to_us(datetime(2026, 11, 22, 12, tzinfo=UTC))
        with TransitionLog.open(self.folder) as log:
            offset = log.position().offset
            transitions = [Transition(who, segment, entered, at_us, "event") for who, segment, entered in changes]
            return log.commit(transitions, offset=offset + 1, clock_us=offset + 1, noticed_us=offset + 1)

    def enter(self, *customers: str, segment: str = "vip") -> list[Moved]:
        return self.move(*((each, segment, True) for each in customers))

    def webhooks(self, *specs: ChannelSpec, pace: Pace = QUICK) -> Webhooks:
        return Webhooks(
            specs,
            log=lambda: TransitionLog.open(self.folder),
            store=lambda: Deliveries.open(self.folder),
            clearance=self.house.open,
            clock=system_clock,
            random=bytes,
            pace=pace,
        )

    @contextmanager
    def sending(self, *specs: ChannelSpec, pace: Pace = QUICK) -> Iterator[Webhooks]:
        """Webhooks that are started, and stopped at the end."""
        webhooks = self.webhooks(*specs, pace=pace)
        webhooks.start()
        try:
            yield webhooks
        finally:
            webhooks.stop()


def channel(url: str, name: str = "crm", **fields: object) -> ChannelSpec:
    """A channel to a server on this machine."""
    return ChannelSpec.model_validate(
        {"channel": name, "webhook": url, "segments": "all", "allow_private": True, **fields}, strict=False
    )
