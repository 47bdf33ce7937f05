"""Leaves that add up: a running sum, with a queue of what will leave its window.

Where values are not negative, a sum that has to reach something is looked at only when a value could make it so, and
its deadline is when enough of it has left.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context as Precision
from decimal import Decimal
from heapq import merge
from typing import Final

from habitue.records import Kind
from habitue.rules.history import Value
from habitue.rules.live_counts import Frame
from habitue.rules.live_people import NEVER, LivePerson, Properties, State
from habitue.rules.live_where import Read
from habitue.rules.numbers import LARGEST_INTEGER, LARGEST_MONEY
from habitue.rules.operations import mean, total

_EXACT: Final = Precision(prec=80)
_SLACK: Final = 16
Number = int | float | Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """A test of the sum or the average of a property.

    Attributes:
        frame: Which events count.
        value: Reads the property; a missing one counts for nothing.
        kind: Its kind: a whole number, money or a number.
        averages: Whether the average is tested and not the sum.
        rises: Whether more makes it true and never false; only said of sums that are exact.
        passes: Whether the test holds for a figure.
    """

    frame: Frame
    value: Read
    kind: Kind
    averages: bool
    rises: bool
    passes: Callable[[Value | None], bool]

    def zero(self) -> Number:
        """The sum of nothing."""
        return Decimal(0) if self.kind is Kind.MONEY else 0.0 if self.kind is Kind.NUMBER else 0

    def added(self, sum_so_far: Number, value: Value, sign: int = 1) -> Number:
        """A sum with a value put in, or, by a negative sign, taken out again."""
        if isinstance(sum_so_far, Decimal):
            step = _EXACT.add if sign > 0 else _EXACT.subtract
            return step(sum_so_far, value) if isinstance(value, Decimal) else sum_so_far
        return sum_so_far + sign * value if isinstance(value, int | float) else sum_so_far

    def is_huge(self, figure: Number) -> bool:
        """Whether a sum leaves the range of its kind, where it is missing."""
        largest = LARGEST_INTEGER if self.kind is Kind.INTEGER else LARGEST_MONEY
        return not -largest < figure < largest

    def holds(self, sum_now: Number, count: int) -> bool:
        """Whether the test holds for a sum of so many values."""
        if not self.averages:
            if self.kind is Kind.NUMBER:
                return self.passes(total([sum_now], self.kind))
            return self.passes(None if self.is_huge(sum_now) else sum_now)
        figure = total([sum_now], self.kind)
        return self.passes(float(figure) / count if count and isinstance(figure, int | float | Decimal) else None)


class SumEver(State):
    """A sum or an average in a window that nothing leaves."""

    __slots__ = ("_tested", "count", "sum")

    def __init__(self, tested: Sum) -> None:
        super().__init__()
        self._tested = tested
        self.sum = tested.zero()
        self.count = 0

    def take(self, _role: int, time: int, _position: int, properties: Properties, /) -> bool:
        """Add the value of an event."""
        tested = self._tested
        value = tested.value(properties, time) if time >= tested.frame.start else None
        if value is None:
            return False
        self.sum = tested.added(self.sum, value)
        self.count += 1
        return True

    def look(self, _person: LivePerson, _now: int, /) -> int:
        """Whether the figure passes."""
        return self._tested.holds(self.sum, self.count)

    def join(self, other: State, /) -> None:
        """Add what both have added."""
        if isinstance(other, SumEver):
            self.sum = self._tested.added(self.sum, other.sum)
            self.count += other.count

    @property
    def items(self) -> int:
        """The sum and the count."""
        return 2


class SumLately(State):
    """A sum or an average in a window that events leave; only what adds up exactly is subtracted again.

    Attributes:
        sum: Of all values kept.
        times: Their instants (µs), ascending; some may have left the window since the last look.
        values: In the same order.
    """

    __slots__ = ("_has_signs", "_most", "_tested", "sum", "times", "values")

    def __init__(self, tested: Sum) -> None:
        super().__init__()
        self._tested = tested
        self._has_signs = not tested.rises
        self._most = _SLACK
        self.sum = tested.zero()
        self.times: list[int] = []
        self.values: list[Value] = []

    def take(self, _role: int, time: int, _position: int, properties: Properties, /) -> bool:
        """Keep the value of an event at its place; there is no need to look where it cannot change the answer."""
        tested, times = self._tested, self.times
        value = tested.value(properties, time)
        if value is None:
            return False
        if not times or time >= times[-1]:
            times.append(time)
            self.values.append(value)
        else:
            index = bisect_right(times, time)
            times.insert(index, time)
            self.values.insert(index, value)
        self.sum = tested.added(self.sum, value)
        self._has_signs = self._has_signs or _is_negative(value)
        if self._has_signs or len(times) > self._most or tested.is_huge(self.sum):
            return True
        # What has left since the last look is still in this sum: if even so it does not pass, it does not.
        return not self.holds and tested.passes(self.sum)

    def put(self, times: list[int], values: list[Value]) -> None:
        """Keep some values, ascending, in place of those kept."""
        self.times, self.values = times, values
        self._has_signs = not self._tested.rises or any(map(_is_negative, values))
        self.sum = self._tested.zero()
        for value in values:
            self.sum = self._tested.added(self.sum, value)

    def look(self, _person: LivePerson, now: int, /) -> int:
        """Whether the figure passes at an instant; finds when it may pass no more, or with fewer values."""
        tested, times = self._tested, self.times
        after = tested.frame.after(now)
        if times and times[0] <= after:
            self._drop(bisect_right(times, after))
        self._most = 2 * len(times) + _SLACK
        if tested.kind is Kind.NUMBER:
            values = self.values
            holds = tested.passes(mean(values, tested.kind) if tested.averages else total(values, tested.kind))
        else:
            holds = tested.holds(self.sum, len(times))
        self.due = tested.frame.leaves_at(times[0], now) if times else NEVER
        if not self._has_signs and not tested.is_huge(self.sum):
            self.due = self._fails_at(now) if holds else NEVER
        return holds

    def _fails_at(self, now: int) -> int:
        """When enough has left that a sum of values that are not negative passes no more."""
        rest, tested = self.sum, self._tested
        for time, value in zip(self.times, self.values, strict=True):
            rest = tested.added(rest, value, -1)
            if not tested.passes(rest):
                return tested.frame.leaves_at(time, now)
        return NEVER

    def _drop(self, count: int) -> None:
        if self._tested.kind is not Kind.NUMBER:
            for value in self.values[:count]:
                self.sum = self._tested.added(self.sum, value, -1)
        del self.times[:count]
        del self.values[:count]

    def join(self, other: State, /) -> None:
        """Keep the values of both."""
        if not isinstance(other, SumLately):
            return
        mine, theirs = (zip(each.times, each.values, strict=True) for each in (self, other))
        both = list(merge(mine, theirs, key=lambda pair: pair[0]))
        self.put([time for time, _ in both], [value for _, value in both])

    @property
    def items(self) -> int:
        """Instants and values kept."""
        return 2 * len(self.times)


def _is_negative(value: Value) -> bool:
    return isinstance(value, int | float | Decimal) and value < 0
