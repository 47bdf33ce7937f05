"""What each role may do in a project, as people are shown it."""

from collections.abc import Sequence
from dataclasses import dataclass

from habitue.govern.roles import DESCRIBED, GRANTED, MEANING, Permission, Role, RoleSpec, access_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionSeen:
    """One permission of a role.

    Attributes:
        permission: Its name.
        meaning: What it allows.
        may: Whether the role has it here.
        taken: Whether it would, had the project not taken it away.
    """

    permission: str
    meaning: str
    may: bool
    taken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSeen:
    """One role.

    Attributes:
        role: Its name.
        described: What it is for.
        why: Why the project takes something away from it.
        permissions: Every permission, and whether it has it.
    """

    role: str
    described: str
    why: str
    permissions: tuple[PermissionSeen, ...]


def list_roles(narrowed: Sequence[RoleSpec]) -> list[RoleSeen]:
    """Every role with what it may do.

    Args:
        narrowed: What the project takes away from roles.
    """
    return [_seen(role, narrowed) for role in Role]


def _seen(role: Role, narrowed: Sequence[RoleSpec]) -> RoleSeen:
    access = access_of(role, narrowed)
    return RoleSeen(
        role=role.value,
        described=DESCRIBED[role],
        why=" ".join(each.description for each in narrowed if each.role is role and each.description),
        permissions=tuple(
            PermissionSeen(
                permission=each.value,
                meaning=MEANING[each],
                may=access.allows(each),
                taken=each in GRANTED[role] and not access.allows(each),
            )
            for each in Permission
        ),
    )
