"""Which leaves have a shorter way than looking back at the events, and what they then keep."""

from bisect import bisect_left
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Final

from habitue.records import Kind
from habitue.rules.evaluation import Context
from habitue.rules.history import Value
from habitue.rules.live_answers import Answering, Answers
from habitue.rules.live_counts import CountEver, Frame
from habitue.rules.live_leaves import Counted, Input, Shape
from habitue.rules.live_moments import Agreed, ElapsedSince, Steps
from habitue.rules.live_sequences import Row, Rows
from habitue.rules.live_spelling import TURNED, at_least
from habitue.rules.live_steps import steps_shape
from habitue.rules.live_sums import Sum, SumEver, SumLately
from habitue.rules.live_trails import Track, Trail
from habitue.rules.live_where import OPERATORS, Read, read_by
from habitue.rules.nodes import Aggregate, Compare, Constant, Days, Followed, Name, Node, Place, Sequence, Since, Window
from habitue.rules.numbers import significant
from habitue.rules.operations import compares, constant_value, sign_between

MOST_COUNTED: Final = 1_000
"""The largest count whose instants are kept one by one."""
MOST_TRAILED: Final = 16
"""The same where nothing leaves the window, so that the number would do."""
_LONGEST_SECONDS: Final = 1 << 40


def quick_shape(node: Node, context: Context) -> Shape | None:
    """How a leaf, as `spelled` has it, is kept by itself; None for those that look back at the person's events."""
    counted = at_least(node)
    if counted is not None:
        return _counted(*counted, context)
    match node:
        case Followed(window=Window(kind="ever" | "last" | "since")):
            return _answered(node, context)
        case Sequence(window=window) if window.kind != "between":
            return _in_a_row(node, context)
        case Name(space="consent"):
            return Shape(make=Agreed, purposes=(node.name,))
        case Compare(op=op, left=Constant() as bound, right=right):
            return _compared(TURNED.get(op, op), right, bound, context) or steps_shape(node, context)
        case Compare(op=op, left=left, right=Constant() as bound):
            return _compared(op, left, bound, context) or steps_shape(node, context)
    return None


def _compared(op: str, left: Node, bound: Constant, context: Context) -> Shape | None:
    match left:
        case Aggregate(kind="sum" | "avg"):
            return _summed(left, op, bound, context)
        case Place(kind="percentile" | "tile", inner=Aggregate(kind="sum" | "avg") as inner):
            return _summed(inner, op, bound, context, left)
        case Since(moment=Aggregate() as moment) | Days(duration=Since(moment=Aggregate() as moment)):
            return _elapsed(moment, op, bound, context, in_days=isinstance(left, Days))
    return None


def _counted(node: Aggregate, least: int, context: Context) -> Shape | None:
    if node.window.kind == "between":
        return None
    frame = Frame(node.window, context)
    inputs = (Input(event=node.event, where=node.where),)
    if frame.keeps and least > MOST_TRAILED:
        return Shape(make=partial(CountEver, frame, least), inputs=inputs, tested=Counted(least, frame))
    if least > MOST_COUNTED:
        return None
    counted = Counted(least, frame)
    return Shape(make=partial(Trail, Track((counted,))), inputs=inputs, counted=counted)


def _summed(node: Aggregate, op: str, bound: Constant, context: Context, place: Place | None = None) -> Shape | None:
    kind = context.catalogue.events[node.event].kind_of(node.property)
    if node.window.kind == "between" or kind not in (Kind.INTEGER, Kind.MONEY, Kind.NUMBER):
        return None
    frame = Frame(node.window, context)
    tested = Sum(
        frame=frame,
        value=read_by(node.event, node.property, context),
        kind=kind,
        averages=node.kind == "avg",
        rises=node.kind == "sum" and kind is not Kind.NUMBER and op in (">", ">="),
        passes=_passing(op, bound, kind) if place is None else _placed(place, op, bound, context),
    )
    make = partial(SumEver if frame.keeps else SumLately, tested)
    return Shape(make=make, inputs=(Input(event=node.event, where=node.where),), tested=tested)


def _passing(op: str, bound: Constant, kind: Kind) -> Callable[[Value | None], bool]:
    right = constant_value(bound)
    if kind is Kind.NUMBER or not isinstance(right, int | Decimal) or op not in OPERATORS:
        return lambda figure: compares(op, figure, right)
    compare = OPERATORS[op]

    def passes(figure: Value | None) -> bool:
        if type(figure) is int or type(figure) is Decimal:
            return compare(figure, right)
        return compares(op, figure, right)

    return passes


def _placed(place: Place, op: str, bound: Constant, context: Context) -> Callable[[Value | None], bool]:
    cuts, right = context.cuts.get(place.inner), constant_value(bound)

    def passes(figure: Value | None) -> bool:
        ranked = significant(figure) if isinstance(figure, float) else figure
        if cuts is None or not isinstance(ranked, int | float | Decimal):
            return False
        found = cuts.percentile(ranked) if place.kind == "percentile" else cuts.tile(ranked, place.n)
        return compares(op, found, right)

    return passes


def _elapsed(moment: Aggregate, op: str, bound: Constant, context: Context, *, in_days: bool) -> Shape | None:
    value = constant_value(bound)
    if moment.kind not in ("first_at", "last_at") or moment.window.kind not in ("ever", "since"):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float if in_days else int):
        return None
    reaches = _seconds_to(value) if in_days else (int(value), int(value) + 1)
    stairs = sorted(set(reaches))
    lengths = [stairs[0] - 1, *stairs]
    steps = Steps(
        reaches=tuple(stairs),
        truths=tuple(compares(op, each / 86_400.0 if in_days else each, value) for each in lengths),
        in_days=in_days,
        latest=moment.kind == "last_at",
        start=Frame(moment.window, context).start,
    )
    inputs = (Input(event=moment.event, where=moment.where),)
    return Shape(make=partial(ElapsedSince, steps), inputs=inputs, tested=steps)


def _seconds_to(days: float) -> tuple[int, int]:
    """The fewest whole seconds that make so many days, and the fewest that make more."""

    def sign(seconds: int) -> int:
        return sign_between(seconds / 86_400.0, days) or 0

    every = range(_LONGEST_SECONDS)
    return bisect_left(every, 0, key=sign), bisect_left(every, 1, key=sign)


def _answered(node: Followed, context: Context) -> Shape:
    answering = Answering(
        frame=Frame(node.window, context),
        within=node.within,
        negated=node.negated,
        linked=bool(node.on),
        first_link=_link(node.event, node.on, context),
        answer_link=_link(node.by, node.on, context),
    )
    inputs = (Input(event=node.event, where=node.where), Input(event=node.by))
    return Shape(make=partial(Answers, answering), inputs=inputs, tested=answering)


def _in_a_row(node: Sequence, context: Context) -> Shape:
    row = Row(frame=Frame(node.window, context), within=node.within, steps=len(node.events))
    wheres = (node.where, *(None for _ in node.events[1:]))
    inputs = tuple(Input(event=event, where=where) for event, where in zip(node.events, wheres, strict=True))
    return Shape(make=partial(Rows, row), inputs=inputs, tested=row)


def _link(event: str, name: str, context: Context) -> Read:
    return read_by(event, name, context) if name else lambda _properties, _time: None
