"""What `habitue start` makes of files as people have them: foreign, messy, ambiguous, or about something else."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habitue.errors import HabitueError
from habitue.sources.guess import NothingRecognisedError, explain_guess, guess_project, propose
from habitue.sources.guess_values import SampledTable, TableRole
from tests.sources.guessing import (
    faults,
    guess,
    made_events,
    makes,
    named,
    propose_sound,
    roles,
    source,
    table,
    write,
)

ORDERS = table(
    "orders.csv",
    """order_id,customer_id,order_date,total
1,a,2024-01-01,10.00
2,a,2024-02-01,20.00
3,b,2024-02-03,5.50""",
)


def test_a_german_export_with_decimal_commas_is_understood(tmp_path: Path) -> None:
    found = guess(
        table(
            "rechnungen.csv",
            """Bestellnummer;Kundennummer;Bestelldatum;Artikelnummer;Menge;Einzelpreis;Größe;Land
0001;00042;03.01.2024 10:15;A-17;2;12,50;L;Deutschland
0001;00042;03.01.2024 10:15;A-18;1;1.099,00;M;Deutschland
0002;00043;14.02.2024 18:00;A-17;1;12,50;S;Österreich
0003;00042;28.02.2024 09:30;A-19;3;3,99;S;Deutschland""",
            delimiter=";",
        )
    )
    assert roles(found.tables[0]) == {
        "Bestellnummer": "order",
        "Kundennummer": "customer",
        "Bestelldatum": "time",
        "Artikelnummer": "item",
        "Menge": "quantity",
        "Einzelpreis": "price",
        "Größe": "text",
        "Land": "country",
    }
    assert (found.time_zone.value, found.currency.value) == ("Europe/Berlin", "EUR")
    written = source(propose_sound(found, tmp_path), "rechnungen")
    assert written["csv"] == {"delimiter": ";", "decimal": ",", "thousands": "."}
    columns = written["columns"]
    assert isinstance(columns, dict)
    assert columns["Bestelldatum"]["formats"] == ["%d.%m.%Y %H:%M"]
    assert columns["Größe"] == {"field": "groesse", "type": "text"}


def test_american_dates_are_read_month_first(tmp_path: Path) -> None:
    found = guess(
        table(
            "sales.csv",
            """Order ID,Customer ID,Order Date,Ship Date,Sales
CA-1,AA-10,11/8/2016,11/11/2016,261.96
CA-2,AA-10,6/12/2016,6/16/2016,14.62
CA-3,BB-11,10/11/2015,10/18/2015,957.58""",
        )
    )
    columns = source(propose_sound(found, tmp_path), "sales")["columns"]
    assert isinstance(columns, dict)
    assert columns["Order Date"]["formats"] == ["%m/%d/%Y"]


def test_dates_that_can_be_read_two_ways_are_said_to_be(tmp_path: Path) -> None:
    found = guess(
        table("s.csv", "order,customer,date,total\n1,a,01/02/2024,5.0\n2,a,03/04/2024,6.0\n3,b,05/06/2024,1.0")
    )
    proposal = propose_sound(found, tmp_path)
    comment = "\n".join(proposal.of_folder("sources")[0].comment)
    assert "whether the day or the month comes first" in comment


def test_milliseconds_since_1970_are_times(tmp_path: Path) -> None:
    found = guess(
        table(
            "log.csv",
            "user_id,event,timestamp\nu1,view,1577836800000\nu1,purchase,1577836860000\nu2,view,1577836900000",
        )
    )
    proposal = propose_sound(found, tmp_path)
    assert made_events(proposal) == {"Product Viewed", "Order Completed"}
    columns = source(proposal, "log")["columns"]
    assert isinstance(columns, dict)
    assert columns["timestamp"]["formats"] == ["epoch_ms"]


def test_zeros_before_ids_are_kept(tmp_path: Path) -> None:
    found = guess(table("o.csv", "order_id,customer_id,date,total\n007,0042,2024-01-01,1.0\n008,0042,2024-01-02,2.0"))
    columns = source(propose_sound(found, tmp_path), "o")["columns"]
    assert isinstance(columns, dict)
    assert columns["customer_id"] == {"field": "customer", "type": "text", "required": True}


def test_of_two_amounts_the_likelier_income_is_taken_and_the_other_named() -> None:
    found = guess(
        table("o.csv", "order_id,customer_id,date,subtotal,total\n1,a,2024-01-01,10.0,11.9\n2,a,2024-01-02,20.0,23.8")
    )
    assert roles(found.tables[0])["total"] == "amount"
    amount = next(each for each in found.tables[0].columns if each.column == "total")
    assert "subtotal" in amount.reason
    assert amount.confidence < 0.9


def test_an_amount_that_is_price_times_quantity_is_the_income_of_the_line() -> None:
    found = guess(
        table(
            "lines.csv",
            """order_id,customer_id,date,sku,qty,price,value,total
1,a,2024-01-01,x,2,5.0,10.0,99.0
1,a,2024-01-01,y,3,1.0,3.0,99.0
2,b,2024-01-02,x,1,5.0,5.0,5.0""",
        )
    )
    assert roles(found.tables[0])["value"] == "amount"


def test_addresses_tell_customers_apart_when_nothing_else_does(tmp_path: Path) -> None:
    found = guess(
        table(
            "orders.csv",
            "order_id,email,date,total\n1,ann@example.com,2024-01-01,10.0\n2,ann@example.com,2024-01-05,5.0",
        )
    )
    customer = next(each for each in found.tables[0].columns if each.column == "email")
    assert (customer.role.value, customer.personal) == ("customer", True)
    propose_sound(found, tmp_path)


def test_traits_that_identify_a_person_are_marked_personal(tmp_path: Path) -> None:
    found = guess(
        table(
            "customers.csv",
            """customer_id,first_name,last_name,email,phone,birthday,city
1,Ann,Lee,ann@example.com,+44 20 7946 0018,1990-02-03,York
2,Bob,Ray,bob@example.com,+44 20 7946 0019,1985-12-13,Leeds""",
        )
    )
    contract = next(doc for doc in propose_sound(found, tmp_path).of_folder("contracts") if "customers" in doc.values)
    traits = contract.values["traits"]
    assert isinstance(traits, dict)
    assert {name for name, rules in traits.items() if "personal" in rules} == {
        "first_name",
        "last_name",
        "email",
        "phone",
        "birthday",
    }


def test_negative_quantities_are_returns_where_no_prefix_says_so(tmp_path: Path) -> None:
    found = guess(
        table(
            "lines.csv",
            """order_id,customer_id,date,sku,qty,price
1,a,2024-01-01,x,2,5.0
1,a,2024-01-01,y,3,1.0
2,a,2024-01-09,x,-1,5.0
3,b,2024-01-10,z,1,2.0""",
        )
    )
    made = {make.get("event"): make.get("when") for make in makes(propose_sound(found, tmp_path), "lines")}
    assert made["Order Refunded"] == "quantity < 0"
    assert made["Order Completed"] == "quantity > 0 and price > 0"


def test_a_status_says_what_was_cancelled_and_what_came_back(tmp_path: Path) -> None:
    found = guess(
        table(
            "orders.csv",
            """order_id,customer_id,created_at,total,status
1,a,2024-01-01,10.0,complete
2,a,2024-01-05,5.0,canceled
3,b,2024-01-06,8.0,returned
4,b,2024-01-07,9.0,complete""",
        )
    )
    made = {make.get("event"): make.get("when") for make in makes(propose_sound(found, tmp_path), "orders")}
    assert made["Order Completed"] == "not status in ('canceled', 'returned') and amount >= 0"
    assert made["Order Cancelled"] == "status == 'canceled'"
    assert made["Order Refunded"] == "status == 'returned'"


def test_orders_with_amounts_are_not_counted_again_from_their_lines(tmp_path: Path) -> None:
    lines = table(
        "lines.csv",
        """order_id,sku,quantity,price
1,x,2,5.0
2,x,2,5.0
2,y,1,10.0
3,z,1,5.5""",
    )
    found = guess(ORDERS, lines)
    proposal = propose_sound(found, tmp_path)
    assert [make.get("event") for make in makes(proposal, "orders")] == ["Order Completed"]
    assert [make.get("event") for make in makes(proposal, "lines")] == ["Product Ordered"]


def test_files_with_the_same_columns_become_one_source(tmp_path: Path) -> None:
    more = table("orders_2.csv", "order_id,customer_id,order_date,total\n9,c,2024-03-01,7.00")
    written = source(propose_sound(guess(ORDERS, more), tmp_path), "orders")
    assert written["files"] == ["data/orders.csv", "data/orders_2.csv"]


def test_tracking_calls_become_events_and_traits(tmp_path: Path) -> None:
    columns = ("type", "event", "userId", "timestamp", "properties.revenue", "properties.path", "traits.email")
    rows: tuple[tuple[str | None, ...], ...] = (
        ("track", "Order Completed", "u1", "2024-01-01T10:00:00Z", "19.90", None, None),
        ("track", "Product Viewed", "u1", "2024-01-01T09:00:00Z", None, None, None),
        ("page", None, "u2", "2024-01-01T09:30:00Z", None, "/home", None),
        ("identify", None, "u2", "2024-01-01T09:31:00Z", None, None, "ann@example.com"),
    )
    log = SampledTable(path="data/log.ndjson", columns=columns, rows=rows, row_count=4, format="ndjson")
    found = guess(log)
    assert found.tables[0].role is TableRole.MESSAGES
    proposal = propose_sound(found, tmp_path)
    made = {str(make.get("event")): make for make in makes(proposal, "log") if "event" in make}
    assert made["Order Completed"]["when"] == "type == 'track' and event == 'Order Completed'"
    assert made["Order Completed"]["properties"] == {"revenue": "revenue"}
    assert made["Page Viewed"]["properties"] == {"path": "path"}
    assert any(make.get("traits") == {"email": "email"} for make in makes(proposal, "log"))
    assert proposal.files[0].documents[0].values["session"] == {
        "gap": "30m",
        "events": ["Page Viewed", "Product Viewed"],
    }


def test_a_file_about_nobody_is_refused_and_says_what_is_missing() -> None:
    weather = table("weather.csv", "station,date,celsius\nX,2024-01-01,3.5\nX,2024-01-02,4.5\nY,2024-01-01,2.0")
    with pytest.raises(NothingRecognisedError) as refusal:
        guess(weather)
    assert "weather" in refusal.value.what
    assert "one row per order" in refusal.value.do


def test_an_unrelated_file_beside_orders_is_left_out_and_said() -> None:
    weather = table("weather.csv", "station,date,celsius\nX,2024-01-01,3.5\nX,2024-01-02,4.5\nY,2024-01-01,2.0")
    found = guess(ORDERS, weather)
    assert named(found, "weather").role is TableRole.UNKNOWN
    assert any("weather is not used" in line for line in propose(found).files[0].documents[0].comment)


def test_names_that_the_warehouse_or_the_language_keep_are_changed(tmp_path: Path) -> None:
    found = guess(
        table(
            "orders.csv",
            "order_id,customer_id,date,total,position,class\n1,a,2024-01-01,1.0,3,x\n2,a,2024-01-02,2.0,4,y\n3,b,2024-01-04,2.0,4,y",
        )
    )
    properties = makes(propose_sound(found, tmp_path), "orders")[0]["properties"]
    assert isinstance(properties, dict)
    assert "class_value" in properties
    assert "position" not in properties


def test_every_guess_has_a_line_with_a_reason_and_a_way_to_change_it() -> None:
    lines = explain_guess(guess(ORDERS))
    assert {line.column for line in lines} >= {"order_id", "customer_id", "order_date", "total"}
    assert all(line.reason and line.change and 0 <= line.confidence <= 1 for line in lines)
    assert [line.role.split()[0] for line in lines[:2]] == ["time", "currency"]


def test_the_same_files_always_give_the_same_proposal() -> None:
    assert propose(guess(ORDERS)) == propose(guess(ORDERS))


HEADINGS = [
    "customer_id", "order_id", "Kunde", "date", "total", "price", "qty", "sku", "event", "page", "email", "status",
    "x", "country", "type", "score", "coupon", "campaign", "class", "position", "name", "created_at", "Größe", "a.b",
    ":", "'", "#", "-", '"quoted"', "NULL", "a\x07b",
]  # fmt: skip
HEADS = st.sampled_from(HEADINGS)
CELLS = st.one_of(
    st.none(),
    st.sampled_from(
        ["1", "2.50", "-3", "2024-01-01", "01/02/2024", "a@b.co", "yes", "no", "C17", "", "NULL", "1.234,5"]
    ),
    st.text(max_size=8),
)


@settings(max_examples=50)
@given(st.data())
def test_whatever_is_proposed_for_any_file_can_be_read_as_a_project(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    columns = data.draw(st.lists(HEADS, min_size=1, max_size=8, unique=True))
    rows = data.draw(st.lists(st.tuples(*(CELLS for _ in columns)), min_size=1, max_size=12))
    drawn = SampledTable(path="data/any.csv", columns=tuple(columns), rows=tuple(rows), row_count=len(rows))
    try:
        found = guess_project([drawn], name="shop")
    except NothingRecognisedError:
        return
    folder = tmp_path_factory.mktemp("any")
    assert list(map(str, faults(propose(found), folder))) == []


def test_a_proposal_is_written_with_what_was_guessed_above_it(tmp_path: Path) -> None:
    write(propose(guess(ORDERS)), tmp_path)
    text = (tmp_path / "sources" / "orders.yaml").read_text(encoding="utf-8")
    assert text.startswith("# Guessed from orders: orders, one row each")
    assert "#   customer_id" in text


def test_errors_name_files_and_never_cells() -> None:
    people = table("people.txt", "Ann Lee,York\nBob Ray,Leeds", header=False)
    with pytest.raises(HabitueError) as refusal:
        guess(people)
    assert "Ann" not in str(refusal.value)
