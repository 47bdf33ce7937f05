"""API keys: what each is for, and what it may do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from habitue.govern.roles import Access, Permission, Role, RoleSpec, access_of


class Scope(StrEnum):
    """What a key is for."""

    COLLECT = "collect"
    READ = "read"
    DECIDE = "decide"
    ADMIN = "admin"


_READING: Final = frozenset(
    {Permission.SEE_AGGREGATES, Permission.SEE_PEOPLE, Permission.SEE_PERSONAL, Permission.READ_AUDIT}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key for programs, without its secret.

    Attributes:
        id: By which it is revoked.
        scope: What it is for.
        role: As what it acts.
        made_at: Since when.
        expires_at: From when on it is refused.
        revoked_at: When it was revoked.
        last_at: When it was used last, to about a minute.
        source: The live source that its events are of; empty where none was named.
    """

    id: str
    scope: Scope
    role: Role
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    last_at: datetime | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key just made: the only time that its secret is shown.

    Attributes:
        id: By which it is revoked.
        key: What programs send.
        scope: What it is for.
        role: As what it acts.
        expires_at: From when on it is refused.
        source: The live source that its events are of; empty where none was named.
    """

    id: str
    key: str
    scope: Scope
    role: Role
    expires_at: datetime
    source: str = ""


def key_access(key: ApiKey, narrowed: Iterable[RoleSpec] = ()) -> Access:
    """What a key may do: what its scope is for, never more than its role allows.

    Examples:
        >>> at = datetime.fromisoformat("2026-01-01T00:00:00Z")
        >>> key = ApiKey(id="k", scope=Scope.READ, role=Role.ANALYST, made_at=at, expires_at=at)
        >>> sorted(each.value for each in key_access(key).permissions)
        ['see_aggregates', 'see_people']
    """
    whole = access_of(key.role, narrowed, actor=f"key:{key.id}")
    allowed = {
        Scope.COLLECT: frozenset({Permission.COLLECT}),
        Scope.DECIDE: frozenset({Permission.DECIDE}),
        Scope.READ: whole.permissions & _READING,
        Scope.ADMIN: whole.permissions,
    }[key.scope]
    return Access(role=key.role, permissions=allowed, actor=whole.actor)
