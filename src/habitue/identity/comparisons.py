"""How two records are compared: for each kind of column, levels of agreement from the closest to none.

Levels are conditions of constant text in DuckDB's dialect, read by Splink. Each carries what it is worth before
anything is learned: `m`, its share among pairs of one person, and `u`, among pairs of different people; measured on
made-up people with the errors that clerks make.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

RARE: Final = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One level of agreement; a pair is on the first one that holds.

    Attributes:
        name: Of the level, once in a comparison.
        holds: Condition over the columns of both records; empty for "everything else".
        m: Share of pairs of one person on this level, before learning.
        u: Share of pairs of different people on it, before learning.
        by_frequency: Column whose common values count less; empty for none.
        given_names: Whether `u` is the share among namesakes, to whom what is made of names says little.
    """

    name: str
    holds: str
    m: float
    u: float
    by_frequency: str = ""
    given_names: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How one kind of column is compared.

    Attributes:
        name: Of the comparison.
        needs: Columns that must be there.
        missing: When nothing can be said of a pair.
        levels: The closest first, the last one holding for everything else.
    """

    name: str
    needs: tuple[str, ...]
    missing: str
    levels: tuple[Level, ...]


_GIVEN: Final = Comparison(
    name="given_name",
    needs=("given_name",),
    missing="given_name_l IS NULL OR given_name_r IS NULL",
    levels=(
        Level(
            name="same_initial",
            holds="length(given_name_l) = 1 AND length(given_name_r) = 1 AND given_name_l = given_name_r",
            m=0.005,
            u=3e-4,
        ),
        Level(name="same", holds="given_name_l = given_name_r", m=0.66, u=3e-3, by_frequency="given_name"),
        Level(
            name="near",
            holds="jaro_winkler_similarity(given_name_l, given_name_r) >= 0.9"
            " AND length(given_name_l) > 1 AND length(given_name_r) > 1",
            m=0.16,
            u=1e-3,
        ),
        Level(
            name="initial",
            holds="(length(given_name_l) = 1 OR length(given_name_r) = 1)"
            " AND left(given_name_l, 1) = left(given_name_r, 1)",
            m=0.1,
            u=8e-3,
        ),
        Level(name="other", holds="", m=0.075, u=0.987),
    ),
)
_SURNAME: Final = Comparison(
    name="surname",
    needs=("surname",),
    missing="surname_l IS NULL OR surname_r IS NULL",
    levels=(
        Level(name="same", holds="surname_l = surname_r", m=0.69, u=1e-3, by_frequency="surname"),
        Level(name="near", holds="jaro_winkler_similarity(surname_l, surname_r) >= 0.9", m=0.17, u=4e-4),
        Level(name="other", holds="", m=0.14, u=0.9986),
    ),
)
_BIRTH: Final = Comparison(
    name="birth_date",
    needs=("birth_date",),
    missing="birth_date_l IS NULL OR birth_date_r IS NULL",
    levels=(
        Level(name="same", holds="birth_date_l = birth_date_r", m=0.88, u=5e-5),
        Level(
            name="near",
            holds="damerau_levenshtein(birth_date_l, birth_date_r) <= 1"
            " OR (left(birth_date_l, 4) = left(birth_date_r, 4)"
            " AND substr(birth_date_l, 6, 2) = substr(birth_date_r, 9, 2)"
            " AND substr(birth_date_l, 9, 2) = substr(birth_date_r, 6, 2))",
            m=0.06,
            u=1.2e-3,
        ),
        Level(
            name="same_day",
            holds="substr(birth_date_l, 6) = substr(birth_date_r, 6) AND substr(birth_date_l, 6) <> '01-01'",
            m=5e-3,
            u=2.1e-3,
        ),
        Level(name="same_year", holds="left(birth_date_l, 4) = left(birth_date_r, 4)", m=0.045, u=0.012),
        Level(name="other", holds="", m=0.01, u=0.985),
    ),
)
_PHONE: Final = Comparison(
    name="phone",
    needs=("phone",),
    missing="phone_l IS NULL OR phone_r IS NULL",
    levels=(
        Level(name="same", holds="phone_l = phone_r", m=0.75, u=1e-6),
        Level(name="other", holds="", m=0.25, u=0.999999),
    ),
)
_SAME: Final = "email_l = email_r"
_LOCAL: Final = "email_local_l = email_local_r"
_NEAR: Final = "jaro_winkler_similarity(email_local_l, email_local_r) >= 0.92"
_EMAIL: Final = Comparison(
    name="email",
    needs=("email",),
    missing="email_l IS NULL OR email_r IS NULL",
    levels=(
        Level(name="same", holds=_SAME, m=0.7, u=4e-6),
        Level(name="same_local", holds=_LOCAL, m=0.035, u=2e-6),
        Level(name="near", holds=_NEAR, m=0.065, u=2.5e-5),
        Level(name="other", holds="", m=0.2, u=0.99997),
    ),
)
# Namesakes share addresses made of their names: where names agree, agreement of such addresses is worth little.
_NAMESAKES: Final = (
    " AND (email_named_l OR email_named_r) AND coalesce(left(given_name_l, 1) = left(given_name_r, 1)"
    " AND (surname_l = surname_r OR jaro_winkler_similarity(surname_l, surname_r) >= 0.9), FALSE)"
)
_NAMED_EMAIL: Final = Comparison(
    name="email",
    needs=("email", "given_name", "surname"),
    missing="email_l IS NULL OR email_r IS NULL",
    levels=(
        Level(name="same_of_name", holds=_SAME + _NAMESAKES, m=0.41, u=0.02, given_names=True),
        Level(name="same", holds=_SAME, m=0.3, u=4e-6),
        Level(name="same_local_of_name", holds=_LOCAL + _NAMESAKES, m=0.022, u=0.05, given_names=True),
        Level(name="same_local", holds=_LOCAL, m=0.012, u=2e-6),
        Level(name="near_of_name", holds=_NEAR + _NAMESAKES, m=0.05, u=0.2, given_names=True),
        Level(name="near", holds=_NEAR, m=0.016, u=2.5e-5),
        Level(name="other", holds="", m=0.19, u=0.99997),
    ),
)
_ADDRESS: Final = Comparison(
    name="address",
    needs=("postcode", "street", "city"),
    missing="(postcode_l IS NULL OR postcode_r IS NULL) AND (street_l IS NULL OR street_r IS NULL)"
    " AND (city_l IS NULL OR city_r IS NULL)",
    levels=(
        Level(name="same_place", holds="postcode_l = postcode_r AND street_l = street_r", m=0.2, u=5e-7),
        Level(name="same_postcode", holds="postcode_l = postcode_r", m=0.28, u=1e-5),
        Level(name="same_street", holds="jaro_winkler_similarity(street_l, street_r) >= 0.95", m=0.15, u=6e-5),
        Level(name="same_area", holds="area_l = area_r", m=0.008, u=7.5e-3),
        Level(name="same_city", holds="city_l = city_r", m=0.11, u=3e-3, by_frequency="city"),
        Level(name="other", holds="", m=0.25, u=0.989),
    ),
)
_PLACE: Final = Comparison(
    name="address",
    needs=("postcode", "street"),
    missing="(postcode_l IS NULL OR postcode_r IS NULL) AND (street_l IS NULL OR street_r IS NULL)",
    levels=tuple(level for level in _ADDRESS.levels if level.name != "same_city"),
)
_POSTCODE: Final = Comparison(
    name="postcode",
    needs=("postcode",),
    missing="postcode_l IS NULL OR postcode_r IS NULL",
    levels=(
        Level(name="same", holds="postcode_l = postcode_r", m=0.7, u=1e-3, by_frequency="postcode"),
        Level(name="same_area", holds="area_l = area_r", m=0.05, u=8e-3),
        Level(name="near", holds="damerau_levenshtein(postcode_l, postcode_r) <= 1", m=0.05, u=2e-3),
        Level(name="other", holds="", m=0.2, u=0.989),
    ),
)
_STREET: Final = Comparison(
    name="street",
    needs=("street",),
    missing="street_l IS NULL OR street_r IS NULL",
    levels=(
        Level(name="same", holds="street_l = street_r", m=0.6, u=6e-5, by_frequency="street"),
        Level(name="near", holds="jaro_winkler_similarity(street_l, street_r) >= 0.92", m=0.15, u=2e-4),
        Level(name="other", holds="", m=0.25, u=0.9997),
    ),
)
_CITY: Final = Comparison(
    name="city",
    needs=("city",),
    missing="city_l IS NULL OR city_r IS NULL",
    levels=(
        Level(name="same", holds="city_l = city_r", m=0.75, u=3e-3, by_frequency="city"),
        Level(name="near", holds="jaro_winkler_similarity(city_l, city_r) >= 0.92", m=0.05, u=1e-3),
        Level(name="other", holds="", m=0.2, u=0.99),
    ),
)


def _also(place: int) -> Comparison:
    """How one more column is compared; its conditions are written by Splink."""
    name = f"also_{place}"
    return Comparison(
        name=name,
        needs=(name,),
        missing="",
        levels=(
            Level(name="same", holds="", m=0.75, u=0.05, by_frequency=name),
            Level(name="near", holds="", m=0.1, u=0.02),
            Level(name="other", holds="", m=0.15, u=0.93),
        ),
    )


def comparisons_for(columns: Collection[str]) -> tuple[Comparison, ...]:
    """How records with these columns are compared.

    Examples:
        >>> [each.name for each in comparisons_for(["given_name", "surname", "email", "city"])]
        ['given_name', 'surname', 'email', 'city']
    """
    have = set(columns)
    chosen = [each for each in (_GIVEN, _SURNAME, _BIRTH, _PHONE) if have.issuperset(each.needs)]
    chosen += [each for each in (_NAMED_EMAIL, _EMAIL) if have.issuperset(each.needs)][:1]
    # Parts of one address agree together: told apart, each would count what the others say once more.
    whole = [each for each in (_ADDRESS, _PLACE) if have.issuperset(each.needs)][:1]
    chosen += whole or [each for each in (_POSTCODE, _STREET, _CITY) if have.issuperset(each.needs)]
    chosen += [_also(place) for place in range(1, 9) if f"also_{place}" in have]
    return tuple(chosen)
