"""The published hash behind `bucket(...)`: the same on every engine and in plain Python.

bucket = (first 8 hex digits of SHA-256 over the UTF-8 bytes of `salt:customer_id`, read as a number) modulo 10000.
"""

from hashlib import sha256

import ibis
import ibis.expr.types as ir

BUCKETS = 10_000
_DIGITS = "0123456789abcdef"


def bucket(customer_id: str, salt: str) -> int:
    """The bucket of one person, 0..9999.

    Examples:
        >>> bucket("42", "autumn")
        7427
    """
    return int(sha256(f"{salt}:{customer_id}".encode()).hexdigest()[:8], 16) % BUCKETS


def bucket_expression(customer_id: ir.StringColumn, salt: str) -> ir.IntegerValue:
    """The bucket of every person, as a column expression of text functions that all engines share.

    The two halves of the digits are put together modulo 10000, so that engines counting in 32 bits do not overflow.
    """
    digest = ibis.literal(f"{salt}:").concat(customer_id).hexdigest("sha256").lower()
    high, low = _number(digest, 0), _number(digest, 4)
    return ((high % BUCKETS) * (16**4 % BUCKETS) + low) % BUCKETS


def _number(digest: ir.StringValue, start: int) -> ir.IntegerValue:
    """Four hex digits as a number."""
    total: ir.IntegerValue = ibis.literal(0, "int64")
    for place in range(4):
        digit = ibis.literal(_DIGITS).find(digest.substr(start + place, 1)).cast("int64")
        total = total + digit * (16 ** (3 - place))
    return total
