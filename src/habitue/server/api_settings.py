"""Routes about who works here: users, roles, sessions, and the facts of the project."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from habitue.errors import HabitueError
from habitue.govern.accounts import User
from habitue.govern.roles import Access, Role
from habitue.govern.sessions import Session
from habitue.records.permissions import Permission
from habitue.run.accounts import (
    People,
    add_user,
    change_password,
    change_role,
    disable_user,
    enable_user,
    remove_user,
)
from habitue.run.project import Project
from habitue.run.role_views import RoleSeen, list_roles
from habitue.run.signing_in import end_session
from habitue.server.api_session import gate_of, reception_of
from habitue.server.asking import check_parameters, check_text, decoded, desk_of, json_answer, written
from habitue.server.routing import DeclaredRoute, Described, Handler, access_of, route

_GROUP: Final = "Settings"
_LONGEST: Final = 300
_USER: Final = "user:"


class YourselfError(HabitueError):
    """Somebody takes away from themselves what they would need to give it back."""

    code = "USER-SELF"

    def __init__(self) -> None:
        super().__init__(what="You would shut yourself out.", do="Have another admin do it, or use the terminal.")


class UserAdded(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who is to sign in.

    Attributes:
        name: Small letters, digits and . _ @ + -
        role: As what.
        password: The first one.
    """

    name: str
    role: Role
    password: str


class UserChanged(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What changes about a user; what is left out stays.

    Attributes:
        role: As what they sign in.
        password: The new one; they are signed out everywhere.
        disabled: Whether they are kept out for now.
    """

    role: Role | None = None
    password: str | None = None
    disabled: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionListed:
    """Somebody who is signed in.

    Attributes:
        id: By which it is ended.
        name: Who.
        role: As what.
        how: By what they signed in: `account`, `link` or `provider`.
        made_at: Since when.
        used_at: When it was used last.
        ends_at: When it ends if nobody uses it.
        is_yours: Whether it is the one that asks.
    """

    id: str
    name: str
    role: str
    how: str
    made_at: datetime
    used_at: datetime
    ends_at: datetime
    is_yours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What is there no longer.

    Attributes:
        removed: Its name or id.
    """

    removed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSettings:
    """What `habitue.yaml` says, and where.

    Attributes:
        name: What the project is called.
        noun: Whom it is about.
        currency: ISO 4217; `XXX` is none.
        time_zone: That days and hours are counted in.
        as_of: The moment of the answers.
        visit_gap_seconds: A visit ends when nothing happened for so long.
        build_seconds: How often it is built by itself; None for never.
        retention_seconds: How often what was kept long enough is removed; None for never.
        address: Where people reach the server; None where they sit at this machine.
        provider: Who vouches for people; None for nobody.
        live_sources: The sources that take events in.
        version: Of Habitue.
    """

    name: str
    noun: str
    currency: str
    time_zone: str
    as_of: str
    visit_gap_seconds: float
    build_seconds: float | None
    retention_seconds: float | None
    address: str | None
    provider: str | None
    live_sources: tuple[str, ...]
    version: str


def settings_routes() -> Iterator[DeclaredRoute]:
    """Every route about who works here."""
    yield _route("/users", _users, "GET", "list_users", "Who may sign in, and as what.", answer=list[User])
    yield _route("/users", _add, "POST", "add_user", "Let somebody sign in.", body=UserAdded, answer=User)
    yield _route(
        "/users/{name}",
        _change,
        "PATCH",
        "change_user",
        "Another role or password, or kept out for now.",
        body=UserChanged,
        answer=User,
    )
    yield _route("/users/{name}", _remove, "DELETE", "remove_user", "Let somebody sign in no longer.", answer=Removed)
    yield _route("/sessions", _sessions, "GET", "list_sessions", "Who is signed in.", answer=list[SessionListed])
    yield _route("/sessions/{id}", _end, "DELETE", "end_session", "Sign somebody out.", answer=Removed)
    yield route(
        "/api/v1/settings/roles",
        _roles,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="list_roles",
        summary="What each role may do here.",
        described=Described(answer=list[RoleSeen], group=_GROUP),
    )
    yield route(
        "/api/v1/settings/project",
        _project,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="project_settings",
        summary="What the settings of the project say.",
        described=Described(answer=ProjectSettings, group=_GROUP),
    )


def _route(
    path: str,
    handler: Handler,
    method: str,
    name: str,
    summary: str,
    *,
    answer: object,
    body: type | None = None,
) -> DeclaredRoute:
    return route(
        f"/api/v1/settings{path}",
        handler,
        methods=[method],
        permission=Permission.MANAGE_USERS,
        name=name,
        summary=summary,
        described=Described(body=body, answer=answer, group=_GROUP),
    )


async def _users(request: Request) -> Response:
    check_parameters(request)
    return json_answer(written(await reception_of(request).do(lambda people: people.accounts.users())))


async def _add(request: Request) -> Response:
    check_parameters(request)
    actor = access_of(request).actor
    asked = await decoded(request, UserAdded)
    name, password = _name(asked.name), check_text("password", asked.password)

    def work(people: People) -> User:
        return add_user(people, name, asked.role, password, actor=actor)

    return json_answer(written(await reception_of(request).do(work)))


async def _change(request: Request) -> Response:
    check_parameters(request)
    access, name = access_of(request), _name(request.path_params["name"])
    asked = await decoded(request, UserChanged)
    if asked.password is not None:
        check_text("password", asked.password)
    if asked.disabled or (asked.role is not None and asked.role is not access.role):
        _check_other(access, name)
    return json_answer(written(await reception_of(request).do(lambda people: _changed(people, name, asked, access))))


def _changed(people: People, name: str, asked: UserChanged, access: Access) -> User:
    actor = access.actor
    user = people.accounts.user(name)
    # What may be refused comes first.
    if asked.password is not None:
        user = change_password(people, name, asked.password, actor=actor)
    if asked.role is not None and asked.role is not user.role:
        user = change_role(people, name, asked.role, actor=actor)
    if asked.disabled is not None and asked.disabled is (user.disabled_at is None):
        user = (disable_user if asked.disabled else enable_user)(people, name, actor=actor)
    return user


async def _remove(request: Request) -> Response:
    check_parameters(request)
    access, name = access_of(request), _name(request.path_params["name"])
    _check_other(access, name)
    await reception_of(request).do(lambda people: remove_user(people, name, actor=access.actor))
    return json_answer(written(Removed(removed=name)))


def _check_other(access: Access, name: str) -> None:
    if access.actor == f"{_USER}{name}":
        raise YourselfError


def _name(text: str) -> str:
    return check_text("name", text, most=_LONGEST)


async def _sessions(request: Request) -> Response:
    check_parameters(request)
    own = None if "authorization" in request.headers else await gate_of(request).signed_in(request)
    found = await reception_of(request).do(lambda people: people.sessions.sessions(now=people.now))
    own_id = "" if own is None else own.session.id
    return json_answer(written([_listed(each, own_id) for each in found]))


def _listed(session: Session, own_id: str) -> SessionListed:
    return SessionListed(
        id=session.id,
        name=session.name,
        role=session.role.value,
        how=session.how.value,
        made_at=session.made_at,
        used_at=session.used_at,
        ends_at=session.ends_at,
        is_yours=session.id == own_id,
    )


async def _end(request: Request) -> Response:
    check_parameters(request)
    actor, session_id = access_of(request).actor, check_text("id", request.path_params["id"], most=_LONGEST)
    await reception_of(request).do(lambda people: end_session(people, session_id, actor=actor))
    return json_answer(written(Removed(removed=session_id)))


async def _roles(request: Request) -> Response:
    check_parameters(request)
    return json_answer(written(list_roles(desk_of(request).readers.watch.last.roles)))


async def _project(request: Request) -> Response:
    check_parameters(request)
    return json_answer(written(_settings(desk_of(request).readers.watch.last)))


def _settings(project: Project) -> ProjectSettings:
    said = project.settings
    build_us, retention_us = said.schedule.build_us, said.schedule.retention_us
    return ProjectSettings(
        name=said.name,
        noun=said.noun,
        currency=said.currency,
        time_zone=said.time_zone,
        as_of=said.as_of if isinstance(said.as_of, str) else said.as_of.isoformat(),
        visit_gap_seconds=said.session.gap.total_seconds(),
        build_seconds=None if build_us is None else build_us / 1e6,
        retention_seconds=None if retention_us is None else retention_us / 1e6,
        address=said.address,
        provider=None if said.sign_in is None else said.sign_in.issuer,
        live_sources=tuple(plan.name for plan in project.sources.collected),
        version=metadata.version("habitue"),
    )
