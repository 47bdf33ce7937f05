"""How a route is declared: path, methods, and the permission without which it cannot exist.

Every route of the app is made here and carries its declaration, so that the matrix of routes and roles, `/openapi.json`
and `/docs` are generated from the app itself. A route with a permission asks for it before its handler runs.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol, TypeAlias

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from habitue.errors import HabitueError
from habitue.govern.roles import Access
from habitue.records.permissions import Permission

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]
LARGEST_BODY: Final = 64 * 1024
"""What a request may say to read or ask; events have a limit of their own."""


class Admission(StrEnum):
    """Who a route lets in."""

    ANYBODY = "anybody"
    """Says nothing about anybody's data."""
    BEARER = "bearer"
    """Who brings an API key, or the token of this machine, whose role has the permission."""
    WRITE_KEY = "write_key"
    """Who brings a key that may send events; the handler checks it itself, as client libraries bring it."""


class Gate(Protocol):
    """Knows who asks; `app.state.gate` of an app with routes that want a permission."""

    async def admit(self, request: Request) -> Access:
        """What somebody who sent a request may do.

        Raises:
            HabitueError: They brought no valid key.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a route, from its query.

    Attributes:
        name: As it is sent.
        about: What it means.
        kind: `string`, `integer` or `boolean`.
        required: Whether there has to be one.
        least: The least of a whole number.
        most: The most of a whole number.
    """

    name: str
    about: str
    kind: str = "string"
    required: bool = False
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a route takes and answers, for `/openapi.json`.

    Attributes:
        parameters: Of its query.
        body: What its body is decoded into; None for none.
        answer: What it answers; None for what has no schema.
        media: The kind of its answer.
        status: Of a good answer.
        group: Under which heading it is listed.
        about: More than the summary says.
        largest_body: In bytes; None where the handler bounds it itself.
        is_listed: Whether programs may want it: `/openapi.json` and `/docs` have it.
    """

    parameters: tuple[Parameter, ...] = ()
    body: type | None = None
    answer: object = None
    media: str = "application/json"
    status: int = 200
    group: str = ""
    about: str = ""
    largest_body: int | None = LARGEST_BODY
    is_listed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A route as it was declared.

    Attributes:
        path: With `{names}` of what varies.
        methods: GET, POST, …
        name: Stable name, also its operation id.
        summary: One line for people.
        permission: What it asks for; None where it says nothing about anybody's data.
        admission: Who it lets in.
        described: What it takes and answers.
    """

    path: str
    methods: tuple[str, ...]
    name: str
    summary: str
    permission: Permission | None
    admission: Admission
    described: Described


class DeclaredRoute(Route):
    """A route with its declaration.

    Attributes:
        declared: How it was declared.
    """

    def __init__(self, declared: Declared, endpoint: Handler) -> None:
        super().__init__(declared.path, endpoint, methods=list(declared.methods), name=declared.name)
        self.declared = declared


class RouteUndeclaredError(HabitueError):
    """An app holds a route that says nothing of who may use it."""

    code = "ROUTE-UNDECLARED"

    def __init__(self, path: str) -> None:
        super().__init__(
            what=f"The route {path} does not say who may use it.", do="Make it with habitue.server.routing.route."
        )


def route(
    path: str,
    handler: Handler,
    *,
    methods: Collection[str],
    permission: Permission | None,
    name: str,
    summary: str,
    admission: Admission | None = None,
    described: Described | None = None,
) -> DeclaredRoute:
    """A route of the app.

    Args:
        path: With `{names}` of what varies.
        handler: Answers; behind `BEARER` it finds who asks with `access_of`.
        methods: GET, POST, …
        permission: What it asks for; None where it says nothing about anybody's data.
        name: Stable name, also its operation id.
        summary: One line for people.
        admission: Who it lets in; by default `BEARER` where there is a permission, else `ANYBODY`.
        described: What it takes and answers.

    Raises:
        ValueError: A permission is asked of nobody, or none is asked of somebody.
    """
    admits = admission or (Admission.ANYBODY if permission is None else Admission.BEARER)
    if (permission is None) != (admits is Admission.ANYBODY):
        raise ValueError(path)
    declared = Declared(
        path=path,
        methods=tuple(sorted({each.upper() for each in methods})),
        name=name,
        summary=summary,
        permission=permission,
        admission=admits,
        described=described or Described(),
    )
    endpoint = handler if admits is not Admission.BEARER or permission is None else _admitting(handler, permission)
    return DeclaredRoute(declared, endpoint)


def _admitting(handler: Handler, permission: Permission) -> Handler:
    async def ask_first(request: Request) -> Response:
        gate: Gate = request.app.state.gate
        access = await gate.admit(request)
        access.need(permission)
        request.state.access = access
        return await handler(request)

    return ask_first


def access_of(request: Request) -> Access:
    """What whoever sent a request may do; only behind `BEARER`."""
    access: Access = request.state.access
    return access


def declared_routes(app: Starlette) -> list[Declared]:
    """Every route of an app as it was declared.

    Raises:
        RouteUndeclaredError: One of them was not.
    """
    return [each.declared for each in _walk(app.routes)]


def _walk(routes: Iterable[BaseRoute]) -> Iterator[DeclaredRoute]:
    for each in routes:
        match each:
            case DeclaredRoute():
                yield each
            case Mount():
                yield from _walk(each.routes)
                if not each.routes:
                    raise RouteUndeclaredError(each.path)
            case _:
                raise RouteUndeclaredError(str(getattr(each, "path", "?")))
