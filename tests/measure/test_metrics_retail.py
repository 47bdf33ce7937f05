"""Metrics of online_retail equal queries written by hand, to the penny."""

from pathlib import Path

import pytest

from tests.measure.shops import by_hand, online_retail
from tests.terminal import Json, answer

pytestmark = pytest.mark.public_data
SUMMER = ("2010-06-01 00:00:00", "2010-09-01 00:00:00")


@pytest.fixture(scope="module")
def retail(tmp_path_factory: pytest.TempPathFactory, public_data: Path) -> Path:
    return online_retail(tmp_path_factory.mktemp("retail") / "shop", public_data)


def measured(retail: Path, metric: str, *more: str) -> Json:
    words = ("--since", "2010-06-01", "--until", "2010-09-01", "--project", retail, "--limit", 100)
    return answer("measure", metric, *words, *more)


def cells(found: Json, *names: str) -> list[tuple[object, ...]]:
    return sorted(tuple(each[name] for name in names) for each in found["cells"])


def test_revenue_of_a_summer_by_country_equals_a_query_by_hand(retail: Path) -> None:
    query = """
        SELECT c.country, CAST(sum(revenue) AS DOUBLE), count(DISTINCT customer_id)
        FROM orders JOIN customers c USING (customer_id)
        WHERE "at" >= ? AND "at" < ? GROUP BY 1 ORDER BY 1
    """
    found = measured(retail, "revenue", "--by", "trait.country")
    got = sorted((each["groups"][0], each["value"], each["customers"]) for each in found["cells"] if each["customers"])
    assert got == by_hand(retail, query, *SUMMER)


def test_orders_and_customers_of_each_month_equal_a_query_by_hand(retail: Path) -> None:
    query = """
        SELECT strftime(date_trunc('month', "at"), '%Y-%m-%d'), count(*), count(DISTINCT customer_id)
        FROM orders WHERE "at" >= ? AND "at" < ? GROUP BY 1 ORDER BY 1
    """
    found = measured(retail, "orders", "--every", "month")
    assert cells(found, "step", "value", "customers") == by_hand(retail, query, *SUMMER)


def test_new_customers_of_each_week_equal_a_query_by_hand(retail: Path) -> None:
    query = """
        WITH firsts AS (SELECT customer_id, min("at") AS first_at FROM orders GROUP BY 1)
        SELECT strftime(date_trunc('week', first_at), '%Y-%m-%d'), count(*)
        FROM firsts WHERE first_at >= ? AND first_at < ? GROUP BY 1 ORDER BY 1
    """
    found = measured(retail, "new_customers", "--every", "week")
    assert cells(found, "step", "value") == by_hand(retail, query, *SUMMER)


def test_the_repeat_rate_counts_those_who_had_ordered_before_the_period(retail: Path) -> None:
    query = """
        WITH people AS (
            SELECT customer_id, min("at") AS first_at,
                bool_or("at" >= CAST($1 AS TIMESTAMP) AND "at" < CAST($2 AS TIMESTAMP)) AS is_active
            FROM orders GROUP BY 1
        ) SELECT count(*) FILTER (first_at < CAST($1 AS TIMESTAMP)), count(*) FROM people WHERE is_active
    """
    ((again, active),) = by_hand(retail, query, *SUMMER)
    assert isinstance(again, int)
    assert isinstance(active, int)
    assert measured(retail, "repeat_rate")["whole"]["value"] == again / active


def test_whole_months_are_compared_with_as_many_months_before(retail: Path) -> None:
    query = 'SELECT CAST(sum(revenue) AS DOUBLE) FROM orders WHERE "at" >= ? AND "at" < ?'
    found = measured(retail, "revenue")
    ((before,),) = by_hand(retail, query, "2010-03-01 00:00:00", SUMMER[0])
    assert found["whole"]["before"] == before
    assert found["before_since"] == "2010-03-01T00:00:00Z"


def test_a_segments_size_at_the_end_of_each_month_equals_a_query_by_hand(retail: Path) -> None:
    query = """
        WITH ends(step, ends_at) AS (VALUES
            ('2010-06-01', TIMESTAMP '2010-06-30 23:00:00'), ('2010-07-01', TIMESTAMP '2010-07-31 23:00:00'),
            ('2010-08-01', TIMESTAMP '2010-08-31 23:00:00')),
        counted AS (
            SELECT step, customer_id FROM ends
            JOIN event_order_completed ON occurred_at < ends_at AND occurred_at >= ends_at - INTERVAL 90 DAY
            GROUP BY ALL HAVING count(*) >= 3)
        SELECT step, count(*) FROM counted GROUP BY 1 ORDER BY 1
    """
    found = measured(retail, "segment.regular", "--every", "month")
    assert cells(found, "step", "value") == by_hand(retail, query)


def test_what_customers_paid_to_date_equals_a_query_by_hand(retail: Path) -> None:
    query = """
        SELECT c.country, CAST(round(sum(revenue) / count(DISTINCT customer_id), 4) AS DOUBLE)
        FROM orders JOIN customers c USING (customer_id) WHERE "at" < ? GROUP BY 1 ORDER BY 1
    """
    found = measured(retail, "value_to_date", "--by", "trait.country")
    got = {each["groups"][0]: each["value"] for each in found["cells"]}
    wanted = {str(country): paid for country, paid in by_hand(retail, query, SUMMER[1])}
    assert got == pytest.approx(wanted, abs=0.0001)


def test_orders_of_those_in_a_segment_and_others_make_the_whole(retail: Path) -> None:
    query = """
        SELECT m.customer_id IS NOT NULL AS inside, count(*) FROM orders o
        LEFT JOIN (FROM memberships WHERE segment = 'regular' AND left_at IS NULL) m USING (customer_id)
        WHERE "at" >= ? AND "at" < ? GROUP BY 1 ORDER BY 1
    """
    found = measured(retail, "orders", "--by", "segment.regular")
    values = {each["groups"][0]: each["value"] for each in found["cells"]}
    assert [(False, values["not in"]), (True, values["in"])] == by_hand(retail, query, *SUMMER)
    assert sum(values.values()) == found["whole"]["value"]
