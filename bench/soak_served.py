"""`python -m bench.soak_served`: a whole server killed at random, again and again, while events come in over HTTP.

Each life is `habitue serve` with all its parts: HTTP, the inbox, the log, the live reading, the projector, builds. It
is forked from a process that has everything loaded, and ends with `kill -9` at birth, while it begins, or under load.
What was acknowledged is counted by whoever sent it: of it nothing may be missing in the end, nothing may be there
twice; everybody has to have entered and left in turn, and be where a batch says; the tables have to be those that the
log makes from its beginning.

With `--work` each life lasts up to so many seconds, and builds are done by a process of their own, as `habitue serve`
has them done: with 8 most lives end in the middle of one.
"""

import argparse
import gc
import http.client
import io
import json
import os
import signal
import socket
import sys
import tempfile
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from random import Random
from threading import Event, Timer
from typing import Final, NoReturn

import uvicorn

from bench.rebuild import FILES
from bench.soak import Telling, ids_of, in_child, message_id
from bench.soak import message as order
from habitue.cli.building_apart import WORDS
from habitue.cli.clock import system_surroundings
from habitue.govern.accounts import Scope
from habitue.run.accounts import People, create_key
from habitue.run.build_parent import ChildBuilder
from habitue.run.doctoring import examine
from habitue.run.parity import check_parity
from habitue.run.project import read_project
from habitue.run.projecting import Projector
from habitue.run.rebuilding import rebuild
from habitue.run.workspace import Workspace
from habitue.segments import TransitionLog
from habitue.server.front import Front
from habitue.server.listening import listening
from habitue.server.serving import House

DONE, BROKEN = 0, 3
_BATCH: Final = 20
_AGAIN: Final = 3
_AT_BIRTH: Final = 0.2
_BIRTH_S: Final = 1.0
_WORK_S: Final = 0.6
_READY_S: Final = 60.0
_PAGE: Final = 10_000
_KEY_US: Final = 30 * 24 * 3_600_000_000
_SEGMENTS: Final = """segment: just
rule: did('Order Completed', last='1s')
---
segment: often
rule: count('Order Completed', last='20s') >= 3
---
segment: after
rule: did('Order Completed') and not did('Order Completed', last='2s')
"""


@dataclass(slots=True, kw_only=True)
class Soaked:
    """What came of it.

    Attributes:
        cycles: How often the server was killed.
        lives: How many of these lives acknowledged something.
        acknowledged: Messages that were acknowledged.
        stored: Messages in the log.
        lost: Acknowledged messages that are not in it.
        twice: Messages that are in it more than once, or orders that are in the table more than once.
        missing: Messages of the log whose order is in no table.
        transitions: Times somebody entered or left.
        out_of_turn: Of those, how many entered who were inside, or left who were not.
        uncounted: By how much what was received is not what was stored, doubled and failed.
        parity: Answers in which the live reading and the batch differ.
        differences: Tables that a rebuild made otherwise.
        unwell: What `doctor` found broken.
        cpu_s: CPU time.
    """

    cycles: int = 0
    lives: int = 0
    acknowledged: int = 0
    stored: int = 0
    lost: int = 0
    twice: int = 0
    missing: int = 0
    transitions: int = 0
    out_of_turn: int = 0
    uncounted: int = 0
    parity: int = 0
    differences: list[str] = field(default_factory=list)
    unwell: list[str] = field(default_factory=list)
    cpu_s: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether everything is as promised."""
        wrong = (self.lost, self.twice, self.missing, self.out_of_turn, self.uncounted, self.parity)
        return not (any(wrong) or self.differences or self.unwell) and self.lives > 0


class ServedSoak:
    """A project whose whole server is killed again and again.

    Args:
        folder: Where to put it.
        seed: Of the moments of death.
        work_s: How long a life may last after its first answer, with builds done elsewhere; None for lives too short
            for that.
    """

    def __init__(self, folder: Path, seed: int, *, work_s: float | None = None) -> None:
        self.folder = folder / "shop"
        self._work_s = work_s
        self._dice = Random(seed)
        self._around = replace(system_surroundings(), environ={"XDG_CONFIG_HOME": str(folder / "keys")})
        for name, text in {**FILES, "segments/soaked.yaml": _SEGMENTS}.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("as_of: newest_event\n", ""), encoding="utf-8")
        read_project(self.folder)
        with Workspace.open(self.folder, around=self._around) as workspace:
            workspace.build()
        with People.open(self.folder, self._around) as people:
            key = create_key(people, Scope.COLLECT, role=None, valid_us=_KEY_US, source="site").key
        secret = b64encode(f"{key}:".encode()).decode()
        self._headers = {"Authorization": f"Basic {secret}", "Content-Type": "application/json"}
        # One for all lives: who comes while none is there waits for the next.
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sending = self._connection()
        self._next = self._lives = 0
        gc.freeze()

    def run(self, cycles: int) -> Soaked:
        """Kill it so often, then look at what is left."""
        telling = Telling(cycles)
        for done_by_now in range(cycles):
            self._life()
            telling.tell(done_by_now + 1, self._next)
        telling.judging()
        uncounted = self._last_life()
        done = Soaked(**json.loads(in_child(self._judge)))
        done.cycles, done.lives, done.acknowledged, done.uncounted = cycles, self._lives, self._next, uncounted
        used = os.times()
        done.cpu_s = round(used.user + used.system + used.children_user + used.children_system, 1)
        return done

    def _born(self) -> int:
        child = os.fork()
        if child == 0:
            self._live()
        return child

    def _live(self) -> NoReturn:
        """What the process does until it is killed, or asked to end."""
        # uvicorn says a signal again when it has ended for it.
        signal.signal(signal.SIGTERM, lambda *_: None)
        try:
            builder = None if self._work_s is None else ChildBuilder(WORDS)
            house = House(Front(self.folder, self._around, stream=io.StringIO()), builder=builder)
            config = listening(house.app, host="127.0.0.1", port=0)
            uvicorn.Server(config).run([self._listener])
            house.close()
            os._exit(0)
        finally:
            os._exit(1)

    def _life(self) -> None:
        """One life, under load until it is killed."""
        child, first, over = self._born(), self._next, Event()
        kill = Timer(self._dice.random() * _BIRTH_S, self._kill, (child, over))
        if self._dice.random() >= _AT_BIRTH:
            # The first answer says that it works; it lives for a moment more.
            self._send(over)
            kill = Timer(self._dice.random() * (self._work_s or _WORK_S), self._kill, (child, over))
        kill.start()
        while not over.is_set():
            self._send(over)
        kill.join()
        os.waitpid(child, 0)
        self._lives += self._next > first

    def _kill(self, child: int, over: Event) -> None:
        os.kill(child, signal.SIGKILL)
        over.set()
        # A request that nobody took yet would wait for the next life.
        sending = self._sending.sock
        if sending is not None:
            with suppress(OSError):
                sending.shutdown(socket.SHUT_RDWR)

    def _send(self, over: Event) -> None:
        """Send a batch: a little that was acknowledged, and then what was not; it may find nobody."""
        begin = max(0, self._next - _AGAIN)
        numbers = range(begin, begin + _BATCH)
        body = json.dumps({"batch": [order(number) for number in numbers]}).encode()
        with closing(self._connection()) as connection:
            self._sending = connection
            try:
                connection.connect()
                if over.is_set():
                    return
                connection.request("POST", "/v1/batch", body, self._headers)
                answer = connection.getresponse()
                said = answer.read()
            except (OSError, http.client.HTTPException):
                # It died; whether it took the batch, nobody knows.
                return
        if answer.status == http.client.OK:
            if json.loads(said)["failed"]:
                raise RuntimeError(said[:300].decode())
            self._next = numbers[-1] + 1

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._listener.getsockname()
        return http.client.HTTPConnection(host, port, timeout=_READY_S)

    def _last_life(self) -> int:
        """Let it finish what came in, and end when it is asked to; how much it did not count."""
        child = self._born()
        self._send(Event())
        with closing(self._connection()) as connection:
            connection.request("GET", "/metrics")
            lines = connection.getresponse().read().decode().splitlines()
        figures = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        received, *parts = (
            int(float(figures.get(f'habitue_events_{name}_total{{source="site"}}', 0)))
            for name in ("received", "stored", "duplicates", "failed")
        )
        os.kill(child, signal.SIGTERM)
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status):
            raise RuntimeError(f"The server ended with {os.waitstatus_to_exitcode(status)}.")
        return abs(received - sum(parts))

    def _judge(self) -> str:
        """Look at what is left."""
        ids = list(ids_of(self.folder))
        found = Soaked(stored=len(ids), twice=len(ids) - len(set(ids)))
        found.lost = len({message_id(number) for number in range(self._next)} - set(ids))
        found.transitions, found.out_of_turn = self._turns()
        with Workspace.open(self.folder, around=self._around) as workspace:
            Projector(workspace).run()
            con = workspace.warehouse.con
            rows, orders = con.execute(
                "SELECT count(*), count(DISTINCT order_id) FROM event_order_completed"
            ).fetchone() or (0, 0)
            found.twice += rows - orders
            found.missing = len(set(ids)) - orders
            workspace.build()
            found.parity = len(check_parity(workspace).differences)
            found.differences = list(rebuild(workspace).differences)
        found.unwell = [each.part for each in examine(self.folder, self._around) if each.status == "fail"]
        return json.dumps({**asdict(found)})

    def _turns(self) -> tuple[int, int]:
        """How many transitions were kept, and how many of them change nothing."""
        inside, after, wrong = Counter[tuple[str, str]](), 0, 0
        with TransitionLog.open(self.folder) as log:
            while page := log.read(after, _PAGE):
                after = page[-1].sequence
                for each in page:
                    pair = (each.customer_id, each.segment)
                    wrong += inside[pair] == each.entered
                    inside[pair] = int(each.entered)
        return after, wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what came of it; 0 when everything is as promised, 3 when it is not."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak_served", description=__doc__)
    parser.add_argument("--cycles", type=int, default=20, help="how often it is killed (20)")
    parser.add_argument("--seed", type=int, default=7, help="of the moments of death (7)")
    parser.add_argument("--work", type=float, metavar="SECONDS", help="lives so long, with builds apart")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        done = ServedSoak(Path(folder), options.seed, work_s=options.work).run(options.cycles)
        seconds = round(time.monotonic() - begun, 1)
    document = {**asdict(done), "seconds": seconds, "holds": done.holds}
    sys.stdout.write(json.dumps(document, indent=2) + "\n")
    return DONE if done.holds else BROKEN


if __name__ == "__main__":
    sys.exit(main())
