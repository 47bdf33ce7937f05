"""`habitue privacy`: what is known of somebody, what may be done with it, and how it ends."""

import typer

from habitue.cli import privacy_audit

privacy = typer.Typer(
    name="privacy",
    help="What is known of somebody, what may be done with it, and how it ends.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
privacy_audit.register(privacy)
