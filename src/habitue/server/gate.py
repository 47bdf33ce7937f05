"""Who asks: an API key or the token of this machine, and what that allows here."""

import asyncio
import hmac
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from starlette.requests import Request

from habitue.errors import HabitueError
from habitue.govern.account_failures import KeyRefusedError
from habitue.govern.accounts import Accounts, key_access
from habitue.govern.roles import Access, RoleSpec, access_of, role_named
from habitue.records.permissions import Role
from habitue.run.auditing import terminal_actor
from habitue.run.surroundings import Surroundings

AS_HEADER: Final = "habitue-as"
"""Names the role that whoever has the token of this machine acts as."""
_LONGEST: Final = 200


class KeyMissingError(HabitueError):
    """A request brings no key."""

    code = "KEY-MISSING"

    def __init__(self) -> None:
        super().__init__(
            what="This needs an API key.",
            do="Send `Authorization: Bearer …` with a key of `habitue keys create --scope read`.",
        )


class KeyGate:
    """Admits whoever brings a key of the project, or the token that lies beside it.

    Args:
        opening: Opens the accounts; called by a thread of the gate's own.
        token: Of `.habitue/server.json`: whoever can read that file owns the project.
        around: The time, and who runs the server.
        narrowed: What the project takes away from roles at present.
    """

    def __init__(
        self,
        opening: Callable[[], Accounts],
        *,
        token: str,
        around: Surroundings,
        narrowed: Callable[[], Sequence[RoleSpec]],
    ) -> None:
        self._token = token.encode()
        self._around = around
        self._narrowed = narrowed
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="habitue-gate")
        try:
            self._accounts = self._pool.submit(opening).result()
        except BaseException:
            self._pool.shutdown()
            raise

    async def admit(self, request: Request) -> Access:
        """What somebody who sent a request may do.

        Raises:
            KeyMissingError: They brought no key.
            KeyRefusedError: They brought none that is valid.
            RoleUnknownError: They want to act as what nobody is.
        """
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

    def is_owner(self, request: Request) -> bool:
        """Whether a request brings the token of this machine."""
        said = request.headers.get("authorization", "")
        return hmac.compare_digest(said.encode("utf-8", "surrogatepass"), b"Bearer " + self._token)

    def close(self) -> None:
        """Give the accounts back."""
        self._pool.submit(self._accounts.close).result()
        self._pool.shutdown()

    def _by_key(self, text: str) -> Access:
        return key_access(self._accounts.check_key(text, now=self._around.clock()), self._narrowed())
