"""The program of builds that a server has done elsewhere: an order comes in, how far it is and the end go out.

Run by `habitue serve` as `python -m habitue.cli.building_apart`; nothing of it is for people. When the server ends,
however it does, this ends too, at once.
"""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from habitue.run.build_lines import Said

WORDS: Final = (sys.executable, "-P", "-m", "habitue.cli.building_apart")
"""What starts it."""
_NICE: Final = 10
_FIRST_TO_GO: Final = "800"
_READ: Final = 65_536
_DONE, _REFUSED, _ALONE = 0, 0, 1


def main() -> int:
    """Build what standard input asks for."""
    # The server hears Ctrl-C too, and ends this in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _give_way()
    out = _own_output()
    asked = _first_line()
    if not asked:
        return _ALONE
    taken = Event()
    Thread(target=_listen, args=(taken,), name="habitue-server", daemon=True).start()
    _build(asked, out, taken)
    return _DONE


def _build(asked: bytes, out: int, taken: Event) -> None:
    # Imported late: should the server end meanwhile, this has noticed.
    from habitue.cli.clock import system_surroundings
    from habitue.cli.ending import foreseen
    from habitue.errors import HabitueError
    from habitue.run.build_child import build_apart
    from habitue.run.build_lines import Refused, line_of, read_asked
    from habitue.server.guarding import Guard

    def say(said: "Said") -> None:
        _write(out, line_of(said))

    def wait() -> None:
        taken.wait()

    with Guard() as guard:
        build_apart(read_asked(asked), system_surroundings(), say=say, wait=wait)
    if guard.error is not None:
        _explain(guard.error)
        error = guard.error if isinstance(guard.error, HabitueError) else foreseen(guard.error)
        say(Refused.of(error))


def _explain(error: Exception) -> None:
    """Print where it arose, for whoever looks for a fault of the program."""
    if os.environ.get("HABITUE_DEBUG"):
        import traceback

        traceback.print_exception(error)


def _give_way() -> None:
    """Let the server go first: with the processor, and with staying alive where memory ends."""
    with suppress(OSError):
        os.nice(_NICE)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_GO, encoding="ascii")


def _own_output() -> int:
    """Standard output for what is said to the server; what others print goes to standard error."""
    out = os.dup(1)
    os.dup2(2, 1)
    return out


def _first_line() -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(0, _READ)
        if not piece:
            return b""
        line += piece
    return line


def _listen(taken: Event, end: Callable[[int], object] = os._exit) -> None:
    """Note the server's answer; end when the server has."""
    while os.read(0, 1):
        taken.set()
    end(_ALONE)


def _write(out: int, line: bytes) -> None:
    while line:
        line = line[os.write(out, line) :]


if __name__ == "__main__":
    sys.exit(main())
