"""The one tree that every reading of a rule works on: closed, frozen, comparable and hashable.

Equality ignores where a node stood in the text, so that equal leaves of two rules are one leaf.
Durations are microseconds throughout.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from habitue.records import Kind

Namespace = Literal["trait", "feature", "score", "segment", "cluster", "consent"]
Scalar = bool | int | Decimal | str | datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What all nodes share.

    Attributes:
        column: 1-based column in the rule's text, 0 when the node was not read from text.
    """

    column: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The part of time an event term looks at, relative to now.

    Attributes:
        kind: `ever` (-inf, now]; `last` (now - older, now]; `between` (now - older, now - newer];
            `since` [start, now]; `day`, `week`, `month` [start of the local calendar period, now], weeks from Monday.
        older: Microseconds back to the open end, for `last` and `between`.
        newer: Microseconds back to the closed end, for `between`.
        start: ISO date or time as written, for `since`; a date is its local midnight in the project's zone.
    """

    kind: Literal["ever", "last", "between", "since", "day", "week", "month"] = "ever"
    older: int = 0
    newer: int = 0
    start: str = ""


EVER = Window()


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant(Node):
    """A value written in the rule.

    Attributes:
        value: bool, int, Decimal, str, or (after checking against a time) an aware UTC datetime.
        kind: Its kind; checking settles it (a string compared with a time becomes a time, a `30d` a duration in µs).
    """

    value: Scalar
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Name(Node):
    """A named value of the person: `trait.country`, `score.churn.decile`, `segment.vip`.

    Attributes:
        space: Which namespace.
        name: The name in it.
        part: `decile`, `low` or `high` of a score; otherwise empty.
    """

    space: Namespace
    name: str
    part: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Property(Node):
    """A property of the event (or a field of the row) that a condition is about."""

    name: str


AggregateKind = Literal[
    "did", "count", "sum", "avg", "min", "max", "distinct", "mode", "first", "latest", "first_at", "last_at"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate(Node):
    """One figure over a person's events of one name.

    Attributes:
        kind: Which figure. `sum` of no events is 0; `avg`, `min`, `max`, `mode`, `first`, `latest` are then missing.
        event: Name of the event.
        property: Property it is about; empty for `did`, `count`, `first_at`, `last_at`.
        where: Condition on the event's own properties.
        window: Which events count.
    """

    kind: AggregateKind
    event: str
    property: str = ""
    where: Node | None = None
    window: Window = EVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence(Node):
    """True when the events happened one after the other, each at most `within` after the one before.

    Attributes:
        events: Two or more event names, in order.
        within: Longest gap in microseconds, closed: a gap of exactly `within` counts.
        where: Condition on the first event.
        window: Where the first event lies.
    """

    events: tuple[str, ...]
    within: int
    where: Node | None = None
    window: Window = EVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed(Node):
    """Whether some `event` was followed (or left unfollowed) by another.

    Attributes:
        event: The first event, A.
        by: The answering event, B: later than A in (time, position) and at most `within` after it.
        within: Microseconds; the end A + within is closed.
        on: Property that must be equal (and present) on both; empty for none.
        where: Condition on A.
        window: Where A lies.
        negated: False for `followed`; True for `unfollowed`: some A whose whole window has passed (A + within <= now)
            without such a B.
    """

    event: str
    by: str
    within: int
    on: str = ""
    where: Node | None = None
    window: Window = EVER
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Regularly(Node):
    """True when at least `periods` of the last `of` periods of `every` µs hold an event.

    Period i is (now - (i + 1) * every, now - i * every].
    """

    event: str
    every: int
    periods: int
    of: int
    where: Node | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped(Node):
    """True when the event happened at (now - after) or before, and not since."""

    event: str
    after: int
    where: Node | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Node):
    """Value over (now - last, now] divided by the value over (now - 2 last, now - last]; missing where that is 0."""

    inner: Node
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Since(Node):
    """Time elapsed from an instant until now, a duration."""

    moment: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Days(Node):
    """A `since(...)` in days of 24 hours: (whole seconds of now - whole seconds of the moment) / 86400.

    Both instants are cut to the second before it (in Unix time), so that every engine agrees.
    """

    duration: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Place(Node):
    """A person's place among all customers who have a value, by the cut points of the last build.

    Attributes:
        kind: `percentile`: 0..1 in steps of 0.001, the share at or below. `tile`: quantile score 1..n,
            1 + floor(n * share strictly below, in whole thousandths), so that equal values score alike.
            `top`: among the n largest, ties in.
        inner: The numeric expression that is ranked.
        n: Number of tiles, or size of the top; 0 for `percentile`.
    """

    kind: Literal["percentile", "tile", "top"]
    inner: Node
    n: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation(Node):
    """Whether a condition holds among the members of the customer's group: a household, an account.

    The customer is a member of it; somebody without a group is a group of one.

    Attributes:
        kind: `any`: for some member. `all`: for every member. `none`: for no member.
        relation: Name of the relation: `household`, `account`.
        condition: True or false for each member by itself; holds no further relation.
    """

    kind: Literal["any", "all", "none"]
    relation: str
    condition: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket(Node):
    """Stable hash of the person, 0..9999: first 8 hex digits of SHA-256 of `salt:customer_id`, modulo 10000."""

    salt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance(Node):
    """Great-circle distance in km (haversine, mean earth radius 6371.0088 km) from a location trait to a point."""

    place: Name
    latitude: Decimal
    longitude: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTest(Node):
    """A test of a text: `contains`, `startswith`, `endswith` by exact characters, `matches` by an RE2 pattern."""

    kind: Literal["contains", "startswith", "endswith", "matches"]
    operand: Node
    argument: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lower(Node):
    """A text in lower case."""

    operand: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Exists(Node):
    """True when the operand is not missing."""

    operand: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Default(Node):
    """The operand, or a constant where it is missing."""

    operand: Node
    fallback: Constant


@dataclass(frozen=True, slots=True, kw_only=True)
class When(Node):
    """The value where the condition holds, otherwise missing."""

    condition: Node
    value: Node


Comparison = Literal["==", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare(Node):
    """A comparison; false when either side is missing."""

    op: Comparison
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class IsIn(Node):
    """Whether a value is one of (or, negated, none of) some constants; false when it is missing, either way."""

    operand: Node
    options: tuple[Constant, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic(Node):
    """`+ - * /` of two numbers; missing when a side is missing, a divisor is 0, or the result leaves the range."""

    op: Literal["+", "-", "*", "/"]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Negative(Node):
    """A number with its sign turned."""

    operand: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Node):
    """True where the operand is not true."""

    operand: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class And(Node):
    """True where every part is."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Or(Node):
    """True where some part is."""

    parts: tuple[Node, ...]


EVENT_TERMS = (Aggregate, Sequence, Followed, Regularly, Stopped)
EventTerm = Aggregate | Sequence | Followed | Regularly | Stopped
