"""What names of columns say."""

import pytest

from habitue.sources.guess_values import ColumnRole
from habitue.sources.guess_words import read_vocabulary, slug_of

WORDS = read_vocabulary()
NAMES = {
    ColumnRole.CUSTOMER: "customer_id CustomerID userId user_id Kundennummer Kunden-Nr. client_id household_id",
    ColumnRole.ORDER: "order_id InvoiceNo Invoice basket_id Bestellnummer Rechnungsnummer transaction_id pedido_id",
    ColumnRole.ITEM: "product_id StockCode sku Artikelnummer item_id ASIN",
    ColumnRole.TIME: "InvoiceDate order_date Bestelldatum timestamp created_at date order_purchase_timestamp",
    ColumnRole.AMOUNT: "total revenue Betrag Gesamtbetrag dollar_value sales_value order_total amount_eur",
    ColumnRole.PRICE: "price UnitPrice Einzelpreis unit_price prix_unitaire",
    ColumnRole.QUANTITY: "quantity qty Menge Anzahl number_of_cds",
    ColumnRole.DISCOUNT: "discount retail_disc Rabatt discount_amount",
    ColumnRole.EMAIL: "email E-Mail email_address customer_email",
    ColumnRole.COUNTRY: "country Land pays shipping_country country_code",
    ColumnRole.BIRTH_DATE: "dob birthday Geburtsdatum Year_Birth",
    ColumnRole.OTHER_TIME: "delivered_at shipping_limit_date order_approved_at Dt_Customer signup_date",
}


@pytest.mark.parametrize(("role", "name"), [(role, name) for role, text in NAMES.items() for name in text.split()])
def test_a_name_says_its_role(role: ColumnRole, name: str) -> None:
    assert WORDS.hints(name)[0].role is role


@pytest.mark.parametrize("name", ["week", "package_size", "tenure", "zbar", "MonthlyCharges", "colour"])
def test_a_name_that_says_nothing_known_gives_no_hint(name: str) -> None:
    assert WORDS.hints(name) == ()


def test_letters_with_marks_are_spelled_out() -> None:
    assert [slug_of(each) for each in ("Größe", "Prénom", "Año", "Straße")] == ["groesse", "prenom", "ano", "strasse"]
