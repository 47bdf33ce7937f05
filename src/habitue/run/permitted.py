"""Whose data may be shown, and which parts of an explanation: what no basis allows is neither used nor told."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from habitue.engines.warehouse import Warehouse
from habitue.errors import HabitueError
from habitue.rules import Node
from habitue.rules.nodes import And, Name, Relation, When
from habitue.rules.proof import LeafProof
from habitue.rules.walking import walk, with_children
from habitue.run.consents import RESTRICTED


class CustomerRestrictedError(HabitueError):
    """Somebody's data may be kept and not used."""

    code = "CUSTOMER-RESTRICTED"

    def __init__(self) -> None:
        super().__init__(
            what="The data of this customer is restricted: it is kept, and used for nothing.",
            do="`habitue privacy consent CUSTOMER --lift` ends that, once they agree.",
        )


def refuse_restricted(warehouse: Warehouse, customer: str) -> None:
    """Refuse to answer about somebody whose data is restricted.

    Raises:
        CustomerRestrictedError: It is.
    """
    if RESTRICTED in warehouse.tables():
        restricted = warehouse.table(RESTRICTED)
        if warehouse.count(restricted.filter(restricted.customer_id == customer)):
            raise CustomerRestrictedError


def permitted(node: Node, refused: Collection[str]) -> Node:
    """A rule without what it asks of people who allow some purpose, for somebody who refuses those.

    Its answer about them is the same.

    Args:
        node: Settled and inlined.
        refused: Purposes that there is no basis for.
    """
    if isinstance(node, Relation):
        # What others of a group refuse is theirs to say.
        return node
    if isinstance(node, And):
        gates = tuple(part for part in node.parts if _is_gate(part, refused))
        if gates:
            return gates[0] if len(gates) == 1 else replace(node, parts=gates)
    return with_children(node, lambda child: permitted(child, refused))


def told(parts: Sequence[Node], proofs: Sequence[LeafProof], refused: Collection[str]) -> tuple[LeafProof, ...]:
    """The proofs of a rule's parts, without the events and times of a value that there is no basis for.

    Args:
        parts: The parts, each once.
        proofs: Theirs.
        refused: Purposes that there is no basis for.
    """
    return tuple(
        replace(proof, events=(), event_count=0, since=None, changes_at=None) if _is_hidden(part, refused) else proof
        for part, proof in zip(parts, proofs, strict=True)
    )


def _is_hidden(part: Node, refused: Collection[str]) -> bool:
    return any(
        (isinstance(each, When) and _is_gate(each.condition, refused))
        or (isinstance(each, Relation) and any(_is_gate(inner, refused) for inner in walk(each.condition)))
        for each in walk(part)
    )


def _is_gate(part: Node, refused: Collection[str]) -> bool:
    return isinstance(part, Name) and part.space == "consent" and part.name in refused
