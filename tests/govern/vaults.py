"""Vaults for tests, and a search through the bytes of their files."""

import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from habitue.govern.keys import MasterKey
from habitue.govern.vault import Vault

NOW = datetime(2026, 6, 30, tzinfo=UTC)
LATER = datetime(2026, 7, 1, tzinfo=UTC)


def chance(seed: int) -> Callable[[int], bytes]:
    return random.Random(seed).randbytes


def master(seed: int = 1) -> MasterKey:
    return MasterKey(chance(seed)(32), "the test")


def open_vault_of(folder: Path, *, key: MasterKey | None = None, seed: int = 2) -> Vault:
    folder.mkdir(exist_ok=True)
    return Vault.open(folder, key or master(), vault_id="00112233445566aa", random=chance(seed))


def people(vault: Vault, values: Iterable[str], namespace: str = "user_id") -> list[str]:
    """The records of own identifiers, none of them buried."""
    found = vault.assign(vault.names(namespace, values), now=NOW)
    assert None not in found
    return [each for each in found if each is not None]


def every_byte(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def found_among(marks: Iterable[bytes], data: bytes) -> list[bytes]:
    """Those of the marks, 8 bytes and longer, that stand in the data; all places of the data are looked at once."""
    wanted = list(marks)
    heads = np.sort(np.frombuffer(b"".join(mark[:8] for mark in wanted), dtype="<u8"))
    seen: set[bytes] = set()
    for shift in range(8):
        end = len(data) - (len(data) - shift) % 8
        words = np.frombuffer(data[shift:end], dtype="<u8")
        at = np.flatnonzero(heads[np.minimum(np.searchsorted(heads, words), len(heads) - 1)] == words)
        seen.update(words[at].tobytes()[place : place + 8] for place in range(0, 8 * len(at), 8))
    return [mark for mark in wanted if mark[:8] in seen and mark in data]
