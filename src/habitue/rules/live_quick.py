"""Which leaves have a shorter way than looking back at the events, and what they then keep."""

from bisect import bisect_left
from functools import partial
from typing import Final

from habitue.records import Kind
from habitue.rules.evaluation import Context, pair_of, property_of
from habitue.rules.live_answers import Answering, Answers
from habitue.rules.live_counts import CountEver, CountLately, Frame, Tally
from habitue.rules.live_leaves import Input, Shape
from habitue.rules.live_moments import Agreed, ElapsedSince, Steps
from habitue.rules.live_steps import steps_shape
from habitue.rules.live_sums import Sum, SumEver, SumLately
from habitue.rules.nodes import Aggregate, Compare, Constant, Days, Followed, Name, Node, Since, Window
from habitue.rules.operations import compares, constant_value, sign_between

MOST_COUNTED: Final = 1_000
"""The largest count whose instants are kept one by one."""
_LONGEST_SECONDS: Final = 1 << 40
_TURNED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def quick_shape(node: Node, context: Context) -> Shape | None:
    """How a leaf is kept by itself; None for those that have to look back at the person's events."""
    match node:
        case Aggregate(kind="did"):
            return _counted(node, "==", 1, context)
        case Followed(window=Window(kind="ever" | "last" | "since")):
            return _answered(node, context)
        case Name(space="consent"):
            return Shape(make=Agreed, purposes=(node.name,))
        case Compare(op=op, left=Constant() as bound, right=right):
            return _compared(_TURNED.get(op, op), right, bound, context) or steps_shape(node, context)
        case Compare(op=op, left=left, right=Constant() as bound):
            return _compared(op, left, bound, context) or steps_shape(node, context)
    return None


def _compared(op: str, left: Node, bound: Constant, context: Context) -> Shape | None:
    match left:
        case Aggregate(kind="count") if bound.kind is Kind.INTEGER and isinstance(bound.value, int):
            return _counted(left, op, bound.value, context)
        case Aggregate(kind="sum" | "avg"):
            return _summed(left, op, bound, context)
        case Since(moment=Aggregate() as moment) | Days(duration=Since(moment=Aggregate() as moment)):
            return _elapsed(moment, op, bound, context, in_days=isinstance(left, Days))
    return None


def _counted(node: Aggregate, op: str, bound: int, context: Context) -> Shape | None:
    most = max(1, bound + 1)
    if node.window.kind == "between" or most > MOST_COUNTED:
        return None
    if node.kind == "did":
        most = 1
    passes = tuple(compares(op, count, bound) for count in range(most + 1))
    frame = Frame(node.window, context)
    tally = Tally(frame=frame, most=most, passes=passes)
    make = partial(CountEver if frame.keeps else CountLately, tally)
    return Shape(make=make, inputs=(Input(event=node.event, where=node.where),), tested=tally)


def _summed(node: Aggregate, op: str, bound: Constant, context: Context) -> Shape | None:
    kind = context.catalogue.events[node.event].kind_of(node.property)
    if node.window.kind == "between" or kind not in (Kind.INTEGER, Kind.MONEY, Kind.NUMBER):
        return None
    right = constant_value(bound)
    frame = Frame(node.window, context)
    tested = Sum(
        frame=frame,
        value=property_of(node.event, node.property, context),
        kind=kind,
        averages=node.kind == "avg",
        passes=lambda figure: compares(op, figure, right),
    )
    make = partial(SumEver if frame.keeps else SumLately, tested)
    return Shape(make=make, inputs=(Input(event=node.event, where=node.where),), tested=tested)


def _elapsed(moment: Aggregate, op: str, bound: Constant, context: Context, *, in_days: bool) -> Shape | None:
    value = constant_value(bound)
    if moment.kind not in ("first_at", "last_at") or moment.window.kind not in ("ever", "since"):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
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
    pair = pair_of(node, context)
    answering = Answering(
        frame=Frame(node.window, context),
        within=node.within,
        negated=node.negated,
        linked=bool(node.on),
        first_link=pair.first_link,
        answer_link=pair.answer_link,
    )
    inputs = (Input(event=node.event, where=node.where), Input(event=node.by))
    return Shape(make=partial(Answers, answering), inputs=inputs, tested=answering)
