"""Sessions and links as they are kept: what ends them, and what somebody who reads the file gets."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from habitue.cli.clock import system_surroundings
from habitue.govern.account_failures import LinkRefusedError, SessionRefusedError, SessionUnknownError
from habitue.govern.accounts import Accounts
from habitue.govern.roles import Permission, Role, RoleSpec
from habitue.govern.sessions import IDLE, LINK_VALID, LONGEST, How, Sessions, csrf_of, session_access

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
CHANCE = system_surroundings().random
SENTENCE = "seven small herons waiting"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def sessions(project: Path) -> Iterator[Sessions]:
    with Sessions.open(project, random=CHANCE) as opened:
        yield opened


def test_a_page_that_only_stays_open_keeps_no_session_alive(sessions: Sessions) -> None:
    token = sessions.begin("ann", Role.ANALYST, How.LINK, now=NOW).token
    for hours in range(1, 8):
        sessions.check(token, now=NOW + timedelta(hours=hours), is_use=False)
    with pytest.raises(SessionRefusedError):
        sessions.check(token, now=NOW + IDLE, is_use=False)


def test_use_keeps_a_session_alive_but_not_for_ever(sessions: Sessions) -> None:
    token, now = sessions.begin("ann", Role.ANALYST, How.LINK, now=NOW).token, NOW
    while now + IDLE < NOW + LONGEST:
        now += IDLE - timedelta(minutes=2)
        assert sessions.check(token, now=now).name == "ann"
    with pytest.raises(SessionRefusedError):
        sessions.check(token, now=NOW + LONGEST)


@pytest.mark.parametrize("text", ["", "x", "A" * 43, "A" * 44, "A" * 100_000, "é" * 43, "\0" * 43, "\ud800" * 43])
def test_what_is_no_session_is_refused_as_an_ended_one_is(sessions: Sessions, text: str) -> None:
    sessions.begin("ann", Role.ANALYST, How.LINK, now=NOW)
    with pytest.raises(SessionRefusedError):
        sessions.check(text, now=NOW)
    with pytest.raises(LinkRefusedError):
        sessions.take_link(text, now=NOW)


def test_neither_tokens_nor_links_nor_what_changes_show_is_on_the_disk(sessions: Sessions, project: Path) -> None:
    token = sessions.begin("ann", Role.ANALYST, How.LINK, now=NOW).token
    link = sessions.make_link("ann", Role.ADMIN, now=NOW)
    held = b"".join(path.read_bytes() for path in (project / ".habitue").iterdir())
    assert b"ann" in held
    assert not any(text.encode() in held for text in (token, link, csrf_of(token)))


def test_a_user_who_goes_takes_their_sessions_along(sessions: Sessions, project: Path) -> None:
    with Accounts.open(project, random=CHANCE) as accounts:
        for name in ("ann", "ben"):
            accounts.add_user(name, Role.ANALYST, SENTENCE, now=NOW)
        tokens = {name: sessions.begin(name, Role.ANALYST, How.ACCOUNT, now=NOW).token for name in ("ann", "ben")}
        accounts.set_role("ann", Role.EXECUTIVE)
        assert sessions.check(tokens["ann"], now=NOW).role is Role.EXECUTIVE
        accounts.disable_user("ann", now=NOW)
        with pytest.raises(SessionRefusedError):
            sessions.check(tokens["ann"], now=NOW)
        assert [each.name for each in sessions.sessions(now=NOW)] == ["ben"]
        accounts.remove_user("ben")
        with pytest.raises(SessionRefusedError):
            sessions.check(tokens["ben"], now=NOW)
        # Somebody new of the same name is somebody else.
        accounts.add_user("ben", Role.ADMIN, SENTENCE, now=NOW)
        with pytest.raises(SessionRefusedError):
            sessions.check(tokens["ben"], now=NOW)


def test_the_same_name_by_another_way_is_somebody_else(sessions: Sessions) -> None:
    by_link = sessions.begin("ann", Role.ADMIN, How.LINK, now=NOW)
    by_provider = sessions.begin("ann", Role.ANALYST, How.PROVIDER, now=NOW)
    assert sessions.end_all("ann", How.PROVIDER) == 1
    assert sessions.check(by_link.token, now=NOW).actor == "link:ann"
    with pytest.raises(SessionRefusedError):
        sessions.check(by_provider.token, now=NOW)
    with pytest.raises(SessionUnknownError):
        sessions.end(by_provider.session.id)


def test_links_are_forgotten_when_they_are_old_or_many(sessions: Sessions) -> None:
    first = sessions.make_link("ann", Role.ADMIN, now=NOW)
    later = NOW + timedelta(seconds=1)
    links = [sessions.make_link("ann", Role.ADMIN, now=later) for _ in range(100)]
    with pytest.raises(LinkRefusedError):
        sessions.take_link(first, now=later)
    sessions.take_link(links[-1], now=later)
    with pytest.raises(LinkRefusedError):
        sessions.take_link(links[-2], now=later + LINK_VALID)


def test_what_a_project_takes_away_from_a_role_counts_for_sessions(sessions: Sessions) -> None:
    session = sessions.begin("ann", Role.ANALYST, How.LINK, now=NOW).session
    narrowed = [RoleSpec(role=Role.ANALYST, without=(Permission.SEE_PEOPLE,))]
    assert not session_access(session, narrowed).sees_people
    assert session_access(session).sees_people
