"""Users and API keys of a project: every change is in the audit log before it is answered."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from habitue.govern.accounts import Accounts, ApiKey, NewKey, Scope, User
from habitue.govern.audit import AuditAction, AuditLog
from habitue.govern.roles import Role
from habitue.govern.sessions import How, Sessions
from habitue.run.auditing import note, open_audit
from habitue.run.surroundings import Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The accounts of a project with its audit log; open beside a process that serves the project.

    Attributes:
        accounts: Users and keys.
        sessions: Who is signed in.
        audit: Where changes are written down.
        around: The time, chance, and who sits at the keyboard.
    """

    accounts: Accounts
    sessions: Sessions
    audit: AuditLog
    around: Surroundings

    @classmethod
    @contextmanager
    def open(cls, folder: Path, around: Surroundings) -> Iterator[Self]:
        """Open all of it; closed at the end of the block.

        Args:
            folder: The project folder.
            around: The time, chance, and where keys are kept.
        """
        with ExitStack() as opened:
            audit = opened.enter_context(open_audit(folder, around))
            accounts = opened.enter_context(Accounts.open(folder, random=around.random))
            sessions = opened.enter_context(Sessions.open(folder, random=around.random))
            yield cls(accounts=accounts, sessions=sessions, audit=audit, around=around)

    @property
    def now(self) -> datetime:
        """The present time."""
        return self.around.clock()


def add_user(people: People, name: str, role: Role, password: str, *, actor: str = "") -> User:
    """Let somebody sign in.

    Args:
        people: The accounts.
        name: Their name.
        role: As what.
        password: As typed.
        actor: Who lets them; by default who sits at the terminal.

    Raises:
        AccountError: The name is taken or unfit, or the password weak.
    """
    user = people.accounts.add_user(name, role, password, now=people.now)
    try:
        note(people, AuditAction.PERMISSION, about=f"users add: {name} as {role.value}", actor=actor)
    except BaseException:
        # What is not written down has not been allowed.
        people.accounts.remove_user(name)
        raise
    return user


def remove_user(people: People, name: str, *, actor: str = "") -> None:
    """Let somebody sign in no longer; whoever is signed in with that name is signed out.

    Raises:
        UserUnknownError: There is nobody of that name.
    """
    people.accounts.remove_user(name)
    note(people, AuditAction.PERMISSION, about=f"users remove: {name}", actor=actor)


def change_role(people: People, name: str, role: Role, *, actor: str = "") -> User:
    """Let a user be something else from now on, in sessions that have begun too.

    Raises:
        UserUnknownError: There is nobody of that name.
    """
    before = people.accounts.user(name)
    user = people.accounts.set_role(name, role)
    try:
        note(people, AuditAction.PERMISSION, about=f"users role: {name} as {role.value}", actor=actor)
    except BaseException:
        people.accounts.set_role(name, before.role)
        raise
    return user


def change_password(people: People, name: str, password: str, *, actor: str = "") -> User:
    """Let a user sign in with another password from now on; they are signed out everywhere.

    Raises:
        UserUnknownError: There is nobody of that name.
        PasswordWeakError: The password is too easy.
    """
    user = people.accounts.set_password(name, password)
    people.sessions.end_all(name, How.ACCOUNT)
    note(people, AuditAction.PERMISSION, about=f"users password: {name}", actor=actor)
    return user


def disable_user(people: People, name: str, *, actor: str = "") -> User:
    """Let a user sign in no longer, until they are enabled again; they are signed out everywhere.

    Raises:
        UserUnknownError: There is nobody of that name.
    """
    user = people.accounts.disable_user(name, now=people.now)
    people.sessions.end_all(name, How.ACCOUNT)
    note(people, AuditAction.PERMISSION, about=f"users disable: {name}", actor=actor)
    return user


def enable_user(people: People, name: str, *, actor: str = "") -> User:
    """Let a user sign in again.

    Raises:
        UserUnknownError: There is nobody of that name.
    """
    people.accounts.user(name)
    note(people, AuditAction.PERMISSION, about=f"users enable: {name}", actor=actor)
    return people.accounts.enable_user(name)


def create_key(
    people: People, scope: Scope, *, role: Role | None, valid_us: int, source: str = "", actor: str = ""
) -> NewKey:
    """A new key, whose secret is shown this once.

    Args:
        people: The accounts.
        scope: What it is for.
        role: As what it acts; by default the least for its scope.
        valid_us: For how many microseconds it is valid.
        source: The live source that its events are of; only for keys that send events.
        actor: Who makes it; by default who sits at the terminal.

    Raises:
        AccountError: It cannot send to a source.
    """
    now = people.now
    until = now + timedelta(microseconds=valid_us)
    key = people.accounts.create_key(scope, role=role, source=source, expires_at=until, now=now)
    of_source = f" of {source}" if source else ""
    try:
        about = f"keys create: {key.id}, {scope.value} as {key.role.value}{of_source}"
        note(people, AuditAction.KEY, about=about, actor=actor)
    except BaseException:
        people.accounts.revoke_key(key.id, now=now)
        raise
    return key


def revoke_key(people: People, name: str, *, actor: str = "") -> ApiKey:
    """Refuse a key from now on.

    Raises:
        KeyUnknownError: There is none of that id.
    """
    key = people.accounts.revoke_key(name, now=people.now)
    note(people, AuditAction.KEY, about=f"keys revoke: {key.id}", actor=actor)
    return key
