"""The only place that reads the clock and asks for chance; everything else is given both."""

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from habitue.run.surroundings import Surroundings


def system_clock() -> datetime:
    """The present time, in UTC."""
    return datetime.now(UTC)


def system_surroundings() -> "Surroundings":
    """The system's clock, its source of chance, its environment and the user's home."""
    # Imported late: `--help` loads no science library.
    from habitue.run.surroundings import Surroundings

    return Surroundings(clock=system_clock, random=secrets.token_bytes, environ=os.environ, home=Path.home())
