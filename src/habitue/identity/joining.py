"""Records that a message says are one person, joined at once by the rules that a build links them by.

A link made here is the fact that the next build finds as well, so that both come to the same persons. What would part
records is left to a build: then the links are stored, and persons stay as they are until it has decided.

Cost: about a third of a millisecond for a cookie of a customer, two milliseconds for others that were not one person
before; nothing for those that were.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np

from habitue.identity.edges import Edges
from habitue.identity.identifiers import HEAVIEST
from habitue.identity.ledger import assign, persons_of
from habitue.identity.links import Links, LinkState
from habitue.identity.newcomers import Newcomers
from habitue.identity.rules import IdentityRules, Namespace, Strength
from habitue.identity.settling import FactsOf, no_facts, propose, read_graph

LIVE: Final = "live"
"""Who decided a link that was made while messages came in."""
_HELD: Final = 100_000
_PAIR: Final = 2
Said = tuple[str, str]
"""A namespace, and the keyed name of an identifier or the record that is known by it."""


def _nobody(_name: str) -> Sequence[str]:
    return ()


def _none(_record: str) -> Sequence[Said]:
    return ()


@dataclass(slots=True, kw_only=True)
class Joining:
    """Joins records of one project; used by one thread.

    Attributes:
        links: The link store.
        rules: Who is who.
        resolve: The records known by a keyed name.
        sharing: Who else carries the identifier that a record is known by: pairs of namespace and record.
        facts_of: What is known of records that keeps them apart, by record ids.
        blocked: How often an identifier said nothing since too many share it.
        refused: How many links a guard refused.
        settled: How often persons had to be settled, which is what takes time.
        deferred: How often joining would have parted others, and was left to a build.
    """

    links: Links
    rules: IdentityRules
    resolve: Callable[[str], Sequence[str]] = _nobody
    sharing: Callable[[str], Sequence[Said]] = _none
    facts_of: FactsOf = no_facts
    blocked: int = 0
    refused: int = 0
    settled: int = 0
    deferred: int = 0
    _carriers: dict[Said, list[str]] = field(default_factory=dict)
    _made: int = 0
    _newcomers: Newcomers = field(init=False)

    def __post_init__(self) -> None:
        """Be ready for newcomers."""
        self._newcomers = Newcomers(self.links, self.facts_of, self.rules.guards)

    def join(self, record: str, others: Sequence[Said], carried: Sequence[Said], *, now: datetime) -> dict[str, str]:
        """Link a record with those that share an identifier with it, and make persons of them.

        Args:
            record: Whom a message is about.
            others: Records that it names too, by the namespace of their own identifier.
            carried: Keyed names of further identifiers, by namespace.
            now: The present time, aware.

        Returns:
            The person of the records that are linked by it, and of every other that is another person by it; nothing
            where there are none.
        """
        touched, places = set[int](), set[int]()
        with self.links.transaction():
            for place, rule in enumerate(self.rules.namespaces):
                if rule.links is Strength.CERTAIN:
                    known = [self._known(each, self._linked_with) for each in others if each[0] == rule.name]
                    known += [self._known(each, self._carrying) for each in carried if each[0] == rule.name]
                    linked = set[int]().union(*(self._star(rule, place, each, record, now) for each in known))
                    touched |= linked
                    places |= {place} if linked else set()
            if carried:
                self._newcomers.clear()
            elif len(touched) == _PAIR and len(places) == 1:
                found = self._newcomers.join(min(touched), max(touched), places.pop(), now=now)
                if found is not None:
                    return found
            return self._settle(touched, now) if touched else {}

    def _known(self, said: Said, find: Callable[[Said], list[str]]) -> list[str]:
        """The records that share an identifier, as far as is known; a list that grows."""
        known = self._carriers.get(said)
        if known is None:
            if len(self._carriers) >= _HELD:
                self._carriers.clear()
            known = self._carriers[said] = find(said)
        return known

    def _carrying(self, said: Said) -> list[str]:
        return list(self.resolve(said[1]))

    def _linked_with(self, said: Said) -> list[str]:
        """A record and those that share its identifier with it: by stored links, or since they carry it."""
        space, record = said
        known = dict.fromkeys([record, *self._linked(space, record)])
        known |= dict.fromkeys(other for where, other in self.sharing(record) if where == space)
        return list(known)

    def _linked(self, space: str, record: str) -> list[str]:
        number = self.links.numbers([record]).get(record)
        if number is None:
            return []
        rows = self.links.connection.execute(
            """
            SELECT left_record, right_record FROM links WHERE rule = ?1 AND state = 'link' AND left_record = ?2
            UNION SELECT left_record, right_record FROM links WHERE rule = ?1 AND state = 'link' AND right_record = ?2
            """,
            (space, number),
        ).fetchall()
        ends = {end for row in rows for end in row} - {number}
        return list(self.links.record_ids(sorted(ends)).values())

    def forget(self, records: Collection[str]) -> None:
        """Know nothing of some records any longer."""
        gone = frozenset(records)
        for said, known in self._carriers.items():
            if not gone.isdisjoint(known):
                self._carriers[said] = [each for each in known if each not in gone]

    def _star(self, rule: Namespace, place: int, carriers: list[str], record: str, now: datetime) -> set[int]:
        """Link all carriers of one identifier to the oldest of them; the numbers of those linked."""
        if record not in carriers:
            carriers.append(record)
        if len(carriers) > rule.shared_by:
            self.blocked += 1
            return set()
        if len(carriers) == 1:
            return set()
        numbers = self.links.register(carriers, now=now).tolist()
        hub = min(numbers)
        missing = [each for each in numbers if each != hub and not self._holds(rule.name, hub, each)]
        if missing:
            weights = np.full(len(missing), HEAVIEST - place)
            edges = Edges.of([hub] * len(missing), missing, weights, matched=False)
            self.links.add(edges, rule=rule.name, state=LinkState.LINK, now=now, by=LIVE)
        return set(numbers)

    def _holds(self, rule: str, left: int, right: int) -> bool:
        row = self.links.connection.execute(
            """
            SELECT state FROM links WHERE left_record = ? AND right_record = ? AND rule = ? ORDER BY fact DESC LIMIT 1
            """,
            (left, right, rule),
        ).fetchone()
        return row is not None and row[0] == LinkState.LINK

    def _settle(self, touched: set[int], now: datetime) -> dict[str, str]:
        links = self.links
        self.settled += 1
        graph = read_graph(links, touched)
        self._newcomers.forget(graph.records.tolist())
        outcome, moved = propose(links, graph, guards=self.rules.guards, facts_of=self.facts_of, new_id=self._new_id)
        self.refused += len(outcome.refused)
        if outcome.split:
            self.deferred += 1
        elif moved:
            assign(links, moved, now=now)
        # Only these: a store that is ahead of who asks, after a kill, already knows of messages that come later.
        told = touched | set(moved)
        ids = links.record_ids(told)
        return {ids[number]: person for number, person in persons_of(links, told).items()}

    def _new_id(self) -> str:
        """An id of a person that nobody ever had: from random ids of records, and how many changes there were."""
        self._made += 1
        seed = f"{self.links.newest_step()}|{'|'.join(self.links.record_ids([1]).values())}|{LIVE}|{self._made}"
        return f"c{hashlib.sha256(seed.encode()).hexdigest()[:16]}"

    def persons(self, step: int | None = None) -> Mapping[str, str]:
        """The person of each record that was not its own at a state of the link store; now, where none is named."""
        rows = self.links.connection.execute(
            """
            WITH latest AS (SELECT max(step) AS step FROM persons WHERE ?1 IS NULL OR step <= ?1 GROUP BY record)
            SELECT r.record_id, p.person FROM latest JOIN persons AS p USING (step)
            JOIN records AS r ON r.number = p.record WHERE p.person <> r.record_id
            """,
            (step,),
        )
        return dict(rows.fetchall())

    def became_at(self, record: str, person: str) -> int:
        """The state at which a record last became a person's; 0 for its own from the beginning."""
        row = self.links.connection.execute(
            """
            SELECT coalesce(max(p.step), 0) FROM records AS r JOIN persons AS p ON p.record = r.number
            WHERE r.record_id = ? AND p.person = ?
            """,
            (record, person),
        ).fetchone()
        return int(row[0])
