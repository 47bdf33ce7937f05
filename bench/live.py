"""`python -m bench.live`: what keeping 50 segments live costs, per event, at a burst of exits, and in memory.

Promised: 100,000 events a CPU-second in one process, from the body of a record in the log to the transitions: decoding
it, looking up who it is about, all leaves, all deadlines. And 100,000 exits that fall due at once at most double the
99th percentile of the time from an event's arrival to its answer, while 2,000 events a second come in.
Fsync, the network and writing transitions are not in it: those are measured end to end elsewhere.

After `make compiled` it measures twice, as pure Python and compiled; the promise is about the latter.
"""

import argparse
import gc
import json
import sys
import time
from collections.abc import Sequence
from typing import Final, NamedTuple

from bench.live_traffic import CATALOGUE, DAY_US, Sent, cuts_of, definitions, traffic
from bench.resources import resident_mb
from bench.ways import both_ways, way
from habitue.rules.history import Consent, instant_of
from habitue.rules.live import LiveRules
from habitue.rules.live_transitions import Facts
from habitue.sources.arrivals import read_arrival, readers_of, values_of

DONE, BROKEN = 0, 3
AT_LEAST: Final = 100_000
AT_MOST: Final = 2.0
BATCH: Final = 100
_MEASURED: Final = 4_000
_CHUNK: Final = 2_000
SLICE: Final = 4
"""How many people are swept between two looks for events, while exits are due."""
_EVERY_NS: Final = 500_000
THRESHOLDS: Final = (50_000, 20, 100)
"""How often garbage is sought, as `habitue serve` has it."""
_READERS: Final = {name: readers_of(shape.properties) for name, shape in CATALOGUE.events.items()}


class Reading(NamedTuple):
    """A live reading with who its records are about."""

    rules: LiveRules
    people: dict[str, str]

    def take(self, sent: Sent) -> int:
        """One record of the log; how many transitions it caused."""
        arrival, count = read_arrival(sent.body), 0
        person, position = self.people[arrival.record], sent.received_us
        for event in arrival.events:
            properties = values_of(event.properties, _READERS[event.name])
            count += len(
                self.rules.take(person, event.name, arrival.occurred_us, position, properties, sent.received_us)
            )
        return count


def reading(segments: int, people: int) -> Reading:
    """A reading of nobody's events yet: some traits and consents are known."""
    kept = definitions(segments)
    rules = LiveRules(kept, CATALOGUE, cuts_of(kept))
    known = {f"r{number:08}": f"c:{number:016x}" for number in range(people)}
    start = instant_of(0)
    for number, customer in enumerate(known.values()):
        rules.know(customer, Facts(traits={"country": ("DE", "FR", "IT", "PL", "ES")[number % 5]}), start)
        if number % 2:
            said = Consent(purpose="marketing_email", given=True, occurred_at=start, position=number)
            rules.consent(customer, said, start)
    return Reading(rules, known)


def _settle() -> None:
    """As `habitue serve` does once it is open: what is there stays, and need not be looked through again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


def throughput(options: argparse.Namespace) -> dict[str, float]:
    """Events a CPU-second, also in the tenth of the time that neighbours on the machine disturbed least; memory."""
    prepared = list(traffic(options.warm_up + options.events, options.people, options.days, seed=1))
    before = resident_mb()
    measured = reading(options.segments, options.people)
    for sent in prepared[: options.warm_up]:
        measured.take(sent)
        measured.rules.advance_to(sent.received_us)
    _settle()
    timed, transitions, spent = prepared[options.warm_up :], 0, list[float]()
    for start in range(0, len(timed), _CHUNK):
        started = time.process_time()
        for index, sent in enumerate(timed[start : start + _CHUNK]):
            transitions += measured.take(sent)
            if index % BATCH == 0:
                transitions += len(measured.rules.advance_to(sent.received_us).transitions)
        spent.append(time.process_time() - started)
    return {
        "events_per_cpu_second": round(options.events / sum(spent)),
        "events_per_cpu_second_at_best": round(_CHUNK / sorted(spent)[len(spent) // 10]),
        "events": options.events,
        "people": measured.rules.people,
        "segments": options.segments,
        "leaves": measured.rules.leaves,
        "transitions_per_event": round(transitions / options.events, 3),
        "bytes_per_person": round((resident_mb() - before) * 1e6 / measured.rules.people),
    }


def burst(options: argparse.Namespace) -> dict[str, float]:
    """How long events take from arrival to answer, in calm and while exits fall due at once.

    Everybody but those who go on acting has viewed one page at one instant: 14 days later they leave a segment. Time
    is that of the CPU, so that neighbours on the machine do not count: the loop never rests.
    """
    measured = reading(options.segments, options.people + options.exits)
    prepared = list(traffic(4 * _MEASURED, options.people, 28, seed=2))
    warm, calm, busy = prepared[: 2 * _MEASURED], prepared[2 * _MEASURED : 3 * _MEASURED], prepared[3 * _MEASURED :]
    at = busy[0].received_us - 14 * DAY_US
    leaving = iter([customer for record, customer in measured.people.items() if int(record[1:]) >= options.people])
    for sent in warm:
        if sent.received_us > at:
            for customer in leaving:
                measured.rules.take(customer, "Page Viewed", at, 0, {}, at)
        measured.take(sent)
    _settle()
    in_calm, _ = _latencies(measured, calm)
    in_burst, swept = _latencies(measured, busy, options.exits)
    found = {"event": in_calm, "event_in_burst": in_burst}
    places = {f"{name}_p{place}_us": _place(each, place) for name, each in found.items() for place in (50, 99)}
    ratio = places["event_in_burst_p99_us"] / places["event_p99_us"]
    return {**places, "burst_ratio": round(ratio, 2), "exits_at_once": swept, "events_in_burst": len(in_burst)}


def _latencies(measured: Reading, arriving: Sequence[Sent], exits: int = sys.maxsize) -> tuple[list[int], int]:
    """The time of each event from arrival to answer (ns), until so many have left, and how many did."""
    found, swept, clock = list[int](), 0, time.thread_time_ns
    measured.rules.advance_to(arriving[0].received_us - 1, limit=sys.maxsize)
    is_done, start = False, clock()
    for number, sent in enumerate(arriving):
        arrival = start + number * _EVERY_NS
        while clock() < arrival:
            if not is_done:
                sweep = measured.rules.advance_to(sent.received_us, limit=SLICE)
                swept, is_done = swept + len(sweep.transitions), sweep.is_done
        measured.take(sent)
        found.append(clock() - arrival)
        is_done = False
        if swept >= exits:
            break
    return found, swept


def _place(latencies: Sequence[int], place: int) -> float:
    return round(sorted(latencies)[len(latencies) * place // 100] / 1000, 1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 3 when a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m bench.live", description=__doc__)
    parser.add_argument("--events", type=int, default=300_000, help="events (300000)")
    parser.add_argument("--warm-up", type=int, default=300_000, help="events before those that are timed (300000)")
    parser.add_argument("--people", type=int, default=20_000, help="people who act (20000)")
    parser.add_argument("--days", type=int, default=20, help="days that all events take (20)")
    parser.add_argument("--segments", type=int, default=50, help="segments (50)")
    parser.add_argument("--exits", type=int, default=100_000, help="exits that fall due at once (100000)")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    options = parser.parse_args(arguments)
    found = throughput(options)
    if options.exits:
        found |= burst(options)
    if options.json:
        sys.stdout.write(json.dumps({"way": way(), **found}) + "\n")
    else:
        sys.stdout.write(f"{'way':<36} {way():>12}\n")
        sys.stdout.writelines(f"{name:<36} {value:>12,}\n" for name, value in found.items())
    is_kept = found["events_per_cpu_second"] >= AT_LEAST and found.get("burst_ratio", 0) <= AT_MOST
    return DONE if is_kept else BROKEN


if __name__ == "__main__":
    sys.exit(both_ways("bench.live", main, sys.argv[1:]))
