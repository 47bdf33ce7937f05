"""Which rules are followed through time exactly: those in which elapsed time only ever rises or falls."""

from habitue.rules.nodes import Arithmetic, Days, Node, Since
from habitue.rules.walking import walk


def is_steady(node: Node) -> bool:
    """Whether elapsed time only ever rises or falls in a tree: it is not multiplied or divided with itself."""
    products = (part for part in walk(node) if isinstance(part, Arithmetic) and _moves(part))
    return not any(_moves(part.left) + _moves(part.right) > 1 or part.op == "/" for part in products)


def _moves(node: Node) -> bool:
    return any(isinstance(part, Since | Days) for part in walk(node))
