"""Records that share an identifier become links; an identifier shared by too many is blocked, and reported.

Cost: a sort of the identifiers of each namespace; about a microsecond each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from habitue.identity.edges import Edges, Ints
from habitue.identity.rules import IdentityRules, Strength

HEAVIEST: Final = 1_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifiers:
    """Which records carry which identifiers of one namespace, one row a pair.

    Attributes:
        record: Record numbers.
        value: Normalised values, or their keyed pseudonyms; missing where a record has none.
    """

    record: Ints
    value: pa.Array

    @classmethod
    def of(cls, record: Sequence[int] | Ints, value: Sequence[str | bytes | None] | pa.Array) -> "Identifiers":
        """From sequences of equal length."""
        values = value if isinstance(value, pa.Array) else pa.array(value)
        return cls(record=np.asarray(record, dtype=np.int64), value=values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """Identifiers of a namespace that say nothing because too many records share them.

    Attributes:
        namespace: Its name.
        values: How many values.
        records: How many records carry one of them.
        most: How many records carry the most shared one.
        allowed: How many may.
    """

    namespace: str
    values: int
    records: int
    most: int
    allowed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierLinks:
    """What identifiers say of records.

    Attributes:
        edges: Links, by name of the namespace that makes them; only namespaces whose identifiers are certain.
        blocked: What was left out because too many share it.
        values: For namespaces with a limit, pairs of the place of the namespace and a number standing for the value,
            by record number; for `Facts.identifiers`.
    """

    edges: Mapping[str, Edges]
    blocked: tuple[Blocked, ...]
    values: Mapping[int, Sequence[tuple[int, int]]]


def link_by_identifiers(observed: Mapping[str, Identifiers], rules: IdentityRules) -> IdentifierLinks:
    """Link the records that share a certain identifier to the oldest of them.

    Links of a namespace trusted more weigh more, and all of them more than likeness does.

    Args:
        observed: Identifiers by namespace.
        rules: Order of the namespaces, limits, and how many may share one.

    Examples:
        >>> from habitue.identity.rules import DEFAULT_RULES
        >>> found = link_by_identifiers({"email": Identifiers.of([4, 2, 7], ["a", "a", "b"])}, DEFAULT_RULES)
        >>> [(edges.left.tolist(), edges.right.tolist()) for edges in found.edges.values()]
        [([2], [4])]
    """
    edges: dict[str, Edges] = {}
    blocked: list[Blocked] = []
    values: dict[int, list[tuple[int, int]]] = {}
    for place, rule in enumerate(rules.namespaces):
        if rule.name not in observed:
            continue
        record, code = _coded(observed[rule.name])
        record, code, over = _unblocked(record, code, rule.shared_by)
        if over is not None:
            count, carriers, most = over
            blocked.append(
                Blocked(namespace=rule.name, values=count, records=carriers, most=most, allowed=rule.shared_by)
            )
        if rule.links is Strength.CERTAIN:
            edges[rule.name] = _stars(record, code, HEAVIEST - place)
        if rule.limit and rule.links is not Strength.NEVER:
            for each, number in zip(record.tolist(), code.tolist(), strict=True):
                values.setdefault(each, []).append((place, number))
    return IdentifierLinks(edges=edges, blocked=tuple(blocked), values=values)


def _coded(observed: Identifiers) -> tuple[Ints, Ints]:
    """Distinct pairs of a record and a number standing for a value, by value and then by record."""
    encoded = observed.value.dictionary_encode()
    code = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    known = code >= 0
    record, code = observed.record[known], code[known]
    order = np.lexsort((record, code))
    record, code = record[order], code[order]
    distinct = np.ones(len(order), dtype=np.bool_)
    distinct[1:] = (record[1:] != record[:-1]) | (code[1:] != code[:-1])
    return record[distinct], code[distinct]


def _unblocked(record: Ints, code: Ints, allowed: int) -> tuple[Ints, Ints, tuple[int, int, int] | None]:
    sizes = np.bincount(code) if len(code) else np.zeros(0, dtype=np.int64)
    over = sizes > allowed
    if not over.any():
        return record, code, None
    kept = ~over[code]
    return record[kept], code[kept], (int(over.sum()), int(sizes[over].sum()), int(sizes.max()))


def _stars(record: Ints, code: Ints, weight: float) -> Edges:
    first = np.ones(len(code), dtype=np.bool_)
    first[1:] = code[1:] != code[:-1]
    hub = record[np.maximum.accumulate(np.where(first, np.arange(len(code)), 0))] if len(code) else record
    return Edges.of(hub[~first], record[~first], np.full(int((~first).sum()), weight), matched=False)
