"""The names of what may be done, and of who somebody is in a project: closed lists."""

from enum import StrEnum


class Permission(StrEnum):
    """Something that a role may do."""

    SEE_AGGREGATES = "see_aggregates"
    """Sizes, shares, distributions, definitions and their history."""
    SEE_PEOPLE = "see_people"
    """Single people by their random id: members, explanations, rows of figures."""
    SEE_PERSONAL = "see_personal"
    """Identifiers and personal traits in the clear, for a purpose; failed rows as they came."""
    EDIT_DEFINITIONS = "edit_definitions"
    """Write sources, features, segments and policies."""
    BUILD = "build"
    """Load sources, build, mend failed rows."""
    MANAGE_IDENTITY = "manage_identity"
    """Merge, part and review people."""
    MANAGE_PRIVACY = "manage_privacy"
    """Export, erase, record consent, restrict, keep retention, rotate keys of the vault."""
    READ_AUDIT = "read_audit"
    """Read and verify the audit log."""
    MANAGE_USERS = "manage_users"
    """Add and remove users, make and revoke keys."""
    COLLECT = "collect"
    """Send events."""
    DECIDE = "decide"
    """Ask for decisions."""


class Role(StrEnum):
    """What somebody is in a project."""

    EXECUTIVE = "executive"
    ANALYST = "analyst"
    MARKETER = "marketer"
    PRIVACY_OFFICER = "privacy_officer"
    ADMIN = "admin"
