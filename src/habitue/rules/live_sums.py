"""Leaves that add up: a running sum, with a queue of what will leave its window."""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context as Precision
from decimal import Decimal
from heapq import merge
from typing import Final

from habitue.records import Kind
from habitue.rules.happened import Row
from habitue.rules.history import Happening, Value
from habitue.rules.live_counts import Frame
from habitue.rules.live_people import NEVER, LivePerson, State
from habitue.rules.operations import mean, total

_EXACT: Final = Precision(prec=80)
Number = int | float | Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """A test of the sum or the average of a property.

    Attributes:
        frame: Which events count.
        value: Reads the property; a missing one counts for nothing.
        kind: Its kind: a whole number, money or a number.
        averages: Whether the average is tested and not the sum.
        passes: Whether the test holds for a figure.
    """

    frame: Frame
    value: Row
    kind: Kind
    averages: bool
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

    def holds(self, sum_now: Number, count: int) -> bool:
        """Whether the test holds for a sum of so many values."""
        figure = total([sum_now], self.kind)
        if not self.averages:
            return self.passes(figure)
        return self.passes(float(figure) / count if count and isinstance(figure, int | float | Decimal) else None)


class SumEver(State):
    """A sum or an average in a window that nothing leaves."""

    __slots__ = ("_tested", "count", "sum")

    def __init__(self, tested: Sum) -> None:
        super().__init__()
        self._tested = tested
        self.sum = tested.zero()
        self.count = 0

    def take(self, _role: int, time: int, happening: Happening, /) -> bool:
        """Add the value of an event."""
        tested = self._tested
        value = tested.value(happening) if time >= tested.frame.start else None
        if value is None:
            return False
        self.sum = tested.added(self.sum, value)
        self.count += 1
        return True

    def look(self, _person: LivePerson, _now: int, /) -> bool:
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
    """A sum or an average in a window that events leave; only what adds up exactly is subtracted again."""

    __slots__ = ("_tested", "sum", "times", "values")

    def __init__(self, tested: Sum) -> None:
        super().__init__()
        self._tested = tested
        self.sum = tested.zero()
        self.times: list[int] = []
        self.values: list[Value] = []

    def take(self, _role: int, time: int, happening: Happening, /) -> bool:
        """Keep the value of an event at its place."""
        value = self._tested.value(happening)
        if value is None:
            return False
        index = len(self.times)
        if index and time < self.times[-1]:
            index = bisect_right(self.times, time)
        self.times.insert(index, time)
        self.values.insert(index, value)
        self.sum = self._tested.added(self.sum, value)
        return True

    def look(self, _person: LivePerson, now: int, /) -> bool:
        """Whether the figure passes at an instant; looks again when the next value leaves."""
        tested, times = self._tested, self.times
        after = tested.frame.after(now)
        if times and times[0] <= after:
            self._drop(bisect_right(times, after))
        self.due = tested.frame.leaves_at(times[0], now) if times else NEVER
        if tested.kind is Kind.NUMBER:
            values = self.values
            return tested.passes(mean(values, tested.kind) if tested.averages else total(values, tested.kind))
        return tested.holds(self.sum, len(times))

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
        self.times, self.values = [time for time, _ in both], [value for _, value in both]
        self.sum = self._tested.added(self.sum, other.sum)

    @property
    def items(self) -> int:
        """Instants and values kept."""
        return 2 * len(self.times)
