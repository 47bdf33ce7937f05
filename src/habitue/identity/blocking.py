"""Which records are compared at all: those that agree on one of many keys.

What no key brings together is never found, so there are many keys: exact, by sound, by first letters, by contact
details and addresses. A key that too many records share is skipped; a narrower one takes its place.

Cost: a sort for each key, then one step for each pair; about half a second of each 100,000 records.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntFlag
from typing import Final

import numpy as np
import pyarrow as pa

from habitue.identity.coded import Coded, Hashes
from habitue.identity.edges import Bools, Ints
from habitue.identity.preparing import Prepared, letters
from habitue.identity.sounds import sound

_ODD: Final = np.uint64(0x9E3779B97F4A7C15)
_SHIFT: Final = np.uint64(29)
_FIRST_DAY: Final = "-01-01"
_BROAD: Final = 0.4
_FEW: Final = 10_000
_NUMBER: Final = re.compile(r"[0-9]+[a-z]?\b")
_VOWELS: Final = re.compile(r"[aeiou\W\d]+")


class Family(IntFlag):
    """What a key is made of; two families that find much the same pairs find nearly all of them."""

    WHO = 1
    WHERE = 2
    BOTH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Something that two records of one person agree on.

    Attributes:
        parts: What must be equal, by names of `_parts`; `a|b` stands for two in either order.
        largest: More records than this sharing a value are not compared.
        family: What it is made of.
        broad: Whether many people share it: used only while it makes few pairs for the number of records.
    """

    parts: tuple[str, ...]
    largest: int
    family: Family
    broad: bool = False


KEYS: Final = (
    Key(parts=("email",), largest=40, family=Family.WHERE),
    Key(parts=("phone",), largest=40, family=Family.WHERE),
    Key(parts=("local",), largest=20, family=Family.WHERE),
    Key(parts=("postcode", "street"), largest=40, family=Family.WHERE),
    Key(parts=("given|surname",), largest=12, family=Family.WHO),
    Key(parts=("given|surname", "year"), largest=40, family=Family.WHO),
    Key(parts=("given|surname", "city"), largest=40, family=Family.BOTH),
    Key(parts=("surname_sound", "birth"), largest=40, family=Family.WHO),
    Key(parts=("given_sound", "birth"), largest=40, family=Family.WHO),
    Key(parts=("given_first|surname_first", "birth"), largest=40, family=Family.WHO),
    Key(parts=("given_sound|surname_sound",), largest=8, family=Family.WHO),
    Key(parts=("given_sound|surname_sound", "year"), largest=40, family=Family.WHO),
    Key(parts=("given_sound|surname_sound", "day"), largest=40, family=Family.WHO),
    Key(parts=("given_sound|surname_sound", "city"), largest=40, family=Family.BOTH),
    Key(parts=("given_start", "surname_start"), largest=6, family=Family.WHO),
    Key(parts=("given_end", "surname_end", "city"), largest=20, family=Family.BOTH),
    Key(parts=("surname", "given_first", "city"), largest=20, family=Family.BOTH),
    Key(parts=("surname_sound", "postcode"), largest=40, family=Family.BOTH),
    Key(parts=("given_sound", "postcode"), largest=40, family=Family.BOTH),
    Key(parts=("surname_start", "given_first", "postcode"), largest=40, family=Family.BOTH),
    Key(parts=("given", "street"), largest=20, family=Family.BOTH),
    Key(parts=("surname", "street"), largest=20, family=Family.BOTH),
    Key(parts=("birth", "street"), largest=20, family=Family.BOTH),
    Key(parts=("birth", "city"), largest=40, family=Family.BOTH),
    Key(parts=("birth", "area"), largest=40, family=Family.BOTH),
    Key(parts=("whole_name",), largest=12, family=Family.BOTH),
    Key(parts=("birth",), largest=12, family=Family.WHO, broad=True),
    Key(parts=("given_sound", "month"), largest=20, family=Family.WHO, broad=True),
    Key(parts=("surname_sound", "month"), largest=20, family=Family.WHO, broad=True),
    Key(parts=("given_sound", "day"), largest=20, family=Family.WHO, broad=True),
    Key(parts=("surname_sound", "day"), largest=20, family=Family.WHO, broad=True),
    Key(parts=("given_sound", "city_sound"), largest=20, family=Family.BOTH, broad=True),
    Key(parts=("surname_sound", "city_sound"), largest=20, family=Family.BOTH, broad=True),
    Key(parts=("given", "area"), largest=20, family=Family.BOTH, broad=True),
    Key(parts=("surname", "area"), largest=20, family=Family.BOTH, broad=True),
    Key(parts=("surname_sound",), largest=6, family=Family.WHO, broad=True),
    Key(parts=("given_sound", "house"), largest=20, family=Family.BOTH, broad=True),
    Key(parts=("surname_sound", "house"), largest=20, family=Family.BOTH, broad=True),
    Key(parts=("postcode", "house"), largest=20, family=Family.WHERE, broad=True),
    Key(parts=("road", "city_sound"), largest=20, family=Family.WHERE, broad=True),
    Key(parts=("road", "house"), largest=20, family=Family.WHERE, broad=True),
    Key(parts=("local_start",), largest=12, family=Family.WHERE, broad=True),
    Key(parts=("host",), largest=8, family=Family.WHERE, broad=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Pairs of records to compare, each once, by place in the table, the smaller on the left.

    Attributes:
        left: Places.
        right: Places.
        families: Which kinds of keys brought each pair together, as bits of `Family`.
        skipped: How many records shared a value with too many others, by parts of the key.
    """

    left: Ints
    right: Ints
    families: Ints
    skipped: Mapping[str, int]

    def __len__(self) -> int:
        """How many pairs."""
        return len(self.left)


def block(prepared: Prepared, *, keys: Sequence[Key] = KEYS) -> Candidates:
    """The pairs of records that agree on one of the keys; keys of columns that are absent are left out.

    Args:
        prepared: The records.
        keys: What they may agree on.
    """
    parts = _parts(prepared)
    found: dict[Family, list[Ints]] = {family: [] for family in Family}
    skipped: dict[str, int] = {}
    for key in keys:
        names = [name for part in key.parts for name in part.split("|")]
        if not all(name in parts for name in names):
            continue
        hashes, rows = _hashed(key, parts, prepared.records)
        pairs, left_out = _pairs(hashes, rows, key, prepared.records)
        found[key.family].append(pairs)
        if left_out:
            skipped["+".join(key.parts)] = left_out
    single = {family: np.unique(np.concatenate(pairs)) for family, pairs in found.items() if pairs}
    everything = np.unique(np.concatenate([*single.values(), np.zeros(0, np.int64)]))
    families = np.zeros(len(everything), dtype=np.int64)
    for family, pairs in single.items():
        families[np.searchsorted(everything, pairs)] |= int(family)
    size = max(prepared.records, 1)
    return Candidates(left=everything // size, right=everything % size, families=families, skipped=skipped)


def _parts(prepared: Prepared) -> dict[str, Hashes]:
    """What keys are made of, as numbers; 0 where it is missing."""
    text, parts = prepared.text, dict[str, Hashes]()
    for role, name in (("given_name", "given"), ("surname", "surname")):
        if role in text:
            parts |= _name_parts(name, text[role])
    if "given_name" in text and "surname" in text:
        parts["whole_name"] = _whole_names(prepared)
    if "birth_date" in text:
        birth = text["birth_date"]
        parts["birth"] = birth.map(lambda date: None if date.endswith(_FIRST_DAY) else date).hashes()
        parts["year"] = birth.map(lambda date: date[:4]).hashes()
        parts["month"] = birth.map(lambda date: None if date.endswith(_FIRST_DAY) else date[:7]).hashes()
        parts["day"] = birth.map(lambda date: None if date.endswith(_FIRST_DAY) else date[5:]).hashes()
    return parts | _contact_parts(text)


def _contact_parts(text: Mapping[str, Coded]) -> dict[str, Hashes]:
    parts = {name: text[name].hashes() for name in ("email", "phone", "postcode", "city", "street") if name in text}
    if "email" in text:
        email = text["email"]
        parts["local"] = email.map(lambda address: address.partition("@")[0]).hashes()
        parts["local_start"] = email.map(lambda address: address.partition("@")[0][:5]).hashes()
        parts["host"] = email.map(lambda address: address.partition("@")[2]).hashes()
    if "postcode" in text:
        parts["area"] = text["postcode"].map(area).hashes()
    if "city" in text:
        parts["city_sound"] = text["city"].map(sound).hashes()
    if "street" in text:
        parts["house"] = text["street"].map(_house).hashes()
        parts["road"] = text["street"].map(lambda street: _VOWELS.sub("", street)[:5] or None).hashes()
    return parts


def _house(street: str) -> str | None:
    found = _NUMBER.search(street)
    return None if found is None else found[0]


def _name_parts(name: str, column: Coded) -> dict[str, Hashes]:
    return {
        name: column.hashes(),
        f"{name}_sound": column.map(sound).hashes(),
        f"{name}_first": column.map(lambda value: value[0]).hashes(),
        f"{name}_start": column.map(lambda value: value[:3] if len(value) > 2 else None).hashes(),
        f"{name}_end": column.map(lambda value: value[-3:] if len(value) > 2 else None).hashes(),
    }


def _whole_names(prepared: Prepared) -> Hashes:
    """Given name and surname as one word, for the records first and then what e-mail addresses make of them."""
    given, surname = prepared.text["given_name"], prepared.text["surname"]
    rows = np.arange(prepared.records)
    names = [
        f"{one}{two}" if one and two and len(one) > 1 else None
        for one, two in zip(given.rows(rows), surname.rows(rows), strict=True)
    ]
    if "email" not in prepared.text:
        return Coded.of(_array(names)).hashes()
    written = prepared.text["email"].map(letters).rows(rows)
    return Coded.of(_array([*names, *written])).hashes()


def _array(values: Sequence[str | None]) -> pa.Array:
    return pa.array(values, pa.string())


def area(postcode: str) -> str | None:
    """The larger area of a postcode without spaces: its outward part where it ends as British ones do, else its start.

    Examples:
        >>> area("sw1a1aa"), area("80331"), area("2602"), area("7")
        ('sw1a', '803', '26', None)
    """
    if len(postcode) >= 5 and postcode[-3].isdecimal() and postcode[-2:].isalpha():
        return postcode[:-3]
    return postcode[: len(postcode) - 2] if len(postcode) >= 4 else None


def _hashed(key: Key, parts: Mapping[str, Hashes], records: int) -> tuple[Hashes, Ints]:
    """A number for each row that has all parts, and the record of each row."""
    whole = np.zeros(1, dtype=np.uint64)
    known: Bools = np.ones(1, dtype=np.bool_)
    for part in key.parts:
        if "|" in part:
            one, two = (parts[name] for name in part.split("|"))
            known = known & (one > 0) & (two > 0)
            whole = _mixed(_mixed(whole, np.minimum(one, two)), np.maximum(one, two))
        else:
            known = known & (parts[part] > 0)
            whole = _mixed(whole, parts[part])
    places = np.flatnonzero(known).astype(np.int64)
    return whole[places], places % max(records, 1)


def _mixed(whole: Hashes, part: Hashes) -> Hashes:
    mixed: Hashes = (whole ^ part) * _ODD
    return mixed ^ (mixed >> _SHIFT)


def _pairs(hashes: Hashes, rows: Ints, key: Key, records: int) -> tuple[Ints, int]:
    """All pairs of rows with equal numbers, as one number each; and how many rows shared theirs with too many."""
    order = np.argsort(hashes, kind="stable")
    hashes, rows = hashes[order], rows[order]
    starts = np.flatnonzero(np.r_[True, hashes[1:] != hashes[:-1]]) if len(hashes) else np.zeros(0, np.int64)
    sizes = np.diff(np.r_[starts, len(hashes)])
    compared = (sizes > 1) & (sizes <= key.largest)
    left_out = int(sizes[sizes > key.largest].sum())
    if key.broad and int((sizes * (sizes - 1) // 2)[compared].sum()) > max(_BROAD * records, _FEW):
        return np.zeros(0, dtype=np.int64), left_out
    kept = np.repeat(compared, sizes)
    hashes, rows = hashes[kept], rows[kept]
    made: list[Ints] = [np.zeros(0, dtype=np.int64)]
    here = np.arange(len(rows))
    step = 1
    while len(here):
        here = here[here + step < len(rows)]
        here = here[hashes[here + step] == hashes[here]]
        one, two = rows[here], rows[here + step]
        apart = one != two
        made.append(np.minimum(one, two)[apart] * records + np.maximum(one, two)[apart])
        step += 1
    return np.concatenate(made).astype(np.int64), left_out
