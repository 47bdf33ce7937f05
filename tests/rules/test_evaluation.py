"""What one person's answer promises: the meaning of every term, exact at the edges of every window."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.rules.checking import check
from habitue.rules.cuts import CutPoints, cut_points
from habitue.rules.evaluation import Context, answering, evaluate
from habitue.rules.happened import Person
from habitue.rules.history import Consent, Happening, History, Value, history_of, instant_of, micros
from habitue.rules.lowering import inline
from habitue.rules.nodes import Place
from habitue.rules.reading import read
from habitue.rules.walking import walk
from tests.rules.example_catalogue import CATALOGUE
from tests.rules.histories import MICROSECOND, NOW, contexts_for, histories
from tests.rules.strategies import rules_for

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOTHING = timedelta(0)
START = datetime(2026, 3, 20, 12, tzinfo=UTC)
ORDER, VIEW, CLICK = "Order Completed", "Product Viewed", "Email Clicked"


def person(*events: tuple[str, timedelta, dict[str, Value | None]], **known: Value) -> History:
    """Somebody with events at some time after START, in order of arrival, and traits."""
    found: dict[str, list[Happening]] = {}
    for position, (name, after, properties) in enumerate(events):
        happening = Happening(occurred_at=START + after, position=position, properties=properties)
        found.setdefault(name, []).append(happening)
    return history_of("42", events=found, traits=known)


def ask(rule: str, history: History, now: datetime, cuts: CutPoints | None = None) -> Value | None:
    """The answer to rule text."""
    node = check(read(rule), CATALOGUE).node
    places = {part.inner: cuts for part in walk(node) if isinstance(part, Place) and cuts is not None}
    return evaluate(node, history, now, Context(catalogue=CATALOGUE, cuts=places))


ONCE = person((ORDER, NOTHING, {"revenue": Decimal(5), "items": 2, "product_id": "a", "gift": True}))


@pytest.mark.parametrize(
    ("rule", "turns"),
    [
        ("did('Order Completed')", [NOTHING]),
        ("did('Order Completed', last='1d')", [NOTHING, DAY]),
        ("did('Order Completed', between=('2d', '1d'))", [DAY, 2 * DAY]),
        ("did('Order Completed', between=('2d', '0s'))", [NOTHING, 2 * DAY]),
        ("count('Order Completed', last='1h') >= 1", [NOTHING, HOUR]),
        ("stopped('Order Completed', after='1d')", [DAY]),
        ("unfollowed('Order Completed', by='Email Clicked', within='1d')", [DAY]),
        ("unfollowed('Order Completed', by='Email Clicked', within='1d', last='2d')", [DAY, 2 * DAY]),
        ("regularly('Order Completed', every='1d', periods=1, of=3)", [NOTHING, 3 * DAY]),
        ("since(last_at('Order Completed')) >= '1d'", [DAY]),
        ("since(last_at('Order Completed')) > '1d'", [DAY + MICROSECOND]),
        ("since(last_at('Order Completed')) == '1d'", [DAY, DAY + MICROSECOND]),
        ("since(last_at('Order Completed')) < '1d'", [NOTHING, DAY]),
        ("days(since(last_at('Order Completed'))) >= 1", [DAY]),
        ("days(since(last_at('Order Completed'))) > 1", [DAY + timedelta(seconds=1)]),
        # 20 March was a Friday; the clocks went forward on Sunday the 29th in Berlin.
        ("did('Order Completed', today=True)", [NOTHING, datetime(2026, 3, 20, 23, tzinfo=UTC) - START]),
        ("did('Order Completed', this_week=True)", [NOTHING, datetime(2026, 3, 22, 23, tzinfo=UTC) - START]),
        ("did('Order Completed', this_month=True)", [NOTHING, datetime(2026, 3, 31, 22, tzinfo=UTC) - START]),
        ("did('Order Completed', since='2026-03-20T13:00:00')", [NOTHING]),
    ],
)
def test_an_answer_turns_at_the_very_microsecond(rule: str, turns: list[timedelta]) -> None:
    holds = False
    for turn in turns:
        assert ask(rule, ONCE, START + turn - MICROSECOND) is holds
        holds = not holds
        assert ask(rule, ONCE, START + turn) is holds
    assert ask(rule, ONCE, START + turns[-1] + timedelta(days=30)) is holds or len(turns) > 1


TWICE = person(
    (VIEW, NOTHING, {"product_id": "a", "seconds": 3, "price": Decimal("2.5")}),
    (ORDER, DAY, {"product_id": "a", "revenue": Decimal("10.10"), "items": 1, "discount": 0.1, "gift": False}),
    (VIEW, 2 * DAY, {"product_id": "b", "seconds": 5}),
    (VIEW, 3 * DAY, {"product_id": None, "seconds": None}),
    (ORDER, 3 * DAY, {"product_id": "b", "revenue": Decimal("0.20"), "items": 4, "discount": 0.2, "gift": True}),
    (ORDER, 4 * DAY, {}),
    age=30,
    country="DE",
    credit=Decimal(7),
    loyalty=0.5,
    joined_at=START,
    home_lat=52.5,
    home_lon=13.4,
)
LATER = START + 10 * DAY


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("count('Order Completed')", 3),
        ("count('Order Completed', where=revenue > 5)", 1),
        ("count('Order Completed', where=not revenue > 5)", 2),
        ("sum('Order Completed'.revenue)", Decimal("10.30")),
        ("sum('Order Completed'.revenue, last='1h')", 0),
        ("sum('Order Completed'.items)", 5),
        ("avg('Order Completed'.items)", 2.5),
        ("avg('Order Completed'.items, last='1h')", None),
        ("min('Order Completed'.revenue)", Decimal("0.20")),
        ("max('Order Completed'.discount)", 0.2),
        ("max('Order Completed'.items, last='1h')", None),
        ("distinct('Product Viewed'.product_id)", 2),
        ("mode('Product Viewed'.product_id)", "a"),
        ("first('Order Completed'.product_id)", "a"),
        ("latest('Order Completed'.product_id)", None),
        ("latest('Order Completed'.product_id, where=exists(product_id))", "b"),
        ("first('Order Completed'.gift)", False),
        ("first_at('Order Completed')", START + DAY),
        ("last_at('Product Viewed')", START + 3 * DAY),
        ("max('Order Completed'.occurred_at)", START + 4 * DAY),
        ("min('Order Completed'.local_hour)", 13),
        ("days(since(last_at('Order Completed')))", 6.0),
        ("sequence('Product Viewed', 'Order Completed', within='1d')", True),
        ("sequence('Product Viewed', 'Order Completed', within='23h', where=product_id == 'a')", False),
        ("sequence('Product Viewed', 'Order Completed', 'Product Viewed', 'Order Completed', within='1d')", True),
        ("sequence('Order Completed', 'Product Viewed', 'Product Viewed', 'Order Completed', within='1d')", True),
        ("followed('Product Viewed', by='Order Completed', within='1h')", True),
        ("followed('Product Viewed', by='Order Completed', within='1h', on='product_id')", False),
        ("followed('Product Viewed', by='Order Completed', within='1d', on='product_id')", True),
        ("unfollowed('Product Viewed', by='Order Completed', within='1d', on='product_id')", True),
        ("unfollowed('Product Viewed', by='Order Completed', within='1d', where=exists(product_id))", False),
        ("regularly('Order Completed', every='1d', periods=3, of=10)", True),
        ("regularly('Order Completed', every='1d', periods=4, of=10)", False),
        ("change(count('Order Completed'), last='8d')", 2.0),
        ("change(count('Order Completed'), last='30d')", None),
        ("trait.age + 1", 31),
        ("trait.credit * 2", Decimal(14)),
        ("trait.age / 4", 7.5),
        ("trait.age / (trait.age - 30)", None),
        ("trait.credit * trait.credit", 49.0),
        ("-trait.credit", Decimal(-7)),
        ("default(trait.country, 'none')", "DE"),
        ("default(latest('Order Completed'.items), 0)", 0),
        ("when(trait.age > 40, trait.age)", None),
        ("lower(trait.country)", "de"),
        ("contains(trait.country, 'E')", True),
        ("matches(trait.country, '^d')", False),
        ("trait.country in ['AT', 'DE']", True),
        ("trait.country not in ['AT', 'DE']", False),
        ("latest('Order Completed'.product_id) != 'x'", False),
        ("not latest('Order Completed'.product_id) == 'x'", True),
        ("latest('Order Completed'.product_id) not in ['x']", False),
        ("exists(latest('Order Completed'.product_id))", False),
        ("distance_km(trait.home, (52.5, 13.4)) < 0.001", True),
        ("bucket('autumn')", 7427),
        ("trait.loyalty * 0.2 == 0.1", True),
        ("trait.joined_at == '2026-03-20T13:00:00'", True),
        ("consent.profiling", None),
        ("trait.subscribed == False", False),
    ],
)
def test_each_term_means_what_the_language_says(rule: str, value: Value | None) -> None:
    found = ask(rule, TWICE, LATER)
    assert found == value
    assert isinstance(found, bool) is isinstance(value, bool)


def test_events_of_one_instant_follow_one_another_in_order_of_arrival() -> None:
    rule = "sequence('Product Viewed', 'Order Completed', within='1h')"
    assert ask(rule, person((VIEW, NOTHING, {}), (ORDER, NOTHING, {})), START) is True
    assert ask(rule, person((ORDER, NOTHING, {}), (VIEW, NOTHING, {})), START) is False
    followed = "followed('Product Viewed', by='Order Completed', within='1h')"
    assert ask(followed, person((VIEW, NOTHING, {}), (ORDER, NOTHING, {})), START) is True
    assert ask(followed, person((ORDER, NOTHING, {}), (VIEW, NOTHING, {})), START) is False


@pytest.mark.parametrize("late", [NOTHING, MICROSECOND])
def test_an_answer_at_the_very_end_of_its_time_counts_and_later_does_not(late: timedelta) -> None:
    both = person((VIEW, NOTHING, {}), (ORDER, DAY + late, {}))
    in_time = late == NOTHING
    assert ask("followed('Product Viewed', by='Order Completed', within='1d')", both, LATER) is in_time
    assert ask("unfollowed('Product Viewed', by='Order Completed', within='1d')", both, LATER) is not in_time
    assert ask("sequence('Product Viewed', 'Order Completed', within='1d')", both, LATER) is in_time


def test_the_window_of_a_pair_is_about_its_first_event() -> None:
    both = person((VIEW, NOTHING, {}), (ORDER, 5 * DAY, {}))
    rule = "followed('Product Viewed', by='Order Completed', within='7d', last='7d')"
    assert ask(rule, both, START + 7 * DAY - MICROSECOND) is True
    assert ask(rule, both, START + 7 * DAY) is False


def test_the_last_word_on_a_purpose_counts_and_the_later_of_one_instant() -> None:
    words = [
        Consent(purpose="profiling", given=True, occurred_at=START, position=1),
        Consent(purpose="profiling", given=False, occurred_at=START + DAY, position=2),
        Consent(purpose="profiling", given=True, occurred_at=START + DAY, position=3),
        Consent(purpose="profiling", given=False, occurred_at=START + 2 * DAY, position=4),
    ]
    asked = history_of("42", events={}, consents=words)
    moments = [-MICROSECOND, NOTHING, DAY - MICROSECOND, DAY, 2 * DAY]
    assert [ask("consent.profiling", asked, START + each) for each in moments] == [None, True, True, True, False]


def test_places_come_from_the_cut_points_of_the_last_build() -> None:
    cuts = cut_points([10, 20, 30, 40], tops=[2])
    asked = person(age=30)
    assert ask("percentile(trait.age)", asked, NOW, cuts) == 0.75
    assert ask("tile(trait.age, 4)", asked, NOW, cuts) == 3
    assert ask("top(trait.age, 2)", asked, NOW, cuts) is True
    assert ask("top(trait.age, 2)", person(age=29), NOW, cuts) is False
    assert ask("percentile(trait.age)", person(), NOW, cuts) is None
    assert ask("percentile(trait.age) >= 0", asked, NOW) is False
    assert ask("top(trait.age, 2)", asked, NOW) is False


@given(st.lists(st.integers(0, 20), min_size=1, max_size=30), st.integers(-1, 21), st.integers(1, 5))
def test_cut_points_place_a_value_as_counting_everybody_would(values: list[int], value: int, n: int) -> None:
    cuts = cut_points(values, tops=[n])
    at_or_below = sum(each <= value for each in values) * 1000 // len(values)
    assert cuts.place(value) == at_or_below
    assert cuts.tile(value, n) == 1 + (sum(each < value for each in values) * 1000 // len(values)) * n // 1000
    assert cuts.is_top(value, n) is (sum(each > value for each in values) < n and value >= min(values))


@settings(max_examples=150)
@given(st.data())
def test_a_person_asked_many_times_answers_as_one_asked_once(data: st.DataObject) -> None:
    rule = inline(check(data.draw(rules_for(CATALOGUE)), CATALOGUE).node, CATALOGUE)
    history = data.draw(histories(fine=True))
    context = data.draw(contexts_for(rule))
    answer, kept = answering(rule, context), Person.keeping(history, 0)
    for days in range(-10, 3):
        kept.now = micros(NOW + days * DAY)
        assert answer(kept) == evaluate(rule, history, instant_of(kept.now), context)


@settings(max_examples=150)
@given(st.data())
def test_events_after_now_change_nothing(data: st.DataObject) -> None:
    rule = inline(check(data.draw(rules_for(CATALOGUE)), CATALOGUE).node, CATALOGUE)
    history = data.draw(histories(fine=True))
    context = data.draw(contexts_for(rule))
    now = NOW - data.draw(st.integers(0, 9)) * DAY
    known = History(
        customer_id=history.customer_id,
        events={
            name: type(rows).in_order(tuple(each for each in rows.items if each.occurred_at <= now))
            for name, rows in history.events.items()
        },
        traits=history.traits,
        scores=history.scores,
        clusters=history.clusters,
        consents=history.consents,
    )
    assert evaluate(rule, history, now, context) == evaluate(rule, known, now, context)
