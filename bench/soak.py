"""`python -m bench.soak`: a process that takes events in, killed at random, again and again.

Each life goes through the inbox into the log, and in some a second thread carries the log into the tables; it ends with
`kill -9` wherever it is. What was acknowledged is counted by somebody else: of it nothing may be missing in the end,
nothing may be there twice, and the tables have to be those that the log makes from its beginning. Lives are forked from
a process that has everything loaded. `python -m bench.soak_served` does the same to a whole server.
"""

import argparse
import gc
import json
import os
import select
import signal
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Final, NoReturn

from bench.rebuild import FILES
from habitue.cli.clock import system_surroundings
from habitue.govern.opening import open_vault
from habitue.govern.vault import Vault
from habitue.run.doctoring import examine
from habitue.run.live_parts import log_path
from habitue.run.project import Project, read_project
from habitue.run.projecting import Projector
from habitue.run.rebuilding import rebuild
from habitue.run.surroundings import Surroundings
from habitue.run.workspace import Workspace
from habitue.sources.arrivals import Arrival, body_of
from habitue.sources.inbox import Inbox
from habitue.state.sqlite import to_us
from habitue.streams import Committer, Log, LogReader, NewRecord
from habitue.streams.decoding import Decoder
from habitue.streams.messages import Batch

DONE, BROKEN = 0, 3
_BATCH: Final = 8
_AGAIN: Final = 3
_PEOPLE: Final = 40
_BUILDING: Final = 0.1
_CARRYING: Final = 0.1
_AT_BIRTH: Final = 0.15
_AT_FIRST: Final = 0.3
_BIRTH_S: Final = 0.4
_WORK_S: Final = 0.1
_BARE_S: Final = 0.04
_CARRIED: Final = -1
"""Told in place of a number when something was carried into the tables."""
_NOBODY: Final = "nobody"
_PAUSE_S: Final = 0.02
_PATIENCE_S: Final = 20.0
_NUMBER: Final = struct.Struct("<q")
_PAGE: Final = 10_000
_TELL_S: Final = 10.0


@dataclass(slots=True, kw_only=True)
class Soaked:
    """What came of it.

    Attributes:
        cycles: How often the process was killed.
        lives: How many of these lives acknowledged something.
        acknowledged: Messages that were acknowledged.
        stored: Messages in the log.
        lost: Acknowledged messages that are not in it.
        twice: Messages that are in it more than once, or events that are in a table more than once.
        missing: Messages of the log whose event is in no table.
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
    differences: list[str] = field(default_factory=list)
    unwell: list[str] = field(default_factory=list)
    cpu_s: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether everything is as promised."""
        return not (self.lost or self.twice or self.missing or self.differences or self.unwell) and self.lives > 0


class Telling:
    """Says on standard error every few seconds how far it is.

    Args:
        cycles: How many there will be.
    """

    def __init__(self, cycles: int) -> None:
        self._cycles = cycles
        self._told_s = time.monotonic()

    def tell(self, done: int, acknowledged: int) -> None:
        """Say how often it was killed, and how much was acknowledged, unless that was said just before."""
        if time.monotonic() - self._told_s >= _TELL_S:
            self._told_s = time.monotonic()
            sys.stderr.write(f"{done:,} of {self._cycles:,} lives, {acknowledged:,} messages acknowledged\n")
            sys.stderr.flush()

    def judging(self) -> None:
        """Say that all lives are over."""
        sys.stderr.write(f"{self._cycles:,} lives are over; looking at what is left\n")
        sys.stderr.flush()


class Soak:
    """A project whose server is killed again and again.

    Args:
        folder: Where to put it.
        seed: Of the moments of death.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder / "shop"
        self._dice = Random(seed)
        self._around = replace(system_surroundings(), environ={"XDG_CONFIG_HOME": str(folder / "keys")})
        for name, text in FILES.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self._project = read_project(self.folder)
        self._begin()
        self._last = -1
        self._lives = 0

    def run(self, cycles: int) -> Soaked:
        """Kill it so often, then look at what is left."""
        telling = Telling(cycles)
        for done_by_now in range(cycles):
            self._life()
            telling.tell(done_by_now + 1, self._last + 1)
        telling.judging()
        told = in_child(self._judge)
        done = Soaked(**json.loads(told))
        done.cycles, done.lives, done.acknowledged = cycles, self._lives, self._last + 1
        used = os.times()
        done.cpu_s = round(used.user + used.system + used.children_user + used.children_system, 1)
        return done

    def _life(self) -> None:
        """One life: begins with what was not acknowledged, and a few messages that were."""
        first = max(0, self._last + 1 - _AGAIN)
        reading, writing = os.pipe()
        carries, builds = self._dice.random() < _CARRYING, self._dice.random() < _BUILDING
        child = os.fork()
        if child == 0:
            os.close(reading)
            self._live(first, writing, carries=carries, builds=builds)
        os.close(writing)
        numbers = self._until_death(reading, carries=carries)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with os.fdopen(reading, "rb") as told:
            numbers += told.read()
        whole = len(numbers) // _NUMBER.size * _NUMBER.size
        heard = [number for (number,) in _NUMBER.iter_unpack(numbers[:whole]) if number != _CARRIED]
        self._lives += bool(heard)
        self._last = max([self._last, *heard])

    def _until_death(self, reading: int, *, carries: bool) -> bytes:
        """Let it live: most die while messages come or tables are being written, some at the first, some at birth."""
        heard, how = b"", self._dice.random()
        if how < _AT_BIRTH:
            time.sleep(self._dice.random() * (_BIRTH_S if carries else _BARE_S))
            return heard
        is_early = how < _AT_FIRST or not carries
        ends, awaited = time.monotonic() + _PATIENCE_S, b"" if is_early else _NUMBER.pack(_CARRIED)
        while (not heard or awaited not in heard) and time.monotonic() < ends:
            if select.select([reading], [], [], ends - time.monotonic())[0]:
                piece = os.read(reading, 1 << 16)
                heard += piece
                if not piece:
                    break
        time.sleep(self._dice.random() * (_WORK_S if carries else _BARE_S))
        return heard

    def _live(self, first: int, told: int, *, carries: bool, builds: bool) -> NoReturn:
        """What the process does until it is killed."""
        try:
            if carries:
                work = partial(_project_forever, self._project, self._around, told, builds=builds)
                threading.Thread(target=work, daemon=True).start()
            _take_in_forever(self._project, self._around, first, told)
        finally:
            os._exit(1)

    def _begin(self) -> None:
        """Make the project's files, and have loaded what every life would load: this process is what they are of."""
        with Workspace.open(self.folder, around=self._around) as workspace:
            Projector(workspace).run()
            with Log.open(log_path(self.folder)) as log:
                log.append_many([NewRecord(_NOBODY, "0", "track", 1, body_of(Arrival(1, "")))])
            Projector(workspace).run()
            workspace.build()
        # Nobody touches what all lives share, so that little of it is copied for each.
        gc.freeze()

    def _judge(self) -> str:
        """Look at what is left."""
        ids = list(ids_of(self.folder))
        found = Soaked(stored=len(ids), twice=len(ids) - len(set(ids)))
        wanted = {message_id(number) for number in range(self._last + 1)}
        found.lost = len(wanted - set(ids))
        with Workspace.open(self.folder, around=self._around) as workspace:
            workspace.build()
            con = workspace.warehouse.con
            rows, positions, orders = con.execute(
                "SELECT count(*), count(DISTINCT position), count(DISTINCT order_id) FROM event_order_completed"
            ).fetchone() or (0, 0, 0)
            found.twice += (rows - positions) + (rows - orders)
            found.missing = len(set(ids)) - orders
            found.differences = list(rebuild(workspace).differences)
        found.unwell = [each.part for each in examine(self.folder, self._around) if each.status == "fail"]
        return json.dumps({**asdict(found)})


def in_child(work: Callable[[], str]) -> str:
    """What a process of its own answers."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        # What goes wrong here is told by whoever ends this process.
        os.close(reading)
        with os.fdopen(writing, "w", encoding="utf-8") as answer:
            answer.write(work())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as answer:
        told = answer.read()
    os.waitpid(child, 0)
    return told


def ids_of(folder: Path) -> Iterator[str]:
    """The ids of the messages that the log holds."""
    path = log_path(folder)
    if not path.exists():
        return
    with LogReader(path) as reader:
        after = 0
        while page := reader.read(after, _PAGE):
            after = page[-1].offset
            yield from (each.message_id for each in page if each.source != _NOBODY)


def message_id(number: int) -> str:
    """The id of a message."""
    return f"{number:08x}-0000-4000-8000-000000000000"


def message(number: int) -> dict[str, object]:
    """One order; every fifth comes with who they are."""
    who = f"u{number * 7 % _PEOPLE}"
    return {
        "type": "track",
        "messageId": message_id(number),
        "userId": who,
        "anonymousId": f"a{number % _PEOPLE}" if number % 5 == 0 else None,
        "event": "Order Completed",
        "properties": {"order_id": f"o{number}", "revenue": "12.50"},
        "context": {"traits": {"email": f"{who}@shop.test"}},
    }


def vault_of(project: Project, around: Surroundings) -> Vault:
    """A connection to the vault for the thread that takes in."""
    return open_vault(project.folder, environ=around.environ, home=around.home, random=around.random)


def _take_in_forever(project: Project, around: Surroundings, first: int, told: int) -> None:
    """Messages by their numbers, each batch told as soon as it is acknowledged."""
    with vault_of(project, around) as vault, Committer(Log.open(log_path(project.folder))) as log:
        inbox = Inbox(project.sources, project.purposes, project.identity, vault, clock=around.clock)
        decoder = Decoder()
        while True:
            numbers = range(first, first + _BATCH)
            received_us = to_us(around.clock())
            batch = decoder.batch(json.dumps({"batch": list(map(message, numbers))}).encode(), received_us=received_us)
            if isinstance(batch, Batch):
                taken = inbox.take("site", batch.results, received_us=received_us)
                log.append_many(taken.records, taken.failures)
                os.write(told, _NUMBER.pack(numbers[-1]))
            first += _BATCH
            time.sleep(_PAUSE_S / 4)


def _project_forever(project: Project, around: Surroundings, told: int, *, builds: bool) -> None:
    with Workspace.open(project.folder, around=around) as workspace:
        projector = Projector(workspace)
        while True:
            if builds:
                workspace.build()
            done = projector.step(_BATCH)
            if done.rows:
                os.write(told, _NUMBER.pack(_CARRIED))
            if done.is_done:
                time.sleep(_PAUSE_S / 2)


def soak(folder: Path, *, cycles: int, seed: int = 7) -> Soaked:
    """Kill a process that takes events in so often, and look at what is left."""
    return Soak(folder, seed).run(cycles)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what came of it; 0 when everything is as promised, 3 when it is not."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--cycles", type=int, default=300, help="how often it is killed (300)")
    parser.add_argument("--seed", type=int, default=7, help="of the moments of death (7)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        done = soak(Path(folder), cycles=options.cycles, seed=options.seed)
    sys.stdout.write(json.dumps({**asdict(done), "holds": done.holds}, indent=2) + "\n")
    return DONE if done.holds else BROKEN


if __name__ == "__main__":
    sys.exit(main())
