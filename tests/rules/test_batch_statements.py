"""The statements that the example rules become, one file each under `snapshots/`, to be reviewed like code.

`UPDATE_SNAPSHOTS=yes` writes them anew.
"""

import os
from pathlib import Path
from zoneinfo import ZoneInfo

import ibis
import pytest

from habitue.records import Kind
from habitue.rules import Catalogue, Definition, EventShape, Moment, check_condition, read
from habitue.rules.batch import Question, members
from tests.rules.examples import NOW
from tests.rules.law import InMemory

FOLDER = Path(__file__).parent / "snapshots"
RULES = {
    "viewed_x_not_bought": "did('Product Viewed', where=product_id == 'X', last='7d') "
    "and not did('Order Completed', last='7d')",
    "viewed_not_bought_it": "unfollowed('Product Viewed', by='Product Ordered', on='product_id', "
    "within='7d', last='30d')",
    "promo_clicker": "count('Email Link Clicked', where=campaign_type == 'promo', last='7d') >= 2",
    "cart_abandoner": "unfollowed('Cart Viewed', by='Order Completed', where=items >= 3, within='24h', last='7d')",
    "likely_to_buy": "score.purchase_30d >= 0.6 and consent.marketing_email",
    "high_value_loyalist": "percentile(feature.spend_365d) >= 0.9 and feature.orders_365d >= 4",
    "drifting_away": "stopped('Session', after='21d') and feature.orders_365d >= 2 and not segment.cart_abandoner",
    "in_sequence": "sequence('Product Viewed', 'Cart Viewed', 'Order Completed', within='24h', this_month=True)",
}
EVENTS = {
    "Product Viewed": {"product_id": Kind.TEXT},
    "Product Ordered": {"product_id": Kind.TEXT},
    "Order Completed": {"revenue": Kind.MONEY},
    "Email Link Clicked": {"campaign_type": Kind.TEXT},
    "Cart Viewed": {"items": Kind.INTEGER},
    "Session": {"pages": Kind.INTEGER},
}
CATALOGUE = Catalogue(
    zone=ZoneInfo("Europe/Berlin"),
    events={name: EventShape(name=name, properties=properties) for name, properties in EVENTS.items()},
    traits={"country": Kind.TEXT},
    features={
        "spend_365d": Definition(name="spend_365d", rule=read("sum('Order Completed'.revenue, last='365d')")),
        "orders_365d": Definition(name="orders_365d", rule=read("count('Order Completed', last='365d')")),
    },
    segments={"cart_abandoner": Definition(name="cart_abandoner", rule=read(RULES["cart_abandoner"]))},
    scores=frozenset({"purchase_30d"}),
    purposes=frozenset({"marketing_email"}),
)


@pytest.mark.parametrize("name", RULES)
def test_an_example_rule_becomes_the_statement_in_its_snapshot(name: str) -> None:
    tables = InMemory(CATALOGUE).tables
    question = Question(catalogue=CATALOGUE, tables=tables, moment=Moment(now=NOW, zone=CATALOGUE.zone), cuts={})
    statement = ibis.to_sql(members(check_condition(read(RULES[name]), CATALOGUE), question), dialect="duckdb")
    text = f"-- {RULES[name]}\n{statement}\n"
    file = FOLDER / f"{name}.sql"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.write_text(text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == text


def test_no_snapshot_is_left_over() -> None:
    assert {each.stem for each in FOLDER.glob("*.sql")} == set(RULES)
