"""What each role is shown of metrics, and whom they count."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.govern.suppression import LEAST_GROUP
from habitue.measure.metrics import Value
from habitue.run.measuring_hidden import Rest, hidden_values
from tests.projects import put
from tests.terminal import answer, habitue

METRIC = """metric: writable_orders
label: Orders of people we may write to
unit: count
purpose: letters
see: [admin, analyst]
of: {figure: count, event: Order Completed}
"""
PURPOSE = "purpose: letters\nlabel: Letters\n"
YEAR = ("--since", "2026-01-01", "--until", "2026-04-01")


def value_of(shop: Path, metric: str, *more: str) -> object:
    return answer("measure", metric, *YEAR, "--project", shop, *more)["whole"]["value"]


def test_nobody_without_people_sees_a_figure_of_five(shop: Path) -> None:
    seen = answer("measure", "revenue", *YEAR, "--by", "coupon", "--as", "executive", "--project", shop)
    assert seen["whole"]["hidden"]
    assert (seen["whole"]["value"], seen["whole"]["customers"]) == (None, None)
    # The names of groups of few are values of few.
    assert (seen["cells"], seen["withheld"]) == ([], 2)
    assert answer("measure", "revenue", *YEAR, "--project", shop)["whole"]["value"] == 368.62


def test_a_hidden_value_says_so_in_the_terminal(shop: Path) -> None:
    found = habitue("measure", "revenue", *YEAR, "--as", "executive", "--project", shop)
    assert found.code == 0
    assert "Revenue: about <10" in found.out
    assert "368" not in found.out


@given(table=st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=3), min_size=1, max_size=4))
def test_no_row_column_or_whole_gives_a_hidden_value_of_few_away(table: list[list[int]]) -> None:
    values = [Value(value=each, people=(each,), base=each) for row in table for each in row]
    places = [list(range(3 * row, 3 * row + 3)) for row in range(len(table))]
    slices = [list(range(len(values))), *places, *([row[column] for row in places] for column in range(3))]
    hidden = hidden_values(values, slices)
    assert all(place in hidden for place, each in enumerate(values) if each.base < LEAST_GROUP)
    for whole in slices:
        left = [values[place].base for place in whole if place in hidden]
        if any(left) and len(left) < len(whole):
            # However much the hidden groups overlap, together they are as many as the largest of them.
            assert max(left) >= LEAST_GROUP


@pytest.mark.parametrize(
    ("people", "rest", "is_hidden"),
    [
        ((97, 100), Rest(of=1), True),
        ((90, 100), Rest(of=1), False),
        ((100, 100), Rest(of=1), False),
        ((97, 100), Rest(), False),
        ((97,), Rest(everybody=100), True),
        ((90,), Rest(everybody=100), False),
    ],
)
def test_a_value_that_leaves_few_people_over_is_hidden(people: tuple[int, ...], rest: Rest, is_hidden: bool) -> None:
    value = Value(value=1.0, people=people, base=people[-1])
    assert bool(hidden_values([value], [[0]], rest)) is is_hidden


def test_only_people_with_a_basis_count_for_a_metric_with_a_purpose(shop: Path) -> None:
    put(shop / "policies/purposes.yaml", PURPOSE)
    put(shop / "metrics/orders.yaml", METRIC)
    answer("build", "--project", shop)
    assert value_of(shop, "writable_orders") == 0
    answer("privacy", "consent", "user_id:ann", "--give", "letters", "--source", "shop", "--project", shop)
    assert value_of(shop, "writable_orders") == 3
    assert habitue("measure", "writable_orders", "--as", "executive", "--project", shop, "--json").error["code"] == (
        "ROLE-FORBIDDEN"
    )
    listed = [each["metric"] for each in answer("measure", "--as", "executive", "--project", shop)]
    assert "writable_orders" not in listed
    assert "revenue" in listed


def test_people_whose_data_is_restricted_never_count(shop: Path) -> None:
    assert value_of(shop, "orders") == 8
    answer("privacy", "consent", "user_id:ann", "--restrict", "--source", "letter", "--project", shop)
    assert value_of(shop, "orders") == 5
    assert value_of(shop, "new_customers") == 4


@pytest.mark.parametrize(
    ("figure", "code"),
    [
        ("{figure: count, event: Order Complete}", "METRIC-FIGURE"),
        ("{figure: sum, event: Order Completed, property: coupon}", "METRIC-FIGURE"),
        ("{figure: sum, event: Order Completed}", "METRIC-FIGURE"),
        ("{figure: count, event: Order Completed, holds: did('Order Completed')}", "METRIC-FIGURE"),
        ("{segment: nobody}", "RULE-UNKNOWN-NAME"),
        ("[]", "FIELD-VALUE"),
        ("{figure: counted, event: Order Completed}", "FIELD-VALUE"),
    ],
)
def test_a_metric_that_cannot_be_reckoned_is_a_fault_of_its_file(shop: Path, figure: str, code: str) -> None:
    put(shop / "metrics/mine.yaml", f"metric: mine\nof: {figure}\n")
    faults = habitue("check", "--project", shop, "--json").json["faults"]
    assert {(each["file"], each["code"]) for each in faults} == {("metrics/mine.yaml", code)}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["revenu"], "METRIC-UNKNOWN"),
        (["revenue", "--by", "county"], "DIMENSION"),
        (["revenue", "--by", "coupon", "--by", "coupon"], "DIMENSION"),
        (["churned_share", "--by", "coupon"], "DIMENSION"),
        (["revenue", "--every", "fortnight"], "PERIOD"),
        (["revenue", "--since", "2026-02-01", "--until", "2026-01-01"], "PERIOD"),
        (["revenue", "--since", "1990-01-01", "--every", "day"], "PERIOD"),
    ],
)
def test_what_cannot_be_asked_is_said(shop_project: Path, words: list[str], code: str) -> None:
    found = habitue("measure", *words, "--project", shop_project, "--json")
    assert (found.code, found.error["code"]) == (1, code)


def test_a_metric_of_the_project_takes_the_place_of_a_shipped_one(shop: Path) -> None:
    text = "metric: revenue\nlabel: Mine\nof: {figure: max, event: Order Completed, property: revenue}\n"
    put(shop / "metrics/mine.yaml", text)
    assert value_of(shop, "revenue") == 200
    (entry,) = [each for each in answer("measure", "--project", shop) if each["metric"] == "revenue"]
    assert (entry["label"], entry["shipped"]) == ("Mine", False)


def test_figures_that_are_added_count_as_often_as_they_say(shop: Path) -> None:
    text = """metric: balance
of:
  - {figure: count, event: Order Completed, where: revenue > 20, times: 10}
  - {figure: count, event: Order Completed, where: revenue <= 20, times: -1}
over: {figure: customers, event: Order Completed}
"""
    put(shop / "metrics/mine.yaml", text)
    # 20.50, 80, 200 and 33.10 against 12, 5.25, 10 and 7.77, of five people.
    assert value_of(shop, "balance") == (4 * 10 - 4) / 5
