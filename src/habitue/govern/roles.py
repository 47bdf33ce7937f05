"""Who may do what: roles are sets out of a closed list of permissions.

A project may take permissions away from a role in `policies/*.yaml`; it can never add one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import Field

from habitue.config import Declared
from habitue.errors import HabitueError, did_you_mean
from habitue.records.permissions import Permission, Role

__all__ = [
    "DESCRIBED",
    "GRANTED",
    "MEANING",
    "Access",
    "Permission",
    "Role",
    "RoleForbiddenError",
    "RoleSpec",
    "RoleUnknownError",
    "access_of",
    "role_named",
]


GRANTED: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.EXECUTIVE: frozenset({Permission.SEE_AGGREGATES}),
    Role.MARKETER: frozenset({Permission.SEE_AGGREGATES, Permission.EDIT_DEFINITIONS, Permission.DECIDE}),
    Role.ANALYST: frozenset(
        {Permission.SEE_AGGREGATES, Permission.SEE_PEOPLE, Permission.EDIT_DEFINITIONS, Permission.BUILD}
    ),
    Role.PRIVACY_OFFICER: frozenset(
        {
            Permission.SEE_AGGREGATES,
            Permission.SEE_PEOPLE,
            Permission.SEE_PERSONAL,
            Permission.MANAGE_IDENTITY,
            Permission.MANAGE_PRIVACY,
            Permission.READ_AUDIT,
        }
    ),
    Role.ADMIN: frozenset(Permission),
}
"""What each role may do: figures for all; single people for who works on them; clear values for who must."""

DESCRIBED: Final[Mapping[Role, str]] = {
    Role.EXECUTIVE: "figures about groups",
    Role.MARKETER: "figures about groups, and definitions; acts on people through channels, sees none",
    Role.ANALYST: "single people by random id, definitions, builds",
    Role.PRIVACY_OFFICER: "people in the clear for a purpose, identity, privacy requests, the audit log",
    Role.ADMIN: "everything",
}


MEANING: Final[Mapping[Permission, str]] = {
    Permission.SEE_AGGREGATES: "See sizes, shares, distributions, definitions and their history.",
    Permission.SEE_PEOPLE: "See single people by their random id: members, explanations, rows of figures.",
    Permission.SEE_PERSONAL: "See identifiers and personal traits in the clear, for a purpose.",
    Permission.EDIT_DEFINITIONS: "Write sources, features, segments and policies.",
    Permission.BUILD: "Load sources, build, mend failed rows.",
    Permission.MANAGE_IDENTITY: "Merge, part and review people.",
    Permission.MANAGE_PRIVACY: "Export, erase, record consent, restrict, keep retention.",
    Permission.READ_AUDIT: "Read and verify the audit log.",
    Permission.MANAGE_USERS: "Add and remove users, make and revoke keys.",
    Permission.COLLECT: "Send events.",
    Permission.DECIDE: "Ask for decisions.",
}
"""What each permission allows, for people."""


class RoleUnknownError(HabitueError):
    """No role has a name."""

    code = "ROLE-UNKNOWN"

    def __init__(self, name: str) -> None:
        near = did_you_mean(name, [each.value for each in Role])
        known = ", ".join(each.value for each in Role)
        super().__init__(
            what=f"No role is called {name[:40]!r}.", do=f"Did you mean {near!r}?" if near else f"Roles: {known}."
        )


class RoleForbiddenError(HabitueError):
    """A role lacks the permission for what was asked.

    Attributes:
        permission: What it lacks.
    """

    code = "ROLE-FORBIDDEN"

    def __init__(self, role: Role, permission: Permission) -> None:
        self.permission = permission
        able = ", ".join(each.value for each in Role if permission in GRANTED[each])
        super().__init__(
            what=f"The role {role.value} has no permission {permission.value}.",
            do=f"Ask somebody who is one of: {able}.",
        )


class RoleSpec(Declared):
    """What a project takes away from a role; nothing can be added to one."""

    role: Role = Field(description="executive, analyst, marketer, privacy_officer or admin.")
    without: tuple[Permission, ...] = Field((), description="Permissions that it does not have in this project.")
    label: str = Field("", description="A few words for people.")
    description: str = Field("", description="Why.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What somebody may do here.

    Attributes:
        role: As what.
        permissions: What that allows in this project.
        actor: Who, as the audit log names them.
    """

    role: Role
    permissions: frozenset[Permission]
    actor: str = ""

    def allows(self, permission: Permission) -> bool:
        """Whether it may be done."""
        return permission in self.permissions

    def need(self, permission: Permission) -> None:
        """Pass where it may be done.

        Raises:
            RoleForbiddenError: It may not.
        """
        if permission not in self.permissions:
            raise RoleForbiddenError(self.role, permission)

    @property
    def sees_people(self) -> bool:
        """Whether single people are shown; without, groups below the least size are hidden."""
        return Permission.SEE_PEOPLE in self.permissions

    @property
    def sees_personal(self) -> bool:
        """Whether values in the clear are shown."""
        return self.permissions >= {Permission.SEE_PEOPLE, Permission.SEE_PERSONAL}


def role_named(name: str) -> Role:
    """The role of a name.

    Raises:
        RoleUnknownError: There is none.

    Examples:
        >>> role_named("privacy officer") is role_named("PRIVACY_OFFICER") is Role.PRIVACY_OFFICER
        True
    """
    try:
        return Role(name.strip().lower().replace(" ", "_").replace("-", "_"))
    except ValueError:
        raise RoleUnknownError(name) from None


def access_of(role: Role, narrowed: Iterable[RoleSpec] = (), *, actor: str = "") -> Access:
    """What a role may do in a project.

    Args:
        role: As what.
        narrowed: What the project takes away from roles; several about one role add up.
        actor: Who, as the audit log names them.

    Examples:
        >>> narrowed = [RoleSpec(role=Role.ANALYST, without=(Permission.SEE_PEOPLE,))]
        >>> access_of(Role.ANALYST, narrowed).sees_people, access_of(Role.ANALYST).sees_people
        (False, True)
    """
    taken = {each for spec in narrowed if spec.role is role for each in spec.without}
    return Access(role=role, permissions=GRANTED[role] - taken, actor=actor)
