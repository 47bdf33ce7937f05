"""Writing down who looked at or changed what about whom, before the answer is given; and reading that."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from habitue.govern.audit import AuditAction, AuditCheck, AuditEntry, AuditLog
from habitue.govern.opening import open_vault
from habitue.govern.vouching import VaultVoucher
from habitue.run.opened import Opened
from habitue.run.surroundings import Surroundings

_ROLES: Final = "roles"


class Noting(Protocol):
    """What has an audit log and its surroundings: an open project has both."""

    @property
    def audit(self) -> AuditLog:
        """Where it is written down."""

    @property
    def around(self) -> Surroundings:
        """The time, and who sits at the keyboard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """What the audit log says, and whether it can be believed.

    Attributes:
        check: Whether the chain holds; None where that was not asked for.
        entries: The latest entries asked for, the newest first.
    """

    check: AuditCheck | None
    entries: tuple[AuditEntry, ...]


def terminal_actor(environ: Mapping[str, str]) -> str:
    """Who sits at the terminal, as the audit log names them.

    Examples:
        >>> terminal_actor({"USER": "ann"}), terminal_actor({})
        ('cli:ann', 'cli:unknown')
    """
    name = environ.get("LOGNAME") or environ.get("USER") or "unknown"
    return f"cli:{name[:100]}"


def note(
    noting: Noting,
    action: AuditAction,
    *,
    subject: str = "",
    about: str = "",
    purpose: str = "",
    actor: str = "",
) -> None:
    """Write one thing down, fsynced before this returns.

    Args:
        noting: The open project.
        action: What was done.
        subject: About whom, by internal id.
        about: What it was about: a command, table, segment or role; no personal data.
        purpose: What for.
        actor: Who; by default who sits at the terminal.
    """
    note_all(noting, action, subjects=[subject], about=about, purpose=purpose, actor=actor)


def note_all(
    noting: Noting,
    action: AuditAction,
    *,
    subjects: Iterable[str],
    about: str = "",
    purpose: str = "",
    actor: str = "",
) -> None:
    """Write the same down about several people, one entry for each, together."""
    now, who = noting.around.clock(), actor or terminal_actor(noting.around.environ)
    noting.audit.append_all(
        AuditEntry(at=now, actor=who, action=action, subject=subject, about=about, purpose=purpose)
        for subject in subjects
    )


def note_roles(opened: Opened) -> None:
    """Write down what roles may do no longer, or again, since the project was open last.

    Cost: one look into the vault.
    """
    taken = {(spec.role.value, each.value) for spec in opened.project.roles for each in spec.without}
    said = "; ".join(f"{role} without {permission}" for role, permission in sorted(taken))
    if said == (opened.stores.vault.noted(_ROLES) or ""):
        return
    entry = AuditEntry(
        at=opened.around.clock(),
        actor=terminal_actor(opened.around.environ),
        action=AuditAction.PERMISSION,
        about=f"policies: {said or 'roles whole again'}",
    )
    opened.stores.audit.append(entry)
    opened.stores.vault.note(_ROLES, said)


@contextmanager
def open_audit(folder: Path, around: Surroundings) -> Iterator[AuditLog]:
    """The audit log of a project that another process may have open.

    Raises:
        HabitueError: The project's master key is missing or wrong: nobody could sign entries.
    """
    with (
        open_vault(folder, environ=around.environ, home=around.home, random=around.random) as vault,
        AuditLog.open(folder, voucher=VaultVoucher(vault)) as log,
    ):
        yield log


def read_audit(
    log: AuditLog,
    *,
    verify: bool,
    subject: str | None = None,
    since: datetime | None = None,
    head: str | None = None,
    limit: int = 1000,
) -> AuditReport:
    """The latest entries, and whether the whole log holds.

    Args:
        log: The open log.
        verify: Go through the whole chain.
        subject: Only entries about this person, by internal id.
        since: Only entries from this instant on.
        head: A digest kept elsewhere that has to be in the chain.
        limit: At most so many entries.
    """
    check = log.verify(head=head) if verify or head is not None else None
    return AuditReport(check=check, entries=tuple(log.entries(subject=subject, since=since, limit=limit)))


def before(now: datetime, us: int) -> datetime:
    """The instant so many microseconds before another."""
    return now - timedelta(microseconds=us)
