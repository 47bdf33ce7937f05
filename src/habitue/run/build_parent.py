"""Builds of a served project in a process of their own, so that nobody waits for the interpreter while one runs.

The tables are built in a copy, which then takes the place of the warehouse's file; whoever reads goes on meanwhile in
the old one. The thread that owns the project waits: what else would change it has its turn after the build, as ever.
"""

import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import IO, Final, NamedTuple

from habitue.config import state_folder, sync, writing
from habitue.engines.duplicating import duplicate, hold_the_same
from habitue.errors import HabitueError
from habitue.run.build_lines import TAKEN, Asked, Built, Made, Refused, Went, line_of, read_said
from habitue.run.building import BuildOrder, BuildReport, take_back_unfinished
from habitue.run.opened import Opened
from habitue.run.stores import WAREHOUSE_FILE, copied_warehouse, drop_copy, open_warehouse
from habitue.sources.progress import Progress

DEBUG: Final = "HABITUE_DEBUG"


class BuildStoppedError(HabitueError):
    """A build was broken off because the server ends."""

    code = "BUILD-STOPPED"

    def __init__(self) -> None:
        super().__init__(
            what="The server ends, so the build was broken off.",
            do="Serve the project again: what is stale is built then; the tables are those of the build before.",
        )


class BuildDiedError(HabitueError):
    """The process that built has ended before the build did."""

    code = "BUILD-DIED"

    def __init__(self, status: int) -> None:
        how = f"was ended by {_named(-status)}" if status < 0 else f"ended with status {status}"
        super().__init__(
            what=f"The process that built {how} before the build was done.",
            do="See whether the machine ran out of memory (a smaller `memory:` in habitue.yaml takes less of it), and "
            "build again; the tables are those of the build before.",
        )


class _Heard(NamedTuple):
    """What a process has said in the end."""

    report: BuildReport | None = None
    refused: Refused | None = None


class ChildBuilder:
    """Has builds done by a process each.

    Args:
        words: The program, which reads an order and builds (`habitue.cli.building_apart`).
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = tuple(words)
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_stopped = False

    @property
    def pid(self) -> int | None:
        """The process that builds; None where none does."""
        process = self._process
        return None if process is None else process.pid

    def stop(self) -> None:
        """Break off what is being built, by any thread, and build nothing more."""
        with self._lock:
            self._is_stopped = True
            if self._process is not None:
                self._process.kill()

    def build(self, opened: Opened, order: BuildOrder, progress: Progress) -> BuildReport:
        """Build what is stale, or what is asked, in a copy of the warehouse that takes its place in the end.

        Cost: besides that of the build, the copy, and about two seconds of a processor until the process has begun.

        Raises:
            BuildStoppedError: `stop` was called.
            BuildDiedError: The process was killed.
            HabitueError: Something is wrong with the data or the machine; what was there before still is.
        """
        if self._is_stopped:
            raise BuildStoppedError
        state = state_folder(opened.project.folder)
        drop_copy(state)
        try:
            _copy(opened, state)
            return self._built(opened, order, progress)
        finally:
            drop_copy(state)

    def _built(self, opened: Opened, order: BuildOrder, progress: Progress) -> BuildReport:
        process, heard = self._begin(opened, order), _Heard()
        try:
            with process:
                try:
                    heard = _listen(process, opened, progress)
                except BaseException:
                    process.kill()
                    raise
        finally:
            with self._lock:
                self._process = None
            if heard == _Heard():
                opened.stores.control.interrupt_builds()
                take_back_unfinished(opened.stores.control, opened.history)
        if heard.report is not None:
            return heard.report
        if heard.refused is not None:
            raise heard.refused.error
        raise BuildStoppedError if self._is_stopped else BuildDiedError(process.returncode)

    def _begin(self, opened: Opened, order: BuildOrder) -> "subprocess.Popen[bytes]":
        """Start the process and give it the order."""
        if opened.lock is None:
            raise ValueError("only who holds the project has it built")
        handle, around = opened.lock.handle, opened.around
        asked = Asked(
            folder=str(opened.project.folder),
            lock=handle,
            memory=opened.project.settings.memory,
            as_of=order.as_of,
            full=order.full,
            select=tuple(order.select),
        )
        with self._lock:
            if self._is_stopped:
                raise BuildStoppedError
            # In a group of its own, so that Ctrl-C in a terminal reaches the server alone, which ends it; but not in a
            # session of its own, where it would not give way to the server by being nice.
            process = self._process = subprocess.Popen(
                self._words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=None if around.environ.get(DEBUG) else subprocess.DEVNULL,
                env={**around.environ, "HOME": str(around.home)},
                pass_fds=(handle,),
                process_group=0,
            )
        _tell(process.stdin, line_of(asked))
        return process


def _listen(process: "subprocess.Popen[bytes]", opened: Opened, progress: Progress) -> _Heard:
    """Follow what the process says, and do what it waits for."""
    heard = _Heard()
    if process.stdout is None:
        return heard
    for said in read_said(process.stdout):
        match said:
            case Went():
                progress(said.step, said.done, said.total)
            case Made():
                _take_over(opened)
                _tell(process.stdin, TAKEN)
            case Built():
                heard = _Heard(report=said.report)
            case Refused():
                heard = _Heard(refused=said)
    return heard


def _tell(stdin: IO[bytes] | None, line: bytes) -> None:
    """Say something to the process; one that has ended has no ear, and that is seen elsewhere."""
    if stdin is not None:
        with suppress(BrokenPipeError):
            stdin.write(line)
            stdin.flush()


def _copy(opened: Opened, state: Path) -> None:
    """Copy the warehouse, as of now: nobody else writes into it."""
    copy = copied_warehouse(state)
    opened.stores.warehouse.checkpoint()
    with writing(copy.parent):
        copy.parent.mkdir(parents=True, mode=0o700)
    duplicate(state / WAREHOUSE_FILE, copy)
    log = state / f"{WAREHOUSE_FILE}.wal"
    if log.exists():
        duplicate(log, copy.with_name(log.name))


def _take_over(opened: Opened) -> None:
    """Put the copy in the place of the warehouse; who reads the old one asks again in the new one.

    Where nothing was stale they are the same, and what is in memory of the old one stays there.
    """
    state, stores = state_folder(opened.project.folder), opened.stores
    copy, path = copied_warehouse(state), state / WAREHOUSE_FILE
    if hold_the_same(path, copy):
        return
    stores.warehouse.close()
    try:
        with writing(path):
            path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
            copy.replace(path)
            sync(path.parent)
    finally:
        stores.warehouse = open_warehouse(state, opened.project.settings.memory)


def _named(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
