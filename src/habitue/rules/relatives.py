"""The other members of one person's groups, given from outside as cut points are, and what holds among them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from habitue.rules.happened import Answer, Person
from habitue.rules.history import History
from habitue.rules.nodes import Node, Relation


def _nothing() -> Mapping[Node, frozenset[bool]]:
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """Who else is in somebody's group.

    Attributes:
        histories: Members of whom everything is known, so that their answers are known at every instant.
        told: For large groups, by inlined condition: what the remaining members answer to it, at the instant that was
            asked about; whether and when that changes is not known.
    """

    histories: tuple[History, ...] = ()
    told: Mapping[Node, frozenset[bool]] = field(default_factory=_nothing)


Groups = Mapping[str, Mapping[str, Others]]
"""By relation and customer: the other members of the customer's group. Who is in no group may be absent."""
ALONE: Final = Others()
_NOBODY: Final[Mapping[str, Others]] = MappingProxyType({})


def no_groups() -> Groups:
    """Groups where everybody is by themselves."""
    return {}


class Relatives:
    """The other members of people's groups by one relation, each moved to the instant of the person asked about."""

    def __init__(self, node: Relation, groups: Groups) -> None:
        self._groups = groups.get(node.relation, _NOBODY)
        self._condition = node.condition
        self._kept: dict[str, tuple[Person, ...]] = {}

    def of(self, person: Person) -> Iterator[Person]:
        """The others of whom everything is known."""
        customer = person.history.customer_id
        if customer not in self._kept:
            histories = self._groups.get(customer, ALONE).histories
            self._kept[customer] = tuple(Person.keeping(each, person.now) for each in histories)
        for other in self._kept[customer]:
            other.now = person.now
            yield other

    def told(self, person: Person) -> frozenset[bool]:
        """What the others answer of whom only that is known."""
        return self._groups.get(person.history.customer_id, ALONE).told.get(self._condition, frozenset())


def related_answer(node: Relation, holds: Answer, groups: Groups) -> Answer:
    """Whether a condition holds for any, all or none of the members of a person's group.

    Args:
        node: The relation.
        holds: The condition for one member.
        groups: Who else is in whose group.
    """
    relatives = Relatives(node, groups)
    sought = node.kind != "all"
    # The truth of one member that settles the answer.

    def answer(person: Person) -> bool:
        found = (
            (holds(person) is True) is sought
            or sought in relatives.told(person)
            or any((holds(other) is True) is sought for other in relatives.of(person))
        )
        return found is (node.kind == "any")

    return answer
