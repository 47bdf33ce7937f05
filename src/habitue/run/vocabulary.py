"""Everything that a builder of rules offers: events, traits, features, segments, purposes, terms; and values, counted.

Values are suggested where they are no personal data; to roles that see no people none that fewer than ten share.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import ibis
import ibis.expr.types as ir

from habitue.features.sessions import SESSION_EVENT
from habitue.govern.roles import Access, Permission
from habitue.govern.suppression import LEAST_GROUP
from habitue.records import Kind
from habitue.rules.catalogue import EVENT_CLOCK
from habitue.rules.checking import Checker
from habitue.rules.failures import RuleNameError
from habitue.rules.vocabulary import TERMS, TermHelp
from habitue.run.workspace import NotBuiltError, Workspace

MOST_VALUES: Final = 50
_VISIT: Final = "A visit, when it has ended"
_OFFERED: Final = (Kind.TEXT, Kind.BOOLEAN, Kind.INTEGER)


@dataclass(frozen=True, slots=True, kw_only=True)
class VocabularyName:
    """A name that rules may hold.

    Attributes:
        name: As rules have it.
        label: A few words for people.
        kind: Of its value.
        unit: What it counts; empty for none.
        about: What it says.
    """

    name: str
    label: str
    kind: Kind
    unit: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VocabularyEvent:
    """Something that customers do.

    Attributes:
        name: As rules have it.
        label: What one of them is, in a few words.
        times: How often it happened; None before the first build.
        properties: What is known of each.
    """

    name: str
    label: str
    times: int | None
    properties: tuple[VocabularyName, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Everything that a builder of rules offers.

    Attributes:
        project: The project's name.
        noun: What a customer is called.
        currency: Of amounts.
        time_zone: Of calendar windows.
        customers: How many there are; None before the first build.
        as_of: The instant of the last build; None before the first.
        events: Things that customers do.
        traits: What is known of them.
        features: Named figures.
        segments: Other segments.
        scores: Models that score customers.
        clusters: Clusterings.
        purposes: What data may be used for.
        relations: Groups of customers.
        clock: Properties that every event has.
        terms: The language.
        groups: Headings that segments are listed under.
    """

    project: str
    noun: str
    currency: str
    time_zone: str
    customers: int | None
    as_of: datetime | None
    events: tuple[VocabularyEvent, ...]
    traits: tuple[VocabularyName, ...]
    features: tuple[VocabularyName, ...]
    segments: tuple[VocabularyName, ...]
    scores: tuple[str, ...]
    clusters: tuple[str, ...]
    purposes: tuple[VocabularyName, ...]
    relations: tuple[str, ...]
    clock: tuple[VocabularyName, ...]
    terms: tuple[TermHelp, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedValue:
    """A value that a property or trait has.

    Attributes:
        value: As text.
        count: How many events, or customers, have it; rounded to whole tens for roles that see no people.
    """

    value: str
    count: int


def vocabulary(workspace: Workspace, access: Access) -> Vocabulary:
    """Everything that a builder offers.

    Raises:
        RoleForbiddenError: The role sees no figures.
    """
    access.need(Permission.SEE_AGGREGATES)
    project, catalogue = workspace.project, workspace.project.catalogue
    last = workspace.control.last_answers()
    checker = Checker(catalogue)
    return Vocabulary(
        project=project.settings.name,
        noun=project.settings.noun,
        currency=project.settings.currency,
        time_zone=project.settings.time_zone,
        customers=None if last is None else _rounded(access, workspace.warehouse.count(workspace.tables().customers)),
        as_of=None if last is None else last.as_of,
        events=tuple(_events(workspace, access, is_built=last is not None)),
        traits=tuple(
            VocabularyName(name=name, label=name.replace("_", " "), kind=kind)
            for name, kind in catalogue.traits.items()
        ),
        features=tuple(
            VocabularyName(
                name=name,
                label=spec.label,
                kind=checker.definition("feature", catalogue.features[name]).kind,
                unit=spec.unit,
                about=spec.description,
            )
            for name, spec in project.features.items()
        ),
        segments=tuple(
            VocabularyName(name=name, label=spec.label, kind=Kind.BOOLEAN, about=spec.description)
            for name, spec in project.segments.items()
        ),
        scores=tuple(sorted(catalogue.scores)),
        clusters=tuple(sorted(catalogue.clusters)),
        purposes=tuple(
            VocabularyName(name=name, label=spec.label, kind=Kind.BOOLEAN, about=spec.description)
            for name, spec in project.purposes.items()
        ),
        relations=tuple(sorted(catalogue.relations)),
        clock=tuple(
            VocabularyName(name=name, label=name.removeprefix("local_").replace("_", " "), kind=kind)
            for name, kind in EVENT_CLOCK.items()
        ),
        terms=TERMS,
        groups=tuple(sorted({each.group for each in project.segments.values() if each.group})),
    )


def _events(workspace: Workspace, access: Access, *, is_built: bool) -> list[VocabularyEvent]:
    shapes = {each.event: each for each in workspace.project.sources.tables.values() if each.event}
    tables = workspace.tables().events if is_built else {}
    found = []
    for name, shape in workspace.project.catalogue.events.items():
        declared = shapes.get(name)
        labels = {each.name: each.label for each in declared.columns} if declared else {}
        times = workspace.warehouse.count(tables[name]) if name in tables else None
        properties = tuple(
            VocabularyName(name=each, label=labels.get(each) or each.replace("_", " "), kind=kind)
            for each, kind in shape.properties.items()
        )
        label = declared.label if declared else _VISIT if name == SESSION_EVENT else ""
        shown = None if times is None else _rounded(access, times)
        found.append(VocabularyEvent(name=name, label=label, times=shown, properties=properties))
    return found


def suggest_values(
    workspace: Workspace, access: Access, *, event: str = "", name: str, like: str = ""
) -> list[SuggestedValue]:
    """The values that a property of an event, or a trait, has most often; to some roles none of few people.

    Args:
        workspace: The open project.
        access: Who asks.
        event: The event; empty for a trait.
        name: The property or trait.
        like: Only values that hold this text.

    Raises:
        RoleForbiddenError: The role sees no figures.
        HabitueError: There is no such event or property, or nothing was built yet.
    """
    access.need(Permission.SEE_AGGREGATES)
    table, kind = _place(workspace, event, name)
    if kind not in _OFFERED or name not in table.columns:
        return []
    value = table[name].cast("string")
    rows = table.filter(table[name].notnull()).select("customer_id", value=value)
    if like:
        rows = rows.filter(rows.value.lower().contains(like.lower()))
    counted = rows.group_by("value").aggregate(times=rows.count())
    if not access.sees_people:
        people = rows.group_by("value").aggregate(times=rows.count(), people=rows.customer_id.nunique())
        counted = people.filter(people.people >= LEAST_GROUP).select("value", "times")
    top = counted.order_by(ibis.desc("times"), "value").limit(MOST_VALUES)
    return [
        SuggestedValue(value=row["value"], count=_rounded(access, row["times"]))
        for row in workspace.warehouse.fetch(top).to_pylist()
    ]


def _place(workspace: Workspace, event: str, name: str) -> tuple[ir.Table, Kind]:
    catalogue = workspace.project.catalogue
    if event:
        shape = Checker(catalogue).event(event, 0)
        return workspace.tables().events[event], Checker(catalogue).property(shape, name, 0)
    if name not in catalogue.traits:
        known = catalogue.traits
        raise RuleNameError(noun="trait", name=name, known=known, column=0, declare="Declare it in a contract.")
    if workspace.control.last_answers() is None:
        raise NotBuiltError("The project has")
    return workspace.tables().customers, catalogue.traits[name]


def _rounded(access: Access, count: int) -> int:
    return count if access.sees_people else (count + LEAST_GROUP // 2) // LEAST_GROUP * LEAST_GROUP
