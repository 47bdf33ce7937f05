"""Records made comparable: names folded and put the right way round, dates, addresses and numbers written one way.

Everything here is personal, and held in memory only.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa

from habitue.errors import HabitueError, did_you_mean
from habitue.identity.coded import Coded
from habitue.identity.edges import Bools, Facts, Floats
from habitue.identity.normalise import normalise_email, normalise_phone, normalise_text
from habitue.identity.rules import Matching
from habitue.identity.sounds import fold, fold_name

RECORD_ID: Final = "record_id"
_E164: Final = re.compile(r"\+[1-9][0-9]{7,14}")
_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ].*)?")
_TOGETHER: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_SWAPPED: Final = float(np.log(20.0))
_NAMED: Final = 3


class RecordColumnError(HabitueError):
    """A table of records lacks a column that matching needs."""

    code = "IDENTITY-RECORD-COLUMN"

    def __init__(self, column: str, known: list[str]) -> None:
        near = did_you_mean(column, known)
        super().__init__(
            what=f"The records have no column {column!r}.",
            do=f"Did you mean {near!r}?" if near else "Name a trait of the customers under matching: columns.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Records made comparable, in the order of the table.

    Attributes:
        records: How many.
        text: Columns by role, folded; roles without a column are absent. `also_1` … are the other columns.
        named: Whether the e-mail address holds a name of the record.
    """

    records: int
    text: Mapping[str, Coded]
    named: Bools

    def facts(self) -> Facts:
        """Dates of birth, which keep records apart."""
        if "birth_date" not in self.text:
            return Facts.none(self.records)
        dates = self.text["birth_date"]
        known = Facts.born([*dates.values, None])
        return Facts(year=known.year[dates.code], day=known.day[dates.code])


def prepare(table: pa.Table, matching: Matching, *, region: str | None = None) -> Prepared:
    """Make records comparable.

    Args:
        table: The records with a column `record_id` and those that matching names.
        matching: Which column holds what.
        region: For telephone numbers without a country code.

    Raises:
        RecordColumnError: A column is absent.
    """
    for column in (RECORD_ID, *matching.columns.values(), *matching.also):
        if column not in table.column_names:
            raise RecordColumnError(column, table.column_names)
    text = {role: Coded.of(table[column]) for role, column in matching.columns.items()}
    text = {role: _folded(role, column, region) for role, column in text.items()}
    for place, column in enumerate(matching.also, start=1):
        text[f"also_{place}"] = Coded.of(table[column]).map(_plain)
    if "given_name" in text and "surname" in text:
        text["given_name"], text["surname"] = _right_way_round(text["given_name"], text["surname"])
    return Prepared(records=table.num_rows, text=text, named=_named(text, table.num_rows))


def _folded(role: str, column: Coded, region: str | None) -> Coded:
    match role:
        case "given_name" | "surname":
            return column.map(_name)
        case "birth_date":
            return column.map(birth_date)
        case "email":
            return column.map(normalise_email)
        case "phone":
            return column.map(lambda value: _phone(value, region))
        case "postcode":
            return column.map(lambda value: _plain(value.replace(" ", "")))
        case _:
            return column.map(_plain)


def _plain(value: str) -> str | None:
    clean = normalise_text(value)
    return None if clean is None else fold(clean)


def _name(value: str) -> str | None:
    clean = normalise_text(value)
    return None if clean is None else fold_name(clean)


def birth_date(value: str) -> str | None:
    """A date of birth as `1987-05-31`; None for what is no date.

    Examples:
        >>> birth_date("19870531"), birth_date("1987-05-31 00:00:00"), birth_date("31/5"), birth_date("1987-13-01")
        ('1987-05-31', '1987-05-31', None, None)
    """
    found = _ISO.fullmatch(value.strip()) or _TOGETHER.fullmatch(value.strip())
    if found is None or not 1 <= int(found[2]) <= 12 or not 1 <= int(found[3]) <= 31 or int(found[1]) < 1850:
        return None
    return f"{found[1]}-{found[2]}-{found[3]}"


def _phone(value: str, region: str | None) -> str | None:
    if _E164.fullmatch(value) and len(set(value)) > 3:
        return value
    known = normalise_phone(value, region)
    if known is not None:
        return known
    digits = re.sub(r"\D", "", value)
    return digits if len(digits) >= 7 and len(set(digits)) > 2 else None


def _right_way_round(given: Coded, surname: Coded) -> tuple[Coded, Coded]:
    """Both names, exchanged in records whose given name is a surname elsewhere and whose surname is a given name.

    A pair of names is exchanged where the other order is twenty times as likely, by how often each name stands where.
    """
    values = tuple(dict.fromkeys((*given.values, *surname.values)))
    place = {value: index for index, value in enumerate(values)}
    ours = replace(given, code=_moved(given, place), values=values)
    theirs = replace(surname, code=_moved(surname, place), values=values)
    as_given, as_surname = _shares(ours), _shares(theirs)
    one, two = ours.code, theirs.code
    other_way = as_given[two] + as_surname[one] - as_given[one] - as_surname[two]
    swapped = ours.known & theirs.known & (other_way > _SWAPPED)
    return (
        replace(ours, code=np.where(swapped, two, one)),
        replace(theirs, code=np.where(swapped, one, two)),
    )


def _moved(column: Coded, place: Mapping[str, int]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    moved = np.array([*(place[value] for value in column.values), -1], dtype=np.int64)
    return moved[column.code]


def _shares(column: Coded) -> Floats:
    counts = column.counts() + 0.5
    shares: Floats = np.log(counts / counts.sum())
    return shares


def _named(text: Mapping[str, Coded], records: int) -> Bools:
    """Whether the part of an e-mail address before the @ holds a name of its record."""
    result = np.zeros(records, dtype=np.bool_)
    if "email" not in text:
        return result
    local = text["email"].map(letters)
    for role in ("given_name", "surname"):
        if role not in text:
            continue
        names = text[role]
        places = np.flatnonzero(local.known & names.known & ~result)
        inside = [
            len(name) >= _NAMED and name in address
            for name, address in zip(names.rows(places), local.rows(places), strict=True)
            if name is not None and address is not None
        ]
        result[places] = inside
    return result


def letters(address: str) -> str | None:
    """The letters of an e-mail address before the @.

    Examples:
        >>> letters("ann.lee85@example.org")
        'annlee'
    """
    return "".join(letter for letter in address.partition("@")[0] if letter.isalpha()) or None
