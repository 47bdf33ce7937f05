"""What a proof promises: its instants are the very ones at which the answer flips, and its events are the reasons."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from habitue.records import Kind
from habitue.rules.checking import check_condition
from habitue.rules.evaluation import Context, answering
from habitue.rules.happened import Person
from habitue.rules.history import Happening, History, history_of, micros
from habitue.rules.lowering import inline
from habitue.rules.nodes import Node
from habitue.rules.proof import Proof, prove
from habitue.rules.reading import read
from tests.rules.example_catalogue import CATALOGUE, DAY, HOUR
from tests.rules.histories import MICROSECOND, NOW, contexts_for, histories
from tests.rules.steady import is_steady
from tests.rules.strategies import rules_for, terms_for

CONTEXT = Context(catalogue=CATALOGUE)


def _settled(text: str) -> Node:
    return check_condition(read(text), CATALOGUE)


def _grid(start: int, end: int) -> list[int]:
    """Each full hour in the range and the microsecond on either side of it."""
    first = -(-start // HOUR) * HOUR
    around = (hour + shift for hour in range(first, end + 1, HOUR) for shift in (-1, 0, 1))
    return [each for each in around if start <= each <= end]


@settings(max_examples=80)
@given(st.data())
def test_the_answer_flips_at_the_instants_of_the_proof_and_nowhere_between(data: st.DataObject) -> None:
    rule = inline(check_condition(data.draw(rules_for(CATALOGUE)), CATALOGUE), CATALOGUE)
    assume(is_steady(rule))
    _hold_to_the_answer(rule, data)


@settings(max_examples=200)
@given(st.data())
def test_a_single_term_flips_at_the_instants_of_the_proof_and_nowhere_between(data: st.DataObject) -> None:
    _hold_to_the_answer(check_condition(data.draw(terms_for(CATALOGUE)), CATALOGUE), data)


def _hold_to_the_answer(rule: Node, data: st.DataObject) -> None:
    history = data.draw(histories())
    context = data.draw(contexts_for(rule))
    now = NOW + data.draw(st.integers(-1, 1)) * MICROSECOND
    proof = prove(rule, history, now, context)
    answer, person = answering(rule, context), Person.keeping(history, micros(now))

    def member(instant: int) -> bool:
        person.now = instant
        return answer(person) is True

    since = micros(proof.since) if proof.since else None
    ahead = micros(proof.changes_at) if proof.changes_at else None
    assert since is None or member(since - 1) is not proof.member
    assert ahead is None or member(ahead) is not proof.member
    start = since if since is not None else micros(now) - 45 * DAY
    end = ahead - 1 if ahead is not None else micros(now) + 45 * DAY
    assert all(member(instant) is proof.member for instant in _grid(max(start, micros(now) - 45 * DAY), end))


START = datetime(2026, 3, 28, 12, tzinfo=UTC)


def _person(*events: tuple[str, int], **traits: str) -> History:
    """Somebody with events so many hours after START, numbered as they come."""
    found: dict[str, list[Happening]] = {}
    for position, (name, hours) in enumerate(events):
        at = START + timedelta(hours=hours)
        made = Happening(occurred_at=at, position=position, properties={"product_id": "a"}, event_id=f"e{position}")
        found.setdefault(name, []).append(made)
    return history_of("42", events=found, traits=dict(traits))


def _proof(text: str, history: History, hours: int) -> Proof:
    return prove(_settled(text), history, START + timedelta(hours=hours), CONTEXT)


def test_a_window_is_left_at_its_very_end() -> None:
    proof = _proof("count('Product Viewed', last='2d') >= 2", _person(("Product Viewed", 0), ("Product Viewed", 5)), 6)
    assert proof.member
    assert proof.since == START + timedelta(hours=5)
    assert proof.changes_at == START + timedelta(days=2)


def test_a_calendar_day_ends_at_local_midnight_when_the_clocks_go_forward() -> None:
    # Sunday 29 March 2026 has 23 hours in Berlin: from 23:00 UTC to 22:00 UTC.
    proof = _proof("did('Product Viewed', today=True)", _person(("Product Viewed", 12)), 13)
    assert proof.member
    assert proof.changes_at == datetime(2026, 3, 29, 22, tzinfo=UTC)


def test_elapsed_time_flips_a_microsecond_later_where_the_bound_itself_does_not_count() -> None:
    seen = _person(("Product Viewed", 0))
    at_least = _proof("since(last_at('Product Viewed')) >= '1d'", seen, 1)
    more_than = _proof("since(last_at('Product Viewed')) > '1d'", seen, 1)
    assert at_least.changes_at == START + timedelta(days=1)
    assert more_than.changes_at == START + timedelta(days=1) + MICROSECOND


def test_days_flip_at_the_second() -> None:
    proof = _proof("days(since(last_at('Product Viewed'))) > 1.5", _person(("Product Viewed", 0)), 1)
    assert proof.changes_at == START + timedelta(days=1.5, seconds=1)


def test_an_unfollowed_event_is_due_at_its_deadline() -> None:
    rule = "unfollowed('Product Viewed', by='Order Completed', within='2d')"
    waiting = _proof(rule, _person(("Product Viewed", 0)), 1)
    assert (waiting.member, waiting.since, waiting.changes_at) == (False, None, START + timedelta(days=2))
    due = _proof(rule, _person(("Product Viewed", 0)), 72)
    assert (due.member, due.since, due.changes_at) == (True, START + timedelta(days=2), None)


def test_a_visit_that_will_have_ended_counts_when_its_time_comes() -> None:
    proof = _proof("did('Email Clicked')", _person(("Email Clicked", 3)), 1)
    assert (proof.member, proof.changes_at) == (False, START + timedelta(hours=3))


def test_what_never_changes_says_so() -> None:
    proof = _proof("trait.country == 'DE'", _person(country="DE"), 0)
    assert (proof.member, proof.since, proof.changes_at) == (True, None, None)


def test_each_smallest_part_is_told_once_with_its_value_and_its_own_instants() -> None:
    rule = (
        "count('Product Viewed', last='7d') >= 2 and not did('Order Completed', last='2d') or trait.country in ['DE']"
    )
    history = _person(("Product Viewed", 0), ("Product Viewed", 5), ("Order Completed", 6), country="AT")
    proof = _proof(f"({rule}) and count('Product Viewed', last='7d') >= 2", history, 7)
    viewed, ordered, country = proof.leaves
    assert not proof.member
    assert proof.changes_at == START + timedelta(days=2, hours=6)
    assert (viewed.rule, viewed.value, viewed.kind, viewed.holds) == (
        "count('Product Viewed', last='7d') >= 2",
        2,
        Kind.INTEGER,
        True,
    )
    assert viewed.words == "did 'Product Viewed' at least twice in the last 7 days"
    assert [each.event_id for each in viewed.events] == ["e1", "e0"]
    assert viewed.changes_at == START + timedelta(days=7)
    assert (ordered.holds, ordered.since) == (True, START + timedelta(hours=6))
    assert (country.value, country.holds, country.events, country.event_count) == ("AT", False, (), 0)


def test_only_the_newest_events_are_told_and_all_are_counted() -> None:
    many = _person(*(("Product Viewed", hour) for hour in range(9)))
    (leaf,) = _proof("did('Product Viewed')", many, 10).leaves
    assert [each.event_id for each in leaf.events] == ["e8", "e7", "e6", "e5", "e4"]
    assert leaf.event_count == 9


@pytest.mark.parametrize(
    ("rule", "events"),
    [
        ("since(last_at('Product Viewed')) > '1h'", ["e2"]),
        ("first('Product Viewed'.product_id) == 'a'", ["e0"]),
        ("stopped('Product Viewed', after='1h')", ["e2"]),
        ("followed('Product Viewed', by='Order Completed', within='2h', on='product_id')", ["e1", "e0"]),
        ("unfollowed('Product Viewed', by='Order Completed', within='2h')", ["e2"]),
        ("sequence('Product Viewed', 'Order Completed', 'Product Viewed', within='9h')", ["e2", "e1", "e0"]),
        ("regularly('Product Viewed', every='2d', periods=1, of=1)", ["e2", "e0"]),
        ("change(count('Product Viewed'), last='7h') > 0", ["e2", "e0"]),
        ("sequence('Order Completed', 'Email Clicked', within='9h')", []),
    ],
)
def test_the_events_told_are_those_the_answer_comes_from(rule: str, events: list[str]) -> None:
    history = _person(("Product Viewed", 0), ("Order Completed", 1), ("Product Viewed", 8))
    (leaf,) = _proof(rule, history, 11).leaves
    assert [each.event_id for each in leaf.events] == events


@pytest.mark.parametrize(
    ("window", "left_at"),
    [
        ("last='2d'", START + timedelta(days=2, hours=-72)),
        ("between=('9d', '1d')", START + timedelta(days=9, hours=-72)),
        ("today=True", datetime(2026, 3, 25, 23, tzinfo=UTC)),
        ("this_week=True", datetime(2026, 3, 29, 22, tzinfo=UTC)),
        ("this_month=True", datetime(2026, 3, 31, 22, tzinfo=UTC)),
        ("since='2026-03-01'", None),
    ],
)
def test_every_window_is_left_at_its_instant(window: str, left_at: datetime | None) -> None:
    # 25 March 2026 is a Wednesday, in the week whose Sunday has 23 hours in Berlin.
    history = _person(("Product Viewed", -72))
    hours = 0 if window.startswith("between") else -71
    assert _proof(f"did('Product Viewed', {window})", history, hours).changes_at == left_at
