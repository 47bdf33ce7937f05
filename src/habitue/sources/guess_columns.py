"""What each column of a table is taken for, from its name and its values."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from habitue.records import Kind
from habitue.sources.guess_facts import measure
from habitue.sources.guess_times import day_order
from habitue.sources.guess_values import ColumnFacts, ColumnGuess, ColumnRole, SampledTable
from habitue.sources.guess_words import Hint, Vocabulary, last_part, slug_of

R = ColumnRole
PERSONAL = frozenset({R.EMAIL, R.PHONE, R.PERSON_NAME, R.ADDRESS, R.BIRTH_DATE, R.POSTCODE})
MONEY = frozenset({R.AMOUNT, R.PRICE, R.DISCOUNT, R.SHIPPING, R.TAX})
_IDS = frozenset({R.CUSTOMER, R.ACCOUNT, R.ANONYMOUS, R.ORDER, R.ITEM, R.EVENT_ID, R.CAMPAIGN, R.COUPON, R.STORE})
_WORDED = frozenset({R.PERSON_NAME, R.COUNTRY, R.CITY, R.BRAND, R.DESCRIPTION, R.STATUS, R.PAYMENT_TYPE, R.PAGE})
_CODED = frozenset({R.POSTCODE, R.PHONE, R.REGION, R.ADDRESS, R.CURRENCY, R.EVENT_NAME, R.CATEGORY})
_PERSONAL_NAMES = re.compile(r"(?:.*_)?(?:ip|ip_address|user_ipaddress|ssn|soc_sec_id|passport|iban|tax_id)")
_SUMS = re.compile(
    r"(?:.*_)?(?:charges?|income|salary|spend(?:ing)?|balance|fees?|costs?|premium|revenue|sales)(?:_.*)?"
)
_MOST_ROWS_EACH = 2_000
_NUMBERS = (Kind.INTEGER, Kind.NUMBER, Kind.MONEY)


def _is_flag(facts: ColumnFacts) -> bool:
    """Whether a column holds yes and no, as words or as 0 and 1."""
    return facts.kind is Kind.BOOLEAN or set(facts.counts) in ({"0", "1"}, {"0.0", "1.0"})


def _is_message_type(facts: ColumnFacts) -> bool:
    """Whether a column holds the kinds of tracking calls."""
    return bool(facts.counts) and {each.lower() for each in facts.counts} <= _MESSAGES


_MESSAGES = frozenset({"track", "page", "screen", "identify", "group", "alias"})


def _comes_again(facts: ColumnFacts) -> bool:
    """Whether values repeat, as far as so many rows can show it."""
    return not facts.is_unique or facts.rows <= 20


def _is_id(facts: ColumnFacts) -> bool:
    """Whether values can be the ids of something."""
    whole = facts.kind in (Kind.TEXT, Kind.INTEGER) or (facts.kind is Kind.TIME and facts.formats == ("%Y%m%d",))
    return whole and facts.distinct > 0 and facts.words < 4


_FITS: Mapping[ColumnRole, Callable[[ColumnFacts], bool]] = {
    R.CUSTOMER: lambda facts: _is_id(facts) and facts.repeats <= _MOST_ROWS_EACH,
    R.LINE_NUMBER: lambda facts: facts.kind is Kind.INTEGER,
    R.SCORE: lambda facts: facts.kind in _NUMBERS and facts.distinct <= 101,
    R.EMAIL: lambda facts: facts.emails >= 0.5,
    R.EVENT_NAME: lambda facts: facts.kind is Kind.TEXT and facts.distinct <= 500 and _comes_again(facts),
    R.MESSAGE_TYPE: _is_message_type,
    R.STATUS: lambda facts: facts.kind in (Kind.TEXT, Kind.BOOLEAN) and facts.distinct <= 60,
    R.CANCEL_FLAG: _is_flag,
    R.CURRENCY: lambda facts: facts.kind is Kind.TEXT and all(len(each) <= 4 for each in facts.counts),
    R.CATEGORY: lambda facts: facts.kind in (Kind.TEXT, Kind.INTEGER),
    R.GENDER: lambda facts: facts.distinct <= 12,
    R.BIRTH_DATE: lambda facts: facts.kind in (Kind.TIME, Kind.INTEGER),
    R.ROW_NUMBER: lambda facts: facts.is_unique and facts.kind is Kind.INTEGER,
    R.DEVICE: lambda facts: facts.distinct <= 200,
}


def guess_columns(table: SampledTable, words: Vocabulary) -> tuple[ColumnGuess, ...]:
    """A first guess for each column, before the table as a whole is looked at.

    Args:
        table: The sampled file.
        words: What names of columns mean.

    Returns:
        One guess per column, in file order; several columns may have the same role.
    """
    month_first = _month_first(table)
    found = []
    for index, column in enumerate(table.columns):
        facts = measure(
            (row[index] for row in table.rows),
            named_as_time=words.names_a_time(column),
            month_first=month_first,
            decimal=table.decimal,
        )
        guess = _guess(column, facts, words.hints(column) if table.header else ())
        # Beyond the sample a column of whole numbers may hold fractions, and such rows would fail.
        if guess.role is R.NUMBER and facts.decimals <= 2 and _SUMS.fullmatch(slug_of(column)):
            guess = replace(guess, kind=Kind.MONEY)
        loose = guess.role is R.NUMBER and guess.kind is Kind.INTEGER and not table.is_whole
        found.append(replace(guess, kind=Kind.NUMBER) if loose else guess)
    return named(found)


def named(columns: Sequence[ColumnGuess]) -> tuple[ColumnGuess, ...]:
    """The same guesses with field names that are unique."""
    taken: set[str] = set()
    out = []
    for column in columns:
        field, count = column.field, 2
        while field in taken:
            field = f"{column.field}_{count}"
            count += 1
        taken.add(field)
        out.append(replace(column, field=field))
    return tuple(out)


def as_role(column: ColumnGuess, role: ColumnRole, *, confidence: float, reason: str) -> ColumnGuess:
    """The same column taken for something else."""
    kind = kind_of(role, column.facts)
    zero = role in _IDS and column.facts.zero_fraction
    personal = column.personal or role in PERSONAL
    return replace(
        column, role=role, confidence=confidence, reason=reason, kind=kind, integer_text=zero, personal=personal
    )


def kind_of(role: ColumnRole, facts: ColumnFacts) -> Kind:
    """What the values are read as, given the role: ids are text however they look, money is exact.

    Examples:
        >>> kind_of(ColumnRole.ORDER, measure(["489434", "489435"])).value
        'text'
    """
    if role in _IDS or role in _WORDED or role in _CODED:
        return Kind.TEXT
    if role in MONEY and facts.kind in _NUMBERS:
        return Kind.MONEY if facts.decimals <= 4 else Kind.NUMBER
    return Kind.TEXT if facts.kind is Kind.TIME and role not in (R.TIME, R.OTHER_TIME, R.BIRTH_DATE) else facts.kind


def _guess(column: str, facts: ColumnFacts, hints: Sequence[Hint]) -> ColumnGuess:
    """The first guess about one column."""
    role, confidence, reason = _role(facts, hints)
    field = slug_of(column)
    short = slug_of(last_part(column))
    return ColumnGuess(
        column=column,
        field=short if column.startswith(("properties.", "traits.")) else field,
        role=role,
        confidence=round(confidence, 2),
        reason=reason,
        kind=kind_of(role, facts),
        facts=facts,
        integer_text=role in _IDS and facts.zero_fraction,
        personal=role in PERSONAL or facts.emails >= 0.5 or bool(_PERSONAL_NAMES.fullmatch(short)),
    )


def _role(facts: ColumnFacts, hints: Sequence[Hint]) -> tuple[ColumnRole, float, str]:
    """Role, confidence and reason of one column."""
    if not facts.counts:
        return R.EMPTY, 0.9, "no sampled row has a value"
    if facts.emails >= 0.9:
        return R.EMAIL, 0.97, f"{facts.emails:.0%} of its values are e-mail addresses"
    for hint in hints:
        if fits(hint.role, facts):
            return hint.role, hint.strength, f"its name says {hint.role.value} and its values fit"
    if facts.kind is Kind.TIME:
        return R.TIME, 0.6, f"its values read as times ({', '.join(facts.formats)})"
    if _is_flag(facts):
        return R.FLAG, 0.85, "it has two values that mean yes and no"
    if facts.kind in _NUMBERS:
        return R.NUMBER, 0.85, "its values are numbers; its name says nothing known"
    return R.TEXT, 0.85, "its values are texts; its name says nothing known"


def fits(role: ColumnRole, facts: ColumnFacts) -> bool:
    """Whether values can be what a name says they are."""
    if role in _FITS:
        return _FITS[role](facts)
    if role in (R.TIME, R.OTHER_TIME):
        return facts.kind is Kind.TIME
    if role in MONEY or role is R.QUANTITY:
        return facts.kind in _NUMBERS
    if role in _IDS:
        return _is_id(facts)
    return role not in _WORDED or facts.kind is not Kind.TIME


def _month_first(table: SampledTable) -> bool | None:
    """What the columns with a certain order of day and month say for those without."""
    cells = ({row[place] for row in table.rows[:5_000]} for place in range(len(table.columns)))
    orders = {day_order(cell for cell in column if cell) for column in cells}
    if orders & {"day", "month"} == {"month"}:
        return True
    return False if "day" in orders else None
