"""Who is signed in, signing in and signing out: `/api/v1/session`."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from habitue.govern.account_failures import SessionRefusedError, SessionUnknownError
from habitue.govern.roles import Access
from habitue.govern.sessions import NewSession, csrf_of, session_access
from habitue.run.accounts import People
from habitue.run.signing_in import sign_in, sign_in_by_link, sign_out
from habitue.server.asking import check_parameters, decoded, desk_of, json_answer, written, yes
from habitue.server.browsers import check_own_page, set_cookie, take_cookie
from habitue.server.gate import KeyGate
from habitue.server.reception import Reception
from habitue.server.routing import DeclaredRoute, Described, Parameter, route

B = TypeVar("B")
_GROUP: Final = "Signing in"
_LARGEST: Final = 4096
_LONGEST_WORD: Final = 1000
_EVERYWHERE: Final = Parameter(name="everywhere", about="End all sessions of the same person.", kind="boolean")


class SignInAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name and password.

    Attributes:
        name: Of a user.
        password: As typed.
    """

    name: str
    password: str


class LinkAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands behind `#link=` in a link of `habitue users link`.

    Attributes:
        link: The text.
    """

    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFacts:
    """What every page says of the project.

    Attributes:
        name: What it is called.
        noun: Whom it is about.
        currency: ISO 4217; `XXX` is none.
        time_zone: That days and hours are counted in.
    """

    name: str
    noun: str
    currency: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSeen:
    """Who asks, and what they may do.

    Attributes:
        signed_in: Whether anybody is known; all else is empty where nobody is.
        name: Who.
        actor: The same as the audit log has it.
        role: As what.
        permissions: What that allows in this project.
        how: By what they are known: `account`, `link`, `provider` or `key`.
        project: What every page says of the project.
        csrf: What changes have to show as `X-CSRF-Token`; empty with a key.
        expires_at: When they have to sign in again, however much they do.
        provider: What the button of the provider says; None where none vouches for people.
    """

    signed_in: bool
    name: str = ""
    actor: str = ""
    role: str | None = None
    permissions: tuple[str, ...] = ()
    how: str = ""
    project: ProjectFacts | None = None
    csrf: str = ""
    expires_at: datetime | None = None
    provider: str | None = None


def session_routes() -> Iterator[DeclaredRoute]:
    """The routes about who is signed in; they say nothing to whoever is not."""
    yield route(
        "/api/v1/session",
        _seen,
        methods=["GET"],
        permission=None,
        name="session",
        summary="Who asks, what they may do, and what every page says of the project.",
        described=Described(answer=SessionSeen, group=_GROUP),
    )
    yield route(
        "/api/v1/session",
        _sign_in,
        methods=["POST"],
        permission=None,
        name="sign_in",
        summary="Sign in with a name and password; the session comes as a cookie.",
        described=Described(body=SignInAsked, answer=SessionSeen, group=_GROUP, largest_body=_LARGEST),
    )
    yield route(
        "/api/v1/session/link",
        _sign_in_by_link,
        methods=["POST"],
        permission=None,
        name="sign_in_by_link",
        summary="Sign in with a link of `habitue users link`, which is good once.",
        described=Described(body=LinkAsked, answer=SessionSeen, group=_GROUP, largest_body=_LARGEST),
    )
    yield route(
        "/api/v1/session",
        _sign_out,
        methods=["DELETE"],
        permission=None,
        name="sign_out",
        summary="Sign out, here or everywhere.",
        described=Described(parameters=(_EVERYWHERE,), answer=SessionSeen, group=_GROUP),
    )


def reception_of(request: Request) -> Reception:
    """Where people are let in: `app.state.reception`."""
    reception: Reception = request.app.state.reception
    return reception


def gate_of(request: Request) -> KeyGate:
    """Who knows who asks: `app.state.gate`."""
    gate: KeyGate = request.app.state.gate
    return gate


async def _seen(request: Request) -> Response:
    check_parameters(request)
    gate = gate_of(request)
    if "authorization" in request.headers:
        access = await gate.admit(request)
        return json_answer(written(_known(request, access, name=access.actor.partition(":")[2], how="key")))
    with suppress(SessionRefusedError):
        found = await gate.signed_in(request)
        if found is not None:
            seen = _known(
                request,
                found.access,
                name=found.session.name,
                how=found.session.how.value,
                csrf=found.csrf,
                expires_at=found.session.ends_at,
            )
            return json_answer(written(seen))
    return json_answer(written(_nobody(request)))


async def _sign_in(request: Request) -> Response:
    asked = await _brought(request, SignInAsked)
    # What is longer is nobody's; to hash it would take its time.
    name, password = asked.name[:_LONGEST_WORD], asked.password[:_LONGEST_WORD]
    return await _begin(request, lambda people: sign_in(people, name, password))


async def _sign_in_by_link(request: Request) -> Response:
    asked = await _brought(request, LinkAsked)
    return await _begin(request, lambda people: sign_in_by_link(people, asked.link[:_LONGEST_WORD]))


async def _brought(request: Request, shape: type[B]) -> B:
    """What a page of one's own brings; others could sign people in as somebody else."""
    check_parameters(request)
    check_own_page(request, gate_of(request).origin(request))
    return await decoded(request, shape)


async def _begin(request: Request, work: Callable[[People], NewSession]) -> Response:
    begun = await reception_of(request).do(work)
    narrowed = desk_of(request).readers.watch.last.roles
    access = session_access(begun.session, narrowed)
    seen = _known(
        request,
        access,
        name=begun.session.name,
        how=begun.session.how.value,
        csrf=csrf_of(begun.token),
        expires_at=begun.session.ends_at,
    )
    response = json_answer(written(seen))
    keep_session(request, response, begun)
    return response


def keep_session(request: Request, response: Response, begun: NewSession) -> None:
    """Have the browser keep a session that has begun."""
    session = begun.session
    seconds = int((session.expires_at - session.made_at).total_seconds())
    set_cookie(response, gate_of(request).origin(request), begun.token, seconds=seconds)


async def _sign_out(request: Request) -> Response:
    check_parameters(request)
    everywhere = yes(request, "everywhere")
    gate = gate_of(request)
    response = json_answer(written(_nobody(request)))
    with suppress(SessionRefusedError):
        found = await gate.signed_in(request)
        if found is None:
            return response
        # Asks for what changes have to show.
        await gate.admit(request)
        session = found.session
        with suppress(SessionUnknownError):
            await reception_of(request).do(lambda people: sign_out(people, session, everywhere=everywhere))
    take_cookie(response, gate.origin(request))
    return response


def _known(
    request: Request, access: Access, *, name: str, how: str, csrf: str = "", expires_at: datetime | None = None
) -> SessionSeen:
    settings = desk_of(request).readers.watch.last.settings
    return SessionSeen(
        signed_in=True,
        name=name,
        actor=access.actor,
        role=access.role.value,
        permissions=tuple(sorted(each.value for each in access.permissions)),
        how=how,
        project=ProjectFacts(
            name=settings.name, noun=settings.noun, currency=settings.currency, time_zone=settings.time_zone
        ),
        csrf=csrf,
        expires_at=expires_at,
        provider=_provider(request),
    )


def _nobody(request: Request) -> SessionSeen:
    return SessionSeen(signed_in=False, provider=_provider(request))


def _provider(request: Request) -> str | None:
    said = desk_of(request).readers.watch.last.settings.sign_in
    return None if said is None else said.label or "Sign in with your organisation"
