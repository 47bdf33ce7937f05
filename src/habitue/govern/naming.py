"""Names of identifiers and masks of personal values: equal for equal values, and telling nobody without the key.

A name is `sha256(outer + hex(sha256(inner + namespace + US + value)))`, cut to 128 bits (32 hex digits). Both keys are
64 characters long, exactly one block of SHA-256, so that each hash starts from a secret state (NMAC, of which HMAC is
the one-key form: Bellare, Canetti, Krawczyk 1996). Databases that know SHA-256 compute the very same.
"""

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import ibis.expr.types as ir

NAME_LENGTH: Final = 32
MASK: Final = "~"
_BETWEEN: Final = "\x1f"
_HALF: Final = 64


class Naming:
    """Both keys of names, ready for use."""

    def __init__(self, secret: bytes) -> None:
        keys = secret.hex()
        if len(keys) != 2 * _HALF:
            raise ValueError("names need 64 bytes of key")
        self._inner, self._outer = keys[:_HALF], keys[_HALF:]
        self._outer_state = hashlib.sha256(self._outer.encode())

    def names(self, namespace: str, values: Iterable[str]) -> list[str]:
        """The name of each value: 32 hex digits; about a microsecond each."""
        inner = hashlib.sha256(f"{self._inner}{namespace}{_BETWEEN}".encode())
        outer = self._outer_state
        found = []
        for value in values:
            first = inner.copy()
            first.update(value.encode("utf-8", "surrogatepass"))
            second = outer.copy()
            second.update(first.hexdigest().encode())
            found.append(second.hexdigest()[:NAME_LENGTH])
        return found

    def expression(self, namespace: str, value: "ir.StringValue") -> "ir.StringValue":
        """The same of a text column, missing where it is missing, called `name`.

        The keys stand in the compiled text: use it in a statement that fills a table, never in a view or macro that is
        kept. Without a name of its own, the column would be called after everything in it.
        """
        import ibis

        first = (ibis.literal(f"{self._inner}{namespace}{_BETWEEN}") + value).hexdigest("sha256")
        return (ibis.literal(self._outer) + first).hexdigest("sha256").substr(0, NAME_LENGTH).name("name")

    def mask_expression(self, column_name: str, value: "ir.StringValue") -> "ir.StringValue":
        """What stands for the personal values of a text column, under the column's own name; missing stays missing."""
        import ibis

        return (ibis.literal(MASK) + self.expression(f"column:{column_name}", value)).name(column_name)
