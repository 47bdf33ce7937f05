"""Signing in by a provider: to it, and back."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from habitue.errors import HabitueError
from habitue.run.signing_in import sign_in_by_provider
from habitue.server.api_session import gate_of, keep_session, reception_of
from habitue.server.asking import check_parameters, text
from habitue.server.browsers import Origin, cookie_of
from habitue.server.openid import VALID, Provider
from habitue.server.openid_claims import ProviderRefusedError
from habitue.server.routing import DeclaredRoute, Described, Parameter, route
from habitue.server.static import is_page

_GROUP: Final = "Signing in"
_DONE: Final = "/api/v1/session/provider/done"
_NEXT: Final = Parameter(name="next", about="The page to come back to, such as /segments.")
_CODE: Final = Parameter(name="code", about="What the provider gave.")
_STATE: Final = Parameter(name="state", about="What somebody was sent with.")
_LONGEST: Final = 4096


def provider_routes() -> Iterator[DeclaredRoute]:
    """The routes to a provider and back; both lead a browser on."""
    yield route(
        "/api/v1/session/provider",
        _begin,
        methods=["GET"],
        permission=None,
        name="sign_in_at_provider",
        summary="Leads to the provider that vouches for people.",
        described=Described(parameters=(_NEXT,), status=303, media="text/html", group=_GROUP),
    )
    yield route(
        _DONE,
        _done,
        methods=["GET"],
        permission=None,
        name="signed_in_at_provider",
        summary="Where the provider leads back to; the session comes as a cookie.",
        described=Described(parameters=(_CODE, _STATE), status=303, media="text/html", group=_GROUP),
    )


def _provider_of(request: Request) -> Provider:
    provider: Provider = request.app.state.provider
    return provider


async def _begin(request: Request) -> Response:
    check_parameters(request)
    origin = gate_of(request).origin(request)
    try:
        begun = await _provider_of(request).begin(redirect=f"{origin.url}{_DONE}", wanted=_wanted(request))
    except HabitueError as error:
        return _refused(request, error)
    response = _on(begun.url)
    # It has to come back with somebody whom the provider leads here: not `strict`, and worth nothing but that.
    response.set_cookie(
        _cookie(origin),
        begun.binding,
        max_age=int(VALID.total_seconds()),
        path="/",
        secure=origin.is_safe,
        httponly=True,
        samesite="lax",
    )
    return response


async def _done(request: Request) -> Response:
    origin = gate_of(request).origin(request)
    try:
        code, state = (text(request, name, most=_LONGEST) for name in ("code", "state"))
        binding = cookie_of(request, _cookie(origin))
        if code is None or state is None or binding is None:
            raise ProviderRefusedError("somebody came back without a code, or in another browser")
        vouched = await _provider_of(request).finish(
            code=code, state=state, issuer=text(request, "iss", most=_LONGEST), binding=binding
        )
        begun = await reception_of(request).do(lambda people: sign_in_by_provider(people, vouched.name, vouched.role))
    except HabitueError as error:
        return _refused(request, error)
    response = _on(vouched.next)
    keep_session(request, response, begun)
    response.delete_cookie(_cookie(origin), path="/", secure=origin.is_safe, httponly=True, samesite="lax")
    return response


def _wanted(request: Request) -> str:
    """The page somebody wants to see; never one of another server."""
    said = text(request, "next", most=_LONGEST) or "/"
    is_own = said.startswith("/") and not said.startswith(("//", "/\\")) and said.isprintable()
    return said if is_own and is_page(said.partition("?")[0].partition("#")[0]) else "/"


def _cookie(origin: Origin) -> str:
    return f"{origin.cookie}_way"


def _refused(request: Request, error: HabitueError) -> Response:
    """Back to where people sign in, which says why in words; who runs the server is told more."""
    _provider_of(request).tell(error)
    return _on(f"/sign-in?refused={quote(error.code)}")


def _on(url: str) -> RedirectResponse:
    return RedirectResponse(url, HTTPStatus.SEE_OTHER, headers={"Cache-Control": "no-store"})
