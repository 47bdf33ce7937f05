"""The promised figures, and whether a race kept them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bench.race import Result

JUDGED_FROM: Final = 10_000_000
"""Events from which ratios are judged: below, fixed costs of a fraction of a second outweigh the work."""

_RATIOS: Final = (("sql", "SQL by hand", 1.1), ("polars", "Polars", 0.6), ("spark", "Spark", 0.15))
_PEAK_MB: Final = 2_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One promise and what was measured.

    Attributes:
        promise: In words.
        measured: The figure.
        bar: What it may be at most.
        judged: False when the figure is only told, because the race was too small for it.
    """

    promise: str
    measured: float
    bar: float
    judged: bool = True

    @property
    def is_kept(self) -> bool:
        """True when the figure is at or below the bar."""
        return self.measured <= self.bar


def checks(results: Sequence[Result], differences: Mapping[tuple[str, str], str], events: int) -> list[Check]:
    """Every promise that this race can speak about.

    Args:
        results: Of all contenders that ran.
        differences: By contender and definition, where its answer parts from that of the first contender.
        events: How many events the race was over.
    """
    found = {each.name: each for each in results}
    made = []
    habitue = found.get("habitue")
    if habitue is not None:
        for name, title, bar in _RATIOS:
            if name in found:
                ratio = habitue.total_cpu_s / found[name].total_cpu_s
                promise = f"CPU time of Habitue / {title}"
                made.append(Check(promise=promise, measured=ratio, bar=bar, judged=events >= JUDGED_FROM))
        made.append(Check(promise="Peak memory of Habitue, MB", measured=habitue.peak_mb, bar=_PEAK_MB))
    parted = sum(1 for each in differences.values() if each)
    made.append(Check(promise="Answers that differ", measured=parted, bar=0))
    return made


def all_kept(made: Sequence[Check]) -> bool:
    """True when no judged promise is broken."""
    return all(each.is_kept for each in made if each.judged)
