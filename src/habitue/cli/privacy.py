"""`habitue privacy`: what is known of somebody, what may be done with it, and how it ends."""

import typer

privacy = typer.Typer(name="privacy", help="What is known of somebody, what may be done with it, and how it ends.")
