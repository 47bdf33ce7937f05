"""Values of a person as noun phrases: "total revenue from 'Order Completed' in the last 90 days"."""

import re
from functools import partial
from typing import Final

from habitue.rules.nodes import (
    Aggregate,
    Bucket,
    Change,
    Days,
    Distance,
    Followed,
    Name,
    Node,
    Place,
    Sequence,
    Since,
    Window,
)
from habitue.rules.walking import with_children
from habitue.rules.word_events import happening_words
from habitue.rules.word_figures import duration_words, is_plural, name_words, number_words, plural, quoted
from habitue.rules.word_values import Speech, compound_words, is_time

_FIGURES: Final = {
    "sum": "total {} from", "avg": "average {} in", "min": "lowest {} in", "max": "highest {} in",
    "mode": "most frequent {} in", "first": "first {} in", "latest": "latest {} in",
}  # fmt: skip
_MOMENTS: Final = {"min": "earliest {} in", "max": "most recent {} in"}


def value_words(node: Node, speech: Speech) -> str:
    """A value of a person as a noun phrase that can follow "whose" and "their"."""
    match node:
        case Aggregate(kind=kind) if kind != "did":
            return _aggregate(node, speech)
        case Name(space="trait" | "feature" | "score" | "cluster"):
            return _name(node, speech)
        case Since(moment=moment):
            return f"time since {_the(moment, speech)}"
        case Days(duration=duration):
            elapsed = value_words(duration, speech)
            return f"number of days since {elapsed.removeprefix('time since ')}"
        case Change():
            return f"{changing_words(node, speech)} relative to the {duration_words(node.last)} before"
        case Place(kind=kind, inner=inner, n=n) if kind != "top":
            place = f"group from 1 to {n}" if kind == "tile" else "place from 0 to 1"
            return f"{place} by {value_words(inner, speech)}"
        case Bucket(salt=salt):
            return f"random number from 0 to 9,999 drawn for {quoted(salt)}"
        case Distance():
            return f"distance in km from {point_words(node)}"
    return compound_words(node, partial(value_words, speech=speech), speech, partial(_truth, speech=speech))


def _truth(node: Node, speech: Speech) -> str:
    return speech.whole(node, speech)


def _the(moment: Node, speech: Speech) -> str:
    words = value_words(moment, speech)
    return f"the {words}" if isinstance(moment, Aggregate) else f"their {words}"


def _aggregate(node: Aggregate, speech: Speech) -> str:
    happening = happening_words(node.event, node.where, node.window, speech)
    match node.kind:
        case "count":
            return f"number of {happening}"
        case "first_at":
            return f"first {happening}"
        case "last_at":
            return f"last {happening}"
        case "distinct":
            return f"number of different {plural(name_words(node.property))} in {happening}"
    shape = _MOMENTS.get(node.kind) if is_time(node) else None
    return f"{(shape or _FIGURES[node.kind]).format(name_words(node.property))} {happening}"


def _name(node: Name, speech: Speech) -> str:
    words = name_words(node.name)
    match node.space:
        case "score":
            parts = {"": "", "decile": " decile", "low": " (low end)", "high": " (high end)"}
            base, bracket, rest = words.partition(" (")
            return f"{base} score{bracket}{rest}{parts[node.part]}"
        case "cluster":
            return f"cluster in {words}"
        case "feature":
            return labelled(node, speech)
    return words


def is_several(node: Node, speech: Speech) -> bool:
    """Whether the noun phrase of a value is a plural: "orders (365 days)", but not "number of 'Session'"."""
    if not isinstance(node, Name) or node.space not in ("trait", "feature"):
        return False
    head = re.split(r" (?:in|of|per|from|since|with|on|for|at|by|to)\b|[(,:]", value_words(node, speech), maxsplit=1)[0]
    return is_plural(head.strip().rpartition(" ")[2])


def labelled(node: Name, speech: Speech) -> str:
    """The label of a feature in the middle of a sentence, or else its name in words."""
    label = speech.labels.get(f"{node.space}.{node.name}", "").strip().rstrip(".")
    if not label:
        return name_words(node.name)
    return label[0].lower() + label[1:] if label[1:2].islower() or label[1:2] == " " else label


def changing_words(node: Change, speech: Speech) -> str:
    """What a `change` looks at, in its recent window."""
    return value_words(_in_window(node.inner, Window(kind="last", older=node.last)), speech)


def _in_window(node: Node, window: Window) -> Node:
    match node:
        case Aggregate(kind=kind, event=event, property=name, where=where):
            return Aggregate(kind=kind, event=event, property=name, where=where, window=window)
        case Sequence() | Followed():
            return node
    return with_children(node, partial(_in_window, window=window))


def point_words(node: Distance) -> str:
    """A point on earth: "52.5° N, 13.4° E"."""
    latitude, longitude = node.latitude, node.longitude
    north = f"{number_words(abs(latitude))}° {'S' if latitude < 0 else 'N'}"
    return f"{north}, {number_words(abs(longitude))}° {'W' if longitude < 0 else 'E'}"
