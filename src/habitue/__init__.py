"""An open customer-intelligence engine: from raw customer data to exact, live, explained answers."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from habitue.records.version import VERSION

if TYPE_CHECKING:
    from habitue.run.shop import Shop

__all__ = ["__version__", "open"]
__version__ = VERSION


def open(folder: str | Path = ".", *, clock: Callable[[], datetime] | None = None) -> "Shop":
    """Open the project of a folder, or of the nearest folder above it that holds one.

    The project is open for this process alone until `close()`, or the end of a `with` block.

    Args:
        folder: A folder at or below the one that holds `habitue.yaml`.
        clock: Where the present time (aware, UTC) comes from; by default the system.

    Returns:
        A `Shop`: `build()`, `segments`, `explain()`, `features()`.

    Raises:
        HabitueError: There is no project, its files hold faults, or another process has it.
    """
    # Imported late: `import habitue` and `habitue --help` load no science library.
    from dataclasses import replace

    from habitue.cli.clock import system_surroundings
    from habitue.run.shop import Shop

    around = system_surroundings()
    return Shop.open(folder, around=around if clock is None else replace(around, clock=clock))
