"""The live reading of a served project: how it is made from the project's tables, and what others may ask of it."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from habitue.live import LiveIdentity, Loop, Reading, Seeded, Setting
from habitue.rules.history import instant_of
from habitue.run.live_parts import log_path
from habitue.run.project import Project
from habitue.run.projecting import Projector
from habitue.run.seeding import live_definitions, seed
from habitue.run.surroundings import Surroundings
from habitue.run.workspace import Workspace
from habitue.server.desk import Owner


def setting_of(project: Project, owner: Owner, around: Surroundings) -> Setting:
    """What the live reading of a project works with.

    Args:
        project: The project as its files declare it now.
        owner: The thread that owns it, which answers what is asked of its tables.
        around: Tells the time.
    """

    def make(offset: int, now: datetime, members: Mapping[str, Collection[str]]) -> Seeded:
        return owner.submit(lambda workspace: _seeded(workspace, project, offset, now, members)).result()

    return Setting(
        project=project.folder,
        log=log_path(project.folder),
        reading=Reading.of(
            project.catalogue,
            visit_events=project.visits,
            gap=timedelta(microseconds=project.settings.session.gap_us),
            purposes=project.purposes,
            identity=project.identity,
        ),
        make=make,
        identity=LiveIdentity,
        clock=around.clock,
    )


def _seeded(
    workspace: Workspace, project: Project, offset: int, now: datetime, members: Mapping[str, Collection[str]]
) -> Seeded:
    """A live reading of every segment that can be live; the tables know the log that far first."""
    Projector(workspace).run()
    definitions, _ = live_definitions(project)
    rules = seed(definitions, project=project, warehouse=workspace.warehouse, offset=offset, now=now, members=members)
    return Seeded(rules, offset)


class LoopAnswers:
    """What a loop knows, as questions about a project ask it; by any thread.

    Args:
        loop: The live reading.
    """

    def __init__(self, loop: Loop) -> None:
        self._loop = loop

    def sizes(self) -> Mapping[str, int]:
        """How many are in each segment that is read live."""
        return self._loop.sizes()

    def members(self, segment: str) -> Collection[str]:
        """Who is in a segment that is read live."""
        return self._loop.members(segment)

    def is_member(self, customer: str, segment: str) -> bool:
        """Whether somebody is in a segment that is read live."""
        return self._loop.is_member(customer, segment)

    def as_of(self) -> datetime:
        """The instant of these answers."""
        return instant_of(self._loop.position[1])
