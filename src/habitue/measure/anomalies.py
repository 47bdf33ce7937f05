"""Days on which a metric was out of the ordinary, and which groups account for it.

A day is compared with the same weekdays of the weeks before it. Its score is the modified z-score: the distance from
their median in units of 1.4826 MAD; from 3.5 on it is called an outlier (B. Iglewicz, D. C. Hoaglin, "How to Detect and
Handle Outliers", ASQC 1993). A unit is at least a twentieth of the median, and at least what chance makes of so many
people: weeks that were alike by luck, and days of a handful of orders, make no alarm.

Groups are ranked as in R. Bhagwan et al., "Adtributor: Revenue Debugging in Advertising Systems", NSDI 2014: by
surprise, the part of the Jensen-Shannon divergence between expected and actual shares, of groups that explain a tenth
or more.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from statistics import median
from typing import Final

THRESHOLD: Final = 3.5
WEEKS: Final = 8
"""How many of the same weekday a day is compared with."""
LEAST_WEEKS: Final = 4
_NORMAL: Final = 1.4826
_LEAST_SHARE: Final = 0.05
_SPREAD: Final = 1.5
"""Standard deviation of what one customer spends, in units of its mean: baskets are skewed."""
_EXPLAINS: Final = 0.1
_TINY: Final = 1e-9
_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddity:
    """A day out of the ordinary.

    Attributes:
        day: The local date.
        value: What the metric was.
        expected: The median of the same weekdays before.
        score: By how many robust standard deviations it differs; below 0 for too little.
    """

    day: date
    value: float
    expected: float
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """A group that accounts for a day out of the ordinary.

    Attributes:
        dimension: What parts the metric.
        group: The group.
        value: What it was that day.
        expected: The median of the same weekdays before.
        explains: Its share of the whole difference; above 1 where others went the other way.
        surprise: How far its share of the whole is from the expected one; 0 for as expected.
    """

    dimension: str
    group: str
    value: float
    expected: float
    explains: float
    surprise: float


class Chance(StrEnum):
    """What chance alone makes a metric vary by."""

    COUNT = "count"
    """What happens independently: the square root."""
    SHARE = "share"
    """Yes or no of so many people: the binomial."""
    SIZE = "size"
    """Amounts of so many people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A metric on one day.

    Attributes:
        value: What it was.
        people: How many people it is about.
    """

    value: float
    people: int


def find_oddities(
    values: Mapping[date, Observed], days: Sequence[date], *, chance: Chance, threshold: float = THRESHOLD
) -> list[Oddity]:
    """The days out of the ordinary, in order.

    Args:
        values: The metric by day; days that are not there say nothing.
        days: The days that are looked at.
        chance: What it varies by in any case.
        threshold: From which score on.

    Examples:
        >>> first = date(2026, 1, 5)
        >>> weeks = {first + timedelta(days=7 * n): Observed(value=100.0 + n, people=90) for n in range(8)}
        >>> weeks[date(2026, 3, 2)] = Observed(value=20.0, people=20)
        >>> [each.score for each in find_oddities(weeks, [date(2026, 3, 2)], chance=Chance.COUNT)]
        [-8.2]
    """
    found = []
    for day in days:
        now, known = values.get(day), _same_weekdays(values, day)
        if now is None or len(known) < LEAST_WEEKS:
            continue
        expected = median(each.value for each in known)
        score = (now.value - expected) / _unit(known, now, expected, chance)
        if abs(score) >= threshold:
            found.append(Oddity(day=day, value=now.value, expected=expected, score=round(score, 1)))
    return found


def _same_weekdays(values: Mapping[date, Observed], day: date) -> list[Observed]:
    before = (values.get(day - _WEEK * weeks) for weeks in range(1, WEEKS + 1))
    return [each for each in before if each is not None]


def _unit(known: Sequence[Observed], now: Observed, expected: float, chance: Chance) -> float:
    spread = _NORMAL * median(abs(each.value - expected) for each in known)
    people = median(each.people for each in known)
    return max(spread, abs(expected) * _LEAST_SHARE, _by_chance(now, expected, people, chance))


def _by_chance(now: Observed, expected: float, people: float, chance: Chance) -> float:
    """By how much a metric varies where nothing but chance is at work; never 0."""
    match chance:
        case Chance.COUNT:
            return math.sqrt(max(abs(expected), 1.0))
        case Chance.SHARE:
            many = max(min(float(now.people), people), 1.0)
            # Pulled towards a half, so that all or nothing of a few people is not taken for certain.
            likely = (min(max(expected, 0.0), 1.0) * many + 1) / (many + 2)
            return math.sqrt(likely * (1 - likely) / many)
    sizes = ((abs(expected), people), (abs(now.value), float(now.people)))
    varying = max(_SPREAD * size / math.sqrt(max(many, 1.0)) for size, many in sizes)
    return varying or _TINY


def find_drivers(
    oddity: Oddity, groups: Mapping[str, Mapping[date, float]], dimension: str, *, begins: date
) -> list[Driver]:
    """The groups of one dimension that account for a day, the most surprising first.

    Args:
        oddity: The day.
        groups: The metric of each group by day; a day that is not there is nothing.
        dimension: What parts it.
        begins: The first day that is known of.
    """
    days = [each for each in (oddity.day - _WEEK * weeks for weeks in range(1, WEEKS + 1)) if each >= begins]
    whole = oddity.value - oddity.expected
    found = []
    for group, values in groups.items():
        value, expected = values.get(oddity.day, 0.0), median([values.get(each, 0.0) for each in days] or [0.0])
        explains = (value - expected) / whole if whole else 0.0
        if explains < _EXPLAINS:
            continue
        surprise = _surprise(_share(expected, oddity.expected), _share(value, oddity.value))
        found.append(
            Driver(
                dimension=dimension,
                group=group,
                value=value,
                expected=expected,
                explains=round(explains, 3),
                surprise=round(surprise, 4),
            )
        )
    return sorted(found, key=lambda each: (-each.surprise, -each.explains, each.group))


def _share(part: float, whole: float) -> float:
    return min(max(part / whole, 0.0), 1.0) if whole else 0.0


def _surprise(expected: float, actual: float) -> float:
    """A group's part of the Jensen-Shannon divergence."""
    middle = (expected + actual) / 2
    terms = (each * math.log(each / middle) for each in (expected, actual) if each > 0)
    return max(0.0, sum(terms) / 2)
