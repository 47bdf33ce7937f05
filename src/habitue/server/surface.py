"""What surrounds every route: an id for each request, headers that browsers heed, and an answer whatever happens."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from itertools import count
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from habitue.records.permissions import Permission
from habitue.server.collect_answers import opened, refused
from habitue.server.figures import Figures
from habitue.server.guarding import Guard
from habitue.server.problems import problem
from habitue.server.refusals import failed_here
from habitue.server.routing import DeclaredRoute
from habitue.server.telling import Teller

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Where a route does not say otherwise."""
_CODES: Final = {404: "NOT-FOUND", 405: "NOT-ALLOWED"}
_CLOSED: Final = tuple((name.lower().encode(), value.encode()) for name, value in HEADERS.items())
_OPEN: Final = (*_CLOSED[:-1], (b"cross-origin-resource-policy", b"cross-origin"))
_ID_BYTES: Final = 4
_TOLD_A_SECOND: Final = 20
_SAYING_NO: Final = frozenset({"readyz"})
"""Routes whose answer it is that something is not ready: nobody is refused."""


class Surface:
    """Surrounds an app; a plain ASGI middleware, so that answers that stream are not held up.

    Args:
        app: What it surrounds.
        figures: Counts answers and what was not foreseen.
        teller: Writes what was refused.
        random: So many bytes of chance, for ids of requests.
    """

    def __init__(self, app: ASGIApp, figures: Figures, teller: Teller, random: Callable[[int], bytes]) -> None:
        self._app = app
        self._figures = figures
        self._teller = teller
        self._ids = _ids(random)
        self._told_since, self._told = 0.0, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status, number = asyncio.get_running_loop().time(), 0, next(self._ids)

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _dressed(message.get("headers", ()), number, is_collecting=_is_collecting(scope))
            await send(message)

        with Guard() as guard:
            await self._app(scope, receive, sending)
        error = guard.error
        if error is not None:
            self._figures.stumbled(error)
            if not status:
                await _sorry(scope)(scope, receive, sending)
        route = _name(scope)
        self._figures.answered(route, status)
        if error is not None or (status >= HTTPStatus.BAD_REQUEST and route not in _SAYING_NO):
            code = "UNEXPECTED" if error is not None else _code(scope, status)
            seconds = round(asyncio.get_running_loop().time() - begun, 4)
            self._figures.refused(code)
            if self._may_tell(begun):
                self._teller.info("refused", request=number, route=route, status=status, code=code, seconds=seconds)

    def _may_tell(self, now: float) -> bool:
        """Whether a refusal is written: so many a second, that nobody fills a disk; all of them are counted."""
        if now - self._told_since >= 1.0:
            self._told_since, self._told = now, 0
        self._told += 1
        return self._told <= _TOLD_A_SECOND


def _code(scope: Scope, status: int) -> str:
    """Why a request was refused, by the code that its answer has."""
    said = scope.get("state", {}).get("code")
    return str(said) if said else _CODES.get(status, HTTPStatus(status).phrase.upper().replace(" ", "-"))


def _ids(random: Callable[[int], bytes]) -> Iterator[str]:
    """Ids of requests: what is of this start of the server, and a number."""
    begun = random(_ID_BYTES).hex()
    return (f"{begun}-{number}" for number in count(1))


def _dressed(said: Iterable[tuple[bytes, bytes]], number: str, *, is_collecting: bool) -> list[tuple[bytes, bytes]]:
    """The headers of an answer with those that it lacks."""
    headers = list(said)
    named = {name for name, _ in headers}
    headers += [each for each in (_OPEN if is_collecting else _CLOSED) if each[0] not in named]
    headers.append((b"x-request-id", number.encode()))
    return headers


def _sorry(scope: Scope) -> ASGIApp:
    """The answer to what was not foreseen: whoever sends events is to send them again."""
    if _is_collecting(scope):
        return opened(Request(scope), refused(failed_here()))
    what, do = "Habitue met something it does not foresee.", "The server's log names the place; please report it."
    return problem("UNEXPECTED", what=what, do=do)


def _is_collecting(scope: Scope) -> bool:
    declared = _declared(scope)
    return declared is not None and declared.declared.permission is Permission.COLLECT


def _name(scope: Scope) -> str:
    declared = _declared(scope)
    return "" if declared is None else declared.declared.name


def _declared(scope: Scope) -> DeclaredRoute | None:
    found = scope.get("route")
    return found if isinstance(found, DeclaredRoute) else None
