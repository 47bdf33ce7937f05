"""Moving the entries of a list within a project file, and nothing else in it: each takes its comments along."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from habitue.config.editing import NotEditableError
from habitue.config.text import Plain, Tree, parse

_NUMBER: Final = r"^(?P<before>{indent}(?:- )?{key}:[ \t]*)(?P<number>-?[0-9]+)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a list as it is wished.

    Attributes:
        was: Its place so far, from 0.
        numbers: New whole numbers of its keys; None takes a key out.
    """

    was: int
    numbers: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class _Blocks:
    """The lines of a list: `head` before its entries, each entry with the comments above it, and what follows."""

    head: list[str]
    entries: list[list[str]]
    tail: list[str]
    indent: str


def rearrange(
    text: str, key: str, name: str, under: str, entries: Sequence[Entry], numbers: Mapping[str, int | None]
) -> str:
    r"""The text of a file with the entries of a list in another order, or left out.

    Args:
        text: The file, with line ends as `\n`.
        key: The key that names documents, e.g. `dashboard`.
        name: Which document.
        under: The key of the list.
        entries: Those that stay, in their new order.
        numbers: New whole numbers of the document's own keys; None takes a key out.

    Raises:
        NotEditableError: The list is not written as a block of entries, or there is no document of that name.

    Examples:
        >>> before = "board: a\ntiles:\n  # One\n  - x: 1\n  - y: 2\n"
        >>> moved = [Entry(was=1, numbers={}), Entry(was=0, numbers={"x": 3})]
        >>> print(rearrange(before, "board", "a", "tiles", moved, {}), end="")
        board: a
        tiles:
          - y: 2
          # One
          - x: 3
    """
    tree = _tree_of(text, key, name)
    wanted = _wanted(tree.value, under, entries, numbers, name)
    blocks = _blocks(text, tree, under, name)
    moved = [_with_numbers(blocks.entries[each.was], each.numbers, blocks.indent + "  ") for each in entries]
    head = _with_own(blocks.head, tree.place.line_at(under) - 1, numbers)
    made = "".join([*head, *(line for block in moved for line in block), *blocks.tail])
    if _tree_of(made, key, name).value != wanted:
        raise NotEditableError(name)
    return made


def _tree_of(text: str, key: str, name: str) -> Tree:
    trees, faults = parse(text, "")
    for tree in () if faults else trees:
        if isinstance(tree.value, dict) and tree.value.get(key) == name:
            return tree
    raise NotEditableError(name)


def _wanted(
    value: Plain, under: str, entries: Sequence[Entry], numbers: Mapping[str, int | None], name: str
) -> dict[str, Plain]:
    """What the document has to hold afterwards."""
    held = value.get(under) if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(held, list):
        raise NotEditableError(name)
    moved: list[Plain] = []
    for each in entries:
        entry = held[each.was] if 0 <= each.was < len(held) else None
        if not isinstance(entry, dict):
            raise NotEditableError(name)
        moved.append(_changed(entry, each.numbers))
    return {**_changed(value, numbers), under: moved}


def _changed(value: Mapping[str, Plain], numbers: Mapping[str, int | None]) -> dict[str, Plain]:
    kept: dict[str, Plain] = {key: held for key, held in value.items() if numbers.get(key, 0) is not None}
    return {**kept, **{key: number for key, number in numbers.items() if number is not None}}


def _blocks(text: str, tree: Tree, under: str, name: str) -> _Blocks:
    lines = text.splitlines(keepends=True)
    held = tree.place.parts[under].parts
    firsts = [held[place].line - 1 for place in range(len(held))]
    if not firsts:
        raise NotEditableError(name)
    indent = lines[firsts[0]][: len(lines[firsts[0]]) - len(lines[firsts[0]].lstrip(" "))]
    if any(not lines[first].startswith(f"{indent}- ") for first in firsts) or sorted(set(firsts)) != firsts:
        raise NotEditableError(name)
    floors = [tree.place.parts[under].line, *(each + 1 for each in firsts)]
    starts = [_with_comments(lines, first, floor, len(indent)) for first, floor in zip(firsts, floors, strict=False)]
    end = _end(lines, firsts[-1], len(indent))
    edges = [*starts, end]
    entries = [_ended(lines[begin:stop]) for begin, stop in pairwise(edges)]
    return _Blocks(lines[: starts[0]], entries, lines[end:], indent)


def _with_comments(lines: Sequence[str], first: int, floor: int, indent: int) -> int:
    """Where an entry begins with the comments right above it; what stands further in may be text of the one before."""
    while first - 1 >= floor and _is_comment(lines[first - 1], indent):
        first -= 1
    return first


def _is_comment(line: str, indent: int) -> bool:
    return line.lstrip(" ").startswith("#") and len(line) - len(line.lstrip(" ")) <= indent


def _end(lines: Sequence[str], last: int, indent: int) -> int:
    """The line after the last entry: the first that stands further left, or at its dash and is none."""
    for place in range(last + 1, len(lines)):
        line = lines[place]
        if not line.strip():
            continue
        if len(line) - len(line.lstrip(" ")) <= indent and not line.lstrip().startswith("#"):
            return place
    return len(lines)


def _ended(block: list[str]) -> list[str]:
    return [*block[:-1], block[-1] if block[-1].endswith("\n") else f"{block[-1]}\n"]


def _with_numbers(block: list[str], numbers: Mapping[str, int | None], indent: str) -> list[str]:
    made = list(block)
    for key, number in numbers.items():
        pattern = re.compile(_NUMBER.format(indent=f"(?:{indent[:-2]}(?=- )|{indent}(?!-))", key=re.escape(key)))
        place = next((place for place, line in enumerate(made) if pattern.match(line)), None)
        if place is None:
            if number is not None:
                made.insert(_last_content(made, len(indent)) + 1, f"{indent}{key}: {number}\n")
        elif number is None and not made[place].lstrip().startswith("- "):
            del made[place]
        else:
            made[place] = pattern.sub(rf"\g<before>{1 if number is None else number}", made[place])
    return made


def _last_content(block: Sequence[str], indent: int) -> int:
    return max(place for place, line in enumerate(block) if line.strip() and not _is_comment(line, indent))


def _with_own(head: list[str], before: int, numbers: Mapping[str, int | None]) -> list[str]:
    """The lines before a list, with other numbers in its document; `before` is the line of the list's key."""
    made = list(head)
    for key, number in numbers.items():
        pattern = re.compile(_NUMBER.format(indent="", key=re.escape(key)))
        start = max((place for place in range(before) if made[place].startswith("---")), default=-1) + 1
        place = next((place for place in range(start, before) if pattern.match(made[place])), None)
        if place is not None and number is not None:
            made[place] = pattern.sub(rf"\g<before>{number}", made[place])
        elif place is not None:
            del made[place]
            before -= 1
        elif number is not None:
            made.insert(before, f"{key}: {number}\n")
            before += 1
    return made
