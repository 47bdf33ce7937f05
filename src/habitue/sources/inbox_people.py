"""Whom messages are about: records of the vault in place of identifiers, those known lately from memory."""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Final, Protocol

from habitue.govern.recent import Recent
from habitue.govern.vault import Vault
from habitue.sources.inbox_values import WHITE
from habitue.sources.people import OWN_CARD

HELD: Final = 200_000
_ERASED: Final = ""
_NOBODY: Final = "-"
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
        self._records: Recent[Key, str] = Recent(held)
        self._carried: Recent[Key, str] = Recent(held // 4)
        self._burials = vault.burials()
        self._forgotten: list[Collection[str]] = []

    def forget(self, records: Collection[str]) -> None:
        """Have records forgotten before the next message; from whatever thread."""
        self._forgotten.append(frozenset(records))

    def refresh(self) -> None:
        """Forget who was erased meanwhile, here or by another process."""
        while self._forgotten:
            gone = self._forgotten.pop()
            self._records.drop_values(gone)
            self._vault.forget_keys(gone)
        burials = self._vault.burials()
        if burials != self._burials:
            self._burials = burials
            self._records.clear()
            self._vault.forget_keys()

    def admit(self, wanted: Iterable[Key]) -> None:
        """Have a record for each identifier: namespace and value as `plain` gives it; one transaction for all."""
        known = self._records.get
        unknown = [key for key in dict.fromkeys(wanted) if known(key) is None]
        if not unknown:
            return
        vault = self._vault
        names = [vault.name(*key) for key in unknown]
        with vault.transaction():
            ids = vault.assign(names, now=self._clock())
            cards = {
                record: json.dumps({"id": [key]}, ensure_ascii=False)
                for key, record in zip(unknown, ids, strict=True)
                if record is not None
            }
            lacking = vault.lacking_card(OWN_CARD, cards)
            if lacking:
                vault.put_cards(OWN_CARD, list(lacking), [cards[each] for each in lacking])
        for key, record in zip(unknown, ids, strict=True):
            self._records.put(key, _ERASED if record is None else record)

    def record(self, key: Key) -> str | None:
        """The record of an identifier that was admitted; None where it was erased."""
        return self._records.get(key) or None

    def namespace_of(self, value: str, namespaces: Sequence[str]) -> str:
        """The namespace in which an identifier is known already; the first where it is in none."""
        for space in namespaces:
            if self._records.get((space, value)):
                return space
        names = {self._vault.name(space, value): space for space in namespaces}
        found = self._vault.find(names)
        return next((space for name, space in names.items() if name in found), namespaces[0])

    def plain(self, namespace: str, value: str | None) -> str | None:
        """An own identifier without blanks at its ends; None where it identifies nobody."""
        text = value.strip(WHITE) if value else ""
        return text if text and self._compared(namespace, text) != _NOBODY else None

    def carried(self, namespace: str, value: str) -> str | None:
        """The keyed name of a further identifier; None where it identifies nobody."""
        name = self._compared(namespace, value)
        return None if name == _NOBODY else name

    def _compared(self, namespace: str, value: str) -> str:
        """The keyed name of an identifier as it is compared, or that it is nobody's."""
        name = self._carried.get((namespace, value))
        if name is None:
            (compared,) = self._rules.normalise(namespace, [value])
            name = _NOBODY if compared is None else self._vault.name(namespace, compared)
            self._carried.put((namespace, value), name)
        return name
