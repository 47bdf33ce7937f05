"""What a person should look at in a column: types that do not fit, values that stand for nothing, too much of one."""

import re
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from habitue.sources.profile_counts import Figures
from habitue.sources.profile_values import ColumnProfile, Hint

MOSTLY = 0.98
"""The share of values from which a column is taken to be of another type than it is read as."""

_NUMBER = re.compile(r"\s*[-+]?(\d+([.,]\d+)?|\d{1,3}([,.' ]\d{3})+([.,]\d+)?)\s*")
_TIME = re.compile(
    r"\s*(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?)?\s*"
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\s*\+?[\d\s()/-]{9,20}\s*")
_CODE = re.compile(r"0\d+")
_YES_NO = ({"yes", "no"}, {"true", "false"}, {"y", "n"}, {"t", "f"}, {"0", "1"})
_PLACEHOLDERS = {"?", "-", "--", "n/a", "na", "nan", "null", "none", "unknown", "missing", "#n/a", "undefined", "nil"}


def find_hints(profile: ColumnProfile, figures: Figures, sample: pa.Table) -> tuple[Hint, ...]:
    """Things to look at in one column, always in the same order."""
    hints: list[Hint] = []
    if profile.present == 0:
        if profile.missing:
            hints.append(Hint(code="empty", says="No row has a value."))
        return tuple(hints)
    if profile.distinct == 1 and profile.present > 1:
        hints.append(Hint(code="constant", says="All values are the same."))
    if profile.completeness < 0.5:
        hints.append(Hint(code="mostly_missing", says=f"{1 - profile.completeness:.0%} of the rows have no value."))
    if profile.is_distinct_exact and profile.distinct == profile.present > 1 and profile.kind in ("text", "integer"):
        hints.append(Hint(code="unique", says="No value comes twice: it may identify rows."))
    if profile.kind == "text":
        hints += _text_hints(profile, figures, sample.column(profile.name))
    if profile.kind in ("number", "integer"):
        hints += _number_hints(profile, figures, sample.column(profile.name))
    if profile.time is not None and profile.time.future_count:
        hints.append(Hint(code="in_the_future", says=f"{profile.time.future_count} times lie after now."))
    return tuple(hints)


def _text_hints(profile: ColumnProfile, figures: Figures, column: pa.ChunkedArray) -> list[Hint]:
    counts = {str(each["values"]): int(each["counts"]) for each in pc.value_counts(column.drop_null()).to_pylist()}
    values = list(counts)
    hints: list[Hint] = []
    plain = {value.strip().lower() for value in values}
    if plain in _YES_NO:
        hints.append(Hint(code="text_of_booleans", says="The values are yes and no: type boolean."))
    elif _share(values, _NUMBER) >= MOSTLY and not any(_CODE.fullmatch(value) for value in values):
        hints.append(Hint(code="text_of_numbers", says="Nearly all values are numbers: type number or integer."))
    elif _share(values, _TIME) >= MOSTLY:
        hints.append(Hint(code="text_of_times", says="Nearly all values are dates or times: type time."))
    elif not profile.is_personal and _share(values, _EMAIL) >= 0.5:
        hints.append(Hint(code="emails", says="The values look like e-mail addresses: say `personal: true`."))
    elif not profile.is_personal and _share(values, _PHONE) >= MOSTLY and len(values) > 10:
        hints.append(Hint(code="phones", says="The values look like telephone numbers: say `personal: true`."))
    hollow = sum(count for value, count in counts.items() if value.strip().lower() in _PLACEHOLDERS)
    if hollow:
        share = hollow / max(1, sum(counts.values()))
        hints.append(Hint(code="placeholders", says=f"{share:.1%} of the values are words for a missing value."))
    if figures.count("blank"):
        hints.append(Hint(code="blank", says=f"{figures.count('blank')} values are empty or only spaces."))
    if figures.count("padded"):
        hints.append(Hint(code="padded", says=f"{figures.count('padded')} values begin or end with spaces."))
    if len(plain) < len({value.strip() for value in values}):
        hints.append(Hint(code="spellings", says="Some values differ only in upper and lower case."))
    return hints


def _number_hints(profile: ColumnProfile, figures: Figures, column: pa.ChunkedArray) -> list[Hint]:
    hints: list[Hint] = []
    if figures.count("infinite"):
        says = f"{figures.count('infinite')} values are infinite or not a number; they count as missing."
        hints.append(Hint(code="not_finite", says=says))
    if profile.kind == "number":
        values = column.drop_null().cast(pa.float64(), safe=False)
        whole = pc.all(pc.equal(pc.floor(values), values)).as_py()
        if whole:
            hints.append(Hint(code="whole_numbers", says="All values are whole: type integer."))
    if profile.distinct == 2 and figures.number("minimum") == 0 and figures.number("maximum") == 1:
        hints.append(Hint(code="zero_and_one", says="The values are 0 and 1: type boolean."))
    return hints


def _share(values: Sequence[str], pattern: re.Pattern[str]) -> float:
    if not values:
        return 0.0
    return sum(pattern.fullmatch(value) is not None for value in values) / len(values)
