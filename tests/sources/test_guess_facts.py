"""What the values of a column measure, whatever its name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.records import Kind
from habitue.sources.guess_facts import measure


def test_a_comma_before_two_digits_is_a_decimal_sign() -> None:
    facts = measure(["3,50", "12,00", "1.234,99"])
    assert (facts.kind, facts.decimal, facts.thousands, facts.decimals) == (Kind.NUMBER, ",", ".", 2)


def test_a_comma_before_three_digits_groups_thousands() -> None:
    facts = measure(["1,234", "12,345.50", "7.25"])
    assert (facts.kind, facts.decimal, facts.thousands) == (Kind.NUMBER, ".", ",")


@pytest.mark.parametrize(
    ("cells", "code"), [(["£3.50", "£4"], "GBP"), (["3,50 €", "4,00 €"], "EUR"), (["USD 5"], "USD")]
)
def test_a_currency_sign_beside_figures_makes_them_money(cells: list[str], code: str) -> None:
    facts = measure(cells)
    assert (facts.kind, facts.sign) == (Kind.MONEY, code)


def test_codes_with_letters_are_text_even_when_most_are_numbers() -> None:
    assert measure([*(str(code) for code in range(85_000, 85_090)), "79323P", "POST", "D"]).kind is Kind.TEXT


def test_whole_numbers_written_with_a_fraction_are_seen() -> None:
    facts = measure(["13085.0", "13078.0", None])
    assert (facts.kind, facts.zero_fraction) == (Kind.INTEGER, True)


def test_blanks_and_null_words_count_as_missing() -> None:
    facts = measure(["5", " ", "NULL", None, "7"])
    assert (facts.kind, facts.filled, facts.missing) == (Kind.INTEGER, 0.4, ("NULL",))


def test_na_is_missing_among_figures_and_a_value_among_texts() -> None:
    assert measure(["NA", "1", "2"]).missing == ("NA",)
    assert measure(["NA", "DE", "FR"]).missing == ()


@pytest.mark.parametrize("cells", [["Yes", "No"], ["true", "false"], ["ja", "nein"], ["Y", "N"]])
def test_two_words_for_yes_and_no_are_a_boolean(cells: list[str]) -> None:
    assert measure(cells).kind is Kind.BOOLEAN


def test_a_column_of_addresses_is_seen_as_such() -> None:
    assert measure(["ann@example.com", "bob@example.org"]).emails == 1.0


def test_an_empty_column_is_text_without_values() -> None:
    facts = measure([None, "", " "])
    assert (facts.kind, facts.filled, facts.distinct) == (Kind.TEXT, 0.0, 0)


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1))
def test_whole_numbers_are_whole_numbers(numbers: list[int]) -> None:
    facts = measure([str(number) for number in numbers])
    assert facts.kind is Kind.INTEGER
    assert facts.negatives == pytest.approx(sum(number < 0 for number in numbers) / len(numbers))


@given(st.lists(st.decimals(-(10**6), 10**6, places=2), min_size=1))
def test_figures_with_two_decimals_are_seen_under_either_sign(figures: list[object]) -> None:
    points = measure([str(figure) for figure in figures])
    commas = measure([str(figure).replace(".", ",") for figure in figures])
    assert points.decimal in ("", ".")
    assert commas.decimal in ("", ",")
    assert points.decimals == commas.decimals == 2


@given(st.lists(st.one_of(st.none(), st.text())))
def test_any_cells_at_all_are_measured(cells: list[str | None]) -> None:
    facts = measure(cells, named_as_time=True)
    assert 0 <= facts.filled <= 1
    assert facts.distinct == len(facts.counts)
