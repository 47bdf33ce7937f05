"""Browsers of people who are signed in, beside a server of a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from habitue.cli.clock import system_surroundings
from habitue.govern.roles import Role
from habitue.run.accounts import People, add_user
from habitue.run.signing_in import make_link
from habitue.run.surroundings import Surroundings
from tests.server.asked import Asked
from tests.terminal import Json

SENTENCE = "seven small herons waiting"
NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that stands until somebody moves it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, length: timedelta) -> None:
        self.now += length


def standing(clock: Clock) -> Surroundings:
    """The system's surroundings with another clock."""
    return replace(system_surroundings(), clock=clock)


@dataclass(frozen=True, kw_only=True)
class Browser:
    """A browser: it keeps cookies, and shows what changes have to show.

    Attributes:
        client: Sends.
        seen: What the session said when it began.
    """

    client: httpx.Client = field(repr=False)
    seen: Json

    @property
    def shown(self) -> dict[str, str]:
        return {"X-CSRF-Token": self.seen["csrf"], "Sec-Fetch-Site": "same-origin"}

    def get(self, path: str, **parameters: str) -> httpx.Response:
        return self.client.get(path, params=parameters or None)

    def send(self, method: str, path: str, body: object = None) -> httpx.Response:
        return self.client.request(method, path, json=body, headers=self.shown)


def link_of(folder: Path, role: Role = Role.ADMIN, around: Surroundings | None = None) -> str:
    """What stands behind `#link=`."""
    with People.open(folder, around or system_surroundings()) as people:
        return make_link(people, role)


def user_of(folder: Path, name: str, role: Role, around: Surroundings | None = None) -> None:
    """A user with the password of these tests."""
    with People.open(folder, around or system_surroundings()) as people:
        add_user(people, name, role, SENTENCE)


@contextmanager
def visiting(url: str) -> Iterator[httpx.Client]:
    """A browser in which nobody is signed in."""
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        yield client


@contextmanager
def signed_in(asked: Asked, role: Role = Role.ADMIN, around: Surroundings | None = None) -> Iterator[Browser]:
    """A browser in which somebody is signed in by a link."""
    with visiting(asked.url) as client:
        found = client.post("/api/v1/session/link", json={"link": link_of(asked.folder, role, around)})
        assert found.status_code == 200, found.text
        yield Browser(client=client, seen=found.json())
