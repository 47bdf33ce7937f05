"""Time zones and currencies that files point to."""

from zoneinfo import ZoneInfo

import pytest

from habitue.config import check_currency
from habitue.sources.guess_places import guess_zone, read_atlas
from habitue.sources.guess_values import Setting
from tests.sources.guessing import guess, table

ATLAS = read_atlas()


def test_every_place_has_a_known_zone_and_currency() -> None:
    for country in ATLAS.countries.values():
        assert ZoneInfo(country.zone).key == country.zone
        assert check_currency(country.currency) == country.currency
    assert all(ZoneInfo(zone) for zone in ATLAS.zones.values())


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Deutschland", "Europe/Berlin"),
        ("UK", "Europe/London"),
        ("USA", "America/New_York"),
        ("brasil", "America/Sao_Paulo"),
    ],
)
def test_countries_are_known_by_the_names_that_exports_use(name: str, zone: str) -> None:
    found = ATLAS.country(name)
    assert found is not None
    assert found.zone == zone


def test_regions_name_a_country_only_when_no_other_has_them() -> None:
    brazil = ATLAS.country_of_regions({"SP": 3, "RJ": 2, "MG": 1})
    assert brazil is not None
    assert brazil.name == "brazil"
    assert ATLAS.country_of_regions({"AL": 1, "PA": 1, "MS": 1}) is None


def test_nothing_known_gives_utc_with_little_confidence() -> None:
    zone = guess_zone([], Setting(value="USD", confidence=0.1, reason=""), ATLAS)
    assert (zone.value, zone.confidence) == ("UTC", 0.2)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("order_id,customer_id,date,total\n1,a,2024-01-01,£1.50\n2,b,2024-01-02,£2.50\n3,b,2024-01-02,£2.50", "GBP"),
        ("order_id,customer_id,date,total_eur\n1,a,2024-01-01,1.50\n2,b,2024-01-02,2.50\n3,b,2024-01-02,2.5", "EUR"),
        ("order_id,customer_id,date,total,currency\n1,a,2024-01-01,1.5,SEK\n2,b,2024-01-02,2.5,SEK", "SEK"),
        ("order_id,customer_id,date,total,country\n1,a,2024-01-01,1.5,JP\n2,b,2024-01-02,2.5,JP", "JPY"),
    ],
)
def test_the_currency_is_read_from_signs_names_columns_and_countries(text: str, currency: str) -> None:
    assert guess(table("orders.csv", text)).currency.value == currency
