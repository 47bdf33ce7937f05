"""The master key of a project: kept outside its folder, made once, never made again by itself.

A copy of the project folder without this key says nothing about anybody.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from habitue.errors import HabitueError

KEY_BYTES: Final = 32
KEY_VARIABLE: Final = "HABITUE_MASTER_KEY"
RandomBytes = Callable[[int], bytes]


class MasterKeyLostError(HabitueError):
    """The key that opens a vault is nowhere to be found."""

    code = "MASTER-KEY-LOST"

    def __init__(self, vault: str, looked: Path) -> None:
        super().__init__(
            what=f"The master key of vault {vault} is neither in {KEY_VARIABLE} nor in {str(looked)!r}.",
            do=f"Put it back from your key backup, or set {KEY_VARIABLE}; without it no personal data can be read.",
        )


class MasterKeyWrongError(HabitueError):
    """A key is there, and it is not the vault's."""

    code = "MASTER-KEY-WRONG"

    def __init__(self, vault: str, place: str) -> None:
        super().__init__(
            what=f"The key in {place} does not open vault {vault}.",
            do="Give the key that was made with this project.",
        )


class MasterKeyMalformedError(HabitueError):
    """What stands where the key should be is not a key."""

    code = "MASTER-KEY-MALFORMED"

    def __init__(self, place: str) -> None:
        super().__init__(
            what=f"What is in {place} is not a master key.",
            do=f"It is {KEY_BYTES} random bytes written as base64: one line of 44 characters.",
        )


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The key from which all others of a project come.

    Attributes:
        secret: 32 random bytes.
        place: Where it was found, for messages.
    """

    secret: bytes = field(repr=False)
    place: str = ""

    def derive(self, label: str) -> bytes:
        """A key of 32 bytes for one use (HKDF with SHA-256, RFC 5869).

        Examples:
            >>> MasterKey(bytes(32)).derive("wrap") == MasterKey(bytes(32)).derive("lane")
            False
        """
        derivation = HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=f"habitue:{label}".encode())
        return derivation.derive(self.secret)


def key_folder(environ: Mapping[str, str], home: Path) -> Path:
    """Where master keys are kept: `$XDG_CONFIG_HOME/habitue/keys`, or `~/.config/habitue/keys`."""
    settings = environ.get("XDG_CONFIG_HOME")
    return (Path(settings) if settings else home / ".config") / "habitue" / "keys"


def key_file(vault: str, environ: Mapping[str, str], home: Path) -> Path:
    """The file that holds the master key of a vault."""
    return key_folder(environ, home) / f"{vault}.key"


def encoded(secret: bytes) -> str:
    """A master key as people keep it: one line of base64."""
    return base64.b64encode(secret).decode("ascii")


def decoded(text: str, place: str) -> MasterKey:
    """The master key that a line of text says.

    Raises:
        MasterKeyMalformedError: It says none, or one that nobody drew by chance.
    """
    try:
        secret = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise MasterKeyMalformedError(place) from None
    if len(secret) != KEY_BYTES or len(set(secret)) < 8:
        raise MasterKeyMalformedError(place)
    return MasterKey(secret, place)
