"""Where a tree is settled: the project's names, the event a condition is about, and definitions on the way."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from habitue.records import Kind
from habitue.rules.catalogue import Catalogue, Definition, EventShape
from habitue.rules.failures import RuleCycleError, RuleNameError, RuleTypeError
from habitue.rules.fitting import need, need_answer
from habitue.rules.nodes import And, Name, Node, When, Window
from habitue.rules.parts import refuse_long_row
from habitue.rules.windows import read_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A tree whose names are settled, and the kind of its value."""

    node: Node
    kind: Kind


class Scope(ABC):
    """Checks trees of one project; remembers the kinds of definitions it has seen."""

    def __init__(self, catalogue: Catalogue, *, row: EventShape | None = None) -> None:
        self.catalogue = catalogue
        self.row = row
        self.known: dict[tuple[str, str], Typed] = {}
        self.open: list[tuple[str, str]] = []

    @abstractmethod
    def settle(self, node: Node) -> Typed:
        """The settled tree and its kind."""

    def definition(self, space: str, definition: Definition) -> Typed:
        """The settled tree of a feature or segment, its purpose included.

        Raises:
            RuleCycleError: It refers to itself, straight or through others.
        """
        key = (space, definition.name)
        if key in self.known:
            return self.known[key]
        if key in self.open:
            circle = [*self.open[self.open.index(key) :], key]
            raise RuleCycleError([f"{each_space}.{name}" for each_space, name in circle])
        self.open.append(key)
        try:
            typed = self.settle(definition.rule)
            if space == "segment":
                need(typed.kind, (Kind.BOOLEAN,), "A segment's rule", definition.rule.column)
            need_answer(typed.kind, "A feature's rule", definition.rule.column)
            typed = self._with_purpose(typed, definition.purpose, space)
        finally:
            self.open.pop()
        self.known[key] = typed
        return typed

    def _with_purpose(self, typed: Typed, purpose: str, space: str) -> Typed:
        if not purpose:
            return typed
        consent = self.settle(Name(space="consent", name=purpose)).node
        if space == "segment":
            return Typed(node=And(parts=(typed.node, consent)), kind=Kind.BOOLEAN)
        return Typed(node=When(condition=consent, value=typed.node), kind=typed.kind)

    def event(self, name: str, column: int) -> EventShape:
        """The shape of an event.

        Raises:
            RuleNameError: The project has no such event.
        """
        shape = self.catalogue.events.get(name)
        if shape is None:
            declare = "Declare it under contracts/ and make it in a source."
            raise RuleNameError(noun="event", name=name, known=self.catalogue.events, column=column, declare=declare)
        return shape

    def property(self, shape: EventShape, name: str, column: int) -> Kind:
        """Kind of an event's property.

        Raises:
            RuleNameError: The event has no such property.
        """
        kind = shape.kind_of(name)
        if kind is None:
            noun = "field" if shape.name == "row" else f"property of {shape.name!r}"
            raise RuleNameError(
                noun=noun, name=name, known=shape.properties, column=column, declare="Declare it in its contract."
            )
        return kind

    def where(self, shape: EventShape, where: Node | None) -> Node | None:
        """The settled condition on one event."""
        if where is None:
            return None
        inside = self.row
        self.row = shape
        try:
            typed = self.settle(where)
        finally:
            self.row = inside
        need(typed.kind, (Kind.BOOLEAN,), "where=", where.column)
        refuse_long_row(typed.node)
        return typed.node

    def window(self, window: Window, column: int) -> None:
        """Refuse a window whose start is not a date or time.

        Raises:
            RuleTypeError: It is neither.
        """
        if window.kind != "since":
            return
        try:
            read_instant(window.start, self.catalogue.zone)
        except (ValueError, OverflowError):
            raise RuleTypeError(
                what=f"{window.start[:40]!r} is not a date or time.", do="Write since='2026-01-31'.", column=column
            ) from None
