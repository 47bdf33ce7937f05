"""Records joined while messages come in: at once, by the rules of a build, and as the next build has them."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.identity.edges import Facts
from habitue.identity.joining import Joining
from habitue.identity.ledger import persons_of
from habitue.identity.linking import Carried, link_records, what_keeps_apart
from habitue.identity.links import Links, LinkState
from habitue.identity.rules import DEFAULT_RULES, IdentityRules
from habitue.identity.settling import settle

NOW = datetime(2026, 3, 1, tzinfo=UTC)
COOKIES = ("k1", "k2", "k3", "k4", "k5")
USERS = ("u1", "u2", "u3", "u4")
MAILS = ("m1", "m2")


@pytest.fixture
def links(tmp_path: Path) -> Iterator[Links]:
    """An empty link store."""
    with opened(tmp_path) as store:
        yield store


def opened(folder: Path) -> Links:
    """The link store of a folder."""
    (folder / ".habitue").mkdir(exist_ok=True)
    return Links.open(folder)


class Vault:
    """What records carry, as cards say it; in memory."""

    def __init__(self, rules: IdentityRules = DEFAULT_RULES) -> None:
        self.rules = rules
        self.said: dict[str, dict[tuple[str, str], None]] = {}

    def say(self, record: str, space: str, value: str) -> None:
        """A record carries an identifier."""
        self.said.setdefault(space, {})[record, value] = None

    def carried(self) -> dict[str, Carried]:
        """All of it, as linking wants it."""
        return {
            space: Carried(record_id=[record for record, _ in pairs], value=[value for _, value in pairs])
            for space, pairs in self.said.items()
        }

    def resolve(self, name: str) -> list[str]:
        """Who carries a name."""
        return [record for pairs in self.said.values() for record, value in pairs if value == name]

    def facts_of(self, records: Sequence[str]) -> Facts:
        """What keeps records apart."""
        return what_keeps_apart(self.rules, carried=self.carried()).facts_of(records)


def partition(links: Links) -> set[frozenset[str]]:
    """Which records are one person."""
    ids = links.record_ids()
    people: dict[str, set[str]] = {}
    for number, person in persons_of(links).items():
        people.setdefault(person, set()).add(ids[number])
    return {frozenset(each) for each in people.values() if len(each) > 1}


def test_a_message_that_names_two_makes_them_one(links: Links) -> None:
    joining = Joining(links=links, rules=DEFAULT_RULES)
    joining.join("k1", [], [], now=NOW)
    reached = joining.join("u1", [("cookie", "k1")], [], now=NOW)
    assert set(reached) == {"u1", "k1"}
    assert len(set(reached.values())) == 1
    assert joining.join("u1", [("cookie", "k2")], [], now=NOW).keys() >= {"u1", "k2"}
    assert partition(links) == {frozenset({"u1", "k1", "k2"})}


def test_two_accounts_on_one_device_stay_two(links: Links) -> None:
    vault = Vault()
    for user in ("u1", "u2"):
        vault.say(user, "user_id", user)
        vault.say(user, "cookie", "k1")
    vault.say("k1", "cookie", "k1")
    joining = Joining(links=links, rules=DEFAULT_RULES, facts_of=vault.facts_of)
    joining.join("u1", [("cookie", "k1")], [], now=NOW)
    joining.join("u2", [("cookie", "k1")], [], now=NOW)
    assert joining.refused == 1
    assert partition(links) == {frozenset({"u1", "k1"})}


def test_an_identifier_that_too_many_share_joins_nobody_more(links: Links) -> None:
    joining = Joining(links=links, rules=DEFAULT_RULES)
    for number in range(30):
        joining.join(f"u{number}", [], [("email", "shop@example.org")], now=NOW)
    assert joining.blocked == 10
    assert max(map(len, partition(links))) == 20


def test_what_somebody_decided_never_to_be_one_is_not_joined(links: Links) -> None:
    links.register(["u1", "k1"], now=NOW)
    links.decide("u1", "k1", LinkState.NEVER, now=NOW, by="Ann")
    joining = Joining(links=links, rules=DEFAULT_RULES)
    assert set(joining.join("u1", [("cookie", "k1")], [], now=NOW).values()) == {"u1", "k1"}
    assert joining.refused == 1


def test_a_message_read_again_tells_nothing_of_later_ones(links: Links) -> None:
    for cookie in ("k1", "k2"):
        Joining(links=links, rules=DEFAULT_RULES).join("u1", [("cookie", cookie)], [], now=NOW)
    again = Joining(links=links, rules=DEFAULT_RULES)
    assert set(again.join("u1", [("cookie", "k1")], [], now=NOW)) == {"u1", "k1"}


def test_persons_of_an_earlier_state_are_told(links: Links) -> None:
    joining = Joining(links=links, rules=DEFAULT_RULES)
    joining.join("u1", [("cookie", "k1")], [], now=NOW)
    step = links.newest_step()
    joining.join("u1", [("cookie", "k2")], [], now=NOW)
    (person,) = set(joining.persons().values())
    assert set(joining.persons(step)) == {"u1", "k1"} - {person}
    assert set(joining.persons()) == {"u1", "k1", "k2"} - {person}
    assert joining.persons(0) == {}
    assert joining.became_at("k2", person) > step
    assert joining.became_at("k2", "k2") == 0


Spoken = tuple[str, str | None, str | None]
messages = st.lists(
    st.tuples(
        st.sampled_from(USERS),
        st.one_of(st.none(), st.sampled_from(COOKIES)),
        st.one_of(st.none(), st.sampled_from(MAILS)),
    ),
    min_size=1,
    max_size=12,
)


@given(said=messages)
@settings(max_examples=35, deadline=None)
def test_the_next_build_has_the_same_persons(tmp_path_factory: pytest.TempPathFactory, said: list[Spoken]) -> None:
    vault = Vault()
    with opened(tmp_path_factory.mktemp("links")) as links:
        joining = Joining(links=links, rules=DEFAULT_RULES, resolve=vault.resolve, facts_of=vault.facts_of)
        for user, cookie, mail in said:
            vault.say(user, "user_id", user)
            others = []
            if cookie is not None:
                vault.say(cookie, "cookie", cookie)
                vault.say(user, "cookie", cookie)
                others = [("cookie", cookie)]
            carried = []
            if mail is not None:
                vault.say(user, "email", mail)
                carried = [("email", mail)]
            joining.join(user, others, carried, now=NOW)
        live = partition(links)
        linked = link_records(links, DEFAULT_RULES, carried=vault.carried(), now=NOW)
        outcome = settle(links, guards=linked.guards, facts_of=linked.known.facts_of, new_id=lambda: "new", now=NOW)
        assert joining.deferred or partition(links) == live
        assert joining.deferred or not outcome.changes
        if not joining.deferred and not joining.refused:
            assert linked.withdrawn == 0
