"""Who asks: an API key, the token of this machine or somebody who is signed in, and what that allows here."""

import asyncio
import hmac
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from habitue.errors import HabitueError
from habitue.govern.account_failures import KeyRefusedError
from habitue.govern.accounts import Accounts, key_access
from habitue.govern.roles import Access, RoleSpec, access_of, role_named
from habitue.govern.sessions import Session, Sessions, csrf_of, session_access
from habitue.records.permissions import Role
from habitue.run.auditing import terminal_actor
from habitue.run.surroundings import Surroundings
from habitue.server.browsers import (
    CSRF_HEADER,
    SAFE,
    Origin,
    OriginRefusedError,
    check_own_page,
    cookie_of,
    origin_of,
)

AS_HEADER: Final = "habitue-as"
"""Names the role that whoever has the token of this machine acts as."""
_LONGEST: Final = 200


class KeyMissingError(HabitueError):
    """A request brings no key."""

    code = "KEY-MISSING"

    def __init__(self) -> None:
        super().__init__(
            what="This needs an API key.",
            do="Send `Authorization: Bearer …` with a key of `habitue keys create --scope read`, or sign in.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody who is signed in, in the request that says so.

    Attributes:
        session: Their session.
        access: What they may do.
        csrf: What changes have to show.
    """

    session: Session
    access: Access
    csrf: str


class KeyGate:
    """Admits whoever brings a key of the project, the token that lies beside it, or the cookie of a session.

    Args:
        opening: Opens the accounts; called by a thread of the gate's own.
        sessions: Opens the sessions, in that thread.
        token: Of `.habitue/server.json`: whoever can read that file owns the project.
        around: The time, and who runs the server.
        narrowed: What the project takes away from roles at present.
        address: Where people reach the server at present; None where they sit at this machine.
    """

    def __init__(
        self,
        opening: Callable[[], Accounts],
        sessions: Callable[[], Sessions],
        *,
        token: str,
        around: Surroundings,
        narrowed: Callable[[], Sequence[RoleSpec]],
        address: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._token = token.encode()
        self._around = around
        self._narrowed = narrowed
        self._address = address
        self._opened = ExitStack()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="habitue-gate")
        try:
            self._accounts = self._pool.submit(lambda: self._opened.enter_context(opening())).result()
            self._sessions = self._pool.submit(lambda: self._opened.enter_context(sessions())).result()
        except BaseException:
            self._pool.submit(self._opened.close).result()
            self._pool.shutdown()
            raise

    async def admit(self, request: Request) -> Access:
        """What somebody who sent a request may do.

        Raises:
            KeyMissingError: They brought no key, and are not signed in.
            KeyRefusedError: They brought none that is valid.
            RoleUnknownError: They want to act as what nobody is.
            SessionRefusedError: They are signed in no longer.
            HostRefusedError: They are signed in, and reached the server by another name.
            OriginRefusedError: They are signed in, and it was another page that sent it, or may have been.
        """
        if "authorization" not in request.headers:
            found = await self.signed_in(request)
            if found is None:
                raise KeyMissingError
            if request.method not in SAFE and not _shows(request, found.csrf):
                raise OriginRefusedError
            return found.access
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        text = text.strip()
        if scheme.lower() != "bearer" or not text:
            raise KeyMissingError
        if len(text) > _LONGEST:
            raise KeyRefusedError
        if hmac.compare_digest(text.encode("utf-8", "surrogatepass"), self._token):
            role = role_named(request.headers.get(AS_HEADER, Role.ADMIN.value))
            return access_of(role, self._narrowed(), actor=terminal_actor(self._around.environ))
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._by_key, text)

    def origin(self, request: Request) -> Origin:
        """What a request reached the server by.

        Raises:
            HostRefusedError: It is none of its names.
        """
        return origin_of(request, self._address())

    async def signed_in(self, request: Request) -> SignedIn | None:
        """Who is signed in where a request comes from; None where it brings no session.

        Raises:
            SessionRefusedError: They are signed in no longer.
            HostRefusedError: They reached the server by another name.
            OriginRefusedError: It was another page that sent it.
        """
        if "cookie" not in request.headers:
            return None
        origin = self.origin(request)
        token = cookie_of(request, origin.cookie)
        if not token:
            return None
        check_own_page(request, origin)
        # A stream that only asks whether it may go on is no use of the session.
        is_use = "access" not in request.scope.get("state", {})
        session = await asyncio.get_running_loop().run_in_executor(self._pool, self._by_token, token, is_use)
        return SignedIn(session=session, access=session_access(session, self._narrowed()), csrf=csrf_of(token))

    def is_owner(self, request: Request) -> bool:
        """Whether a request brings the token of this machine."""
        said = request.headers.get("authorization", "")
        return hmac.compare_digest(said.encode("utf-8", "surrogatepass"), b"Bearer " + self._token)

    def close(self) -> None:
        """Give the accounts back."""
        self._pool.submit(self._opened.close).result()
        self._pool.shutdown()

    def _by_key(self, text: str) -> Access:
        return key_access(self._accounts.check_key(text, now=self._around.clock()), self._narrowed())

    def _by_token(self, token: str, is_use: bool) -> Session:
        return self._sessions.check(token, now=self._around.clock(), is_use=is_use)


def _shows(request: Request, csrf: str) -> bool:
    said = request.headers.get(CSRF_HEADER, "")
    return hmac.compare_digest(said.encode("utf-8", "surrogatepass"), csrf.encode())
