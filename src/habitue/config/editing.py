"""Changing one document of a project file and nothing else in it: comments, order and everybody else's lines stay."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import MappingStartEvent, ScalarEvent

from habitue.config.authoring import UnwritableError, render
from habitue.config.text import Plain, parse
from habitue.errors import HabitueError

_BREAK: Final = re.compile(r"^---[ \t]*(?:#[^\n]*)?(?:\n|\Z)", re.MULTILINE)
_SEPARATOR: Final = "---\n"


class NotEditableError(HabitueError):
    """A project file is written in a way that cannot be changed without touching the rest of it."""

    code = "YAML-EDIT"

    def __init__(self, name: str) -> None:
        super().__init__(
            what=f"The file that declares {name!r} is written in a way that cannot be edited here.",
            do="Write its document as plain `key: value` lines, or change the file by hand.",
        )


@dataclass(frozen=True, slots=True)
class _Span:
    """Where one value stands in a text: the start of its key's line, the value itself."""

    key: int
    start: int
    end: int


def change_document(text: str, key: str, name: str, values: Mapping[str, str]) -> str:
    r"""The text of a file with other values in one of its documents.

    Args:
        text: The file, with line ends as `\n`.
        key: The key that names documents, e.g. `segment`.
        name: Which document.
        values: New values of its keys; an empty one takes the key out.

    Raises:
        NotEditableError: The document is no block of plain values, or there is none of that name.

    Examples:
        >>> print(change_document("# Ours\nsegment: a  # kept\nlabel: Old\n", "segment", "a", {"label": "New"}), end="")
        # Ours
        segment: a  # kept
        label: New
    """
    pieces, breaks = _pieces(text)
    place = _place_of(pieces, key, name)
    before = _value(pieces[place])
    piece = pieces[place]
    for each, value in values.items():
        piece = _with_value(piece, each, value, name)
    wanted = {**before, **values}
    if _value(piece) != {each: value for each, value in wanted.items() if value != "" or each not in values}:
        raise NotEditableError(name)
    pieces[place] = piece
    return _joined(pieces, breaks)


def add_document(text: str, values: Mapping[str, str]) -> str:
    r"""The text of a file with one more document at its end; empty values are left out.

    Examples:
        >>> print(add_document("segment: a\n", {"segment": "b", "label": ""}), end="")
        segment: a
        ---
        segment: b
    """
    made = render({each: value for each, value in values.items() if value})
    if not text.strip():
        return text + made
    return f"{text if text.endswith(chr(10)) else text + chr(10)}{_SEPARATOR}{made}"


def remove_document(text: str, key: str, name: str) -> str:
    """The text of a file without one of its documents; empty when it was the only one.

    Comments on top of a file that a blank line parts from its first document stay.

    Raises:
        NotEditableError: There is none of that name.
    """
    pieces, breaks = _pieces(text)
    place = _place_of(pieces, key, name)
    head = _head(pieces[0]) if place == 0 else ""
    del pieces[place]
    if not any(_has_value(each) for each in pieces):
        return ""
    # A break stands before every piece but the first.
    del breaks[max(place - 1, 0)]
    pieces[0] = head + pieces[0]
    return _joined(pieces, breaks)


def _pieces(text: str) -> tuple[list[str], list[str]]:
    """The documents of a text, and what parts them."""
    breaks = [found[0] for found in _BREAK.finditer(text)]
    return _BREAK.split(text), [each if each.endswith("\n") else f"{each}\n" for each in breaks]


def _joined(pieces: list[str], breaks: list[str]) -> str:
    made = pieces[0]
    for each, piece in zip(breaks, pieces[1:], strict=True):
        made = f"{made if not made or made.endswith(chr(10)) else made + chr(10)}{each}{piece}"
    return made


def _has_value(piece: str) -> bool:
    trees, faults = parse(piece, "")
    return bool(trees or faults)


def _value(piece: str) -> dict[str, Plain]:
    trees, faults = parse(piece, "")
    value = trees[0].value if len(trees) == 1 and not faults else None
    return value if isinstance(value, dict) else {}


def _place_of(pieces: list[str], key: str, name: str) -> int:
    for place, piece in enumerate(pieces):
        if _value(piece).get(key) == name:
            return place
    raise NotEditableError(name)


def _head(piece: str) -> str:
    """The comments on top of a file, with the blank line after them; empty where they belong to the first document."""
    lines = piece.splitlines(keepends=True)
    for place, line in enumerate(lines):
        if not line.strip():
            return "".join(lines[: place + 1])
        if not line.startswith("#"):
            break
    return ""


def _with_value(piece: str, key: str, value: str, name: str) -> str:
    spans = _spans(piece, name)
    there = spans.get(key)
    if not value:
        return piece if there is None else _without(piece, there)
    try:
        written = render({key: value}).partition(": ")[2]
    except UnwritableError:
        raise NotEditableError(name) from None
    if there is None:
        last = max(spans.values(), key=lambda each: each.end)
        end = piece.find("\n", max(last.end - 1, last.start))
        head = piece if end < 0 else piece[: end + 1]
        indent = piece[last.key : len(piece)].partition(next(k for k, s in spans.items() if s is last))[0]
        gap = "" if head.endswith("\n") else "\n"
        return f"{head}{gap}{indent}{key}: {written}{'' if end < 0 else piece[end + 1 :]}"
    is_block = piece[there.start : there.start + 1] in ("|", ">")
    return f"{piece[: there.start]}{written if is_block else written.rstrip(chr(10))}{piece[there.end :]}"


def _without(piece: str, span: _Span) -> str:
    end = piece.find("\n", max(span.end - 1, span.start))
    return piece[: span.key] + ("" if end < 0 else piece[end + 1 :])


def _spans(piece: str, name: str) -> dict[str, _Span]:
    """Where the values of a document's own keys stand.

    Raises:
        NotEditableError: It is no block of plain keys and values.
    """
    found: dict[str, _Span] = {}
    try:
        events = list(YAML(typ="safe", pure=True).parse(piece))
    except (YAMLError, ValueError):
        raise NotEditableError(name) from None
    nodes = events[2:-2]
    if not nodes or not isinstance(nodes[0], MappingStartEvent) or nodes[0].flow_style:
        raise NotEditableError(name)
    inside = nodes[1:-1]
    if len(inside) % 2 or not all(isinstance(each, ScalarEvent) and each.anchor is None for each in inside):
        raise NotEditableError(name)
    for key, value in zip(inside[::2], inside[1::2], strict=True):
        line = piece.rfind("\n", 0, key.start_mark.index) + 1
        found[str(key.value)] = _Span(line, value.start_mark.index, value.end_mark.index)
    return found
