"""People who live together or share an account: relations between customers, as plain tables that rules can use.

A group's id is keyed: it says nothing of the address or the company to who has not the key, and is the same each time.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from habitue.identity.coded import Coded
from habitue.identity.edges import Ints
from habitue.identity.normalise import normalise_text
from habitue.identity.sounds import fold

HOUSEHOLD, ACCOUNT = "household", "account"
_SIGNS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Who belongs together.

    Attributes:
        table: `group_id`, `customer_id`; a row a member, by group and customer.
        groups: How many groups.
        too_large: How many groups were left out because more people share them than live together.
    """

    table: pa.Table
    groups: int
    too_large: int


def households(people: pa.Table, by: Sequence[str], *, key: bytes, largest: int = 12) -> Groups:
    """People whose traits agree, such as street, postcode and surname; people who lack one are in none.

    Args:
        people: `customer_id` and the traits, a row a customer.
        by: The traits.
        key: Of the ids; the same key gives the same ids.
        largest: More people sharing an address are an institution, not a household.
    """
    return _groups(people, by, kind=HOUSEHOLD, key=key, largest=largest)


def accounts(people: pa.Table, by: str, *, key: bytes) -> Groups:
    """People of one account, by the trait that holds it.

    Args:
        people: `customer_id` and the trait, a row a customer.
        by: The trait.
        key: Of the ids.
    """
    return _groups(people, [by], kind=ACCOUNT, key=key, largest=None)


def _groups(people: pa.Table, by: Sequence[str], *, kind: str, key: bytes, largest: int | None) -> Groups:
    columns = [Coded.of(people[name]).map(_plain) for name in by]
    whole = np.zeros(people.num_rows, dtype=np.int64)
    known = np.ones(people.num_rows, dtype=np.bool_)
    for column in columns:
        known &= column.known
        _, whole = np.unique(whole * (len(column.values) + 1) + column.code, return_inverse=True)
    rows = np.flatnonzero(known).astype(np.int64)
    groups, first, inverse, sizes = np.unique(whole[rows], return_index=True, return_inverse=True, return_counts=True)
    fits = sizes <= (largest or people.num_rows)
    names = [_name(key, kind, columns, rows[place : place + 1]) for place in first]
    kept = fits[inverse]
    table = pa.table(
        {
            "group_id": pa.array(names, pa.string()).take(pa.array(inverse[kept])),
            "customer_id": people["customer_id"].take(pa.array(rows[kept])),
        }
    )
    return Groups(
        table=table.sort_by([("group_id", "ascending"), ("customer_id", "ascending")]),
        groups=int(fits.sum()),
        too_large=len(groups) - int(fits.sum()),
    )


def _name(key: bytes, kind: str, columns: Sequence[Coded], row: Ints) -> str:
    said = "\x1f".join([kind, *(value or "" for column in columns for value in column.rows(row))])
    return kind[0] + hmac.digest(key, said.encode("utf-8", "surrogatepass"), "sha256").hex()[:_SIGNS]


def _plain(value: str) -> str | None:
    clean = normalise_text(value)
    return None if clean is None else fold(clean)
