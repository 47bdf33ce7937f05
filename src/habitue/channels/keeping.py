"""The secrets of channels that are kept here: sealed in the vault, shown once, two at a time during a rotation."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from habitue.channels.signing import make_secret
from habitue.errors import HabitueError
from habitue.govern.sealing import SealBrokenError
from habitue.govern.vault import Vault
from habitue.state.sqlite import to_us

BOTH_FOR: Final = timedelta(hours=24)
"""How long an old secret signs beside the new one."""
_ABOUT: Final = "channel secrets "


class SecretKeptError(HabitueError):
    """A channel has a secret already."""

    code = "CHANNEL-SECRET-KEPT"

    def __init__(self, channel: str) -> None:
        super().__init__(
            what=f"The channel {channel!r} has a secret, which was shown when it was made.",
            do=f"Make another one: `habitue channels secret {channel} --rotate`; both sign for a day.",
        )


class _Kept(NamedTuple):
    """A secret, and until when it signs; None for the newest."""

    secret: str
    until_us: int | None


def kept_secrets(vault: Vault, channel: str, *, now: datetime) -> str:
    """The secrets that a channel signs with now, parted by blanks, the newest first; empty where none was made."""
    valid = [each.secret for each in _kept(vault, channel) if each.until_us is None or to_us(now) < each.until_us]
    return " ".join(valid)


def renew_secret(vault: Vault, channel: str, *, rotate: bool, now: datetime, random: Callable[[int], bytes]) -> str:
    """Make a secret for a channel, and give it.

    Args:
        vault: Where it is kept.
        channel: Name of the channel.
        rotate: Whether it takes the place of another one, which goes on signing for a day.
        now: The present time.
        random: Where it is drawn from.

    Raises:
        SecretKeptError: There is one, and it is not to be replaced.
    """
    before = _kept(vault, channel)
    if before and not rotate:
        raise SecretKeptError(channel)
    made, until_us = make_secret(random), to_us(now + BOTH_FOR)
    older = [_Kept(each.secret, until_us if each.until_us is None else each.until_us) for each in before]
    still = [each for each in older if each.until_us is not None and each.until_us > to_us(now)]
    _keep(vault, channel, [_Kept(made, None), *still])
    return made


def _kept(vault: Vault, channel: str) -> list[_Kept]:
    sealed = vault.noted(_ABOUT + channel)
    if sealed is None:
        return []
    about, _, text = vault.lane.open(sealed).partition("\n")
    if about != _ABOUT + channel:
        # It was made for another channel.
        raise SealBrokenError(_ABOUT + channel)
    return [_Kept(secret, until_us) for secret, until_us in json.loads(text)]


def _keep(vault: Vault, channel: str, secrets: Sequence[_Kept]) -> None:
    about = _ABOUT + channel
    vault.note(about, vault.lane.seal(f"{about}\n{json.dumps(secrets)}"))
