"""Users and API keys of one project, in `.habitue/accounts.sqlite`.

Passwords are kept as argon2id hashes. Keys are 256 random bits, which nobody can guess however fast the hash, so one
SHA-256 of them is kept; they are looked up anew for every request, so that a revoked key is refused from then on.
"""

import base64
import hashlib
import hmac
import re
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

from habitue.config import state_folder
from habitue.errors import HabitueError
from habitue.govern.account_failures import (
    AccountError,
    KeyRefusedError,
    KeyUnknownError,
    SignInPausedError,
    SignInRefusedError,
    UserKnownError,
    UserNameError,
    UserUnknownError,
)
from habitue.govern.account_tables import ACCOUNTS, ADDED
from habitue.govern.api_keys import ApiKey, NewKey, Scope, key_access
from habitue.govern.keys import RandomBytes
from habitue.govern.passwords import SALT_BYTES, check_strength, hash_password, needs_rehash, verify_password
from habitue.govern.roles import Role
from habitue.state.file import StateFile
from habitue.state.sqlite import answering, from_us, open_database, to_us

__all__ = ["ACCOUNTS_FILE", "Accounts", "ApiKey", "NewKey", "Scope", "User", "key_access"]

ACCOUNTS_FILE: Final = "accounts.sqlite"
KEY_PREFIX: Final = "hab_"
KEY_SECRET_BYTES: Final = 32
FREE_TRIES: Final = 5
"""Wrong passwords in a row before somebody has to wait."""
LONGEST_WAIT: Final = timedelta(minutes=15)
"""Long enough to make guessing hopeless, short enough that nobody is locked out for good."""
_USED_EVERY: Final = timedelta(minutes=1)
_FORGET_TRIES: Final = timedelta(days=1)
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")
_KEY: Final = re.compile(r"hab_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_LEAST_ROLE: Final[Mapping[Scope, Role]] = {
    Scope.COLLECT: Role.EXECUTIVE,
    Scope.READ: Role.EXECUTIVE,
    Scope.DECIDE: Role.EXECUTIVE,
    Scope.ADMIN: Role.ADMIN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who may sign in.

    Attributes:
        name: Their name.
        role: What they are here.
        made_at: Since when.
        last_at: When they signed in last.
        disabled_at: Since when they may not for now; None where they may.
    """

    name: str
    role: Role
    made_at: datetime
    last_at: datetime | None = None
    disabled_at: datetime | None = None


class Accounts(StateFile):
    """The users and keys of one project; several processes may have them open."""

    def __init__(self, path: Path, connection: sqlite3.Connection, random: RandomBytes) -> None:
        super().__init__(path, connection)
        self._random = random

    @classmethod
    def open(cls, project: Path, *, random: RandomBytes) -> Self:
        """Open the accounts of a project folder, made when absent: at first there are none, and no default one."""
        path = state_folder(project) / ACCOUNTS_FILE
        connection = open_database(path, ACCOUNTS)
        with answering(path):
            for each in ADDED:
                connection.execute(each)
        return cls(path, connection, random)

    def add_user(self, name: str, role: Role, password: str, *, now: datetime) -> User:
        """Let somebody sign in.

        Raises:
            UserNameError: Nobody can be called that.
            UserKnownError: Somebody is.
            PasswordWeakError: The password is too easy.
        """
        if not _NAME.fullmatch(name):
            raise UserNameError
        check_strength(password, name)
        hashed = hash_password(password, salt=self._random(SALT_BYTES))
        with self.transaction():
            added = self._connection.execute(
                "INSERT OR IGNORE INTO users (name, role, password, made_us) VALUES (?, ?, ?, ?)",
                (name, role.value, hashed, to_us(now)),
            )
            if not added.rowcount:
                raise UserKnownError
            self._connection.execute("DELETE FROM tries WHERE name = ?", (_tried(name),))
        return User(name=name, role=role, made_at=now)

    def remove_user(self, name: str) -> None:
        """Let somebody sign in no longer.

        Raises:
            UserUnknownError: There is nobody of that name.
        """
        with self.transaction():
            if not self._connection.execute("DELETE FROM users WHERE name = ?", (name,)).rowcount:
                raise UserUnknownError

    def users(self) -> list[User]:
        """Everybody who may sign in, by name."""
        with answering(self._path):
            rows = self._connection.execute(
                """
                SELECT name, role, made_us, last_us, since_us
                FROM users LEFT JOIN users_disabled USING (name) ORDER BY name
                """
            ).fetchall()
        return [
            User(name=name, role=Role(role), made_at=from_us(made), last_at=_time(last), disabled_at=_time(since))
            for name, role, made, last, since in rows
        ]

    def user(self, name: str) -> User:
        """The user of a name.

        Raises:
            UserUnknownError: There is nobody of that name.
        """
        found = next((each for each in self.users() if each.name == name), None)
        if found is None:
            raise UserUnknownError
        return found

    def set_role(self, name: str, role: Role) -> User:
        """Let a user be something else from now on, in sessions that have begun too.

        Raises:
            UserUnknownError: There is nobody of that name.
        """
        with self.transaction():
            self._connection.execute("UPDATE users SET role = ? WHERE name = ?", (role.value, name))
        return self.user(name)

    def set_password(self, name: str, password: str) -> User:
        """Let a user sign in with another password from now on.

        Raises:
            UserUnknownError: There is nobody of that name.
            PasswordWeakError: The password is too easy.
        """
        self.user(name)
        check_strength(password, name)
        hashed = hash_password(password, salt=self._random(SALT_BYTES))
        with self.transaction():
            self._connection.execute("UPDATE users SET password = ? WHERE name = ?", (hashed, name))
            self._connection.execute("DELETE FROM tries WHERE name = ?", (_tried(name),))
        return self.user(name)

    def disable_user(self, name: str, *, now: datetime) -> User:
        """Let a user sign in no longer, and end nothing else: they can be let in again.

        Raises:
            UserUnknownError: There is nobody of that name.
        """
        self.user(name)
        with self.transaction():
            self._connection.execute("INSERT OR IGNORE INTO users_disabled VALUES (?, ?)", (name, to_us(now)))
        return self.user(name)

    def enable_user(self, name: str) -> User:
        """Let a user sign in again.

        Raises:
            UserUnknownError: There is nobody of that name.
        """
        with self.transaction():
            self._connection.execute("DELETE FROM users_disabled WHERE name = ?", (name,))
        return self.user(name)

    def sign_in(self, name: str, password: str, *, now: datetime) -> User:
        """The user of a name and password.

        Every try counts as failed until it succeeds, so that tries at the same time count too. From the sixth on
        somebody waits 1 s, 2 s, 4 s … to 15 minutes. Names that nobody has are treated alike.

        Raises:
            SignInRefusedError: They do not belong together.
            SignInPausedError: There were too many wrong tries just before.
        """
        self._count_try(name, now)
        with answering(self._path):
            row = self._connection.execute("SELECT password FROM users WHERE name = ?", (name,)).fetchone()
        kept = None if row is None else str(row[0])
        # Who is disabled learns it no sooner than who has the wrong password.
        if not verify_password(kept, password) or kept is None or self.user(name).disabled_at is not None:
            raise SignInRefusedError
        if needs_rehash(kept):
            kept = hash_password(password, salt=self._random(SALT_BYTES))
        with self.transaction():
            self._connection.execute("DELETE FROM tries WHERE name = ?", (_tried(name),))
            self._connection.execute(
                "UPDATE users SET last_us = ?, password = ? WHERE name = ?", (to_us(now), kept, name)
            )
        return self.user(name)

    def _count_try(self, name: str, now: datetime) -> None:
        key = _tried(name)
        with self.transaction():
            self._connection.execute("DELETE FROM tries WHERE until_us < ?", (to_us(now - _FORGET_TRIES),))
            row = self._connection.execute("SELECT failed, until_us FROM tries WHERE name = ?", (key,)).fetchone()
            failed, until = (0, 0) if row is None else row
            left = until - to_us(now)
            if failed >= FREE_TRIES and left > 0:
                raise SignInPausedError(-(-left // 1_000_000))
            wait = min(LONGEST_WAIT, timedelta(seconds=2 ** min(max(0, failed + 1 - FREE_TRIES), 20)))
            self._connection.execute(
                "INSERT OR REPLACE INTO tries (name, failed, until_us) VALUES (?, ?, ?)",
                (key, failed + 1, to_us(now + wait)),
            )

    def create_key(
        self, scope: Scope, *, role: Role | None = None, source: str = "", expires_at: datetime, now: datetime
    ) -> NewKey:
        """A new key; what is kept of it does not give it back.

        Args:
            scope: What it is for.
            role: As what it acts; by default executive, for `admin` admin.
            source: The live source that its events are of; only for keys that send events.
            expires_at: From when on it is refused.
            now: The present time.

        Raises:
            AccountError: It would have expired before it was made, or names a source that it cannot send to.
        """
        if source and scope is not Scope.COLLECT:
            raise AccountError(what="Only a key that sends events has a source.", do="Add --scope collect.")
        if expires_at <= now:
            raise AccountError(what="The key would expire before it is made.", do="Give a length such as 90d.")
        given = role or _LEAST_ROLE[scope]
        name, secret = self._random(6).hex(), self._random(KEY_SECRET_BYTES)
        text = f"{KEY_PREFIX}{name}_{base64.urlsafe_b64encode(secret).rstrip(b'=').decode()}"
        with self.transaction():
            self._connection.execute(
                "INSERT INTO keys (id, digest, scope, role, made_us, expires_us) VALUES (?, ?, ?, ?, ?, ?)",
                (name, _digest(text), scope.value, given.value, to_us(now), to_us(expires_at)),
            )
            if source:
                self._connection.execute("INSERT INTO key_sources (id, source) VALUES (?, ?)", (name, source))
        return NewKey(id=name, key=text, scope=scope, role=given, expires_at=expires_at, source=source)

    def keys(self) -> list[ApiKey]:
        """Every key, the newest first; revoked and expired ones too."""
        with answering(self._path):
            rows = self._connection.execute(
                """
                SELECT id, scope, role, made_us, expires_us, revoked_us, last_us, coalesce(source, '')
                FROM keys LEFT JOIN key_sources USING (id) ORDER BY made_us DESC, id
                """
            ).fetchall()
        return [_api_key(*row) for row in rows]

    def revoke_key(self, name: str, *, now: datetime) -> ApiKey:
        """Refuse a key from now on.

        Raises:
            KeyUnknownError: There is none of that id.
        """
        with self.transaction():
            done = self._connection.execute(
                "UPDATE keys SET revoked_us = coalesce(revoked_us, ?) WHERE id = ?", (to_us(now), name)
            )
            if not done.rowcount:
                raise KeyUnknownError
        return next(each for each in self.keys() if each.id == name)

    def check_key(self, text: str, *, now: datetime) -> ApiKey:
        """The key that a program sent, as it stands at this moment.

        Raises:
            KeyRefusedError: It is malformed, unknown, revoked or expired.
        """
        parts = _KEY.fullmatch(text)
        with answering(self._path):
            row = self._connection.execute(
                """
                SELECT id, scope, role, made_us, expires_us, revoked_us, last_us, coalesce(source, ''), digest
                FROM keys LEFT JOIN key_sources USING (id) WHERE id = ?
                """,
                (parts[1] if parts else "",),
            ).fetchone()
        # Compared in constant time, and with something where there is no such key.
        fits = hmac.compare_digest(_digest(text), bytes(32) if row is None else row[8])
        if row is None or not fits:
            raise KeyRefusedError
        found = _api_key(*row[:8])
        if found.revoked_at is not None or found.expires_at <= now:
            raise KeyRefusedError
        if found.last_at is None or now - found.last_at >= _USED_EVERY:
            # A full disk, or another process that writes, is no reason to turn somebody away.
            with suppress(HabitueError), self.transaction():
                self._connection.execute("UPDATE keys SET last_us = ? WHERE id = ?", (to_us(now), found.id))
        return found


def _api_key(  # one row as it is kept
    name: str, scope: str, role: str, made: int, expires: int, revoked: int | None, last: int | None, source: str
) -> ApiKey:
    return ApiKey(
        id=name,
        scope=Scope(scope),
        role=Role(role),
        made_at=from_us(made),
        expires_at=from_us(expires),
        revoked_at=_time(revoked),
        last_at=_time(last),
        source=source,
    )


def _time(us: int | None) -> datetime | None:
    return None if us is None else from_us(us)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _tried(name: str) -> bytes:
    """What a tried name is kept by: people type passwords where names belong."""
    return _digest(f"tried:{name}")
