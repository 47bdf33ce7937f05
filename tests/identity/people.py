"""Made-up people written down several times, with what people and clerks get wrong, and the truth of who is who.

One to four records a person; names mistyped, shortened, swapped or changed by marriage; wrong birth dates; fields
missing; people who move and change numbers; common names, so that namesakes abound; and e-mail addresses made of names,
so that namesakes share them. The same seed and size give the same people.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

COLUMNS: Final = (
    "record_id", "given_name", "surname", "birth_date", "email", "phone", "postcode", "city", "street",
)  # fmt: skip
SURNAMES: Final = 6_000
GIVEN_NAMES: Final = 700
MISSING: Final = {"birth_date": 0.25, "email": 0.3, "phone": 0.3, "postcode": 0.2, "street": 0.3, "city": 0.15}
TYPO: Final = 0.12
_RECORDS: Final = (0.45, 0.30, 0.15, 0.10)
_ONSETS: Final = (*"bcdfghjklmnprstvw", "br", "ch", "gr", "sh", "st", "th", "wh")
_MIDDLES: Final = (*"aeiouy", "ai", "ea", "oo", "ow")
_ENDS: Final = ("", *"nrslm", "ck", "rd", "tt", "nd", "ng", "ll", "rs", "ke", "ne", "st")
_PROVIDERS: Final = ("gmail.com", "outlook.com", "yahoo.co.uk", "mail.example", "icloud.com")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
Text = np.ndarray[Any, np.dtype[np.object_]]
Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Records and the truth about them.

    Attributes:
        table: The records, text columns as in `COLUMNS`; birth dates as `1987-05-31`.
        person: Number of the person behind each record.
    """

    table: pa.Table
    person: Ints

    @property
    def truth(self) -> dict[str, str]:
        """The person of each record id."""
        ids = self.table["record_id"].to_pylist()
        return {record: f"p{person}" for record, person in zip(ids, self.person.tolist(), strict=True)}


def make_crowd(records: int, *, seed: int = 7) -> Crowd:
    """About so many records of people, in random order.

    Args:
        records: Wanted; the number made is this exactly.
        seed: Of all chance.
    """
    chance = np.random.default_rng(seed)
    people = max(1, int(records / 1.9) + 3 * int(records**0.5))
    counts = chance.choice([1, 2, 3, 4], size=people, p=_RECORDS)
    person = np.repeat(np.arange(people), counts)[:records]
    if len(person) < records:
        raise ValueError(f"only {len(person)} records were made")
    facts = _people(chance, people)
    written = {name: values[person] for name, values in facts.items()}
    first = np.r_[True, person[1:] != person[:-1]]
    _change(chance, written, ~first)
    _spoil(chance, written)
    for name, share in MISSING.items():
        written[name][chance.random(records) < share] = None
    order = chance.permutation(records)
    columns = {"record_id": [f"r{number:07d}" for number in range(records)]}
    table = pa.table(
        {name: pa.array(columns[name] if name in columns else written[name][order], pa.string()) for name in COLUMNS}
    )
    return Crowd(table=table, person=person[order])


def _zipf(chance: np.random.Generator, names: Text, size: int, exponent: float) -> Text:
    weights = 1.0 / (np.arange(len(names)) + 8.0) ** exponent
    picked: Text = names[chance.choice(len(names), size=size, p=weights / weights.sum())]
    return picked


def _names(chance: np.random.Generator, count: int, syllables: tuple[int, ...]) -> Text:
    made: dict[str, None] = {}
    while len(made) < count:
        parts = int(chance.choice(syllables))
        picks = [(chance.choice(_ONSETS), chance.choice(_MIDDLES), chance.choice(_ENDS)) for _ in range(parts)]
        name = "".join(
            onset + middle + (end if place == parts - 1 else end[:1])
            for place, (onset, middle, end) in enumerate(picks)
        )
        if len(name) > 2:
            made[name] = None
    return np.array(list(made), dtype=object)


def _people(chance: np.random.Generator, size: int) -> dict[str, Text]:
    vocabulary = np.random.default_rng(1)
    given = _zipf(chance, _names(vocabulary, GIVEN_NAMES, (1, 2, 2, 3)), size, 0.9)
    surname = _zipf(chance, _names(vocabulary, SURNAMES, (1, 2, 2, 3)), size, 0.8)
    days = chance.integers(0, 78 * 365, size)
    birth = np.datetime_as_string(np.datetime64("1930-01-01") + days, unit="D").astype(object)
    facts = {
        "given_name": given,
        "surname": surname,
        "birth_date": birth,
        "email": _emails(chance, given, surname, birth),
    }
    facts["phone"] = _phones(chance, size)
    facts.update(_addresses(chance, size))
    return facts


def _emails(chance: np.random.Generator, given: Text, surname: Text, birth: Text) -> Text:
    size = len(given)
    kind = chance.random(size)
    provider = chance.choice(np.array(_PROVIDERS, dtype=object), size, p=(0.5, 0.2, 0.1, 0.1, 0.1))
    number = chance.integers(1, 100, size)
    made = np.empty(size, dtype=object)
    for place in range(size):
        first, last = given[place], surname[place]
        if kind[place] < 0.25:
            local = f"{first}.{last}"
        elif kind[place] < 0.45:
            local = f"{first}.{last}{number[place]}"
        elif kind[place] < 0.6:
            local = f"{first[0]}{last}{birth[place][2:4]}"
        elif kind[place] < 0.7:
            local = f"{first[0]}.{last}"
        else:
            letters = chance.integers(0, 26, 7)
            local = "".join(_LETTERS[letter] for letter in letters) + str(number[place])
        made[place] = f"{local}@{provider[place]}"
    return made


def _phones(chance: np.random.Generator, size: int) -> Text:
    return np.array([f"+447{number:09d}" for number in chance.integers(0, 1_000_000_000, size).tolist()], dtype=object)


def _addresses(chance: np.random.Generator, size: int) -> dict[str, Text]:
    vocabulary = np.random.default_rng(2)
    towns = _names(vocabulary, 400, (2, 3))
    roads = _names(vocabulary, 2_500, (2, 2, 3))
    town = chance.choice(len(towns), size, p=_weights(len(towns)))
    code = chance.integers(0, 40, size)
    house = chance.integers(1, 180, size)
    road = chance.integers(0, len(roads), size)
    postcode = [
        f"{towns[t][:2]}{t % 90 + 1} {c // 10 + 1}{_LETTERS[c % 20]}{_LETTERS[r % 20]}".upper()
        for t, c, r in zip(town, code, road, strict=True)
    ]
    street = [f"{h} {roads[r]} street" for h, r in zip(house, road, strict=True)]
    return {"city": towns[town], "postcode": np.array(postcode, dtype=object), "street": np.array(street, dtype=object)}


def _weights(count: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    raw = 1.0 / (np.arange(count) + 3.0) ** 0.9
    shares: np.ndarray[Any, np.dtype[np.float64]] = raw / raw.sum()
    return shares


def _change(chance: np.random.Generator, written: dict[str, Text], later: Bools) -> None:
    """What changes in life: people move, marry, and get new numbers and addresses."""
    size = len(later)
    moved = later & (chance.random(size) < 0.2)
    for name, values in _addresses(chance, size).items():
        written[name][moved] = values[moved]
    married = later & (chance.random(size) < 0.05)
    others = chance.permutation(written["surname"])
    written["surname"][married] = others[married]
    renumbered = later & (chance.random(size) < 0.2)
    written["phone"][renumbered] = _phones(chance, size)[renumbered]
    remailed = later & (chance.random(size) < 0.2)
    new = _emails(chance, written["given_name"], written["surname"], written["birth_date"])
    written["email"][remailed] = new[remailed]


def _spoil(chance: np.random.Generator, written: dict[str, Text]) -> None:
    """What is written down wrongly."""
    size = len(written["surname"])
    for name, share in (("given_name", TYPO), ("surname", TYPO), ("street", 0.08), ("email", 0.03), ("postcode", 0.03)):
        for place in np.flatnonzero(chance.random(size) < share):
            written[name][place] = _typo(chance, written[name][place])
    short = np.flatnonzero(chance.random(size) < 0.06)
    written["given_name"][short] = [name[0] for name in written["given_name"][short]]
    swapped = chance.random(size) < 0.03
    written["given_name"][swapped], written["surname"][swapped] = (
        written["surname"][swapped],
        written["given_name"][swapped],
    )
    for place in np.flatnonzero(chance.random(size) < 0.06):
        written["birth_date"][place] = _wrong_date(chance, written["birth_date"][place])
    for name, share in (("given_name", 0.02), ("surname", 0.01)):
        written[name][chance.random(size) < share] = None


def _typo(chance: np.random.Generator, text: str) -> str:
    place, kind = int(chance.integers(0, len(text))), int(chance.integers(0, 4))
    letter = _LETTERS[int(chance.integers(0, 26))]
    if kind == 0 and len(text) > 2:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[:place] + letter + text[place:]
    if kind == 2 and place + 1 < len(text):
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text[:place] + letter + text[place + 1 :]


def _wrong_date(chance: np.random.Generator, date: str) -> str:
    year, month, day = date.split("-")
    kind = int(chance.integers(0, 4))
    if kind == 0 and int(day) <= 12:
        return f"{year}-{day}-{month}"
    if kind == 1:
        return f"{year}-01-01"
    if kind == 2:
        return f"{year}-{month}-{int(chance.integers(1, 29)):02d}"
    return f"{int(year) + int(chance.choice([-10, -1, 1, 10]))}-{month}-{day}"
