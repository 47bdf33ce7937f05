"""Project files written for people to read and change: block style, key order kept, comments where they help."""

import re
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from habitue.config.text import Plain, parse, resolve
from habitue.config.writing import write_text
from habitue.errors import HabitueError

Writable: TypeAlias = "bool | int | float | str | Sequence[Writable] | Mapping[str, Writable] | None"
Comments: TypeAlias = Mapping[tuple[str | int, ...], str]

_NO_COMMENTS: Comments = {}
_TIDY = re.compile(r"[^\s\x00-\x1f\x7f-\x9f][^\x00-\x09\x0b-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f]\n")
_PAIRED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


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
    single = isinstance(data, Mapping)
    documents: list[Mapping[str, Writable]] = [data] if isinstance(data, Mapping) else list(data)
    plain = [_plain(document) for document in documents]
    texts = [_dump(value, comments if single else _below(comments, index)) for index, value in enumerate(plain)]
    text = _commented(header) + "---\n".join(texts)
    trees, faults = parse(text, "")
    if faults or [tree.value for tree in trees] != [value for value in plain if value is not None]:
        raise UnwritableError(None)
    return text


def _below(comments: Comments, index: int) -> Comments:
    return {path[1:]: text for path, text in comments.items() if path[:1] == (index,)}


def _plain(value: Writable) -> Plain:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value]


def _commented(text: str) -> str:
    lines = text.splitlines()
    return "".join(f"{line}\n" if line.startswith("#") or not line else f"# {line}\n" for line in lines)


def _dump(value: Plain, comments: Comments) -> str:
    writer = YAML(typ="rt", pure=True)
    writer.width = 1 << 20
    writer.allow_unicode = True
    writer.indent(mapping=2, sequence=4, offset=2)
    out = StringIO()
    try:
        writer.dump(_dressed(value, comments, (), 0), out)
    except (ValueError, OverflowError):
        raise UnwritableError(None) from None
    return out.getvalue()


def _dressed(value: Plain, comments: Comments, path: tuple[str | int, ...], indent: int) -> object:
    """The value in the forms that carry comments and the style of texts."""
    if isinstance(value, str):
        return _dressed_text(value)
    if isinstance(value, dict):
        mapping = CommentedMap()
        for key, inner in value.items():
            mapping[_dressed_key(key)] = _dressed(inner, comments, (*path, key), indent + 2)
            if (*path, key) in comments:
                mapping.yaml_set_comment_before_after_key(key, before=comments[(*path, key)], indent=indent)
        return mapping
    if isinstance(value, list):
        sequence = CommentedSeq()
        for index, inner in enumerate(value):
            sequence.append(_dressed(inner, comments, (*path, index), indent + 4))
            if (*path, index) in comments:
                sequence.yaml_set_comment_before_after_key(index, before=comments[(*path, index)], indent=indent + 2)
        return sequence
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
    """True for texts that would read back as another value, or that a YAML writer is known to break."""
    return _PAIRED.search(text) is not None or (bool(text) and not isinstance(resolve(text), str))
