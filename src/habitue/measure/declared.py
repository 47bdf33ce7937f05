"""The metrics of a project: those that its files declare, and those that come with the product and fit."""

from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

from habitue.config import Document, read_documents
from habitue.errors import Fault, HabitueError, did_you_mean
from habitue.measure.spec import FigureKind, FigureSpec, MetricSpec
from habitue.records import Kind
from habitue.rules import Catalogue, RuleError, check_condition, read, read_row
from habitue.rules.checking import Checker

_SUMMED: Final = (FigureKind.SUM, FigureKind.AVG)
_ORDERED: Final = (*_SUMMED, FigureKind.MIN, FigureKind.MAX)


class FigureError(HabitueError):
    """A figure of a metric cannot be reckoned."""

    code = "METRIC-FIGURE"


def read_metrics(folder: Path, catalogue: Catalogue) -> tuple[dict[str, MetricSpec], list[Fault]]:
    """The declared metrics of a project by name, in the order of the files, and every fault of their files.

    Args:
        folder: The project folder.
        catalogue: The names that its rules may use.
    """
    documents, faults = read_documents(folder, "metrics", MetricSpec)
    found: dict[str, MetricSpec] = {}
    for document in documents:
        wrong = list(_faults(document, catalogue))
        if document.value.metric in found:
            what = f"The metric {document.value.metric!r} is declared twice."
            wrong.append(document.fault("metric", code="DEFINED-TWICE", what=what, do="Rename one, or take it out."))
        faults += wrong
        if not wrong:
            found[document.value.metric] = document.value
    return found, faults


def _faults(document: Document[MetricSpec], catalogue: Catalogue) -> Iterator[Fault]:
    spec = document.value
    if spec.purpose and spec.purpose not in catalogue.purposes:
        what = f"No purpose is called {spec.purpose!r}."
        yield document.fault("purpose", code="PURPOSE-UNKNOWN", what=what, do="Declare it under policies/.")
    for side, figures in (("of", spec.upper), ("over", spec.lower)):
        for place, figure in enumerate(figures):
            try:
                check_figure(figure, catalogue)
            except HabitueError as error:
                path = (side, place) if len(figures) > 1 else (side,)
                yield document.fault(*path, code=error.code, what=error.what, do=error.do)


def check_figure(figure: FigureSpec, catalogue: Catalogue) -> None:
    """Pass where a figure can be reckoned in a project.

    Raises:
        FigureError: It says too little or too much, or names what there is not.
        RuleError: Its condition or rule does not fit.
    """
    if sum(map(bool, (figure.figure, figure.holds, figure.segment))) != 1:
        what = "A figure is one of: `figure:` over events, `holds:` with a rule, or `segment:`."
        raise FigureError(what=what, do="Write exactly one of them.")
    if figure.figure is None:
        if figure.event or figure.property or figure.where or figure.ever:
            what = "`event:`, `property:`, `where:` and `ever:` belong to a `figure:`."
            raise FigureError(what=what, do="Take them out, or put the condition into the rule.")
        check_condition(read(figure.holds or f"segment.{figure.segment}"), catalogue)
        return
    _check_event(figure, figure.figure, catalogue)


def _check_event(figure: FigureSpec, kind: FigureKind, catalogue: Catalogue) -> None:
    shape = catalogue.events.get(figure.event)
    if shape is None:
        near = did_you_mean(figure.event, catalogue.events)
        do = f"Did you mean {near!r}?" if near else "Name an event that a source makes."
        raise FigureError(what=f"No event is called {figure.event!r}.", do=do)
    if figure.ever and kind in (FigureKind.NEW_CUSTOMERS, FigureKind.RETURNING_CUSTOMERS):
        raise FigureError(what=f"`{kind}` is about a period.", do="Take `ever:` out.")
    if figure.where:
        Checker(catalogue).where(shape, read_row(figure.where))
    if not kind.needs_property:
        if figure.property:
            raise FigureError(what=f"`{kind}` is about events, and takes no property.", do="Take `property:` out.")
        return
    held = shape.properties.get(figure.property)
    if held is None:
        near = did_you_mean(figure.property, shape.properties)
        do = f"Did you mean {near!r}?" if near else "Name a property of its contract."
        raise FigureError(what=f"The event {shape.name!r} has no property {figure.property!r}.", do=do)
    if (kind in _ORDERED and not held.is_numeric) or held is Kind.LOCATION:
        what = f"`{kind}` is reckoned of numbers, and {figure.property!r} is {held}."
        raise FigureError(what=what, do="Name a property that is an integer, a number or money.")


class MetricShelf:
    """All metrics of a project; those that come with the product are read when they are asked for first.

    Args:
        declared: Its own.
        catalogue: The names that its rules may use.
    """

    def __init__(self, declared: Mapping[str, MetricSpec], catalogue: Catalogue) -> None:
        self._declared, self._catalogue = declared, catalogue
        self._found: Mapping[str, MetricSpec] | None = None

    def everything(self) -> Mapping[str, MetricSpec]:
        """All of them by name, as `metrics_of` has them."""
        if self._found is None:
            self._found = metrics_of(self._declared, self._catalogue)
        return self._found


def metrics_of(declared: Mapping[str, MetricSpec], catalogue: Catalogue) -> dict[str, MetricSpec]:
    """All metrics of a project by name: its own, then those that come with the product and fit.

    A shipped metric fits where the events and properties that it names are there; one of a declared name gives way.
    """
    found = dict(declared)
    for spec in shipped_metrics():
        if spec.metric not in found and _fits(spec, catalogue):
            found[spec.metric] = spec
    return found


def shipped_metrics() -> list[MetricSpec]:
    """Every metric that comes with the product."""
    shelf = Path(str(files("habitue").joinpath("templates", "shipped")))
    documents, _ = read_documents(shelf, "metrics", MetricSpec)
    return [each.value for each in documents]


def _fits(spec: MetricSpec, catalogue: Catalogue) -> bool:
    try:
        for figure in spec.figures:
            check_figure(figure, catalogue)
    except (FigureError, RuleError):
        return False
    return True
