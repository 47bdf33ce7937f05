"""Which groups account for a spell out of the ordinary.

They are found as in R. Bhagwan et al., "Adtributor: Revenue Debugging in Advertising Systems", NSDI 2014: groups that
explain a tenth or more, by their surprise, which is their part of the Jensen-Shannon divergence between expected and
actual shares. What they explain counts with it, so that small groups, which surprise by luck, come later.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from habitue.measure.anomalies import Floats, Spell, sums_of, weeks_before

_EXPLAINS: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """A group that accounts for a spell out of the ordinary.

    Attributes:
        dimension: What parts the metric.
        group: The group.
        value: What it was in the spell.
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

    @property
    def weight(self) -> float:
        """How much it says, next to others of the same spell."""
        return self.surprise * self.explains


def find_drivers(spell: Spell, groups: Mapping[str, Floats], dimension: str) -> list[Driver]:
    """The groups of one dimension that account for a spell, what says most first.

    Args:
        spell: The spell.
        groups: The metric of each group by day, from the same day on as the whole.
        dimension: What parts it.
    """
    whole = spell.value - spell.expected
    found = []
    for group, values in groups.items():
        sums = sums_of(values[np.newaxis], spell.days)[0]
        known = [
            float(sums[spell.last - 7 * each])
            for each in weeks_before(spell.days)
            if spell.last - 7 * each >= spell.days - 1
        ]
        value, expected = float(sums[spell.last]), float(np.median(known)) if known else 0.0
        explains = (value - expected) / whole if whole else 0.0
        if explains < _EXPLAINS:
            continue
        surprise = _surprise(_share(expected, spell.expected), _share(value, spell.value))
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
    return sorted(found, key=lambda each: (-each.weight, -each.explains, each.group))


def _share(part: float, whole: float) -> float:
    return min(max(part / whole, 0.0), 1.0) if whole else 0.0


def _surprise(expected: float, actual: float) -> float:
    """A group's part of the Jensen-Shannon divergence."""
    middle = (expected + actual) / 2
    terms = (each * math.log(each / middle) for each in (expected, actual) if each > 0)
    return max(0.0, sum(terms) / 2)
