"""What an erasure did with one store."""

from dataclasses import dataclass
from typing import Final

OVERWRITTEN: Final = "rows deleted, the file written anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreErased:
    """What an erasure did with one store.

    Attributes:
        store: Its name, with the table where it has several.
        rows: Rows that went, or would go; rows found, where they stay.
        proof: How it is known that they are gone, or why they stay.
    """

    store: str
    rows: int
    proof: str
