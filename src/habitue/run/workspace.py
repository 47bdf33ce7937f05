"""An open project: what the terminal, Python and HTTP doors ask, answered in one place."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from habitue.config import find_project
from habitue.engines.warehouse import Warehouse
from habitue.errors import HabitueError
from habitue.govern.audit import AuditLog
from habitue.govern.vault import Vault
from habitue.rules import Moment, Node, check_condition, read
from habitue.rules.batch import Question
from habitue.rules.tables import Tables
from habitue.run.auditing import note_roles
from habitue.run.builder import Builder, BuilderHere
from habitue.run.building import Building, BuildOrder, BuildReport
from habitue.run.consents import RESTRICTED
from habitue.run.erasing_steps import settle_requests
from habitue.run.kept_people import Itself, KeptPeople, Standing
from habitue.run.live_answers import LiveAnswers
from habitue.run.live_parts import LiveParts
from habitue.run.nearby import Moved, Nearby, Some, Source, Whom
from habitue.run.opened import Opened
from habitue.run.planning import PlannedStep, plan_build
from habitue.run.project import Project, read_project
from habitue.run.refreshing import catch_up
from habitue.run.retiring import retire_log, retire_transitions
from habitue.run.stores import Stores
from habitue.run.surroundings import Surroundings
from habitue.run.tables import newest_event, project_tables
from habitue.segments.history import SegmentHistory
from habitue.segments.preview import Preview, preview
from habitue.sources.live_tables import live_read
from habitue.sources.progress import Progress, silent
from habitue.state import Control, ProjectLock


class NotBuiltError(HabitueError):
    """A question needs what only a build makes."""

    code = "NOT-BUILT"

    def __init__(self, what: str) -> None:
        super().__init__(what=f"{what} not been built yet.", do="Run `habitue build` first.")


class Workspace:
    """One project, open for this process alone; `beside` opens it once more for another of its threads.

    Attributes:
        project: What its files declare, as of opening or the last `reload`.
        stores: Its open files: warehouse, control data, vault, audit log.
        history: What builds changed in memberships.
        around: The time, chance, and where keys are kept.
        clock: Where the present time comes from.
        live: What is in the hands of live parts; whoever serves the project puts them there.
        live_answers: What a live reading of this process knows; None without one.
        kept_people: Who was found behind marks just now.
        nearby: Some customers with their events, where somebody keeps them in memory.
        builder: Who builds; this process where nobody else was put in its place.
    """

    def __init__(self, project: Project, lock: ProjectLock | None, stores: Stores, around: Surroundings) -> None:
        self.project = project
        self.stores = stores
        self.history = SegmentHistory(project.folder)
        self.around = around
        self.clock = around.clock
        self.live = LiveParts.at_rest(project.folder)
        self.live_answers: LiveAnswers | None = None
        self.kept_people = KeptPeople()
        self.nearby = Nearby()
        self.builder: Builder = BuilderHere()
        self._lock = lock
        self._tables: tuple[tuple[Project, Warehouse, int], Tables] | None = None

    @property
    def warehouse(self) -> Warehouse:
        """The project's tables."""
        return self.stores.warehouse

    @property
    def control(self) -> Control:
        """What was loaded, failed and built."""
        return self.stores.control

    @property
    def opened(self) -> Opened:
        """The same, for the parts that this one is made of."""
        return Opened(
            project=self.project,
            stores=self.stores,
            history=self.history,
            around=self.around,
            live=self.live,
            lock=self._lock,
        )

    @property
    def vault(self) -> Vault:
        """Who people are."""
        return self.stores.vault

    @property
    def audit(self) -> AuditLog:
        """Who looked at or changed what is personal."""
        return self.stores.audit

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        around: Surroundings,
        anew: bool = False,
        lock: ProjectLock | None = None,
        live: LiveParts | None = None,
    ) -> Self:
        """Open the project of a folder, or of the nearest folder above it that holds one.

        Args:
            folder: Where to begin looking.
            around: The time, chance, and where keys are kept.
            anew: Put an empty warehouse in place of one that cannot be opened.
            lock: Keeps other processes out already; it is given back when the project is.
            live: What of it is in the hands of live parts already.

        Raises:
            HabitueError: There is no project, its files hold faults, or another process has it.
        """
        folder = find_project(folder)
        project = read_project(folder)
        if lock is None:
            lock = ProjectLock(folder).__enter__()
        try:
            stores = Stores.open(project, around, anew=anew)
        except BaseException:
            lock.__exit__(None, None, None)
            raise
        workspace = cls(project, lock, stores, around)
        workspace.live = live or workspace.live
        try:
            # Something said whose command was killed before it had answered; an erasure that cannot be ended yet
            # stays in its journal, and hinders nobody from looking.
            with suppress(HabitueError):
                settle_requests(workspace.opened)
            catch_up(workspace.opened)
            note_roles(workspace.opened)
        except BaseException:
            workspace.close()
            raise
        return workspace

    def beside(self) -> Self:
        """The same project for reading in another thread, which has to be the one that calls this.

        It has connections of its own, takes no lock and brings nothing up to date; it sees the last committed build.
        Whatever is asked of it belongs inside `warehouse.in_use`; `WarehouseClosedError` says to open another.

        Raises:
            HabitueError: A file of the project cannot be opened.
        """
        project = self.project
        second = type(self)(project, None, self.stores.beside(project, self.around), self.around)
        second.live, second.live_answers = self.live, self.live_answers
        second.kept_people, second.nearby = self.kept_people, self.nearby
        return second

    def close(self) -> None:
        """Give the project back."""
        self.stores.close()
        if self._lock is not None:
            self._lock.__exit__(None, None, None)

    def __enter__(self) -> Self:
        """The same object, closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the project."""
        self.close()

    def build(self, order: BuildOrder | None = None, *, progress: Progress = silent) -> BuildReport:
        """Build everything stale, or what is asked, after orders to erase that were cut short; see `Building.run`."""
        settle_requests(self.opened)
        try:
            report = self.builder.build(self.opened, order or BuildOrder(), progress)
        finally:
            self._tables = None
        now = self.clock()
        retire_log(self.opened, now)
        retire_transitions(self.opened, now)
        return report

    def plan(self) -> list[PlannedStep]:
        """What a build would do, without doing it."""
        return plan_build(Building(self.project, self.stores, clock=self.clock, progress=silent))

    def rule(self, text: str) -> Node:
        """A settled rule from text.

        Raises:
            RuleError: It does not fit the project.
        """
        return check_condition(read(text), self.project.catalogue)

    def segment_rule(self, name: str) -> Node:
        """The settled rule of a declared segment, its purpose included.

        Raises:
            RuleError: There is no such segment.
        """
        return self.rule(f"segment.{name}")

    def tables(self) -> Tables:
        """The project's tables.

        Raises:
            NotBuiltError: Nothing was built yet.
        """
        last = self.control.last_build()
        if last is None:
            raise NotBuiltError("The project has")
        # The same tables are asked for again and again; they are others only after a build or an edit.
        key = self.project, self.warehouse, last.id
        if self._tables is None or self._tables[0] != key:
            self._tables = key, project_tables(self.project, self.warehouse)
        return self._tables[1]

    def standing(self) -> Standing:
        """What has to be the same for the same question to have the same people.

        Raises:
            NotBuiltError: Nothing was built yet.
        """
        warehouse, last = self.warehouse, self.control.last_build()
        restricted = warehouse.count(warehouse.table(RESTRICTED)) if RESTRICTED in warehouse.tables() else 0
        return Standing(
            project=Itself(self.project),
            build=0 if last is None else last.id,
            consents=self.stores.consents.newest(),
            burials=self.vault.burials(),
            customers=warehouse.count(self.tables().customers),
            restricted=restricted,
        )

    def near(self, some: Some) -> Tables | None:
        """The tables of customers of whom some are a part; None where no such are kept."""
        return self.nearby.find(*self._whom(some))

    def keep_near(self, some: Some) -> bool:
        """Keep the tables of some customers in memory, a table at a time, for all that read this project.

        Those of others are let go of.

        Returns:
            Whether there is more to do.

        Raises:
            NotBuiltError: Nothing was built yet.
            WarehouseFullError: There is no room for them.
        """
        return self.nearby.tend(*self._whom(some), self.clock())

    def _whom(self, some: Some) -> tuple[Whom, Source, Moved]:
        standing, read = self.standing(), live_read(self.warehouse)
        names = {name: shape.table for name, shape in self.project.catalogue.events.items()}
        return (
            Whom(some, standing._replace(consents=0, customers=0), Itself(self.warehouse.file)),
            Source(warehouse=self.warehouse, tables=self.tables(), names=names),
            Moved(customers=standing.customers, place=0 if read is None else read.place),
        )

    def as_of(self) -> datetime:
        """The instant of the last build's answers.

        Raises:
            NotBuiltError: Nothing was built yet.
        """
        last = self.control.last_answers()
        if last is None or last.as_of is None:
            raise NotBuiltError("The project has")
        return last.as_of

    def answered_at(self, segment: str) -> datetime:
        """The instant of the answers about one segment: this moment where it is read live.

        Raises:
            NotBuiltError: Nothing was built yet.
        """
        live = self.live_answers
        return live.as_of() if live is not None and segment in live.sizes() else self.as_of()

    def question(self, *, as_of: datetime | None = None) -> Question:
        """What settled trees are asked against: the tables as of the last build, or of another instant.

        Places among customers are those a build at that instant would give.
        """
        catalogue = self.project.catalogue
        moment = Moment(now=as_of or self.as_of(), zone=catalogue.zone)
        return Question(catalogue=catalogue, tables=self.tables(), moment=moment, cuts={})

    def preview(self, text: str, *, as_of: datetime | None = None, sample: int = 10) -> Preview:
        """What a rule would select; by default as of the last build.

        Raises:
            HabitueError: The rule does not fit the project, or nothing was built yet.
        """
        rule = self.rule(text)
        return preview(
            rule,
            self.question(as_of=as_of),
            self.warehouse,
            sample=sample,
            noun=self.project.settings.noun,
            labels=self.labels(),
        )

    def labels(self) -> Mapping[str, str]:
        """Labels of segments and features, by `segment.name` and `feature.name`."""
        catalogue = self.project.catalogue
        named = [("segment", catalogue.segments), ("feature", catalogue.features)]
        return {
            f"{space}.{each.name}": each.label
            for space, definitions in named
            for each in definitions.values()
            if each.label
        }

    def instant(self, moment: datetime | None) -> datetime | None:
        """The UTC instant of a time that somebody wrote: without an offset it is local to the project."""
        if moment is None:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.project.catalogue.zone)).astimezone(UTC)

    def newest_event(self) -> datetime | None:
        """The instant of the latest event."""
        return newest_event(self.project, self.warehouse)
