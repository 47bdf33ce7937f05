"""Where data goes: from sources over tables to features, segments and metrics; read from the declarations alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from habitue.errors import HabitueError
from habitue.features.sessions import SESSION_EVENT
from habitue.measure.declared import metrics_of
from habitue.measure.spec import FigureSpec
from habitue.rules import Node, check_condition, read
from habitue.rules.checking import Checker
from habitue.rules.nodes import Name
from habitue.rules.walking import walk
from habitue.run.project import Project
from habitue.segments.person import events_in
from habitue.sources.plans import ConsentPlan, EventPlan, SourcePlan
from habitue.sources.shapes import CONSENTS, CUSTOMERS

_SPACES: Final = ("feature", "segment")


class NodeKind(StrEnum):
    """What a node of the lineage is."""

    SOURCE = "source"
    TABLE = "table"
    FEATURE = "feature"
    SEGMENT = "segment"
    METRIC = "metric"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageNode:
    """One thing that data passes through.

    Attributes:
        id: `KIND:NAME`, unique.
        kind: What it is.
        name: Its name: of an event, for tables of events.
        label: A few words for people; empty for none.
    """

    id: str
    kind: NodeKind
    name: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageEdge:
    """What is made from what, by `id`."""

    source: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Everything that is declared, and what it is made from.

    Attributes:
        nodes: In the order data flows.
        edges: Each once.
    """

    nodes: tuple[LineageNode, ...]
    edges: tuple[LineageEdge, ...]


def view_lineage(project: Project) -> Lineage:
    """What a project's sources, tables, features, segments and metrics are made from.

    Args:
        project: The declarations.
    """
    nodes = {each.id: each for each in (*_sources(project), *_tables(project), *_definitions(project))}
    edges = dict.fromkeys(each for each in _edges(project) if each.source in nodes and each.target in nodes)
    return Lineage(nodes=tuple(nodes.values()), edges=tuple(edges))


def _node(kind: NodeKind, name: str, label: str = "") -> LineageNode:
    return LineageNode(id=f"{kind.value}:{name}", kind=kind, name=name, label=label)


def _sources(project: Project) -> Iterator[LineageNode]:
    for plan in project.sources.sources:
        yield _node(NodeKind.SOURCE, plan.name)
    for each in project.sources.collected:
        yield _node(NodeKind.SOURCE, each.name, "live")


def _tables(project: Project) -> Iterator[LineageNode]:
    for shape in project.sources.tables.values():
        yield _node(NodeKind.TABLE, shape.event or shape.name, shape.label)
    if project.visits:
        yield _node(NodeKind.TABLE, SESSION_EVENT, "visits")
    yield _node(NodeKind.TABLE, CONSENTS, "what people agreed to")


def _definitions(project: Project) -> Iterator[LineageNode]:
    for name, feature in project.features.items():
        yield _node(NodeKind.FEATURE, name, feature.label)
    for name, segment in project.segments.items():
        yield _node(NodeKind.SEGMENT, name, segment.label)
    for name, metric in metrics_of(project.metrics, project.catalogue).items():
        yield _node(NodeKind.METRIC, name, metric.label)


def _edges(project: Project) -> Iterator[LineageEdge]:
    for plan in project.sources.sources:
        yield from _made(plan)
    for collected in project.sources.collected:
        for event in collected.contracts:
            yield _edge(f"source:{collected.name}", f"table:{event}")
        yield _edge(f"source:{collected.name}", f"table:{CUSTOMERS}")
    for event in project.visits:
        yield _edge(f"table:{event}", f"table:{SESSION_EVENT}")
    catalogue = project.catalogue
    checker = Checker(catalogue)
    for space, found in (("feature", catalogue.features), ("segment", catalogue.segments)):
        for name, definition in found.items():
            yield from _of_rule(checker.definition(space, definition).node, f"{space}:{name}")
            if definition.purpose:
                yield _edge(f"table:{CONSENTS}", f"{space}:{name}")
    for name, metric in metrics_of(project.metrics, catalogue).items():
        for figure in metric.figures:
            yield from _of_figure(figure, f"metric:{name}", project)


def _edge(source: str, target: str) -> LineageEdge:
    return LineageEdge(source=source, target=target)


def _made(plan: SourcePlan) -> Iterator[LineageEdge]:
    source = f"source:{plan.name}"
    for make in plan.makes:
        if isinstance(make, EventPlan):
            yield _edge(source, f"table:{make.event}")
            yield from (_edge(source, f"table:{child.event}") for child in make.children)
        else:
            yield _edge(source, f"table:{CONSENTS if isinstance(make, ConsentPlan) else make.table}")


def _of_rule(rule: Node, target: str) -> Iterator[LineageEdge]:
    for event in sorted(events_in(rule)):
        yield _edge(f"table:{event}", target)
    for part in walk(rule):
        if isinstance(part, Name):
            if part.space in _SPACES:
                yield _edge(f"{part.space}:{part.name}", target)
            elif part.space in ("trait", "consent"):
                yield _edge(f"table:{CUSTOMERS if part.space == 'trait' else CONSENTS}", target)


def _of_figure(figure: FigureSpec, target: str, project: Project) -> Iterator[LineageEdge]:
    if figure.event:
        yield _edge(f"table:{figure.event}", target)
    if figure.segment:
        yield _edge(f"segment:{figure.segment}", target)
    if figure.holds:
        try:
            yield from _of_rule(check_condition(read(figure.holds), project.catalogue), target)
        except HabitueError:
            # A shipped metric that does not fit this project is not shown.
            return
