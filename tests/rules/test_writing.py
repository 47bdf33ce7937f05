"""What writing promises: the text of a tree reads back as that tree, in its shortest form."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given

from habitue.records import Kind
from habitue.rules.nodes import Constant, Node
from habitue.rules.reading import read, read_row
from habitue.rules.writing import write
from tests.rules.strategies import nodes, row_nodes


@given(nodes())
def test_what_is_written_reads_back_as_the_same_tree(node: Node) -> None:
    assert read(write(node)) == node


@given(row_nodes())
def test_what_is_written_of_a_condition_reads_back_as_the_same_tree(node: Node) -> None:
    assert read_row(write(node)) == node


@given(nodes())
def test_writing_twice_changes_nothing(node: Node) -> None:
    assert write(read(write(node))) == write(node)


@pytest.mark.parametrize(
    "text",
    [
        "did('Product Viewed', where=product_id == 'X', last='7d') and not did('Order Completed', last='7d')",
        "unfollowed('Product Viewed', by='Product Ordered', within='7d', on='product_id', last='30d')",
        "count('Email Link Clicked', where=campaign_type == 'promo', last='7d') >= 2",
        "unfollowed('Cart Viewed', by='Order Completed', within='1d', where=items >= 3, last='7d')",
        "score.purchase_30d >= 0.6 and consent.marketing_email",
        "percentile(feature.spend_365d) >= 0.9 and feature.orders_365d >= 4",
        "stopped('Session', after='21d') and feature.orders_365d >= 2 and not segment.cart_abandoner",
        "sum('Order Completed'.revenue, between=('30d', '7d')) / 2 - 1.5 > -3",
        "did('A', since='2026-01-01') or did('A', today=True) or did('A', this_week=True)",
        "not (segment.a or segment.b) and (segment.c or segment.d)",
        "trait.a - (trait.b - trait.c) * -2 == -(trait.d + 1)",
        "trait.country in ['DE', 'AT'] and trait.age not in [1, 2.5, True]",
        "distance_km(trait.location, (52.5, 13.4)) < 50.0",
        "sequence('A', 'B', 'C', within='1d') and regularly('A', every='7d', periods=4, of=6)",
        "since(last_at('Session')) > '30d' and days(since(first_at('Session'))) < 3",
        "default(score.churn.decile, 0) >= 9 and tile(feature.x, 5) == 5 and top(feature.x, 100)",
        "change(count('Session'), last='30d') < 0.5 and bucket('test') < 5000",
        "lower(trait.city) == 'it\\'s' and matches(trait.city, '^\\\\d+$')",
    ],
)
def test_canonical_text_is_written_as_it_was_read(text: str) -> None:
    assert write(read(text)) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("((did('A')))", "did('A')"),
        ("(did('A') and (did('B') or did('C')))", "did('A') and (did('B') or did('C'))"),
        ("(did('A') and did('B')) or did('C')", "did('A') and did('B') or did('C')"),
        ("did('A') and (did('B') and did('C'))", "did('A') and (did('B') and did('C'))"),
        ("1 < trait.x < 3", "1 < trait.x and trait.x < 3"),
        ('did("A", last="168h")', "did('A', last='7d')"),
        ("trait.x == 1e3", "trait.x == 1000.0"),
        ("trait.x == --1", "trait.x == 1"),
        ("trait.x in ('a',)", "trait.x in ['a']"),
    ],
)
def test_other_spellings_are_written_the_canonical_way(text: str, written: str) -> None:
    assert write(read(text)) == written


@pytest.mark.parametrize(
    ("constant", "written"),
    [
        (Constant(value=Decimal("12.5000"), kind=Kind.MONEY), "12.5"),
        (Constant(value=Decimal("1E+2"), kind=Kind.MONEY), "100"),
        (Constant(value=datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), kind=Kind.TIME), "'2026-01-02T03:04:05.000006Z'"),
        (Constant(value=129_600_000_000, kind=Kind.DURATION), "'1d12h'"),
    ],
)
def test_settled_constants_are_written_as_a_person_would(constant: Constant, written: str) -> None:
    assert write(constant) == written
