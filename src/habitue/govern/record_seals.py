"""Sealing bytes under the keys of records, as often as live events come: keys that were used lately stay ready."""

import base64
import binascii
from collections.abc import Collection
from typing import Final

from habitue.govern.person_keys import PersonKeys, PersonUnknownError
from habitue.govern.recent import Recent
from habitue.govern.sealing import Seal, SealBrokenError
from habitue.govern.vault_tables import record_number

PLACE: Final = "live"
_HELD: Final = 100_000


class RecordSeals:
    """The keys of records of one open vault, ready for use."""

    def __init__(self, keys: PersonKeys, *, held: int = _HELD) -> None:
        self._keys = keys
        self._ready: Recent[str, tuple[Seal, bytes] | None] = Recent(held, None)

    def seal(self, record: str, clear: bytes) -> str | None:
        """Bytes as base64 text, sealed under a record's key; None where there is no such record."""
        ready = self._ready[record] or self._open(record)
        if ready is None:
            return None
        return binascii.b2a_base64(ready[0].seal_about(clear, ready[1]), newline=False).decode("ascii")

    def open(self, record: str, sealed: str) -> bytes | None:
        """The bytes again; None where the record's key is gone.

        Raises:
            SealBrokenError: They were changed, or belong to another record.
        """
        ready = self._ready[record] or self._open(record)
        if ready is None:
            return None
        try:
            raw = base64.b64decode(sealed, validate=True)
        except (binascii.Error, ValueError):
            raise SealBrokenError(PLACE) from None
        return ready[0].unseal(raw, ready[1].decode())

    def remember(self, record: str, number: int, seal: Seal) -> None:
        """Hold the key of a new record ready."""
        self._ready.put(record, (seal, f"{number}|{PLACE}".encode()))

    def sealed_at(self, record: str, clear: bytes, about: str) -> bytes:
        """Bytes sealed under the key of a record that is there, bound to what they are about."""
        ready = self._ready[record] or self._open(record)
        if ready is None:
            raise PersonUnknownError(record)
        return ready[0].seal(clear, about)

    def forget(self, records: Collection[str] | None = None) -> None:
        """Hold the keys of some records, or of all, no longer."""
        if records is None:
            self._ready.clear()
        else:
            self._ready.drop(records)

    def _open(self, record: str) -> tuple[Seal, bytes] | None:
        number = record_number(record)
        seal = None if number is None else self._keys.of(number)
        if seal is None:
            return None
        ready = (seal, f"{number}|{PLACE}".encode())
        self._ready.put(record, ready)
        return ready
