"""Settling names and types of a tree against a project: what passes here, every reading can answer."""

from collections.abc import Mapping

from habitue.records import Kind
from habitue.rules.catalogue import Catalogue, EventShape
from habitue.rules.fitting import need, need_answer
from habitue.rules.nodes import Node
from habitue.rules.parts import refuse_long_row
from habitue.rules.scope import Scope, Typed
from habitue.rules.settling import settle


class Checker(Scope):
    """Checks trees of one project; remembers the kinds of definitions it has seen."""

    def settle(self, node: Node) -> Typed:
        """The settled tree and its kind."""
        return settle(node, self)


def check(node: Node, catalogue: Catalogue) -> Typed:
    """The tree with its constants settled, and the kind of value it gives.

    Raises:
        RuleError: A name is unknown, types do not fit, or definitions refer to each other in a circle.
    """
    typed = Checker(catalogue).settle(node)
    need_answer(typed.kind, "The rule", node.column)
    return typed


def check_condition(node: Node, catalogue: Catalogue) -> Node:
    """The settled tree of a rule that must be true or false.

    Raises:
        RuleError: As `check`, or the rule gives another kind of value.
    """
    typed = check(node, catalogue)
    need(typed.kind, (Kind.BOOLEAN,), "The rule", node.column)
    return typed.node


def check_row(node: Node, fields: Mapping[str, Kind], catalogue: Catalogue) -> Typed:
    """The settled tree of an expression over the fields of one row.

    Raises:
        RuleError: A field is unknown or types do not fit.
    """
    row = EventShape(name="row", properties=fields)
    typed = Checker(catalogue, row=row).settle(node)
    need_answer(typed.kind, "The expression", node.column)
    refuse_long_row(typed.node)
    return typed
