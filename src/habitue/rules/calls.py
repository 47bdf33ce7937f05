"""One function call in the text, and how its arguments are taken."""

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from habitue.errors import did_you_mean
from habitue.records.durations import DurationError, parse_duration
from habitue.rules import terms
from habitue.rules.constants import read_constant
from habitue.rules.failures import RuleSyntaxError
from habitue.rules.nodes import EVER, Node, Window


class Reader(ABC):
    """What a function needs of the text around it."""

    @abstractmethod
    def column(self, node: ast.expr) -> int:
        """1-based column of a piece of syntax."""

    @abstractmethod
    def expression(self, node: ast.expr, depth: int) -> Node:
        """The tree of a piece of syntax."""

    @abstractmethod
    def condition(self, node: ast.expr, depth: int) -> Node:
        """The tree of a condition on one event's own properties."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One function call in the text, with what is needed to read its arguments."""

    reader: Reader
    node: ast.Call
    depth: int
    column: int

    @property
    def name(self) -> str:
        """The function's name."""
        return self.node.func.id if isinstance(self.node.func, ast.Name) else ""

    def fail(self, what: str, do: str, at: ast.expr | None = None) -> RuleSyntaxError:
        """The error to raise about this call, pointing at an argument when one is given."""
        return RuleSyntaxError(what=what, do=do, column=self.column if at is None else self.reader.column(at))

    def positional(self, fewest: int, most: int, example: str) -> list[ast.expr]:
        """The arguments without a keyword.

        Raises:
            RuleSyntaxError: There are too few or too many of them.
        """
        given = self.node.args
        if any(isinstance(each, ast.Starred) for each in given) or not fewest <= len(given) <= most:
            wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
            plural = "" if wanted == "1" else "s"
            raise self.fail(f"{self.name}() takes {wanted} argument{plural} without a keyword.", f"Write {example}.")
        return given

    def keywords(self, *allowed: str, needed: tuple[str, ...] = ()) -> dict[str, ast.expr]:
        """The keyword arguments, each known and given once.

        Raises:
            RuleSyntaxError: One is unknown, repeated or missing.
        """
        found: dict[str, ast.expr] = {}
        for each in self.node.keywords:
            if each.arg is None or each.arg not in allowed:
                near = did_you_mean(each.arg or "", allowed)
                do = f"Did you mean {near}=?" if near else f"It takes {', '.join(f'{a}=' for a in allowed) or 'none'}."
                raise self.fail(f"{self.name}() takes no {each.arg or '**'}=.", do, each.value)
            if each.arg in found:
                raise self.fail(f"{each.arg}= is given twice.", "Take one out.", each.value)
            found[each.arg] = each.value
        for each_needed in needed:
            if each_needed not in found:
                raise self.fail(f"{self.name}() needs {each_needed}=.", f"Add {each_needed}=….")
        return found

    def text(self, node: ast.expr, what: str) -> str:
        """A constant text.

        Raises:
            RuleSyntaxError: The argument is something else.
        """
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return str(read_constant(node, self.reader.column(node)).value)
        raise self.fail(f"{self.name}() needs {what} as text in quotes.", "Put it in quotes.", node)

    def number(self, node: ast.expr, what: str, fewest: int, most: int) -> int:
        """A constant whole number within bounds, both ends included.

        Raises:
            RuleSyntaxError: It is something else or out of bounds.
        """
        if isinstance(node, ast.Constant) and type(node.value) is int and fewest <= node.value <= most:
            return node.value
        raise self.fail(f"{what} of {self.name}() is a whole number from {fewest} to {most}.", "Mend it.", node)

    def duration(self, node: ast.expr, what: str) -> int:
        """A length of time above zero, in microseconds.

        Raises:
            RuleSyntaxError: It is something else.
        """
        try:
            length = parse_duration(self.text(node, what))
        except DurationError as error:
            raise self.fail(error.what, error.do, node) from None
        if length <= 0:
            raise self.fail(f"{what} must be longer than nothing.", "Write one such as '7d'.", node)
        return length

    def where(self, found: Mapping[str, ast.expr]) -> Node | None:
        """The condition given by `where=`, if any."""
        node = found.get("where")
        return None if node is None else self.reader.condition(node, self.depth + 1)

    def window(self, found: Mapping[str, ast.expr]) -> Window:
        """The one window given, or all of time.

        Raises:
            RuleSyntaxError: More than one is given, or one is malformed.
        """
        given = [each for each in terms.WINDOW_KEYWORDS if each in found]
        if len(given) > 1:
            raise self.fail(f"{given[0]}= and {given[1]}= cannot stand together.", "Keep one.", found[given[1]])
        if not given:
            return EVER
        return _WINDOWS[given[0]](self, found[given[0]])


def _last(call: Call, node: ast.expr) -> Window:
    return Window(kind="last", older=call.duration(node, "last="))


def _between(call: Call, node: ast.expr) -> Window:
    if not isinstance(node, ast.Tuple | ast.List) or len(node.elts) != 2:
        raise call.fail("between= takes two lengths of time.", "Write between=('30d', '7d').", node)
    older, newer = node.elts
    newer_us = parse_duration("0s") if _is_zero(newer) else call.duration(newer, "between=")
    window = Window(kind="between", older=call.duration(older, "between="), newer=newer_us)
    if window.older <= window.newer:
        raise call.fail("between= goes from the older end to the newer.", "Turn the two round.", node)
    return window


def _is_zero(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in ("0s", "0d", "0h", "0m", "0w")


def _since(call: Call, node: ast.expr) -> Window:
    return Window(kind="since", start=call.text(node, "since="))


def _calendar(window: Window) -> Callable[[Call, ast.expr], Window]:
    def read(call: Call, node: ast.expr) -> Window:
        if not isinstance(node, ast.Constant) or node.value is not True:
            raise call.fail("This window is switched on with True.", "Write True, or take it out.", node)
        return window

    return read


_WINDOWS: Final[dict[str, Callable[[Call, ast.expr], Window]]] = {
    "last": _last,
    "between": _between,
    "since": _since,
    "today": _calendar(Window(kind="day")),
    "this_week": _calendar(Window(kind="week")),
    "this_month": _calendar(Window(kind="month")),
}
