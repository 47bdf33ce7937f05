"""Sealing values with AES-256-GCM, and keyed pseudonyms of identifiers."""

import base64
import hmac
from collections.abc import Iterable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from habitue.errors import HabitueError
from habitue.govern.keys import RandomBytes

NONCE_BYTES: Final = 12
PSEUDONYM_BYTES: Final = 16
MASK: Final = "~"
_VERSION: Final = b"\x01"
_BETWEEN: Final = b"\x1f"


class SealBrokenError(HabitueError):
    """A sealed value was changed, or is not what its place says."""

    code = "SEAL-BROKEN"

    def __init__(self, what: str) -> None:
        super().__init__(
            what=f"A sealed value ({what}) does not open with its key.",
            do="The vault was changed from outside; restore it from a backup.",
        )


class RandomPool:
    """Random bytes drawn from a source in large pieces: a call a nonce would be a system call a nonce."""

    def __init__(self, source: RandomBytes, *, piece: int = 1 << 16) -> None:
        self._source = source
        self._piece = piece
        self._bytes = b""
        self._at = 0

    def __call__(self, count: int) -> bytes:
        """So many bytes, never given before."""
        if self._at + count > len(self._bytes):
            self._bytes, self._at = self._source(max(self._piece, count)), 0
        taken = self._bytes[self._at : self._at + count]
        self._at += count
        return taken


def seal(key: bytes, value: bytes, about: str, *, random: RandomBytes) -> bytes:
    """The value under a key, bound to what it is about: version, nonce, ciphertext with its tag.

    Args:
        key: 32 bytes.
        value: Anything.
        about: What it is, e.g. `c01|crm`; opening asks for the same.
        random: Where nonces come from.
    """
    nonce = random(NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, value, about.encode())


def unseal(key: bytes, sealed: bytes, about: str) -> bytes:
    """The value again.

    Raises:
        SealBrokenError: It was changed, sealed under another key, or is about something else.
    """
    if sealed[:1] != _VERSION:
        raise SealBrokenError(about.rsplit("|", maxsplit=1)[-1])
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, body, about.encode())
    except InvalidTag:
        raise SealBrokenError(about.rsplit("|", maxsplit=1)[-1]) from None


def pseudonyms(key: bytes, namespace: str, values: Iterable[str]) -> list[bytes]:
    """A keyed pseudonym of 16 bytes for each value: the same value gives the same, and nobody else can tell which.

    HMAC-SHA256 over the namespace, a separator, and the value, cut to 128 bits.
    """
    head = namespace.encode() + _BETWEEN
    return [
        hmac.digest(key, head + value.encode("utf-8", "surrogatepass"), "sha256")[:PSEUDONYM_BYTES] for value in values
    ]


def masked(key: bytes, column: str, values: Iterable[str | None]) -> list[str | None]:
    """What stands for personal values in a table: `~` and 22 characters, equal for equal values of one column."""
    head = f"column:{column}".encode() + _BETWEEN
    return [
        None
        if value is None
        else MASK
        + base64.urlsafe_b64encode(
            hmac.digest(key, head + value.encode("utf-8", "surrogatepass"), "sha256")[:PSEUDONYM_BYTES]
        )
        .rstrip(b"=")
        .decode()
        for value in values
    ]
