"""What checking promises: names and kinds that fit, or an error at the column; what passes, every reading answers."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from habitue.records import Kind
from habitue.rules import Definition, RuleError, check, check_condition, check_row, read, read_row
from habitue.rules.nodes import Compare, Constant
from tests.rules.example_catalogue import CATALOGUE

FAULTS = [
    # rule, code, column, a piece of what is said, a piece of what to do
    ("did('Order Complete')", "RULE-UNKNOWN-NAME", 1, "event", "Did you mean 'Order Completed'?"),
    ("sum('Order Completed'.revenu) > 1", "RULE-UNKNOWN-NAME", 1, "property", "Did you mean 'revenue'?"),
    ("did('Order Completed', where=revenu > 1)", "RULE-UNKNOWN-NAME", 30, "property", "Did you mean 'revenue'?"),
    ("trait.contry == 'DE'", "RULE-UNKNOWN-NAME", 1, "trait", "Did you mean 'country'?"),
    ("feature.nothing_like_it > 1", "RULE-UNKNOWN-NAME", 1, "feature", "Known: "),
    ("segment.loyl", "RULE-UNKNOWN-NAME", 1, "segment", "Did you mean 'loyal'?"),
    ("score.chrn > 0.5", "RULE-UNKNOWN-NAME", 1, "score", "Did you mean 'churn'?"),
    ("cluster.persona == 'a'", "RULE-UNKNOWN-NAME", 1, "cluster", "Did you mean 'personas'?"),
    ("consent.email", "RULE-UNKNOWN-NAME", 1, "consent", "Known: 'marketing_email'"),
    ("trait.age == '3'", "RULE-TYPE", 14, "a text where a whole number", "without quotes"),
    ("trait.country == 3", "RULE-TYPE", 18, "a whole number where a text", "within them"),
    ("trait.country > 'A'", "RULE-TYPE", 1, "A text has no order", "== or !="),
    ("trait.country == trait.age", "RULE-TYPE", 1, "cannot be compared", "one kind"),
    ("trait.age and did('Order Completed')", "RULE-TYPE", 1, "and needs true or false", "Compare it"),
    ("not trait.age", "RULE-TYPE", 5, "not needs true or false", "Compare it"),
    ("trait.country + 1 > 2", "RULE-TYPE", 1, "+ needs a whole number", "Compare it"),
    ("sum('Order Completed'.coupon) > 1", "RULE-TYPE", 1, "sum() needs", "another term"),
    ("max('Order Completed'.coupon) == 'a'", "RULE-TYPE", 1, "max() needs", "another term"),
    ("did('Order Completed', where=items)", "RULE-TYPE", 30, "where= needs true or false", "Compare it"),
    ("did('Order Completed', since='yesterday')", "RULE-TYPE", 1, "'yesterday' is not a date or time", "2026-01-31"),
    ("last_at('Order Completed') > 'soon'", "RULE-TYPE", 30, "'soon' is not a date or time", "2026-01-31"),
    ("since(last_at('Order Completed')) > '30 days'", "RULE-TYPE", 37, "'30 days' is not a length of time", "30d"),
    ("since(trait.age) > '30d'", "RULE-TYPE", 1, "since() needs a time", "another term"),
    ("exists(since(trait.joined_at))", "RULE-TYPE", 1, "exists() needs", "another term"),
    ("default(since(trait.joined_at), '1d') > '3d'", "RULE-TYPE", 1, "default() needs", "another term"),
    ("matches(trait.country, '(?=a)')", "RULE-TYPE", 1, "not an RE2 pattern", "Look-around"),
    ("matches(trait.country, '(a+)+\\\\1')", "RULE-TYPE", 1, "not an RE2 pattern", "back-references"),
    ("contains(trait.age, '1')", "RULE-TYPE", 1, "contains() needs a text", "another term"),
    ("top(trait.country, 3)", "RULE-TYPE", 5, "top() needs a whole number", "another term"),
    ("distance_km(trait.age, (1, 2)) < 3", "RULE-TYPE", 1, "distance_km() needs a location", "another term"),
    ("trait.home == trait.home", "RULE-TYPE", 1, "A location cannot be compared", "one kind"),
    ("change(count('Order Completed', last='7d'), last='30d') > 1", "RULE-TYPE", 8, "sets the window", "window out"),
    ("change(feature.orders_30d, last='30d') > 1", "RULE-TYPE", 1, "sets the window", "window out"),
    (
        "unfollowed('Order Completed', by='Email Clicked', within='1d', on='items')",
        "RULE-UNKNOWN-NAME",
        1,
        "'items'",
        "",
    ),
    ("percentile(" * 9 + "trait.age" + ")" * 9 + " > 0.5", "RULE-LIMIT", 0, "8 places", "Split it"),
]


@pytest.mark.parametrize(("text", "code", "column", "what", "do"), FAULTS, ids=[each[0] for each in FAULTS])
def test_what_does_not_fit_the_project_is_shown_where_it_stands(
    text: str, code: str, column: int, what: str, do: str
) -> None:
    with pytest.raises(RuleError) as caught:
        check(read(text), CATALOGUE)
    error = caught.value
    assert (error.code, error.column) == (code, column), str(error)
    assert what in error.what, error.what
    assert do in error.do, error.do


KINDS = [
    ("did('Order Completed')", Kind.BOOLEAN),
    ("count('Order Completed')", Kind.INTEGER),
    ("sum('Order Completed'.items)", Kind.INTEGER),
    ("sum('Order Completed'.revenue)", Kind.MONEY),
    ("sum('Order Completed'.discount)", Kind.NUMBER),
    ("avg('Order Completed'.items)", Kind.NUMBER),
    ("max('Product Viewed'.released_on)", Kind.TIME),
    ("distinct('Product Viewed'.product_id)", Kind.INTEGER),
    ("latest('Order Completed'.coupon)", Kind.TEXT),
    ("last_at('Order Completed')", Kind.TIME),
    ("trait.credit + 1", Kind.MONEY),
    ("trait.credit + 0.00001", Kind.NUMBER),
    ("trait.credit * trait.age", Kind.MONEY),
    ("trait.credit * trait.credit", Kind.NUMBER),
    ("trait.age + trait.age", Kind.INTEGER),
    ("trait.age / 2", Kind.NUMBER),
    ("default(trait.age, 0.5)", Kind.NUMBER),
    ("default(trait.credit, 0.5)", Kind.MONEY),
    ("default(trait.credit, 0.00001)", Kind.NUMBER),
    ("when(trait.age > 1, trait.country)", Kind.TEXT),
    ("percentile(trait.age)", Kind.NUMBER),
    ("tile(trait.age, 5)", Kind.INTEGER),
    ("days(since(trait.joined_at))", Kind.NUMBER),
    ("score.churn.decile", Kind.INTEGER),
    ("feature.spend_30d", Kind.MONEY),
]


@pytest.mark.parametrize(("text", "kind"), KINDS, ids=[each[0] for each in KINDS])
def test_a_value_has_its_kind(text: str, kind: Kind) -> None:
    assert check(read(text), CATALOGUE).kind is kind


def test_constants_take_the_kind_they_are_compared_with() -> None:
    settled = check(read("trait.joined_at >= '2026-03-29'"), CATALOGUE).node
    assert isinstance(settled, Compare)
    assert isinstance(settled.right, Constant)
    assert str(settled.right.value) == "2026-03-28 23:00:00+00:00"
    assert settled.right.kind is Kind.TIME


def test_a_rule_that_gives_no_answer_is_no_rule() -> None:
    with pytest.raises(RuleError, match="needs true or false"):
        check_condition(read("count('Order Completed')"), CATALOGUE)
    for text in ("since(trait.joined_at)", "trait.home"):
        with pytest.raises(RuleError, match="cannot give"):
            check(read(text), CATALOGUE)


def test_definitions_that_name_each_other_are_refused_with_the_whole_circle() -> None:
    rules = {"a": "segment.b and did('Order Completed')", "b": "feature.c > 1", "d": "segment.d"}
    circle = replace(
        CATALOGUE,
        segments={name: Definition(name=name, rule=read(rule)) for name, rule in rules.items()},
        features={"c": Definition(name="c", rule=read("when(segment.a, 1)"))},
    )
    with pytest.raises(RuleError, match=r"segment\.a → segment\.b → feature\.c → segment\.a") as caught:
        check(read("segment.a"), circle)
    assert caught.value.code == "RULE-CYCLE"
    with pytest.raises(RuleError, match=r"segment\.d → segment\.d"):
        check(read("segment.d"), circle)


def test_a_feature_cannot_be_a_length_of_time_or_a_place() -> None:
    for rule in ("since(trait.joined_at)", "trait.home"):
        wrong = replace(CATALOGUE, features={"f": Definition(name="f", rule=read(rule))})
        with pytest.raises(RuleError, match="feature's rule cannot give"):
            check(read("exists(feature.f)"), wrong)


def test_a_condition_on_one_event_may_not_grow_without_bounds() -> None:
    nested = "discount"
    for _ in range(6):
        nested = f"when({nested} > 1, discount)"
    with pytest.raises(RuleError, match="steps over one row"):
        check(read(f"did('Order Completed', where={nested} > 1)"), CATALOGUE)
    tall = "1 + (" * 30 + "items" + ")" * 30
    with pytest.raises(RuleError, match="levels over one row"):
        check(read(f"did('Order Completed', where={tall} > 1)"), CATALOGUE)


def test_a_row_expression_is_checked_against_the_fields_of_the_row() -> None:
    fields = {"quantity": Kind.INTEGER, "price": Kind.MONEY}
    assert check_row(read_row("quantity * price"), fields, CATALOGUE).kind is Kind.MONEY
    with pytest.raises(RuleError, match="No field is called 'prize'"):
        check_row(read_row("quantity * prize"), fields, CATALOGUE)


def test_dates_are_local_midnights_of_the_projects_zone() -> None:
    kolkata = replace(CATALOGUE, zone=ZoneInfo("Asia/Kolkata"))
    settled = check(read("trait.joined_at in ['2026-03-29', '2026-03-29T12:00:00Z']"), kolkata).node
    assert "2026, 3, 28, 18, 30" in repr(settled)
    assert "2026, 3, 29, 12, 0" in repr(settled)
