"""A promise is judged where the race was long enough, and one broken promise fails the race."""

from bench.definitions import DEFINITIONS
from bench.race import Lap, Result
from bench.verdict import JUDGED_FROM, all_kept, checks


def result(name: str, *, cpu_s: float, peak_mb: float = 900.0) -> Result:
    laps = {each.key: Lap(cpu_s=cpu_s / len(DEFINITIONS), wall_s=1.0) for each in DEFINITIONS}
    return Result(name=name, versions={}, start_cpu_s=0.5, laps=laps, peak_mb=peak_mb)


def kept(
    habitue: float, *, peak_mb: float = 900.0, events: int = JUDGED_FROM, differing: str = "", polars: float = 20.0
) -> bool:
    results = [result("habitue", cpu_s=habitue, peak_mb=peak_mb), result("sql", cpu_s=10.0)]
    results.append(result("polars", cpu_s=polars))
    return all_kept(checks(results, {("habitue", "s1"): differing}, events))


def test_a_tenth_more_than_by_hand_is_allowed_and_no_more() -> None:
    assert kept(10.9)
    assert not kept(11.1)


def test_polars_has_to_be_beaten_by_the_promised_ratio() -> None:
    assert not kept(10.0, polars=16.0)


def test_memory_and_equal_answers_are_judged_at_every_size_and_ratios_only_at_large_ones() -> None:
    assert kept(30.0, events=2_000_000)
    assert not kept(10.0, events=2_000_000, peak_mb=2_001.0)
    assert not kept(10.0, events=2_000_000, differing="s1 differs")
