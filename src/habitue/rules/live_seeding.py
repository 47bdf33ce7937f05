"""A live reading set to the past of everybody at once: what each leaf needs is asked in one query, and put in place.

What comes of it answers, and goes on, as if everybody had been told one event at a time.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import pyarrow as pa

from habitue.rules.catalogue import Catalogue
from habitue.rules.history import Value
from habitue.rules.live import LiveRules
from habitue.rules.live_leaves import Leaf
from habitue.rules.live_loading import Loading
from habitue.rules.live_minding import answer_all
from habitue.rules.live_needs import Need, needs_of
from habitue.rules.live_people import LivePerson

MOST_PATTERNS: Final = 100_000
"""How many patterns of true leaves, and of facts, are remembered with what follows from them."""
_PIECE: Final = 16
"""Of how many people leaves are looked at between two breaths."""


def _at_once() -> None:
    return


class Flip(NamedTuple):
    """Somebody is in a definition, or in it no more, otherwise than was known before."""

    customer_id: str
    definition: str
    entered: bool


class LiveSeeding:
    """One live reading being set to the past: `load` what each of the `needs` gives, in their order, then `settle`.

    Only people whom the first need names become known; what is said of others is passed over.

    Attributes:
        catalogue: The project's names.
        needs: What has to be asked.

    Args:
        live: Takes the people over at the end.
        catalogue: The project's names.
        now: The instant (µs) as of which everybody is seeded.
    """

    def __init__(self, live: LiveRules, catalogue: Catalogue, now: int) -> None:
        self._live = live
        self._plan = live.plan
        self._now = now
        self._loading = Loading(live.plan)
        self.catalogue = catalogue
        self.needs: tuple[Need, ...] = needs_of(live.plan, catalogue, now)

    def load(self, need: Need, rows: pa.RecordBatch) -> None:
        """Put rows in place that answer a need: a customer's in one batch, those of a need in any number of them."""
        self._loading.load(need, rows)

    @property
    def people(self) -> int:
        """How many people are known."""
        return len(self._loading.people)

    def settle(self, before: Mapping[str, Collection[str]], breathe: Callable[[], None] = _at_once) -> list[Flip]:
        """Answer for everybody, arm their deadlines, and hand them to the live reading.

        Args:
            before: Who was in each definition as far as is known; nobody in those that are absent.
            breathe: Called every few people, to let others do something.

        Returns:
            What is otherwise now, by definition and customer; whoever is not known any more is out.
        """
        people, patterns = self._loading.people, dict[int, int]()
        eager = [leaf for leaf in self._plan.leaves if leaf.shape.eager]
        self._know([leaf for leaf in self._plan.leaves if leaf.shape.facts and not leaf.shape.eager])
        for number, person in enumerate(people.values()):
            if number % _PIECE == 0:
                breathe()
            for leaf in eager:
                if leaf.index not in person.states:
                    person.states[leaf.index] = self._plan.keepers[leaf.index].new()
            answer_all(person, self._plan, self._now)
        for leaf in self._plan.leaves:
            if _is_plain(leaf):
                self._answer_plain(leaf)
        for person in people.values():
            members = patterns.get(person.truths)
            if members is None:
                members = self._plan.standings.members(person.truths)
                if len(patterns) < MOST_PATTERNS:
                    patterns[person.truths] = members
            person.members = members
        self._live.adopt(people, self._now)
        return list(self._flips(before))

    def _know(self, leaves: Iterable[Leaf]) -> None:
        """States of leaves that look at facts beside events, for those of whom a fact is known."""
        for leaf in leaves:
            if _is_plain(leaf):
                continue
            for person in self._loading.people.values():
                if leaf.index not in person.states and any(each is not None for each in _facts(person, leaf)):
                    person.states[leaf.index] = leaf.shape.make()

    def _answer_plain(self, leaf: Leaf) -> None:
        """Answer a leaf that looks at facts alone: once for all who are alike in them, who then share its state."""
        state, known = leaf.shape.make(), dict[tuple[Value | None, ...], int]()
        for person in self._loading.people.values():
            facts = _facts(person, leaf)
            if all(each is None for each in facts):
                continue
            holds = known.get(facts)
            if holds is None:
                holds = int(state.look(person, self._now))
                if len(known) < MOST_PATTERNS:
                    known[facts] = holds
            person.states[leaf.index] = state
            person.truths = person.truths & ~(1 << leaf.index) | holds << leaf.index

    def _flips(self, before: Mapping[str, Collection[str]]) -> Iterator[Flip]:
        for number, name in enumerate(self._plan.names):
            now = {customer for customer, person in self._loading.people.items() if person.members >> number & 1}
            known = set(before.get(name, ()))
            for customer in sorted(now ^ known):
                yield Flip(customer_id=customer, definition=name, entered=customer in now)


def _is_plain(leaf: Leaf) -> bool:
    """Whether a leaf looks at facts and at nothing else: then it keeps nothing, and time does not change it."""
    shape = leaf.shape
    return bool(shape.facts) and not (shape.inputs or shape.purposes or shape.eager)


def _facts(person: LivePerson, leaf: Leaf) -> tuple[Value | None, ...]:
    """The facts of a person that a leaf looks at."""
    found: list[Value | None] = []
    for space, name in sorted(leaf.shape.facts):
        match space:
            case "trait":
                found += [person.traits.get(each) for each in (name, f"{name}_lat", f"{name}_lon")]
            case "score":
                found += [person.scores.get(each) for each in (name, f"{name}.decile", f"{name}.low", f"{name}.high")]
            case _:
                found.append(person.clusters.get(name))
    return tuple(found)
