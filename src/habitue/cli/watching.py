"""Progress of long work, drawn on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from habitue.cli.lending import lent

if TYPE_CHECKING:
    from habitue.sources.progress import Progress


@contextmanager
def watching(*, quiet: bool) -> "Iterator[Progress]":
    """A listener that draws a bar for each step while the block runs; nothing when quiet or not in a terminal."""
    from habitue.sources.progress import silent

    if quiet or lent() is not None:
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    if not console.is_terminal:
        yield silent
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def draw(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total or None)
            bars.update(tasks[step], completed=done, total=total or None)

        yield draw
