"""A link store in memory-like comfort, for tests that change it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from habitue.identity.edges import Edges, Facts
from habitue.identity.ledger import persons_of
from habitue.identity.links import Links, LinkState
from habitue.identity.merging import Desk
from habitue.identity.rules import Guards
from habitue.identity.settling import settle

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
EMAIL = "email"


def ids() -> Callable[[], str]:
    """New ids that count up."""
    numbers = count(1)
    return lambda: f"new-{next(numbers)}"


@contextmanager
def opened() -> Iterator[Links]:
    """An empty link store in a folder of its own."""
    with TemporaryDirectory() as folder, Links.open(Path(folder)) as links:
        yield links


def known(links: Links, records: int) -> list[str]:
    """So many registered records, r0 the oldest."""
    names = [f"r{number}" for number in range(records)]
    links.register(names, now=NOW)
    return names


def link(links: Links, *pairs: tuple[str, str], weight: float = 5.0, rule: str = EMAIL) -> None:
    """Links of a rule between records, as a build adds them."""
    numbers = links.numbers([each for pair in pairs for each in pair])
    edges = Edges.of(
        [numbers[one] for one, _ in pairs], [numbers[two] for _, two in pairs], [weight] * len(pairs), matched=False
    )
    links.add(edges, rule=rule, state=LinkState.LINK, now=NOW, by="build")


def desk_of(links: Links, *, guards: Guards | None = None, births: dict[str, str] | None = None) -> Desk:
    """A desk at which Ann decides."""
    dates = births or {}

    def facts(records: Sequence[str]) -> Facts:
        return Facts.born([dates.get(record) for record in records])

    return Desk(links=links, guards=guards or Guards(), facts_of=facts, new_id=ids(), by="ann")


def settled(links: Links, desk: Desk | None = None) -> dict[str, str]:
    """The person of every record after everything was decided anew."""
    seat = desk or desk_of(links)
    settle(links, guards=seat.guards, facts_of=seat.facts_of, new_id=seat.new_id, now=NOW)
    return people(links)


def people(links: Links) -> dict[str, str]:
    """The person of every record, by record id."""
    names = links.record_ids()
    return {names[number]: person for number, person in persons_of(links).items()}
