"""Passwords: which are taken, and how they are kept: as argon2id hashes, each with a salt of its own."""

import unicodedata
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from habitue.errors import HabitueError

MEMORY_KIB: Final = 65_536
"""64 MiB, the memory of RFC 9106's second recommended option: a graphics card holds few such guesses at a time."""
PASSES: Final = 3
"""Three passes over that memory, as that option has it; about a tenth of a second of one core."""
LANES: Final = 1
"""One lane, not its four: two cores serve several people signing in, and a guesser gains nothing from fewer lanes."""
SALT_BYTES: Final = 16
HASH_BYTES: Final = 32
SHORTEST: Final = 12
LONGEST: Final = 256
"""Longer texts would let anybody make the hash work for long."""
_FEWEST_DIFFERENT: Final = 5
_USUAL: Final = (
    "password",
    "passwort",
    "qwertyuiop",
    "qwertzuiop",
    "1234567890",
    "letmein",
    "iloveyou",
    "changeme",
    "administrator",
    "welcome",
    "habitue",
)
_DECOY: Final = "$argon2id$v=19$m=65536,t=3,p=1$c29tZWJvZHlhYnNlbnQxMg$MPITrH6aJ0MSqB/AJMdORV4s73yAOkpm9kX88XG90Bk"
"""A hash that no password is known for, of the same cost: who is not there is checked as long as who is."""


class PasswordWeakError(HabitueError):
    """A password is too easy to guess."""

    code = "PASSWORD-WEAK"

    def __init__(self, why: str) -> None:
        super().__init__(
            what=f"The password {why}.", do=f"Take {SHORTEST} to {LONGEST} characters that nobody guesses."
        )


def check_strength(password: str, name: str) -> None:
    """Refuse a password that is short, endless, of few different characters, usual, or the user's name.

    Raises:
        PasswordWeakError: It says why.
    """
    text = _plain(password)
    folded = text.casefold()
    if len(text) < SHORTEST:
        raise PasswordWeakError("is too short")
    if len(text) > LONGEST:
        raise PasswordWeakError("is too long")
    if len(set(folded)) < _FEWEST_DIFFERENT:
        raise PasswordWeakError("has few different characters")
    if len(name) > 2 and name.casefold() in folded:
        raise PasswordWeakError("holds the name of the user")
    rest = folded
    for word in _USUAL:
        rest = rest.replace(word, "")
    if len(rest.strip("0123456789!?.-_ ")) < _FEWEST_DIFFERENT and rest != folded:
        raise PasswordWeakError("is one of the usual ones")


def hash_password(password: str, *, salt: bytes) -> str:
    """The hash to keep, with its parameters and salt.

    Args:
        password: As typed.
        salt: 16 random bytes.
    """
    return _hasher().hash(_plain(password), salt=salt)


def verify_password(kept: str | None, password: str) -> bool:
    """Whether a password is the one of a hash; for no hash at all the answer takes as long.

    Args:
        kept: What `hash_password` gave; None where there is no such user.
        password: As typed.
    """
    try:
        _hasher().verify(kept or _DECOY, _plain(password[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def needs_rehash(kept: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(kept)


def _hasher() -> PasswordHasher:
    return PasswordHasher(
        time_cost=PASSES,
        memory_cost=MEMORY_KIB,
        parallelism=LANES,
        hash_len=HASH_BYTES,
        salt_len=SALT_BYTES,
        type=Type.ID,
    )


def _plain(password: str) -> str:
    """One way of writing the same characters (NFKC), so that keyboards agree."""
    return unicodedata.normalize("NFKC", password)
