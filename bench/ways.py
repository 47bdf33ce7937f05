"""Pure Python or compiled: which way Habitue runs here, and the same measured the other way where that is at hand."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from habitue.rules import live

PURE: Final = "pure Python"
COMPILED: Final = "compiled"
_ROOT: Final = Path(__file__).resolve().parents[1]
PLACE: Final = _ROOT / "build" / "compiled"
"""Where `make compiled` unpacks what it has built."""


def way() -> str:
    """How the live reading runs in this process."""
    return PURE if Path(live.__file__).suffix == ".py" else COMPILED


def is_at_hand() -> bool:
    """Whether there are compiled modules, made of the sources as they are now."""
    made = [path.with_name(f"{path.name.partition('.')[0]}.py") for path in PLACE.glob("habitue/*/*.so")]
    return bool(made) and all(each.read_bytes() == _source(each).read_bytes() for each in made)


def _source(copy: Path) -> Path:
    return _ROOT / "src" / copy.relative_to(PLACE)


def both_ways(module: str, main: Callable[[], int], arguments: Sequence[str]) -> int:
    """Measure here, and then in a process of its own with the compiled modules, whose verdict counts.

    Args:
        module: What is run, as `python -m` takes it.
        main: The same in this process.
        arguments: What it is given.
    """
    code = main()
    if way() == COMPILED or not is_at_hand():
        return code
    sys.stdout.flush()
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join((str(PLACE), str(_ROOT)))}
    return subprocess.run([sys.executable, "-m", module, *arguments], env=paths, check=False).returncode
