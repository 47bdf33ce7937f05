"""`habitue privacy`: what is known of somebody, what may be done with it, and how it ends."""

import typer

from habitue.cli import privacy_audit, privacy_consent, privacy_requests

privacy = typer.Typer(
    name="privacy",
    help="What is known of somebody, what may be done with it, and how it ends.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
privacy_requests.register(privacy)
privacy_audit.register(privacy)
privacy_consent.register(privacy)
