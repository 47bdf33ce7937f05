"""Options that measures share: whose events, and of which time."""

from datetime import datetime
from typing import Annotated, TypeAlias

import typer

from habitue.cli.options import TIMES

SinceOption: TypeAlias = Annotated[
    datetime | None,
    typer.Option("--since", metavar="T", formats=TIMES, help="Only what happened at this time or later."),
]
UntilOption: TypeAlias = Annotated[
    datetime | None,
    typer.Option("--until", metavar="T", formats=TIMES, help="Only what happened before; by default the last build."),
]
OfOption: TypeAlias = Annotated[
    str,
    typer.Option("--of", metavar="RULE", help="Only people for whom this holds: segment.NAME, or a rule."),
]
PurposeOption: TypeAlias = Annotated[
    str,
    typer.Option("--purpose", metavar="PURPOSE", help="Only people with a basis for this purpose now."),
]
