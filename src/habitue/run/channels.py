"""The channels of a project as commands see them: beside a process that serves the project, and without the warehouse.

Secrets made and channels put on again are in the audit log.
"""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

from habitue.channels import ChannelSpec, Deliveries, Delivery, DeliveryState, Network, Progress
from habitue.channels.bodies import trial_body
from habitue.channels.egress import Answer, Egress, Why
from habitue.channels.keeping import kept_secrets, renew_secret
from habitue.channels.signing import ChannelSecretError, read_secrets, signed_headers
from habitue.errors import HabitueError, did_you_mean
from habitue.govern.audit import AuditAction, AuditLog
from habitue.govern.opening import open_vault
from habitue.govern.vault import Vault
from habitue.govern.vouching import VaultVoucher
from habitue.run.auditing import note
from habitue.run.project import Project, read_project
from habitue.run.surroundings import Surroundings
from habitue.segments.transitions import TransitionLog
from habitue.state.sqlite import from_us, to_us

_WITHIN: Final = timedelta(seconds=15)
_ID_BYTES: Final = 12


class ChannelUnknownError(HabitueError):
    """No channel has a name."""

    code = "CHANNEL-UNKNOWN"

    def __init__(self, name: str, known: list[str]) -> None:
        near = did_you_mean(name, known)
        declared = f"Declared: {', '.join(known)}." if known else "Declare one under channels/."
        super().__init__(
            what=f"No channel is called {name[:60]!r}.", do=f"Did you mean {near!r}?" if near else declared
        )


class SecretElsewhereError(HabitueError):
    """The secret of a channel is kept in the environment."""

    code = "CHANNEL-SECRET-ENV"

    def __init__(self, channel: str, variable: str) -> None:
        super().__init__(
            what=f"The channel {channel!r} takes its secret from the variable {variable}.",
            do="Set it there; two secrets parted by a blank both sign. Or take `secret_env` out of the file.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelEntry:
    """One channel in a list.

    Attributes:
        channel: Its name.
        label: For people.
        host: Where it sends to.
        segments: What it is told about: names, or `all`.
        format: How a change is written.
        identifier: By what the receiver knows a customer.
        purpose: What it is told for.
        state: `on`, `off`, `no_secret`, or `new` where it was never served.
        why: Why it is off.
        behind: Changes that it has not taken up.
        waiting: Deliveries that wait for another attempt.
        given_up: Deliveries whose every attempt failed, as far as the log has them.
        accepted: Deliveries that the receiver took.
        accepted_at: When it last did.
    """

    channel: str
    label: str
    host: str
    segments: tuple[str, ...] | str
    format: str
    identifier: str
    purpose: str
    state: str
    why: str = ""
    behind: int = 0
    waiting: int = 0
    given_up: int = 0
    accepted: int = 0
    accepted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryEntry:
    """One delivery in a list.

    Attributes:
        channel: Its name.
        sequence: Of the change.
        segment: Its name.
        entered: Whether somebody entered.
        state: Where it stands.
        why: What became of the last attempt, in one word.
        status: Of the last answer.
        attempts: How many were made.
        took_ms: How long the last took.
        changed_at: When it changed last.
        next_at: When it is tried again; None where it is not, or at once.
    """

    channel: str
    sequence: int
    segment: str
    entered: bool
    state: str
    why: str
    status: int | None
    attempts: int
    took_ms: int
    changed_at: datetime
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTested:
    """What a receiver said to a message about nobody.

    Attributes:
        channel: Its name.
        host: Where it was sent.
        accepted: Whether the receiver took it.
        why: What became of it, in one word.
        status: Of the answer.
        took_ms: How long it took.
        message_id: What the receiver knows it by.
    """

    channel: str
    host: str
    accepted: bool
    why: str
    status: int | None
    took_ms: int
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """The channels of a project, open.

    Attributes:
        project: What its files declare.
        deliveries: What became of deliveries.
        vault: Where secrets are.
        audit: Where changes are written down.
        around: The time, chance, and who sits at the keyboard.
    """

    project: Project
    deliveries: Deliveries
    vault: Vault
    audit: AuditLog
    around: Surroundings

    @classmethod
    @contextmanager
    def open(cls, folder: Path, around: Surroundings) -> Iterator[Self]:
        """Open them; closed at the end of the block.

        Args:
            folder: The project folder.
            around: The time, chance, and where keys are kept.
        """
        project = read_project(folder)
        with ExitStack() as opened:
            vault = opened.enter_context(
                open_vault(folder, environ=around.environ, home=around.home, random=around.random)
            )
            audit = opened.enter_context(AuditLog.open(folder, voucher=VaultVoucher(vault)))
            deliveries = opened.enter_context(Deliveries.open(folder))
            yield cls(project=project, deliveries=deliveries, vault=vault, audit=audit, around=around)

    def spec(self, name: str) -> ChannelSpec:
        """A channel by name.

        Raises:
            ChannelUnknownError: There is none.
        """
        found = self.project.channels.get(name)
        if found is None:
            raise ChannelUnknownError(name, list(self.project.channels))
        return found


def list_channels(channels: Channels) -> list[ChannelEntry]:
    """Every channel with how it is doing."""
    with TransitionLog.open(channels.project.folder) as log:
        newest = log.newest()
    return [_entry(channels, spec, newest) for spec in channels.project.channels.values()]


def _entry(channels: Channels, spec: ChannelSpec, newest: int) -> ChannelEntry:
    progress = channels.deliveries.progress(spec.channel)
    counts = channels.deliveries.counts(spec.channel)
    return ChannelEntry(
        channel=spec.channel,
        label=spec.label,
        host=spec.target.host,
        segments=spec.segments,
        format=spec.format.value,
        identifier=spec.identifier.value,
        purpose=spec.purpose,
        state=_state(progress, has_secret=bool(_secrets(channels, spec))),
        why="" if progress is None else progress.off,
        behind=0 if progress is None else max(0, newest - progress.sequence),
        waiting=counts.get(DeliveryState.WAITING, 0),
        given_up=counts.get(DeliveryState.GIVEN_UP, 0),
        accepted=0 if progress is None else progress.accepted,
        accepted_at=None if progress is None else progress.accepted_at,
    )


def _state(progress: Progress | None, *, has_secret: bool) -> str:
    if progress is not None and progress.off:
        return "off"
    if not has_secret:
        return "no_secret"
    return "new" if progress is None else "on"


def _secrets(channels: Channels, spec: ChannelSpec) -> tuple[bytes, ...]:
    """The keys that a channel signs with; none where there is none that is one."""
    try:
        return _keys(channels, spec)
    except ChannelSecretError:
        return ()


def _keys(channels: Channels, spec: ChannelSpec) -> tuple[bytes, ...]:
    if spec.secret_env is not None:
        return read_secrets(channels.around.environ.get(spec.secret_env, ""), f"The variable {spec.secret_env}")
    return read_secrets(kept_secrets(channels.vault, spec.channel, now=channels.around.clock()), "The vault")


def list_deliveries(
    channels: Channels, *, channel: str | None = None, state: DeliveryState | None = None, limit: int = 100
) -> list[DeliveryEntry]:
    """Deliveries, those that changed last first.

    Args:
        channels: The channels of the project.
        channel: Only of this one; it may be declared no longer.
        state: Only in this state.
        limit: At most so many.

    Raises:
        ChannelUnknownError: There is no such channel, and there never was.
    """
    if channel is not None and channels.deliveries.progress(channel) is None:
        channels.spec(channel)
    return [_delivery(each) for each in channels.deliveries.latest(channel, state, limit=limit)]


def _delivery(each: Delivery) -> DeliveryEntry:
    waits = each.state is DeliveryState.WAITING and each.next_us > 0
    return DeliveryEntry(
        channel=each.channel,
        sequence=each.sequence,
        segment=each.segment,
        entered=each.entered,
        state=each.state.value,
        why=each.why,
        status=each.status,
        attempts=each.attempts,
        took_ms=each.took_ms,
        changed_at=from_us(each.last_us),
        next_at=from_us(each.next_us) if waits else None,
    )


def renew_channel_secret(channels: Channels, name: str, *, rotate: bool = False, actor: str = "") -> str:
    """Make a secret for a channel, and give it: it is shown this once.

    Args:
        channels: The channels of the project.
        name: The channel.
        rotate: Whether it takes the place of another, which signs beside it for a day.
        actor: Who makes it; by default who sits at the terminal.

    Raises:
        ChannelUnknownError: There is no such channel.
        SecretElsewhereError: Its secret is in the environment.
        SecretKeptError: It has one, and it is not to be replaced.
    """
    spec, around = channels.spec(name), channels.around
    if spec.secret_env is not None:
        raise SecretElsewhereError(name, spec.secret_env)
    with channels.vault.transaction():
        made = renew_secret(channels.vault, name, rotate=rotate, now=around.clock(), random=around.random)
        # What cannot be written down is not kept.
        about = f"channels secret: {name}{', rotated' if rotate else ''}"
        note(channels, AuditAction.KEY, about=about, actor=actor)
    return made


def enable_channel(channels: Channels, name: str, *, actor: str = "") -> int:
    """Put a channel on again; gives how many deliveries that were given up are tried again.

    Args:
        channels: The channels of the project.
        name: The channel.
        actor: Who does it; by default who sits at the terminal.

    Raises:
        ChannelUnknownError: There is no such channel.
    """
    spec = channels.spec(name)
    note(channels, AuditAction.PERMISSION, about=f"channels enable: {name}, to {spec.target.host}", actor=actor)
    return channels.deliveries.switch_on(name, now=channels.around.clock())


def try_channel(channels: Channels, name: str, *, network: Network | None = None) -> ChannelTested:
    """Send a signed message about nobody, once, and say what the receiver answered.

    Args:
        channels: The channels of the project.
        name: The channel.
        network: What the request meets outside.

    Raises:
        ChannelUnknownError: There is no such channel.
        ChannelSecretError: It has no secret.
    """
    spec, now = channels.spec(name), channels.around.clock()
    keys = _keys(channels, spec)
    if not keys:
        place = "The vault" if spec.secret_env is None else f"The variable {spec.secret_env}"
        raise ChannelSecretError(place)
    body = trial_body(spec, to_us(now))
    message_id = f"msg_test_{channels.around.random(_ID_BYTES).hex()}"
    headers = {"content-type": "application/json", "user-agent": "Habitue"}
    headers |= signed_headers(message_id, body, keys, now)
    answer = asyncio.run(_post(spec, body, headers, network or Network()))
    return ChannelTested(
        channel=name,
        host=spec.target.host,
        accepted=answer.why is Why.ACCEPTED,
        why=answer.why.value,
        status=answer.status,
        took_ms=answer.took_ms,
        message_id=message_id,
    )


async def _post(spec: ChannelSpec, body: bytes, headers: dict[str, str], network: Network) -> Answer:
    egress = Egress(allow_private=spec.allow_private, resolve=network.resolve, trust=network.trust)
    try:
        return await egress.post(spec.target, body, headers, _WITHIN)
    finally:
        egress.close()
