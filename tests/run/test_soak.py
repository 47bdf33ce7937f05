"""A process that takes events in may die at any moment: nothing acknowledged is lost, and nothing counts twice.

`make soak` does this ten thousand times, and to a whole server; here three hundred times, or as often as the variable
of the environment says. Most lives take messages in, some carry them into the tables too.
"""

import json
import os
import subprocess
import sys

from tests.house.tree import ROOT

CYCLES = int(os.environ.get("HABITUE_SOAK_CYCLES", "300"))


def test_whatever_was_acknowledged_before_a_kill_is_there_once_and_tables_are_what_the_log_makes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.soak", "--cycles", str(CYCLES)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60 + 10 * CYCLES,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["holds"]
    assert told["lives"] > CYCLES / 2, "most lives took something in before they ended"
    assert told["acknowledged"] > CYCLES
    assert (told["lost"], told["twice"], told["missing"], told["differences"], told["unwell"]) == (0, 0, 0, [], [])
