"""Events with their conditions and windows, as an English sentence says them."""

import operator
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import pairwise
from typing import Final

from habitue.rules.nodes import (
    And,
    Compare,
    Constant,
    Exists,
    IsIn,
    Node,
    Not,
    Or,
    Property,
    TextTest,
    Window,
)
from habitue.rules.word_figures import (
    clock_words,
    constant_words,
    is_plural,
    listed,
    name_words,
    quoted,
    window_words,
    with_article,
)
from habitue.rules.word_values import (
    Speech,
    compound_words,
    is_time,
    options_words,
    predicate,
    text_test_words,
    turned_round,
)

_CLOCKS: Final[Mapping[str, range]] = {
    "local_hour": range(24),
    "local_weekday": range(1, 8),
    "local_month": range(1, 13),
}
_HOLDS: Final[Mapping[str, Callable[[int, int], bool]]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_COUNTED: Final = {
    "==": "exactly {}", "<": "fewer than {}", "<=": "at most {}", ">": "more than {}", ">=": "at least {}",
}  # fmt: skip


def event_words(event: str, where: Node | None, speech: Speech) -> str:
    """An event and its condition: "'Cart Viewed' with at least 3 items"."""
    return f"{quoted(event)}{f' {condition_words(where, speech)}' if where is not None else ''}"


def happening_words(event: str, where: Node | None, window: Window, speech: Speech) -> str:
    """An event, its condition and its window: "'Cart Viewed' with at least 3 items in the last 7 days"."""
    return event_words(event, where, speech) + window_words(window, speech.zone)


def condition_words(node: Node, speech: Speech, *, deep: bool = False) -> str:
    """A condition on one event, as a phrase that follows its name: "with coupon 'SPRING' and at least 3 items".

    Args:
        node: The condition.
        speech: What it is said with.
        deep: Whether it stands inside another that it has to be told apart from.
    """
    node = denied(node.operand) if isinstance(node, Not) and isinstance(node.operand, And | Or | Not) else node
    match node:
        case And(parts=parts):
            words = _both([condition_words(each, speech, deep=True) for each in parts])
            return f"({words})" if deep else words
        case Or(parts=parts):
            words = "either " + listed([condition_words(each, speech, deep=True) for each in parts], "or")
            return f"({words})" if deep else words
        case Not(operand=Property(name=name)):
            return f"not marked as {name_words(name)}"
        case Not(operand=Exists(operand=operand)):
            return f"without {_known(operand, speech)}"
        case Not(operand=operand):
            words = _single(operand, speech)
            # Only the local clock is denied in so few words, and it is never missing.
            return words.removeprefix("not ") if words.startswith("not ") else f"not {words}"
    return _single(node, speech)


def denied(node: Node) -> Node:
    """The opposite of a condition, pushed down to its parts; exact, as every part is either true or not."""
    match node:
        case Not(operand=operand):
            return operand
        case And(parts=parts):
            return Or(parts=tuple(denied(each) for each in parts))
        case Or(parts=parts):
            return And(parts=tuple(denied(each) for each in parts))
    return Not(operand=node)


def _both(parts: list[str]) -> str:
    """Phrases in a row; neighbours that begin with "with" share it."""
    said = [parts[0]]
    for before, part in pairwise(parts):
        shares = before.startswith("with ") and part.startswith("with ")
        said.append(part.removeprefix("with ") if shares else part)
    return listed(said, "and")


def _single(node: Node, speech: Speech) -> str:
    match node:
        case Compare():
            return _compared(turned_round(node), speech)
        case IsIn():
            return _among(node, speech)
        case Exists(operand=operand):
            return f"with {_known(operand, speech)}"
        case TextTest(operand=operand):
            return f"with {_row_value(operand, speech)} {text_test_words(node, 'ing')}"
        case Property(name=name):
            return f"marked as {name_words(name)}"
        case Constant(value=True):
            return "in any case"
        case Constant(value=False):
            return "in no case"
    return f"with {_row_value(node, speech)} being true"


def _known(node: Node, speech: Speech) -> str:
    words = _row_value(node, speech)
    if not isinstance(node, Property):
        return f"a known {words}"
    return f"known {words}" if is_plural(node.name) else with_article(words)


def _row_value(node: Node, speech: Speech) -> str:
    if isinstance(node, Property):
        return name_words(node.name)
    return compound_words(node, partial(_row_value, speech=speech), speech, partial(condition_words, speech=speech))


def _compared(node: Compare, speech: Speech) -> str:
    left, op, right = node.left, node.op, node.right
    clock = _clock_compared(node)
    if clock is not None:
        return clock
    value = _row_value(left, speech)
    if isinstance(left, Property) and is_plural(left.name) and _is_number(right):
        amount = constant_words(right, speech.zone) if isinstance(right, Constant) else ""
        if op == "!=":
            return f"with a number of {value} other than {amount}"
        return f"with {_COUNTED[op].format(amount)} {value}"
    time = is_time(left) or (isinstance(left, Property) and left.name == "occurred_at")
    said = predicate(op, right, time=time, say=partial(_row_value, speech=speech), speech=speech, their="its")
    if isinstance(left, Property) and left.name == "occurred_at":
        return said
    if isinstance(left, Constant):
        return f"with {value} being {said}"
    joined = time or said.startswith(("'", "below", "above", "other", "equal", "true", "false"))
    return f"with {value} {'' if joined else 'of '}{said}"


def _is_number(node: Node) -> bool:
    return isinstance(node, Constant) and node.kind.is_numeric


def _among(node: IsIn, speech: Speech) -> str:
    operand, words = node.operand, options_words(node, speech)
    name = operand.name if isinstance(operand, Property) else ""
    values = sorted({each.value for each in node.options if isinstance(each.value, int)})
    if name in _CLOCKS and not node.negated and len(values) == len(node.options):
        inside = all(each in _CLOCKS[name] for each in values)
        clock = clock_words(name, values) if inside else None
        if clock is not None:
            return clock
    value = _row_value(operand, speech)
    if node.negated:
        return f"with {value} other than {words}"
    if is_plural(name) and all(each.kind.is_numeric for each in node.options):
        return f"with {words} {value}"
    return f"with {value} {words}" if words.startswith("'") else f"with {value} of {words}"


def _clock_compared(node: Compare) -> str | None:
    """A comparison of the local hour, weekday or month as the very hours, days or months it means."""
    left, right = node.left, node.right
    if not isinstance(left, Property) or not isinstance(right, Constant) or left.name not in _CLOCKS:
        return None
    bound, domain = right.value, _CLOCKS[left.name]
    if not isinstance(bound, int) or isinstance(bound, bool) or bound not in domain:
        return None
    if node.op == "!=":
        return f"not {clock_words(left.name, [bound])}"
    meant = list(_holding(node.op, bound, domain))
    if node.op != "==" and not 1 < len(meant) < len(domain):
        return None
    return clock_words(left.name, meant)


def _holding(op: str, bound: int, domain: range) -> Iterator[int]:
    return (each for each in domain if _HOLDS[op](each, bound))
