"""Values and comparisons of them, as noun phrases and predicates of an English sentence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from habitue.records import Kind
from habitue.rules.nodes import (
    Aggregate,
    Arithmetic,
    Compare,
    Comparison,
    Constant,
    Default,
    IsIn,
    Lower,
    Name,
    Negative,
    Node,
    Place,
    Property,
    TextTest,
    When,
)
from habitue.rules.word_figures import constant_words, listed, quoted, time_text_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """What a sentence is said with.

    Attributes:
        labels: A few words for `segment.NAME` and `feature.NAME`.
        zone: Dates and times are said in it.
        whole: Says a true-or-false part inside a noun phrase, as "they did …".
    """

    labels: Mapping[str, str]
    zone: tzinfo
    whole: Callable[[Node, "Speech"], str]


Say = Callable[[Node], str]
TURNED: Final[Mapping[Comparison, Comparison]] = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
OPPOSITE: Final[Mapping[Comparison, Comparison]] = {
    "==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<",
}  # fmt: skip
_NUMBERS: Final[Mapping[str, str]] = {
    "==": "exactly {}", "!=": "other than {}", "<": "below {}", "<=": "at most {}", ">": "above {}",
    ">=": "at least {}",
}  # fmt: skip
_TIMES: Final[Mapping[str, str]] = {
    "==": "exactly at {}", "!=": "at another time than {}", "<": "before {}", "<=": "no later than {}",
    ">": "after {}", ">=": "no earlier than {}",
}  # fmt: skip
_DATES: Final[Mapping[str, str]] = {
    "==": "exactly at the start of {}", "!=": "at another time than the start of {}", "<": "before {}",
    "<=": "no later than the start of {}", ">": "after the start of {}", ">=": "on or after {}",
}  # fmt: skip
_SIGNS: Final = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}
_BINDS: Final = {"+": 1, "-": 1, "*": 2, "/": 2}
_TESTS: Final = {
    "contains": "contain", "startswith": "start with", "endswith": "end with", "matches": "match the pattern",
}  # fmt: skip


def compound_words(node: Node, say: Say, speech: Speech, condition: Say) -> str:
    """The noun phrase of a value made of others; `say` says those, `condition` a true-or-false part."""
    match node:
        case Constant():
            return constant_words(node, speech.zone)
        case Arithmetic(op=op, left=left, right=right):
            first = say(left) if isinstance(left, Aggregate) else _part(left, say, within=_BINDS[op])
            return f"{first} {_SIGNS[op]} {_part(right, say, within=_BINDS[op] + 1)}"
        case Negative(operand=operand):
            return f"negative of {_part(operand, say, within=3)}"
        case Lower(operand=operand):
            return f"{say(operand)} in lower case"
        case Default(operand=operand, fallback=fallback):
            instead = fallback_words(operand, fallback, speech)
            return f"{say(operand)} (taken as {instead} where not known)"
        case When(condition=when, value=value):
            return f"{say(value)} (only if {condition(when)})"
    return f"answer to “{condition(node)}”"


def _part(node: Node, say: Say, *, within: int) -> str:
    """One side of a calculation, in parentheses where it binds less tightly than its place needs."""
    words = f"the {say(node)}" if isinstance(node, Aggregate | Place | Negative) else say(node)
    return f"({words})" if isinstance(node, Arithmetic) and _BINDS[node.op] < within else words


def fallback_words(operand: Node, fallback: Constant, speech: Speech) -> str:
    """A constant that stands for a value: a text where a time is meant is a date."""
    if isinstance(fallback.value, str) and is_time(operand):
        return time_text_words(fallback.value, speech.zone)
    return constant_words(fallback, speech.zone)


def is_time(node: Node) -> bool:
    """Whether a value is plainly an instant, by its term or its name."""
    match node:
        case Constant(value=datetime()) | Aggregate(kind="first_at" | "last_at"):
            return True
        case Aggregate(kind="min" | "max" | "first" | "latest", property=name) | Property(name=name):
            return name.endswith(("_at", "_on"))
        case Name(space="trait" | "feature", name=name):
            return name.endswith(("_at", "_on"))
        case Default(operand=inner) | When(value=inner):
            return is_time(inner)
    return False


def predicate(op: Comparison, right: Node, *, time: bool, say: Say, speech: Speech, their: str = "their") -> str:
    """What a value is compared with, as it follows "is" or "of": "at least 3", "'DE'", "before 1 January 2026".

    Args:
        op: The comparison.
        right: The other side.
        time: Whether instants are compared.
        say: Says a value.
        speech: What it is said with.
        their: What leads the other side where it is not a constant.
    """
    if not isinstance(right, Constant):
        other = f"{'the' if isinstance(right, Negative) else their} {say(right)}"
        return f"equal to {other}" if op == "==" else (_TIMES if time else _NUMBERS)[op].format(other)
    if time:
        text = right.value if isinstance(right.value, str) else None
        words = constant_words(right, speech.zone) if text is None else time_text_words(text, speech.zone)
        return (_TIMES if ":" in words else _DATES)[op].format(words)
    words = constant_words(right, speech.zone)
    if right.kind in (Kind.TEXT, Kind.BOOLEAN) and op == "==":
        return words
    return _NUMBERS[op].format(words)


def turned_round(node: Compare) -> Compare:
    """The same comparison with its constant on the right."""
    if isinstance(node.left, Constant) and not isinstance(node.right, Constant):
        return Compare(op=TURNED[node.op], left=node.right, right=node.left)
    return node


def options_words(node: IsIn, speech: Speech) -> str:
    """The options of an `in`: "'a', 'b' or 'c'"."""
    words = dict.fromkeys(fallback_words(node.operand, each, speech) for each in node.options)
    return listed(list(words), "or")


def text_test_words(node: TextTest, ending: str) -> str:
    """A text test as a verb with an ending: `s` for "contains 'x'", `ing` for "containing 'x'"."""
    verb, _, rest = _TESTS[node.kind].partition(" ")
    made = {"s": f"{verb}es" if verb.endswith("ch") else f"{verb}s", "ing": f"{verb}ing", "": verb}[ending]
    return f"{made} {f'{rest} ' if rest else ''}{quoted(node.argument)}"
