"""Joining from memory, a micro-batch at a time: what the file says when one is joined after the other."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.errors import HabitueError
from habitue.identity.edges import Facts
from habitue.identity.joining import LIVE, Joining, Told
from habitue.identity.known import Known
from habitue.identity.ledger import StoredPeople, persons_of
from habitue.identity.links import Links, LinkState
from habitue.identity.settling import reach_of, read_graph, settle
from tests.identity.test_newcomers import NOW, RULES, Message, Shop

COOKIES = ("k1", "k2", "k3", "k4", "k5")
USERS = ("u1", "u2", "u3")
RECORDS = (*USERS, *COOKIES)
messages = st.lists(st.tuples(st.sampled_from(USERS), st.sampled_from(COOKIES)), min_size=1, max_size=6)
decisions = st.tuples(
    st.sampled_from(RECORDS), st.sampled_from(RECORDS), st.sampled_from((LinkState.NEVER, LinkState.ALWAYS))
)


@pytest.fixture
def links(tmp_path: Path) -> Iterator[Links]:
    """An empty link store."""
    (tmp_path / ".habitue").mkdir()
    with Links.open(tmp_path) as store:
        yield store


def written(links: Links) -> tuple[list[object], ...]:
    """Everything a link store holds of records, links and persons."""
    return tuple(
        links.connection.execute(statement).fetchall()
        for statement in (
            "SELECT number, record_id FROM records ORDER BY number",
            "SELECT fact, left_record, right_record, rule, state, weight, act, decided_by FROM links ORDER BY fact",
            "SELECT step, record, person FROM persons ORDER BY step",
        )
    )


def decide(shop: Shop, one: str, two: str, state: LinkState) -> None:
    """Somebody decides about two records, by another connection; persons become what that says."""
    with Links.open(shop.folder) as other:
        other.register([one, two], now=NOW)
        other.decide(one, two, state, now=NOW, by="Ann")
        settle(other, guards=RULES.guards, facts_of=shop.facts_of, new_id=lambda: f"{one}{two}", now=NOW)


@given(batches=st.lists(st.tuples(messages, st.none() | decisions), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_a_batch_is_joined_as_if_one_after_the_other(
    tmp_path_factory: pytest.TempPathFactory, batches: list[tuple[list[Message], tuple[str, str, LinkState] | None]]
) -> None:
    one, many = (Shop(tmp_path_factory.mktemp("shops") / name) for name in ("one", "many"))
    with ExitStack() as opened:
        opened.enter_context(one.links)
        opened.enter_context(many.links)
        for heard, decision in batches:
            for shop in (one, many):
                for user, cookie in heard:
                    shop.say(user, cookie)
            for user, cookie in heard:
                one.joining.join(user, [("cookie", cookie)], [], now=NOW)
            many.joining.begin()
            many.joining.look_ahead(Told(user, [("cookie", cookie)], ()) for user, cookie in heard)
            for user, cookie in heard:
                many.joining.join(user, [("cookie", cookie)], [], now=NOW)
            many.joining.keep()
            # Rehearsed on both: whoever sees the file change looks at everybody anew.
            left = [shop.settling().changes for shop in (one, many)]
            assert many.joining.deferred or not left[1]
            if decision is not None and decision[0] != decision[1]:
                decide(one, *decision)
                decide(many, *decision)
        assert written(one.links) == written(many.links)
        assert one.joining.refused == many.joining.refused


@given(
    heard=messages,
    decided=st.lists(decisions, max_size=3),
    asked=st.lists(st.sampled_from(RECORDS), min_size=1, max_size=3),
)
@settings(max_examples=40, deadline=None)
def test_what_is_known_in_memory_is_what_the_file_says(
    tmp_path_factory: pytest.TempPathFactory,
    heard: list[Message],
    decided: list[tuple[str, str, LinkState]],
    asked: list[str],
) -> None:
    shop = Shop(tmp_path_factory.mktemp("shops") / "shop")
    with shop.links as links:
        links.register(RECORDS, now=NOW)
        for user, cookie in heard:
            shop.hear(user, cookie)
        for one, two, state in decided:
            if one != two:
                decide(shop, one, two, state)
        known, stored = Known(links, LIVE), StoredPeople(links)
        with links.transaction():
            known.refresh()
            known.load(asked)
            numbers = links.numbers(asked).values()
            reach = reach_of(links, numbers)
            assert known.reach(numbers) == reach
            assert known.persons_of(reach) == persons_of(links, reach)
            assert known.before(reach) == stored.before(reach)
            names = [*RECORDS, *persons_of(links, reach).values()]
            there = set(names) & (set(known.record_ids(reach).values()) | set(known.persons_of(reach).values()))
            assert known.taken(there, ()) == stored.taken(there, ())
            mine, files = known.graph(numbers), read_graph(links, numbers)
            assert mine.records.tolist() == files.records.tolist()
            assert mine.edges.left.tolist() == files.edges.left.tolist()
            assert mine.edges.weight.tolist() == files.edges.weight.tolist()
            assert sorted(mine.never) == sorted(files.never)


def test_what_a_disk_refuses_is_written_after_what_others_wrote_meanwhile(links: Links, tmp_path: Path) -> None:
    joining = Joining(links=links, rules=RULES)
    links.connection.execute("PRAGMA max_page_count = 1")
    joining.begin()
    for number in range(200):
        joining.join(f"u{number}", [("cookie", f"k{number}")], [], now=NOW)
    with pytest.raises(HabitueError):
        joining.keep()
    assert links.count() == 0
    links.connection.execute("PRAGMA max_page_count = 1000000")
    with Links.open(tmp_path) as other:
        other.register(["u9", "x1", "x2"], now=NOW)
        Joining(links=other, rules=RULES).join("x1", [("cookie", "x2")], [], now=NOW)
    joining.keep()
    persons = {name: person for name, person in joining.persons().items() if name != person}
    assert links.count() == 402
    assert len(persons) == 201
    assert set(persons_of(links, links.numbers(["u9", "k9"]).values()).values()) == {"k9"}
    with links.rehearsal():
        assert not settle(links, guards=RULES.guards, new_id=lambda: "new", now=NOW).changes


def test_nothing_is_written_of_somebody_who_is_forgotten(links: Links) -> None:
    joining = Joining(links=links, rules=RULES)
    joining.begin()
    joining.join("u1", [("cookie", "k1")], [], now=NOW)
    joining.join("u2", [("cookie", "k2")], [], now=NOW)
    joining.forget(["u1", "k1"])
    joining.keep()
    assert set(links.record_ids().values()) == {"u2", "k2"}
    assert joining.persons() == {"u2": "k2"}


def test_more_is_asked_for_by_itself_where_nobody_looked_ahead(links: Links) -> None:
    asked: list[Sequence[str]] = []

    def facts_of(records: Sequence[str]) -> Facts:
        asked.append(records)
        return Facts.none(len(records))

    joining = Joining(links=links, rules=RULES, facts_of=facts_of)
    joining.begin()
    joining.look_ahead([Told("u1", [("cookie", "k1")], ())])
    assert asked == [["u1", "k1"]]
    joining.join("u1", [("cookie", "k1")], [], now=NOW)
    assert len(asked) == 1
    joining.join("u2", [("cookie", "k2")], [], now=NOW)
    assert len(asked) == 3
    joining.keep()
    assert joining.persons() == {"u1": "k1", "u2": "k2"}
