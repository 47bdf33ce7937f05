"""The app's page and files: what browsers keep, what they are told to run, and what nobody gets."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from habitue.server.problems import exception_handlers
from habitue.server.routing import declared_routes
from habitue.server.static import PAGES, static_routes
from tests.projects import put
from tests.server.serving import listen

PAGE = '<!doctype html><script type="module" src="/assets/index-abc.js"></script>'
SCRIPT = "console.log('x');\n" * 200
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("static") / "static"
    put(folder / "index.html", PAGE)
    put(folder / "assets" / "index-abc.js", SCRIPT)
    put(folder / "assets" / "small-abc.css", "a{}")
    put(folder / "assets" / "odd.exe", "x")
    put(folder / "assets" / ".hidden.js", "x")
    put(folder / "favicon.svg", "<svg/>")
    put(folder.parent / "secret.js", "secret")
    return folder


@pytest.fixture(scope="module")
def client(built: Path) -> Iterator[httpx.Client]:
    app = Starlette(routes=list(static_routes(built)), exception_handlers=exception_handlers())
    with listen(app) as url, httpx.Client(base_url=url, trust_env=False) as found:
        yield found


@pytest.mark.parametrize("path", ["/", "/segments", "/segments/new", "/customers/user_id:42", "/settings?tab=keys"])
def test_every_path_of_the_app_is_its_page(client: httpx.Client, path: str) -> None:
    found = client.get(path)
    assert (found.status_code, found.text) == (200, PAGE)
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    # Whoever comes back asks again: the page names the files of the newest build.
    assert found.headers["cache-control"] == "no-cache"


def test_the_page_runs_what_is_its_own_and_nothing_else(client: httpx.Client) -> None:
    headers = client.get("/").headers
    rules = dict(rule.strip().split(" ", 1) for rule in headers["content-security-policy"].split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == rules["form-action"] == "'self'"
    assert "unsafe" not in headers["content-security-policy"]
    assert "http" not in headers["content-security-policy"]
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["referrer-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]


def test_files_with_a_digest_in_their_name_are_kept_for_good_and_sent_packed(client: httpx.Client) -> None:
    found = client.get("/assets/index-abc.js", headers={"Accept-Encoding": "gzip"})
    assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert found.headers["content-type"] == "text/javascript; charset=utf-8"
    assert (found.headers["content-encoding"], found.text) == ("gzip", SCRIPT)
    assert int(found.headers["content-length"]) < len(SCRIPT) / 5
    plain = client.get("/assets/index-abc.js", headers={"Accept-Encoding": "identity"})
    assert ("content-encoding" in plain.headers, plain.text) == (False, SCRIPT)
    assert "content-encoding" not in client.get("/assets/small-abc.css").headers
    assert client.get("/favicon.svg").headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/none.js",
        "/assets/.hidden.js",
        "/assets/odd.exe",
        "/assets/../index.html",
        "/assets/..%2f..%2fsecret.js",
        "/assets/%2e%2e%2fsecret.js",
        "/assets/%2e%2e/secret.js",
        "/assets//etc/passwd",
        "/assets/index-abc.js%00",
        "/assets/",
        "/robots.txt",
        "/nothing",
        "/index.html",
        "/api/v1/nothing",
        "/v1/batch",
        "//evil.example",
    ],
)
def test_what_is_no_file_of_the_app_is_nothing(client: httpx.Client, path: str) -> None:
    found = client.send(httpx.Request("GET", f"{client.base_url}".rstrip("/") + path))
    assert found.status_code == 404, found.text
    assert "secret" not in found.text


def test_a_page_is_shown_under_the_servers_own_names_alone(client: httpx.Client) -> None:
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 421
    assert client.get("/", headers={"Host": "localhost:1"}).status_code == 200


def test_behind_tls_browsers_are_told_to_stay_there(built: Path) -> None:
    app = Starlette(routes=list(static_routes(built, address=lambda: "https://habitue.example.com")))
    with listen(app) as url, httpx.Client(base_url=url, trust_env=False) as client:
        found = client.get("/", headers={"Host": "habitue.example.com"})
        assert found.headers["strict-transport-security"] == "max-age=31536000"
        assert "strict-transport-security" not in client.get("/").headers


def test_a_checkout_whose_app_was_not_built_says_how(tmp_path: Path) -> None:
    app = Starlette(routes=list(static_routes(tmp_path)))
    with listen(app) as url, httpx.Client(base_url=url, trust_env=False) as client:
        found = client.get("/segments")
        assert found.status_code == 503
        assert "make web" in found.text
        put(tmp_path / "index.html", PAGE)
        assert client.get("/segments").text == PAGE


def test_a_new_build_is_seen_at_once(tmp_path: Path) -> None:
    put(tmp_path / "index.html", "first")
    app = Starlette(routes=list(static_routes(tmp_path)))
    with listen(app) as url, httpx.Client(base_url=url, trust_env=False) as client:
        assert client.get("/").text == "first"
        put(tmp_path / "index.html", "second one")
        assert client.get("/").text == "second one"


def test_nothing_of_the_app_is_held_unpacked_and_packed_differently(built: Path, client: httpx.Client) -> None:
    raw = client.build_request("GET", "/assets/index-abc.js", headers={"Accept-Encoding": "gzip"})
    with httpx.Client(trust_env=False) as plain, plain.stream("GET", raw.url, headers=raw.headers) as found:
        body = b"".join(found.iter_raw())
    assert gzip.decompress(body) == (built / "assets" / "index-abc.js").read_bytes()


def test_the_server_knows_every_page_of_the_app() -> None:
    """The first words of the paths in `web/src/app/routes.tsx`."""
    import re

    routes = (ROOT / "web" / "src" / "app" / "routes.tsx").read_text(encoding="utf-8")
    firsts = {path.strip("/").split("/")[0] for path in re.findall(r'path: "([^"]+)"', routes)}
    assert firsts | {"sign-in"} == set(PAGES)


def test_pages_ask_for_no_permission_and_are_not_listed_for_programs(built: Path) -> None:
    declared = declared_routes(Starlette(routes=list(static_routes(built))))
    assert {each.permission for each in declared} == {None}
    assert not any(each.described.is_listed for each in declared)
