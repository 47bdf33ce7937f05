"""Write keys: who may send events, and of which source they are; looked up once and remembered for a moment."""

import asyncio
import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from habitue.govern.account_failures import KeyRefusedError
from habitue.govern.accounts import KEY_PREFIX, Accounts, ApiKey, key_access
from habitue.records.permissions import Permission
from habitue.server.refusals import key_elsewhere, key_missing, key_refused
from habitue.state.sqlite import to_us

REMEMBERED_US: Final = 1_000_000
"""How long a key is taken without being looked up again: a revoked one is refused after that."""
_MOST_REMEMBERED: Final = 1_000
_KEY: Final = re.compile(r"hab_[0-9a-f]{12}_[A-Za-z0-9_-]{43}")
_LONGEST_HEADER: Final = 1_000


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who sends, and as which source.

    Attributes:
        key_id: Of the key.
        source: The live source that the events are of.
    """

    key_id: str
    source: str


@dataclass(frozen=True, slots=True)
class _Known:
    admitted: Admitted
    looked_up_us: int
    expires_us: int


class WriteKeys:
    """The write keys of one project, for the event loop and other threads.

    Keys are looked up in a thread of their own, so that a slow disk holds nothing up. Of each only a digest is
    remembered.

    Args:
        open_accounts: Opens the accounts; called, and they are used, in that thread only.
        sources: The live sources there are.
        clock: The present time.
    """

    def __init__(
        self,
        open_accounts: Callable[[], Accounts],
        sources: Callable[[], Collection[str]],
        clock: Callable[[], datetime],
    ) -> None:
        self._sources = sources
        self._clock = clock
        self._known: dict[bytes, _Known] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="habitue-keys")
        self._accounts = self._thread.submit(open_accounts).result()

    def close(self) -> None:
        """Give the accounts back."""
        self._thread.submit(self._accounts.close).result()
        self._thread.shutdown()

    async def admit(self, text: str) -> Admitted:
        """Who sent a key; for the event loop.

        Raises:
            DoorError: It opens nothing, or not this.
        """
        found = self._remembered(text)
        if found is None:
            found = await asyncio.wrap_future(self._thread.submit(self._look_up, text))
        return found

    def admit_now(self, text: str) -> Admitted:
        """Who sent a key; for threads that may wait.

        Raises:
            DoorError: It opens nothing, or not this.
        """
        return self._remembered(text) or self._thread.submit(self._look_up, text).result()

    def _remembered(self, text: str) -> Admitted | None:
        if not text:
            raise key_missing()
        if not _KEY.fullmatch(text):
            raise key_refused()
        known = self._known.get(_digest(text))
        now_us = to_us(self._clock())
        if known is None or now_us >= known.expires_us:
            return None
        return known.admitted if 0 <= now_us - known.looked_up_us < REMEMBERED_US else None

    def _look_up(self, text: str) -> Admitted:
        now, digest = self._clock(), _digest(text)
        try:
            key = self._accounts.check_key(text, now=now)
        except KeyRefusedError:
            self._known.pop(digest, None)
            raise key_refused() from None
        admitted = self._as_source(key)
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[digest] = _Known(admitted, to_us(now), to_us(key.expires_at))
        return admitted

    def _as_source(self, key: ApiKey) -> Admitted:
        sources = self._sources()
        if not key_access(key).allows(Permission.COLLECT):
            raise key_elsewhere()
        if key.source in sources:
            return Admitted(key.id, key.source)
        if not key.source and len(sources) == 1:
            return Admitted(key.id, next(iter(sources)))
        raise key_elsewhere()


def key_of_header(header: str) -> str:
    """The write key of an `Authorization` header: of HTTP Basic the user name, of Bearer a key of ours; empty for none.

    The colon after the user name may be missing, as old clients have it. Beside the token of another issuer the key is
    in the body.

    Examples:
        >>> key_of_header("Basic a2V5Og=="), key_of_header("basic a2V5"), key_of_header("Bearer hab_1")
        ('key', 'key', 'hab_1')
        >>> key_of_header("Basic %%%"), key_of_header("Bearer eyJ0"), key_of_header("Digest x")
        ('', '', '')
    """
    scheme, _, rest = header[:_LONGEST_HEADER].strip().partition(" ")
    if scheme.lower() == "bearer":
        token = rest.strip()
        return token if token.startswith(KEY_PREFIX) else ""
    if scheme.lower() != "basic":
        return ""
    try:
        clear = base64.b64decode(rest.strip(), validate=True)
    except binascii.Error:
        return ""
    return clear.decode("latin-1").partition(":")[0].strip()


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
