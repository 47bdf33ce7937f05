"""`habitue build`: everything stale, in order: sources, people, visits, features, segments.

Cost: sources as their load says; then one scan per event name, one sort per followed or sequence term, and one pass
over memberships.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from habitue.errors import HabitueError
from habitue.features.local_clock import local_clock
from habitue.features.sessions import SESSION_EVENT, sessions
from habitue.records import event_table
from habitue.run.answers import Answers, build_answers
from habitue.run.catalogue import check_catalogue
from habitue.run.marks import digest_of, read_marks, write_marks
from habitue.run.peopling import Peopling
from habitue.run.person_history import replay_history
from habitue.run.project import Project
from habitue.run.projecting import Projector, live_mark
from habitue.run.relations import RELATIONS
from habitue.run.stores import Stores
from habitue.run.surroundings import Clock
from habitue.run.tables import newest_event, project_tables, session_schema
from habitue.segments.history import SegmentHistory
from habitue.sources.load import LoadReport, load
from habitue.sources.progress import Progress
from habitue.state import BuildStatus, BuildStep, Control

HISTORY = "history"
LIVE = "live events"
STEPS = ("sources", "people", "sessions", "features", "segments")


class PastBuildError(HabitueError):
    """A build is asked for an instant before the last one."""

    code = "BUILD-PAST"

    def __init__(self, as_of: datetime, newest: datetime) -> None:
        super().__init__(
            what=f"The last build answered as of {newest.isoformat()}, and {as_of.isoformat()} is before that.",
            do="Memberships only go forward: choose a later instant, or begin their history anew with --full.",
        )


class UnknownStepError(HabitueError):
    """A build is asked for a step that there is not."""

    code = "BUILD-STEP"

    def __init__(self, step: str) -> None:
        super().__init__(what=f"No step of a build is called {step!r}.", do=f"Steps: {', '.join(STEPS)}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What a build did.

    Attributes:
        build: Its number.
        as_of: The instant its answers are about; None when it was to answer nothing.
        steps: What each step did.
        loads: What each source gave.
        failed_rows: Rows now waiting in the failed lane.
        seconds: Wall time.
    """

    build: int
    as_of: datetime | None
    steps: tuple[BuildStep, ...]
    loads: tuple[LoadReport, ...]
    failed_rows: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOrder:
    """What is asked of a build.

    Attributes:
        as_of: The instant of the answers; None for what the settings say.
        full: Make everything anew, the history of memberships included.
        select: Steps to run, all when empty.
    """

    as_of: datetime | None = None
    full: bool = False
    select: Collection[str] = ()


def nothing_more() -> None:
    """The tables are in their place as soon as they are made."""


class Building:
    """One build of one project.

    Args:
        project: What its files declare.
        stores: Its open files.
        clock: The present time.
        progress: Told how far it is.
        made: Called when the tables are committed, before the rest is: where they are made in a copy, it brings them to
            their place. What it raises takes the rest of the build back.
    """

    def __init__(
        self,
        project: Project,
        stores: Stores,
        *,
        clock: Clock,
        progress: Progress,
        made: Callable[[], None] = nothing_more,
    ) -> None:
        self.project = project
        self.stores = stores
        self.warehouse = stores.warehouse
        self.control = stores.control
        self.clock = clock
        self.progress = progress
        self.made = made
        self.history = SegmentHistory(project.folder)
        self.steps: list[BuildStep] = []
        self.loads: tuple[LoadReport, ...] = ()

    def run(self, order: BuildOrder) -> BuildReport:
        """Build what is stale.

        Raises:
            HabitueError: Something is wrong with the data or the machine; what was there before still is.
        """
        for step in order.select:
            if step not in STEPS:
                raise UnknownStepError(step)
        started = self.clock()
        number = self.control.start_build(as_of=order.as_of, started_at=started)
        take_back_unfinished(self.control, self.history)
        status = BuildStatus.FAILED
        as_of = None
        try:
            # All of a build or nothing: an error, a full disk or a kill leaves the tables of the build before.
            with self.control.transaction():
                with self.warehouse.transaction():
                    as_of = self._build(number, order, started)
                self.made()
            status = BuildStatus.DONE
        finally:
            ended = self.clock()
            self.control.finish_build(
                number,
                as_of=as_of,
                finished_at=ended,
                seconds=(ended - started).total_seconds(),
                status=status,
                steps=self.steps,
            )
            if status is not BuildStatus.DONE:
                self.history.drop(number)
        return BuildReport(
            build=number,
            as_of=as_of,
            steps=tuple(self.steps),
            loads=self.loads,
            failed_rows=sum(each.rows for each in self.control.failed.counts()),
            seconds=(ended - started).total_seconds(),
        )

    def _build(self, number: int, order: BuildOrder, now: datetime) -> datetime | None:
        marks = {} if order.full else read_marks(self.warehouse)
        if self._asked(order, "sources"):
            marks = self._load_sources(marks, now, full=order.full)
        if self._asked(order, "sources") or self._asked(order, "people"):
            marks = self._settle_people(marks, now)
        project_tables(self.project, self.warehouse)
        if self.project.visits and self._asked(order, "sessions"):
            marks = self._build_sessions(marks)
        as_of = None
        if self._asked(order, "features") or self._asked(order, "segments"):
            as_of = self.instant(order, now)
            marks = self._answer(marks, number, as_of, anew=order.full)
        write_marks(self.warehouse, marks)
        check_catalogue(self.project, self.warehouse)
        return as_of

    def _asked(self, order: BuildOrder, step: str) -> bool:
        return not order.select or step in order.select

    def _load_sources(self, marks: dict[str, str], now: datetime, *, full: bool) -> dict[str, str]:
        begun = self.clock()
        reports = load(
            self.project.sources,
            self.warehouse,
            self.control,
            self.stores.vault,
            now=now,
            progress=self.progress,
            full=full,
        )
        self.loads = tuple(reports)
        for report in reports:
            note = f"{report.failed:,} failed" if report.failed else ""
            status = "fresh" if report.status == "unchanged" else "done"
            self.steps.append(
                BuildStep(
                    name=f"source {report.source}", rows=report.rows, seconds=report.seconds, status=status, note=note
                )
            )
        if not reports:
            self._step("sources", 0, begun, "done", note="no sources declared")
        marks = marks if all(report.status == "unchanged" for report in reports) else _only_history(marks)
        return self._read_log(marks)

    def _read_log(self, marks: dict[str, str]) -> dict[str, str]:
        """Carry what arrived live into the tables that sources fill; what was carried since the last build counts."""
        begun = self.clock()
        self.progress("live events", 0, 0)
        rows = Projector(self).run().rows
        mark = live_mark(self.warehouse)
        if not mark:
            return marks
        is_fresh = marks.get(LIVE) == mark
        self._step(LIVE, rows, begun, "fresh" if is_fresh else "done")
        return marks if is_fresh else {**_only_history(marks), LIVE: mark}

    def _settle_people(self, marks: dict[str, str], now: datetime) -> dict[str, str]:
        begun = self.clock()
        peopling = Peopling(project=self.project, stores=self.stores, now=now, progress=self.progress, marks=marks)
        digest = peopling.digest()
        if marks.get("people") == digest and not peopling.is_overdue():
            self._step("people", 0, begun, "fresh")
            return marks
        for name, rows, note in peopling.run():
            self._step(name, rows, begun, "done", note=note)
            begun = self.clock()
        return {**_only_history(marks), **peopling.related_from(), "people": digest}

    def _build_sessions(self, marks: dict[str, str]) -> dict[str, str]:
        begun = self.clock()
        settings, digest = self.project.settings.session, self.sessions_digest()
        if marks.get("sessions") == digest:
            self._step("sessions", 0, begun, "fresh")
            return marks
        self.progress("visits", 0, 0)
        tables = [(name, self.warehouse.table(event_table(name))) for name in self.project.visits]
        visits = sessions(tables, gap_us=settings.gap_us)
        columns = session_schema(self.project).names
        visits = visits.mutate(**local_clock(visits.occurred_at, self.project.settings.time_zone))
        rows = self.warehouse.replace(event_table(SESSION_EVENT), visits.select(list(columns)))
        self._step("sessions", rows, begun, "done")
        kept = {name: each for name, each in marks.items() if name in (HISTORY, RELATIONS, LIVE, "people")}
        return {**kept, "sessions": digest}

    def instant(self, order: BuildOrder, now: datetime) -> datetime:
        """The instant that a build's answers are about.

        Raises:
            PastBuildError: It lies before the last build's.
        """
        as_of = order.as_of or self.project.settings.as_of
        answered = None if order.full else self.history.newest()
        if as_of == "newest_event":
            # Where the newest events have gone, as retention may ask, answers stay as of the last build.
            as_of = max(filter(None, (newest_event(self.project, self.warehouse), answered)), default=now)
        elif as_of == "now":
            as_of = now
        if not isinstance(as_of, datetime):
            raise TypeError(type(as_of))
        if answered is not None and as_of < answered:
            raise PastBuildError(as_of, answered)
        return as_of

    def _answer(self, marks: dict[str, str], number: int, as_of: datetime, *, anew: bool) -> dict[str, str]:
        begun = self.clock()
        replayed = replay_history(
            self.project, self.warehouse, self.control, self.history, anew=anew, progress=self.progress
        )
        if replayed.people:
            self._step("history", replayed.people, begun, "done", note=replayed.note)
            begun = self.clock()
        digest = self.answers_digest(as_of)
        trusted = marks.get(HISTORY) == self.history.digest()
        if marks.get("answers") == digest and trusted:
            self._step("features", 0, begun, "fresh")
            self._step("segments", 0, begun, "fresh")
            return marks
        self.progress("features and segments", 0, 0)
        answers = Answers(
            project=self.project,
            warehouse=self.warehouse,
            history=self.history,
            as_of=as_of,
            anew=anew,
            trusted=trusted,
        )
        for name, rows, note in build_answers(answers, number):
            self._step(name, rows, begun, "done", note=note)
            begun = self.clock()
        return {**marks, "answers": digest, HISTORY: self.history.digest()}

    def sessions_digest(self) -> str:
        """What visits are made from, settings only."""
        gap = self.project.settings.session.gap_us
        return digest_of([list(self.project.visits), gap, self.project.settings.time_zone])

    def answers_digest(self, as_of: datetime) -> str:
        """What features and segments are made from, data left out."""
        catalogue = self.project.catalogue
        definitions = [repr(each) for each in (*catalogue.features.values(), *catalogue.segments.values())]
        return digest_of([definitions, as_of.isoformat()])

    def _step(self, name: str, rows: int, begun: datetime, status: str, *, note: str = "") -> None:
        seconds = max(self.clock() - begun, timedelta(0)).total_seconds()
        self.steps.append(BuildStep(name=name, rows=rows, seconds=seconds, status=status, note=note))


def take_back_unfinished(control: Control, history: SegmentHistory) -> None:
    """Take back what killed builds wrote into the history; it is not in the tables: the build did not happen."""
    for build in control.builds():
        if build.status is BuildStatus.INTERRUPTED:
            history.drop(build.id)


def _only_history(marks: dict[str, str]) -> dict[str, str]:
    """Marks when the data has changed: only what memberships hold is still known, and what groups were made from."""
    return {name: marks[name] for name in (HISTORY, RELATIONS, LIVE) if name in marks}
