"""Routes for what people may ask of whoever keeps their data, and for what the law asks for."""

import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from habitue.config import state_folder
from habitue.govern.consent import ConsentState
from habitue.govern.roles import Access
from habitue.records.permissions import Permission
from habitue.run.auditing import AuditReport, read_audit
from habitue.run.consenting import ConsentOverview, Word, record_consent, show_consent
from habitue.run.customers import find_customer, find_speaker, records_meant
from habitue.run.erasing import Erasure, erase
from habitue.run.exporting import export_person
from habitue.run.retention import RetentionEntry, list_retention
from habitue.run.workspace import Workspace
from habitue.server.api_customers import customer_in
from habitue.server.asking import (
    answered,
    changed,
    check_parameters,
    check_text,
    decoded,
    desk_of,
    instant,
    parse_instant,
    text,
    whole,
)
from habitue.server.problems import ParameterError
from habitue.server.routing import DeclaredRoute, Described, Parameter, access_of, route

_GROUP: Final = "Privacy"
_MOST_ERASED: Final = 1000
_LONGEST_EXPORT_S: Final = 120.0
_VERIFY: Final = Parameter(name="verify", about="Go through the whole chain.", kind="boolean")
_SUBJECT: Final = Parameter(name="subject", about="Only about this person, by id.")
_SINCE: Final = Parameter(name="since", about="Only from this instant on, ISO 8601.")
_LIMIT: Final = Parameter(name="limit", about="How many at most.", kind="integer", least=1, most=10_000)


class EraseAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is to be erased.

    Attributes:
        customers: Ids, `user_id:42`, `email:…`.
        dry_run: Only say what would go.
    """

    customers: tuple[str, ...]
    dry_run: bool = False


class ConsentAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody says about a purpose.

    Attributes:
        state: `given`, `withdrawn`, `objected`, `restricted` or `lifted`.
        purpose: A declared purpose; none for `restricted` and `lifted`.
        occurred_at: When, ISO 8601; by default now.
        source: Where: a form, a letter, a call.
        text_version: The wording they were shown.
        region: Where they were.
    """

    state: ConsentState
    purpose: str = ""
    occurred_at: str | None = None
    source: str = ""
    text_version: str = ""
    region: str = ""


def privacy_routes() -> Iterator[DeclaredRoute]:
    """Every route about privacy."""
    yield route(
        "/api/v1/customers/{id}/export",
        _export,
        methods=["POST"],
        permission=Permission.MANAGE_PRIVACY,
        name="export_customer",
        summary="Everything known of somebody, as a zip of JSON and CSV; it is audited.",
        described=Described(media="application/zip", group=_GROUP),
    )
    yield route(
        "/api/v1/customers/{id}/consents",
        _consents,
        methods=["GET"],
        permission=Permission.MANAGE_PRIVACY,
        name="show_consents",
        summary="What somebody allows, and everything they said about it.",
        described=Described(answer=ConsentOverview, group=_GROUP),
    )
    yield route(
        "/api/v1/customers/{id}/consents",
        _record,
        methods=["POST"],
        permission=Permission.MANAGE_PRIVACY,
        name="record_consent",
        summary="Put on record what somebody says; it counts in every answer after this one.",
        described=Described(body=ConsentAsked, answer=ConsentOverview, group=_GROUP),
    )
    yield route(
        "/api/v1/privacy/erase",
        _erase,
        methods=["POST"],
        permission=Permission.MANAGE_PRIVACY,
        name="erase",
        summary="Erase people for good, everywhere; it cannot be taken back.",
        described=Described(body=EraseAsked, answer=Erasure, group=_GROUP),
    )
    yield route(
        "/api/v1/privacy/audit",
        _audit,
        methods=["GET"],
        permission=Permission.READ_AUDIT,
        name="audit",
        summary="Who looked at or changed what about whom, and whether that list can be believed.",
        described=Described(parameters=(_VERIFY, _SUBJECT, _SINCE, _LIMIT), answer=AuditReport, group=_GROUP),
    )
    yield route(
        "/api/v1/privacy/retention",
        _retention,
        methods=["GET"],
        permission=Permission.MANAGE_PRIVACY,
        name="retention",
        summary="How long data stays, and what is too old now.",
        described=Described(answer=list[RetentionEntry], group=_GROUP),
    )


async def _export(request: Request) -> Response:
    check_parameters(request)
    wanted, access = customer_in(request), access_of(request)

    def work(workspace: Workspace) -> bytes:
        return archive_of(workspace, wanted, actor=access.actor)

    body = await desk_of(request).readers.read(work, seconds=_LONGEST_EXPORT_S)
    headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="customer.zip"'}
    return Response(body, media_type="application/zip", headers=headers)


def archive_of(workspace: Workspace, wanted: str, *, actor: str) -> bytes:
    """A person's archive, which is on disk no longer than it takes to make it.

    Args:
        workspace: The open project.
        wanted: An id, `user_id:42`, `email:…`.
        actor: Who asked, for the audit log.

    Raises:
        HabitueError: There is no such customer, or nothing was built yet.
    """
    customer = find_customer(workspace, wanted)
    with tempfile.TemporaryDirectory(dir=state_folder(workspace.project.folder), prefix="export-") as folder:
        path = Path(folder) / "customer.zip"
        export_person(workspace, customer, path, actor=actor)
        return path.read_bytes()


async def _consents(request: Request) -> Response:
    check_parameters(request)
    wanted = customer_in(request)

    def look(workspace: Workspace, access: Access) -> ConsentOverview:
        access.need(Permission.MANAGE_PRIVACY)
        return show_consent(workspace, find_speaker(workspace, wanted))

    return await answered(request, look)


async def _record(request: Request) -> Response:
    check_parameters(request)
    wanted = customer_in(request)
    asked = await decoded(request, ConsentAsked)
    for name in ("purpose", "source", "text_version", "region"):
        check_text(name, getattr(asked, name))
    at = parse_instant("occurred_at", asked.occurred_at)

    def work(workspace: Workspace) -> ConsentOverview:
        word = _word(asked, workspace.instant(at))
        person = find_speaker(workspace, wanted)
        return record_consent(workspace, person, word, records=records_meant(workspace, wanted))

    return await changed(desk_of(request), work, only_words=not asked.state.is_about_all)


def _word(asked: ConsentAsked, at: datetime | None) -> Word:
    return Word(
        state=asked.state,
        purpose=asked.purpose,
        occurred_at=at,
        source=asked.source,
        text_version=asked.text_version,
        region=asked.region,
    )


async def _erase(request: Request) -> Response:
    check_parameters(request)
    access = access_of(request)
    asked = await decoded(request, EraseAsked)
    if not 0 < len(asked.customers) <= _MOST_ERASED:
        what = f"Name 1 to {_MOST_ERASED:,} customers."
        raise ParameterError("customers", what=what, do="Send several requests for more.")
    for each in asked.customers:
        check_text("customers", each, most=300)

    def work(workspace: Workspace) -> Erasure:
        return erase(workspace, asked.customers, actor=access.actor, dry_run=asked.dry_run)

    return await _changed(request, work)


async def _changed(request: Request, work: Callable[[Workspace], object]) -> Response:
    """What a change of the project answers, made by the thread that owns it; whoever asked may go away meanwhile."""
    return await changed(desk_of(request), work)


async def _audit(request: Request) -> Response:
    check_parameters(request)
    verify = (text(request, "verify", most=5) or "").lower() in {"1", "true", "yes"}
    subject, since = text(request, "subject", most=100), instant(request, "since")
    limit = whole(request, _LIMIT, usual=100)

    def look(workspace: Workspace, access: Access) -> AuditReport:
        access.need(Permission.READ_AUDIT)
        from_ = workspace.instant(since)
        return read_audit(workspace.audit, verify=verify, subject=subject, since=from_, limit=limit)

    return await answered(request, look)


async def _retention(request: Request) -> Response:
    check_parameters(request)

    def look(workspace: Workspace, access: Access) -> list[RetentionEntry]:
        access.need(Permission.MANAGE_PRIVACY)
        return list(list_retention(workspace.project, workspace.stores, now=workspace.clock()))

    return await answered(request, look)
