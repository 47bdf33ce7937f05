"""Spells in which a metric was out of the ordinary, of a day or of up to two weeks, and which groups account for them.

A spell is compared with the same weekdays of the eight weeks before it, by their median. Its score says by how many
standard deviations it differs. What chance makes of so many events is reckoned from both sides, the spell's and that of
the weeks: for counts by the likelihood ratio of two Poisson means (J. Przyborowski, H. Wilenski, Biometrika 31, 1940,
ask the same exactly). Where days vary more than that, the score is divided by how much more: 1.4826 times the median of
their own scores, their MAD in units of chance. A difference of so many twentieths scores no more than that: large shops
make no alarm of small things. What one of the weeks had as well scores nothing.

From 3.5 on a whole is called out of the ordinary (B. Iglewicz, D. C. Hoaglin, "How to Detect and Handle Outliers", ASQC
1993). Of many groups one is that far off by luck: their threshold is the one that so many together pass no more often
(C. Bonferroni).

Days that were out of the ordinary themselves are taken for ordinary ones where later days are compared with them. Where
the whole was out of the ordinary, a group is told of by itself only where its share was, too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

THRESHOLD: Final = 3.5
WEEKS: Final = 8
"""How many of the same weekdays a spell is compared with."""
LENGTHS: Final = (1, 2, 3, 5, 7, 10, 14)
"""How many days spells have."""
LEAST_WEEKS: Final = 4
DAYS_BEFORE: Final = 2 * 7 * WEEKS + LENGTHS[-1]
"""How many days before a spell are looked at: those it is compared with, and how much days vary."""
_WEEK: Final = 7
_NORMAL: Final = 1.4826
_MEDIAN: Final = 1.35
"""How many more values a median needs to be as sure as a mean, of eight."""
_LEAST_SHARE: Final = 0.05
_SPREAD: Final = 1.5
"""Standard deviation of what one customer spends, in units of its mean: baskets are skewed."""
_TINY: Final = 1e-9
_NORMAL_LAW: Final = NormalDist()

Floats = npt.NDArray[np.float64]


class Chance(StrEnum):
    """What chance alone makes a metric vary by."""

    COUNT = "count"
    """What happens independently."""
    RATIO = "ratio"
    """One such count divided by another."""
    SIZE = "size"
    """Amounts of so many people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Daily:
    """Series of a metric by day, from the first day that is known of; a row a series, an entry a day.

    Attributes:
        upper: What is counted or summed.
        lower: What that is divided by; None for nothing.
        people: How many people it is about.
    """

    upper: Floats
    lower: Floats | None = None
    people: Floats

    def __len__(self) -> int:
        """Days."""
        return int(self.upper.shape[1])


class Spell(NamedTuple):
    """A day or several out of the ordinary.

    Attributes:
        last: The place of its last day.
        days: How many.
        value: What the metric was.
        expected: The median of the same weekdays before.
        score: By how many robust standard deviations it differs; below 0 for too little.
    """

    last: int
    days: int
    value: float
    expected: float
    score: float

    @property
    def first(self) -> int:
        """The place of its first day."""
        return self.last - self.days + 1

    def overlaps(self, other: "Spell") -> bool:
        """Whether they share a day."""
        return self.first <= other.last and other.first <= self.last


def threshold_of(groups: int) -> float:
    """From which score on one of so many groups is out of the ordinary.

    Examples:
        >>> round(threshold_of(1), 2), round(threshold_of(40), 2)
        (3.5, 4.38)
    """
    tail = _NORMAL_LAW.cdf(-THRESHOLD) / max(groups, 1)
    return -_NORMAL_LAW.inv_cdf(tail)


def find_spells(daily: Daily, places: range, *, chance: Chance, threshold: float = THRESHOLD) -> list[list[Spell]]:
    """For each series the spells out of the ordinary within some days: of those that share days the strongest.

    Args:
        daily: The series.
        places: The days that are looked at.
        chance: What they vary by in any case.
        threshold: From which score on.

    Examples:
        >>> values = np.array([[100.0 + week for week in range(9) for _ in range(7)]])
        >>> values[0, -3:] = 20.0
        >>> [spells] = find_spells(Daily(upper=values, people=values), range(56, 63), chance=Chance.COUNT)
        >>> [each[:4] for each in spells]
        [(62, 3, 60.0, 310.5)]
    """
    past = _Past.of(daily, chance)
    found: list[list[Spell]] = [[] for _ in range(len(daily.upper))]
    for days in LENGTHS:
        windows = _scored(daily, past, days, chance)
        _put_spells(found, windows, days, np.abs(windows.score) >= threshold, places)
    return [strongest(each) for each in found]


def find_group_spells(groups: Floats, rest: Floats, places: range, *, wholes: Sequence[Spell]) -> list[list[Spell]]:
    """For each of the groups that counts are parted into its spells out of the ordinary; see `find_spells`.

    Args:
        groups: The counts of each by day.
        rest: The whole without it.
        places: The days that are looked at.
        wholes: Spells of the whole: on their days the share of a group has to be out of the ordinary as well.
    """
    threshold = threshold_of(len(groups))
    counted, parted = Daily(upper=groups, people=groups), Daily(upper=groups, lower=rest, people=groups)
    past, past_parted = _Past.of(counted, Chance.COUNT), _Past.of(parted, Chance.RATIO) if wholes else None
    found: list[list[Spell]] = [[] for _ in range(len(groups))]
    for days in LENGTHS:
        windows = _scored(counted, past, days, Chance.COUNT)
        hits = np.abs(windows.score) >= threshold
        if past_parted is not None:
            share = _scored(parted, past_parted, days, Chance.RATIO).score
            rises = windows.score > 0
            alike = (np.abs(share) >= THRESHOLD) & ((share > 0) == rises)
            above, below = (_on_days_of(wholes, days, groups.shape[1], is_above=each) for each in (True, False))
            # Days on which the whole went the other way say nothing of a group that stayed.
            hits &= np.where(rises, (alike | ~above) & ~below, (alike | ~below) & ~above)
        _put_spells(found, windows, days, hits, places)
    return [strongest(each) for each in found]


def _on_days_of(spells: Sequence[Spell], days: int, count: int, *, is_above: bool) -> npt.NDArray[np.bool_]:
    """For each last day whether so many days up to it share one with a spell of that direction."""
    found = np.zeros(count, dtype=np.bool_)
    for each in spells:
        if (each.score > 0) == is_above:
            found[max(each.first, 0) : each.last + days] = True
    return found


def _put_spells(
    found: list[list[Spell]], windows: "_Windows", days: int, hits: npt.NDArray[np.bool_], places: range
) -> None:
    begins = places.start + days - 1
    for series, place in np.argwhere(hits[:, begins : places.stop]).tolist():
        at = (series, begins + place)
        value, expected, score = (float(each[at]) for each in (windows.value, windows.expected, windows.score))
        found[series].append(Spell(last=at[1], days=days, value=value, expected=expected, score=round(score, 1)))


def strongest(spells: Iterable[Spell]) -> list[Spell]:
    """Of spells that share days the one that is furthest off; in order."""
    kept: list[Spell] = []
    for spell in sorted(spells, key=lambda each: (-abs(each.score), each.days, each.last)):
        if not any(spell.overlaps(other) for other in kept):
            kept.append(spell)
    return sorted(kept, key=lambda each: each.last)


class _Past(NamedTuple):
    """What days are compared with.

    Attributes:
        usual: The same series, what was out of the ordinary on single days put back to what was expected.
        excess: For each day how much more the days of eight weeks before it vary than chance has them; 1 for no more.
    """

    usual: Daily
    excess: Floats

    @classmethod
    def of(cls, daily: Daily, chance: Chance) -> "_Past":
        """The past of series."""
        windows = _windows(daily, daily, 1, chance)
        odd = np.abs(windows.score) >= THRESHOLD
        expected = windows.expected if daily.lower is None else windows.expected * daily.lower
        usual = Daily(upper=np.where(odd, expected, daily.upper), lower=daily.lower, people=daily.people)
        return cls(usual=usual, excess=_excess(np.abs(windows.score)))


def _excess(scores: Floats) -> Floats:
    span = _WEEK * WEEKS
    before = np.concatenate([np.full((len(scores), span), np.nan), scores[:, :-1]], axis=1)
    known = np.lib.stride_tricks.sliding_window_view(before, span, axis=1)
    enough = np.sum(~np.isnan(known), axis=2) >= 2 * _WEEK
    excess = np.ones(scores.shape)
    excess[enough] = np.maximum(1.0, _NORMAL * _median(known[enough].T))
    return excess


class _Windows(NamedTuple):
    """Stretches of days, a row a series, an entry for each last day.

    Attributes:
        value: What the metric was.
        expected: The median of the same weekdays before.
        score: How far off it is; not a number where too little is known.
        is_news: Whether none of the weeks before had as much, or as little.
    """

    value: Floats
    expected: Floats
    score: Floats
    is_news: npt.NDArray[np.bool_]


def _scored(daily: Daily, past: _Past, days: int, chance: Chance) -> _Windows:
    """Every stretch of so many days, the score by how much days vary in any case."""
    windows = _windows(daily, past.usual, days, chance)
    excess = np.ones(past.excess.shape)
    excess[:, days - 1 :] = past.excess[:, : past.excess.shape[1] - days + 1]
    floor = np.abs(windows.value - windows.expected) / np.maximum(_LEAST_SHARE * np.abs(windows.expected), _TINY)
    score = np.sign(windows.score) * np.minimum(np.abs(windows.score) / excess, floor)
    # Metrics that grow or fade pass through their median every day.
    return windows._replace(score=np.where(windows.is_news, score, 0.0))


def _windows(daily: Daily, past: Daily, days: int, chance: Chance) -> _Windows:
    """Every stretch of so many days against the same stretches of the weeks before."""
    upper, people = sums_of(daily.upper, days), sums_of(daily.people, days)
    weeks, before = weeks_before(days), sums_of(past.upper, days)
    usual_people = _usual(sums_of(past.people, days), weeks)
    known = np.array([_shifted(before, each) for each in weeks])
    many = np.sum(~np.isnan(known), axis=0)
    # Stretches of two weeks share half of their days with the next.
    sure = many * min(1.0, _WEEK / days) / _MEDIAN
    if daily.lower is not None:
        lower = sums_of(daily.lower, days)
        value = _divided(upper, lower)
        known = np.array([_divided(_shifted(before, each), _shifted(lower, each)) for each in weeks])
        expected = _median(known)
        if chance is Chance.RATIO:
            sides = (sure * _trimmed(before, weeks), sure * _trimmed(lower, weeks))
            score = _ratio_score(upper, lower, sides)
        else:
            score = _size_score(value, people, expected, usual_people, sure)
    else:
        value, expected = upper, _usual(before, weeks)
        if chance is Chance.COUNT:
            # The median of small counts is often below their mean: the nearer of both makes no alarm of that.
            mean = _trimmed(before, weeks)
            nearer = np.where(value > expected, np.fmax(expected, mean), np.fmin(expected, mean))
            score = np.where((value > expected) == (value > nearer), _count_score(value, nearer, sure), 0.0)
        else:
            score = _size_score(value, people, expected, usual_people, sure)
    score = np.where(np.sum(~np.isnan(known), axis=0) >= LEAST_WEEKS, score, np.nan)
    is_news = (value < np.fmin.reduce(known)) | (value > np.fmax.reduce(known))
    return _Windows(value=value, expected=expected, score=score, is_news=is_news)


def weeks_before(days: int) -> range:
    """How many weeks before a spell of so many days lie those that it is compared with."""
    first = -(-days // _WEEK)
    return range(first, first + WEEKS)


def sums_of(values: Floats, days: int) -> Floats:
    """For each day the sum of so many days up to it; not a number for the first few."""
    whole = np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
    found = np.full(values.shape, np.nan)
    if values.shape[1] >= days:
        found[:, days - 1 :] = whole[:, days:] - whole[:, :-days]
    return found


def _shifted(values: Floats, weeks: int) -> Floats:
    """What stands so many weeks before each day."""
    found = np.full(values.shape, np.nan)
    if _WEEK * weeks < values.shape[1]:
        found[:, _WEEK * weeks :] = values[:, : -_WEEK * weeks]
    return found


def _usual(values: Floats, weeks: range) -> Floats:
    return _median(np.array([_shifted(values, each) for each in weeks]))


def _median(rows: Floats) -> Floats:
    """The median over weeks, of what is known."""
    # What is not known is sorted last. The masked median of the library takes three times as long.
    ordered = np.sort(rows, axis=0)
    many = np.sum(~np.isnan(rows), axis=0)
    middles = [np.take_along_axis(ordered, each[np.newaxis], axis=0)[0] for each in ((many - 1) // 2, many // 2)]
    return np.where(many > 0, (middles[0] + middles[1]) / 2.0, np.nan)


def _divided(upper: Floats, lower: Floats) -> Floats:
    found = np.full(upper.shape, np.nan)
    np.divide(upper, lower, out=found, where=lower > 0)
    return found


def _count_score(value: Floats, expected: Floats, sure: Floats) -> Floats:
    """The signed root of the likelihood ratio of two Poisson means, half an event nearer: they are whole."""
    off = value - expected
    value = np.where(np.abs(off) <= 0.5, expected, value - 0.5 * np.sign(off))
    before = expected * sure
    mean = (value + before) / (sure + 1.0)
    ratio = _times_log(value, value, mean) + _times_log(before, expected, mean)
    return np.asarray(np.sign(off) * np.sqrt(np.maximum(2.0 * ratio, 0.0)), dtype=np.float64)


def _times_log(times: Floats, upper: Floats, lower: Floats) -> Floats:
    """`times * log(upper / lower)`; 0 where nothing is."""
    found = np.zeros(times.shape)
    inside = (times > 0) & (upper > 0) & (lower > 0)
    found[inside] = times[inside] * np.log(upper[inside] / lower[inside])
    return np.where(np.isnan(times) | np.isnan(lower), np.nan, found)


def _ratio_score(upper: Floats, lower: Floats, before: tuple[Floats, Floats]) -> Floats:
    """The signed root of the likelihood ratio of two counts parted alike now and before; half an event nearer."""
    known = before[0] / np.maximum(before[0] + before[1], _TINY)
    off = upper - known * (upper + lower)
    half = np.sign(off) * np.minimum(np.abs(off), 0.5)
    rows = ((upper - half, lower + half), before)
    whole = [rows[0][place] + rows[1][place] for place in range(2)]
    share = whole[0] / np.maximum(whole[0] + whole[1], _TINY)
    ratio = np.zeros(upper.shape)
    for one, other in rows:
        many = one + other
        ratio = ratio + _times_log(one, one, many * share) + _times_log(other, other, many * (1.0 - share))
    return np.asarray(np.sign(off) * np.sqrt(np.maximum(2.0 * ratio, 0.0)), dtype=np.float64)


def _trimmed(values: Floats, weeks: range) -> Floats:
    """The mean of what stands in weeks before, without the least and the most of them."""
    rows = np.sort(np.array([_shifted(values, each) for each in weeks]), axis=0)
    many = np.sum(~np.isnan(rows), axis=0)
    inside = np.arange(len(rows))[:, np.newaxis, np.newaxis]
    # Weeks that are not known are sorted last.
    rows = np.where((inside >= 1) & (inside < many - 1), rows, 0.0)
    found = np.full(values.shape, np.nan)
    np.divide(np.sum(rows, axis=0), many - 2, out=found, where=many > 2)
    return found


def _size_score(value: Floats, people: Floats, expected: Floats, usual: Floats, sure: Floats) -> Floats:
    """How far amounts of so many people are apart, by what the larger of both sides varies."""
    sides = ((expected, usual), (value, people))
    varies = np.maximum(*(_SPREAD * np.abs(size) / np.sqrt(np.maximum(many, 1.0)) for size, many in sides))
    varies = varies * np.sqrt(1.0 + 1.0 / np.maximum(sure, 1.0))
    return np.asarray((value - expected) / np.maximum(varies, _TINY), dtype=np.float64)
