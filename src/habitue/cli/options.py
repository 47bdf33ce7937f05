"""Options that every command takes."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

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
