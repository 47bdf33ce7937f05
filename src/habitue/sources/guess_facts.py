"""What the sampled values of a column measure, before anybody reads the column's name."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from habitue.records import Kind
from habitue.sources.guess_times import TimeReading, read_times
from habitue.sources.guess_values import ColumnFacts

_SIGNS = {"£": "GBP", "€": "EUR", "$": "USD", "¥": "JPY", "₹": "INR", "R$": "BRL", "zł": "PLN", "₺": "TRY", "₩": "KRW"}
_CODES = (
    "USD",
    "EUR",
    "GBP",
    "CHF",
    "BRL",
    "JPY",
    "INR",
    "CAD",
    "AUD",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CZK",
    "ZAR",
    "MXN",
)
_SIGN = r"(?P<before>R\$|[£€$¥₹₺₩]|[A-Z]{3} )? ?"
_AFTER = r" ?(?P<after>[£€$¥₹₺₩]|zł| ?[A-Z]{3})?"
_GROUPED = "\\d(?:[\\d.,' \u00a0\u202f]*[\\d.,])?"
_FIGURE = re.compile(rf"(?P<minus>[-+]?){_SIGN}(?P<minus2>-?)(?P<digits>{_GROUPED}|[.,]\d+){_AFTER}")
_BETWEEN = re.compile("[.,' \u00a0\u202f]")
_PLAIN = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?")
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[A-Za-z]{2,}")
_PHONE = re.compile(
    r"(?:\+|00)\d[\d ()./-]{6,18}|\(?0\d{2,5}\)?[ /-][\d -]{4,12}|\(\d{3}\) ?\d{3}-\d{4}|\d{3}-\d{3}-\d{4}"
)
_URL = re.compile(r"https?://\S+|/[\w./%?=&-]*")
_BOOLEANS = (
    {"true", "false"},
    {"yes", "no"},
    {"y", "n"},
    {"t", "f"},
    {"ja", "nein"},
)
_NEVER_VALUES = frozenset({"null", "n/a", "nan", "#n/a", "\\n"})
_MISSING_IN_FIGURES = frozenset({"na", "none", "-", "--", "?", "unknown", "missing"})
_ENOUGH = 0.98


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    """What the figures among the values show."""

    share: float
    decimal: str
    thousands: str
    decimals: int
    zero_fraction: bool
    sign: str
    negatives: float
    zeros: float


def is_missing(value: str | None) -> bool:
    """Whether a cell holds nothing: empty, blanks, or a word such as NULL that is never a value.

    Examples:
        >>> is_missing(" "), is_missing("NULL"), is_missing("0")
        (True, True, False)
    """
    return value is None or not value.strip() or value.strip().lower() in _NEVER_VALUES


def measure(
    values: Iterable[str | None], *, named_as_time: bool = False, month_first: bool | None = None, decimal: str = ""
) -> ColumnFacts:
    """The facts of one column.

    Args:
        values: The cells, in row order.
        named_as_time: The column's name says it is a time.
        month_first: What other columns show about the order of day and month; None when nothing does.
        decimal: The decimal sign when it is known, else empty.

    Returns:
        The facts; of kind text when nothing narrower fits.

    Examples:
        >>> measure(["1", "2", None]).kind.value, measure(["3,50", "12,00"]).decimal
        ('integer', ',')
    """
    cells = list(values)
    every = Counter(cell.strip() for cell in cells if cell is not None and cell.strip())
    counts = Counter({text: n for text, n in every.items() if not is_missing(text)})
    words = [text for text in counts if text.lower() in _MISSING_IN_FIGURES]
    if words and len(words) < len(counts):
        figures_only = Counter({text: n for text, n in counts.items() if text not in words})
        if _read(figures_only, named_as_time, month_first, decimal)[0] not in (Kind.TEXT, Kind.BOOLEAN):
            counts = figures_only
    kind, figures, reading = _read(counts, named_as_time, month_first, decimal)
    total = sum(counts.values())
    return ColumnFacts(
        kind=kind,
        filled=total / len(cells) if cells else 0.0,
        rows=len(cells),
        distinct=len(counts),
        counts=counts,
        missing=tuple(sorted(set(every) - set(counts))),
        formats=reading.formats if reading else (),
        is_date_only=bool(reading and reading.is_date_only),
        day_order=reading.day_order if reading else "",
        has_offset=bool(reading and reading.has_offset),
        decimal=figures.decimal,
        thousands=figures.thousands,
        decimals=figures.decimals,
        zero_fraction=figures.zero_fraction,
        sign=figures.sign,
        negatives=figures.negatives,
        zeros=figures.zeros,
        emails=_share(counts, _EMAIL),
        phones=_share(counts, _PHONE),
        urls=_share(counts, _URL),
        words=sum(len(v.split()) * n for v, n in counts.items()) / total if total else 0.0,
    )


def _read(
    counts: Mapping[str, int], named_as_time: bool, month_first: bool | None, decimal: str
) -> tuple[Kind, _Figures, TimeReading | None]:
    """The kind of values, and how figures and times among them are written."""
    figures = _figures(counts, sum(counts.values()), decimal)
    reading = read_times(counts, named_as_time=named_as_time, month_first=month_first)
    return Kind.TIME if reading else _kind(counts, figures), figures, reading


def _kind(counts: Mapping[str, int], figures: _Figures) -> Kind:
    """The narrowest kind of values that are no times."""
    lowered = {value.lower() for value in counts}
    if lowered and len(lowered) <= 2 and any(lowered <= pair for pair in _BOOLEANS):
        return Kind.BOOLEAN
    if not counts or figures.share < _ENOUGH:
        return Kind.TEXT
    if figures.sign:
        return Kind.MONEY
    return Kind.INTEGER if figures.decimals == 0 or figures.zero_fraction else Kind.NUMBER


def _share(counts: Mapping[str, int], pattern: re.Pattern[str]) -> float:
    """The share of filled values that match as a whole."""
    total = sum(counts.values())
    return sum(n for value, n in counts.items() if pattern.fullmatch(value)) / total if total else 0.0


def _figures(counts: Mapping[str, int], total: int, decimal: str) -> _Figures:
    """What the figures among the values show; the decimal sign is decided first, from all of them."""
    matches = [(m, n) for value, n in counts.items() if (m := _FIGURE.fullmatch(value)) and _known_sign(m)]
    exponents = sum(n for value, n in counts.items() if "e" in value.lower() and _PLAIN.fullmatch(value))
    point = decimal or _decimal_sign([m["digits"] for m, _ in matches])
    parsed = [(m, n, number) for m, n in matches if (number := _number(m, point)) is not None]
    fractions = [m["digits"].rsplit(point, 1)[1] for m, _, _ in parsed if point and point in m["digits"]]
    fits = sum(n for _, n, _ in parsed)
    signs = Counter[str]()
    for m, n, _ in parsed:
        if sign := _sign_of(m):
            signs[sign] += n
    thousands = _thousands_sign([m["digits"] for m, _, _ in parsed], point)
    return _Figures(
        share=(fits + exponents) / total if total else 0.0,
        decimal=point if fractions else "",
        thousands=thousands,
        decimals=max((len(each) for each in fractions), default=0),
        zero_fraction=bool(fractions) and all(set(each) <= {"0"} for each in fractions),
        sign=signs.most_common(1)[0][0] if signs and signs.total() >= 0.5 * fits else "",
        negatives=sum(n for _, n, number in parsed if number < 0) / fits if fits else 0.0,
        zeros=sum(n for _, n, number in parsed if number == 0) / fits if fits else 0.0,
    )


def _known_sign(m: re.Match[str]) -> bool:
    """Three capitals beside a figure count only when they are a currency's."""
    return all(len(s := (m[side] or "").strip()) != 3 or s in _CODES for side in ("before", "after"))


def _sign_of(m: re.Match[str]) -> str:
    """The currency code that stands beside a figure, or empty."""
    sign = (m["before"] or m["after"] or "").strip()
    return _SIGNS.get(sign, sign)


def _decimal_sign(figures: Iterable[str]) -> str:
    """The decimal sign that the figures show; a point when they show none."""
    votes = Counter[str]()
    for figure in figures:
        comma, point = figure.rfind(","), figure.rfind(".")
        if comma < 0 and point < 0:
            continue
        last = "," if comma > point else "."
        if min(comma, point) >= 0:
            votes[last] += 5
        elif figure.count(last) > 1:
            votes["." if last == "," else ","] += 5
        elif len(figure) - 1 - max(comma, point) != 3:
            votes[last] += 5
        else:
            votes[last if figure.startswith(("0", last)) else "."] += 1
    return "," if votes[","] > votes["."] else "."


def _thousands_sign(figures: Iterable[str], point: str) -> str:
    """The sign between thousands, or empty."""
    found = Counter(sign for figure in figures for sign in ",.' \u00a0" if sign != point and sign in figure)
    return found.most_common(1)[0][0] if found else ""


def _number(m: re.Match[str], point: str) -> float | None:
    """The value of a figure under a decimal sign, or None when it does not fit it."""
    whole, _, fraction = m["digits"].partition(point)
    groups = _BETWEEN.split(whole.strip())
    if len(groups) > 1 and not all(len(each) == 3 for each in groups[1:]):
        return None
    if fraction and not fraction.strip().isdigit():
        return None
    number = float(f"{''.join(groups) or '0'}.{fraction.strip() or '0'}")
    return -number if "-" in (m["minus"], m["minus2"]) else number
