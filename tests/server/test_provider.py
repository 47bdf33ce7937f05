"""Signing in by a provider of OpenID Connect: a real one on this machine, and ones that lie."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from habitue.server.openid import VALID
from tests.projects import corner_shop, put
from tests.server.asked import Asked, asking
from tests.server.providing import (
    CLIENT,
    SECRET,
    Claims,
    Providing,
    providing,
    signed_by_another,
    signed_by_curve,
    signed_with_what_is_public,
    unsigned,
)
from tests.server.signed import Clock, standing, visiting

BEGIN = "/api/v1/session/provider"
DONE = "/api/v1/session/provider/done"


@dataclass(kw_only=True)
class Both:
    """A server, and the provider that its project names."""

    asked: Asked
    provider: Providing
    clock: Clock = field(repr=False)

    @property
    def settings(self) -> Path:
        return self.asked.folder / "habitue.yaml"


def settings(url: str, **said: str) -> str:
    lines = {
        "issuer": url,
        "client_id": CLIENT,
        "client_secret": "env:SHOP_SECRET",
        "roles": "{claim: groups, values: {admins: admin, analysts: analyst, staff: executive}}",
        "label": "Corner login",
        "allow_private": "true",
        **said,
    }
    return "name: corner\nsign_in:\n" + "".join(f"  {name}: {value}\n" for name, value in lines.items() if value)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder, clock = corner_shop(tmp_path_factory.mktemp("provider") / "shop"), Clock()
    around = standing(clock)
    around = replace(around, environ={**around.environ, "SHOP_SECRET": SECRET})
    with ExitStack() as begun:
        provider = begun.enter_context(providing(clock))
        put(folder / "habitue.yaml", settings(provider.url))
        asked = begun.enter_context(asking(folder, surroundings=around))
        yield Both(asked=asked, provider=provider, clock=clock)


@pytest.fixture
def both(served: Both) -> Iterator[Both]:
    """The same for every test, and honest again afterwards."""
    honest = Providing(clock=served.clock)
    yield served
    provider = served.provider
    provider.claims, provider.bent, provider.sign, provider.document = honest.claims, {}, None, {}
    provider.further = None
    provider.shown.clear()
    # What it says of itself is known for an hour.
    served.clock.move(timedelta(hours=2))


def to_provider(client: httpx.Client, wanted: str = "/segments") -> str:
    """Where a browser is led to."""
    found = client.get(BEGIN, params={"next": wanted})
    assert found.status_code == 303, found.text
    return found.headers["location"]


def back(location: str) -> str:
    """What the provider leads back to, without scheme and host."""
    found = httpx.get(location, trust_env=False)
    assert found.status_code == 303, found.text
    parts = urlsplit(found.headers["location"])
    return f"{parts.path}?{parts.query}"


def whole_way(client: httpx.Client, wanted: str = "/segments") -> str:
    """Where a browser is at the end."""
    found = client.get(back(to_provider(client, wanted)))
    assert found.status_code == 303, found.text
    return found.headers["location"]


def test_somebody_whom_the_provider_knows_gets_in_as_what_their_groups_say(both: Both) -> None:
    with visiting(both.asked.url) as client:
        assert client.get("/api/v1/session").json()["provider"] == "Corner login"
        assert whole_way(client) == "/segments"
        seen = client.get("/api/v1/session").json()
        assert (seen["signed_in"], seen["name"], seen["role"]) == (True, "ann@example.com", "analyst")
        assert (seen["how"], seen["actor"]) == ("provider", "provider:ann@example.com")


def test_what_is_asked_of_the_provider_can_be_used_by_this_server_alone(both: Both) -> None:
    with visiting(both.asked.url) as client:
        asked = parse_qs(urlsplit(to_provider(client)).query)
        again = parse_qs(urlsplit(to_provider(client)).query)
    assert asked["redirect_uri"] == [f"{both.asked.url}{DONE}"]
    assert asked["code_challenge_method"] == ["S256"]
    assert SECRET not in str(asked)
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name][0]) >= 43
        assert asked[name] != again[name]


def test_a_way_back_is_good_once_and_in_the_browser_that_went(both: Both) -> None:
    with visiting(both.asked.url) as ann, visiting(both.asked.url) as mallory:
        location = back(to_provider(ann))
        # Somebody else's browser, with the address of the way back; and one that has begun a way of its own.
        assert mallory.get(location).headers["location"] == "/sign-in?refused=PROVIDER-REFUSED"
        to_provider(mallory)
        assert mallory.get(location).headers["location"] == "/sign-in?refused=PROVIDER-REFUSED"
        # Which was used up by that.
        assert ann.get(location).headers["location"] == "/sign-in?refused=PROVIDER-REFUSED"
        assert not ann.get("/api/v1/session").json()["signed_in"]
        location = back(to_provider(ann))
        assert ann.get(location).headers["location"] == "/segments"
        assert ann.get(location).headers["location"] == "/sign-in?refused=PROVIDER-REFUSED"


def test_a_code_of_another_way_is_not_taken(both: Both) -> None:
    """Somebody else's code, put into one's own way back: the proof does not fit it."""
    with visiting(both.asked.url) as ann, visiting(both.asked.url) as mallory:
        stolen = parse_qs(urlsplit(back(to_provider(mallory))).query)["code"][0]
        own = parse_qs(urlsplit(back(to_provider(ann))).query)["state"][0]
        found = ann.get(DONE, params={"code": stolen, "state": own})
        assert found.headers["location"] == "/sign-in?refused=PROVIDER-REFUSED"


def test_somebody_may_take_their_time_but_not_all_day(both: Both) -> None:
    with visiting(both.asked.url) as client:
        location = back(to_provider(client))
        both.clock.move(VALID)
        assert client.get(location).headers["location"] == "/sign-in?refused=PROVIDER-REFUSED"


@pytest.mark.parametrize(
    "bent",
    [
        {"aud": "another"},
        {"aud": None},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"aud": [CLIENT, "another"]},
        {"iss": "https://another.example"},
        {"iss": None},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"exp": "never"},
        {"iat": 4_000_000_000, "exp": 4_000_000_300},
        {"nbf": 4_000_000_000},
        {"sub": None},
        {"email": None},
        {"email": ""},
        {"email": "a" * 300},
        {"email": "ann\n@example.com"},
        {"email": ["ann@example.com"]},
        {"email_verified": False},
        {"email_verified": None},
    ],
    ids=str,
)
def test_what_was_not_said_for_this_attempt_vouches_for_nobody(both: Both, bent: Claims) -> None:
    both.provider.bent = bent
    with visiting(both.asked.url) as client:
        assert whole_way(client) == "/sign-in?refused=PROVIDER-REFUSED"
        assert not client.get("/api/v1/session").json()["signed_in"]


@pytest.mark.parametrize("sign", [unsigned, signed_by_another, signed_by_curve, None])
def test_what_the_provider_has_not_signed_vouches_for_nobody(both: Both, sign: Callable[[Claims], str] | None) -> None:
    both.provider.sign = sign or signed_with_what_is_public(both.provider)
    with visiting(both.asked.url) as client:
        assert whole_way(client) == "/sign-in?refused=PROVIDER-REFUSED"


def test_a_key_that_the_provider_renewed_is_looked_up_anew(both: Both) -> None:
    with visiting(both.asked.url) as client:
        assert whole_way(client) == "/segments"
        both.provider.renew()
        assert whole_way(client) == "/segments"


@pytest.mark.parametrize(
    ("groups", "ends"),
    [
        (["analysts", "admins"], "admin"),
        ("staff", "executive"),
        (["strangers"], "PROVIDER-ROLE"),
        ([], "PROVIDER-ROLE"),
        (None, "PROVIDER-ROLE"),
        ({"admins": True}, "PROVIDER-ROLE"),
    ],
    ids=str,
)
def test_only_listed_groups_give_a_role_and_the_first_listed_counts(both: Both, groups: object, ends: str) -> None:
    both.provider.bent = {"groups": groups}
    with visiting(both.asked.url) as client:
        found = whole_way(client)
        if ends == "PROVIDER-ROLE":
            assert found == f"/sign-in?refused={ends}"
        else:
            assert client.get("/api/v1/session").json()["role"] == ends


SHORT: Claims = {"email": None, "email_verified": None, "groups": None}


def anew(both: Both, further: object, bent: Claims | None = None, document: dict[str, object] | None = None) -> None:
    """Have the provider say little in its tokens, and something else in its UserInfo."""
    both.clock.move(timedelta(hours=2))
    both.provider.bent, both.provider.further = SHORT if bent is None else bent, further
    both.provider.document = document or {}


def test_what_the_token_leaves_out_is_asked_of_the_userinfo(both: Both) -> None:
    anew(both, {"sub": "1", "email": "ann@example.com", "email_verified": True, "groups": ["analysts"]})
    with visiting(both.asked.url) as client:
        assert whole_way(client) == "/segments"
        seen = client.get("/api/v1/session").json()
    assert (seen["name"], seen["role"]) == ("ann@example.com", "analyst")
    assert both.provider.shown == ["opaque"]


def test_a_token_that_says_everything_is_believed_and_nothing_else_asked(both: Both) -> None:
    anew(both, {"sub": "1", "email": "eve@example.com", "email_verified": True, "groups": ["admins"]}, bent={})
    with visiting(both.asked.url) as client:
        assert whole_way(client) == "/segments"
        seen = client.get("/api/v1/session").json()
    assert (seen["name"], seen["role"]) == ("ann@example.com", "analyst")
    assert both.provider.shown == []


def test_what_is_signed_counts_before_what_the_userinfo_says(both: Both) -> None:
    anew(
        both,
        {"sub": "1", "email": "eve@example.com", "email_verified": True, "groups": ["admins"]},
        bent={"email": None, "groups": ["staff"]},
    )
    with visiting(both.asked.url) as client:
        assert whole_way(client) == "/segments"
        seen = client.get("/api/v1/session").json()
    assert (seen["name"], seen["role"]) == ("eve@example.com", "executive")


@pytest.mark.parametrize(
    ("further", "bent"),
    [
        ({"sub": "2", "email": "ann@example.com", "email_verified": True, "groups": ["admins"]}, SHORT),
        ({"email": "ann@example.com", "email_verified": True, "groups": ["admins"]}, SHORT),
        ({"sub": "1", "email": "ann@example.com", "groups": ["admins"]}, SHORT),
        ({"sub": "1", "email_verified": True, "groups": ["admins"]}, {"email_verified": None, "groups": None}),
        ({"sub": "1", "groups": ["admins"]}, {"email_verified": False, "groups": None}),
        (["ann@example.com"], SHORT),
        ("ann@example.com", SHORT),
        (b"eyJhbGciOiJub25lIn0.e30.", SHORT),
        ({"sub": "1", "email": "ann@example.com", "email_verified": True, "groups": ["x" * 70_000]}, SHORT),
    ],
    ids=["another", "nobody", "unchecked", "checked-elsewhere", "known-unchecked", "list", "text", "signed", "endless"],
)
def test_a_userinfo_that_does_not_fit_the_token_vouches_for_nobody(both: Both, further: object, bent: Claims) -> None:
    anew(both, further, bent=bent)
    with visiting(both.asked.url) as client:
        assert whole_way(client).startswith("/sign-in?refused=PROVIDER-")
        assert not client.get("/api/v1/session").json()["signed_in"]


def test_a_userinfo_without_a_listed_group_gives_no_role(both: Both) -> None:
    anew(both, {"sub": "1", "groups": ["strangers"]}, bent={"groups": None})
    with visiting(both.asked.url) as client:
        assert whole_way(client) == "/sign-in?refused=PROVIDER-ROLE"


def test_a_token_is_shown_on_the_host_of_the_issuer_alone(both: Both) -> None:
    for url in ("https://another.example/userinfo", both.provider.url.replace("127.0.0.1", "localhost"), 7):
        anew(both, {"sub": "1", "groups": ["analysts"]}, bent={"groups": None}, document={"userinfo_endpoint": url})
        with visiting(both.asked.url) as client:
            assert whole_way(client) == "/sign-in?refused=PROVIDER-ROLE"
    assert both.provider.shown == []


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "/api/v1/segments", "", "/x", "/%0d%0aX:1"]
)
def test_nobody_is_led_elsewhere_in_the_end(both: Both, wanted: str) -> None:
    with visiting(both.asked.url) as client:
        assert whole_way(client, wanted) == "/"


def test_somebody_who_does_not_agree_is_back_where_they_began(both: Both) -> None:
    with visiting(both.asked.url) as client:
        state = parse_qs(urlsplit(to_provider(client)).query)["state"][0]
        found = client.get(DONE, params={"error": "access_denied", "state": state})
        assert found.headers["location"] == "/sign-in?refused=PROVIDER-REFUSED"


def test_an_answer_of_another_provider_is_not_taken(both: Both) -> None:
    with visiting(both.asked.url) as client:
        found = parse_qs(urlsplit(back(to_provider(client))).query)
        query = {"code": found["code"][0], "state": found["state"][0], "iss": "https://another.example"}
        assert client.get(DONE, params=query).headers["location"] == "/sign-in?refused=PROVIDER-REFUSED"


def test_a_provider_that_names_itself_otherwise_or_leads_astray_is_asked_no_further(both: Both) -> None:
    bad: list[dict[str, object]] = [
        {"issuer": "https://another.example"},
        {"token_endpoint": None},
        {"authorization_endpoint": 7},
        {"jwks_uri": "http://169.254.169.254/latest"},
    ]
    for document in bad:
        both.clock.move(timedelta(hours=2))
        both.provider.document = document
        with visiting(both.asked.url) as client:
            refused = client.get(BEGIN).headers["location"]
        assert refused == "/sign-in?refused=PROVIDER-SILENT"


def test_without_a_provider_nobody_is_sent_anywhere(tmp_path: Path) -> None:
    with asking(corner_shop(tmp_path / "shop")) as asked, visiting(asked.url) as client:
        assert client.get("/api/v1/session").json()["provider"] is None
        assert client.get(BEGIN).headers["location"] == "/sign-in?refused=PROVIDER-ABSENT"


def test_a_provider_in_ones_own_network_has_to_be_allowed(tmp_path: Path) -> None:
    """Nothing is sent to this machine, or its network, because a file of the project names it."""
    folder = corner_shop(tmp_path / "shop")
    told: list[str] = []
    with asking(folder) as asked, visiting(asked.url) as client:
        asked.app.state.provider.tell = lambda error: told.append(error.what)
        hosts = ("127.0.0.1", "localhost", "169.254.169.254", "[::1]", "2130706433", "[::ffff:10.0.0.1]")
        for host in hosts:
            put(folder / "habitue.yaml", settings(f"https://{host}:8443", allow_private="", client_secret=""))
            assert asked.owner.watch.current().settings.sign_in is not None
            assert client.get(BEGIN).headers["location"] == "/sign-in?refused=PROVIDER-SILENT"
    assert len(told) == len(hosts)
    assert all("nothing is sent" in each or "not public" in each for each in told), told
