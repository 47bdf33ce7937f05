"""Who builds: this very thread, or whoever a door has put in its place."""

from typing import Protocol

from habitue.run.building import Building, BuildOrder, BuildReport
from habitue.run.opened import Opened
from habitue.sources.progress import Progress


class Builder(Protocol):
    """Builds a project that the calling thread has open."""

    def build(self, opened: Opened, order: BuildOrder, progress: Progress) -> BuildReport:
        """Build what is stale, or what is asked.

        Raises:
            HabitueError: Something is wrong with the data or the machine; what was there before still is.
        """
        ...

    def stop(self) -> None:
        """Break off what is being built, by any thread, and build nothing more."""
        ...


class BuilderHere:
    """Builds in the thread that asks."""

    def build(self, opened: Opened, order: BuildOrder, progress: Progress) -> BuildReport:
        """Build what is stale, or what is asked."""
        return Building(opened.project, opened.stores, clock=opened.around.clock, progress=progress).run(order)

    def stop(self) -> None:
        """Nothing: it ends by itself."""
