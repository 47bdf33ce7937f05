"""The edge of sources: random ids and masks go on, what is personal stays in the vault, and the erased stay out."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sources.shops import NOW, Shop, open_shop

CRM = """
source: crm
files: crm
columns:
  id: {field: customer, type: text, required: true}
  first: {field: first_name}
  mail: {field: email}
  born: {field: birth_date, type: date}
  home: {field: home, type: location}
  town: {field: city}
  at: {field: seen_at, type: time, required: true}
  note: {field: note}
identifiers: {user_id: customer, email: email}
derive: {shouted: lower(first_name)}
makes:
  - customers: customer
    as_of: seen_at
    traits: {first_name: first_name, email: email, birth_date: birth_date, home: home, city: city, shouted: shouted}
  - event: Note Taken
    customer: customer
    occurred_at: seen_at
    properties: {note: note, city: city, who: customer}
"""
CONTRACTS = """
customers: true
traits:
  first_name: {type: text, personal: true}
  email: {type: text}
  birth_date: {type: date, personal: true}
  home: {type: location, personal: true}
  city: {type: text}
  shouted: {type: text}
---
event: Note Taken
properties:
  note: {type: text, personal: true}
  city: {type: text}
  who: {type: text}
"""
ROWS = """id,first,mail,born,home,town,at,note
K-1,Annabel,Ann@Example.org,1987-05-31,"52.5,13.4",Leeds,2024-01-01,rang about a parcel
K-1,Annabel,ann@home.example,1987-05-31,"52.5,13.4",Leeds,2024-02-01,
K-2,Bertram,bert@example.org,,,York,2024-01-05,asked for Annabel
"""
SECRETS = ("K-1", "K-2", "nnabel", "xample.org", "home.example", "1987-05-31", "52.5", "parcel", "ertram")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = open_shop(tmp_path / "shop")
    shop.write("sources/crm.yaml", CRM)
    shop.write("contracts/all.yaml", CONTRACTS)
    shop.write("crm/a.csv", ROWS)
    return shop


def raw_dump(shop: Shop) -> str:
    """Every cell of every table as the warehouse holds it."""
    tables = [shop.warehouse.fetch(shop.warehouse.table(name)).to_pylist() for name in shop.warehouse.tables()]
    return repr(tables)


def cards_of(shop: Shop, own: str) -> dict[str, dict[str, Any]]:
    (record,) = shop.vault.resolve(shop.vault.name("user_id", own))
    return {source: json.loads(card) for source, card in shop.vault.card(record).items()}


def test_no_table_holds_an_identifier_or_a_personal_value(shop: Shop) -> None:
    shop.load()
    held = raw_dump(shop)
    assert [secret for secret in SECRETS if secret in held] == []
    assert "Leeds" in held, "the control: what is not personal is there"


def test_cards_hold_what_was_taken_out(shop: Shop) -> None:
    shop.load()
    cards = cards_of(shop, "K-1")
    assert cards[""] == {"id": [["user_id", "K-1"]]}
    traits = cards["crm"]["traits"]
    assert traits["first_name"] == "Annabel"
    assert traits["birth_date"] == "1987-05-31"
    assert traits["home"] == "52.5,13.4"
    assert sorted(map(str, cards["crm"]["identifiers"]["email"])) == ["Ann@Example.org", "ann@home.example"]
    notes = cards["crm"]["events"]["event_note_taken"]
    assert [each["note"] for each in notes.values() if each.get("note")] == ["rang about a parcel"]


def test_masks_are_equal_for_equal_values_and_missing_stays_missing(shop: Shop) -> None:
    shop.load()
    rows = {row[0]: row[1:] for row in shop.rows("customers", "customer_id", "first_name", "birth_date", "city")}
    assert rows["K-1"] == (
        shop.vault.mask("first_name", "Annabel"),
        shop.vault.mask("birth_date", "1987-05-31"),
        "Leeds",
    )
    assert rows["K-2"][1] is None


def test_a_file_loaded_again_gives_the_same_people(shop: Shop) -> None:
    shop.load()
    before = raw_dump(shop)
    shop.load(full=True)
    assert raw_dump(shop) == before


def test_rows_of_somebody_erased_stay_out_even_wrong_ones(shop: Shop) -> None:
    shop.load()
    (record,) = shop.vault.resolve(shop.vault.name("user_id", "K-1"))
    shop.vault.erase([record], now=NOW)
    shop.write("crm/b.csv", ROWS.splitlines()[0] + "\nK-1,Annabel,x@example.org,1987-05-31,,Leeds,not a time,again\n")
    report = shop.load(full=True)
    assert (report.rows, report.used, report.failed) == (4, 1, 0)
    assert shop.failed() == []
    assert shop.vault.resolve(shop.vault.name("user_id", "K-1")) == []
    assert [row[0] for row in shop.rows("customers")] == ["K-2"]


def test_a_source_that_goes_takes_its_cards_along(shop: Shop) -> None:
    shop.load()
    (shop.folder / "sources/crm.yaml").rename(shop.folder / "crm.yaml.txt")
    shop.write("sources/other.yaml", CRM.replace("source: crm", "source: other").replace("{user_id", "{user_id"))
    shop.load_all()
    assert sorted(cards_of(shop, "K-1")) == ["", "other"]


def test_what_comes_of_an_identifier_is_personal_without_being_said(shop: Shop) -> None:
    tables = shop.project().tables
    personal = {
        each.name for name in ("customers", "event_note_taken") for each in tables[name].columns if each.personal
    }
    assert personal == {"first_name", "email", "birth_date", "home", "shouted", "note", "who"}


def test_an_identifier_that_no_field_holds_is_a_fault(shop: Shop) -> None:
    shop.write("sources/crm.yaml", CRM.replace("email: email}\nderive", "email: e_mail}\nderive"))
    assert shop.codes() == ["FIELD-NAME"]
