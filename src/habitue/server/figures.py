"""Figures of a running server, for `/metrics`: what came, what became of it, how long it took, what was refused.

What became of events is read from the log each time, so that it is exact and survives restarts.
"""

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from habitue.errors import HabitueError
from habitue.streams import Counts, LogReader

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Gauge(NamedTuple):
    """A figure that is asked for when it is wanted.

    Attributes:
        name: `habitue_…`.
        about: What it tells.
        ask: Gives it; called by any thread, and quick.
    """

    name: str
    about: str
    ask: Callable[[], float]


class Figures:
    """The figures of one server; for any thread.

    Args:
        log: The log's file.
        report: Told of what was not foreseen: where it happened.
    """

    def __init__(self, log: Path, report: Callable[[BaseException], None]) -> None:
        self._report = report
        self._registry = CollectorRegistry()
        self._registry.register(_LogCounts(log))
        self._refusals = self._counter("habitue_refused_requests", "Requests that were refused, by code.", ["code"])
        self._refused = self._counter(
            "habitue_refused_events", "Events that a contract refused, by source and code.", ["source", "code"]
        )
        self._suppressed = self._counter(
            "habitue_suppressed_events", "Events about people who were erased: answered and not kept.", ["source"]
        )
        self._noted = self._counter(
            "habitue_noted_events", "Events kept although their contract found something, by source.", ["source"]
        )
        self._stumbled = self._counter("habitue_unforeseen_errors", "Errors that Habitue does not foresee.", [])
        self._requests = self._counter(
            "habitue_requests", "Requests answered, by route and status.", ["route", "status"]
        )
        self._seconds = Histogram(
            "habitue_acknowledge_seconds",
            "From the end of a request's body to its answer, everything on the disk.",
            registry=self._registry,
            buckets=_SECONDS,
        )

    def watch(self, gauges: Iterable[Gauge]) -> None:
        """Show further figures."""
        self._registry.register(_Asked(tuple(gauges)))

    def answered(self, route: str, status: int) -> None:
        """Count a request that was answered."""
        self._requests.labels(route, str(status)).inc()

    def acknowledged(self, seconds: float) -> None:
        """Count how long an acknowledgement took."""
        self._seconds.observe(seconds)

    def refused(self, code: str) -> None:
        """Count a request that was refused."""
        self._refusals.labels(code).inc()

    def took(self, source: str, *, refused: Sequence[str] = (), suppressed: int = 0, noted: int = 0) -> None:
        """Count what became of messages that the log does not count.

        Args:
            source: Where they came from.
            refused: Codes of those that a contract refused.
            suppressed: How many were about people who were erased.
            noted: How many were kept although something was found.
        """
        for code, number in Tally(refused).items():
            self._refused.labels(source, code).inc(number)
        if suppressed:
            self._suppressed.labels(source).inc(suppressed)
        if noted:
            self._noted.labels(source).inc(noted)

    def stumbled(self, error: BaseException | None) -> None:
        """Count and report what was not foreseen."""
        self._stumbled.inc()
        if error is not None:
            self._report(error)

    def text(self) -> bytes:
        """All of them in the format of Prometheus; reads the log."""
        # When each was made is of no use, and doubles the page.
        lines = generate_latest(self._registry).splitlines(keepends=True)
        return b"".join(line for line in lines if b"_created" not in line)

    def _counter(self, name: str, about: str, labels: Sequence[str]) -> Counter:
        return Counter(name, about, labels, registry=self._registry)


class _LogCounts(Collector):
    """What became of everything each source ever sent: received = stored + duplicates + failed."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def describe(self) -> Iterator[CounterMetricFamily]:
        """The same figures of no source: what is registered is not asked for."""
        yield from _families({})

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """Read them, all at one moment."""
        try:
            with LogReader(self._log) as reader:
                counts, newest = reader.counts(), reader.bounds()[1]
        except HabitueError:
            # A damaged log is told of by /readyz; what else there is to know is wanted all the more then.
            return
        yield from _families(counts)
        yield GaugeMetricFamily("habitue_log_newest_offset", "The newest record of the log.", value=newest)


def _families(counts: Mapping[str, Counts]) -> Iterator[CounterMetricFamily]:
    received = CounterMetricFamily("habitue_events_received", "Events acknowledged, by source.", labels=["source"])
    stored = CounterMetricFamily("habitue_events_stored", "Events kept in the log, by source.", labels=["source"])
    duplicates = CounterMetricFamily("habitue_events_duplicates", "Events that were there already.", labels=["source"])
    failed = CounterMetricFamily(
        "habitue_events_failed", "Events in the failed lane; one that is mended counts as stored.", labels=["source"]
    )
    for source, each in counts.items():
        received.add_metric([source], each.received)
        stored.add_metric([source], each.stored)
        duplicates.add_metric([source], each.duplicates)
        failed.add_metric([source], each.failed)
    yield from (received, stored, duplicates, failed)


class _Asked(Collector):
    def __init__(self, gauges: Sequence[Gauge]) -> None:
        self._gauges = gauges

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Their names: what is registered is not asked for."""
        for each in self._gauges:
            yield GaugeMetricFamily(each.name, each.about)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Ask for each."""
        for each in self._gauges:
            yield GaugeMetricFamily(each.name, each.about, value=each.ask())
