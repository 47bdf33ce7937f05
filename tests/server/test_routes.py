"""The matrix of routes and roles, made from the app itself: whoever lacks a permission gets nothing."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from habitue.cli.clock import system_surroundings
from habitue.govern.accounts import Accounts, ApiKey, Scope, key_access
from habitue.govern.roles import Access, Role, access_of
from habitue.records.permissions import Permission
from habitue.server.problems import PROBLEM_TYPE
from habitue.server.routing import Admission, Declared, RouteUndeclaredError, declared_routes, route
from habitue.server.static import PAGES
from tests.projects import built_shop, put
from tests.server.signed import link_of, visiting
from tests.server.whole import whole

DRAWN = 600


@dataclass(frozen=True, kw_only=True)
class Served:
    """A whole server, with a key of every scope and role, and a browser of every role."""

    folder: Path
    app: Starlette
    client: httpx.Client = field(repr=False)
    keys: dict[tuple[Scope, Role], tuple[str, Access]] = field(repr=False)
    sessions: dict[Role, dict[str, str]] = field(repr=False)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The corner shop as `habitue serve` serves it."""
    folder = built_shop(tmp_path_factory.mktemp("routes") / "shop")
    put(folder / "sources" / "site.yaml", "source: site\ncollect: true\n")
    keys = make_keys(folder)
    with (
        whole(folder, noticed=False) as shop,
        httpx.Client(base_url=shop.url, timeout=60, trust_env=False) as client,
    ):
        sessions = {role: headers_of(shop.url, folder, role) for role in Role}
        yield Served(folder=folder, app=shop.house.app, client=client, keys=keys, sessions=sessions)


def headers_of(url: str, folder: Path, role: Role) -> dict[str, str]:
    """What the browser of somebody sends who is signed in."""
    with visiting(url) as browser:
        seen = browser.post("/api/v1/session/link", json={"link": link_of(folder, role)}).json()
        ((name, value),) = browser.cookies.items()
    return {"Cookie": f"{name}={value}", "X-CSRF-Token": seen["csrf"], "Origin": url}


def make_keys(folder: Path) -> dict[tuple[Scope, Role], tuple[str, Access]]:
    around = system_surroundings()
    now = around.clock()
    found = {}
    with Accounts.open(folder, random=around.random) as accounts:
        for scope in Scope:
            for role in Role:
                key = accounts.create_key(scope, role=role, expires_at=now + timedelta(days=1), now=now)
                as_kept = ApiKey(id=key.id, scope=scope, role=role, made_at=now, expires_at=key.expires_at)
                found[scope, role] = key.key, key_access(as_kept)
    return found


def filled(path: str) -> str:
    """A path with names that there are."""
    named = path.replace("{id}", "user_id:ann").replace("{name}", "recent")
    return re.sub(r"\{[a-z_]+(:path)?\}", "x", named)


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def ask(served: Served, declared: Declared, method: str, headers: dict[str, str], **parameters: str) -> int:
    """The status of an answer; one without end is not read."""
    body = None if method in {"GET", "HEAD"} else b"{}"
    path = filled(declared.path)
    with served.client.stream(method, path, params=parameters, headers=headers, content=body) as found:
        return found.status_code


def bearer_routes(served: Served) -> list[tuple[Declared, str]]:
    return [
        (each, method)
        for each in declared_routes(served.app)
        if each.admission is Admission.BEARER
        for method in each.methods
    ]


OPEN = {
    *("/healthz", "/health", "/readyz", "/metrics", "/openapi.json", "/docs"),
    *("/api/v1/session", "/api/v1/session/link", "/api/v1/session/provider", "/api/v1/session/provider/done"),
    *("/{page:path}", "/assets/{file}", "/favicon.ico", "/favicon.svg", "/robots.txt", "/site.webmanifest"),
}
"""What says nothing of anybody's data: it is the same for everybody, or about whoever asks alone."""


def test_every_route_of_the_server_says_who_may_use_it(served: Served) -> None:
    routes = declared_routes(served.app)
    assert len(routes) == len(served.app.routes)
    open_paths = {each.path for each in routes if each.permission is None}
    assert open_paths <= OPEN | {
        each.path for each in routes if each.path.startswith(("/v1", "/decide", "/flags", "/sourceConfig", "/i/"))
    }


def test_nobody_without_a_valid_key_gets_anything(served: Served) -> None:
    told = []
    for declared, method in bearer_routes(served):
        for key in (None, "nonsense", "hab_0123456789ab_" + "A" * 43, "é"):
            with served.client.stream(method, filled(declared.path), headers=_brought(key)) as found:
                if found.status_code != 401:
                    told.append((declared.path, method, found.status_code))
    assert told == []


def _brought(key: str | None) -> dict[bytes, bytes]:
    return {} if key is None else {b"authorization": f"Bearer {key}".encode()}


def verdict(served: Served, declared: Declared, method: str, access: Access, headers: dict[str, str]) -> int | None:
    """The status of an answer that is not the one that the permission wants; None where it is."""
    may = declared.permission is not None and access.allows(declared.permission)
    # Who may is stopped by a parameter that no route knows, so that nothing is done.
    status = ask(served, declared, method, headers, **({"unknown": "1"} if may else {}))
    allowed = status not in {401, 403}
    if declared.name == "command":
        # For the owner's token alone, whatever the role.
        may = False
    return status if allowed is not may or (not may and status < 400) else None


def test_the_matrix_of_routes_and_roles_holds_without_an_exception(served: Served) -> None:
    checked, wrong = 0, []
    for declared, method in bearer_routes(served):
        for (scope, role), (key, access) in served.keys.items():
            status = verdict(served, declared, method, access, bearer(key))
            wrong += [] if status is None else [(declared.path, method, scope.value, role.value, status)]
            checked += 1
    assert wrong == []
    assert checked == len(bearer_routes(served)) * len(Scope) * len(Role)


def test_the_matrix_holds_for_people_who_are_signed_in(served: Served) -> None:
    """Every route, every role, by the cookie of a browser; what changes something wants more than the cookie."""
    checked, wrong = 0, list[tuple[str, str, str, str, int]]()
    for declared, method in bearer_routes(served):
        for role, headers in served.sessions.items():
            status = verdict(served, declared, method, access_of(role), headers)
            wrong += [] if status is None else [(declared.path, method, role.value, "", status)]
            if method not in {"GET", "HEAD"}:
                status = ask(served, declared, method, {"Cookie": headers["Cookie"]}, unknown="1")
                wrong += [] if status == 403 else [(declared.path, method, role.value, "without proof", status)]
            status = ask(served, declared, method, {**headers, "Sec-Fetch-Site": "same-site"}, unknown="1")
            wrong += [] if status == 403 else [(declared.path, method, role.value, "from elsewhere", status)]
            checked += 1
    assert wrong == []
    assert checked == len(bearer_routes(served)) * len(Role)


def test_pages_are_the_same_for_everybody_and_hold_nothing_of_the_project(served: Served) -> None:
    """What somebody may see is decided where it is asked for; the page itself knows nothing."""
    assert {"", "segments", "settings", "sign-in"} <= PAGES
    for first in sorted(PAGES):
        for path in (f"/{first}", f"/{first}/a/b"):
            found = {served.client.get(path, headers=headers).content for headers in ({}, *served.sessions.values())}
            assert len(found) == 1, path
            (page,) = found
            assert b"corner" not in page, path
            assert b"recent" not in page, path
    for method in ("POST", "PUT", "DELETE"):
        assert served.client.request(method, "/segments", headers=served.sessions[Role.ADMIN]).status_code == 405


def test_what_is_open_to_everybody_says_nothing_of_anybody(served: Served) -> None:
    for declared in declared_routes(served.app):
        if declared.admission is not Admission.ANYBODY or declared.name == "metrics":
            continue
        for method in declared.methods:
            said = served.client.request(method, filled(declared.path), content=b"{}").text
            assert "user_id:ann" not in said, declared.path
            assert '"corner"' not in said, declared.path


def test_each_permission_decides_about_a_route_or_is_known_not_to(served: Served) -> None:
    """A permission that no route asks for is one that nothing of it can be done over HTTP with."""
    asked = {each.permission for each in declared_routes(served.app)} - {None}
    assert set(Permission) - asked <= {Permission.SEE_PERSONAL, Permission.DECIDE}


@pytest.mark.parametrize(
    "undeclared", [Route("/open", lambda _: PlainTextResponse("x")), Mount("/all", app=PlainTextResponse("x"))]
)
def test_an_app_with_a_route_that_declares_nothing_is_refused(undeclared: Route | Mount) -> None:
    with pytest.raises(RouteUndeclaredError, match="does not say who may use it"):
        declared_routes(Starlette(routes=[undeclared]))


@pytest.mark.parametrize(("permission", "admission"), [(Permission.BUILD, Admission.ANYBODY), (None, Admission.BEARER)])
def test_a_route_cannot_ask_nobody_for_a_permission(permission: Permission | None, admission: Admission) -> None:
    async def handler(_: object) -> PlainTextResponse:
        return PlainTextResponse("x")

    with pytest.raises(ValueError, match="/x"):
        route("/x", handler, methods=["GET"], permission=permission, name="x", summary="X.", admission=admission)


WORDS = [
    "",
    "recent",
    "user_id:ann",
    "user_id:" + "x" * 400,
    "-1",
    "0",
    "99999999999999999999",
    "1e9",
    "NaN",
    "2026-02-30",
    "0001-01-01",
    "9999-12-31T23:59:59+00:00",
    "2026-01-01T00:00:00+23:59",
    "'; DROP TABLE events --",
    "../../etc/passwd",
    "%00",
    "\x00",
    "é\u202e\U0001f600",
    "1767225600000000.5.Order Completed",
    "1.2",
    "9" * 17 + "." + "9" * 19 + ".x",
    "count('Order Completed') >= " + "(" * 500,
    "did('Order Completed')",
    "matches(trait.city, '(a+)+$')",
]
VALUES: list[object] = [*WORDS, None, True, -1, 0, 3, 1e308, 10**30, [], {}, ["recent"], [[[[]]]], {"rule": {}}]
BODIES = [b"", b"null", b"[]", b"{", b"\xff\xfe", b"[" * 20_000, b'{"rule":1e999}', b'{"a":' * 5000, b'"\\ud800"']


def test_drawn_requests_are_answered_without_a_fault_of_the_server(served: Served) -> None:
    """Each answer below 500, each refusal a problem with a code and what to do."""
    draw = random.Random(20261122)
    key, _ = served.keys[Scope.ADMIN, Role.ADMIN]
    routes = [each for each in bearer_routes(served) if each[0].name != "changes"]
    worst, seen = [], set()
    for _ in range(DRAWN):
        declared, method = draw.choice(routes)
        path = declared.path
        for name in re.findall(r"\{[a-z_]+(?::path)?\}", path):
            path = path.replace(
                name, httpx.QueryParams({"v": draw.choice(WORDS) or "x"}).__str__()[2:].replace("+", "%20")
            )
        names = [each.name for each in declared.described.parameters] + ["other"]
        drawn = range(draw.choice([0, 0, 1, 1, 2]))
        parameters = httpx.QueryParams([(draw.choice(names), draw.choice(WORDS)) for _ in drawn])
        body = _body(draw, declared) if method in {"POST", "PUT", "PATCH"} else None
        try:
            found = served.client.request(
                method, path, params=parameters, content=body, headers={"Authorization": f"Bearer {key}"}
            )
        except httpx.InvalidURL:
            continue
        seen.add(found.status_code)
        if found.status_code >= 500:
            worst.append((method, path, parameters, body, found.text[:300]))
        elif found.status_code >= 400:
            assert found.headers["content-type"] == PROBLEM_TYPE, (path, found.text)
            assert found.json()["code"], path
            assert found.json()["do"], path
    assert worst == []
    assert {200, 422, 400, 404} <= seen


def _body(draw: random.Random, declared: Declared) -> bytes:
    import json

    shape = declared.described.body
    if shape is None or draw.random() < 0.3:
        return draw.choice(BODIES)
    names = list(getattr(shape, "__struct_fields__", ()))
    return json.dumps({name: draw.choice(VALUES) for name in names if draw.random() < 0.7}).encode()


def test_the_openapi_document_names_every_route_and_its_permission(served: Served) -> None:
    document = served.client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    listed = {
        (path, method.upper()): said["x-permission"]
        for path, methods in document["paths"].items()
        for method, said in methods.items()
    }
    declared = {
        (each.path, method): None if each.permission is None else each.permission.value
        for each in declared_routes(served.app)
        if each.described.is_listed
        for method in each.methods
    }
    assert listed == declared
    names = [said["operationId"] for methods in document["paths"].values() for said in methods.values()]
    assert len(names) == len(set(names))
    text = served.client.get("/openapi.json").text
    referred = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert referred <= set(document["components"]["schemas"])


def test_the_page_of_routes_needs_nothing_from_elsewhere_and_runs_nothing(served: Served) -> None:
    found = served.client.get("/docs")
    policy = found.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "<script" not in found.text.lower()
    assert "http://" not in found.text.replace("http://127.0.0.1", "")
    assert "https://" not in found.text
    assert all(
        f"<code>{each.path}</code>" in found.text for each in declared_routes(served.app) if each.described.is_listed
    )


def test_the_page_about_the_api_names_every_path(served: Served) -> None:
    page = (Path(__file__).parents[2] / "docs" / "look-up" / "http-api.md").read_text(encoding="utf-8")
    paths = {each.path for each in declared_routes(served.app) if each.path.startswith("/api/")}
    assert sorted(path for path in paths if f"`{path}`" not in page) == []
