"""Options that measures share: whose events, and of which time."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from habitue.cli.options import TIMES
from habitue.cli.printing import remark

if TYPE_CHECKING:
    from habitue.run.drawn_customers import Estimated

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
EstimateOption: TypeAlias = Annotated[
    bool, typer.Option("--estimate", help="Where there are many customers look at some of them, which is quick.")
]


def remark_estimate(found: "Estimated", *, quiet: bool) -> None:
    """Say that figures are an estimate, where they are."""
    if found.is_estimate:
        some = "some of the" if found.looked_at is None else f"{found.looked_at:,} of {found.everybody:,}"
        remark(f"Estimate from {some} customers; exact without --estimate.", quiet=quiet)
