"""`habitue sources`: data in, its quality, and what could not be taken in."""

import typer

sources = typer.Typer(help="Data in, its quality, and what failed.", no_args_is_help=True, rich_markup_mode=None)
