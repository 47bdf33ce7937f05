"""Records that a message says are one person, joined at once by the rules that a build links them by.

A link made here is the fact that the next build finds as well, so that both come to the same persons. What would part
records is left to a build: then the links are stored, and persons stay as they are until it has decided.

Cost: what has to be known for a micro-batch is asked for at once (`look_ahead`), in some ten statements whatever its
size; then about a tenth of a millisecond for a cookie of a customer, a millisecond for others that were not one person
before, and nothing for those that were.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from habitue.identity.apart import Apart
from habitue.identity.identifiers import HEAVIEST
from habitue.identity.known import Known
from habitue.identity.links import Links
from habitue.identity.newcomers import Newcomers
from habitue.identity.rules import IdentityRules, Namespace, Strength
from habitue.identity.settling import FactsOf, no_facts, propose
from habitue.state.sqlite import to_us

LIVE: Final = "live"
"""Who decided a link that was made while messages came in."""
_READ: Final = "live_read"
_HELD: Final = 100_000
Said = tuple[str, str]
"""A namespace, and the keyed name of an identifier or the record that is known by it."""
SharingOf = Callable[[Collection[str]], Mapping[str, Sequence[Said]]]
"""Who else carries the identifiers that records are known by: pairs of namespace and record, by record."""


class Told(NamedTuple):
    """What a message says of who is who.

    Attributes:
        record: Whom it is about.
        others: Records that it names too, by the namespace of their own identifier.
        carried: Keyed names of further identifiers, by namespace.
    """

    record: str
    others: Sequence[Said]
    carried: Sequence[Said]


def _nobody(_name: str) -> Sequence[str]:
    return ()


def _none(_records: Collection[str]) -> Mapping[str, Sequence[Said]]:
    return {}


@dataclass(slots=True, kw_only=True)
class Joining:
    """Joins records of one project; used by one thread.

    Attributes:
        links: The link store.
        rules: Who is who.
        resolve: The records known by a keyed name.
        sharing_of: Who else carries the identifiers that records are known by.
        facts_of: What is known of records that keeps them apart, by record ids.
        blocked: How often an identifier said nothing since too many share it.
        refused: How many links a guard refused.
        settled: How often persons had to be settled, which is what takes time.
        deferred: How often joining would have parted others, and was left to a build.
    """

    links: Links
    rules: IdentityRules
    resolve: Callable[[str], Sequence[str]] = _nobody
    sharing_of: SharingOf = _none
    facts_of: FactsOf = no_facts
    blocked: int = 0
    refused: int = 0
    settled: int = 0
    deferred: int = 0
    _carriers: dict[Said, list[str]] = field(default_factory=dict)
    _sharing: dict[str, Sequence[Said]] = field(default_factory=dict)
    _made: int = 0
    _known: Known = field(init=False)
    _apart: Apart = field(init=False)
    _newcomers: Newcomers = field(init=False)

    def __post_init__(self) -> None:
        """Be ready for newcomers."""
        self._known = Known(self.links, LIVE)
        self._apart = Apart(self.facts_of)
        self._newcomers = Newcomers(self._known, self._apart, self.rules.guards)

    # --- A micro-batch ------------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether anything is to be kept."""
        return self.links.is_writing or self._known.waits

    def begin(self) -> None:
        """Begin a micro-batch, which `keep` ends: nobody else writes who is who meanwhile.

        Raises:
            StateBusyError: Somebody else does.
        """
        self.links.begin()
        if self._known.refresh():
            self._newcomers.clear()

    def keep(self, offset: int | None = None) -> None:
        """Have what was joined since `begin` in the file, in one transaction, and ask anew from now on.

        Args:
            offset: How far the log was read, where that is to be kept with it.

        Raises:
            HabitueError: The disk refuses; all of it is kept with the next micro-batch.
        """
        self._sharing.clear()
        self._apart.clear()
        if not self.is_open:
            return
        if not self.links.is_writing:
            self.begin()
        try:
            self._known.write()
            if offset is not None:
                self.links.note(_READ, str(offset))
            self.links.commit()
        except BaseException:
            self.links.take_back()
            raise
        self._known.written()

    def shared(self, records: Collection[str]) -> Mapping[str, Sequence[Said]]:
        """Who else carries the identifiers that some records are known by; asked once in a micro-batch."""
        lacking = [record for record in records if record not in self._sharing]
        if lacking:
            found = self.sharing_of(lacking)
            self._sharing.update((record, found.get(record, ())) for record in lacking)
        return self._sharing

    def look_ahead(self, told: Iterable[Told]) -> None:
        """Ask at once for everything that joining some records will want to know; after `begin`."""
        wanted = dict[str, None]()
        for each in told:
            wanted[each.record] = None
            for said in each.others:
                wanted.update(dict.fromkeys((said[1], *self._carriers.get(said, ()))))
            for said in each.carried:
                wanted.update(dict.fromkeys(self._known_by(said, self._carrying)))
        named = list(wanted)
        sharing = self.shared(named)
        wanted.update(dict.fromkeys(other for record in named for _, other in sharing[record]))
        known = self._known
        known.load(wanted)
        records = dict[str, None]()
        for record in wanted:
            number = known.number(record)
            if number is None:
                records[record] = None
            elif not self._newcomers.knows(number):
                records.update(dict.fromkeys(known.record_ids(known.reach([number])).values()))
        self._apart.load(records)

    # --- Joining ------------------------------------------------------------------------------------------------------

    def join(self, record: str, others: Sequence[Said], carried: Sequence[Said], *, now: datetime) -> dict[str, str]:
        """Link a record with those that share an identifier with it, and make persons of them.

        Outside a micro-batch it is one of its own.

        Args:
            record: Whom a message is about.
            others: Records that it names too, by the namespace of their own identifier.
            carried: Keyed names of further identifiers, by namespace.
            now: The present time, aware.

        Returns:
            The person of the records that are linked by it, and of every other that is another person by it; nothing
            where there are none.
        """
        if self.links.is_writing:
            return self._join(Told(record, others, carried), to_us(now))
        self.begin()
        try:
            found = self._join(Told(record, others, carried), to_us(now))
        except BaseException:
            self.links.take_back()
            self._known.drop()
            raise
        self.keep()
        return found

    def _join(self, told: Told, at_us: int) -> dict[str, str]:
        touched, places = set[int](), set[int]()
        for place, rule in enumerate(self.rules.namespaces):
            if rule.links is Strength.CERTAIN:
                known = [self._known_by(each, self._linked_with) for each in told.others if each[0] == rule.name]
                known += [self._known_by(each, self._carrying) for each in told.carried if each[0] == rule.name]
                linked = set[int]().union(*(self._star(rule, place, each, told.record, at_us) for each in known))
                touched |= linked
                places |= {place} if linked else set()
        if told.carried:
            self._newcomers.clear()
        elif touched and len(places) == 1:
            found = self._newcomers.join(touched, places.pop(), at_us)
            if found is not None:
                return found
        return self._settle(touched, at_us) if touched else {}

    def _known_by(self, said: Said, find: Callable[[Said], list[str]]) -> list[str]:
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
        self._known.load([record])
        number = self._known.number(record)
        known = dict.fromkeys([record, *(() if number is None else self._known.linked(number, space))])
        known |= dict.fromkeys(other for where, other in self.shared([record])[record] if where == space)
        return list(known)

    def forget(self, records: Collection[str]) -> None:
        """Know nothing of some records any longer."""
        gone = frozenset(records)
        self._known.forget(gone)
        self._newcomers.clear()
        for said, known in self._carriers.items():
            if not gone.isdisjoint(known):
                self._carriers[said] = [each for each in known if each not in gone]

    def _star(self, rule: Namespace, place: int, carriers: list[str], record: str, at_us: int) -> set[int]:
        """Link all carriers of one identifier to the oldest of them; the numbers of those linked."""
        if record not in carriers:
            carriers.append(record)
        if len(carriers) > rule.shared_by:
            self.blocked += 1
            return set()
        if len(carriers) == 1:
            return set()
        known = self._known
        known.load(carriers)
        numbers = known.register(carriers, at_us)
        hub = min(numbers)
        missing = [each for each in numbers if each != hub and not known.holds(rule.name, hub, each)]
        known.link(rule.name, hub, missing, HEAVIEST - place, at_us)
        return set(numbers)

    def _settle(self, touched: set[int], at_us: int) -> dict[str, str]:
        known = self._known
        self.settled += 1
        graph = known.graph(touched)
        self._newcomers.forget(graph.records.tolist())
        guards, facts_of = self.rules.guards, self._apart.facts_of
        outcome, moved = propose(known, graph, guards=guards, facts_of=facts_of, new_id=self._new_id)
        self.refused += len(outcome.refused)
        if outcome.split:
            self.deferred += 1
        elif moved:
            known.assign(moved, at_us)
        # Only these: a store that is ahead of who asks, after a kill, already knows of messages that come later.
        told = touched | set(moved)
        ids = known.record_ids(told)
        return {ids[number]: person for number, person in known.persons_of(told).items()}

    def _new_id(self) -> str:
        """An id of a person that nobody ever had: from random ids of records, and how many changes there were."""
        self._made += 1
        seed = f"{self._known.newest_step}|{self._known.first_id()}|{LIVE}|{self._made}"
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

    def read_to(self) -> int:
        """How far the log was read when something was kept last, of what is in the file; 0 where nobody said."""
        return int(self.links.noted(_READ) or 0)

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
