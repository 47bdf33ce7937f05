"""Making two kinds fit each other, or saying in words why they do not."""

from dataclasses import replace
from decimal import Decimal
from typing import Final, Literal
from zoneinfo import ZoneInfo

import re2

from habitue.records import Kind
from habitue.records.durations import DurationError, parse_duration
from habitue.rules import terms
from habitue.rules.failures import RulePersonalError, RuleTypeError
from habitue.rules.nodes import Comparison, Constant, Node
from habitue.rules.numbers import fits_money
from habitue.rules.windows import read_instant

_WORDS: Final = {
    Kind.TEXT: "a text",
    Kind.INTEGER: "a whole number",
    Kind.NUMBER: "a number",
    Kind.MONEY: "an amount of money",
    Kind.BOOLEAN: "true or false",
    Kind.TIME: "a time",
    Kind.DATE: "a date",
    Kind.LOCATION: "a location",
    Kind.DURATION: "a length of time",
    Kind.PERSONAL: "personal",
}


def need(kind: Kind, wanted: tuple[Kind, ...], what: str, column: int) -> None:
    """Refuse a kind that is not among the wanted ones.

    Raises:
        RuleTypeError: It is not.
    """
    if kind not in wanted:
        _refuse_personal(kind, column)
        listed = " or ".join(_WORDS[each] for each in wanted[:3])
        raise RuleTypeError(
            what=f"{what} needs {listed}, and this is {_WORDS[kind]}.",
            do="Compare it with something, or use another term.",
            column=column,
        )


def need_answer(kind: Kind, what: str, column: int) -> None:
    """Refuse a kind of value that only means something inside of a rule.

    Raises:
        RuleTypeError: It is a length of time or a location.
    """
    _refuse_personal(kind, column)
    if kind in (Kind.DURATION, Kind.LOCATION):
        raise RuleTypeError(
            what=f"{what} cannot give {_WORDS[kind]}.",
            do="Compare it, or use days(since(…)) or distance_km(…).",
            column=column,
        )


def _refuse_personal(kind: Kind, column: int) -> None:
    if kind is Kind.PERSONAL:
        raise RulePersonalError(column=column)


def need_pattern(pattern: str, column: int) -> None:
    """Refuse a text that is not an RE2 pattern.

    Raises:
        RuleTypeError: It is none, or too long.
    """
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    problem = ""
    if len(pattern) > terms.LONGEST_PATTERN:
        problem = f"it is longer than {terms.LONGEST_PATTERN} characters"
    else:
        try:
            re2.compile(pattern, options=options)
        except re2.error as error:
            problem = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else str(error)
    if problem:
        raise RuleTypeError(
            what=f"This is not an RE2 pattern: {problem}.",
            do="Look-around and back-references are not part of RE2.",
            column=column,
        )


def fit_constant(constant: Constant, kind: Kind, zone: ZoneInfo) -> Constant:
    """The constant as it is compared with a value of some kind.

    Raises:
        RuleTypeError: It cannot be.
    """
    _refuse_personal(kind, constant.column)
    value = constant.value
    if isinstance(value, str) and kind in (Kind.TIME, Kind.DATE):
        try:
            return replace(constant, value=read_instant(value, zone), kind=Kind.TIME)
        except (ValueError, OverflowError):
            raise RuleTypeError(
                what=f"{value[:40]!r} is not a date or time.", do="Write '2026-01-31'.", column=constant.column
            ) from None
    if isinstance(value, str) and kind is Kind.DURATION:
        try:
            return replace(constant, value=parse_duration(value), kind=Kind.DURATION)
        except DurationError as error:
            raise RuleTypeError(what=error.what, do=error.do, column=constant.column) from None
    if kind is Kind.MONEY and constant.kind.is_numeric and isinstance(value, int | Decimal):
        return replace(constant, kind=Kind.MONEY) if fits_money(Decimal(value)) else constant
    if constant.kind is kind or (constant.kind.is_numeric and kind.is_numeric):
        return constant
    raise RuleTypeError(
        what=f"This is {_WORDS[constant.kind]} where {_WORDS[kind]} is needed.",
        do="Numbers stand without quotes, texts within them.",
        column=constant.column,
    )


def fit_pair(
    op: Comparison, left: Node, left_kind: Kind, right: Node, right_kind: Kind, zone: ZoneInfo
) -> tuple[Node, Node]:
    """Both sides of a comparison, constants fitted to the other side.

    Raises:
        RuleTypeError: The sides cannot be compared, or not by this operator.
    """
    _refuse_personal(left_kind, left.column)
    _refuse_personal(right_kind, right.column)
    if isinstance(right, Constant):
        right = fit_constant(right, left_kind, zone)
        right_kind = right.kind
    elif isinstance(left, Constant):
        left = fit_constant(left, right_kind, zone)
        left_kind = left.kind
    same = left_kind is right_kind or (left_kind.is_numeric and right_kind.is_numeric)
    if not same or left_kind is Kind.LOCATION:
        raise RuleTypeError(
            what=f"{_WORDS[left_kind].capitalize()} cannot be compared with {_WORDS[right_kind]}.",
            do="Compare values of one kind.",
            column=left.column,
        )
    if op not in ("==", "!=") and left_kind in (Kind.TEXT, Kind.BOOLEAN):
        raise RuleTypeError(
            what=f"{_WORDS[left_kind].capitalize()} has no order.", do="Use == or !=, or `in`.", column=left.column
        )
    return left, right


def fit_arithmetic(
    op: Literal["+", "-", "*", "/"], left: Node, left_kind: Kind, right: Node, right_kind: Kind
) -> tuple[Node, Node, Kind]:
    """Both sides of an arithmetic term and the kind of its result.

    Money plus or minus money, and money times whole numbers, stay exact money; whole numbers stay whole; a division,
    and everything else, is a number.
    """
    if op in "+-" and left_kind is Kind.MONEY:
        right, right_kind = _as_money(right, right_kind)
    elif op in "+-" and right_kind is Kind.MONEY:
        left, left_kind = _as_money(left, left_kind)
    kinds = {left_kind, right_kind}
    if op == "/" or Kind.NUMBER in kinds:
        return left, right, Kind.NUMBER
    if kinds == {Kind.INTEGER}:
        return left, right, Kind.INTEGER
    if op == "*" and kinds == {Kind.MONEY}:
        return left, right, Kind.NUMBER
    return left, right, Kind.MONEY


def _as_money(node: Node, kind: Kind) -> tuple[Node, Kind]:
    if isinstance(node, Constant) and isinstance(node.value, int | Decimal) and fits_money(Decimal(node.value)):
        return replace(node, kind=Kind.MONEY), Kind.MONEY
    return node, kind
