"""What reading promises: the tree of a text, or an error that points at the column and says what to do."""

import pytest

from habitue.records import Kind
from habitue.rules import RuleError, read, read_row
from habitue.rules.nodes import Aggregate, And, Compare, Constant, IsIn, Name, Negative, Not, Or, Property, Window
from habitue.rules.terms import DEEPEST, LONGEST_TEXT, MOST_TOKENS

FAULTS = [
    # text, code, column, a piece of what is said, a piece of what to do
    ("", "RULE-SYNTAX", 0, "empty", "did("),
    ("did('A'", "RULE-SYNTAX", 4, "cannot be read here", "parentheses"),
    ("did('A') &&", "RULE-SYNTAX", 11, "cannot be read here", "parentheses"),
    ("trait.age = 3", "RULE-SYNTAX", 11, "cannot be read here", "=="),
    ("  trait.age is 3", "RULE-SYNTAX", 3, "`is`", "=="),
    ("did(A)", "RULE-SYNTAX", 5, "as text in quotes", "quotes"),
    ("did()", "RULE-SYNTAX", 1, "takes 1 argument", "did('Order Completed'"),
    ("did('A'.x)", "RULE-SYNTAX", 5, "about the event itself", "without a property"),
    ("sum('A')", "RULE-SYNTAX", 5, "needs a property", "sum('Order Completed'.revenue)"),
    ("did('A', lst='7d')", "RULE-SYNTAX", 14, "takes no lst=", "Did you mean last=?"),
    ("did('A', last='7d', since='2026-01-01')", "RULE-SYNTAX", 27, "cannot stand together", "Keep one"),
    ("did('A', last='7 days')", "RULE-SYNTAX", 15, "'7 days' is not a length of time", "30d"),
    ("did('A', last='0d')", "RULE-SYNTAX", 15, "longer than nothing", "7d"),
    ("did('A', between=('7d', '30d'))", "RULE-SYNTAX", 18, "from the older end to the newer", "Turn"),
    ("did('A', today=False)", "RULE-SYNTAX", 16, "switched on with True", "True"),
    ("did('A', where=did('B'))", "RULE-SYNTAX", 16, "did() cannot stand in a condition", "text functions"),
    ("did('A', where=trait.age > 1)", "RULE-SYNTAX", 16, "names its properties alone", "without a dot"),
    ("sequence('A', 'B')", "RULE-SYNTAX", 1, "needs within=", "Add within="),
    ("regularly('A', every='7d', periods=5, of=4)", "RULE-SYNTAX", 36, "from 1 to 4", "Mend"),
    ("cuont('A') > 1", "RULE-UNKNOWN-NAME", 1, "'cuont'", "Did you mean 'count'?"),
    ("trat.age > 1", "RULE-UNKNOWN-NAME", 1, "'trat'", "Did you mean 'trait'?"),
    ("age > 1", "RULE-SYNTAX", 1, "'age' stands alone", "trait.age"),
    ("trait > 1", "RULE-SYNTAX", 1, "needs a name after it", "trait.NAME"),
    ("count > 1", "RULE-SYNTAX", 1, "is a function", "count(…)"),
    ("score.churn.high.x > 1", "RULE-SYNTAX", 1, "too many parts", ".decile"),
    ("trait.country in []", "RULE-SYNTAX", 18, "list of constants", "['a', 'b']"),
    ("trait.country in [trait.x]", "RULE-SYNTAX", 19, "not a constant", "quotes"),
    ("trait.age > 10 ** 3", "RULE-SYNTAX", 13, "operator", "+ - * /"),
    ("trait.age > 1000000000000001", "RULE-SYNTAX", 13, "10^15", "smaller"),
    ("trait.age > 1e999", "RULE-SYNTAX", 13, "10^15", "smaller"),
    ("[x for x in trait]", "RULE-SYNTAX", 1, "A comprehension", "and, or, not"),
    ("lambda: 1", "RULE-SYNTAX", 1, "A function definition", "and, or, not"),
    ("f'{trait.x}' == 'a'", "RULE-SYNTAX", 1, "An f-string", "and, or, not"),
    ("trait.a[0] == 1", "RULE-SYNTAX", 1, "Indexing", "and, or, not"),
    ("trait.__class__.__init__()", "RULE-SYNTAX", 1, "Only the functions of the language", "contains("),
    ("1 if did('A') else 2", "RULE-SYNTAX", 1, "`if … else`", "and, or, not"),
    ("did('A') # never mind", "RULE-SYNTAX", 10, "no comments", "#"),
    ("trait.x == 'a\0'", "RULE-SYNTAX", 14, "NUL", "Take it out"),
    ("distance_km(trait.home, (91, 0)) < 1", "RULE-SYNTAX", 25, "-90 to 90", "(52.5, 13.4)"),
    ("distance_km(score.x, (1, 0)) < 1", "RULE-SYNTAX", 13, "from a trait", "trait.location"),
]


@pytest.mark.parametrize(("text", "code", "column", "what", "do"), FAULTS, ids=[each[0] or "empty" for each in FAULTS])
def test_a_fault_is_shown_where_it_stands_with_what_to_do(
    text: str, code: str, column: int, what: str, do: str
) -> None:
    with pytest.raises(RuleError) as caught:
        read(text)
    error = caught.value
    assert (error.code, error.column) == (code, column), str(error)
    assert what in error.what
    assert do in error.do


def test_the_column_counts_characters_not_bytes_and_lines_as_blanks() -> None:
    with pytest.raises(RuleError) as caught:
        read("trait.city == 'Zürich 😀' and\n  cuont('A')")
    assert caught.value.column == len("trait.city == 'Zürich 😀' and\n  c")


def test_the_rule_of_the_language_nests_as_written() -> None:
    tree = read("not (did('A', where=x == 1, last='7d') or trait.a in ('b', 'c')) and -trait.n * 2 < 1")
    assert isinstance(tree, And)
    denied, compared = tree.parts
    assert isinstance(denied, Not)
    assert isinstance(denied.operand, Or)
    did, among = denied.operand.parts
    assert isinstance(did, Aggregate)
    assert did.window == Window(kind="last", older=7 * 86_400_000_000)
    assert did.where == Compare(op="==", left=Property(name="x"), right=read("1"))
    assert isinstance(among, IsIn)
    assert [each.value for each in among.options] == ["b", "c"]
    assert isinstance(compared, Compare)
    assert compared.op == "<"


def test_a_sign_before_a_number_is_part_of_it_and_before_anything_else_is_not() -> None:
    assert read("-3") == Constant(value=-3, kind=Kind.INTEGER)
    assert read("-trait.n") == Negative(operand=Name(space="trait", name="n"))


def test_chained_comparisons_are_all_meant() -> None:
    assert read("1 < trait.n <= 3") == read("1 < trait.n and trait.n <= 3")


def test_equal_texts_at_other_places_are_equal_trees() -> None:
    assert read("did('A')") == read("   did( 'A' )")


@pytest.mark.parametrize(
    "text",
    [
        "x" * (LONGEST_TEXT + 1),
        "(" * (DEEPEST + 1) + "1" + ")" * (DEEPEST + 1),
        "not " * (DEEPEST + 1) + "did('A')",
        "did('A')" + " and did('A')" * MOST_TOKENS,
        "1" + " + 1" * (DEEPEST + 1),
    ],
    ids=["long", "nested", "denied", "wordy", "summed"],
)
def test_what_is_too_large_is_refused_before_it_costs_anything(text: str) -> None:
    with pytest.raises(RuleError) as caught:
        read(text)
    assert caught.value.code == "RULE-LIMIT"


def test_a_row_expression_names_fields_and_nothing_else() -> None:
    assert isinstance(read_row("quantity > 0 and contains(name, 'x')"), And)
    with pytest.raises(RuleError, match="cannot stand in a condition"):
        read_row("count('A') > 1")
