"""Project files written for people to read and change: block style, key order kept, comments where they help."""

import re
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from habitue.config.text import Place, Plain, Tree, parse
from habitue.config.writing import write_text
from habitue.errors import HabitueError

Writable: TypeAlias = "bool | int | float | str | Sequence[Writable] | Mapping[str, Writable] | None"
Comments: TypeAlias = Mapping[tuple[str | int, ...], str]

_NO_COMMENTS: Comments = {}
_TIDY = re.compile(r"[^\s\x00-\x1f\x7f-\x9f][^\x00-\x09\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f]\n")
_UNPRINTED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_FRAGILE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


class UnwritableError(HabitueError):
    """A value cannot stand in a project file and be read back the same."""

    code = "YAML-WRITE"

    def __init__(self, path: Path | None) -> None:
        place = "a project file" if path is None else repr(str(path))
        super().__init__(
            what=f"A value meant for {place} cannot be written as YAML and read back the same.",
            do="Leave control characters and numbers that are not finite out of it.",
        )


def write_document(
    path: Path,
    data: Mapping[str, Writable] | Sequence[Mapping[str, Writable]],
    *,
    comments: Comments = _NO_COMMENTS,
    header: str = "",
) -> None:
    """Write one document, or a list of documents, as a readable YAML file; whole or not at all.

    Args:
        path: The file; one already there is replaced, missing folders are made.
        data: The document, or the documents in order.
        comments: Text to stand above a key or list entry, by its path; for several documents the path begins with
            the document's index.
        header: Text to stand on top of the file, without `#`; a line that begins with `#` is taken as it is.

    Raises:
        UnwritableError: A value would not read back the same.
    """
    try:
        text = render(data, comments=comments, header=header)
    except UnwritableError:
        raise UnwritableError(path) from None
    write_text(path, text)


def render(
    data: Mapping[str, Writable] | Sequence[Mapping[str, Writable]],
    *,
    comments: Comments = _NO_COMMENTS,
    header: str = "",
) -> str:
    """The YAML text that `write_document` writes.

    Examples:
        >>> print(render({"segment": "loyal", "label": "No: really"}, comments={("label",): "Shown to people"}), end="")
        segment: loyal
        # Shown to people
        label: 'No: really'
    """
    documents: list[Mapping[str, Writable]] = [data] if isinstance(data, Mapping) else list(data)
    plain = [_plain(document) for document in documents]
    text = "---\n".join(_dump(value) for value in plain)
    trees = _read_back(text, plain)
    notes = {(0, *path): note for path, note in comments.items()} if isinstance(data, Mapping) else comments
    text = _commented(header) + _annotated(text, trees, notes)
    _read_back(text, plain)
    return text


def _read_back(text: str, meant: list[Plain]) -> list[Tree]:
    trees, faults = parse(text, "")
    if faults or [tree.value for tree in trees] != meant:
        raise UnwritableError(None)
    return trees


def _annotated(text: str, trees: Sequence[Tree], comments: Comments) -> str:
    """The text with each comment above the line of its key, indented like it."""
    lines = text.removesuffix("\n").split("\n")
    above: dict[int, str] = {}
    for path, note in comments.items():
        place = _place(trees, path)
        if place is not None:
            line = lines[place.line - 1]
            indent = " " * (len(line) - len(line.lstrip(" ")))
            above[place.line] = above.get(place.line, "") + _commented(note, indent)
    return "".join(f"{above.get(number, '')}{line}\n" for number, line in enumerate(lines, start=1))


def _place(trees: Sequence[Tree], path: tuple[str | int, ...]) -> Place | None:
    """Where the part at a path stands, whose first step is the document's index; None when there is no such part."""
    index = path[0] if path else None
    if not isinstance(index, int) or not 0 <= index < len(trees):
        return None
    here: Place | None = trees[index].place
    for step in path[1:]:
        here = None if here is None else here.parts.get(step)
    return here


def _plain(value: Writable) -> Plain:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value]


def _commented(text: str, indent: str = "") -> str:
    if not text:
        return ""
    lines = _UNPRINTED.sub(" ", text).removesuffix("\n").split("\n")
    return "".join(_comment_line(line.rstrip(), indent) for line in lines)


def _comment_line(line: str, indent: str) -> str:
    if not line:
        return "\n"
    return f"{indent}{line}\n" if line.startswith("#") else f"{indent}# {line}\n"


def _dump(value: Plain) -> str:
    writer = YAML(typ="rt", pure=True)
    writer.width = 1 << 20
    writer.allow_unicode = True
    writer.indent(mapping=2, sequence=4, offset=2)
    out = StringIO()
    try:
        writer.dump(_dressed(value), out)
    except (ValueError, OverflowError):
        raise UnwritableError(None) from None
    return out.getvalue()


def _dressed(value: Plain) -> object:
    """The value with its texts in the style they are to be written in."""
    if isinstance(value, str):
        return _dressed_text(value)
    if isinstance(value, dict):
        return {_dressed_key(key): _dressed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_dressed(inner) for inner in value]
    return value


def _dressed_key(key: str) -> object:
    return DoubleQuotedScalarString(key) if _must_quote(key) else key


def _dressed_text(text: str) -> object:
    if _must_quote(text):
        return DoubleQuotedScalarString(text)
    if "\n" in text:
        return LiteralScalarString(text) if _TIDY.fullmatch(text) else DoubleQuotedScalarString(text)
    return text


def _must_quote(text: str) -> bool:
    """True for texts with characters that ruamel.yaml 0.19 does not bring back from a plain or block style."""
    return _FRAGILE.search(text) is not None
