"""Routes for who keeps privacy: how people stand to purposes, what they asked for, what is kept, what was done."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from habitue.govern.audit import AuditAction
from habitue.govern.roles import Access
from habitue.records.permissions import Permission
from habitue.run.consent_overview import ConsentFigures, view_consent_figures
from habitue.run.privacy_views import (
    AuditAsked,
    AuditPage,
    KeptTable,
    PrivacyRequests,
    view_audit_page,
    view_catalogue,
    view_requests,
)
from habitue.run.workspace import Workspace
from habitue.server.asking import ESTIMATE, answered, check_parameters, figured, instant, text, whole
from habitue.server.problems import ParameterError
from habitue.server.routing import DeclaredRoute, Described, Parameter, route

_GROUP: Final = "Privacy"
_FIRST: Final = 2**53
_CURSOR: Final = Parameter(
    name="cursor", about="`next_cursor` of the page before.", kind="integer", least=1, most=_FIRST
)
_LIMIT: Final = Parameter(name="limit", about="How many at most.", kind="integer", least=1, most=200)
_ENTRIES: Final = (
    _CURSOR,
    _LIMIT,
    Parameter(name="action", about=f"Only this: {', '.join(AuditAction)}."),
    Parameter(name="subject", about="Only about this person, by id."),
    Parameter(name="actor", about="Only by this one."),
    Parameter(name="since", about="Only from this instant on, ISO 8601."),
    Parameter(name="until", about="Only before this instant, ISO 8601."),
)


def privacy_view_routes() -> Iterator[DeclaredRoute]:
    """Every route for who keeps privacy that only shows."""
    yield route(
        "/api/v1/privacy/consents",
        _consents,
        methods=["GET"],
        permission=Permission.MANAGE_PRIVACY,
        name="consent_figures",
        summary="How everybody stands to every purpose, and what was said in the year before, day by day.",
        described=Described(parameters=(ESTIMATE,), answer=ConsentFigures, group=_GROUP),
    )
    yield route(
        "/api/v1/privacy/requests",
        _requests,
        methods=["GET"],
        permission=Permission.MANAGE_PRIVACY,
        name="privacy_requests",
        summary="What people asked for, whether it is done and how that is known, and whom their data was given to.",
        described=Described(answer=PrivacyRequests, group=_GROUP),
    )
    yield route(
        "/api/v1/privacy/catalogue",
        _catalogue,
        methods=["GET"],
        permission=Permission.MANAGE_PRIVACY,
        name="privacy_catalogue",
        summary="Every table that is kept, and what each of its columns says of people.",
        described=Described(answer=list[KeptTable], group=_GROUP),
    )
    yield route(
        "/api/v1/privacy/audit/entries",
        _entries,
        methods=["GET"],
        permission=Permission.READ_AUDIT,
        name="audit_entries",
        summary="The audit log, the newest first, a page at a time.",
        described=Described(parameters=_ENTRIES, answer=AuditPage, group=_GROUP),
    )


async def _consents(request: Request) -> Response:
    check_parameters(request)
    return await figured(request, view_consent_figures, first=partial(view_consent_figures, estimate=True))


async def _requests(request: Request) -> Response:
    check_parameters(request)
    return await answered(request, view_requests)


async def _catalogue(request: Request) -> Response:
    check_parameters(request)
    return await answered(request, view_catalogue)


async def _entries(request: Request) -> Response:
    check_parameters(request)
    before, limit = whole(request, _CURSOR, usual=_FIRST), whole(request, _LIMIT, usual=100)
    action = _action(text(request, "action", most=40))
    subject, actor = (text(request, name, most=200) or "" for name in ("subject", "actor"))
    since, until = instant(request, "since"), instant(request, "until")

    def look(workspace: Workspace, access: Access) -> AuditPage:
        asked = AuditAsked(
            before=before,
            limit=limit,
            action=action,
            subject=subject,
            actor=actor,
            since=workspace.instant(since),
            until=workspace.instant(until),
        )
        return view_audit_page(workspace, access, asked)

    return await answered(request, look)


def _action(name: str | None) -> AuditAction | None:
    if name is None:
        return None
    try:
        return AuditAction(name)
    except ValueError:
        what = "Nothing of that name is done here."
        raise ParameterError("action", what=what, do=f"Send one of {', '.join(AuditAction)}.") from None
