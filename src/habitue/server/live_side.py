"""The live reading of a served project: how it is made from the project's tables, and what others may ask of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from habitue.govern.opening import open_vault
from habitue.live import LiveConsents, LiveIdentity, Loop, Phase, Reading, Seeded, Setting
from habitue.rules.history import instant_of
from habitue.run.identity_records import known_of
from habitue.run.live_parts import log_path
from habitue.run.project import Project
from habitue.run.sowing import sow
from habitue.run.surroundings import Surroundings
from habitue.run.workspace import Workspace
from habitue.server.desk import Owner
from habitue.sources.progress import Progress, silent

_GOING_ON: Final = frozenset({Phase.CATCHING_UP, Phase.LIVE})


def setting_of(project: Project, owner: Owner, around: Surroundings, progress: Progress = silent) -> Setting:
    """What the live reading of a project works with.

    Args:
        project: The project as its files declare it now.
        owner: The thread that owns it, which answers what is asked of its tables.
        around: Tells the time, and where keys are kept.
        progress: Told again and again while a live reading is made; raises where it is to be made no longer.
    """

    def make(offset: int, now: datetime, members: Mapping[str, Collection[str]]) -> Seeded:
        return owner.submit(lambda workspace: _seeded(workspace, offset, now, members, progress)).result()

    def identity() -> LiveIdentity:
        vault = open_vault(project.folder, environ=around.environ, home=around.home, random=around.random)
        return LiveIdentity.open(
            project.folder,
            project.identity,
            resolve=vault.carriers,
            sharing_of=vault.sharing_of,
            facts_of=lambda records: known_of(vault, project.identity, records),
            close=vault.close,
        )

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
        identity=identity,
        clock=around.clock,
        consents=lambda: LiveConsents.open(project.folder, project.purposes),
        breathe=lambda: progress("beginning", 0, 0),
    )


def _seeded(
    workspace: Workspace, offset: int, now: datetime, members: Mapping[str, Collection[str]], progress: Progress
) -> Seeded:
    """A live reading of every segment that can be live; the tables know the log that far first."""
    sown = sow(workspace, offset=offset, now=now, members=members, progress=progress)
    return Seeded(sown.rules, sown.offset, sown.persons, sown.visits, sown.restricted, sown.told, sown.spoken)


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

    def page(self, segment: str, *, after: str = "", limit: int = 1_000) -> Sequence[str]:
        """Some who are in a segment that is read live, by id, from behind a given one."""
        return self._loop.page(segment, after=after, limit=limit)

    def is_member(self, customer: str, segment: str) -> bool:
        """Whether somebody is in a segment that is read live."""
        return self._loop.is_member(customer, segment)

    def as_of(self) -> datetime:
        """The instant of these answers."""
        return instant_of(self._loop.position[1])

    def is_turning(self) -> bool:
        """Whether what was built or declared last is about to be taken over; not where that is held up."""
        state = self._loop.state()
        if state.phase is Phase.STARTING:
            return not state.problem
        return state.phase in _GOING_ON and state.making is not None and state.making.step != "failed"
