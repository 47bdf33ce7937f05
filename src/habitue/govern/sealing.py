"""Sealing values with AES-256-GCM: unreadable without the key, and of use only in the place they were made for."""

import base64
import binascii
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from habitue.errors import HabitueError
from habitue.govern.keys import RandomBytes

NONCE_BYTES: Final = 12
SEALED_TEXT: Final = "enc1:"
_VERSION: Final = b"\x01"
_BODY: Final = len(_VERSION) + NONCE_BYTES


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


class Seal:
    """A key, ready for use.

    A sealed value is a version byte, a random nonce, and the ciphertext with its tag. Nonces of 96 random bits are good
    for 2^32 values under one key (NIST SP 800-38D, section 8.3).
    """

    __slots__ = ("_decrypt", "_encrypt", "_random")

    def __init__(self, key: bytes, random: RandomBytes) -> None:
        cipher = AESGCM(key)
        self._encrypt, self._decrypt = cipher.encrypt, cipher.decrypt
        self._random = random

    def seal(self, value: bytes, about: str) -> bytes:
        """The value under the key, bound to what it is about.

        Args:
            value: Anything.
            about: What it is, e.g. `c01|crm`; opening asks for the same.
        """
        return self.seal_with(self._random(NONCE_BYTES), value, about)

    def seal_about(self, value: bytes, about: bytes) -> bytes:
        """The same for somebody who has `about` as bytes, and is in a hurry."""
        nonce = self._random(NONCE_BYTES)
        return _VERSION + nonce + self._encrypt(nonce, value, about)

    def seal_with(self, nonce: bytes, value: bytes, about: str) -> bytes:
        """The same with a nonce drawn by the caller, together with other random bytes; never the same one twice."""
        return _VERSION + nonce + self._encrypt(nonce, value, about.encode())

    def unseal(self, sealed: bytes, about: str) -> bytes:
        """The value again.

        Raises:
            SealBrokenError: It was changed, sealed under another key, or is about something else.
        """
        if sealed[:1] != _VERSION or len(sealed) < _BODY:
            raise SealBrokenError(about.rsplit("|", maxsplit=1)[-1])
        try:
            return self._decrypt(sealed[1:_BODY], sealed[_BODY:], about.encode())
        except InvalidTag:
            raise SealBrokenError(about.rsplit("|", maxsplit=1)[-1]) from None


class TextSealer:
    """Seals text into text, for places that hold text: `enc1:` and base64.

    Attributes:
        place: What the texts are; part of every seal.
    """

    def __init__(self, key: bytes, place: str, *, random: RandomBytes) -> None:
        self.place = place
        self._seal = Seal(key, random)

    def seal(self, text: str) -> str:
        """The text, sealed."""
        sealed = self._seal.seal(text.encode("utf-8", "surrogatepass"), self.place)
        return SEALED_TEXT + base64.b64encode(sealed).decode("ascii")

    def open(self, text: str) -> str:
        """The text again; one that was never sealed comes back as it is.

        Raises:
            SealBrokenError: It was changed, or sealed under another key.
        """
        if not text.startswith(SEALED_TEXT):
            return text
        try:
            sealed = base64.b64decode(text[len(SEALED_TEXT) :], validate=True)
        except (binascii.Error, ValueError):
            raise SealBrokenError(self.place) from None
        return self._seal.unseal(sealed, self.place).decode("utf-8", "surrogatepass")
