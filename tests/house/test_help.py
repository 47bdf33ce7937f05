"""`habitue --help` answers at once: no science library is loaded, and Python's own start bounds the time."""

import os
import subprocess
import sys

HEAVY = {"duckdb", "ibis", "lightgbm", "numpy", "pandas", "polars", "pyarrow", "pyspark", "scipy", "sklearn", "sqlglot"}
HELP = "import sys; sys.argv = ['habitue', '--help']; from habitue.cli import main; main()"
LOADED = """
import sys
sys.argv = ["habitue", "--help"]
from habitue.cli import main
try:
    main()
finally:
    print("LOADED", *(name.partition(".")[0] for name in sys.modules))
"""
ROUNDS = 7
BARE_STARTS = 10


def run(program: str) -> str:
    outcome = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    return outcome.stdout


def cpu_seconds(program: str) -> float:
    """What one start costs, user and system time of the child alone."""
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    return usage.ru_utime + usage.ru_stime


def test_help_loads_no_science_library() -> None:
    loaded = run(LOADED).splitlines()[-1].split()
    assert loaded[0] == "LOADED"
    assert HEAVY & set(loaded) == set()


def test_help_shows_the_commands() -> None:
    text = run(HELP)
    assert "Usage: habitue" in text
    assert "start" in text


def test_help_starts_within_ten_bare_starts_of_python() -> None:
    cpu_seconds(HELP)
    rounds = [(cpu_seconds("pass"), cpu_seconds(HELP)) for _ in range(ROUNDS)]
    # What else runs on the machine only ever adds: the least of several is what a start itself costs.
    bare, ours = (min(column) for column in zip(*rounds, strict=True))
    assert ours <= BARE_STARTS * bare, f"{ours:.3f} s against {bare:.3f} s of bare Python: {ours / bare:.1f} times"
