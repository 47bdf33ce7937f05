"""Memberships made what they would have been all along, when records turn out to be one person, or several.

The moves of the people touched are taken out of every past build and set aside. Of people who are as they were once,
what was set aside is put back; of others the segments are answered anew as of each build's instant, by the rules and
with the cut points of that build. Where places among all customers shifted while the people were otherwise joined, the
rankings of those builds, at most `WHOLE_AT_MOST`, are answered anew for everybody.

Cost: up to `BY_PERSON` people, or `PER_BUILD` for each past build, one scan of the event tables for each of them; more
people, or everybody, one answer of all segments a build.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from habitue.config import state_folder
from habitue.engines.warehouse import Warehouse
from habitue.identity.ledger import made_of, moved_since
from habitue.identity.links import IDENTITY_FILE, Links
from habitue.run.person_answers import Answered, PastAnswers, PastBuild
from habitue.run.person_rows import joined_records, read_persons
from habitue.run.project import Project
from habitue.segments.history import SegmentBuild, SegmentHistory
from habitue.segments.set_aside import Told, fingerprint
from habitue.sources.progress import Progress, silent
from habitue.state import Control

WHOLE_AT_MOST: Final = 30
_ALL: Final = 1_000_000
Moves = dict[str, dict[str, bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What was made anew.

    Attributes:
        people: How many ids of persons were touched.
        builds: How many past builds were answered anew for them.
        whole: How many of those were ranked anew for everybody.
        left_out: How many builds should have been ranked anew, and lie too far back.
    """

    people: int = 0
    builds: int = 0
    whole: int = 0
    left_out: int = 0

    @property
    def note(self) -> str:
        """A few words for the table of a build's steps."""
        if not self.people:
            return ""
        text = f"the past of {self.people:,} people answered anew at {self.builds:,} builds"
        text += f", {self.whole:,} of them ranked anew" if self.whole else ""
        return text + (f"; {self.left_out:,} older ones keep their ranks" if self.left_out else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Touched:
    """Whom a change of who is who touches.

    Attributes:
        ids: Persons that were or are, by id.
        then: The records that each was made of, by id; those who were nobody are absent.
        now: The records that each is made of.
        since: From when others were ranked among persons that are no more; None for never.
    """

    ids: frozenset[str]
    then: Mapping[str, Sequence[str]]
    now: Mapping[str, Sequence[str]]
    since: datetime | None


def replay_history(
    project: Project,
    warehouse: Warehouse,
    control: Control,
    history: SegmentHistory,
    *,
    anew: bool = False,
    progress: Progress = silent,
) -> Replayed:
    """Bring a project's history of memberships up to date with who is who; nothing where nobody was ever joined.

    Args:
        project: The declarations.
        warehouse: The tables, whose rows are their persons' already.
        control: What was built and loaded.
        history: The files.
        anew: The history begins anew, so that nothing of it has to be made right.
        progress: Told how far it is.
    """
    if not (state_folder(project.folder) / IDENTITY_FILE).exists():
        return Replayed()
    with Links.open(project.folder) as links:
        if anew:
            history.keep_people(links.newest_step())
            return Replayed()
        if read_persons(warehouse) != joined_records(links):
            # A build of some steps only: the tables do not follow yet.
            return Replayed()
        return replay_people(
            history,
            links,
            lambda: PastAnswers(project, warehouse, history, builds=control.builds(limit=_ALL), loads=control.loads()),
            progress=progress,
        )


def replay_people(
    history: SegmentHistory, links: Links, answers: Callable[[], PastAnswers], *, progress: Progress = silent
) -> Replayed:
    """Bring the history of memberships up to date with who is who.

    Args:
        history: The files.
        links: Who is who.
        answers: Gives answers as of past builds; asked only when somebody is touched.
        progress: Told how far it is.
    """
    newest, known = links.newest_step(), history.people()
    known = known if known <= newest else 0
    touched = _touched(links, known, newest)
    if not touched.ids or not history.builds():
        if newest != history.people():
            history.keep_people(newest)
        return Replayed()
    past = answers()
    late = [build.number for build in past.builds if past.ranked and _is_late(build.started_at, touched.since)]
    whole = set(late[-WHOLE_AT_MOST:])
    _set_aside(history, known, touched, past.builds)
    back = history.aside.read(map(fingerprint, touched.now.values()))
    returning = {person: back[key] for person, key in _keys(touched.now).items() if key in back}
    writing = _Writing(history, touched, past.ranked, returning)
    for place, build in enumerate(past.builds):
        progress("who is who: past builds", place, len(past.builds))
        people = [person for person in touched.now if not writing.returns(person, build)]
        writing.rewrite(build, past.answer(build, people, everybody=build.number in whole), build.number in whole)
    history.keep_people(newest)
    return Replayed(
        people=len(touched.ids),
        builds=len(past.builds),
        whole=len(whole),
        left_out=len(late) - len(whole),
    )


def _touched(links: Links, step: int, newest: int) -> _Touched:
    moved = moved_since(links, step)
    ids = {person for each in moved for person in (each.before, each.after)}
    times = [each.since for each in moved if each.since is not None]
    return _Touched(
        ids=frozenset(ids),
        then=made_of(links, ids, step),
        now=made_of(links, ids, newest),
        since=min(times, default=None),
    )


def _keys(people: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {person: fingerprint(records) for person, records in people.items()}


def _set_aside(history: SegmentHistory, state: int, touched: _Touched, builds: Sequence[PastBuild]) -> None:
    """Keep what is told of people as they were, for the day when they are so again."""
    told = {person: Told(customer=person, last=builds[-1].number) for person in touched.then}
    for build in builds:
        rows = build.moves.filter(
            pc.is_in(build.moves.column("customer_id"), value_set=pa.array(list(told), pa.string()))
        )
        for row in rows.to_pylist():
            told[row["customer_id"]].moves.setdefault(build.number, {})[row["segment"]] = row["entered"]
    history.aside.keep(state, {key: told[person] for person, key in _keys(touched.then).items()})


def _is_late(started: datetime | None, since: datetime | None) -> bool:
    return since is not None and started is not None and started >= since


class _Writing:
    """Builds being written anew, the oldest first.

    Who is inside is followed twice: as the files had it, and as it is told now.
    """

    def __init__(
        self,
        history: SegmentHistory,
        touched: _Touched,
        ranked: Collection[str],
        returning: Mapping[str, Told],
    ) -> None:
        self._history = history
        self._returning = returning
        self._touched = touched
        self._ranked = ranked
        self._was: dict[str, set[str]] = {}
        self._now: dict[str, set[str]] = {}

    def returns(self, person: str, build: PastBuild) -> bool:
        """Whether what the build told of a person, as they are now, was set aside."""
        return person in self._returning and build.number <= self._returning[person].last

    def rewrite(self, build: PastBuild, answered: Answered, whole: bool) -> None:
        """Put what is answered in place of what the build had said: of the people touched, or of all who are ranked."""
        told = _by_segment(build.moves)
        back = {person: self._returning[person] for person in self._touched.now if self.returns(person, build)}
        rows: list[tuple[str, str, bool]] = []
        sizes: list[SegmentBuild] = []
        for size in build.sizes:
            name = size.segment
            moves, members = told.get(name, {}), answered.members.get(name, set())
            was, now = self._was.setdefault(name, set()), self._now.setdefault(name, set())
            answered_anew = None if whole and name in self._ranked else self._touched.ids
            _move(was, moves)
            made = _moves(moves, now, members, answered_anew, back)
            made |= {
                person: each.moves[build.number][name]
                for person, each in back.items()
                if name in each.moves.get(build.number, {})
            }
            _move(now, made)
            rows += [(name, customer, entered) for customer, entered in made.items()]
            # As differences: people erased since then were counted, and are in no file.
            entered, left = _turns(made), len(made) - _turns(made)
            sizes.append(
                replace(
                    size,
                    customers=size.customers + len(now) - len(was),
                    entered=size.entered + entered - _turns(moves),
                    left=size.left + left - (len(moves) - _turns(moves)),
                )
            )
        rows.sort(key=lambda row: (row[0], row[2], row[1]))
        columns = [pa.array([row[place] for row in rows], kind) for place, kind in enumerate(_KINDS)]
        self._history.append(build.number, sizes, pa.table(columns, names=build.moves.column_names))
        if whole and answered.cuts is not None:
            self._history.keep_cuts(build.number, answered.cuts)


def _moves(
    told: Mapping[str, bool],
    inside: Collection[str],
    members: Collection[str],
    people: Collection[str] | None,
    but: Collection[str],
) -> dict[str, bool]:
    """The moves of one segment: those told of others, and those that the answers about some people make.

    Args:
        told: What the build had told.
        inside: Who was in before.
        members: Who is in by the answers.
        people: Whom the answers are about; None for everybody.
        but: Of whom neither is wanted.
    """

    def asked(customer: str) -> bool:
        return customer not in but and (people is None or customer in people)

    kept = {} if people is None else {customer: entered for customer, entered in told.items() if customer not in people}
    return {**kept, **_difference(filter(asked, inside), filter(asked, members))}


_KINDS = (pa.string(), pa.string(), pa.bool_())


def _by_segment(moves: pa.Table) -> Moves:
    found: Moves = {}
    columns = (moves.column(name).to_pylist() for name in ("segment", "customer_id", "entered"))
    for segment, customer, entered in zip(*columns, strict=True):
        found.setdefault(segment, {})[customer] = entered
    return found


def _move(inside: set[str], moves: Mapping[str, bool]) -> None:
    for customer, entered in moves.items():
        (inside.add if entered else inside.discard)(customer)


def _turns(moves: Mapping[str, bool]) -> int:
    return sum(moves.values())


def _difference(inside: Iterable[str], members: Iterable[str]) -> dict[str, bool]:
    before, after = set(inside), set(members)
    return {customer: customer in after for customer in before ^ after}
