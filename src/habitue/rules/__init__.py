"""The rule language: one tree per definition, and the readings that all answer the same."""

from habitue.rules.catalogue import Catalogue, Definition, EventShape
from habitue.rules.checking import check, check_condition, check_row
from habitue.rules.failures import RuleError
from habitue.rules.lowering import inline, spell_out
from habitue.rules.nodes import Node
from habitue.rules.reading import read, read_row
from habitue.rules.scope import Typed
from habitue.rules.windows import Moment

__all__ = [
    "Catalogue",
    "Definition",
    "EventShape",
    "Moment",
    "Node",
    "RuleError",
    "Typed",
    "check",
    "check_condition",
    "check_row",
    "inline",
    "read",
    "read_row",
    "spell_out",
]
