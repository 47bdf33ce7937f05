"""For who runs the server: whether it lives, whether it takes events in, and its figures."""

import asyncio
import ipaddress
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from habitue.records.permissions import Permission
from habitue.server.doors import Doors
from habitue.server.figures import CONTENT_TYPE
from habitue.server.guarding import Guard
from habitue.server.problems import problem
from habitue.server.routing import DeclaredRoute, Described, Gate, route

GROUP: Final = "Operate"
_FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class Alive(msgspec.Struct, frozen=True):
    """That the server answers."""

    status: str = "ok"


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the server does all that it is for.

    Attributes:
        ready: Whether every part works.
        parts: Each part, and whether it works.
    """

    ready: bool
    parts: dict[str, bool]


def operate_routes(doors: Doors) -> list[DeclaredRoute]:
    """`/healthz`, `/readyz`, `/metrics`, and `/health` as RudderStack has it."""

    async def alive(request: Request) -> Response:
        del request
        return Response(msgspec.json.encode(Alive()), media_type="application/json")

    async def ready(request: Request) -> Response:
        del request
        parts = _working({"collect": lambda: doors.intake.is_working, **doors.parts})
        said = Ready(ready=all(parts.values()), parts=parts)
        status = HTTPStatus.OK if said.ready else HTTPStatus.SERVICE_UNAVAILABLE
        return Response(msgspec.json.encode(said), status, media_type="application/json")

    async def metrics(request: Request) -> Response:
        if not is_local(request):
            gate: Gate | None = request.app.state.gate
            if gate is None:
                return problem("NOT-FOUND", what="There is nothing here.", do="Ask from the machine it runs on.")
            access = await gate.admit(request)
            access.need(Permission.SEE_AGGREGATES)
        return Response(await asyncio.to_thread(doors.figures.text), media_type=CONTENT_TYPE)

    described = Described(group=GROUP, answer=Alive)
    return [
        route(
            path, alive, methods=["GET"], permission=None, name=name, summary="Whether it lives.", described=described
        )
        for path, name in (("/healthz", "healthz"), ("/health", "health"))
    ] + [
        route(
            "/readyz",
            ready,
            methods=["GET"],
            permission=None,
            name="readyz",
            summary="Whether every part of it works.",
            described=Described(group=GROUP, answer=Ready),
        ),
        route(
            "/metrics",
            metrics,
            methods=["GET"],
            permission=None,
            name="metrics",
            summary="Figures in the format of Prometheus; from this machine, or with a key that sees figures.",
            described=Described(group=GROUP, media="text/plain"),
        ),
    ]


def is_local(request: Request) -> bool:
    """Whether a request comes from this machine, not through something in between, nor from a website in a browser."""
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    return _is_loopback(request.client.host) and _is_loopback(request.url.hostname or "")


def _is_loopback(host: str) -> bool:
    """Whether an address is this machine's; of names only the one that no other machine can have."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _working(parts: Mapping[str, Callable[[], bool]]) -> dict[str, bool]:
    found = {}
    for name, ask in parts.items():
        found[name] = False
        with Guard():
            found[name] = ask()
    return found
