"""The terminal door."""

from habitue.cli.app import app, main

__all__ = ["app", "main"]
