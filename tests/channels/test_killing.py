"""A sender that is killed at any moment loses nothing, and who remembers ids sees every change once."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from tests.channels.outgoing import Outgoing
from tests.channels.receivers import Got, Said, receiving
from tests.waiting import until

NURSERY = """
import os, sys, threading
import httpx
from pathlib import Path
from tests.channels.outgoing import Outgoing, channel
for _ in sys.stdin:
    child = os.fork()
    if not child:
        with Outgoing(folder=Path(sys.argv[1])).sending(channel(sys.argv[2], purpose="news")):
            print(os.getpid(), flush=True)
            threading.Event().wait(60)
        os._exit(0)
    os.waitpid(child, 0)
    print("dead", flush=True)
"""
KILLS = 15


@dataclass(frozen=True, slots=True)
class Nursery:
    """Starts senders in no time: a process that has everything loaded, and divides itself."""

    process: subprocess.Popen[str]

    def _said(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def start(self) -> int:
        """A process that sends; gives its number."""
        assert self.process.stdin is not None
        self.process.stdin.write("one more\n")
        self.process.stdin.flush()
        return int(self._said())

    def kill(self, sender: int) -> None:
        """End it without a word."""
        os.kill(sender, signal.SIGKILL)
        assert self._said() == "dead"


@contextmanager
def nursery(out: Outgoing, url: str) -> Iterator[Nursery]:
    """One for a project and a receiver."""
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", NURSERY, str(out.folder), url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "src")},
    ) as process:
        try:
            yield Nursery(process)
        finally:
            process.kill()


def test_killed_between_sending_and_noting_nothing_is_lost_and_ids_tell_what_came_twice(out: Outgoing) -> None:
    chance = Random(4)

    def answering(number: int, _got: Got) -> Said:
        return Said(status=500 if number % 7 == 3 else 200, after_s=0.004)

    people = [f"c{each}" for each in range(20)]
    inside = dict.fromkeys(people, False)
    with receiving(answering) as receiver, nursery(out, receiver.url) as senders:
        # The channel is there before the first change.
        senders.kill(senders.start())
        made = 0
        for _ in range(KILLS):
            for each in chance.sample(people, 12):
                inside[each] = not inside[each]
                made += len(out.move((each, "vip", inside[each])))
            seen, sender = len(receiver.got), senders.start()
            until(partial(receiver.has, seen + chance.randint(1, 12)))
            senders.kill(sender)
        sender = senders.start()
        until(lambda: len(receiver.sequences) == made, seconds=20)
        senders.kill(sender)
        accepted = list(receiver.accepted)
    by_id = {got.id: got for got in accepted}
    assert len(accepted) > len(by_id), "no kill fell between sending and noting: the test shows nothing"
    assert sorted(got.sequence for got in by_id.values()) == list(range(1, made + 1))
    assert all(len({got.body for got in receiver.got if got.id == known}) == 1 for known in by_id)
    for person in people:
        first = list(dict.fromkeys(got.sequence for got in accepted if got.json["data"]["customer"] == person))
        assert first == sorted(first)
