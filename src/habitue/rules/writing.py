"""Writing a tree as rule text: one canonical text for each tree, which `read` turns back into the same tree."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from functools import singledispatch
from typing import Final

from habitue.records import Kind
from habitue.records.durations import format_duration
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

_OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _SIGN, _ATOM = range(8)
_CALENDAR: Final = {"day": "today=True", "week": "this_week=True", "month": "this_month=True"}
_LONGEST_NUMBER: Final = 24
_ESCAPES: Final = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def write(node: Node) -> str:
    """The canonical text of a tree: fewest parentheses, single quotes, the shortest writing of durations.

    Examples:
        >>> from habitue.rules.nodes import Aggregate, Compare, Constant, Window
        >>> count = Aggregate(kind="count", event="Order Completed", window=Window(kind="last", older=86_400_000_000))
        >>> write(Compare(op=">=", left=count, right=Constant(value=3, kind=Kind.INTEGER)))
        "count('Order Completed', last='1d') >= 3"
    """
    return _text(node)


def write_window(window: Window) -> str:
    """The keyword argument that stands for a window; empty for all of time.

    Examples:
        >>> write_window(Window(kind="last", older=604_800_000_000))
        "last='7d'"
    """
    match window.kind:
        case "ever":
            return ""
        case "last":
            return f"last={_duration(window.older)}"
        case "between":
            return f"between=({_duration(window.older)}, {_duration(window.newer)})"
        case "since":
            return f"since={quote(window.start)}"
        case _:
            return _CALENDAR[window.kind]


def quote(text: str) -> str:
    r"""A text as a string of the language, in single quotes, with everything unprintable escaped.

    Examples:
        >>> print(quote("it's"))
        'it\'s'
    """
    return "'" + "".join(_ESCAPES.get(each) or _character(each) for each in text) + "'"


def _character(each: str) -> str:
    if each.isprintable():
        return each
    code = ord(each)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _duration(us: int) -> str:
    return quote(format_duration(us))


def _call(name: str, *arguments: str) -> str:
    return f"{name}({', '.join(each for each in arguments if each)})"


def _inside(node: Node, level: int) -> str:
    """The text of a part, in parentheses where it binds less tightly than its place needs."""
    text = _text(node)
    return text if _level(node) >= level else f"({text})"


def _level(node: Node) -> int:
    match node:
        case Or():
            return _OR
        case And():
            return _AND
        case Not():
            return _NOT
        case Compare() | IsIn():
            return _COMPARE
        case Arithmetic(op="+" | "-"):
            return _SUM
        case Arithmetic():
            return _PRODUCT
        case Negative():
            return _SIGN
        case Constant(value=bool() | str()):
            return _ATOM
        case Constant(value=int() | Decimal() as value):
            return _SIGN if value < 0 else _ATOM
        case _:
            return _ATOM


@singledispatch
def _text(node: Node) -> str:
    raise TypeError(f"{type(node).__name__} is not a node of the rule language")


@_text.register
def _(node: Constant) -> str:
    value = node.value
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, datetime):
        return quote(write_time(value))
    if node.kind is Kind.DURATION and isinstance(value, int):
        return _duration(value)
    return write_number(value, decimal=node.kind is Kind.NUMBER)


def write_time(value: datetime) -> str:
    """An instant in ISO 8601, in UTC, with a `Z`; fractions of a second only where there are any.

    Examples:
        >>> write_time(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
        '2026-01-02T03:04:05Z'
    """
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def write_number(value: int | Decimal, *, decimal: bool) -> str:
    """A number in plain digits; with `decimal`, a float64 that always has a point, or an exponent where it is tiny.

    Examples:
        >>> write_number(Decimal("1E+3"), decimal=True), write_number(Decimal("2.50"), decimal=False)
        ('1000.0', '2.5')
    """
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    if decimal and len(text) > _LONGEST_NUMBER:
        text = repr(float(value))
    if "." in text and "e" not in text:
        text = text.rstrip("0").rstrip(".")
    if text == "-0":
        text = "0"
    return f"{text}.0" if decimal and not set(text) & set(".e") else text


@_text.register
def _(node: Name) -> str:
    return ".".join(each for each in (node.space, node.name, node.part) if each)


@_text.register
def _(node: Property) -> str:
    return node.name


def _where(node: Node | None) -> str:
    return "" if node is None else f"where={_text(node)}"


@_text.register
def _(node: Aggregate) -> str:
    of = f"{quote(node.event)}.{node.property}" if node.property else quote(node.event)
    return _call(node.kind, of, _where(node.where), write_window(node.window))


@_text.register
def _(node: Sequence) -> str:
    within = f"within={_duration(node.within)}"
    return _call("sequence", *map(quote, node.events), within, _where(node.where), write_window(node.window))


@_text.register
def _(node: Followed) -> str:
    return _call(
        "unfollowed" if node.negated else "followed",
        quote(node.event),
        f"by={quote(node.by)}",
        f"within={_duration(node.within)}",
        f"on={quote(node.on)}" if node.on else "",
        _where(node.where),
        write_window(node.window),
    )


@_text.register
def _(node: Regularly) -> str:
    pace = (f"every={_duration(node.every)}", f"periods={node.periods}", f"of={node.of}")
    return _call("regularly", quote(node.event), *pace, _where(node.where))


@_text.register
def _(node: Stopped) -> str:
    return _call("stopped", quote(node.event), f"after={_duration(node.after)}", _where(node.where))


@_text.register
def _(node: Change) -> str:
    return _call("change", _text(node.inner), f"last={_duration(node.last)}")


@_text.register
def _(node: Since) -> str:
    return _call("since", _text(node.moment))


@_text.register
def _(node: Days) -> str:
    return _call("days", _text(node.duration))


@_text.register
def _(node: Place) -> str:
    return _call(node.kind, _text(node.inner), "" if node.kind == "percentile" else str(node.n))


@_text.register
def _(node: Relation) -> str:
    return _call(node.kind, node.relation, _text(node.condition))


@_text.register
def _(node: Bucket) -> str:
    return _call("bucket", quote(node.salt))


@_text.register
def _(node: Distance) -> str:
    latitude, longitude = (write_number(each, decimal=True) for each in (node.latitude, node.longitude))
    return _call("distance_km", _text(node.place), f"({latitude}, {longitude})")


@_text.register
def _(node: TextTest) -> str:
    return _call(node.kind, _text(node.operand), quote(node.argument))


@_text.register
def _(node: Lower) -> str:
    return _call("lower", _text(node.operand))


@_text.register
def _(node: Exists) -> str:
    return _call("exists", _text(node.operand))


@_text.register
def _(node: Default) -> str:
    return _call("default", _text(node.operand), _text(node.fallback))


@_text.register
def _(node: When) -> str:
    return _call("when", _text(node.condition), _text(node.value))


@_text.register
def _(node: Compare) -> str:
    # Comparisons chain in the syntax read, so a comparison inside another needs parentheses on either side.
    return f"{_inside(node.left, _SUM)} {node.op} {_inside(node.right, _SUM)}"


@_text.register
def _(node: IsIn) -> str:
    word = "not in" if node.negated else "in"
    return f"{_inside(node.operand, _SUM)} {word} [{', '.join(map(_text, node.options))}]"


@_text.register
def _(node: Arithmetic) -> str:
    level = _level(node)
    return f"{_inside(node.left, level)} {node.op} {_inside(node.right, level + 1)}"


@_text.register
def _(node: Negative) -> str:
    return f"-{_inside(node.operand, _SIGN)}"


@_text.register
def _(node: Not) -> str:
    return f"not {_inside(node.operand, _NOT)}"


@_text.register
def _(node: And) -> str:
    return _joined("and", node.parts, _NOT)


@_text.register
def _(node: Or) -> str:
    return _joined("or", node.parts, _AND)


def _joined(word: str, parts: Iterable[Node], level: int) -> str:
    return f" {word} ".join(_inside(each, level) for each in parts)
