"""Erasing somebody from what arrived live: the log and its failed lane, transitions, deliveries.

Live parts are told first, so that nothing of the person is written again from memory.

Cost: one pass over the bodies of the log, and each of the files written anew.
"""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Final

from habitue.channels.deliveries import DELIVERIES_FILE, Deliveries
from habitue.config import state_folder
from habitue.govern.requests import Request
from habitue.run.live_lane import failures_naming
from habitue.run.live_parts import log_path
from habitue.run.opened import Opened
from habitue.run.store_erased import OVERWRITTEN, StoreErased
from habitue.run.subjects import Names
from habitue.segments.transitions import TRANSITIONS_FILE, TransitionLog
from habitue.sources.forgetting import forgetting, names_any
from habitue.streams import Log, LogReader, Rewritten
from habitue.streams.rewriting import Change

_BODIES: Final = "bodies emptied, the file written anew; ids of messages stay, so that none is taken in twice"
_WORDS: Final = "what came deleted, the file written anew; that something failed stays"
_PAGE: Final = 10_000


def tell_live(opened: Opened, ids: Collection[str]) -> None:
    """Have everything that keeps people in memory forget some."""
    for forget in opened.live.on_erased:
        forget(ids)


def erase_live_failures(opened: Opened, names: Names) -> list[StoreErased]:
    """Take what people sent, and what could not be taken in, out of the log: before their clear names are gone."""
    if not log_path(opened.project.folder).exists():
        return []
    numbers = [failure.number for failure, _ in failures_naming(opened, names)]
    if numbers:
        opened.live.write_log(lambda log: log.drop_failures(numbers))
    return [StoreErased(store="log: failed", rows=len(numbers), proof=_WORDS)]


def erase_live(opened: Opened, request: Request, known_by: Collection[str]) -> list[StoreErased]:
    """Take people out of what arrived live and what was made of it.

    Args:
        opened: The open project.
        request: Whom.
        known_by: Every id that they may have been known by.
    """
    folder, done = opened.project.folder, []
    state = state_folder(folder)
    if log_path(folder).exists():
        done.append(StoreErased(store="log: records", rows=_empty(opened, request.records), proof=_BODIES))
    if (state / TRANSITIONS_FILE).exists():
        with TransitionLog.open(folder) as transitions:
            done.append(StoreErased(store="transitions", rows=transitions.forget(known_by), proof=OVERWRITTEN))
    if (state / DELIVERIES_FILE).exists():
        with Deliveries.open(folder) as deliveries:
            done.append(StoreErased(store="deliveries", rows=deliveries.forget(known_by), proof=OVERWRITTEN))
    return done


def count_live(opened: Opened, names: Names, records: Collection[str], known_by: Collection[str]) -> dict[str, int]:
    """How much of what arrived live would go, by store."""
    folder, counts = opened.project.folder, dict[str, int]()
    state = state_folder(folder)
    if log_path(folder).exists():
        counts["log: failed"] = sum(1 for _ in failures_naming(opened, names))
        counts["log: records"] = len(_naming(opened, records))
    if (state / TRANSITIONS_FILE).exists():
        with TransitionLog.open(folder) as transitions:
            counts["transitions"] = sum(
                len(transitions.read(customer=each, limit=_PAGE)) + len(transitions.memberships(each))
                for each in known_by
            )
    if (state / DELIVERIES_FILE).exists():
        with Deliveries.open(folder) as deliveries:
            counts["deliveries"] = sum(len(deliveries.told_of(each)) for each in known_by)
    return counts


def _naming(opened: Opened, records: Collection[str]) -> list[int]:
    """The offsets of the messages that name some records."""
    is_named, found, after = names_any(records), list[int](), 0
    with LogReader(log_path(opened.project.folder)) as reader:
        while page := reader.read(after, _PAGE):
            found += [each.offset for each in page if is_named(each.body)]
            after = page[-1].offset
    return found


def _empty(opened: Opened, records: Sequence[str]) -> int:
    """Empty the bodies of messages about some records, and write the log anew; how many there were."""
    if not records:
        return 0
    change, count, after = forgetting(records), 0, 0
    while True:
        done: Rewritten = opened.live.write_log(partial(_step, change=change, after=after))
        count, after = count + done.records, done.offset
        if done.is_done:
            break
    opened.live.write_log(lambda log: log.compact())
    return count


def _step(log: Log, *, change: Change, after: int) -> Rewritten:
    return log.rewrite(change, after=after, limit=_PAGE)
