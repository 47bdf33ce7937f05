"""Newcomers joined without settling: what settling would make of the same messages, and finds nothing to change in."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.identity.edges import Facts
from habitue.identity.joining import Joining
from habitue.identity.ledger import persons_of
from habitue.identity.linking import Carried, what_keeps_apart
from habitue.identity.links import Links, LinkState
from habitue.identity.rules import Guards, IdentityRules, Namespace
from habitue.identity.settling import Outcome, settle

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LIMITS = (1, 3)
RULES = IdentityRules(
    namespaces=(Namespace(name="user_id", limit=1), Namespace(name="cookie", limit=3)),
    guards=Guards(limits=LIMITS),
)
Message = tuple[str, str]


class Shop:
    """Customers and their cookies, joined as messages name both.

    Args:
        folder: Where the link store is.
    """

    def __init__(self, folder: Path) -> None:
        (folder / ".habitue").mkdir(parents=True)
        self.folder = folder
        self.links = Links.open(folder)
        self.said: dict[str, dict[Message, None]] = {"user_id": {}, "cookie": {}}
        self.joining = Joining(links=self.links, rules=RULES, facts_of=self.facts_of)

    def facts_of(self, records: Sequence[str]) -> Facts:
        """What keeps records apart."""
        carried = {
            space: Carried(record_id=[each for each, _ in pairs], value=[value for _, value in pairs])
            for space, pairs in self.said.items()
        }
        return what_keeps_apart(RULES, carried=carried).facts_of(records)

    def say(self, user: str, cookie: str) -> None:
        """A message that names a customer and a cookie is in the vault."""
        self.said["user_id"][user, user] = None
        self.said["cookie"][cookie, cookie] = None
        self.said["cookie"][user, cookie] = None

    def hear(self, user: str, cookie: str) -> None:
        """A message names a customer and a cookie."""
        self.say(user, cookie)
        self.joining.join(user, [("cookie", cookie)], [], now=NOW)

    def settling(self) -> Outcome:
        """What settling everybody would change."""
        with self.links.rehearsal():
            return settle(self.links, guards=RULES.guards, facts_of=self.facts_of, new_id=lambda: "new", now=NOW)

    def persons(self) -> dict[str, str]:
        """The person of every record."""
        ids = self.links.record_ids()
        return {ids[number]: person for number, person in persons_of(self.links).items()}


messages = st.lists(
    st.tuples(st.sampled_from(("u1", "u2", "u3")), st.sampled_from(("k1", "k2", "k3", "k4", "k5"))),
    min_size=1,
    max_size=10,
)


@given(heard=messages)
@settings(max_examples=40, deadline=None)
def test_settling_finds_nothing_to_change(tmp_path_factory: pytest.TempPathFactory, heard: list[Message]) -> None:
    shop = Shop(tmp_path_factory.mktemp("shops") / "shop")
    for user, cookie in heard:
        shop.hear(user, cookie)
        assert shop.joining.deferred or not shop.settling().changes


def test_nobody_gets_more_cookies_than_the_limit(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop")
    for cookie in ("k1", "k2", "k3", "k4"):
        shop.hear("u1", cookie)
    persons = shop.persons()
    assert {persons[each] for each in ("k1", "k2", "k3")} == {persons["u1"]}
    assert persons["k4"] == "k4"


def test_of_two_who_were_alone_the_older_gives_the_id(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop")
    shop.links.register(["k1"], now=NOW)
    shop.hear("u1", "k1")
    shop.links.register(["u2"], now=NOW)
    shop.hear("u2", "k2")
    assert shop.joining.settled == 0
    assert shop.persons() == {"k1": "k1", "u1": "k1", "u2": "u2", "k2": "u2"}


def test_what_somebody_else_decides_meanwhile_counts(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop")
    shop.hear("u1", "k1")
    with Links.open(shop.folder) as other:
        other.decide("u1", "k1", LinkState.NEVER, now=NOW, by="Ann")
        settle(other, guards=RULES.guards, facts_of=shop.facts_of, new_id=lambda: "new", now=NOW)
        parted = persons_of(other)
    shop.hear("u1", "k2")
    assert len(set(parted.values())) == 2
    assert shop.joining.settled == 1
    assert not shop.settling().changes


def test_most_joins_need_no_settling(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop")
    for number in range(20):
        shop.hear(f"u{number}", f"k{number}")
        shop.hear(f"u{number}", f"l{number}")
    assert shop.joining.settled == 0
    assert len(set(shop.persons().values())) == 20
