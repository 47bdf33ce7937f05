"""Project files as YAML text: closed plain values with the line of every part, never an object or a tag.

YAML 1.2 values only: `no`, `on` and `2024-01-31` are texts, `true` is a truth value, `007` stays a text.
Hostile text ends in a fault: files over 1 MiB, aliases that explode, deep nesting, tags, NULs.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from habitue.errors import Fault

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"

MAX_BYTES = 1 << 20
MAX_DEPTH = 40
MAX_WEIGHT = 3 << 20
_NODE_WEIGHT = 16
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,37})")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]{1,40}|(?:0|[1-9][0-9]{0,37})(?:\.[0-9]{0,40})?)(?:[eE][-+]?[0-9]{1,3})?")
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a value stands in its file.

    Attributes:
        line: 1-based line of the value, of its key when it has one.
        parts: The places inside a mapping (by key) or list (by index).
    """

    line: int = 1
    parts: Mapping[str | int, "Place"] = field(default_factory=dict)

    def line_at(self, *path: str | int) -> int:
        """The line of the part at `path`, or of the nearest part above it that exists."""
        here = self
        for step in path:
            inner = here.parts.get(step)
            if inner is None:
                break
            here = inner
        return here.line


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """One YAML document: its plain value and where each part stands."""

    value: Plain
    place: Place


class _Event(Protocol):
    start_mark: StringMark


@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    value: Plain
    place: Place
    weight: int
    height: int = 0


class _StopError(Exception):
    """Reading this file cannot go on; the fault says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.what)
        self.fault = fault


def decode(data: bytes, file: str) -> str | Fault:
    r"""The text of a project file: UTF-8, at most 1 MiB, without NULs, line ends as `\n`; else what is wrong."""
    if len(data) > MAX_BYTES:
        return Fault(
            file=file,
            line=0,
            code="FILE-TOO-LARGE",
            what="The file is larger than 1 MiB.",
            do="Split it: every kind of file may be spread over many.",
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _not_text(file, 1, "The file is UTF-16, not UTF-8.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _not_text(file, data.count(b"\n", 0, error.start) + 1, "A byte here is not UTF-8 text.")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    unfit = _UNFIT.search(text)
    if unfit is not None:
        line = text.count("\n", 0, unfit.start()) + 1
        return _not_text(file, line, f"The character U+{ord(unfit[0]):04X} cannot stand in a text file.")
    return text


def _not_text(file: str, line: int, what: str) -> Fault:
    return Fault(file=file, line=line, code="FILE-ENCODING", what=what, do="Save the file as UTF-8 text.")


def parse(text: str, file: str) -> tuple[list[Tree], list[Fault]]:
    r"""Every document of a YAML text that is not empty, and every fault of its form.

    After a fault of syntax the rest of the file cannot be read; the documents before it are still given.

    Args:
        text: The text, with `\n` at line ends.
        file: Its path, as faults will name it.

    Examples:
        >>> trees, faults = parse("segment: loyal\nrule: did('Order Completed')\n", "segments/a.yaml")
        >>> trees[0].value, trees[0].place.line_at("rule"), faults
        ({'segment': 'loyal', 'rule': "did('Order Completed')"}, 2, [])
    """
    reader = _Reader(text, file)
    try:
        reader.read()
    except _StopError as stop:
        reader.faults.append(stop.fault)
    except MarkedYAMLError as error:
        reader.faults.append(_syntax_fault(reader, error))
    except (YAMLError, ValueError, OverflowError, AssertionError):
        what = "This is not YAML that can be read (a directive or an escape such as \\U is wrong)."
        reader.faults.append(reader.fault(reader.line, "YAML-SYNTAX", what, "Write plain YAML 1.2."))
    return reader.trees, reader.faults


def _syntax_fault(reader: "_Reader", error: MarkedYAMLError) -> Fault:
    mark = error.problem_mark or error.context_mark
    line = reader.line if mark is None else reader.line_at(mark.index)
    problem = str(error.problem or error.context or "it cannot be read").strip()[:200]
    hints = {
        "\\t": "Indent with spaces, not with tabs.",
        "mapping values": "Put quotes around a text that holds a colon followed by a space.",
        "end of stream": "Close the quotation mark or bracket opened before.",
        "cannot start any token": "Put quotes around a text that begins with such a character.",
        "but found": "Check the indentation, and quote the whole of a text that begins with a quotation mark.",
    }
    do = next((hint for part, hint in hints.items() if part in problem), "Check the indentation and the quotes.")
    return reader.fault(line, "YAML-SYNTAX", f"The YAML cannot be read here: {problem}.", do)


class _Reader:
    """Builds plain values from parser events, one document after the other."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self.trees: list[Tree] = []
        self.line = 1
        self._events = cast("Iterator[_Event]", YAML(typ="safe", pure=True).parse(text))
        self._anchors: dict[str, _Node | None] = {}
        self._weight = 0
        self._breaks = [found.start() for found in re.finditer("\n", text)]

    def line_at(self, index: int) -> int:
        """The 1-based line of a character; YAML's own count takes rarer characters for line breaks too."""
        return bisect_left(self._breaks, index) + 1

    def _line(self, event: _Event) -> int:
        return self.line_at(event.start_mark.index)

    def fault(self, line: int, code: str, what: str, do: str) -> Fault:
        return Fault(file=self.file, line=line, code=code, what=what, do=do)

    def read(self) -> None:
        """Take in every document; what was taken in before an exception stays."""
        for event in self._events:
            if not isinstance(event, DocumentStartEvent):
                continue
            self._anchors = {}
            node = self._node(self._next(), depth=0)
            if node.value is not None:
                self.trees.append(Tree(value=node.value, place=node.place))

    def _next(self) -> _Event:
        event = next(self._events)
        self.line = self._line(event)
        return event

    def _node(self, event: _Event, *, depth: int) -> _Node:
        line = self._line(event)
        if isinstance(event, AliasEvent):
            return self._alias(str(event.anchor), line, depth)
        if depth > MAX_DEPTH:
            raise self._too_much(line, f"Values are nested more than {MAX_DEPTH} deep.")
        self._add(_NODE_WEIGHT, line)
        anchor = event.anchor if isinstance(event, NodeEvent) else None
        if anchor is not None:
            self._anchors[str(anchor)] = None
        self._refuse_tag(event, line)
        before = self._weight - _NODE_WEIGHT
        if isinstance(event, MappingStartEvent):
            value, parts, height = self._mapping(depth)
        elif isinstance(event, SequenceStartEvent):
            value, parts, height = self._sequence(depth)
        else:
            value, parts, height = self._scalar(cast("ScalarEvent", event), line), {}, 0
        weight = self._weight - before
        node = _Node(value=value, place=Place(line=line, parts=parts), weight=weight, height=height)
        if anchor is not None:
            self._anchors[str(anchor)] = node
        return node

    def _add(self, weight: int, line: int) -> None:
        self._weight += weight
        if self._weight > MAX_WEIGHT:
            raise self._too_much(line, "The file holds too many values, aliases counted as what they stand for.")

    def _too_much(self, line: int, what: str) -> _StopError:
        return _StopError(self.fault(line, "YAML-TOO-MUCH", what, "Write less in one file, and without aliases."))

    def _alias(self, name: str, line: int, depth: int) -> _Node:
        node = self._anchors.get(name)
        if node is None:
            what = f"The alias '*{name[:40]}' stands for nothing that is complete before it."
            raise _StopError(self.fault(line, "YAML-ALIAS", what, "Write the value itself."))
        if depth + node.height > MAX_DEPTH:
            raise self._too_much(line, f"Values are nested more than {MAX_DEPTH} deep.")
        self._add(node.weight, line)
        return node

    def _refuse_tag(self, event: _Event, line: int) -> None:
        tag = event.tag if isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent) else None
        if tag is not None and str(tag) != "!":
            what = f"The tag {str(tag)[:60]!r} is not allowed: project files hold plain values only."
            self.faults.append(self.fault(line, "YAML-TAG", what, "Leave the tag out; quote a value to make it text."))

    def _sequence(self, depth: int) -> tuple[Plain, dict[str | int, Place], int]:
        values: list[Plain] = []
        parts: dict[str | int, Place] = {}
        height = 0
        while not isinstance(event := self._next(), SequenceEndEvent):
            node = self._node(event, depth=depth + 1)
            parts[len(values)] = Place(line=self._line(event), parts=node.place.parts)
            values.append(node.value)
            height = max(height, node.height + 1)
        return values, parts, height

    def _mapping(self, depth: int) -> tuple[Plain, dict[str | int, Place], int]:
        values: dict[str, Plain] = {}
        parts: dict[str | int, Place] = {}
        height = 0
        while not isinstance(event := self._next(), MappingEndEvent):
            line = self._line(event)
            key = self._key(event, line, depth)
            node = self._node(self._next(), depth=depth + 1)
            if key is None:
                continue
            if key in values:
                what = f"The key {key[:60]!r} is written twice; the first is on line {parts[key].line}."
                self.faults.append(self.fault(line, "YAML-DUPLICATE-KEY", what, "Keep one of the two."))
                continue
            values[key] = node.value
            parts[key] = Place(line=line, parts=node.place.parts)
            height = max(height, node.height + 1)
        return values, parts, height

    def _key(self, event: _Event, line: int, depth: int) -> str | None:
        """The key's text as it is written, so that `on`, `2024` and `true` stay themselves."""
        do = "Write `key: value` with a plain text as the key."
        if not isinstance(event, ScalarEvent):
            self._node(event, depth=depth + 1)
            self.faults.append(self.fault(line, "YAML-KEY", "A key is a list, a mapping or an alias.", do))
            return None
        node = self._node(event, depth=depth + 1)
        key = str(event.value)
        if not key or (node.value == "" and _UNFIT.search(key)):
            self.faults.append(self.fault(line, "YAML-KEY", "A key is empty or no text.", do))
            return None
        if key == "<<":
            what = "Merging with '<<' is not part of YAML 1.2."
            self.faults.append(self.fault(line, "YAML-KEY", what, "Write the keys themselves."))
            return None
        return key

    def _scalar(self, event: ScalarEvent, line: int) -> Plain:
        text = str(event.value)
        self._add(len(text), line)
        if _UNFIT.search(text):
            what = "A text holds an escaped character that is no text (NUL, a control character or half a pair)."
            self.faults.append(self.fault(line, "YAML-VALUE", what, "Leave the character out."))
            return ""
        return resolve(text) if not event.style and event.tag is None else text


def resolve(text: str) -> bool | int | float | str | None:
    """What an unquoted YAML scalar means: nothing, a truth value, a number, else the text itself.

    Examples:
        >>> resolve("12"), resolve("1.5"), resolve("true"), resolve("~"), resolve("no"), resolve("007")
        (12, 1.5, True, None, 'no', '007')
    """
    if text in _NOTHING:
        return None
    if text in _TRUTH:
        return _TRUTH[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return text if number in (float("inf"), float("-inf")) else number
    return text


def to_json(value: Plain) -> str:
    """The value as JSON, so that strict validation reads lists and texts as the declared types."""
    return json.dumps(value, allow_nan=False)
