"""Signing in and out in a browser: links, accounts, cookies, and requests that other pages make."""

import hashlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest

from habitue.govern.roles import Role
from habitue.govern.sessions import IDLE, LINK_VALID, LONGEST
from tests.projects import corner_shop, put
from tests.server.asked import Asked, asking
from tests.server.signed import SENTENCE, Clock, link_of, signed_in, standing, user_of, visiting
from tests.terminal import habitue

CHANGE = "/api/v1/segments/preview"
BODY = {"rule": "did('Order Completed')"}


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory, clock: Clock) -> Iterator[Asked]:
    """A small project that is served; nothing of it was built."""
    folder = corner_shop(tmp_path_factory.mktemp("sessions") / "shop")
    with asking(folder, surroundings=standing(clock)) as served:
        yield served


def is_in(client: httpx.Client) -> bool:
    return bool(client.get("/api/v1/session").json()["signed_in"])


def test_whoever_is_not_signed_in_learns_nothing_of_the_project(asked: Asked) -> None:
    with visiting(asked.url) as client:
        seen = client.get("/api/v1/session")
        assert seen.status_code == 200
        assert seen.json() == {
            "signed_in": False,
            "name": "",
            "actor": "",
            "role": None,
            "permissions": [],
            "how": "",
            "project": None,
            "csrf": "",
            "expires_at": None,
            "provider": None,
        }
        assert client.get("/api/v1/segments").status_code == 401


def test_a_link_lets_somebody_in_once(asked: Asked, clock: Clock) -> None:
    link = link_of(asked.folder, Role.ANALYST, standing(clock))
    with visiting(asked.url) as first, visiting(asked.url) as second:
        seen = first.post("/api/v1/session/link", json={"link": link}).json()
        assert (seen["signed_in"], seen["role"], seen["how"]) == (True, "analyst", "link")
        assert seen["project"] == {
            "name": "corner",
            "noun": "customer",
            "currency": "GBP",
            "time_zone": "Europe/London",
        }
        assert "see_people" in seen["permissions"]
        again = second.post("/api/v1/session/link", json={"link": link})
        assert (again.status_code, again.json()["code"]) == (401, "LINK-REFUSED")
        assert (is_in(first), is_in(second)) == (True, False)


def test_of_many_who_follow_a_link_at_once_one_gets_in(asked: Asked, clock: Clock) -> None:
    link, got = link_of(asked.folder, around=standing(clock)), []

    def follow() -> None:
        with visiting(asked.url) as client:
            got.append(client.post("/api/v1/session/link", json={"link": link}).status_code)

    threads = [threading.Thread(target=follow) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(got) == [200] + [401] * 7


def test_a_link_is_good_for_minutes(asked: Asked, clock: Clock) -> None:
    link = link_of(asked.folder, around=standing(clock))
    clock.move(LINK_VALID)
    with visiting(asked.url) as client:
        assert client.post("/api/v1/session/link", json={"link": link}).json()["code"] == "LINK-REFUSED"


def test_the_cookie_is_kept_from_pages_and_other_sites_and_its_token_from_the_disk(asked: Asked, clock: Clock) -> None:
    with visiting(asked.url) as client:
        found = client.post("/api/v1/session/link", json={"link": link_of(asked.folder, around=standing(clock))})
    (morsel,) = SimpleCookie(found.headers["set-cookie"]).values()
    assert morsel.key == f"habitue_{asked.url.rpartition(':')[2]}"
    assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "strict", "/")
    assert len(morsel.value) == 43
    held = b"".join(path.read_bytes() for path in (asked.folder / ".habitue").rglob("accounts*"))
    assert morsel.value.encode() not in held
    assert hashlib.sha256(morsel.value.encode()).digest() in held


def test_a_session_ends_when_nobody_uses_it_and_after_a_week_in_any_case(asked: Asked, clock: Clock) -> None:
    with signed_in(asked, around=standing(clock)) as idle, signed_in(asked, around=standing(clock)) as busy:
        begun = clock.now
        clock.move(IDLE - timedelta(seconds=1))
        assert is_in(busy.client)
        clock.move(timedelta(seconds=1))
        assert (is_in(idle.client), is_in(busy.client)) == (False, True)
        while clock.now + timedelta(hours=7) < begun + LONGEST:
            clock.move(timedelta(hours=7))
            assert is_in(busy.client)
        clock.now = begun + LONGEST
        assert not is_in(busy.client)
        assert busy.get("/api/v1/settings/roles").json()["code"] == "SESSION-REFUSED"


def test_changes_show_what_no_other_page_can_read(asked: Asked, clock: Clock) -> None:
    with signed_in(asked, around=standing(clock)) as browser:
        url, host = asked.url, asked.url.removeprefix("http://")
        good = {"X-CSRF-Token": browser.seen["csrf"]}
        refused: list[dict[str, str]] = [
            {},
            {"X-CSRF-Token": ""},
            {"X-CSRF-Token": browser.seen["csrf"][:-1]},
            {"X-CSRF-Token": "é"},
            {**good, "Origin": "http://evil.example"},
            {**good, "Origin": "null"},
            {**good, "Origin": f"https://{host}"},
            {**good, "Sec-Fetch-Site": "cross-site"},
            {**good, "Sec-Fetch-Site": "same-site"},
        ]
        for headers in refused:
            raw = {name.encode(): value.encode() for name, value in headers.items()}
            found = browser.client.post(CHANGE, json=BODY, headers=raw)
            assert (found.status_code, found.json()["code"]) == (403, "ORIGIN-REFUSED"), headers
        for headers in [good, {**good, "Origin": url, "Sec-Fetch-Site": "same-origin"}]:
            # It passes, and finds that nothing was built.
            assert browser.client.post(CHANGE, json=BODY, headers=headers).json()["code"] == "NOT-BUILT"


def test_the_token_of_another_session_is_of_no_use(asked: Asked, clock: Clock) -> None:
    with signed_in(asked, around=standing(clock)) as one, signed_in(asked, around=standing(clock)) as other:
        found = one.client.post(CHANGE, json=BODY, headers=other.shown)
        assert found.json()["code"] == "ORIGIN-REFUSED"


def test_a_page_of_another_site_reads_nothing_either(asked: Asked, clock: Clock) -> None:
    with signed_in(asked, around=standing(clock)) as browser:
        for site in ("cross-site", "same-site"):
            found = browser.client.get("/api/v1/settings/roles", headers={"Sec-Fetch-Site": site})
            assert found.json()["code"] == "ORIGIN-REFUSED"
        assert browser.client.get("/api/v1/settings/roles", headers={"Sec-Fetch-Site": "none"}).status_code == 200


def test_nobody_is_signed_in_from_a_page_of_another_site(asked: Asked, clock: Clock) -> None:
    link = link_of(asked.folder, around=standing(clock))
    with visiting(asked.url) as client:
        for headers in [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]:
            found = client.post("/api/v1/session/link", json={"link": link}, headers=headers)
            assert (found.status_code, found.json()["code"]) == (403, "ORIGIN-REFUSED")
        assert client.post("/api/v1/session/link", json={"link": link}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.1.2.3", "[::1", "user@127.0.0.1", ""],
)
def test_a_name_that_was_bent_to_this_machine_opens_nothing(asked: Asked, clock: Clock, host: str) -> None:
    """A site whose name is made to stand for this machine would be the same site to a browser."""
    link = link_of(asked.folder, around=standing(clock))
    with signed_in(asked, around=standing(clock)) as browser:
        found = browser.client.get("/api/v1/settings/roles", headers={"Host": host})
        assert found.status_code in {400, 421}
        found = browser.client.post("/api/v1/session/link", json={"link": link}, headers={"Host": host})
        assert found.status_code in {400, 421}


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.1:99", "[::1]:8321"])
def test_this_machine_has_several_names(asked: Asked, host: str) -> None:
    with visiting(asked.url) as client:
        found = client.post("/api/v1/session/link", json={"link": "x"}, headers={"Host": host})
        assert found.json()["code"] == "LINK-REFUSED"


def test_signing_out_ends_the_session_and_takes_the_cookie(asked: Asked, clock: Clock) -> None:
    with signed_in(asked, around=standing(clock)) as here, signed_in(asked, around=standing(clock)) as there:
        kept = "; ".join(f"{name}={value}" for name, value in here.client.cookies.items())
        assert here.client.delete("/api/v1/session").json()["code"] == "ORIGIN-REFUSED"
        out = here.send("DELETE", "/api/v1/session")
        assert out.json()["signed_in"] is False
        assert "max-age=0" in out.headers["set-cookie"].lower()
        found = here.client.get("/api/v1/settings/roles", headers={"Cookie": kept})
        assert (found.status_code, found.json()["code"]) == (401, "SESSION-REFUSED")
        assert is_in(there.client)
        assert there.send("DELETE", "/api/v1/session?everywhere=true").status_code == 200
        assert not is_in(there.client)


def test_everybody_with_the_name_is_signed_out_everywhere(asked: Asked, clock: Clock) -> None:
    with signed_in(asked, around=standing(clock)) as here, signed_in(asked, around=standing(clock)) as there:
        here.send("DELETE", "/api/v1/session?everywhere=true")
        assert (is_in(here.client), is_in(there.client)) == (False, False)


def test_a_user_signs_in_with_a_password_and_goes_when_disabled(asked: Asked, clock: Clock) -> None:
    user_of(asked.folder, "ann", Role.MARKETER, standing(clock))
    with visiting(asked.url) as client:
        wrong = client.post("/api/v1/session", json={"name": "ann", "password": "nonsense of some length"})
        nobody = client.post("/api/v1/session", json={"name": "bob", "password": SENTENCE})
        assert (wrong.status_code, wrong.json()["code"]) == (401, "SIGN-IN-REFUSED")
        assert wrong.json() == nobody.json()
        assert "set-cookie" not in wrong.headers
        seen = client.post("/api/v1/session", json={"name": "ann", "password": SENTENCE}).json()
        assert (seen["name"], seen["role"], seen["actor"], seen["how"]) == ("ann", "marketer", "user:ann", "account")
        with signed_in(asked, around=standing(clock)) as admin:
            changed = admin.send("PATCH", "/api/v1/settings/users/ann", {"role": "analyst"})
            assert changed.json()["role"] == "analyst"
            assert client.get("/api/v1/session").json()["role"] == "analyst"
            admin.send("PATCH", "/api/v1/settings/users/ann", {"disabled": True})
            assert not is_in(client)
            again = client.post("/api/v1/session", json={"name": "ann", "password": SENTENCE})
            assert again.json()["code"] == "SIGN-IN-REFUSED"


def test_guessing_passwords_is_slowed_down_over_http(asked: Asked) -> None:
    with visiting(asked.url) as client:
        codes = [
            client.post("/api/v1/session", json={"name": "target", "password": f"guess {number}"})
            for number in range(7)
        ]
    assert [each.json()["code"] for each in codes] == ["SIGN-IN-REFUSED"] * 5 + ["SIGN-IN-PAUSED"] * 2
    assert codes[-1].status_code == 429
    assert int(codes[-1].headers["retry-after"]) >= 1


def test_a_password_that_is_being_checked_holds_up_nobody_else(asked: Asked, clock: Clock) -> None:
    with signed_in(asked, around=standing(clock)) as browser, visiting(asked.url) as guesser:
        waiting = threading.Event()

        def guess() -> None:
            for number in range(5):
                guesser.post("/api/v1/session", json={"name": f"nobody{number}", "password": "x"})
            waiting.set()

        thread = threading.Thread(target=guess)
        thread.start()
        answered = 0
        while not waiting.is_set():
            assert browser.get("/api/v1/settings/roles").status_code == 200
            answered += 1
        thread.join()
        # While five passwords were looked at, far more than five questions were answered.
        assert answered > 10


def test_signing_in_and_out_is_in_the_audit_log(asked: Asked, clock: Clock) -> None:
    with signed_in(asked, Role.PRIVACY_OFFICER, around=standing(clock)) as browser:
        found = browser.get("/api/v1/privacy/audit", limit="3").json()["entries"]
        assert found[0]["action"] == "sign_in"
        assert found[0]["about"].endswith("by link as privacy_officer")
        assert found[0]["actor"] == browser.seen["actor"]
        assert found[1]["about"] == "users link: as privacy_officer"


def test_behind_a_proxy_the_cookie_goes_over_tls_alone(tmp_path: Path) -> None:
    folder = corner_shop(tmp_path / "shop")
    settings = (folder / "habitue.yaml").read_text(encoding="utf-8")
    put(folder / "habitue.yaml", settings + "address: https://habitue.example.com\n")
    with asking(folder) as served, visiting(served.url) as client:
        host = {"Host": "habitue.example.com", "Origin": "https://habitue.example.com"}
        found = client.post("/api/v1/session/link", json={"link": link_of(folder)}, headers=host)
        assert found.status_code == 200
        (morsel,) = SimpleCookie(found.headers["set-cookie"]).values()
        assert (morsel.key, bool(morsel["secure"]), morsel["samesite"]) == ("__Host-habitue", True, "strict")
        cookie = {"Cookie": f"__Host-habitue={morsel.value}"}
        assert client.get("/api/v1/session", headers={**cookie, **host}).json()["signed_in"]
        # The same cookie over a connection that somebody could listen to counts for nothing.
        assert not client.get("/api/v1/session", headers=cookie).json()["signed_in"]
        plain = {"Host": "habitue.example.com", "Origin": "http://habitue.example.com", **cookie}
        assert client.get("/api/v1/segments", headers=plain).json()["code"] == "ORIGIN-REFUSED"


def test_a_stream_ends_with_its_session_and_keeps_it_no_longer_alive(
    asked: Asked, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that only stays open is no use: after the hours without one, it is told nothing more."""
    monkeypatch.setattr("habitue.server.changes_stream._ASK_AGAIN_S", 0.05)
    with (
        signed_in(asked, around=standing(clock)) as browser,
        browser.client.stream("GET", "/api/v1/changes", timeout=20) as answer,
    ):
        lines = answer.iter_lines()
        next(lines)
        for _ in range(4):
            clock.move(IDLE / 4)
            time.sleep(0.3)
        # It ends by itself, and not only with the patience of whoever listens.
        deadline = time.monotonic() + 10
        for line in lines:
            assert not line.startswith("event: entered")
            assert time.monotonic() < deadline
        assert not is_in(browser.client)


def test_two_cookies_of_one_name_are_none(asked: Asked, clock: Clock) -> None:
    """Another server of the same machine may have set one of them."""
    with signed_in(asked, around=standing(clock)) as browser:
        ((name, value),) = browser.client.cookies.items()
        with visiting(asked.url) as other:
            assert not other.get("/api/v1/session", headers={"Cookie": f"{name}={value}; {name}=x"}).json()["signed_in"]
            assert other.get("/api/v1/session", headers={"Cookie": f"a=b; {name}={value}"}).json()["signed_in"]


def test_a_link_is_printed_beside_a_running_server(asked: Asked) -> None:
    done = habitue("users", "link", "--role", "executive", "--project", asked.folder, "--json")
    link = done.json["link"]
    assert link.startswith(f"{asked.url}/sign-in#link=")
    with sqlite3.connect(asked.folder / ".habitue" / "accounts.sqlite") as held:
        assert held.execute("SELECT count(*) FROM links").fetchone()[0] >= 1


def test_without_a_server_there_is_nothing_to_link_to(tmp_path: Path) -> None:
    folder = corner_shop(tmp_path / "shop")
    assert habitue("users", "link", "--project", folder, "--json").error["code"] == "NOT-SERVED"


def test_a_bearer_key_and_the_token_go_on_working_and_show_who_they_are(asked: Asked) -> None:
    seen = asked.answer("/api/v1/session", role=Role.EXECUTIVE)
    assert (seen["signed_in"], seen["role"], seen["how"], seen["csrf"]) == (True, "executive", "key", "")
