"""Options that every command takes."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]
ProjectOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--project", metavar="DIR", help="The project folder; by default the nearest one upwards with a habitue.yaml."
    ),
]
JsonOption: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on standard output, and nothing else there.")
]
QuietOption: TypeAlias = Annotated[bool, typer.Option("--quiet", help="Print no progress and no remarks.")]
AsOfOption: TypeAlias = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        metavar="T",
        formats=TIMES,
        help="The instant to answer for: 2026-01-31 or 2026-01-31T18:00:00, in the project's zone or with an offset.",
    ),
]
