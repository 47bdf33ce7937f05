"""Who is who while messages come in: from memory, and joined at once where a message says so."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple, Self

from habitue.identity.joining import Joining, Said, SharingOf, Told
from habitue.identity.links import Links
from habitue.identity.rules import IdentityRules
from habitue.identity.settling import FactsOf
from habitue.state.sqlite import StateBusyError

_HELD: Final = 500_000


class Merge(NamedTuple):
    """Two persons are one.

    Attributes:
        stays: Who they are from now on.
        gone: Who is nobody any longer.
    """

    stays: str
    gone: str


class LiveIdentity:
    """The person of each record, in memory; of one generation, on one thread.

    Args:
        joining: Where links are stored; None joins nobody, for a project whose records are all people.
        close: Gives back what joining needs.

    Attributes:
        step: The state of who is who, as the link store numbers them.
        late: Merges that were put off while a build was writing who is who.
    """

    def __init__(self, joining: Joining | None = None, close: Callable[[], None] | None = None) -> None:
        self._joining = joining
        self._close = close
        self._person: dict[str, str] = {}
        self._records: dict[str, list[str]] = {}
        self._seen: set[tuple[str, Said]] = set()
        self._met: set[str] = set()
        self._is_hindered = False
        self.step = 0
        self.late: deque[Told] = deque()

    @classmethod
    def open(
        cls,
        project: Path,
        rules: IdentityRules,
        *,
        resolve: Callable[[str], Sequence[str]],
        sharing_of: SharingOf,
        facts_of: FactsOf,
        close: Callable[[], None] | None = None,
    ) -> Self:
        """Who is who in a project folder.

        Args:
            project: The folder.
            rules: Who is who, as declared.
            resolve: The records known by a keyed name; `Vault.carriers`.
            sharing_of: Who else carries the identifiers that records are known by; `Vault.sharing_of`.
            facts_of: What is known of records that keeps them apart, by record ids.
            close: Gives back what both need.
        """
        links = Links.open(project)
        links.hurry()
        return cls(Joining(links=links, rules=rules, resolve=resolve, sharing_of=sharing_of, facts_of=facts_of), close)

    def close(self) -> None:
        """Give the file back."""
        if self._joining is not None:
            self._joining.links.close()
        if self._close is not None:
            self._close()

    @property
    def refused(self) -> int:
        """How many links a guard refused."""
        return 0 if self._joining is None else self._joining.refused

    def person_of(self, record: str) -> str:
        """The person a record belongs to; a record that nobody joined is its own person."""
        return self._person.get(record, record)

    def records_of(self, person: str) -> list[str]:
        """The records of a person, as far as they were joined."""
        return self._records.get(person) or [person]

    def newest_step(self) -> int:
        """The present state of who is who."""
        return 0 if self._joining is None else self._joining.links.newest_step()

    def begin(self, step: int | None, persons: Mapping[str, str] | None) -> list[Merge]:
        """Know who was who at a state of the link store; gives what has to be merged in what was made of another.

        Args:
            step: The state; None for the present one.
            persons: The person of each record that is not its own, as the tables had it that everything was made of;
                as at that state when None.
        """
        joining = self._joining
        if joining is None:
            return []
        self.step = joining.links.newest_step() if step is None else step
        at = dict(joining.persons(self.step))
        made = at if persons is None else persons
        merges = dict[Merge, None]()
        for record in {*at, *made}:
            then, now = at.get(record, record), made.get(record, record)
            if then == now:
                continue
            if joining.became_at(record, now) > self.step:
                at[record] = now
            else:
                merges[Merge(then, now)] = None
        self._learn(at)
        return list(merges)

    def _learn(self, persons: Mapping[str, str]) -> None:
        """Know the persons of many records, where nobody's was known."""
        self._person = {record: person for record, person in persons.items() if record != person}
        self._records = {}
        for record, person in self._person.items():
            known = self._records.get(person)
            if known is None:
                known = self._records[person] = [] if person in self._person else [person]
            known.append(record)

    def lost_from(self, step: int) -> int | None:
        """From where the log has to be read again, since the file lost with the power what it knew at a state."""
        joining = self._joining
        return joining.read_to() if joining is not None and joining.links.newest_step() < step else None

    def is_news(self, told: Told) -> bool:
        """Whether a message says something of who is who that nobody has looked into yet."""
        return self._joining is not None and (told.record not in self._met or bool(self._unseen(told)))

    def look_ahead(self, news: Sequence[Told]) -> list[str]:
        """Have at hand, by a few questions, what joining the records of a micro-batch will ask for.

        Args:
            news: What messages say that nobody has looked into yet.

        Returns:
            The records of those who may become one with others by it.
        """
        joining = self._joining
        if joining is None or self._is_hindered or not news:
            return []
        sharing = joining.shared(list({each.record for each in news}))
        differing = [each for each in news if each.carried or self._differs(each, sharing[each.record])]
        if differing and self._may_write(joining):
            joining.look_ahead(differing)
        named = [other for each in differing for _, other in ((None, each.record), *each.others, *sharing[each.record])]
        return list(dict.fromkeys(record for each in named for record in self.records_of(self.person_of(each))))

    def _unseen(self, told: Told) -> list[Said]:
        return [each for each in (*told.others, *told.carried) if (told.record, each) not in self._seen]

    def _differs(self, told: Told, sharing: Sequence[Said]) -> bool:
        person = self.person_of(told.record)
        return any(self.person_of(other) != person for _, other in (*told.others, *sharing))

    def _may_write(self, joining: Joining) -> bool:
        """Whether a micro-batch has begun; where somebody else writes, it is not tried again until the next one."""
        if not self._is_hindered and not joining.links.is_writing:
            try:
                joining.begin()
            except StateBusyError:
                self._is_hindered = True
        return not self._is_hindered

    def join(self, record: str, others: Sequence[Said], carried: Sequence[Said], now: datetime) -> list[Merge]:
        """Make records one person where the rules of who is who say so.

        Args:
            record: Whom a message is about.
            others: Records that it names too, by the namespace of their own identifier.
            carried: Keyed names of further identifiers, by namespace.
            now: The present time, aware.

        Returns:
            The persons that became one by it, in order.
        """
        joining = self._joining
        if joining is None:
            return []
        person = self.person_of(record)
        if record not in self._met:
            sharing = joining.shared([record])[record]
            own = {space for space, other in sharing if self.person_of(other) != person}
            others = [*others, *((space, record) for space in sorted(own))]
        new = self._unseen(Told(record, others, carried))
        if not new:
            self._met.add(record)
            return []
        told = Told(
            record,
            [each for each in others if each in new and (each[1] == record or self.person_of(each[1]) != person)],
            [each for each in carried if each in new],
        )
        is_told = bool(told.others or told.carried)
        if is_told and not self._may_write(joining):
            self.late.append(told)
            return []
        merges = self._joined(joining, told, now) if is_told else []
        if len(self._seen) + len(self._met) > _HELD:
            self._seen.clear()
            self._met.clear()
        self._met.add(record)
        self._seen.update((record, each) for each in new)
        return merges

    def catch_up(self, now: datetime) -> list[Merge]:
        """Merges that were put off, if they can be made now."""
        merges, waiting = list[Merge](), tuple(self.late)
        if self._joining is None or not waiting or not self._may_write(self._joining):
            return merges
        self.late.clear()
        self._joining.look_ahead(waiting)
        for told in waiting:
            merges += self.join(*told, now)
        return merges

    @property
    def is_open(self) -> bool:
        """Whether anything is to be kept, so that nobody else can write who is who."""
        return self._joining is not None and self._joining.is_open

    def keep(self, offset: int | None = None) -> None:
        """Have the links of a micro-batch in the file, with how far the log was read, where that is said."""
        self._is_hindered = False
        joining = self._joining
        if joining is not None:
            was_open = joining.is_open
            joining.keep(offset)
            self.step = max(self.step, joining.links.newest_step()) if was_open else self.step

    def _joined(self, joining: Joining, told: Told, now: datetime) -> list[Merge]:
        reached = joining.join(told.record, told.others, told.carried, now=now)
        merges = dict[Merge, None]()
        for record, person in reached.items():
            before = self.person_of(record)
            if before != person:
                merges[Merge(person, before)] = None
                for each in tuple(self.records_of(before)):
                    self._move(each, person)
        return list(merges)

    def _move(self, record: str, person: str) -> None:
        before = self.person_of(record)
        if before in self._records and record in self._records[before]:
            self._records[before].remove(record)
        if record == person:
            self._person.pop(record, None)
        else:
            self._person[record] = person
        records = self._records.setdefault(person, [])
        records += [each for each in (person, record) if each not in records and self.person_of(each) == person]

    def forget(self, records: Sequence[str]) -> None:
        """Know nothing of some records any longer."""
        if self._joining is not None:
            self._joining.forget(records)
        for record in records:
            person = self._person.pop(record, record)
            kept = [each for each in self._records.pop(person, []) if each != record]
            if len(kept) > 1:
                self._records[person] = kept
