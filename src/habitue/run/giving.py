"""Where data of people was given to: it is in the audit log, and whoever is erased later, these have to be told."""

from habitue.govern.audit import AuditAction, AuditEntry
from habitue.govern.requests import PrivacyJournal
from habitue.run.auditing import terminal_actor
from habitue.run.opened import Opened


def note_given(opened: Opened, *, kind: str, target: str, what: str) -> None:
    """Note that data of people leaves the project, before it does.

    Args:
        opened: The open project.
        kind: How: `export`, `publish`, `webhook`.
        target: To where: a file's name, a host; no personal data.
        what: What: a segment, a table.
    """
    now, actor = opened.around.clock(), terminal_actor(opened.around.environ)
    about = f"{kind}: {what}"
    opened.stores.audit.append(AuditEntry(at=now, actor=actor, action=AuditAction.EXPORT, about=about))
    with PrivacyJournal.open(opened.project.folder) as journal:
        journal.give(kind, target, what, now=now)
