"""The answers about a few people made anew, between two builds: their features, and which segments they are in.

As a build does it, with the instant and the cut points of the last build: others keep their places. What they leave
and enter stands in the history like that of any build.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from habitue.rules import Moment, Node
from habitue.rules.batch import Question, Stage, answer
from habitue.rules.checking import Checker
from habitue.rules.nodes import Name
from habitue.rules.tables import Tables
from habitue.run.answers import FEATURES
from habitue.run.consents import RESTRICTED, kept_people, ledger_read, people_of, refresh_consents, remove_people
from habitue.run.marks import read_marks, write_marks
from habitue.run.opened import Opened
from habitue.run.peopling import Peopling
from habitue.run.relations import with_mates
from habitue.run.tables import project_tables
from habitue.segments.cut_points import load_cuts
from habitue.segments.history import SegmentBuild
from habitue.segments.memberships import MEMBERSHIPS, current, moved_on, moves
from habitue.sources.progress import silent
from habitue.sources.shapes import CONSENTS, CUSTOMERS
from habitue.sources.tables import append
from habitue.state import BuildStatus, BuildStep

HISTORY = "history"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Somebody entering or leaving a segment.

    Attributes:
        customer: Internal id.
        segment: Its name.
        entered: False for leaving.
    """

    customer: str
    segment: str
    entered: bool


def catch_up(opened: Opened) -> tuple[Turn, ...]:
    """Bring the tables and answers up to the ledger, for the people that its new entries are about.

    Nothing is done where all is up to date, or nothing was built yet.
    """
    stores, now = opened.stores, opened.around.clock()
    if CONSENTS not in stores.warehouse.tables() or RESTRICTED not in stores.warehouse.tables():
        return ()
    read = ledger_read(stores.warehouse)
    if stores.consents.newest() == read:
        return ()
    new = list(stores.consents.entries(after=read))
    people = sorted(set(people_of(stores.warehouse, {each.entry.record_id for each in new}).values()))
    with stores.control.transaction(), stores.warehouse.transaction():
        refresh_consents(opened.project, stores.warehouse, stores.consents, people, now=now)
        mates = with_mates(stores.warehouse, people)
        if any(each.entry.state.is_about_all for each in new):
            _join_customers(opened, now)
        turns = refresh_answers(opened, sorted(mates))
    return tuple(turns)


def _join_customers(opened: Opened, now: datetime) -> None:
    """Take restricted people out of the customers, and others in again."""
    if CUSTOMERS in opened.stores.warehouse.tables():
        marks = read_marks(opened.stores.warehouse)
        peopling = Peopling(project=opened.project, stores=opened.stores, now=now, progress=silent, marks=marks)
        peopling.join()
        if peopling.relate() is not None:
            write_marks(opened.stores.warehouse, {**marks, **peopling.related_from()})


def refresh_answers(opened: Opened, people: Collection[str]) -> list[Turn]:
    """Answer anew for some people and those whose groups they are in; nothing where no answers were built yet.

    Args:
        opened: The open project; its tables of events, customers and consents are up to date.
        people: Internal ids.

    Returns:
        Who left and entered what.
    """
    last = opened.stores.control.last_answers()
    warehouse = opened.stores.warehouse
    if last is None or last.as_of is None or not {FEATURES, MEMBERSHIPS} <= set(warehouse.tables()) or not people:
        return []
    as_of = last.as_of
    people = with_mates(warehouse, people)
    with warehouse.transaction(), warehouse.keeping() as keep:
        wanted = kept_people(warehouse, keep, people)
        known = kept_people(warehouse, keep, with_mates(warehouse, people))
        answers = keep(answer(_asked(opened), _question(opened, known, as_of, keep)).semi_join(wanted, "customer_id"))
        _replace_features(opened, people, answers)
        built = [name for name in opened.project.catalogue.segments if opened.history.last(name) is not None]
        if not built:
            return []
        members = keep(current(answers, {name: f"segment_{name}" for name in built}))
        before = keep(warehouse.table(MEMBERSHIPS).semi_join(wanted, "customer_id"))
        turned = warehouse.fetch(moves(before, members, built).order_by("segment", "entered", "customer_id"))
        if not turned.num_rows:
            return []
        after = keep(moved_on(before, members, built, as_of))
        remove_people(warehouse, MEMBERSHIPS, people)
        append(warehouse, MEMBERSHIPS, after)
        _remember(opened, built, turned, as_of)
    return [
        Turn(customer=row["customer_id"], segment=row["segment"], entered=row["entered"]) for row in turned.to_pylist()
    ]


def _asked(opened: Opened) -> dict[str, Node]:
    catalogue = opened.project.catalogue
    features = {f"feature_{name}": Name(space="feature", name=name) for name in catalogue.features}
    return {**features, **{f"segment_{name}": Name(space="segment", name=name) for name in catalogue.segments}}


def _question(opened: Opened, people: ir.Table, as_of: datetime, keep: Stage) -> Question:
    catalogue, warehouse = opened.project.catalogue, opened.stores.warehouse
    checker = Checker(catalogue)
    definitions = (("feature", catalogue.features), ("segment", catalogue.segments))
    bodies = [checker.definition(space, each).node for space, named in definitions for each in named.values()]
    tables = project_tables(opened.project, warehouse)
    return Question(
        catalogue=catalogue,
        tables=Tables(
            customers=keep(tables.customers.semi_join(people, "customer_id")),
            events={name: keep(table.semi_join(people, "customer_id")) for name, table in tables.events.items()},
            consents=None if tables.consents is None else keep(tables.consents.semi_join(people, "customer_id")),
            relations=tables.relations,
        ),
        moment=Moment(now=as_of, zone=catalogue.zone),
        cuts=load_cuts(warehouse, bodies, catalogue),
        stage=keep,
    )


def _replace_features(opened: Opened, people: Collection[str], answers: ir.Table) -> None:
    warehouse = opened.stores.warehouse
    there = warehouse.table(FEATURES)
    columns = {
        name: answers[f"feature_{name}"].cast(kind) if f"feature_{name}" in answers.columns else ibis.null(kind)
        for name, kind in there.schema().items()
        if name != "customer_id"
    }
    remove_people(warehouse, FEATURES, people)
    append(warehouse, FEATURES, answers.select("customer_id", **columns))


def _remember(opened: Opened, built: list[str], turned: pa.Table, as_of: datetime) -> None:
    """Put the moves into the history, as a build of their own."""
    control, history, now = opened.stores.control, opened.history, opened.around.clock()
    rows = turned.to_pylist()
    sizes = []
    for name in built:
        last = history.last(name)
        if last is None:
            continue
        entered = sum(1 for row in rows if row["segment"] == name and row["entered"])
        left = sum(1 for row in rows if row["segment"] == name) - entered
        customers = last.customers + entered - left
        sizes.append(
            SegmentBuild(segment=name, as_of=as_of, customers=customers, entered=entered, left=left, rule=last.rule)
        )
    cuts = history.cuts(history.builds()[-1])
    number = control.start_build(as_of=as_of, started_at=now)
    history.append(number, sizes, turned)
    if cuts is not None:
        history.keep_cuts(number, cuts)
    note = BuildStep(name="consents", rows=turned.num_rows, seconds=0.0, status="done", note="what somebody said")
    control.finish_build(number, as_of=as_of, finished_at=now, seconds=0.0, status=BuildStatus.DONE, steps=(note,))
    marks = read_marks(opened.stores.warehouse)
    write_marks(opened.stores.warehouse, {**marks, HISTORY: history.digest()})
