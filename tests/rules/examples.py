"""Every term of the language in one small example: a rule, a few people, and the answer for each of them.

All are asked at noon UTC on Sunday, 29 March 2026, in Berlin, the day its clocks went forward.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from habitue.records.durations import parse_duration
from tests.rules.oracle_numbers import Value
from tests.rules.populations import Event, Person, Said, Stored

NOW: Final = datetime(2026, 3, 29, 12, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


def ago(text: str) -> datetime:
    """An instant so long before now: `7d`; a `-` or `+` at its end is a microsecond before or after that."""
    step = {"-": -1, "+": 1}.get(text[-1:], 0)
    return NOW - timedelta(microseconds=parse_duration(text.rstrip("+-"))) + step * MICROSECOND


def at(name: str, when: str, position: int = 0, /, **properties: Stored | None) -> Event:
    """An event so long ago, or at a written UTC time; `position` orders events of one instant."""
    instant = datetime.fromisoformat(when).replace(tzinfo=UTC) if "T" in when else ago(when)
    return Event(name=name, occurred_at=instant, position=position, properties=properties)


def order(when: str, position: int = 0, /, **properties: Stored | None) -> Event:
    """An order."""
    return at("Order Completed", when, position, **properties)


def view(when: str, position: int = 0, /, **properties: Stored | None) -> Event:
    """A product view."""
    return at("Product Viewed", when, position, **properties)


def click(when: str, position: int = 0, /, **properties: Stored | None) -> Event:
    """A click in an e-mail."""
    return at("Email Clicked", when, position, **properties)


@dataclass(frozen=True, slots=True)
class Example:
    """One rule and what it answers.

    Attributes:
        rule: As text.
        people: Each with the answer for them.
    """

    rule: str
    people: tuple[tuple[Person, Value | None], ...]


def someone(*events: Event, consents: tuple[Said, ...] = (), **traits: Stored | None) -> Person:
    """A person with some events and traits; the id is given later."""
    numbered = tuple(replace(each, position=each.position * 1000 + i) for i, each in enumerate(events))
    return Person(customer_id="", events=numbered, traits=traits, consents=consents)


def said(when: str, *, given: bool, position: int = 0) -> Said:
    """What somebody said about marketing e-mail."""
    return Said(purpose="marketing_email", given=given, occurred_at=ago(when), position=position)


def scored(**scores: Stored | None) -> Person:
    """A person with scores of the churn model and a cluster."""
    parts = {"churn" if name == "churn" else f"churn.{name}": value for name, value in scores.items()}
    return Person(customer_id="", scores=parts, clusters={"personas": "hunter"})


def example(rule: str, *people: tuple[Person, Value | None]) -> Example:
    """An example."""
    return Example(rule, people)


M = Decimal
EVENTS: Final = (
    example(
        "did('Order Completed', last='7d')",
        (someone(), False),
        (someone(order("7d")), False),  # the old end is open
        (someone(order("7d+")), True),
        (someone(order("0s")), True),  # now is inside
        (someone(order("0s+")), False),  # what comes later is not seen
        (someone(view("1d")), False),
    ),
    example(
        "did('Order Completed', between=('7d', '1d'))",
        (someone(order("7d")), False),
        (someone(order("7d+")), True),
        (someone(order("1d")), True),
        (someone(order("1d+")), False),
    ),
    example(
        "count('Order Completed', since='2026-03-29')",  # local midnight is 23:00 UTC of the day before
        (someone(order("2026-03-28T22:59:59.999999")), 0),
        (someone(order("2026-03-28T23:00:00"), order("0s")), 2),
    ),
    example(
        "did('Order Completed', today=True)",
        (someone(order("2026-03-28T22:59:59.999999")), False),
        (someone(order("2026-03-28T23:00:00")), True),
    ),
    example(
        "did('Order Completed', this_week=True)",  # from Monday
        (someone(order("2026-03-22T22:59:59.999999")), False),
        (someone(order("2026-03-22T23:00:00")), True),
    ),
    example(
        "did('Order Completed', this_month=True)",
        (someone(order("2026-02-28T22:59:59.999999")), False),
        (someone(order("2026-02-28T23:00:00")), True),
    ),
    example(
        "count('Order Completed', where=items >= 3 and coupon != 'SPRING')",
        (someone(order("1d", items=3, coupon="X"), order("2d", items=2, coupon="X")), 1),
        (someone(order("1d", items=3)), 0),  # a missing coupon is not unequal to anything
    ),
    example(
        "sum('Order Completed'.revenue)",
        (someone(order("1d", revenue=M("0.1")), order("1d", revenue=M("0.2"))), M("0.3")),
        (someone(order("1d")), M(0)),
        (someone(), M(0)),
    ),
    example(
        "sum('Order Completed'.discount) == 0.3",  # numbers compare after rounding to 9 significant decimals
        (someone(order("1d", discount=0.1), order("2d", discount=0.2)), True),
        (someone(order("1d", discount=0.3000001)), False),
    ),
    example(
        "avg('Order Completed'.items)",
        (someone(order("1d", items=1), order("1d", items=2), order("1d")), 1.5),  # missing ones do not count
        (someone(order("1d")), None),
    ),
    example(
        "min('Order Completed'.items)",
        (someone(order("1d", items=4), order("2d", items=-2), order("3d")), -2),
        (someone(), None),
    ),
    example("max('Product Viewed'.price)", (someone(view("1d", price=M("2")), view("2d", price=M("10"))), M(10))),
    example(
        "distinct('Product Viewed'.product_id)",
        (someone(view("1d", product_id="a"), view("2d", product_id="a"), view("3d", product_id="b"), view("4d")), 2),
        (someone(), 0),
    ),
    example(
        "mode('Product Viewed'.product_id)",
        (someone(view("1d", product_id="b"), view("2d", product_id="b"), view("3d", product_id="a")), "b"),
        (someone(view("1d", product_id="b"), view("2d", product_id="a")), "a"),  # of equally many, the smallest
        (someone(view("1d")), None),
    ),
    example(
        "first('Order Completed'.items)",
        (someone(order("1d", items=1), order("2d", items=2)), 2),
        (someone(order("1d", 2, items=1), order("1d", 1, items=2)), 2),  # one instant: by position
        (someone(order("1d", items=1), order("2d")), None),  # of the first event, not the first present
    ),
    example(
        "latest('Order Completed'.items)",
        (someone(order("1d", items=1), order("2d", items=2)), 1),
        (someone(order("1d", 1, items=1), order("1d", 2, items=2)), 2),
    ),
    example("first_at('Order Completed')", (someone(order("1d"), order("2d")), ago("2d")), (someone(), None)),
    example("last_at('Order Completed')", (someone(order("1d"), order("2d"), order("0s+")), ago("1d"))),
    example(
        "since(last_at('Order Completed')) > '1d'",
        (someone(order("1d")), False),
        (someone(order("1d-")), True),
        (someone(), False),
    ),
    example("days(since(last_at('Order Completed')))", (someone(order("1d12h")), 1.5), (someone(), None)),
)
PATHS: Final = (
    example(
        "sequence('Product Viewed', 'Order Completed', 'Email Clicked', within='1d')",
        (someone(view("3d"), order("2d"), click("1d")), True),  # each gap is exactly a day
        (someone(view("3d-"), order("2d"), click("1d")), False),
        (someone(order("3d"), view("2d"), click("1d")), False),
        (someone(view("1d", 1), order("1d", 2), click("1d", 3)), True),
        (someone(view("1d", 2), order("1d", 1), click("1d", 3)), False),
        (someone(view("1d"), order("12h"), click("0s+")), False),
    ),
    example(
        "sequence('Product Viewed', 'Order Completed', within='1d', where=product_id == 'a', last='2d')",
        (someone(view("1d", product_id="a"), order("12h", product_id="b")), True),  # where= is about the first
        (someone(view("1d", product_id="b"), order("12h", product_id="a")), False),
        (someone(view("2d", product_id="a"), order("1d12h")), False),  # last= is about the first
    ),
    example(
        "followed('Product Viewed', by='Order Completed', within='2h')",
        (someone(view("3h"), order("1h")), True),
        (someone(view("3h-"), order("1h")), False),
        (someone(view("1h", 1), order("1h", 2)), True),
        (someone(view("1h", 2), order("1h", 1)), False),
    ),
    example(
        "followed('Product Viewed', by='Order Completed', within='2h', on='product_id')",
        (someone(view("3h", product_id="a"), order("2h", product_id="a")), True),
        (someone(view("3h", product_id="a"), order("2h", product_id="b")), False),
        (someone(view("3h"), order("2h")), False),  # missing is not equal to missing
    ),
    example(
        "unfollowed('Product Viewed', by='Order Completed', within='2h')",
        (someone(view("2h")), True),  # true from the deadline on
        (someone(view("2h+")), False),
        (someone(view("3h"), order("1h")), False),
        (someone(view("3h-"), order("1h")), True),
    ),
    example(
        "unfollowed('Product Viewed', by='Order Completed', within='2h', on='product_id')",
        (someone(view("3h", product_id="a"), order("2h", product_id="b")), True),
        (someone(view("3h"), order("2h")), True),  # a view of nothing in particular is left unanswered
    ),
    example(
        "stopped('Order Completed', after='30d')",
        (someone(order("30d")), True),
        (someone(order("30d+")), False),
        (someone(order("60d"), order("1d")), False),
        (someone(), False),
    ),
    example(
        "regularly('Order Completed', every='7d', periods=2, of=3)",
        (someone(order("0s"), order("7d")), True),  # periods are closed at their new end
        (someone(order("0s"), order("7d+")), False),
        (someone(order("1d"), order("21d")), False),
        (someone(order("1d"), order("21d+")), True),
    ),
    example(
        "change(count('Order Completed'), last='7d')",
        (someone(order("1d"), order("2d"), order("7d")), 2.0),
        (someone(order("1d")), None),  # nothing before
        (someone(order("8d")), 0.0),
    ),
)
VALUES: Final = (
    example(
        "trait.country == 'DE'",
        (someone(country="DE"), True),
        (someone(country="de"), False),
        (someone(), False),
    ),
    example("not trait.country == 'DE'", (someone(country="DE"), False), (someone(), True)),
    example("trait.country != 'DE'", (someone(country="FR"), True), (someone(), False)),
    example("trait.country not in ['DE', 'FR']", (someone(country="IT"), True), (someone(), False)),
    example("exists(trait.country)", (someone(country=""), True), (someone(), False)),
    example("exists(trait.home)", (someone(home_lat=1.0, home_lon=2.0), True), (someone(home_lat=1.0), False)),
    example("18 <= trait.age < 65", (someone(age=18), True), (someone(age=65), False), (someone(), False)),
    example("trait.age / 0 == trait.age / 0 or trait.age + 1 == 42", (someone(age=41), True), (someone(age=1), False)),
    example("-trait.age * 2 + 1", (someone(age=3), -5), (someone(), None), (someone(age=10**18), None)),
    example("trait.credit + 0.25", (someone(credit=M("0.1")), M("0.35")), (someone(), None)),
    example("trait.age > 2.5", (someone(age=3), True), (someone(age=2), False)),
    example(
        "trait.joined_at >= '2026-03-29'",
        (someone(joined_at=ago("13h")), True),
        (someone(joined_at=ago("13h-")), False),
    ),
    example("contains(lower(trait.country), 'str')", (someone(country="STRASSE"), True), (someone(), False)),
    example("contains(trait.country, '%')", (someone(country="100%"), True), (someone(country="100"), False)),
    example("startswith(trait.country, 'a_')", (someone(country="a_b"), True), (someone(country="abc"), False)),
    example('endswith(trait.country, "\'")', (someone(country="it'"), True), (someone(country="it"), False)),
    example("matches(trait.country, '^D[EK]$')", (someone(country="DK"), True), (someone(country="DKK"), False)),
    example("default(trait.age, 18) >= 18", (someone(), True), (someone(age=17), False)),
    example(
        "when(trait.age >= 18, trait.country)", (someone(age=18, country="DE"), "DE"), (someone(country="DE"), None)
    ),
    example(
        "distance_km(trait.home, (52.5, 13.4)) < 505",
        (someone(home_lat=48.1, home_lon=11.6), False),
        (someone(home_lat=52.4, home_lon=13.1), True),
        (someone(home_lat=52.4), False),
    ),
    example("bucket('autumn') == 7427", (someone(), False)),
    example("score.churn >= 0.6 and score.churn.decile == 9", (scored(churn=0.6, decile=9), True), (someone(), False)),
    example("score.churn.low < score.churn.high", (scored(churn=0.5, low=0.4, high=0.6), True)),
    example("cluster.personas == 'hunter'", (scored(), True), (someone(), False)),
    example(
        "consent.marketing_email",
        (someone(), None),  # never asked is missing, and so not true
        (someone(consents=(said("0s", given=True),)), True),
        (someone(consents=(said("0s+", given=True),)), None),
        (someone(consents=(said("1d", given=False, position=1), said("2d", given=True, position=2))), False),
        (someone(consents=(said("1d", given=False, position=1), said("1d", given=True, position=2))), True),
    ),
    example("segment.loyal", (someone(order("1d"), order("2d")), True), (someone(order("7d"), order("8d")), False)),
    example(
        "segment.reachable",  # its purpose is marketing e-mail
        (someone(view("1d")), False),
        (someone(view("1d"), consents=(said("1d", given=True),)), True),
    ),
    example("feature.orders_30d * 2", (someone(order("1d")), 2), (someone(), 0)),
    example("feature.spend_30d", (someone(order("1d", revenue=M(5))), None)),  # nobody agreed to profiling
)
_TEN: Final = tuple(someone(age=n) for n in (10, 20, 30, 40, 50, 60, 70, 80, 80, 100))
PLACES: Final = (
    example(
        "percentile(trait.age)",  # the share at or below
        *zip(_TEN, (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.9, 0.9, 1.0), strict=True),
        (someone(), None),
    ),
    example(
        "top(trait.age, 2)",  # ties in
        *zip(_TEN, [*[False] * 7, True, True, True], strict=True),
        (someone(), False),
    ),
    example(
        "tile(trait.age, 5)",  # by the share strictly below
        *zip(_TEN, (1, 1, 2, 2, 3, 3, 4, 4, 4, 5), strict=True),
        (someone(), None),
    ),
)
_HOME: Final = {"household": "h1"}
_SHARED: Final = (  # two in one household, two in another, one by themselves; the middle two share an account
    replace(someone(order("1d"), country="DE"), groups=_HOME),
    replace(someone(country="FR"), groups={**_HOME, "account": "a1"}),
    replace(someone(order("9d"), country="FR"), groups={"household": "h2", "account": "a1"}),
    replace(someone(order("8d")), groups={"household": "h2"}),
    someone(order("2d")),
    someone(),
)


def _shared(answers: str) -> Iterator[tuple[Person, Value | None]]:
    """These people, each with `y` or `n`."""
    return ((person, answer == "y") for person, answer in zip(_SHARED, answers, strict=True))


RELATIONS: Final = (
    example(
        "any(household, did('Order Completed', last='7d'))",
        *_shared("yynnyn"),
    ),
    example("all(household, did('Order Completed'))", *_shared("nnyyyn")),
    example("none(household, trait.country == 'FR')", *_shared("nnnnyy")),
    example("any(account, did('Order Completed'))", *_shared("yyyyyn")),
    example(
        "any(household, percentile(count('Order Completed')) < 0.5) and not did('Order Completed')",
        *_shared("nynnny"),
    ),
)
EXAMPLES: Final = (*EVENTS, *PATHS, *VALUES, *PLACES)
