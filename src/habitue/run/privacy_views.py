"""What is kept, what people asked for, and what was done about it, for who keeps privacy."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from habitue.govern.audit import AuditAction, AuditLine
from habitue.govern.catalogue import PERSONAL, TERMS, Category, TableDeclaration
from habitue.govern.requests import PrivacyJournal, Recipient
from habitue.govern.roles import Access, Permission
from habitue.run.catalogue import project_catalogue
from habitue.run.workspace import Workspace

MOST_REQUESTS: Final = 200
ANSWER_WITHIN: Final = timedelta(days=30)
"""GDPR 12(3): one month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRequest:
    """Something that somebody asked of whoever keeps their data.

    Attributes:
        request_id: Random; of an export empty.
        kind: `erase` or `export`.
        subjects: Whom it is about, by random id; such an id says nothing once its person was erased.
        state: `open` or `done`.
        asked_at: When it was given.
        done_at: When it was carried out; None while it is open.
        due_at: When it has to be answered.
        actor: Who carried it out, as the audit log names them; empty where it does not say.
        proof: How it is known to be done; empty while it is open.
    """

    request_id: str
    kind: str
    subjects: tuple[str, ...]
    state: str
    asked_at: datetime
    done_at: datetime | None
    due_at: datetime
    actor: str
    proof: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyRequests:
    """What people asked for, and whom their data was given to.

    Attributes:
        requests: The newest first.
        recipients: Everywhere that data of people was given to: they are told of an erasure.
    """

    requests: tuple[SeenRequest, ...]
    recipients: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptColumn:
    """One column that is kept.

    Attributes:
        name: Its name.
        label: A few words for people; empty for none.
        category: What it says of a person.
        term: The same in the Data Privacy Vocabulary.
        about_people: Whether that is personal data.
        sealed: Whether its clear value is kept in the vault only.
    """

    name: str
    label: str
    category: Category
    term: str
    about_people: bool
    sealed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTable:
    """One table that is kept.

    Attributes:
        store: Where.
        table: Its name.
        label: What one of its rows is.
        subject_key: The column that says whose a row is; empty where rows are nobody's.
        purposes: What its data is used for.
        retention: How long its rows stay.
        columns: In order.
    """

    store: str
    table: str
    label: str
    subject_key: str
    purposes: tuple[str, ...]
    retention: str
    columns: tuple[KeptColumn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """A page of the audit log, the newest first.

    Attributes:
        entries: The page.
        next_cursor: What to ask the next page with; None on the last.
    """

    entries: tuple[AuditLine, ...]
    next_cursor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditAsked:
    """Which entries of the audit log.

    Attributes:
        before: Only entries with a smaller number; None for all.
        limit: How many at most.
        action: Only this; None for all.
        subject: Only about this person; empty for all.
        actor: Only by this one; empty for all.
        since: Only from this instant on.
        until: Only before this instant.
    """

    before: int | None = None
    limit: int = 100
    action: AuditAction | None = None
    subject: str = ""
    actor: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def takes(self, entry: AuditLine) -> bool:
        """Whether an entry is asked for."""
        return (
            self.action in (None, entry.action)
            and self.subject in ("", entry.subject)
            and self.actor in ("", entry.actor)
            and (self.since is None or entry.at >= self.since)
            and (self.until is None or entry.at < self.until)
        )


def view_requests(workspace: Workspace, access: Access) -> PrivacyRequests:
    """What people asked for, the newest first.

    Args:
        workspace: The open project.
        access: Who asks.

    Raises:
        RoleForbiddenError: The role does not keep privacy.
    """
    access.need(Permission.MANAGE_PRIVACY)
    with PrivacyJournal.open(workspace.project.folder) as journal:
        orders, recipients = journal.requests(), journal.recipients()
    lines = [
        each
        for each in workspace.audit.lines(actions={AuditAction.ERASE, AuditAction.EXPORT}, limit=10 * MOST_REQUESTS)
        if each.subject
    ]
    by_subject = {(each.action, each.subject): each.actor for each in reversed(lines)}
    found = [
        SeenRequest(
            request_id=each.request_id,
            kind="erase",
            subjects=each.subjects,
            state="open" if each.is_open else "done",
            asked_at=each.asked_at,
            done_at=each.done_at,
            due_at=each.asked_at + ANSWER_WITHIN,
            actor=next((by_subject.get((AuditAction.ERASE, one), "") for one in each.subjects), ""),
            proof="" if each.is_open else _proof(workspace, each.subjects),
        )
        for each in orders
    ]
    found += [_export(each) for each in lines if each.action is AuditAction.EXPORT]
    found.sort(key=lambda each: each.asked_at, reverse=True)
    return PrivacyRequests(requests=tuple(found[:MOST_REQUESTS]), recipients=tuple(recipients))


def _proof(workspace: Workspace, subjects: Iterable[str]) -> str:
    """What can be seen at this moment: whether keys and rows of erased people are there again."""
    there = [each for each in subjects if workspace.vault.record_known(each)]
    if there:
        return "The vault knows them again: erase them once more."
    return "Their keys are destroyed: the vault knows none of them, and nothing sealed can be read."


def _export(line: AuditLine) -> SeenRequest:
    return SeenRequest(
        request_id="",
        kind="export",
        subjects=(line.subject,),
        state="done",
        asked_at=line.at,
        done_at=line.at,
        due_at=line.at + ANSWER_WITHIN,
        actor=line.actor,
        proof=f"Entry {line.number:,} of the audit log.",
    )


def view_audit_page(workspace: Workspace, access: Access, asked: AuditAsked) -> AuditPage:
    """A page of the audit log, the newest first.

    Args:
        workspace: The open project.
        access: Who asks.
        asked: Which entries.

    Raises:
        RoleForbiddenError: The role does not read the audit log.
    """
    access.need(Permission.READ_AUDIT)
    found = workspace.audit.lines(takes=asked.takes, before=asked.before, limit=asked.limit + 1)
    shown = found[: asked.limit]
    return AuditPage(entries=tuple(shown), next_cursor=shown[-1].number if len(found) > len(shown) else None)


def view_catalogue(workspace: Workspace, access: Access) -> list[KeptTable]:
    """Every table that the project keeps, with what each of its columns says of people.

    Args:
        workspace: The open project.
        access: Who asks.

    Raises:
        RoleForbiddenError: The role does not keep privacy.
    """
    access.need(Permission.MANAGE_PRIVACY)
    return [_kept(each) for each in project_catalogue(workspace.project).tables]


def _kept(table: TableDeclaration) -> KeptTable:
    return KeptTable(
        store=table.store.value,
        table=table.name,
        label=table.label,
        subject_key=table.subject_key,
        purposes=table.purposes,
        retention=table.retention,
        columns=tuple(
            KeptColumn(
                name=each.name,
                label=each.label,
                category=each.category,
                term=TERMS[each.category],
                about_people=each.category in PERSONAL,
                sealed=each.personal,
            )
            for each in table.columns
        ),
    )
