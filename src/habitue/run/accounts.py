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
from habitue.run.auditing import note, open_audit
from habitue.run.surroundings import Surroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The accounts of a project with its audit log; open beside a process that serves the project.

    Attributes:
        accounts: Users and keys.
        audit: Where changes are written down.
        around: The time, chance, and who sits at the keyboard.
    """

    accounts: Accounts
    audit: AuditLog
    around: Surroundings

    @classmethod
    @contextmanager
    def open(cls, folder: Path, around: Surroundings) -> Iterator[Self]:
        """Open both; closed at the end of the block.

        Args:
            folder: The project folder.
            around: The time, chance, and where keys are kept.
        """
        with ExitStack() as opened:
            audit = opened.enter_context(open_audit(folder, around))
            accounts = opened.enter_context(Accounts.open(folder, random=around.random))
            yield cls(accounts=accounts, audit=audit, around=around)

    @property
    def now(self) -> datetime:
        """The present time."""
        return self.around.clock()


def add_user(people: People, name: str, role: Role, password: str) -> User:
    """Let somebody sign in.

    Raises:
        AccountError: The name is taken or unfit, or the password weak.
    """
    user = people.accounts.add_user(name, role, password, now=people.now)
    try:
        note(people, AuditAction.PERMISSION, about=f"users add: {name} as {role.value}")
    except BaseException:
        # What is not written down has not been allowed.
        people.accounts.remove_user(name)
        raise
    return user


def remove_user(people: People, name: str) -> None:
    """Let somebody sign in no longer.

    Raises:
        UserUnknownError: There is nobody of that name.
    """
    people.accounts.remove_user(name)
    note(people, AuditAction.PERMISSION, about=f"users remove: {name}")


def create_key(people: People, scope: Scope, *, role: Role | None, valid_us: int, source: str = "") -> NewKey:
    """A new key, whose secret is shown this once.

    Args:
        people: The accounts.
        scope: What it is for.
        role: As what it acts; by default the least for its scope.
        valid_us: For how many microseconds it is valid.
        source: The live source that its events are of; only for keys that send events.

    Raises:
        AccountError: It cannot send to a source.
    """
    now = people.now
    until = now + timedelta(microseconds=valid_us)
    key = people.accounts.create_key(scope, role=role, source=source, expires_at=until, now=now)
    of_source = f" of {source}" if source else ""
    try:
        note(people, AuditAction.KEY, about=f"keys create: {key.id}, {scope.value} as {key.role.value}{of_source}")
    except BaseException:
        people.accounts.revoke_key(key.id, now=now)
        raise
    return key


def revoke_key(people: People, name: str) -> ApiKey:
    """Refuse a key from now on.

    Raises:
        KeyUnknownError: There is none of that id.
    """
    key = people.accounts.revoke_key(name, now=people.now)
    note(people, AuditAction.KEY, about=f"keys revoke: {key.id}")
    return key
