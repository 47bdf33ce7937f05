"""Signatures of webhooks as Standard Webhooks has them, so that a receiver knows who sent what, and when.

https://www.standardwebhooks.com: HMAC-SHA256 over `id.timestamp.body`, one signature for each secret that is valid.
"""

import base64
import binascii
import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from habitue.errors import HabitueError

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
_LEAST, _MOST = 24, 64


class ChannelSecretError(HabitueError, ValueError):
    """What should be a secret is none."""

    code = "CHANNEL-SECRET"

    def __init__(self, place: str) -> None:
        super().__init__(
            what=f"{place} holds no secret for signing webhooks.",
            do="A secret is whsec_ and 24 to 64 bytes in base64; `habitue channels secret NAME` makes one.",
        )


def make_secret(random: Callable[[int], bytes]) -> str:
    """A new secret, as receivers are given it.

    Examples:
        >>> make_secret(bytes)[:12]
        'whsec_AAAAAA'
    """
    return PREFIX + base64.b64encode(random(SECRET_BYTES)).decode("ascii")


def read_secrets(text: str, place: str) -> tuple[bytes, ...]:
    """The keys of one or more secrets, parted by blanks; the first is the newest.

    Args:
        text: What was kept.
        place: Where, for the error.

    Raises:
        ChannelSecretError: One of them is no secret.
    """
    return tuple(_read_secret(each, place) for each in text.split())


def _read_secret(text: str, place: str) -> bytes:
    bare = text.removeprefix(PREFIX)
    try:
        key = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ChannelSecretError(place) from None
    if not text.startswith(PREFIX) or not _LEAST <= len(key) <= _MOST:
        raise ChannelSecretError(place)
    return key


def signed_headers(message_id: str, body: bytes, keys: Sequence[bytes], now: datetime) -> Mapping[str, str]:
    """The headers that say which message this is, when it is sent, and who vouches for it.

    Args:
        message_id: The same for every attempt.
        body: The bytes that are sent.
        keys: One for each secret that is valid.
        now: When this attempt is made, aware.
    """
    sent_s = int(now.timestamp())
    signed = f"{message_id}.{sent_s}.".encode() + body
    digests = [base64.b64encode(hmac.digest(key, signed, "sha256")).decode("ascii") for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(sent_s),
        "webhook-signature": " ".join(f"v1,{digest}" for digest in digests),
    }
