"""Signing in and out: who came in, by what, is in the audit log before they are let in."""

from typing import Final

from habitue.govern.audit import AuditAction
from habitue.govern.roles import Role
from habitue.govern.sessions import How, NewSession, Session
from habitue.run.accounts import People
from habitue.run.auditing import note, terminal_actor

_OWNER: Final = "owner"
_UNKNOWN: Final = "unknown"


def make_link(people: People, role: Role = Role.ADMIN, *, actor: str = "") -> str:
    """What lets whoever sits at this machine in once, within a few minutes.

    Args:
        people: The accounts.
        role: As what.
        actor: Who makes it; by default who sits at the terminal.
    """
    who = actor or terminal_actor(people.around.environ)
    note(people, AuditAction.SIGN_IN, about=f"users link: as {role.value}", actor=who)
    name = who.removeprefix("cli:")
    return people.sessions.make_link(_OWNER if name == _UNKNOWN else name, role, now=people.now)


def sign_in(people: People, name: str, password: str) -> NewSession:
    """Sign a user in.

    Cost: about a tenth of a second of one core.

    Raises:
        SignInRefusedError: Name and password do not belong together.
        SignInPausedError: There were too many wrong tries just before.
    """
    now = people.now
    user = people.accounts.sign_in(name, password, now=now)
    return _noted(people, people.sessions.begin(user.name, user.role, How.ACCOUNT, now=now))


def sign_in_by_link(people: People, text: str) -> NewSession:
    """Sign in whoever has a link.

    Raises:
        LinkRefusedError: It is unknown, was used, or is too old.
    """
    return _noted(people, people.sessions.take_link(text, now=people.now))


def sign_in_by_provider(people: People, name: str, role: Role) -> NewSession:
    """Sign in somebody for whom a provider vouches."""
    return _noted(people, people.sessions.begin(name, role, How.PROVIDER, now=people.now))


def sign_out(people: People, session: Session, *, everywhere: bool = False) -> int:
    """Sign somebody out; gives how many sessions ended.

    Args:
        people: The accounts.
        session: Their session.
        everywhere: Whether their other sessions end too.
    """
    if everywhere:
        ended = people.sessions.end_all(session.name, session.how)
    else:
        people.sessions.end(session.id)
        ended = 1
    about = f"session out: {session.id}{', everywhere' if everywhere else ''}"
    note(people, AuditAction.SIGN_IN, about=about, actor=session.actor)
    return ended


def end_session(people: People, session_id: str, *, actor: str) -> None:
    """Sign somebody else out.

    Args:
        people: The accounts.
        session_id: Of their session.
        actor: Who does it.

    Raises:
        SessionUnknownError: There is no such session.
    """
    people.sessions.end(session_id)
    note(people, AuditAction.PERMISSION, about=f"session end: {session_id}", actor=actor)


def _noted(people: People, begun: NewSession) -> NewSession:
    """What is not written down has not been allowed."""
    session = begun.session
    about = f"session in: {session.id} by {session.how.value} as {session.role.value}"
    try:
        note(people, AuditAction.SIGN_IN, about=about, actor=session.actor)
    except BaseException:
        people.sessions.end(session.id)
        raise
    return begun
