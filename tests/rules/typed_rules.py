"""Rules drawn so that they fit a catalogue: every term of the language, over names and values that histories meet."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial

from hypothesis import strategies as st

from habitue.records import Kind
from habitue.rules.catalogue import EVENT_CLOCK, Catalogue, EventShape
from habitue.rules.nodes import (
    Aggregate,
    AggregateKind,
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
    Since,
    Stopped,
    TextTest,
    When,
    Window,
)
from habitue.rules.nodes import Sequence as SequenceNode
from tests.rules.example_catalogue import LENGTHS, STARTS, WORDS
from tests.rules.named_values import names_of

_NUMERIC = (Kind.INTEGER, Kind.MONEY, Kind.NUMBER)
_ORDER = ("==", "!=", "<", "<=", ">", ">=")


def rules_for(catalogue: Catalogue, *, depth: int = 3) -> st.SearchStrategy[Node]:
    """True-or-false rules that `check` accepts, before checking: constants are as text would read."""
    return _rule(catalogue, depth)


def values_for(catalogue: Catalogue, kind: Kind, *, depth: int = 2) -> st.SearchStrategy[Node]:
    """Expressions of a kind that `check` accepts, before checking."""
    return _value(catalogue, kind, depth)


@st.composite
def terms_for(draw: st.DrawFn, catalogue: Catalogue) -> Node:
    """One term about events and time alone, so that nothing hides its edges."""
    events = sorted(catalogue.events)
    match draw(st.sampled_from(["event", "event", "count", "since", "days"])):
        case "event":
            return draw(_event_rule(catalogue))
        case "count":
            node = draw(_aggregate(catalogue, ["count"], ()))
            return Compare(op=draw(st.sampled_from(_ORDER)), left=node, right=draw(constants_of(Kind.INTEGER)))
        case "since":
            length = Constant(value=draw(st.sampled_from(["1h", "1d", "7d"])), kind=Kind.TEXT)
            moment = Aggregate(kind="last_at", event=draw(st.sampled_from(events)), window=draw(windows()))
            return Compare(op=draw(st.sampled_from(_ORDER)), left=Since(moment=moment), right=length)
    moment = Aggregate(kind="last_at", event=draw(st.sampled_from(events)))
    days = Constant(value=draw(st.sampled_from([0, 1, 7])), kind=Kind.INTEGER)
    return Compare(op=draw(st.sampled_from(_ORDER)), left=Days(duration=Since(moment=moment)), right=days)


def constants_of(kind: Kind) -> st.SearchStrategy[Constant]:
    """Constants as rule text gives them where a value of a kind is meant."""

    def made(value: bool | int | Decimal | str, of: Kind) -> Constant:
        return Constant(value=value, kind=of)

    whole = st.integers(-1, 5).map(partial(made, of=Kind.INTEGER))
    broken = st.sampled_from(["0.1", "0.3", "2.5", "-0.5", "12.3456"]).map(lambda x: made(Decimal(x), Kind.NUMBER))
    match kind:
        case Kind.TEXT:
            return st.sampled_from(WORDS).map(partial(made, of=Kind.TEXT))
        case Kind.BOOLEAN:
            return st.booleans().map(partial(made, of=Kind.BOOLEAN))
        case Kind.TIME | Kind.DATE:
            return st.sampled_from(STARTS).map(partial(made, of=Kind.TEXT))
        case Kind.INTEGER:
            return whole
        case _:
            return whole | broken


def windows() -> st.SearchStrategy[Window]:
    """Windows of every sort, of lengths that short histories reach."""
    pairs = st.lists(st.sampled_from((0, *LENGTHS)), min_size=2, max_size=2, unique=True).map(sorted)
    return st.one_of(
        st.just(Window()),
        st.sampled_from(LENGTHS).map(lambda us: Window(kind="last", older=us)),
        pairs.map(lambda pair: Window(kind="between", older=pair[1], newer=pair[0])),
        st.sampled_from(STARTS).map(lambda start: Window(kind="since", start=start)),
        st.sampled_from([Window(kind="day"), Window(kind="week"), Window(kind="month")]),
    )


Draw = Callable[[], Node]


def _conditions_of_values(draw: st.DrawFn, value: Callable[[Kind], Node], deeper: Draw) -> list[Draw]:
    """Conditions on single values: what stands both in rules and in conditions on one event."""

    def pick(strategy: st.SearchStrategy[Node]) -> Node:
        return draw(strategy)

    def compared(kinds: Sequence[Kind], operators: Sequence[str]) -> Node:
        kind = draw(st.sampled_from(kinds))
        left = value(kind)
        right = pick(constants_of(kind)) if draw(st.integers(0, 3)) else value(kind)
        node = st.builds(Compare, op=st.sampled_from(operators), left=st.just(left), right=st.just(right))
        return pick(node)

    def among() -> Node:
        kind = draw(st.sampled_from([Kind.TEXT, *_NUMERIC, Kind.TIME]))
        options = tuple(draw(st.lists(constants_of(kind), min_size=1, max_size=3)))
        return IsIn(operand=value(kind), options=options, negated=draw(st.booleans()))

    def tested() -> Node:
        argument = draw(st.sampled_from(WORDS))
        return pick(
            st.builds(
                TextTest,
                kind=st.sampled_from(["contains", "startswith", "endswith", "matches"]),
                operand=st.just(value(Kind.TEXT)),
                argument=st.just(argument),
            )
        )

    def joined(made: type[And] | type[Or]) -> Node:
        return made(parts=tuple(deeper() for _ in range(draw(st.integers(2, 3)))))

    return [
        lambda: compared(_NUMERIC, _ORDER),
        lambda: compared(_NUMERIC, _ORDER),
        lambda: compared([Kind.TIME], _ORDER),
        lambda: compared([Kind.TEXT, Kind.BOOLEAN], ["==", "!="]),
        among,
        tested,
        lambda: Exists(operand=value(draw(st.sampled_from([Kind.TEXT, Kind.TIME, Kind.BOOLEAN, *_NUMERIC])))),
        lambda: Not(operand=deeper()),
        lambda: joined(And),
        lambda: joined(Or),
    ]


def _grown_values(draw: st.DrawFn, kind: Kind, value: Callable[[Kind], Node], condition: Draw) -> list[Draw]:
    """Values made of values: what stands both in rules and in conditions on one event."""

    def arithmetic(operators: Sequence[str], left: Kind, right: Kind) -> Node:
        sides = {"left": st.just(value(left)), "right": st.just(value(right))}
        return draw(st.builds(Arithmetic, op=st.sampled_from(operators), **sides))

    found: list[Draw] = [
        lambda: Default(operand=value(kind), fallback=draw(constants_of(kind))),
        lambda: When(condition=condition(), value=value(kind)),
    ]
    match kind:
        case Kind.TEXT:
            found.append(lambda: Lower(operand=value(Kind.TEXT)))
        case Kind.INTEGER:
            found = [
                lambda: Default(operand=value(kind), fallback=draw(constants_of(Kind.INTEGER))),
                lambda: arithmetic("+-*", Kind.INTEGER, Kind.INTEGER),
                lambda: Negative(operand=value(Kind.INTEGER)),
            ]
        case Kind.MONEY:
            found += [
                lambda: arithmetic("+-", Kind.MONEY, Kind.MONEY),
                lambda: arithmetic("*", Kind.MONEY, Kind.INTEGER),
            ]
        case Kind.NUMBER:
            any_number = st.sampled_from(_NUMERIC)
            found += [
                lambda: arithmetic("/", draw(any_number), draw(any_number)),
                lambda: arithmetic("+-*", Kind.NUMBER, draw(any_number)),
            ]
    return found


# --- Conditions on one event ------------------------------------------------------------------------------------------


@st.composite
def _row_value(draw: st.DrawFn, shape: EventShape, kind: Kind, depth: int) -> Node:
    kinds = {**EVENT_CLOCK, **shape.properties}
    alike = [each for each, of in kinds.items() if of is kind or (kind is Kind.TIME and of is Kind.DATE)]
    if depth > 0 and not draw(st.integers(0, 3)):
        grown = _grown_values(
            draw,
            kind,
            lambda of: draw(_row_value(shape, of, depth - 1)),
            lambda: draw(_row(shape, depth - 1)),
        )
        return draw(st.sampled_from(grown))()
    if not alike:
        return draw(constants_of(kind))
    return Property(name=draw(st.sampled_from(alike)))


@st.composite
def _row(draw: st.DrawFn, shape: EventShape, depth: int) -> Node:
    choices = _conditions_of_values(
        draw, lambda kind: draw(_row_value(shape, kind, depth)), lambda: draw(_row(shape, max(0, depth - 1)))
    )
    return draw(st.sampled_from(choices if depth > 0 else choices[:7]))()


# --- Rules ------------------------------------------------------------------------------------------------------------


def _where(draw: st.DrawFn, shape: EventShape) -> Node | None:
    return draw(_row(shape, 1)) if not draw(st.integers(0, 2)) else None


@st.composite
def _aggregate(
    draw: st.DrawFn, catalogue: Catalogue, kinds: Sequence[AggregateKind], of: Sequence[Kind], bare: bool = False
) -> Node:
    """An aggregate of one of some kinds over a property of one of some kinds (none for those about the event)."""
    fitting = {
        (name, prop)
        for name, shape in catalogue.events.items()
        for prop, kind in {**shape.properties, **EVENT_CLOCK}.items()
        if kind in of
    }
    event, prop = (
        draw(st.sampled_from(sorted(fitting))) if of else (draw(st.sampled_from(sorted(catalogue.events))), "")
    )
    return Aggregate(
        kind=draw(st.sampled_from(kinds)),
        event=event,
        property=prop,
        where=_where(draw, catalogue.events[event]),
        window=Window() if bare else draw(windows()),
    )


@st.composite
def _plain(draw: st.DrawFn, catalogue: Catalogue, kind: Kind, bare: bool = False) -> Node:
    """An aggregate of a kind; `bare` without a window, as `change` wants it."""

    def over(kinds: Sequence[AggregateKind], *of: Kind) -> st.SearchStrategy[Node]:
        return _aggregate(catalogue, kinds, of, bare)

    match kind:
        case Kind.BOOLEAN:
            return draw(over(["did"]) | over(["first", "latest"], Kind.BOOLEAN))
        case Kind.INTEGER:
            every = (Kind.TEXT, Kind.INTEGER, Kind.MONEY, Kind.BOOLEAN)
            own: list[AggregateKind] = ["sum", "min", "max", "first", "latest", "mode"]
            return draw(over(["count"]) | over(["distinct"], *every) | over(own, Kind.INTEGER))
        case Kind.MONEY | Kind.NUMBER:
            same = over(["sum", "min", "max", "first", "latest"], kind)
            return draw(same | over(["avg"], *_NUMERIC) if kind is Kind.NUMBER else same)
        case Kind.TIME:
            moments: list[AggregateKind] = ["min", "max", "first", "latest"]
            return draw(over(["first_at", "last_at"]) | over(moments, Kind.TIME, Kind.DATE))
    return draw(over(["mode", "first", "latest"], Kind.TEXT))


def _ranked(draw: st.DrawFn, catalogue: Catalogue) -> Node:
    kind = draw(st.sampled_from(_NUMERIC))
    return draw(st.sampled_from(names_of(catalogue, kind)) | _plain(catalogue, kind))


@st.composite
def _special_value(draw: st.DrawFn, catalogue: Catalogue, kind: Kind, depth: int) -> Node:
    def change() -> Node:
        inner = draw(_plain(catalogue, draw(st.sampled_from(_NUMERIC)), True))
        return Change(inner=inner, last=draw(_lengths))

    home = Distance(place=Name(space="trait", name="home"), latitude=Decimal("52.5"), longitude=Decimal("13.4"))
    made: Mapping[Kind, list[Draw]] = {
        Kind.INTEGER: [
            lambda: Bucket(salt="test"),
            lambda: Place(kind="tile", inner=_ranked(draw, catalogue), n=draw(st.integers(2, 5))),
        ],
        Kind.NUMBER: [
            lambda: Place(kind="percentile", inner=_ranked(draw, catalogue)),
            lambda: Days(duration=Since(moment=draw(_value(catalogue, Kind.TIME, depth - 1)))),
            lambda: home,
            change,
        ],
    }
    return draw(st.sampled_from(made.get(kind, [lambda: draw(_plain(catalogue, kind))])))()


_lengths = st.sampled_from(LENGTHS)


@st.composite
def _value(draw: st.DrawFn, catalogue: Catalogue, kind: Kind, depth: int) -> Node:
    choice = draw(st.integers(0, 9))
    if choice < 4 or depth <= 0:
        return draw(_plain(catalogue, kind))
    if choice < 6:
        return draw(st.sampled_from(names_of(catalogue, kind)))
    if choice < 8:
        return draw(_special_value(catalogue, kind, depth))
    grown = _grown_values(
        draw,
        kind,
        lambda of: draw(_value(catalogue, of, depth - 1)),
        lambda: draw(_rule(catalogue, depth - 1)),
    )
    return draw(st.sampled_from(grown))()


@st.composite
def _event_rule(draw: st.DrawFn, catalogue: Catalogue) -> Node:
    names = st.sampled_from(sorted(catalogue.events))
    event = draw(names)
    where = _where(draw, catalogue.events[event])
    match draw(st.sampled_from(["did", "sequence", "followed", "stopped", "regularly"])):
        case "sequence":
            steps = (event, *draw(st.lists(names, min_size=1, max_size=2)))
            return SequenceNode(events=steps, within=draw(_lengths), where=where, window=draw(windows()))
        case "followed":
            by = draw(names)
            both = {event, by} <= {"Order Completed", "Product Viewed"}
            return Followed(
                event=event,
                by=by,
                within=draw(_lengths),
                on=draw(st.sampled_from(["", "product_id"])) if both else "",
                where=where,
                window=draw(windows()),
                negated=draw(st.booleans()),
            )
        case "stopped":
            return Stopped(event=event, after=draw(_lengths), where=where)
        case "regularly":
            of = draw(st.integers(1, 4))
            return Regularly(event=event, every=draw(_lengths), periods=draw(st.integers(1, of)), of=of, where=where)
    return draw(_plain(catalogue, Kind.BOOLEAN))


@st.composite
def _rule(draw: st.DrawFn, catalogue: Catalogue, depth: int) -> Node:
    def elapsed() -> Node:
        length = Constant(value=draw(st.sampled_from(["1h", "1d", "2d", "7d", "30d"])), kind=Kind.TEXT)
        left = Since(moment=draw(_value(catalogue, Kind.TIME, depth - 1)))
        other = Since(moment=draw(_value(catalogue, Kind.TIME, 0)))
        right: Node = length if draw(st.integers(0, 3)) else other
        return draw(st.builds(Compare, op=st.sampled_from(_ORDER), left=st.just(left), right=st.just(right)))

    leaves: list[Draw] = [
        lambda: draw(_event_rule(catalogue)),
        lambda: draw(_event_rule(catalogue)),
        lambda: draw(_event_rule(catalogue)),
        lambda: draw(st.sampled_from(names_of(catalogue, Kind.BOOLEAN))),
        lambda: Place(kind="top", inner=_ranked(draw, catalogue), n=draw(st.integers(1, 3))),
        elapsed,
    ]
    if catalogue.relations:
        leaves += [lambda: draw(relations_for(catalogue, max(0, depth - 1)))] * 3
    choices = _conditions_of_values(
        draw,
        lambda kind: draw(_value(catalogue, kind, depth)),
        lambda: draw(_rule(catalogue, max(0, depth - 1))),
    )
    return draw(st.sampled_from([*leaves, *(choices if depth > 0 else choices[:7])]))()


@st.composite
def relations_for(draw: st.DrawFn, catalogue: Catalogue, depth: int = 2) -> Node:
    """A condition among the members of a group, in which no further relation stands."""
    inside = replace(catalogue, relations=frozenset())
    return draw(
        st.builds(
            Relation,
            kind=st.sampled_from(["any", "all", "none"]),
            relation=st.sampled_from(sorted(catalogue.relations)),
            condition=_rule(inside, depth),
            column=st.just(0),
        )
    )
