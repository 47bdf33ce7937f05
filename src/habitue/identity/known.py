"""What the link store says of some records, in memory: read for many records at once, written once a micro-batch.

Whoever is asked about stands here with everybody whom a link or a common person connects with them, so that joining
them asks the file nothing. What comes of it waits here until it is written. It is true as long as nobody else writes
the file, which is looked at once a micro-batch.

Cost: five statements for any number of records that are not here yet, three for any number of facts. About 0.8 KB a
record, so 0.8 GB a million; therefore at most 50,000 are held, and then it begins anew.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from habitue.identity.links import MATCHED, Links, LinkState
from habitue.identity.settling import Graph, graph_of
from habitue.identity.store_lines import (
    IDS,
    LINKED,
    NEWEST,
    NUMBERS,
    PERSONS,
    REACH,
    WRITE_LINKS,
    WRITE_PERSONS,
    WRITE_RECORDS,
    LinkLine,
    PersonLine,
    RecordLine,
    Written,
)

HELD: Final = 50_000
_LIMITS: Final = frozenset({LinkState.REVIEW, LinkState.NEVER})
"""What such a fact says does not connect two records."""
_GRAPHED: Final = frozenset({LinkState.LINK, LinkState.ALWAYS, LinkState.NEVER})
_NEVER: Final = (-1, -1)
"""What stands for a file that was never read: others' changes of it, and those by the same connection."""
_Fact = tuple[str, str, float]
"""A rule, what it says and how strongly; of a pair the newest is the last."""


class Known:
    """Some records of one link store; used by one thread, inside transactions of the store.

    Args:
        links: The link store.
        by: Who decides what is written.
    """

    def __init__(self, links: Links, by: str) -> None:
        self._links = links
        self._by = by
        self._version = _NEVER
        self._waiting = Written()
        self._clear()

    def _clear(self) -> None:
        self._numbers: dict[str, int] = {}
        self._ids: dict[int, str] = {}
        self._absent: set[str] = set()
        self._whole: set[int] = set()
        self._facts: dict[int, dict[int, list[_Fact]]] = {}
        self._past: dict[int, list[str]] = {}
        self._bearers: dict[str, set[int]] = {}

    # --- As the file has it -------------------------------------------------------------------------------------------

    def refresh(self) -> bool:
        """Know nothing any longer where somebody else has written, or too much is held; whether that was so."""
        execute = self._links.connection.execute
        version = (int(execute("PRAGMA data_version").fetchone()[0]), self._links.connection.total_changes)
        if version == self._version and len(self._numbers) + len(self._absent) <= HELD:
            return False
        waiting, self._waiting = self._waiting, Written()
        self._clear()
        self._version = version
        self._record, self._act, self._fact, self.newest_step, self._step = execute(NEWEST).fetchone()
        self._say_again(waiting)
        return True

    def _say_again(self, waiting: Written) -> None:
        """Have what could not be written yet be written after what somebody else wrote meanwhile."""
        if not waiting:
            return
        ids = {number: name for name, number in waiting.numbers.items()}
        first_us = {each.number: each.at_us for each in waiting.records}
        ids |= {each.number: each.record_id for each in waiting.records}
        self.load(ids.values())
        numbers = {old: self.register([name], first_us.get(old, 0))[0] for old, name in sorted(ids.items())}
        for fact in waiting.links:
            self.link(fact.rule, numbers[fact.left], [numbers[fact.right]], fact.weight, fact.at_us)
        for person in waiting.persons:
            self.assign({numbers[person.record]: person.person}, person.at_us)

    def load(self, record_ids: Iterable[str]) -> None:
        """Know all there is to know of some records."""
        wanted = set(record_ids) - self._absent
        new = [each for each in wanted if each not in self._numbers]
        if new:
            found = dict(self._links.connection.execute(NUMBERS, (json.dumps(new),)).fetchall())
            self._numbers.update(found)
            self._absent.update(each for each in new if each not in found)
        lacking = {self._numbers[each] for each in wanted if each in self._numbers} - self._whole
        if lacking:
            self._read(lacking)

    def _read(self, numbers: Collection[int]) -> None:
        """Read some records and whoever is connected with them."""
        execute = self._links.connection.execute
        reach = {number for (number,) in execute(REACH, (json.dumps(list(numbers)),)).fetchall()} - self._whole
        these = json.dumps(sorted(reach))
        for number, name in execute(IDS, (these,)).fetchall():
            self._ids[number], self._numbers[name] = name, number
            self._facts.setdefault(number, {})
        new = set[tuple[int, int]]()
        for _, left, right, rule, state, weight in execute(LINKED, (these,)).fetchall():
            if (left, right) not in new and right in self._facts.get(left, {}):
                continue
            new.add((left, right))
            self._connect(left, right, (rule, state, weight))
        for record, person in execute(PERSONS, (these,)).fetchall():
            self._become(record, person)
        self._whole |= reach

    def _connect(self, left: int, right: int, fact: _Fact) -> None:
        facts = self._facts.setdefault(left, {}).setdefault(right, [])
        self._facts.setdefault(right, {})[left] = facts
        facts.append(fact)

    def _become(self, record: int, person: str) -> None:
        self._past.setdefault(record, []).append(person)
        self._bearers.setdefault(person, set()).add(record)

    # --- Questions ----------------------------------------------------------------------------------------------------

    def number(self, record_id: str) -> int | None:
        """The number of a record that was loaded; None for one that has none yet."""
        return self._numbers.get(record_id)

    def record_ids(self, numbers: Iterable[int]) -> dict[int, str]:
        """The ids of records by number."""
        return {number: self._ids[number] for number in numbers}

    def first_id(self) -> str:
        """The id of the very first record."""
        return self._ids.get(1) or self._links.record_ids([1]).get(1, "")

    def person(self, number: int) -> str:
        """The person of a record."""
        past = self._past.get(number)
        return past[-1] if past else self._ids[number]

    def persons_of(self, numbers: Iterable[int]) -> dict[int, str]:
        """The person of records by number."""
        return {number: self.person(number) for number in numbers}

    def before(self, numbers: Iterable[int]) -> dict[int, list[str]]:
        """The persons that records were before, the newest first, without the present one."""
        past = {number: list(dict.fromkeys(reversed(self._past.get(number, ()))))[1:] for number in numbers}
        return {number: persons for number, persons in past.items() if persons}

    def taken(self, names: Collection[str], besides: Collection[int]) -> set[str]:
        """Those of some ids that are persons now, not counting some records."""
        holders = set[int]().union(*(self._holders(name) for name in names)) - set(besides)
        return {self.person(number) for number in holders} & set(names)

    def linked(self, number: int, rule: str) -> list[str]:
        """The records that a rule ever linked with one, oldest first."""
        facts = self._facts[number]
        ends = [end for end, said in facts.items() if any(each[:2] == (rule, LinkState.LINK) for each in said)]
        return [self._ids[end] for end in sorted(ends)]

    def holds(self, rule: str, one: int, two: int) -> bool:
        """Whether a rule links two records now."""
        states = [state for name, state, _ in self._facts[one].get(two, ()) if name == rule]
        return bool(states) and states[-1] == LinkState.LINK

    def is_alone(self, number: int, but: Collection[int]) -> bool:
        """Whether a record was never linked with any but some others, nor ever anybody else, nor anybody else it."""
        mates = self._facts[number].keys() - set(but)
        return not (mates or self._past.get(number) or self._bearers.get(self._ids[number]))

    def are_just_linked(self, one: int, two: int) -> bool:
        """Whether all that was ever said of two records is that identifiers link them."""
        said = self._facts[one].get(two, ())
        return all(state == LinkState.LINK and rule != MATCHED for rule, state, _ in said)

    def is_calm(self, numbers: Iterable[int]) -> bool:
        """Whether nobody decided anything about some records, and likeness says nothing of them."""
        return all(
            state in (LinkState.LINK, LinkState.WITHDRAWN) and rule != MATCHED
            for number in numbers
            for end, facts in self._facts[number].items()
            if end > number
            for rule, state, _ in facts
        )

    def reach(self, touched: Iterable[int]) -> set[int]:
        """Records that any link, past or present, or a common person connects with some; as `settling.reach_of`."""
        reach, waiting = set[int](), list(touched)
        while waiting:
            number = waiting.pop()
            if number in reach:
                continue
            reach.add(number)
            if number not in self._whole:
                self._read([number])
            waiting += [
                end
                for end, facts in self._facts[number].items()
                if end not in reach and any(state not in _LIMITS for _, state, _ in facts)
            ]
            waiting += self._holders(self.person(number)) - reach
        return reach

    def _holders(self, person: str) -> set[int]:
        """The records that ever were a person, and the one that has its id."""
        own = self._numbers.get(person)
        held = self._bearers.get(person, set())
        return held if own is None else held | {own}

    def graph(self, touched: Iterable[int]) -> Graph:
        """What holds now between the records that a change can touch."""
        reach = self.reach(touched)
        rows = [
            (number, end, rule, state, weight)
            for number in reach
            for end, facts in self._facts[number].items()
            if end > number
            for rule, (state, weight) in {rule: (state, weight) for rule, state, weight in facts}.items()
            if state in _GRAPHED
        ]
        return graph_of(rows, reach)

    # --- What is to be written ----------------------------------------------------------------------------------------

    def register(self, record_ids: Iterable[str], at_us: int) -> list[int]:
        """The number of each record that was loaded, new ones numbered in the order given."""
        numbers = list[int]()
        for record_id in record_ids:
            number = self._numbers.get(record_id)
            if number is None:
                number = self._record = self._record + 1
                self._numbers[record_id], self._ids[number] = number, record_id
                self._absent.discard(record_id)
                self._facts[number] = {}
                self._whole.add(number)
                self._waiting.records.append(RecordLine(number, record_id, at_us))
            numbers.append(number)
        return numbers

    def link(self, rule: str, hub: int, others: Iterable[int], weight: float, at_us: int) -> None:
        """Add facts that link some records with one, as one act."""
        ends = sorted({(min(hub, each), max(hub, each)) for each in others if each != hub})
        if not ends:
            return
        act = self._act + 1
        for left, right in ends:
            self._fact += 1
            self._connect(left, right, (rule, LinkState.LINK, weight))
            self._waiting.links.append(LinkLine(self._fact, left, right, rule, weight, at_us, self._by, act))
            self._waiting.name(self._ids, left, right)
        self._act = self._fact

    def assign(self, persons: Mapping[int, str], at_us: int) -> None:
        """Have records be persons from now on."""
        for record, person in sorted(persons.items()):
            self.newest_step = self._step = self._step + 1
            self._become(record, person)
            self._waiting.persons.append(PersonLine(self._step, record, person, at_us))
            self._waiting.name(self._ids, record)

    @property
    def waits(self) -> bool:
        """Whether anything is to be written."""
        return bool(self._waiting)

    def write(self) -> None:
        """Write what is to be written; it is written again until `written` is said."""
        waiting = self._waiting
        with self._links.transaction():
            for statement, lines in (
                (WRITE_RECORDS, waiting.records),
                (WRITE_LINKS, waiting.links),
                (WRITE_PERSONS, waiting.persons),
            ):
                if lines:
                    self._links.connection.execute(statement, (json.dumps(lines),))

    def written(self) -> None:
        """What was to be written is in the file."""
        self._waiting = Written()
        self._version = (self._version[0], self._links.connection.total_changes)

    def drop(self) -> None:
        """Know nothing any longer, and write nothing."""
        self._clear()
        self._waiting, self._version = Written(), _NEVER

    def forget(self, record_ids: Collection[str]) -> None:
        """Know nothing of anybody any longer, and write nothing about some."""
        gone = {self._numbers[each] for each in record_ids if each in self._numbers}
        waiting = self._waiting.without(gone) if gone else self._waiting
        self._clear()
        self._waiting, self._version = waiting, _NEVER
