"""Who is in which segment, since when: the table of memberships and how a build moves it on.

`entered_at` and `left_at` are the instants of the builds that saw the change; `explain` gives the exact instants.
Cost of a build: one pass over all current members and all closed memberships.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import ibis
import ibis.expr.types as ir

from habitue.records import Kind
from habitue.rules.expressions import literal

MEMBERSHIPS = "memberships"
SCHEMA = ibis.schema(
    {"segment": "string", "customer_id": "string", "entered_at": "timestamp(6)", "left_at": "timestamp(6)"}
)


def current(answers: ir.Table, columns: Mapping[str, str]) -> ir.Table:
    """The present members, as (segment, customer_id).

    Args:
        answers: One row per customer with a true-or-false column per segment.
        columns: The column of each segment.
    """
    parts = [
        answers.filter(answers[column]).select(segment=ibis.literal(segment), customer_id="customer_id")
        for segment, column in columns.items()
    ]
    return parts[0] if len(parts) == 1 else ibis.union(*parts)


def moved_on(before: ir.Table, members: ir.Table, segments: Sequence[str], as_of: datetime) -> ir.Table:
    """The memberships after a build: who stays, who entered, who left, and everything already closed.

    Args:
        before: The memberships so far.
        members: Who is in now, as (segment, customer_id).
        segments: The segments that were built; others are left as they are.
        as_of: The instant of the build.
    """
    now = literal(as_of, Kind.TIME)
    built = before.segment.isin(list(segments))
    untouched = before.filter(~built | before.left_at.notnull())
    open_rows = before.filter(built & before.left_at.isnull())
    keys = ["segment", "customer_id"]
    stay = open_rows.semi_join(members, keys)
    leave = open_rows.anti_join(members, keys).mutate(left_at=now)
    enter = members.anti_join(open_rows, keys).mutate(entered_at=now, left_at=ibis.null("timestamp(6)"))
    return ibis.union(*(part.select(list(SCHEMA.names)) for part in (untouched, stay, leave, enter)))


def moves(before: ir.Table, members: ir.Table, segments: Sequence[str]) -> ir.Table:
    """What a build changes, as (segment, customer_id, entered): true for who enters, false for who leaves.

    Args:
        before: The memberships before the build.
        members: Who is in now, as (segment, customer_id).
        segments: The segments that are built.
    """
    keys = ["segment", "customer_id"]
    inside = before.filter(before.segment.isin(list(segments)), before.left_at.isnull()).select(keys)
    entered = members.anti_join(inside, keys).mutate(entered=ibis.literal(True))
    left = inside.anti_join(members, keys).mutate(entered=ibis.literal(False))
    return ibis.union(entered.select([*keys, "entered"]), left.select([*keys, "entered"]))


def sizes(memberships: ir.Table) -> ir.Table:
    """How many customers each segment has now, as (segment, customers)."""
    inside = memberships.filter(memberships.left_at.isnull())
    return inside.group_by("segment").aggregate(customers=inside.count())


def overlaps(memberships: ir.Table) -> ir.Table:
    """How many customers every two segments share, as (one, other, customers), one before other by name."""
    inside = memberships.filter(memberships.left_at.isnull()).select("segment", "customer_id")
    ones = inside.rename(one="segment")
    others = inside.rename(other="segment", their_id="customer_id")
    pairs = ones.join(others, (ones.customer_id == others.their_id) & (ones.one < others.other))
    return pairs.group_by("one", "other").aggregate(customers=pairs.count()).order_by("one", "other")


def page(memberships: ir.Table, segment: str, *, after: str | None, limit: int) -> ir.Table:
    """Members of a segment by customer_id, from behind a given one."""
    inside = memberships.filter(memberships.segment == segment, memberships.left_at.isnull())
    if after is not None:
        inside = inside.filter(inside.customer_id > after)
    return inside.select("customer_id", "entered_at").order_by("customer_id").limit(limit)


def patterns(memberships: ir.Table) -> ir.Table:
    """How many customers are now in exactly which segments, as (pattern, customers): names in order, joined by commas.

    Customers who are in none have no row.
    """
    inside = memberships.filter(memberships.left_at.isnull())
    pattern = inside.segment.group_concat(",", order_by=inside.segment)
    each = inside.group_by("customer_id").aggregate(pattern=pattern)
    return each.group_by("pattern").aggregate(customers=each.count())
