"""What one row of a table stands for."""

import pytest

from habitue.sources.guess import guess_project
from habitue.sources.guess_values import SampledTable, TableRole
from tests.sources.guessing import guess, named, roles, table

ROLE_OF = {
    "order_id,customer_id,date,total\n1,a,2024-01-01,9.5\n2,a,2024-01-02,5.5\n3,b,2024-01-02,5.5": TableRole.ORDERS,
    "order_id,customer_id,date,sku,price\n1,a,2024-01-01,x,9.5\n1,a,2024-01-01,y,5.5": TableRole.ORDER_LINES,
    "user_id,event,ts\nu,view,2024-01-01\nu,buy,2024-01-02\nv,view,2024-01-02": TableRole.EVENTS,
    "user_id,page,time\nu,/a,2024-01-01 10:00\nu,/b,2024-01-01 10:01\nv,/a,2024-01-01 10:02": TableRole.PAGES,
    "customer_id,name,city\na,Ann,York\nb,Bob,Leeds": TableRole.CUSTOMERS,
    "id,income,age\n1,100,30\n2,200,40": TableRole.CUSTOMERS,
    "customer_id,rating,date\na,5,2024-01-01\na,3,2024-01-02\nb,3,2024-01-02": TableRole.REVIEWS,
    "customer_id,coupon_code,redeemed_at\na,X,2024-01-01\na,Y,2024-01-02\nb,Y,2024-01-02": TableRole.REDEMPTIONS,
    "customer_id,campaign_id,sent_at\na,1,2024-01-01\na,2,2024-01-02\nb,1,2024-01-02": TableRole.CAMPAIGNS,
    "member_id,checked_in_at\na,2024-01-01\na,2024-01-02\nb,2024-01-02": TableRole.EVENTS,
}


@pytest.mark.parametrize(("text", "role"), list(ROLE_OF.items()))
def test_a_table_is_known_by_the_parts_of_its_columns(text: str, role: TableRole) -> None:
    assert guess(table("file.csv", text)).tables[0].role is role


def test_a_list_of_customers_with_the_day_they_came_is_no_list_of_orders() -> None:
    text = "customer_id,email,city,created_at,total_spent\na,a@x.de,Ulm,2024-01-01,9.5\nb,b@x.de,Bonn,2024-01-02,5.5"
    assert guess(table("crm.csv", text)).tables[0].role is TableRole.CUSTOMERS


def test_few_different_words_are_no_customers() -> None:
    rows = "\n".join(f"{'cellular' if n % 3 else 'telephone'},2024-01-{n % 27 + 1:02d},{n}.5" for n in range(9_000))
    columns = guess(
        table("calls.csv", f"contact,date,total\n{rows}"),
        table("crm.csv", "customer_id,city\na,Ulm\nb,Bonn"),
    )
    assert roles(named(columns, "calls"))["contact"] != "customer"


def test_an_empty_file_is_left_out() -> None:
    empty = SampledTable(path="data/empty.csv", columns=("customer_id", "total"), rows=(), row_count=0)
    orders = table("orders.csv", "order_id,customer_id,date,total\n1,a,2024-01-01,9.5\n2,a,2024-01-02,5.5")
    found = named(guess_project([orders, empty], name="shop"), "empty")
    assert (found.role, found.reason) == (TableRole.UNKNOWN, "it holds no rows")


def test_an_anonymous_id_stands_in_where_users_are_rarely_known() -> None:
    rows = "\n".join(f"v{n % 5},{'u1' if n == 3 else ''},view,2024-01-01T10:00:{n:02d}Z" for n in range(20))
    found = guess(table("log.csv", f"anonymous_id,user_id,event,timestamp\n{rows}")).tables[0]
    assert roles(found)["anonymous_id"] == "customer"
