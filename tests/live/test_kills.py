"""The loop killed again and again: every true change is kept once, at its instant, as if nothing had happened."""

import os
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path
from random import Random
from signal import SIGKILL

from habitue.segments import Moved, TransitionLog
from tests.live.working import work

KILLS = int(os.environ.get("HABITUE_LIVE_KILLS", "20"))
"""How often the process is killed; `HABITUE_LIVE_KILLS=300` for a longer run."""
MESSAGES = 60 * KILLS


def killed(folder: Path, chance: Random) -> bool:
    """Let a process work for a while and kill it; whether it was done before."""
    context = get_context("fork")
    begun = context.Event()
    process = context.Process(target=work, args=(folder, MESSAGES, begun.set))
    process.start()
    # Most often while it works, now and then while it begins.
    if chance.random() < 0.8:
        begun.wait(30)
    process.join(chance.uniform(0.0, 0.05))
    process.kill()
    process.join()
    assert process.exitcode in (0, -SIGKILL)
    return process.exitcode == 0


def moved(folder: Path) -> list[Moved]:
    """All transitions kept."""
    found = list[Moved]()
    with TransitionLog.open(folder) as log:
        while page := log.read(found[-1].sequence if found else 0):
            found += page
        assert log.refused == 0
    return found


def facts(found: list[Moved]) -> list[tuple[str, str, int, bool, str]]:
    """What is true of transitions, however they were noticed."""
    return sorted((each.customer_id, each.segment, each.occurred_us, each.entered, each.cause) for each in found)


def test_every_change_is_kept_once_and_at_its_instant_through_kills(tmp_path: Path) -> None:
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    for folder in (calm, rough):
        folder.mkdir()
        work(folder, 0)
    work(calm, MESSAGES)
    chance, kills = Random(5), 0
    while kills < KILLS and not killed(rough, chance):
        kills += 1
    work(rough, MESSAGES)
    through = moved(rough)
    for _, each in groupby(sorted(through, key=_pair), key=_pair):
        turns = [one.entered for one in each]
        assert turns == [place % 2 == 0 for place in range(len(turns))]
    assert facts(through) == facts(moved(calm))
    assert len(through) > MESSAGES // 10
    assert kills > KILLS // 3


def _pair(each: Moved) -> tuple[str, str]:
    return each.customer_id, each.segment
