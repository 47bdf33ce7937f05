"""Settings over HTTP: users, roles, keys, sessions and channels; what is shown once, and what is written down."""

from collections.abc import Iterator

import pytest

from habitue.govern.accounts import Scope
from habitue.govern.roles import Role
from tests.channels.receivers import Said, receiving
from tests.projects import corner_shop, put
from tests.server.asked import Asked, asking
from tests.server.signed import SENTENCE, signed_in, user_of, visiting
from tests.terminal import Json

USERS = "/api/v1/settings/users"
KEYS = "/api/v1/settings/keys"
SESSIONS = "/api/v1/settings/sessions"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    folder = corner_shop(tmp_path_factory.mktemp("settings") / "shop")
    put(folder / "sources" / "site.yaml", "source: site\ncollect: true\n")
    put(folder / "policies" / "roles.yaml", "role: analyst\nwithout: [build]\ndescription: Builds run at night.\n")
    with asking(folder) as served:
        yield served


def send(asked: Asked, method: str, path: str, body: object = None) -> tuple[int, Json]:
    found = asked.client.request(method, path, json=body)
    return found.status_code, found.json()


def written_down(asked: Asked, count: int) -> list[tuple[str, str]]:
    """The last entries of the audit log, the newest first."""
    entries = asked.answer("/api/v1/privacy/audit", limit=count)["entries"]
    return [(each["action"], each["about"]) for each in entries]


def test_a_user_comes_changes_and_goes_and_all_of_it_is_written_down(asked: Asked) -> None:
    status, user = send(asked, "POST", USERS, {"name": "ann", "role": "analyst", "password": SENTENCE})
    assert (status, user["name"], user["role"], user["disabled_at"]) == (200, "ann", "analyst", None)
    assert "password" not in str(user)
    changed = {"role": "marketer", "password": f"{SENTENCE} still", "disabled": True}
    status, user = send(asked, "PATCH", f"{USERS}/ann", changed)
    assert (status, user["role"]) == (200, "marketer")
    assert user["disabled_at"] is not None
    assert [each["name"] for each in asked.answer(USERS)] == ["ann"]
    assert send(asked, "PATCH", f"{USERS}/ann", {"disabled": False})[1]["disabled_at"] is None
    assert send(asked, "DELETE", f"{USERS}/ann") == (200, {"removed": "ann"})
    assert written_down(asked, 6) == [
        ("permission", "users remove: ann"),
        ("permission", "users enable: ann"),
        ("permission", "users disable: ann"),
        ("permission", "users role: ann as marketer"),
        ("permission", "users password: ann"),
        ("permission", "users add: ann as analyst"),
    ]


def test_what_cannot_be_a_user_is_refused_with_what_to_do(asked: Asked) -> None:
    user_of(asked.folder, "kim", Role.EXECUTIVE)
    refused = [
        ("POST", USERS, {"name": "kim", "role": "analyst", "password": SENTENCE}, 409, "USER-KNOWN"),
        ("POST", USERS, {"name": "No Name", "role": "analyst", "password": SENTENCE}, 422, "USER-NAME"),
        ("POST", USERS, {"name": "lee", "role": "analyst", "password": "short"}, 422, "PASSWORD-WEAK"),
        ("POST", USERS, {"name": "lee", "role": "emperor", "password": SENTENCE}, 400, "BODY-MALFORMED"),
        ("POST", USERS, {"name": "lee", "role": "analyst"}, 400, "BODY-MALFORMED"),
        ("PATCH", f"{USERS}/nobody", {"role": "admin"}, 404, "USER-UNKNOWN"),
        ("PATCH", f"{USERS}/nobody", {"disabled": True}, 404, "USER-UNKNOWN"),
        ("PATCH", f"{USERS}/kim", {"password": "password1234"}, 422, "PASSWORD-WEAK"),
        ("DELETE", f"{USERS}/nobody", None, 404, "USER-UNKNOWN"),
        ("DELETE", f"{SESSIONS}/0123456789ab", None, 404, "SESSION-UNKNOWN"),
        ("DELETE", f"{KEYS}/0123456789ab", None, 404, "KEY-UNKNOWN"),
    ]
    for method, path, body, status, code in refused:
        found = send(asked, method, path, body)
        assert (found[0], found[1]["code"]) == (status, code), (method, path, body)
        assert found[1]["do"]


def test_nobody_shuts_themselves_out(asked: Asked) -> None:
    user_of(asked.folder, "root", Role.ADMIN)
    with visiting(asked.url) as client:
        seen = client.post("/api/v1/session", json={"name": "root", "password": SENTENCE}).json()
        shown = {"X-CSRF-Token": seen["csrf"]}
        for method, body in (("PATCH", {"role": "analyst"}), ("PATCH", {"disabled": True}), ("DELETE", None)):
            found = client.request(method, f"{USERS}/root", json=body, headers=shown)
            assert (found.status_code, found.json()["code"]) == (409, "USER-SELF")
        assert client.patch(f"{USERS}/root", json={"role": "admin"}, headers=shown).status_code == 200


def test_a_new_password_ends_the_sessions_that_began_with_the_old_one(asked: Asked) -> None:
    user_of(asked.folder, "sam", Role.ANALYST)
    with visiting(asked.url) as client:
        client.post("/api/v1/session", json={"name": "sam", "password": SENTENCE})
        assert client.get("/api/v1/session").json()["signed_in"]
        assert send(asked, "PATCH", f"{USERS}/sam", {"password": f"{SENTENCE} again"})[0] == 200
        assert not client.get("/api/v1/session").json()["signed_in"]
        assert client.post("/api/v1/session", json={"name": "sam", "password": SENTENCE}).status_code == 401


def test_a_key_is_shown_once_and_refused_as_soon_as_it_is_revoked(asked: Asked) -> None:
    status, key = send(asked, "POST", KEYS, {"scope": "read", "role": "analyst", "expires": "30d"})
    assert status == 200
    held = b"".join(path.read_bytes() for path in (asked.folder / ".habitue").rglob("accounts*"))
    assert key["key"].encode() not in held
    listed = next(each for each in asked.answer(KEYS) if each["id"] == key["id"])
    assert (listed["scope"], listed["role"], listed["state"]) == ("read", "analyst", "valid")
    assert key["key"] not in str(asked.answer(KEYS))
    with visiting(asked.url) as client:
        bearer = {"Authorization": f"Bearer {key['key']}"}
        assert client.get("/api/v1/settings/roles", headers=bearer).status_code == 200
        assert client.get(KEYS, headers=bearer).status_code == 403
        assert send(asked, "DELETE", f"{KEYS}/{key['id']}")[1]["state"] == "revoked"
        assert client.get("/api/v1/settings/roles", headers=bearer).json()["code"] == "KEY-REFUSED"
    assert [about.partition(":")[0] for _, about in written_down(asked, 2)] == ["keys revoke", "keys create"]


def test_a_key_is_for_a_source_that_there_is_and_for_some_time(asked: Asked) -> None:
    assert send(asked, "POST", KEYS, {"scope": "collect", "source": "site"})[1]["source"] == "site"
    for body, code in [
        ({"scope": "collect", "source": "elsewhere"}, "SOURCE-NOT-LIVE"),
        ({"scope": "read", "source": "site"}, "ACCOUNT"),
        ({"scope": "read", "expires": "0d"}, "PARAMETER"),
        ({"scope": "read", "expires": "99999d"}, "PARAMETER"),
        ({"scope": "read", "expires": "soon"}, "PARAMETER"),
        ({"scope": "all"}, "BODY-MALFORMED"),
    ]:
        assert send(asked, "POST", KEYS, body)[1]["code"] == code, body


def test_sessions_are_listed_and_ended_from_elsewhere(asked: Asked) -> None:
    with signed_in(asked) as here, signed_in(asked, Role.ANALYST) as there:
        listed = {each["role"]: each for each in here.get(SESSIONS).json() if each["how"] == "link"}
        assert (listed["admin"]["is_yours"], listed["analyst"]["is_yours"]) == (True, False)
        assert here.send("DELETE", f"{SESSIONS}/{listed['analyst']['id']}").status_code == 200
        assert not there.get("/api/v1/session").json()["signed_in"]
        assert there.get("/api/v1/segments").json()["code"] == "SESSION-REFUSED"
        assert written_down(asked, 1) == [("permission", f"session end: {listed['analyst']['id']}")]


def test_roles_say_what_a_project_takes_away(asked: Asked) -> None:
    roles = {each["role"]: each for each in asked.answer("/api/v1/settings/roles", role=Role.EXECUTIVE)}
    build = next(each for each in roles["analyst"]["permissions"] if each["permission"] == "build")
    assert (build["may"], build["taken"]) == (False, True)
    assert roles["analyst"]["why"] == "Builds run at night."
    assert all(each["may"] for each in roles["admin"]["permissions"])


def test_the_facts_of_the_project_hold_no_secret(asked: Asked) -> None:
    facts = asked.answer("/api/v1/settings/project", role=Role.EXECUTIVE)
    assert (facts["name"], facts["time_zone"], facts["live_sources"]) == ("corner", "Europe/London", ["site"])
    assert facts["provider"] is None


def test_what_changes_settings_is_for_admins_alone(asked: Asked) -> None:
    for role in (Role.EXECUTIVE, Role.MARKETER, Role.ANALYST, Role.PRIVACY_OFFICER):
        for path in (USERS, KEYS, SESSIONS):
            assert asked.get(path, role=role).json()["code"] == "ROLE-FORBIDDEN"
    key = asked.key(Scope.READ, Role.ADMIN)
    with visiting(asked.url) as client:
        # A key for reading manages nobody, whatever its role.
        found = client.post(USERS, json={}, headers={"Authorization": f"Bearer {key}"})
        assert found.json()["code"] == "ROLE-FORBIDDEN"


def test_a_channel_is_tried_put_on_again_and_given_a_secret(asked: Asked) -> None:
    with receiving(lambda _, __: Said(status=204)) as receiver:
        put(
            asked.folder / "channels" / "crm.yaml",
            f"channel: crm\nwebhook: {receiver.url}/hooks\nsegments: all\nallow_private: true\n",
        )
        channel = next(each for each in asked.answer("/api/v1/channels") if each["channel"] == "crm")
        assert (channel["state"], channel["segments"]) == ("no_secret", "all")
        assert send(asked, "POST", "/api/v1/channels/crm/test")[1]["code"] == "CHANNEL-SECRET"
        made = send(asked, "POST", "/api/v1/channels/crm/secret")[1]
        assert made["secret"].startswith("whsec_")
        assert send(asked, "POST", "/api/v1/channels/crm/secret")[1]["code"] == "CHANNEL-SECRET-KEPT"
        again = send(asked, "POST", "/api/v1/channels/crm/secret?rotate=true")[1]
        assert again["secret"] != made["secret"]
        tested = send(asked, "POST", "/api/v1/channels/crm/test")[1]
        assert (tested["accepted"], tested["status"]) == (True, 204)
        assert len(receiver.got) == 1
        assert send(asked, "POST", "/api/v1/channels/crm/enable")[1] == {"channel": "crm", "tried_again": 0}
        assert asked.answer("/api/v1/channels/deliveries", channel="crm") == []
    assert send(asked, "POST", "/api/v1/channels/none/test")[1]["code"] == "CHANNEL-UNKNOWN"
    assert asked.get("/api/v1/channels/deliveries", state="lost").json()["code"] == "PARAMETER"
