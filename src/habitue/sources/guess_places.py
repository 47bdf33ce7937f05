"""Which time zone and currency the countries, regions and figures in the files point to."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from habitue.config.text import Plain as YamlValue
from habitue.config.text import parse
from habitue.sources.guess_values import ColumnGuess, ColumnRole, Setting, TableGuess
from habitue.sources.guess_words import slug_of

DEFAULT_ZONE = "UTC"
DEFAULT_CURRENCY = "USD"
_NAMED_CURRENCY = {"dollar": "USD", "dollars": "USD", "usd": "USD", "euro": "EUR", "euros": "EUR", "eur": "EUR"} | {
    code.lower(): code for code in ("GBP", "CHF", "BRL", "JPY", "INR", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN", "CZK")
}
_MONEY_ROLES = (ColumnRole.AMOUNT, ColumnRole.PRICE, ColumnRole.DISCOUNT, ColumnRole.SHIPPING, ColumnRole.TAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """One country as exports name it."""

    name: str
    zone: str
    currency: str
    several_zones: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Atlas:
    """What names of places say.

    Attributes:
        countries: Folded name or code to country.
        regions: Country name to its region codes, upper case.
        zones: Currency code to the zone of most of its users.
    """

    countries: Mapping[str, Country]
    regions: Mapping[str, frozenset[str]]
    zones: Mapping[str, str]

    def country(self, text: str) -> Country | None:
        """The country a cell names, or None.

        Examples:
            >>> read_atlas().country("Deutschland").zone
            'Europe/Berlin'
        """
        return self.countries.get(fold(text))

    def shared_country(self, counts: Mapping[str, int]) -> tuple[Country, float] | None:
        """The country most cells name and its share, when nearly all cells name countries."""
        named = [(found, n) for text, n in counts.items() if (found := self.country(text))]
        total, known = sum(counts.values()), sum(n for _, n in named)
        if not total or known < 0.5 * total:
            return None
        votes = Counter[str]()
        for country, n in named:
            votes[country.name] += n
        name, count = votes.most_common(1)[0]
        return self.countries[name], count / total

    def country_of_regions(self, counts: Mapping[str, int]) -> Country | None:
        """The one country whose regions nearly all cells are; None when none or several fit."""
        total = sum(counts.values())
        fits = [
            name
            for name, codes in self.regions.items()
            if total and sum(n for text, n in counts.items() if text.strip().upper() in codes) >= 0.98 * total
        ]
        return self.countries[fits[0]] if len(fits) == 1 and len(counts) >= 3 else None


def read_atlas() -> Atlas:
    """The places that ship with Habitue."""
    text = files("habitue").joinpath("templates", "start", "places.yaml").read_text(encoding="utf-8")
    trees, _ = parse(text, "places.yaml")
    root = _mapping(trees[0].value)
    countries: dict[str, Country] = {}
    for entry in map(_mapping, _list(root["countries"])):
        names = [str(name) for name in _list(entry["names"])]
        found = Country(
            name=names[0], zone=str(entry["zone"]), currency=str(entry["currency"]), several_zones="zones" in entry
        )
        countries.update({fold(name): found for name in names})
    regions = {
        str(entry["country"]): frozenset(str(code).upper() for code in _list(entry["codes"]))
        for entry in map(_mapping, _list(root["regions"]))
    }
    zones = {str(code): str(zone) for code, zone in _mapping(root["currencies"]).items()}
    return Atlas(countries=countries, regions=regions, zones=zones)


def fold(text: str) -> str:
    """A place's name without accents, case and doubled blanks.

    Examples:
        >>> fold(" United  Kingdom "), fold("España")
        ('united kingdom', 'espana')
    """
    return re.sub(r"[_ ]+", " ", slug_of(text)) if text.strip() else ""


def guess_currency(tables: Sequence[TableGuess], atlas: Atlas) -> Setting:
    """The currency that the figures are in: from a column, signs, names of columns, or the country."""
    columns = [column for table in tables for column in table.columns]
    for column in (each for each in columns if each.role is ColumnRole.CURRENCY and each.facts.counts):
        code, count = Counter(column.facts.counts).most_common(1)[0]
        if re.fullmatch(r"[A-Za-z]{3}", code):
            share = count / sum(column.facts.counts.values())
            reason = f"{share:.0%} of the rows say so in column {column.column!r}"
            return Setting(value=code.upper(), confidence=round(0.6 + 0.39 * share, 2), reason=reason)
    money = [each for each in columns if each.role in _MONEY_ROLES]
    for column in money:
        if column.facts.sign:
            return Setting(
                value=column.facts.sign, confidence=0.9, reason=f"the figures in {column.column!r} carry its sign"
            )
    for column in money:
        named = [_NAMED_CURRENCY[word] for word in slug_of(column.column).split("_") if word in _NAMED_CURRENCY]
        if named:
            return Setting(value=named[0], confidence=0.75, reason=f"the name of column {column.column!r} says so")
    found = _country(tables, atlas)
    if found is None:
        reason = "nothing in the files shows a currency; this is only a default"
        return Setting(value=DEFAULT_CURRENCY, confidence=0.1, reason=reason)
    country, confidence, reason = found
    return Setting(value=country.currency, confidence=round(0.9 * confidence, 2), reason=reason)


def guess_zone(tables: Sequence[TableGuess], currency: Setting, atlas: Atlas) -> Setting:
    """The time zone customers live in: from countries or regions, else from the currency, else UTC."""
    if found := _country(tables, atlas):
        country, confidence, reason = found
        several = "; the country has several zones and this is the most populous" if country.several_zones else ""
        sure = round((0.6 if country.several_zones else 0.95) * confidence, 2)
        return Setting(value=country.zone, confidence=sure, reason=reason + several)
    if currency.confidence >= 0.5 and currency.value in atlas.zones:
        reason = f"the currency is {currency.value}; no column names a country"
        return Setting(value=atlas.zones[currency.value], confidence=0.4, reason=reason)
    reason = "nothing in the files shows a place; days and hours are counted in UTC until you say otherwise"
    return Setting(value=DEFAULT_ZONE, confidence=0.2, reason=reason)


def _country(tables: Sequence[TableGuess], atlas: Atlas) -> tuple[Country, float, str] | None:
    """The country most customers live in, the confidence, and why."""
    for column in _columns(tables, ColumnRole.COUNTRY):
        if shared := atlas.shared_country(column.facts.counts):
            country, share = shared
            reason = f"{share:.0%} of the rows name {country.name.title()} in column {column.column!r}"
            return country, round(0.4 + 0.6 * share, 2), reason
    for column in _columns(tables, ColumnRole.REGION):
        if found := atlas.country_of_regions(column.facts.counts):
            return found, 0.8, f"the values of column {column.column!r} are regions of {found.name.title()}"
    return None


def _columns(tables: Iterable[TableGuess], role: ColumnRole) -> list[ColumnGuess]:
    """All columns of one role that hold something."""
    return [column for table in tables for column in table.of_role(role) if column.facts.counts]


def _mapping(value: YamlValue) -> Mapping[str, YamlValue]:
    """A mapping of the file; empty for anything else."""
    return value if isinstance(value, dict) else {}


def _list(value: YamlValue) -> Sequence[YamlValue]:
    """A list of the file; empty for anything else."""
    return value if isinstance(value, list) else []
