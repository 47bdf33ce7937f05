"""One person's answer: a settled, inlined rule against one history at one instant, in plain Python."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TypeVar

from habitue.records import Kind
from habitue.rules.catalogue import Catalogue
from habitue.rules.checking import Checker
from habitue.rules.cuts import CutPoints
from habitue.rules.happened import (
    Answer,
    Pair,
    Person,
    Reach,
    Row,
    Source,
    aggregate_answer,
    followed_answer,
    regularly_answer,
    sequence_answer,
    stopped_answer,
)
from habitue.rules.hashing import bucket
from habitue.rules.history import Happening, History, Value, instant_of, micros
from habitue.rules.nodes import (
    Aggregate,
    And,
    Arithmetic,
    Bucket,
    Change,
    Compare,
    Constant,
    Days,
    Default,
    Distance,
    Exists,
    Followed,
    IsIn,
    Lower,
    Name,
    Negative,
    Node,
    Not,
    Or,
    Place,
    Property,
    Regularly,
    Relation,
    Sequence,
    Since,
    Stopped,
    TextTest,
    When,
    Window,
)
from habitue.rules.numbers import significant
from habitue.rules.operations import (
    as_kind,
    calculate,
    compares,
    constant_value,
    distance_km,
    lowered,
    negated,
    text_test,
)
from habitue.rules.relatives import Groups, no_groups, related_answer
from habitue.rules.walking import with_children
from habitue.rules.windows import Moment, period_start, read_instant

_SECOND = 1_000_000
S = TypeVar("S")
Reader = Callable[[S], Value | None]


def _no_cuts() -> Mapping[Node, CutPoints]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What an answer needs beside the person.

    Attributes:
        catalogue: The project's names: kinds of properties and traits, and the time zone.
        cuts: Cut points of the last build, by the inlined expression that is ranked. Without them nobody has a place.
        groups: The other members of people's groups, by relation. Without them everybody is a group of one.
    """

    catalogue: Catalogue
    cuts: Mapping[Node, CutPoints] = field(default_factory=_no_cuts)
    groups: Groups = field(default_factory=no_groups)


def evaluate(node: Node, history: History, now: datetime, context: Context) -> Value | None:
    """The value of a settled rule for one person: a plain value, or None where it is missing.

    Args:
        node: Settled by `check`; features and segments put in by `inline`. `stopped` and `change` may stand in it.
        history: The person; events later than `now` are not seen.
        now: Aware; the instant asked about.
        context: The project and its cut points.

    Returns:
        A whole number as int, money as Decimal, a number as float, a length of time as int of microseconds.
    """
    return answering(node, context)(Person(history, micros(now)))


def answering(node: Node, context: Context) -> Answer:
    """The rule made ready to be asked about many people or instants."""
    return _build(node, partial(_person_leaf, context=context), Checker(context.catalogue))


def _build(node: Node, leaf: Callable[[Node], Reader[S] | None], checker: Checker) -> Reader[S]:
    """The reader of a tree whose leaves are read by `leaf`, over a person or over one event."""
    special = leaf(node)
    if special is not None:
        return special
    deeper = partial(_build, leaf=leaf, checker=checker)
    match node:
        case Constant():
            fixed = constant_value(node)
            return lambda _: fixed
        case And(parts=parts):
            every: list[Reader[S]] = [deeper(each) for each in parts]
            return lambda subject: all(each(subject) is True for each in every)
        case Or(parts=parts):
            some: list[Reader[S]] = [deeper(each) for each in parts]
            return lambda subject: any(each(subject) is True for each in some)
        case Not(operand=operand):
            denied: Reader[S] = deeper(operand)
            return lambda subject: denied(subject) is not True
        case Compare(op=op, left=left, right=right):
            return _compared(op, deeper(left), deeper(right))
        case Arithmetic(op=op, left=left, right=right):
            return _calculated(op, deeper(left), deeper(right))
        case IsIn(operand=operand):
            return _among(node, deeper(operand))
        case Default(operand=operand, fallback=fallback):
            return _defaulted(deeper(operand), fallback, checker.settle(node).kind)
    return _of_one_operand(node, deeper)


def _of_one_operand(node: Node, deeper: Callable[[Node], Reader[S]]) -> Reader[S]:
    match node:
        case Negative(operand=operand):
            number = deeper(operand)
            return lambda subject: negated(number(subject))
        case Exists(operand=operand):
            found = deeper(operand)
            return lambda subject: found(subject) is not None
        case TextTest(operand=operand):
            tested, test = deeper(operand), text_test(node)
            return lambda subject: test(tested(subject))
        case Lower(operand=operand):
            return _lowered(deeper(operand))
        case When(condition=condition, value=value):
            holds, then = deeper(condition), deeper(value)
            return lambda subject: then(subject) if holds(subject) is True else None
    raise TypeError(f"{type(node).__name__} cannot be answered here; inline and check the rule first")


def _compared(op: str, left: Reader[S], right: Reader[S]) -> Reader[S]:
    return lambda subject: compares(op, left(subject), right(subject))


def _calculated(op: str, left: Reader[S], right: Reader[S]) -> Reader[S]:
    return lambda subject: calculate(op, left(subject), right(subject))


def _among(node: IsIn, operand: Reader[S]) -> Reader[S]:
    options = [constant_value(each) for each in node.options]

    def read(subject: S) -> bool:
        value = operand(subject)
        return value is not None and any(compares("==", value, each) for each in options) is not node.negated

    return read


def _lowered(operand: Reader[S]) -> Reader[S]:
    def read(subject: S) -> str | None:
        text = operand(subject)
        return lowered(text) if isinstance(text, str) else None

    return read


def _defaulted(operand: Reader[S], fallback: Constant, kind: Kind) -> Reader[S]:
    # A fallback with decimals widens whole numbers, and a whole one is widened, so that both compare alike.
    instead = as_kind(fallback.value, kind)

    def read(subject: S) -> Value | None:
        value = operand(subject)
        return instead if value is None else as_kind(value, kind)

    return read


# --- Conditions on one event ------------------------------------------------------------------------------------------


def source_of(event: str, where: Node | None, context: Context) -> Source:
    """The events of one name that meet a settled condition."""
    if where is None:
        return Source(event)
    checker = Checker(context.catalogue, row=context.catalogue.events[event])
    return Source(event, _build(where, partial(_row_leaf, event=event, context=context), checker), where)


def property_of(event: str, name: str, context: Context) -> Row:
    """The reader of one property of an event, as the Python type of its kind; the event's own clock included."""
    zone = context.catalogue.zone
    clock: Mapping[str, Row] = {
        "occurred_at": lambda row: row.occurred_at,
        "local_hour": lambda row: row.occurred_at.astimezone(zone).hour,
        "local_weekday": lambda row: row.occurred_at.astimezone(zone).isoweekday(),
        "local_month": lambda row: row.occurred_at.astimezone(zone).month,
    }
    kind = context.catalogue.events[event].properties.get(name)
    if kind is None:
        return clock[name]

    def read(row: Happening) -> Value | None:
        return as_kind(row.properties.get(name), kind)

    return read


def _row_leaf(node: Node, event: str, context: Context) -> Row | None:
    return property_of(event, node.name, context) if isinstance(node, Property) else None


# --- The person -------------------------------------------------------------------------------------------------------


def _person_leaf(node: Node, context: Context) -> Answer | None:
    match node:
        case Aggregate() | Followed() | Sequence():
            return _in_a_window(node, context)
        case Regularly():
            return regularly_answer(node, source_of(node.event, node.where, context))
        case Stopped():
            return stopped_answer(node, source_of(node.event, node.where, context))
        case Change():
            return answering(spelled_change(node), context)
        case Name():
            return _name(node, context)
        case Since() | Days():
            return _elapsed(node, context)
        case Place() | Relation():
            return _among_people(node, context)
        case Bucket(salt=salt):
            return lambda person: bucket(person.history.customer_id, salt)
        case Distance():
            return _distance(node)
    return None


def _in_a_window(node: Aggregate | Followed | Sequence, context: Context) -> Answer:
    reach = reach_of(node.window, context)
    match node:
        case Sequence():
            return sequence_answer(node, source_of(node.events[0], node.where, context), reach)
        case Followed():
            return followed_answer(pair_of(node, context), source_of(node.event, node.where, context), reach)
    source = source_of(node.event, node.where, context)
    if not node.property:
        return aggregate_answer(node, source, reach, lambda _: None, Kind.INTEGER)
    kind = context.catalogue.events[node.event].kind_of(node.property) or Kind.TEXT
    return aggregate_answer(node, source, reach, property_of(node.event, node.property, context), kind)


def pair_of(node: Followed, context: Context) -> Pair:
    """A `followed` with the readers of its link."""
    if not node.on:
        return Pair(node, lambda _: None, lambda _: None)
    return Pair(node, property_of(node.event, node.on, context), property_of(node.by, node.on, context))


def reach_of(window: Window, context: Context) -> Reach:
    """From an instant in µs to the window (after, until] it means then; closed starts are one µs earlier."""
    older, newer, zone = window.older, window.newer, context.catalogue.zone
    match window.kind:
        case "ever":
            return lambda now: (None, now)
        case "last":
            return lambda now: (now - older, now)
        case "between":
            return lambda now: (now - older, now - newer)
        case "since":
            start = micros(read_instant(window.start, zone)) - 1
            return lambda now: (start, now)
    period = window.kind
    return lambda now: (micros(period_start(period, Moment(now=instant_of(now), zone=zone))) - 1, now)


def spelled_change(node: Change) -> Arithmetic:
    """A `change` as the division it stands for."""
    recent = _in_window(node.inner, Window(kind="last", older=node.last))
    before = _in_window(node.inner, Window(kind="between", older=2 * node.last, newer=node.last))
    return Arithmetic(op="/", left=recent, right=before)


def _in_window(node: Node, window: Window) -> Node:
    if isinstance(node, Aggregate | Sequence | Followed):
        return replace(node, window=window)
    return with_children(node, partial(_in_window, window=window))


def _name(node: Name, context: Context) -> Answer:
    key = f"{node.name}.{node.part}" if node.part else node.name
    match node.space:
        case "trait":
            return _trait(node.name, context.catalogue.traits[node.name])
        case "score":
            kind = Kind.INTEGER if node.part == "decile" else Kind.NUMBER
            return lambda person: as_kind(person.history.scores.get(key), kind)
        case "cluster":
            return lambda person: person.history.clusters.get(key)
        case "consent":
            return lambda person: person.history.given(key, person.now)
    raise TypeError(f"{node.space}.{node.name} cannot be answered here; inline the rule first")


def _trait(name: str, kind: Kind) -> Answer:
    if kind is Kind.LOCATION:
        return lambda person: person.history.traits.get(f"{name}_lat")
    return lambda person: as_kind(person.history.traits.get(name), kind)


def _elapsed(node: Since | Days, context: Context) -> Answer:
    if isinstance(node, Days) and not isinstance(node.duration, Since):
        length = answering(node.duration, context)
        return lambda person: _as_days(length(person))
    since = node.duration if isinstance(node, Days) else node
    moment = answering(since.moment, context) if isinstance(since, Since) else None
    whole_days = isinstance(node, Days)

    def answer(person: Person) -> Value | None:
        start = moment(person) if moment is not None else None
        if not isinstance(start, datetime):
            return None
        if whole_days:
            return (person.now // _SECOND - micros(start) // _SECOND) / 86_400.0
        return person.now - micros(start)

    return answer


def _as_days(length: Value | None) -> float | None:
    return length // _SECOND / 86_400.0 if isinstance(length, int) else None


def _among_people(node: Place | Relation, context: Context) -> Answer:
    if isinstance(node, Relation):
        return related_answer(node, answering(node.condition, context), context.groups)
    inner, cuts = answering(node.inner, context), context.cuts.get(node.inner)

    def answer(person: Person) -> Value | None:
        value = inner(person)
        ranked = significant(value) if isinstance(value, float) else value
        if cuts is None or not isinstance(ranked, int | float | Decimal):
            return False if node.kind == "top" else None
        if node.kind == "top":
            return cuts.is_top(ranked, node.n)
        return cuts.percentile(ranked) if node.kind == "percentile" else cuts.tile(ranked, node.n)

    return answer


def _distance(node: Distance) -> Answer:
    name, latitude, longitude = node.place.name, float(node.latitude), float(node.longitude)

    def answer(person: Person) -> float | None:
        traits = person.history.traits
        at_latitude, at_longitude = traits.get(f"{name}_lat"), traits.get(f"{name}_lon")
        if not isinstance(at_latitude, int | float | Decimal) or not isinstance(at_longitude, int | float | Decimal):
            return None
        return distance_km(float(at_latitude), float(at_longitude), latitude, longitude)

    return answer
