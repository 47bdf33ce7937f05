"""Whom messages are about: records of the vault in place of identifiers, those known lately from memory."""

import json
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Final, Protocol

from habitue.govern.recent import Recent
from habitue.govern.vault import Vault
from habitue.sources.inbox_values import WHITE
from habitue.sources.spec import OWN_CARD

HELD: Final = 200_000
UNKNOWN: Final = ""
ERASED: Final = "erased"
NOBODY: Final = "nobody"
_NO_ONE: Final = [None]
_FEWEST: Final = 20_000
"""More than the identifiers of one request, so that none is forgotten while it is worked on."""
_IDENTIFIER: Final = re.compile(
    rb'"(?:userId|anonymousId|previousId|user_id|anonymous_id|previous_id)"\s*:\s*("(?:[^"\\]|\\.){1,1024}"|\d{1,40})'
)
"""Where a message says whom it is about, as client libraries write it."""
Key = tuple[str, str]


class Names(Protocol):
    """How identifiers are written to be compared: the identity rules of a project."""

    def normalise(self, name: str, values: Sequence[str | None]) -> list[str | None]:
        """Identifiers of a namespace as they are compared; None where one identifies nobody."""
        ...


class Admission:
    """Gives records to identifiers, and remembers them.

    Args:
        vault: Knows the people; of the thread that uses this.
        rules: How identifiers are compared.
        clock: The present time, aware.
        held: How many identifiers are remembered.
    """

    def __init__(self, vault: Vault, rules: Names, clock: Callable[[], datetime], *, held: int = HELD) -> None:
        self._vault = vault
        self._rules = rules
        self._clock = clock
        self._held = max(held, _FEWEST)
        self._records: dict[str, Recent[str, str]] = {}
        self._carried: Recent[Key, str] = Recent(held, UNKNOWN)
        self._burials = vault.burials()
        self._forgotten: list[Collection[str]] = []

    def records(self, namespace: str) -> Recent[str, str]:
        """The record of each identifier of a namespace, as written, that was admitted lately.

        In place of a record stands `ERASED` or `NOBODY`, and `UNKNOWN` where it has to be admitted.
        """
        return self._records.setdefault(namespace, Recent(self._held, UNKNOWN))

    def forget(self, records: Collection[str]) -> None:
        """Have records forgotten before the next message; from whatever thread."""
        self._forgotten.append(frozenset(records))

    def refresh(self) -> None:
        """Forget who was erased meanwhile, here or by another process."""
        while self._forgotten:
            gone = self._forgotten.pop()
            for each in self._records.values():
                each.drop_values(gone)
            self._vault.forget_keys(gone)
        burials = self._vault.burials()
        if burials != self._burials:
            self._burials = burials
            for each in self._records.values():
                each.clear()
            self._vault.forget_keys()

    def admit(self, wanted: Iterable[Key]) -> None:
        """Have a record for each identifier, namespace and value as written; one transaction for all."""
        named: dict[str, dict[str, str]] = {}
        for space, value in dict.fromkeys(wanted):
            text = value.strip(WHITE)
            if not text or self._rules.normalise(space, [text]) == _NO_ONE:
                self.records(space).put(value, NOBODY)
            else:
                named.setdefault(space, {})[value] = text
        if not named:
            return
        keys = [(space, value) for space, values in named.items() for value in values]
        names = [name for space, values in named.items() for name in self._vault.names(space, values.values())]
        cards = [_card(space, text) for space, values in named.items() for text in values.values()]
        ids = self._vault.admit(names, cards, source=OWN_CARD, now=self._clock())
        for (space, value), record in zip(keys, ids, strict=True):
            self.records(space).put(value, ERASED if record is None else record)

    def names_erased(self, raw: bytes, namespaces: Sequence[str]) -> bool:
        """Whether a message that was not understood names somebody erased, wherever in it."""
        said = {text for each in _IDENTIFIER.findall(raw) if (text := _plain(each))}
        names = [name for space in namespaces for name in self._vault.names(space, said)]
        return bool(names) and bool(self._vault.buried(names))

    def namespace_of(self, value: str, namespaces: Sequence[str]) -> str:
        """The namespace in which an identifier is known already; the first where it is in none."""
        names = {self._vault.name(space, value.strip(WHITE)): space for space in namespaces}
        found = self._vault.find(names)
        return next((space for name, space in names.items() if name in found), namespaces[0])

    def carried(self, namespace: str, value: str) -> str | None:
        """The keyed name of a further identifier; None where it identifies nobody."""
        name = self._compared(namespace, value)
        return None if name == NOBODY else name

    def _compared(self, namespace: str, value: str) -> str:
        """The keyed name of an identifier as it is compared, or that it is nobody's."""
        name = self._carried[namespace, value]
        if name == UNKNOWN:
            (compared,) = self._rules.normalise(namespace, [value])
            name = NOBODY if compared is None else self._vault.name(namespace, compared)
            self._carried.put((namespace, value), name)
        return name


def _plain(written: bytes) -> str:
    """An identifier as JSON writes it, plainly; empty for what is none."""
    try:
        text = str(json.loads(written)).strip(WHITE)
        text.encode()
    except ValueError:
        return ""
    return text


def _card(space: str, value: str) -> str:
    """What says by what somebody is known, as builds write it."""
    return json.dumps({"id": [[space, value]]}, ensure_ascii=False)
