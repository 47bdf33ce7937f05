"""Going through a tree, and making a new one from changed children."""

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

from habitue.rules.nodes import Node


def children(node: Node) -> Iterator[Node]:
    """The direct children, in the order of the text."""
    for each in fields(node):
        value = getattr(node, each.name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            yield from (part for part in value if isinstance(part, Node))


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, parents first."""
    yield node
    for child in children(node):
        yield from walk(child)


def with_children(node: Node, change: Callable[[Node], Node]) -> Node:
    """The same node over changed children; the very same object when none changed."""
    changed: dict[str, Any] = {}
    for each in fields(node):
        value = getattr(node, each.name)
        if isinstance(value, Node):
            new = change(value)
            if new is not value:
                changed[each.name] = new
        elif isinstance(value, tuple) and any(isinstance(part, Node) for part in value):
            parts = tuple(change(part) if isinstance(part, Node) else part for part in value)
            if any(a is not b for a, b in zip(parts, value, strict=True)):
                changed[each.name] = parts
    return replace(node, **changed) if changed else node
