"""A build in a process of its own: in a copy of the warehouse, and with the project's other files as they are.

The server has copied the warehouse, holds the lock and waits. What is not in the warehouse is written where it always
is, and committed after the copy has taken the warehouse's place; so whatever ends this process ends the build as it
would end one in the server.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from habitue.config import state_folder, sync, writing
from habitue.engines.warehouse import half_of_memory
from habitue.engines.warehouse_failures import WarehouseFullError
from habitue.run.build_lines import Asked, Built, Made, Said, Went
from habitue.run.building import Building
from habitue.run.following import follow_people
from habitue.run.live_parts import LiveParts
from habitue.run.opened import Opened
from habitue.run.project import read_project
from habitue.run.projecting import Projector
from habitue.run.stores import Stores, copied_warehouse
from habitue.run.surroundings import Surroundings
from habitue.segments.history import SegmentHistory
from habitue.sources.progress import Progress
from habitue.state.lock import check_lent

_PARTS: Final = 100
_SHARE: Final = 2
"""The server goes on reading its tables meanwhile: this process takes one part in so many of what both may."""


def build_apart(asked: Asked, around: Surroundings, *, say: Callable[[Said], None], wait: Callable[[], None]) -> None:
    """Build what was asked.

    Args:
        asked: The order.
        around: The time, chance, and where keys are kept.
        say: Says something to the server.
        wait: Returns when the server has put the copy in the warehouse's place.

    Raises:
        HabitueError: Something is wrong with the data or the machine; what was there before still is.
    """
    folder = Path(asked.folder)
    check_lent(folder, asked.lock)
    project = read_project(folder)
    memory = (asked.memory or half_of_memory()) // _SHARE
    stores = Stores.apart(project, around, memory)
    opened = Opened(
        project=project,
        stores=stores,
        history=SegmentHistory(folder),
        around=around,
        live=LiveParts.at_rest(folder),
    )

    def made() -> None:
        # What came in meanwhile too, so that the server has little of it to carry over.
        Projector(building).run()
        follow_people(opened)
        _settle(stores, copied_warehouse(state_folder(folder)))
        say(Made())
        wait()

    building = Building(project, stores, clock=around.clock, progress=_telling(say), made=made)
    try:
        report = building.run(asked.order)
    finally:
        stores.close()
    say(Built(report))


def _settle(stores: Stores, path: Path) -> None:
    """Have everything in the copy's one file, on the disk, and nobody holding it.

    Raises:
        HabitueError: There is no room for it.
    """
    stores.warehouse.checkpoint()
    stores.warehouse.close()
    log = path.with_name(f"{path.name}.wal")
    if log.exists() and log.stat().st_size:
        raise WarehouseFullError(f"{log.name} could not be emptied")
    with writing(path):
        sync(path)


def _telling(say: Callable[[Said], None]) -> Progress:
    """Tells how far it is, and no more often than somebody would see."""
    last = ("", -1)

    def progress(step: str, done: int, total: int) -> None:
        nonlocal last
        now = (step, done * _PARTS // total if total else 0)
        if now != last:
            last = now
            say(Went(step, done, total))

    return progress
