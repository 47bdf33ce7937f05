"""Who is signed in: sessions of browsers, and the links that begin one, beside users and keys in `accounts.sqlite`.

A session and a link are 256 random bits each, of which one SHA-256 is kept: whoever reads the file can use neither. A
session ends when nobody used it for a while, after a few days in any case, and at once when its user is removed or
disabled; its user's role is looked up anew for every request.
"""

import base64
import hashlib
import hmac
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from habitue.config import state_folder
from habitue.errors import HabitueError
from habitue.govern.account_failures import LinkRefusedError, SessionRefusedError, SessionUnknownError
from habitue.govern.account_tables import ACCOUNTS, ADDED
from habitue.govern.accounts import ACCOUNTS_FILE
from habitue.govern.keys import RandomBytes
from habitue.govern.roles import Access, Role, RoleSpec, access_of
from habitue.state.file import StateFile
from habitue.state.sqlite import answering, from_us, open_database, to_us

IDLE: Final = timedelta(hours=8)
"""A session ends when it was not used for so long: a working day."""
LONGEST: Final = timedelta(days=7)
"""A session ends after so long, however much it is used."""
LINK_VALID: Final = timedelta(minutes=10)
_SECRET_BYTES: Final = 32
_TEXT_LENGTH: Final = 43
_USED_EVERY: Final = timedelta(minutes=1)
_MOST_LINKS: Final = 100


class How(StrEnum):
    """By what somebody signed in."""

    ACCOUNT = "account"
    LINK = "link"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody who is signed in.

    Attributes:
        id: By which it is ended; not what the browser sends.
        name: Who.
        role: As what, at this moment.
        how: By what they signed in.
        made_at: Since when.
        used_at: When it was used last, to about a minute.
        expires_at: When it ends, however much it is used.
    """

    id: str
    name: str
    role: Role
    how: How
    made_at: datetime
    used_at: datetime
    expires_at: datetime

    @property
    def ends_at(self) -> datetime:
        """When it ends if nobody uses it any more."""
        return min(self.expires_at, self.used_at + IDLE)

    @property
    def actor(self) -> str:
        """Who they are in the audit log."""
        return f"{'user' if self.how is How.ACCOUNT else self.how.value}:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A session that has just begun.

    Attributes:
        token: What the browser sends; it is kept nowhere else.
        session: The session.
    """

    token: str
    session: Session


def csrf_of(token: str) -> str:
    """What a page of one's own sends with whatever changes something, made of its session's token.

    Other sites can make a browser send the token, and read neither that nor this.
    """
    return _text(hmac.digest(token.encode("utf-8", "surrogatepass"), b"habitue csrf", "sha256"))


def session_access(session: Session, narrowed: Iterable[RoleSpec] = ()) -> Access:
    """What somebody who is signed in may do.

    Args:
        session: Their session.
        narrowed: What the project takes away from roles.
    """
    return access_of(session.role, narrowed, actor=session.actor)


class Sessions(StateFile):
    """The sessions and links of one project; a connection is used by the thread that opened it."""

    def __init__(self, path: Path, connection: sqlite3.Connection, random: RandomBytes) -> None:
        super().__init__(path, connection)
        self._random = random

    @classmethod
    def open(cls, project: Path, *, random: RandomBytes) -> Self:
        """Open the sessions of a project folder."""
        path = state_folder(project) / ACCOUNTS_FILE
        connection = open_database(path, ACCOUNTS)
        with answering(path):
            for each in ADDED:
                connection.execute(each)
        return cls(path, connection, random)

    # --- Links --------------------------------------------------------------------------------------------------------

    def make_link(self, name: str, role: Role, *, now: datetime) -> str:
        """What lets somebody in once, within a few minutes.

        Args:
            name: Who they will be.
            role: As what.
            now: The present time.
        """
        text = _text(self._random(_SECRET_BYTES))
        with self.transaction():
            self._connection.execute("DELETE FROM links WHERE expires_us <= ?", (to_us(now),))
            self._connection.execute(
                """
                DELETE FROM links
                WHERE digest IN (SELECT digest FROM links ORDER BY expires_us DESC LIMIT -1 OFFSET ?)
                """,
                (_MOST_LINKS - 1,),
            )
            self._connection.execute(
                "INSERT INTO links (digest, name, role, expires_us) VALUES (?, ?, ?, ?)",
                (_digest(text), name, role.value, to_us(now + LINK_VALID)),
            )
        return text

    def take_link(self, text: str, *, now: datetime) -> NewSession:
        """The session that a link begins; the link is of no more use.

        Raises:
            LinkRefusedError: It is unknown, was used, or is too old.
        """
        with self.transaction():
            row = self._connection.execute(
                "DELETE FROM links WHERE digest = ? RETURNING name, role, expires_us", (_digest(text),)
            ).fetchone()
        if row is None or row[2] <= to_us(now):
            raise LinkRefusedError
        return self.begin(row[0], Role(row[1]), How.LINK, now=now)

    # --- Sessions -----------------------------------------------------------------------------------------------------

    def begin(self, name: str, role: Role, how: How, *, now: datetime) -> NewSession:
        """Sign somebody in, who has shown who they are.

        Args:
            name: Who; with an account, a user of the project.
            role: As what; of a user it is looked up for every request.
            how: By what they have shown it.
            now: The present time.
        """
        token, name_of_session = _text(self._random(_SECRET_BYTES)), self._random(6).hex()
        expires = now + LONGEST
        with self.transaction():
            self._connection.execute(
                "DELETE FROM sessions WHERE expires_us <= ? OR used_us <= ?", (to_us(now), to_us(now - IDLE))
            )
            self._connection.execute(
                """
                INSERT INTO sessions (digest, id, how, name, role, user, made_us, used_us, expires_us)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                (
                    _digest(token),
                    name_of_session,
                    how.value,
                    name,
                    role.value,
                    name if how is How.ACCOUNT else None,
                    to_us(now),
                    to_us(now),
                    to_us(expires),
                ),
            )
        session = Session(
            id=name_of_session, name=name, role=role, how=how, made_at=now, used_at=now, expires_at=expires
        )
        return NewSession(token=token, session=session)

    def check(self, token: str, *, now: datetime, is_use: bool = True) -> Session:
        """The session of a token, as it stands at this moment.

        Args:
            token: What the browser sent.
            now: The present time.
            is_use: Whether somebody does something: a page that only stays open keeps no session alive.

        Raises:
            SessionRefusedError: There is none, or it has ended.
        """
        with answering(self._path):
            row = self._connection.execute(
                """
                SELECT s.id, s.name, coalesce(u.role, s.role), s.how, s.made_us, s.used_us, s.expires_us, d.since_us
                FROM sessions s LEFT JOIN users u ON u.name = s.user LEFT JOIN users_disabled d ON d.name = s.user
                WHERE s.digest = ?
                """,
                (_digest(token) if len(token) == _TEXT_LENGTH else b"",),
            ).fetchone()
        found = None if row is None or row[7] is not None else _session(*row[:7])
        if found is None or found.ends_at <= now:
            raise SessionRefusedError
        if is_use and now - found.used_at >= _USED_EVERY:
            # A full disk, or another process that writes, is no reason to turn somebody away.
            with suppress(HabitueError), self.transaction():
                self._connection.execute("UPDATE sessions SET used_us = ? WHERE id = ?", (to_us(now), found.id))
        return found

    def sessions(self, *, now: datetime) -> list[Session]:
        """Everybody who is signed in, who came last first."""
        with answering(self._path):
            rows = self._connection.execute(
                """
                SELECT s.id, s.name, coalesce(u.role, s.role), s.how, s.made_us, s.used_us, s.expires_us
                FROM sessions s LEFT JOIN users u ON u.name = s.user LEFT JOIN users_disabled d ON d.name = s.user
                WHERE d.since_us IS NULL ORDER BY s.made_us DESC, s.id
                """
            ).fetchall()
        return [each for each in (_session(*row) for row in rows) if each.ends_at > now]

    def end(self, session_id: str) -> None:
        """Sign a session out.

        Raises:
            SessionUnknownError: There is none of that id.
        """
        with self.transaction():
            if not self._connection.execute("DELETE FROM sessions WHERE id = ?", (session_id,)).rowcount:
                raise SessionUnknownError

    def end_all(self, name: str, how: How) -> int:
        """Sign somebody out everywhere; gives how many sessions that were.

        Args:
            name: Who.
            how: By what they signed in: the same name may come in by several ways.
        """
        with self.transaction():
            return self._connection.execute(
                "DELETE FROM sessions WHERE name = ? AND how = ?", (name, how.value)
            ).rowcount


def _session(name_of_session: str, name: str, role: str, how: str, made: int, used: int, expires: int) -> Session:
    return Session(
        id=name_of_session,
        name=name,
        role=Role(role),
        how=How(how),
        made_at=from_us(made),
        used_at=from_us(used),
        expires_at=from_us(expires),
    )


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _text(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()
