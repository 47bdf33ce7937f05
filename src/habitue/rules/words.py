"""The words reading: a rule as one plain English sentence."""

import re
from collections.abc import Mapping
from datetime import UTC, tzinfo
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from habitue.records import Kind
from habitue.rules.nodes import (
    Aggregate,
    And,
    Compare,
    Constant,
    Exists,
    Followed,
    IsIn,
    Name,
    Node,
    Not,
    Or,
    Place,
    Regularly,
    Relation,
    Sequence,
    Stopped,
    TextTest,
)
from habitue.rules.word_clauses import clause
from habitue.rules.word_comparisons import Clause
from habitue.rules.word_events import denied
from habitue.rules.word_figures import listed, name_words, plural
from habitue.rules.word_nouns import value_words
from habitue.rules.word_values import Speech

_NO_LABELS: Final[Mapping[str, str]] = MappingProxyType({})
_QUOTED: Final = re.compile("'[^']*'")
_BETWEEN: Final = re.compile(r"\bbetween \S+ (?:\S+ )?and ")
_JOINT: Final = re.compile(r",|\b(and|or|but)\b")


def describe(node: Node, *, noun: str = "customer", labels: Mapping[str, str] = _NO_LABELS, zone: tzinfo = UTC) -> str:
    """A true-or-false rule as one sentence.

    Args:
        node: A rule, checked or as read.
        noun: What a person is called in the project, in the singular.
        labels: A few words for `segment.NAME` and `feature.NAME`.
        zone: Dates and times are said in it.

    Examples:
        >>> from habitue.rules.reading import read
        >>> describe(read("count('Order Completed', last='90d') >= 3 and not consent.news"))
        "Customers who did 'Order Completed' at least 3 times in the last 90 days and do not consent to news."
    """
    people = plural(noun.strip() or "customer")
    if isinstance(node, Constant) and node.kind is Kind.BOOLEAN:
        return f"{'All' if node.value else 'No'} {people}."
    said = _clause(node, _speech(labels, zone), depth=0).full
    return f"{people[0].upper()}{people[1:]} {said}."


def describe_condition(node: Node, *, labels: Mapping[str, str] = _NO_LABELS, zone: tzinfo = UTC) -> str:
    """A part of a rule, or a value, as a phrase without a subject.

    Examples:
        >>> from habitue.rules.reading import read
        >>> describe_condition(read("sum('Order Completed'.revenue, last='90d')"))
        "total revenue from 'Order Completed' in the last 90 days"
        >>> describe_condition(read("trait.country == 'DE'"))
        "country is 'DE'"
    """
    speech = _speech(labels, zone)
    return _clause(node, speech, depth=0).text if _is_true_or_false(node) else value_words(node, speech)


def _speech(labels: Mapping[str, str], zone: tzinfo) -> Speech:
    return Speech(labels=labels, zone=zone, whole=_inside)


def _inside(node: Node, speech: Speech) -> str:
    """A true-or-false part inside a noun phrase."""
    made = _clause(node, speech, depth=1)
    return {"who": "they", "whose": "their", "": "those"}[made.lead] + f" {made.text}"


def _is_true_or_false(node: Node) -> bool:
    match node:
        case And() | Or() | Not() | Compare() | IsIn() | TextTest() | Exists():
            return True
        case Sequence() | Followed() | Regularly() | Stopped() | Relation() | Aggregate(kind="did") | Place(kind="top"):
            return True
        case Name(space="segment" | "consent"):
            return True
    return isinstance(node, Constant) and node.kind is Kind.BOOLEAN


def _clause(node: Node, speech: Speech, *, depth: int) -> Clause:
    """The clause of a whole rule or a group in it; groups inside groups stand in parentheses."""
    match node:
        case Not(operand=And() | Or() | Not() as operand):
            return _clause(denied(operand), speech, depth=depth)
        case Relation():
            return _related(node, speech)
        case Not(operand=Relation() as operand):
            return _related(operand, speech, holds=False)
        case Not(operand=operand):
            return clause(operand, speech, holds=False)
        case And(parts=parts):
            return _all([_clause(each, speech, depth=depth + 1) for each in _flat(node, parts)], depth)
        case Or(parts=parts):
            return _some([_clause(each, speech, depth=depth + 1) for each in _flat(node, parts)], depth)
    return clause(node, speech)


_MEMBERS: Final[Mapping[tuple[str, bool], str]] = MappingProxyType(
    {
        ("any", True): "some members", ("any", False): "no members",
        ("all", True): "all members", ("all", False): "not all members",
        ("none", True): "no members", ("none", False): "some members",
    }
)  # fmt: skip


def _related(node: Relation, speech: Speech, *, holds: bool = True) -> Clause:
    """What holds among the members of a group: "in whose household some members did …"."""
    made = _clause(node.condition, speech, depth=1)
    rest = made.text if made.lead == "who" else f"are people {made.full}"
    return Clause(lead="", text=f"in whose {name_words(node.relation)} {_MEMBERS[node.kind, holds]} {rest}")


def _flat(node: Node, parts: tuple[Node, ...]) -> list[Node]:
    """The parts of a group, each once, with those of groups of the same sort inside it in their place."""
    found: list[Node] = []
    for part in map(_settled, parts):
        found.extend(_flat(part, part.parts) if isinstance(part, And | Or) and type(part) is type(node) else [part])
    return list(dict.fromkeys(found))


def _settled(node: Node) -> Node:
    """The same condition without a `not` before a group."""
    while isinstance(node, Not) and isinstance(node.operand, And | Or | Not):
        node = denied(node.operand)
    return node


def _merged(parts: list[Clause]) -> list[Clause]:
    """Neighbours about the same value as one: "is at least 3 and at most 4"."""
    found = [parts[0]]
    for part in parts[1:]:
        before = found[-1]
        if part.subject and part.subject == before.subject:
            words = f"{before.text} and {part.text.removeprefix(part.subject)}"
            found[-1] = Clause(lead=before.lead, text=words, subject=before.subject)
        else:
            found.append(part)
    return found


def _all(parts: list[Clause], depth: int) -> Clause:
    parts = _merged(parts)
    if len(parts) == 1:
        return parts[0]
    alike = all(each.lead == "who" for each in parts)
    crossed = any(_has_joints(each.text) for each in parts)
    said = [parts[0].text]
    for before, part in pairwise(parts):
        goes_on = part.lead == before.lead == "who" and not crossed
        said.append(part.text if goes_on else part.full)
    words = _joined(said, "and", apart=crossed)
    if depth == 0:
        return Clause(lead=parts[0].lead, text=words)
    return Clause(lead="who", text=f"({words})") if alike else Clause(lead="", text=f"({_with_lead(parts[0], words)})")


def _some(parts: list[Clause], depth: int) -> Clause:
    if len(parts) == 1:
        return parts[0]
    alike = all(each.lead == "who" for each in parts)
    crossed = any(_has_joints(each.text) for each in parts)
    words = "either " + _joined([each.text if alike else each.full for each in parts], "or", apart=crossed)
    if depth > 1:
        words = f"({words})"
    return Clause(lead="who" if alike else "", text=words)


def _joined(parts: list[str], word: str, *, apart: bool) -> str:
    """Parts in a row; with commas even between two where they hold joints of their own."""
    return f"{', '.join(parts[:-1])}, {word} {parts[-1]}" if apart else listed(parts, word)


def _with_lead(first: Clause, words: str) -> str:
    return f"{first.lead} {words}" if first.lead else words


def _has_joints(text: str) -> bool:
    """Whether a text holds commas or joining words of its own, outside of quotes and parentheses."""
    bare = _BETWEEN.sub("", _QUOTED.sub("", text))
    while "(" in bare:
        shorter = re.sub(r"\([^()]*\)", "", bare)
        if shorter == bare:
            break
        bare = shorter
    return _JOINT.search(bare) is not None
