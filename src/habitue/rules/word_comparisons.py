"""Comparisons as clauses of an English sentence, each in the words that suit what is compared."""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Final, Literal

from habitue.rules.nodes import Aggregate, Bucket, Change, Compare, Constant, Distance, Node, Place, Since
from habitue.rules.word_events import event_words, happening_words
from habitue.rules.word_figures import (
    constant_words,
    duration_words,
    length_words,
    name_words,
    number_words,
    plural,
    quoted,
)
from habitue.rules.word_nouns import changing_words, is_several, point_words, value_words
from habitue.rules.word_values import OPPOSITE, TURNED, Speech, is_time, predicate

_TIMES_DONE: Final = {
    "==": "exactly {}", "!=": "any number of times but {}", "<": "fewer than {}", "<=": "at most {}",
    ">": "more than {}", ">=": "at least {}",
}  # fmt: skip
_AGO: Final = {
    "==": "exactly {} ago", "!=": "at another time than {} ago", "<": "less than {} ago", "<=": "at most {} ago",
    ">": "more than {} ago", ">=": "at least {} ago",
}  # fmt: skip
_EARLIER: Final = {
    "==": "at the same time as {}", "!=": "at another time than {}", "<": "later than {}",
    "<=": "no earlier than {}", ">": "earlier than {}", ">=": "no later than {}",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """What follows the noun.

    Attributes:
        lead: `who` before a verb, `whose` before a value, empty where the text carries its own.
        text: The rest.
        subject: What the text begins with, where that is a value and its verb.
    """

    lead: Literal["who", "whose", ""]
    text: str
    subject: str = ""

    @property
    def full(self) -> str:
        """The clause with its lead."""
        return f"{self.lead} {self.text}" if self.lead else self.text


def value_clause(node: Node, said: str, speech: Speech, *, holds: bool = True, time: bool = False) -> Clause:
    """A clause about a value: "whose country is 'DE'", or "is not known to be 'DE'" for the opposite."""
    several = is_several(node, speech)
    verb = "are" if several else "is"
    if holds and time:
        verb = "were" if several else "was"
    subject = f"{value_words(node, speech)} {verb} "
    return Clause(lead="whose", text=f"{subject}{'' if holds else 'not known to be '}{said}", subject=subject)


def compared_clause(node: Compare, speech: Speech, *, holds: bool) -> Clause:
    """The clause of a comparison, or of its opposite.

    Args:
        node: Constants on the right.
        speech: What it is said with.
        holds: False for the opposite, which is true also where a side is missing.
    """
    if not holds and _is_never_missing(node.left) and isinstance(node.right, Constant):
        node, holds = Compare(op=OPPOSITE[node.op], left=node.left, right=node.right), True
    if isinstance(node.right, Since) and not isinstance(node.left, Since):
        node = Compare(op=TURNED[node.op], left=node.right, right=node.left)
    for special in (_counted, _placed, _elapsed, _far, _changed):
        made = special(node, speech, holds)
        if made is not None:
            return made
    time = is_time(node.left) or is_time(node.right)
    said = predicate(node.op, node.right, time=time, say=partial(value_words, speech=speech), speech=speech)
    return value_clause(node.left, said, speech, holds=holds, time=time)


def _is_never_missing(node: Node) -> bool:
    return isinstance(node, Bucket) or (isinstance(node, Aggregate) and node.kind in ("count", "sum", "distinct"))


def _counted(node: Compare, speech: Speech, _: bool) -> Clause | None:
    """`count(…) >= 3` and `distinct(…) >= 3` by what was done."""
    left, right = node.left, node.right
    if not isinstance(left, Aggregate) or not isinstance(right, Constant):
        return None
    if isinstance(right.value, bool) or not isinstance(right.value, int | Decimal) or right.value < 0:
        return None
    if left.kind == "count":
        done, when = event_words(left.event, left.where, speech), _window_only(left, speech)
        return Clause(lead="who", text=f"did {done} {_TIMES_DONE[node.op].format(_times(node.op, right.value))}{when}")
    # Only where it takes an event to be true: nobody did a thing "with fewer than 3 different products" never.
    least = right.value >= 1 or (node.op == ">" and right.value >= 0)
    if left.kind == "distinct" and node.op in (">=", ">", "==") and least:
        amount = _TIMES_DONE[node.op].format(number_words(right.value))
        name = name_words(left.property)
        things = f"{amount} different {name if right.value == 1 else plural(name)}"
        done = event_words(left.event, left.where, speech)
        return Clause(lead="who", text=f"did {done} with {things}{_window_only(left, speech)}")
    return None


def _window_only(node: Aggregate, speech: Speech) -> str:
    bare = quoted(node.event)
    return happening_words(node.event, None, node.window, speech).removeprefix(bare)


def _times(op: str, amount: int | Decimal) -> str:
    if amount == 1 and op != "<":
        return "once"
    if amount == 2 and op not in ("<", "!="):
        return "twice"
    return f"{number_words(amount)} time{'' if amount == 1 else 's'}" if op != "!=" else number_words(amount)


def _placed(node: Compare, speech: Speech, holds: bool) -> Clause | None:
    left, right = node.left, node.right
    if not isinstance(left, Place) or not isinstance(right, Constant) or not isinstance(right.value, int | Decimal):
        return None
    made = _percentile if left.kind == "percentile" else _tile if left.kind == "tile" else None
    place = made(node.op, Decimal(right.value), left.n) if made is not None else None
    if place is None:
        return None
    no = "" if holds else "not "
    return Clause(lead="who", text=f"are {no}{place} by {value_words(left.inner, speech)}")


def _percentile(op: str, bound: Decimal, _: int) -> str | None:
    if not 0 < bound < 1:
        return None
    low, high = number_words(bound * 100), number_words((1 - bound) * 100)
    return {
        ">=": f"in the top {high} %",
        ">": f"strictly above the bottom {low} %",
        "<": f"below the top {high} %",
        "<=": f"in the bottom {low} %",
        "==": f"exactly at the {low} % mark",
        "!=": f"anywhere but at the {low} % mark",
    }[op]


def _tile(op: str, bound: Decimal, n: int) -> str | None:
    if bound != int(bound) or not 1 <= bound <= n:
        return None
    which = number_words(int(bound))
    groups = f"of {n} equal groups"
    named = {1: f"the lowest {groups}", n: f"the highest {groups}"}.get(int(bound), f"group {which} {groups}")
    return {
        "==": f"in {named}",
        "!=": f"in any {groups[3:]} but number {which}",
        ">=": f"in group {which} or higher {groups}",
        ">": f"in a group above {which} {groups}",
        "<=": f"in group {which} or lower {groups}",
        "<": f"in a group below {which} {groups}",
    }[op]


def _elapsed(node: Compare, speech: Speech, holds: bool) -> Clause | None:
    left, right = node.left, node.right
    if not isinstance(left, Since):
        return None
    if isinstance(right, Since):
        said = _EARLIER[node.op].format(f"their {value_words(right.moment, speech)}")
    else:
        length = length_words(right) if isinstance(right, Constant) else f"their {value_words(right, speech)}"
        said = _AGO[node.op].format(length)
    return value_clause(left.moment, said, speech, holds=holds, time=True)


def _far(node: Compare, speech: Speech, holds: bool) -> Clause | None:
    left, right = node.left, node.right
    if not isinstance(left, Distance) or not isinstance(right, Constant):
        return None
    shape = {
        "==": "exactly {} km", "!=": "any distance but {} km", "<": "less than {} km", "<=": "at most {} km",
        ">": "more than {} km", ">=": "at least {} km",
    }[node.op]  # fmt: skip
    verb = "is" if holds else "is not known to be"
    far = shape.format(constant_words(right, speech.zone))
    return Clause(lead="whose", text=f"{name_words(left.place.name)} {verb} {far} from {point_words(left)}")


def _changed(node: Compare, speech: Speech, holds: bool) -> Clause | None:
    left, right = node.left, node.right
    if not isinstance(left, Change) or not isinstance(right, Constant):
        return None
    said = predicate(node.op, right, time=False, say=partial(value_words, speech=speech), speech=speech)
    verb = "is" if holds else "is not known to be"
    return Clause(
        lead="whose",
        text=f"{changing_words(left, speech)} {verb} {said} times that of the {duration_words(left.last)} before",
    )
