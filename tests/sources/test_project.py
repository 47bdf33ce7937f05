"""Declarations of sources and contracts: slips are faults at their line, all at once."""

from pathlib import Path

import pytest

from habitue.records import Kind
from tests.sources.shops import ORDERS, Shop, open_shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = open_shop(tmp_path / "shop")
    shop.write("sources/orders.yaml", ORDERS)
    return shop


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("order_id: order_id,", "order_id: orderid,", "FIELD-NAME", 14),
        ("customer: customer\n", "customer: custoner\n", "FIELD-NAME", 12),
        ("customer: customer\n", "customer: price\n", "FIELD-KIND", 12),
        ("occurred_at: ordered_at", "occurred_at: quantity", "FIELD-KIND", 13),
        ("field: price, type", "field: order_id, type", "FIELD-TWICE", 8),
        ("price: price,", "position: price,", "NAME-RESERVED", 14),
        ("price: price,", "price: sum(price),", "FIGURE-UNGROUPED", 14),
        ("type: time", "type: tine", "FIELD-VALUE", 7),
        ("type: time", 'type: time, formats: ["%Q"]', "SOURCE-WRITTEN", 7),
        ("type: money", "type: money, formats: [iso]", "SOURCE-WRITTEN", 8),
        ("files: data", "files: data\ncsv: {encoding: klingon}", "SOURCE-WRITTEN", 4),
        ("files: data", "files: data\ntime_zone: Mars/Base", "TIME-ZONE", 4),
        ("files: data", "file: data", "FIELD-UNKNOWN", 3),
        ("    customer: customer\n", "    when: pryce > 1\n    customer: customer\n", "RULE-UNKNOWN-NAME", 12),
        ("    customer: customer\n", "    when: price + 1\n    customer: customer\n", "RULE-TYPE", 12),
        ("field: price,", "field: habitue_price,", "SOURCE-WRITTEN", 8),
    ],
)
def test_a_slip_in_a_source_is_a_fault_at_its_line(shop: Shop, old: str, new: str, code: str, line: int) -> None:
    assert old in ORDERS
    shop.write("sources/orders.yaml", ORDERS.replace(old, new, 1))
    faults = shop.read()[1]
    assert [(fault.code, fault.line) for fault in faults if fault.code == code] == [(code, line)], faults
    assert all(fault.file == "sources/orders.yaml" and fault.do for fault in faults)


@pytest.mark.parametrize(
    ("contract", "code"),
    [
        ("event: Product Ordered\nproperties: {order_id: {type: integer}}", "CONTRACT-KIND"),
        ("event: Product Ordered\nproperties: {sku: {type: text, required: true}}", "CONTRACT-UNMET"),
        ("event: Product Ordered\nproperties: {order_ids: {type: text}}", "CONTRACT-UNKNOWN"),
        ("event: Product ordered\nproperties: {order_id: {type: text}}", "EVENT-ALIKE"),
        ("event: Seen\nproperties: {event_id: {type: text}}", "NAME-RESERVED"),
        ("event: Seen\nproperties: {a: {type: location}, a_lat: {type: number}}", "NAME-TWICE"),
        ("event: Seen\nproperties: {a: {type: integer, min: many}}", "CONTRACT-BOUND"),
        ("event: Seen\nproperties: {a: {type: boolean, allowed: ['yes']}}", "CONTRACT-BOUND"),
        ("event: Seen\nproperties: {a: {type: time, max: soon}}", "CONTRACT-BOUND"),
        ("event: Seen\nproperties: {a: {type: text, min: 1}}", "SOURCE-WRITTEN"),
        ("event: Seen\nproperties: {a: {type: list}}", "SOURCE-WRITTEN"),
        (
            "event: Seen\nproperties: {a: {type: list, explode: Sub, properties: {position: {type: text}}}}",
            "NAME-RESERVED",
        ),
        ("event: Seen\ntraits: {a: {type: text}}", "SOURCE-WRITTEN"),
        ("event: Seen\ncustomers: true", "SOURCE-WRITTEN"),
        ("event: Seen\n---\nevent: Seen", "CONTRACT-TWICE"),
    ],
)
def test_a_contract_that_does_not_hold_together_is_a_fault(shop: Shop, contract: str, code: str) -> None:
    shop.write("contracts/c.yaml", contract + "\n")
    assert code in shop.codes()


def test_all_faults_come_at_once(shop: Shop) -> None:
    wrong = ORDERS.replace("customer: customer\n", "customer: custoner\n").replace("price: price,", "price: prize,")
    shop.write("sources/orders.yaml", wrong)
    shop.write("contracts/c.yaml", "event: Seen\nproperties: {a: {type: integer, min: many}}\n")
    assert sorted(shop.codes()) == ["CONTRACT-BOUND", "FIELD-NAME", "FIELD-NAME"]


def test_a_source_declared_twice_is_a_fault(shop: Shop) -> None:
    shop.write("sources/again.yaml", ORDERS)
    assert shop.codes() == ["SOURCE-TWICE"]


def test_a_property_of_two_kinds_in_two_sources_is_a_fault(shop: Shop) -> None:
    other = ORDERS.replace("source: orders", "source: other").replace(
        "n: {field: quantity, type: integer}", "n: {field: quantity}"
    )
    shop.write("sources/other.yaml", other)
    assert shop.codes() == ["KIND-DIFFERS"]


def test_an_event_without_a_contract_gets_its_columns_from_the_sources_and_a_note(shop: Shop) -> None:
    project = shop.project()
    shape = project.tables["event_product_ordered"]
    assert not shape.contracted
    assert [(column.name, column.kind) for column in shape.columns] == [
        ("order_id", Kind.TEXT), ("price", Kind.MONEY), ("quantity", Kind.INTEGER)
    ]  # fmt: skip
    assert any("no contract" in note for note in project.sources[0].notes)


def test_a_contract_decides_columns_labels_and_who_may_see_them(shop: Shop) -> None:
    shop.write(
        "contracts/c.yaml",
        "event: Product Ordered\nlabel: A line was ordered\nproperties:\n  order_id: {type: text, label: Order}\n"
        "  price: {type: number}\n  quantity: {type: integer}\n  coupon: {type: text, personal: true}\n",
    )
    shape = shop.project().tables["event_product_ordered"]
    assert (shape.label, shape.contracted) == ("A line was ordered", True)
    assert [(each.name, each.kind, each.personal) for each in shape.columns] == [
        ("order_id", Kind.TEXT, False), ("price", Kind.NUMBER, False), ("quantity", Kind.INTEGER, False),
        ("coupon", Kind.TEXT, True),
    ]  # fmt: skip


def test_a_project_without_sources_is_sound_and_empty(tmp_path: Path) -> None:
    project = open_shop(tmp_path / "shop").project()
    assert project.sources == ()
    assert sorted(project.tables) == ["customers", "items"]
