"""How files find what they lack in each other."""

from habitue.sources.guess import propose
from habitue.sources.guess_values import TableRole
from tests.sources.guessing import guess, makes, named, source, table

ORDERS = table(
    "orders.csv",
    "order_id,customer_id,ordered_at,status\n1,a,2024-01-01,done\n2,b,2024-01-02,done\n3,a,2024-01-04,canceled",
)
LINES = table("lines.csv", "order_id,sku,quantity,price\n1,x,2,5.0\n1,y,1,2.0\n2,x,1,5.0\n3,y,4,2.0")


def test_lines_find_customer_time_and_status_in_the_file_of_orders() -> None:
    (link,) = named(guess(ORDERS, LINES), "lines").links
    assert (link.on, link.key, link.columns) == ("order_id", "order_id", ("customer_id", "ordered_at", "status"))


def test_a_look_up_is_written_with_the_field_it_goes_by() -> None:
    assert source(propose(guess(ORDERS, LINES)), "lines")["join"] == [
        {
            "files": "data/orders.csv",
            "on": "order_id",
            "key": "order_id",
            "columns": {
                "customer_id": {"field": "customer", "type": "text", "required": True},
                "ordered_at": {"field": "ordered_at", "type": "time", "formats": ["%Y-%m-%d"], "required": True},
                "status": {"field": "status", "type": "text"},
            },
        }
    ]


def test_cancelled_orders_are_counted_once_by_the_file_of_orders() -> None:
    proposal = propose(guess(ORDERS, LINES))
    assert [make.get("event") for make in makes(proposal, "orders")] == ["Order Cancelled"]
    assert "Order Cancelled" not in [make.get("event") for make in makes(proposal, "lines")]


def test_lines_without_their_orders_are_left_out_and_ask_for_them() -> None:
    people = table("crm.csv", "customer_id,city\na,Ulm\nb,Bonn")
    found = named(guess(LINES, people), "lines")
    assert found.role is TableRole.UNKNOWN
    assert "give that file too" in found.reason


def test_the_id_of_the_person_wins_over_the_id_that_leads_to_it() -> None:
    people = table(
        "people.csv", "customer_id,customer_unique_id,city\na,p1,Ulm\nb,p2,Bonn\nc,p1,Ulm\nd,p3,Köln\ne,p4,Ulm"
    )
    found = guess(ORDERS, LINES, people)
    assert [link.columns for link in named(found, "orders").links] == [("customer_unique_id",)]
    assert [link.key for link in named(found, "lines").links] == ["order_id", "customer_id"]


def test_a_category_is_named_by_the_small_file_that_translates_it() -> None:
    lines = table(
        "lines.csv",
        "order_id,customer_id,ordered_at,sku,price,category\n1,a,2024-01-01,x,5.0,livros\n1,a,2024-01-01,y,2.0,jogos",
    )
    words = table("names.csv", "category_code_pt,category_name_english\nlivros,books\njogos,games\nmusica,music")
    proposal = propose(guess(lines, words))
    features = {str(doc.values["feature"]): doc.values["rule"] for doc in proposal.of_folder("features")}
    assert features["favourite_category"] == "mode('Product Ordered'.category_name_english)"
