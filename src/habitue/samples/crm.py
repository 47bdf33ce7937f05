"""The customer records: one for each person, and second ones that do not quite say the same."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from habitue.samples.accounts import account_ids, paper
from habitue.samples.dice import Bools, Dice, Floats, Ints
from habitue.samples.feeds import Rows, Spoiling, instants_s, only_where, pick
from habitue.samples.names import CITIES, DIAL, PROVIDERS, SPOKEN, Nation, nation, plain
from habitue.samples.people import COUNTRIES, NEVER, People
from habitue.samples.personas import NEW_PARENT
from habitue.samples.span import DAY, Span

SPOILINGS = (
    Spoiling(kind="missing_required", column="customer_id", value=""),
    Spoiling(kind="bad_format", column="email", value="not-an-address"),
    Spoiling(kind="not_allowed", column="country", value="XX"),
    Spoiling(kind="bad_format", column="birth_date", value="1987-13-45"),
)
ORIGINAL, SECOND_ACCOUNT, REENTRY = "original", "second_account", "reentry"
SOURCES = ("search", "friend", "social", "store", "fair", "advert")
_REENTERED = 0.05
_HOUSEHOLD = 0.07
_WRITTEN = (
    "first_name", "last_name", "email", "phone", "birth_date", "street", "postcode", "city", "country",
)  # fmt: skip
_KEYS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One customer record as it is written down; empty where nothing was given.

    Attributes:
        person: Place in the block.
        kind: original, second_account or reentry.
        first_name, last_name, email, phone, birth_date: Who.
        street, postcode, city, country: Where.
        registered_at: When the record was made, UTC seconds.
    """

    person: int
    kind: str
    first_name: str
    last_name: str
    email: str
    phone: str
    birth_date: str
    street: str
    postcode: str
    city: str
    country: str
    registered_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The records of a block, by time.

    Attributes:
        records: The records.
        household: Number of each person's household, over the whole sample.
    """

    records: list[Record]
    household: Ints


def nations() -> dict[str, Nation]:
    """The names of every country of the sample."""
    return {country: nation(country) for country in COUNTRIES}


def write_records(dice: Dice, people: People, span: Span, known: dict[str, Nation]) -> Book:
    """Write down everybody once, and some a second time with what people and clerks get wrong."""
    size = len(people)
    shares = dice.chance(_HOUSEHOLD, size)
    shares[:1] = False
    shares[1:] &= people.country[1:] == people.country[:-1]
    household = np.where(shares, np.arange(size) - 1, np.arange(size)) + people.first
    originals = _originals(dice, people, span, known, shares)
    reentered = dice.chance(_REENTERED, size)
    second = people.second_at < np.minimum(span.until, NEVER)
    doubles: list[Record] = []
    since = np.maximum(people.registered_at, span.start)
    later = since + ((span.until - since) * dice.uniform(size)).astype(np.int64)
    for place in np.flatnonzero(reentered | second).tolist():
        kinds = [(REENTRY, int(later[place]))] if reentered[place] else []
        kinds += [(SECOND_ACCOUNT, int(people.second_at[place]))] if second[place] else []
        for kind, at in kinds:
            again = replace(originals[place], kind=kind, registered_at=at)
            doubles.append(_misremembered(dice.uniform(24), again, known, originals))
    slips = np.flatnonzero(dice.chance(0.02, size)).tolist()
    for place in slips:
        old = originals[place]
        originals[place] = replace(old, last_name=_typo(old.last_name, dice.uniform(3)))
    return Book(records=sorted(originals + doubles, key=lambda each: each.registered_at), household=household)


def _originals(dice: Dice, people: People, span: Span, known: dict[str, Nation], shares: Bools) -> list[Record]:
    size = len(people)
    draws = dice.uniform(14 * size).reshape(size, 14).tolist()
    years = np.where(people.persona == NEW_PARENT, dice.integers(size, 22, 43), 18 + dice.integers(size, 0, 62))
    born = (span.until // DAY - years * 365 - dice.integers(size, 0, 365)).astype("datetime64[D]")
    dates = np.datetime_as_string(born).tolist()
    numbers = ((people.first + np.arange(size)) * 756_839 % 899_999_963 + 100_000_000).tolist()
    made: list[Record] = []
    rows = zip(people.country.tolist(), draws, dates, numbers, people.registered_at.tolist(), strict=True)
    for place, (country, draw, date, number, registered_at) in enumerate(rows):
        code = COUNTRIES[country]
        record = _original(place, code, known[code], draw, (date, number, registered_at))
        if shares[place]:
            home = made[place - 1]
            record = replace(
                record, last_name=home.last_name, street=home.street, postcode=home.postcode, city=home.city
            )  # fmt: skip
        made.append(record)
    return made


def _original(place: int, code: str, names: Nation, draw: list[float], facts: tuple[str, int, int]) -> Record:
    date, number, registered_at = facts
    first = names.first[int(len(names.first) * draw[0] * draw[0])]
    last = names.last[int(len(names.last) * draw[1] * draw[1] * draw[1])]
    city, area = CITIES[code][int(len(CITIES[code]) * draw[2] * draw[2])]
    street = _street(names, draw[3], draw[4])
    tail = f"{number % 9973}"
    local = (f"{first}.{last}{tail}", f"{first[0]}{last}{tail}", f"{last}.{first}{tail[:3]}{number % 97}")[
        int(draw[5] * 3)
    ]
    return Record(
        person=place,
        kind=ORIGINAL,
        first_name=first,
        last_name=last,
        email="" if draw[6] < 0.03 else f"{plain(local).lower()}@{PROVIDERS[int(draw[7] * len(PROVIDERS))]}",
        phone="" if draw[8] < 0.2 else f"{DIAL[code]}{number}",
        birth_date="" if draw[9] < 0.25 else date,
        street="" if draw[10] < 0.06 else street,
        postcode="" if draw[10] < 0.06 else _postcode(code, area, draw[11], draw[12]),
        city=city,
        country=code,
        registered_at=registered_at,
    )


def _street(names: Nation, which: float, house: float) -> str:
    street, number = names.streets[int(len(names.streets) * which)], 1 + int(130 * house * house)
    return f"{street} {number}" if names.spoken in ("de", "nl") else f"{number} {street}"


def _postcode(code: str, area: str, one: float, two: float) -> str:
    if code == "GB":
        letters = "ABDEFGHJLNPQRSTUWXYZ"
        end = letters[int(two * 20)] + letters[int(two * 400) % 20]
        return f"{area}{1 + int(one * 20)} {int(one * 200) % 10}{end}"
    if code == "IE":
        return f"{area}{int(one * 10)} {_KEYS[int(two * 26)].upper()}{int(two * 2600) % 100:02d}{int(one * 100) % 10}"
    if code == "NL":
        return f"{area}{int(one * 100):02d} {_KEYS[int(two * 26)].upper()}{_KEYS[int(one * 26)].upper()}"
    return f"{area}{int(one * 10 ** (4 if code == 'AT' else 5) / 100):0{2 if code == 'AT' else 3}d}"


def _misremembered(u: Floats, record: Record, known: dict[str, Nation], others: list[Record]) -> Record:
    """The record as somebody gives it a second time."""
    draw = u.tolist()
    names = known[record.country]
    record = _renamed(draw, record, names, others)
    if draw[6] < 0.40:
        local = plain(f"{record.first_name}{record.last_name}{int(draw[7] * 9000) + 10}").lower().replace(" ", "")
        record = replace(record, email=f"{local}@{PROVIDERS[int(draw[8] * len(PROVIDERS))]}")
    elif draw[6] < 0.55:
        record = replace(record, email="")
    elif draw[6] < 0.62:
        local, at, provider = record.email.partition("@")
        record = replace(record, email=_typo(local, draw[8:11]) + at + provider)
    if draw[11] < 0.3:
        record = replace(record, phone="")
    elif draw[11] < 0.65 and record.phone:
        record = replace(record, phone=_spaced(record.phone, record.country))
    if draw[12] < 0.2:
        record = replace(record, birth_date="")
    elif draw[12] < 0.27 and record.birth_date:
        record = replace(record, birth_date=_swapped(record.birth_date))
    return _moved(draw, record, names)


def _renamed(draw: list[float], record: Record, names: Nation, others: list[Record]) -> Record:
    """Nicknames, initials, slips of the key, swapped fields, a new surname, umlauts and capitals."""
    first, last = record.first_name, record.last_name
    if draw[0] < 0.15:
        first = names.nick[names.first.index(first)]
    elif draw[0] < 0.20:
        first = f"{first[0]}."
    elif draw[0] < 0.34:
        first = _typo(first, draw[1:4])
    if draw[4] < 0.05:
        last = others[int(draw[5] * len(others))].last_name
    elif draw[4] < 0.22:
        last = _typo(last, draw[1:4])
    elif draw[4] < 0.32:
        last = plain(last)
    elif draw[4] < 0.40:
        first, last = first.upper(), last.upper()
    if draw[5] < 0.04:
        first, last = last, first
    return replace(record, first_name=first, last_name=last)


def _moved(draw: list[float], record: Record, names: Nation) -> Record:
    if draw[13] < 0.2:
        city, area = CITIES[record.country][int(len(CITIES[record.country]) * draw[14])]
        postcode = _postcode(record.country, area, draw[15], draw[16])
        return replace(record, street=_street(names, draw[17], draw[18]), postcode=postcode, city=city)
    if draw[13] < 0.45:
        short = record.street.replace(" Street", " St").replace(" Road", " Rd").replace("straße", "str.")
        return replace(record, street=short.replace(" Avenue", " Ave").replace(" Lane", " Ln"))
    return replace(record, street="", postcode="") if draw[13] < 0.55 else record


def _typo(text: str, draw: Iterable[float]) -> str:
    """One slip of the key: a letter dropped, doubled, swapped with its neighbour or replaced."""
    if len(text) < 3:
        return text
    where, how, which = draw
    place = 1 + int(where * (len(text) - 2))
    if how < 0.3:
        return text[:place] + text[place + 1 :]
    if how < 0.5:
        return text[:place] + text[place] + text[place:]
    if how < 0.75:
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text[:place] + _KEYS[int(which * 26)] + text[place + 1 :]


def _spaced(phone: str, country: str) -> str:
    """The number as it is written at home: a leading nought and spaces."""
    local = "0" + phone[4 if country == "IE" else 3 :]
    return f"{local[:5]} {local[5:8]} {local[8:]}"


def _swapped(date: str) -> str:
    """Day and month the wrong way round, where that is a date; otherwise another year."""
    year, month, day = date.split("-")
    return f"{year}-{day}-{month}" if int(day) <= 12 and day != month else f"{int(year) + 1}-{month}-{min(day, '28')}"


def record_accounts(people: People, records: list[Record]) -> list[str]:
    """Customer id on each record."""
    person = np.array([each.person for each in records], dtype=np.int64)
    second = np.array([each.kind == SECOND_ACCOUNT for each in records], dtype=bool)
    return [str(each) for each in account_ids(people.first + person, second).to_pylist()]


def record_rows(book: Book, people: People, number: Ints) -> Rows:
    """The records as the CRM exports them, oldest first.

    Args:
        book: The records.
        people: Their block.
        number: Number of each record over the whole sample.
    """
    records = book.records
    made = np.array([each.registered_at for each in records], dtype=np.int64)
    chance = (number * 2_654_435_761 % 1000).astype(np.int64)
    language = [SPOKEN[each.country] for each in records]
    card = only_where(paper("L", number), chance % 100 < 38)
    return Rows(
        names=(
            "record_id", "customer_id", "first_name", "last_name", "email", "phone", "birth_date", "street", "postcode",
            "city", "country", "language", "registered_at", "source", "loyalty_card",
        ),
        columns=(
            paper("CRM", number),
            pa.array(record_accounts(people, records)),
            *(pa.array([getattr(each, name) for each in records]) for name in _WRITTEN),
            pa.array(language),
            instants_s(made),
            pick(pa.array(SOURCES), chance % len(SOURCES)),
            card,
        ),
    )  # fmt: skip
