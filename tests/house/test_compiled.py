"""What a wheel with compiled modules is made of: a module compiled as the build does it works as the same file does."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.house.tree import ROOT, SOURCE

MODULE = "habitue/rules/live_queue.py"
"""Small, and nothing that is compiled inherits from it."""
HAS_COMPILER = shutil.which((sysconfig.get_config_var("CC") or "cc").split()[0]) is not None
HAS_HEADERS = Path(sysconfig.get_path("include"), "Python.h").is_file()
QUEUE = """
import sys
from habitue.rules import live_queue
from habitue.rules.live_people import LivePerson

queue, people = live_queue.Deadlines(), [LivePerson(str(each), 0) for each in range(40)]
for number, person in enumerate(people):
    queue.put(person, (number * 7 % 40) << 28)
taken = []
while queue.next_due < 1 << 58:
    if (person := queue.take(1 << 50)) is not None:
        taken.append(int(person.customer_id) * 7 % 40)
print(live_queue.__file__)
print(taken == list(range(40)))
"""


def test_every_module_that_is_compiled_is_there_and_all_states_of_leaves_are_among_them() -> None:
    listed = subprocess.run(
        [sys.executable, "-c", "from hatch_compiled import MODULES; print(*MODULES, sep='\\n')"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    modules = set(listed.stdout.split())
    states = {
        path.relative_to(SOURCE).as_posix()
        for path in (SOURCE / "habitue" / "rules").glob("live*.py")
        if "(State)" in path.read_text(encoding="utf-8")
    }
    assert [each for each in modules if not (SOURCE / each).is_file()] == []
    assert states <= modules


@pytest.mark.skipif(not HAS_COMPILER, reason="no compiler for C is here")
@pytest.mark.skipif(not HAS_HEADERS, reason="the headers of Python are not here")
def test_a_compiled_module_does_what_the_same_file_does(tmp_path: Path) -> None:
    package = tmp_path / "package"
    shutil.copytree(
        SOURCE / "habitue", package / "habitue", ignore=shutil.ignore_patterns("static", "__pycache__", "templates")
    )
    made = subprocess.run(
        [sys.executable, str(ROOT / "hatch_compiled.py"), str(package), MODULE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert made.returncode == 0, made.stderr
    ran = subprocess.run(
        [sys.executable, "-c", QUEUE],
        cwd=package,
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(package)},
    )
    place, is_same = ran.stdout.split()
    assert Path(place).suffix != ".py"
    assert Path(place).is_relative_to(package)
    assert is_same == "True"
