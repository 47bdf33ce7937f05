"""Where master keys are kept: in a file outside the project, in the environment, or in the system's key store.

A place holds the present key and, while keys are changed, the next one: whatever moment a rotation is cut short at,
one of the two opens the vault.
"""

import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Final, Protocol

from habitue.config import sync, writing
from habitue.errors import HabitueError
from habitue.govern.keys import (
    KEY_BYTES,
    KEY_VARIABLE,
    MasterKey,
    MasterKeyMalformedError,
    RandomBytes,
    decoded,
    encoded,
    key_file,
)

NEXT_VARIABLE: Final = "HABITUE_NEXT_MASTER_KEY"
STORE_VARIABLE: Final = "HABITUE_KEY_STORE"
STORE_SERVICE: Final = "habitue"
_NEXT: Final = ".next"


class KeyPlaceError(HabitueError):
    """The master key is kept where Habitue cannot put another one."""

    code = "KEY-PLACE"

    def __init__(self) -> None:
        super().__init__(
            what=f"The master key is in {KEY_VARIABLE}, which Habitue can read but not change.",
            do=f"Set {NEXT_VARIABLE} to a new key (`openssl rand -base64 32`), rotate, then make it {KEY_VARIABLE}.",
        )


class KeyStoreError(HabitueError):
    """The system's key store was asked for, and is not there."""

    code = "KEY-STORE"

    def __init__(self, why: str) -> None:
        super().__init__(
            what=f"{STORE_VARIABLE} asks for a key store that cannot be used: {why}.",
            do=f"Install the package `keyring` with a backend for this system, or unset {STORE_VARIABLE}.",
        )


class KeyPlace(Protocol):
    """A place of master keys."""

    def held(self) -> list[MasterKey]:
        """The present key, then the next one, as far as they are there."""

    def make(self, random: RandomBytes) -> MasterKey:
        """A first key, put there unless one is given."""

    def make_next(self, random: RandomBytes) -> MasterKey:
        """A next key beside the present one; the one that is there already, when a rotation was cut short."""

    def promote(self) -> None:
        """Put the next key in place of the present one, which is then nowhere any more."""


class KeyStore(Protocol):
    """What a key store has to do: a part of what the package `keyring` does."""

    def get_password(self, service_name: str, username: str) -> str | None:
        """The secret of a name, or None."""

    def set_password(self, service_name: str, username: str, password: str) -> None:
        """Keep a secret under a name."""

    def delete_password(self, service_name: str, username: str) -> None:
        """Forget the secret of a name."""


class EnvironmentPlace:
    """The key is given by whoever starts the program."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def held(self) -> list[MasterKey]:
        """The present key, then the next one, as far as they are given."""
        names = (KEY_VARIABLE, NEXT_VARIABLE)
        return [decoded(given, f"the variable {name}") for name in names if (given := self._environ.get(name))]

    def make(self, random: RandomBytes) -> MasterKey:
        """The key that is given; nothing is drawn."""
        del random
        return self.held()[0]

    def make_next(self, random: RandomBytes) -> MasterKey:
        """The next key that is given.

        Raises:
            KeyPlaceError: None is.
        """
        del random
        if not (self._environ.get(KEY_VARIABLE) and self._environ.get(NEXT_VARIABLE)):
            raise KeyPlaceError
        return self.held()[1]

    def promote(self) -> None:
        """Left to whoever sets the variables; until then the vault is opened with the next key."""


class FilePlace:
    """The key is in a file of its own outside the project: mode 0600, in a folder of mode 0700."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._next = path.with_name(path.name + _NEXT)

    def held(self) -> list[MasterKey]:
        """The present key, then the next one, as far as their files are there."""
        return [key for path in (self._path, self._next) if (key := _read(path)) is not None]

    def make(self, random: RandomBytes) -> MasterKey:
        """A first key in its file."""
        return _write(self._path, random)

    def make_next(self, random: RandomBytes) -> MasterKey:
        """The next key in a file beside the first."""
        return _read(self._next) or _write(self._next, random)

    def promote(self) -> None:
        """Rename the file of the next key over that of the present one."""
        with writing(self._path):
            if self._next.exists():
                self._next.replace(self._path)
                sync(self._path.parent)


class StorePlace:
    """The key is in the key store of the operating system."""

    def __init__(self, store: KeyStore, vault_id: str) -> None:
        self._store = store
        self._name = vault_id
        self._next = vault_id + _NEXT

    def held(self) -> list[MasterKey]:
        """The present key, then the next one, as far as they are there."""
        found = [self._store.get_password(STORE_SERVICE, name) for name in (self._name, self._next)]
        return [decoded(text, "the key store") for text in found if text]

    def make(self, random: RandomBytes) -> MasterKey:
        """A first key in the store."""
        return self._put(self._name, random(KEY_BYTES))

    def make_next(self, random: RandomBytes) -> MasterKey:
        """The next key in the store."""
        text = self._store.get_password(STORE_SERVICE, self._next)
        return decoded(text, "the key store") if text else self._put(self._next, random(KEY_BYTES))

    def _put(self, name: str, secret: bytes) -> MasterKey:
        self._store.set_password(STORE_SERVICE, name, encoded(secret))
        return MasterKey(secret, "the key store")

    def promote(self) -> None:
        """Keep the next key under the name of the present one, then forget its own name."""
        text = self._store.get_password(STORE_SERVICE, self._next)
        if text:
            self._store.set_password(STORE_SERVICE, self._name, text)
            self._store.delete_password(STORE_SERVICE, self._next)


def key_place(vault_id: str, *, environ: Mapping[str, str], home: Path) -> KeyPlace:
    """Where the master key of a vault is kept: in the environment, else in the key store if asked for, else in a file.

    Raises:
        KeyStoreError: The key store is asked for, and is not there.
    """
    if environ.get(KEY_VARIABLE):
        return EnvironmentPlace(environ)
    wanted = environ.get(STORE_VARIABLE)
    if wanted == "os":
        return StorePlace(_system_store(), vault_id)
    if wanted and wanted != "file":
        raise KeyStoreError(f"{STORE_VARIABLE} may be 'os' or 'file'")
    return FilePlace(key_file(vault_id, environ, home))


def _system_store() -> KeyStore:
    try:
        store: KeyStore = import_module("keyring")
    except ImportError:
        raise KeyStoreError("the package is not installed") from None
    return store


def _read(path: Path) -> MasterKey | None:
    place = repr(str(path))
    try:
        return decoded(path.read_text(encoding="ascii"), place)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        raise MasterKeyMalformedError(place) from None


def _write(path: Path, random: RandomBytes) -> MasterKey:
    """A new key, in its file as a whole or not at all, and on the disk when this returns."""
    secret = random(KEY_BYTES)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.chmod(0o700)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(encoded(secret) + "\n")
                file.flush()
                os.fsync(file.fileno())
            _take_place(draft, path)
        finally:
            draft.unlink(missing_ok=True)
        sync(path.parent)
    return MasterKey(secret, repr(str(path)))


def _take_place(draft: Path, path: Path) -> None:
    """Give the draft its name; unlike a rename, a link never takes the place of a key that is there."""
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:
        # Some file systems have no links.
        if path.exists():
            raise
        draft.rename(path)
