"""True-or-false parts of a rule as clauses that follow the noun: "who did …", "whose … is at least …"."""

from habitue.rules.nodes import (
    Aggregate,
    Compare,
    Constant,
    Exists,
    Followed,
    IsIn,
    Name,
    Node,
    Place,
    Regularly,
    Sequence,
    Stopped,
    TextTest,
)
from habitue.rules.word_comparisons import Clause, compared_clause, value_clause
from habitue.rules.word_events import event_words, happening_words
from habitue.rules.word_figures import duration_words, name_words, number_words, quoted, span_words
from habitue.rules.word_nouns import labelled, value_words
from habitue.rules.word_values import Speech, options_words, text_test_words, turned_round


def clause(node: Node, speech: Speech, *, holds: bool = True) -> Clause:
    """The clause of one smallest part, or of its opposite.

    Args:
        node: Neither `and`, `or` nor `not`.
        speech: What it is said with.
        holds: False for the opposite; a missing value makes the opposite true.
    """
    match node:
        case Compare():
            return compared_clause(turned_round(node), speech, holds=holds)
        case IsIn(operand=operand, negated=negated):
            other = "something other than " if negated else ""
            return value_clause(operand, f"{other}{options_words(node, speech)}", speech, holds=holds)
        case TextTest(operand=operand):
            verb = text_test_words(node, "s") if holds else f"is not known to {text_test_words(node, '')}"
            return Clause(lead="whose", text=f"{value_words(operand, speech)} {verb}")
        case Exists(operand=operand):
            return value_clause(operand, "known" if holds else "not known", speech)
        case Place(kind="top", inner=inner, n=n):
            place = f"are {'' if holds else 'not '}among the top {number_words(n)} by {value_words(inner, speech)}"
            return Clause(lead="who", text=place)
        case Name():
            return _named(node, speech, holds)
        case Constant(value=value):
            sure = (value is True) is holds
            return Clause(lead="who", text="count in any case" if sure else "never count")
    happened = _happened(node, speech, holds)
    if happened is not None:
        return Clause(lead="who", text=happened)
    return value_clause(node, "true", speech, holds=holds)


# --- What happened ----------------------------------------------------------------------------------------------------


def _happened(node: Node, speech: Speech, holds: bool) -> str | None:
    match node:
        case Aggregate(kind="did", event=event, where=where, window=window):
            done = happening_words(event, where, window, speech)
            if holds:
                return f"did {done}"
            return f"never did {done}" if window.kind == "ever" else f"did not do {done}"
        case Stopped(event=event, where=where, after=after):
            done, lately = event_words(event, where, speech), f"in the last {span_words(after)}"
            return f"did {done} before, but not {lately}" if holds else f"either never did {done} or did it {lately}"
        case Regularly(event=event, where=where):
            return f"did {event_words(event, where, speech)} in {_periods(node, holds)}"
        case Followed():
            return _followed(node, speech, holds)
        case Sequence():
            return _sequence(node, speech, holds)
    return None


def _periods(node: Regularly, holds: bool) -> str:
    several = f"the last {node.of} periods of {duration_words(node.every)}"
    if node.of == 1:
        return (
            f"the last {duration_words(node.every)}" if holds else f"no part of the last {duration_words(node.every)}"
        )
    if node.periods == node.of:
        return f"each of {several}" if holds else f"not all of {several}"
    return f"{'at least' if holds else 'fewer than'} {node.periods} of {several}"


def _followed(node: Followed, speech: Speech, holds: bool) -> str:
    first = happening_words(node.event, node.where, node.window, speech)
    link = f" for the same {name_words(node.on)}" if node.on else ""
    answer = f"{quoted(node.by)}{link} within {duration_words(node.within)}"
    if holds:
        return f"did {first} {'without' if node.negated else 'followed by'} {answer}"
    return f"have no {first} that {'went without' if node.negated else 'was followed by'} {answer}"


def _sequence(node: Sequence, speech: Speech, holds: bool) -> str:
    first = happening_words(node.events[0], node.where, node.window, speech)
    later = ", then ".join(quoted(each) for each in node.events[1:])
    gap = duration_words(node.within)
    pace = f"within {gap}" if len(node.events) == 2 else f"each within {gap} of the one before"
    then = f"{first} and then {later} {pace}" if len(node.events) == 2 else f"{first}, then {later}, {pace}"
    return f"{'did' if holds else 'did not do'} {then}"


def _named(node: Name, speech: Speech, holds: bool) -> Clause:
    no = "" if holds else "not "
    match node.space:
        case "segment":
            label = speech.labels.get(f"segment.{node.name}", "") or name_words(node.name)
            text = f"are {no}in the segment {quoted(label)}"
        case "consent":
            text = f"{'' if holds else 'do not '}consent to {name_words(node.name)}"
        case "feature":
            text = f"{'' if holds else 'do not '}meet {quoted(labelled(node, speech))}"
        case _:
            text = f"are {no}marked as {value_words(node, speech)}"
    return Clause(lead="who", text=text)
