"""The web app: its page for every path that it knows, and the files that it is made of.

The page says nothing of anybody's data: whatever it shows it asks for, with the session of whoever looks at it. Files
under `assets/` carry a digest of what they hold in their names, so browsers keep them for good.
"""

import asyncio
import gzip
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from habitue.server.browsers import HostRefusedError, origin_of
from habitue.server.problems import problem, problem_of
from habitue.server.routing import Admission, Declared, DeclaredRoute, Described, Handler, route

PAGES: Final = frozenset(
    {
        "",
        "anomalies",
        "attribution",
        "cohorts",
        "customers",
        "dashboards",
        "data",
        "funnels",
        "measures",
        "paths",
        "privacy",
        "segments",
        "settings",
        "sign-in",
    }
)
"""The first words of the paths that the app has pages for; `web/src/app/routes.tsx` has the pages."""
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_PAGE_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-cache",
}
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_A_DAY: Final = "public, max-age=86400"
_HSTS: Final = "max-age=31536000"
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}")
_KINDS: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".ico": "image/vnd.microsoft.icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_PACKED: Final = frozenset({".css", ".js", ".json", ".svg", ".txt", ".webmanifest"})
_LEAST_PACKED: Final = 1024
_UNBUILT: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Habitue</title></head><body><main>'
    "<h1>The web app was not built</h1>"
    "<p>This Habitue runs from a checkout whose web app is not there yet. Build it, then load this page again:</p>"
    "<pre>make web</pre>"
    '<p>Everything else answers: <a href="/docs">what can be asked</a>.</p></main></body></html>'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """A file as it was read."""

    stamp: tuple[int, int]
    plain: bytes
    packed: bytes | None


class Files:
    """The files of the built app, read when they are asked for first, and anew when they have changed.

    Args:
        folder: Where the app was built to.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[str, _Kept] = {}

    def read(self, *place: str) -> _Kept | None:
        """A file; None where there is none of that name."""
        if not all(_NAME.fullmatch(each) for each in place):
            return None
        path = self._folder.joinpath(*place)
        name = "/".join(place)
        try:
            found = path.stat()
            stamp = found.st_mtime_ns, found.st_size
            kept = self._kept.get(name)
            if kept is None or kept.stamp != stamp:
                kept = self._kept[name] = _kept(path.read_bytes(), stamp, path.suffix)
        except OSError:
            return None
        return kept


def _kept(plain: bytes, stamp: tuple[int, int], suffix: str) -> _Kept:
    worth = suffix in _PACKED and len(plain) >= _LEAST_PACKED
    return _Kept(stamp=stamp, plain=plain, packed=gzip.compress(plain, 6, mtime=0) if worth else None)


class PageRoute(DeclaredRoute):
    """The route of the app's pages: paths that it has none for are left to what says that there is nothing."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a path is one of the app's."""
        return super().matches(scope) if is_page(str(scope.get("path", ""))) else (Match.NONE, {})


def is_page(path: str) -> bool:
    """Whether a path is one that the app has a page for.

    Examples:
        >>> is_page("/segments/new"), is_page("/"), is_page("/api/v1/segments")
        (True, True, False)
    """
    first = path.removeprefix("/").partition("/")[0]
    return first in PAGES and (first != "" or path == "/")


def static_routes(
    folder: Path | None = None, *, address: Callable[[], str | None] = lambda: None
) -> Iterator[DeclaredRoute]:
    """The routes of the app; the last of a server, as its pages take what nothing else does.

    Args:
        folder: Where the app was built to; by default beside this file.
        address: Where people reach the server at present.
    """
    files = Files(folder or Path(__file__).parent / "static")

    async def page(request: Request) -> Response:
        try:
            origin = origin_of(request, address())
        except HostRefusedError as error:
            return problem_of(error)
        headers = dict(_PAGE_HEADERS)
        if origin.is_safe:
            headers["Strict-Transport-Security"] = _HSTS
        found = await asyncio.to_thread(files.read, "index.html")
        if found is None:
            return Response(_UNBUILT, HTTPStatus.SERVICE_UNAVAILABLE, headers=headers, media_type="text/html")
        return Response(found.plain, headers=headers, media_type="text/html")

    async def asset(request: Request) -> Response:
        return await _file(request, files, ("assets", request.path_params["file"]), keep=_FOR_GOOD)

    yield route(
        "/assets/{file}",
        asset,
        methods=["GET"],
        permission=None,
        name="asset",
        summary="A file of the app, whose name changes with what it holds.",
        described=Described(group="Pages", media="application/octet-stream", is_listed=False),
    )
    for name in ("favicon.ico", "favicon.svg", "robots.txt", "site.webmanifest"):
        yield _extra(name, files)
    yield _page(page)


def _extra(name: str, files: Files) -> DeclaredRoute:
    async def extra(request: Request) -> Response:
        return await _file(request, files, (name,), keep=_A_DAY)

    return route(
        f"/{name}",
        extra,
        methods=["GET"],
        permission=None,
        name=name.replace(".", "_"),
        summary="What browsers ask for by themselves.",
        described=Described(group="Pages", media=_kind(name), is_listed=False),
    )


def _page(handler: Handler) -> PageRoute:
    return PageRoute(
        Declared(
            path="/{page:path}",
            methods=("GET",),
            name="page",
            summary="The app, which shows the page of its path; it is the same for everybody.",
            permission=None,
            admission=Admission.ANYBODY,
            described=Described(group="Pages", media="text/html", is_listed=False),
        ),
        handler,
    )


async def _file(request: Request, files: Files, place: tuple[str, ...], *, keep: str) -> Response:
    kind = _KINDS.get(Path(place[-1]).suffix)
    found = None if kind is None else await asyncio.to_thread(files.read, *place)
    if found is None or kind is None:
        return problem("NOT-FOUND", what="There is nothing here.", do="`/` is the app.")
    headers = {"Cache-Control": keep, "Vary": "Accept-Encoding"}
    if found.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=kind)
    return Response(found.plain, headers=headers, media_type=kind)


def _kind(name: str) -> str:
    return _KINDS[Path(name).suffix].partition(";")[0]
