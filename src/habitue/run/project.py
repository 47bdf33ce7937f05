"""A project folder read whole: settings, sources, definitions and the names that rules may use."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from habitue.channels.spec import ChannelSpec, read_channels
from habitue.config import Document, Settings, read_documents, read_kinds, read_settings
from habitue.errors import Fault, ProjectFaultsError, did_you_mean
from habitue.features.spec import FeatureSpec, with_missing
from habitue.features.visits import SESSION_SHAPE, visit_events
from habitue.govern import POLICIES, Policy, PolicyFile, PolicySpec, RetentionSpec
from habitue.govern.roles import RoleSpec
from habitue.identity.households import ACCOUNT, HOUSEHOLD
from habitue.identity.rules import DEFAULT_RULES, IdentityRules, read_rules
from habitue.identity.spec import IdentitySpec
from habitue.measure.boards import DashboardShelf, read_dashboards
from habitue.measure.dashboards import DashboardSpec
from habitue.measure.declared import MetricShelf, read_metrics
from habitue.measure.spec import MetricSpec
from habitue.records import Kind
from habitue.rules import Catalogue, Definition, EventShape, RuleError, read
from habitue.rules.checking import Checker
from habitue.segments.spec import SegmentSpec
from habitue.sources.collecting import SourceFile
from habitue.sources.collecting_plans import unknown_namespaces
from habitue.sources.plans import SourcesProject
from habitue.sources.project import read_source_files
from habitue.sources.spec import ContractSpec

KINDS: Mapping[str, type[BaseModel]] = {
    "sources": SourceFile,
    "contracts": ContractSpec,
    "identity": IdentitySpec,
    "features": FeatureSpec,
    "segments": SegmentSpec,
    "policies": PolicyFile,
    "channels": ChannelSpec,
    "metrics": MetricSpec,
    "dashboards": DashboardSpec,
}
"""The folders of a project and the model of what their files hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Everything that the files of a project folder declare.

    Attributes:
        folder: The project folder.
        settings: `habitue.yaml`.
        sources: Sources and the tables they fill.
        features: Declared features by name, in the order of the files.
        segments: Declared segments by name, in the order of the files.
        catalogue: The names that rules may use.
        visits: The events that visits are made of; empty where there are none.
        purposes: Declared purposes by name.
        retention: Declared retention rules by name, in the order of the files.
        identity: Who is who.
        roles: What is taken away from roles.
        channels: Declared ways out by name, in the order of the files.
        metrics: Declared metrics by name, in the order of the files.
        dashboards: Its dashboards, and one made of what there is.
        metric_shelf: Those, and the metrics that come with the product and fit.
    """

    folder: Path
    settings: Settings
    sources: SourcesProject
    features: Mapping[str, FeatureSpec]
    segments: Mapping[str, SegmentSpec]
    catalogue: Catalogue
    visits: tuple[str, ...]
    metric_shelf: MetricShelf
    dashboards: DashboardShelf
    purposes: Mapping[str, PolicySpec] = field(default_factory=dict)
    retention: Mapping[str, RetentionSpec] = field(default_factory=dict)
    identity: IdentityRules = DEFAULT_RULES
    roles: tuple[RoleSpec, ...] = ()
    channels: Mapping[str, ChannelSpec] = field(default_factory=dict)
    metrics: Mapping[str, MetricSpec] = field(default_factory=dict)


def read_project(folder: Path) -> Project:
    """The project of a folder.

    Raises:
        ProjectFaultsError: Its files hold faults; all are listed.
    """
    project, faults = check_project(folder)
    if project is None or faults:
        raise ProjectFaultsError(faults)
    return project


def check_project(folder: Path) -> tuple[Project | None, list[Fault]]:
    """The project of a folder and every fault of all its files, by file and line.

    Returns:
        None in place of the project when its settings cannot be read.
    """
    declared, faults = read_settings(folder)
    # With settings that cannot be read the rest is still looked through, so that all faults show at once.
    settings = declared or Settings(name=folder.name)
    sources, wrong = read_source_files(folder, settings)
    features, feature_faults = read_documents(folder, "features", FeatureSpec)
    segments, segment_faults = read_documents(folder, "segments", SegmentSpec)
    policies, policy_faults = read_kinds(folder, "policies", POLICIES)
    faults += [*wrong, *feature_faults, *segment_faults, *policy_faults]
    visits = visit_events(settings.session.events, (shape.event for shape in sources.tables.values() if shape.event))
    purposes = {each.value.purpose: each.value for each in policies if isinstance(each.value, PolicySpec)}
    catalogue = _names(sources, settings, purposes, visits=visits)
    identity = _identity(folder, catalogue, faults)
    faults += unknown_namespaces(sources.collected, [each.name for each in identity.namespaces])
    catalogue = replace(catalogue, relations=_relations(identity))
    catalogue = replace(
        catalogue, features=_features(features, catalogue, faults), segments=_segments(segments, catalogue, faults)
    )
    _check_rules(catalogue, features, segments, faults)
    channels, channel_faults = read_channels(folder, segments=catalogue.segments, purposes=purposes)
    metrics, metric_faults = read_metrics(folder, catalogue)
    shelf = MetricShelf(metrics, catalogue)
    dashboards, dashboard_faults = read_dashboards(folder, catalogue, shelf)
    faults += [*channel_faults, *metric_faults, *dashboard_faults]
    project = Project(
        folder=folder,
        settings=settings,
        sources=sources,
        features={document.value.feature: document.value for document in features},
        segments={document.value.segment: document.value for document in segments},
        catalogue=catalogue,
        visits=visits,
        purposes=purposes,
        retention=_retention(policies, catalogue, faults),
        identity=identity,
        roles=tuple(each.value for each in policies if isinstance(each.value, RoleSpec)),
        channels=channels,
        metrics=metrics,
        metric_shelf=shelf,
        dashboards=DashboardShelf(dashboards, shelf, catalogue),
    )
    return project if declared else None, sorted(faults, key=lambda fault: (fault.file, fault.line))


def _identity(folder: Path, catalogue: Catalogue, faults: list[Fault]) -> IdentityRules:
    """Who is who, matched and grouped by traits that there are."""
    documents, wrong = read_documents(folder, "identity", IdentitySpec)
    rules, against = read_rules(documents)
    faults += [*wrong, *against]
    matching = rules.matching
    for trait in () if matching is None else (*matching.columns.values(), *matching.also):
        personal = [name for name, kind in catalogue.traits.items() if kind is Kind.PERSONAL]
        if trait not in personal:
            near = did_you_mean(trait, personal)
            faults.append(
                documents[0].fault(
                    "matching",
                    "columns",
                    code="IDENTITY-TRAIT",
                    what=f"No personal trait of the customers is called {trait!r}.",
                    do=f"Did you mean {near!r}?" if near else f"Mark {trait!r} `personal: true` in the contract.",
                )
            )
    if documents:
        _check_groups(documents[0], rules, catalogue, faults)
    return rules


def _check_groups(
    document: Document[IdentitySpec], rules: IdentityRules, catalogue: Catalogue, faults: list[Fault]
) -> None:
    """Households and accounts share traits that there are and that are one value each."""
    known = [name for name, kind in catalogue.traits.items() if kind is not Kind.LOCATION]
    asked = [("households", trait) for trait in rules.household_by]
    asked += [("accounts", rules.account_by)] if rules.account_by else []
    for key, trait in asked:
        if trait not in known:
            near = did_you_mean(trait, known)
            do = f"Did you mean {near!r}?" if near else "Name a trait of the customers that is no location."
            what = f"No trait of the customers is called {trait!r}."
            faults.append(document.fault(key, "by", code="IDENTITY-TRAIT", what=what, do=do))


def _relations(rules: IdentityRules) -> frozenset[str]:
    """The relations that rules may ask about."""
    found = {HOUSEHOLD: bool(rules.household_by), ACCOUNT: bool(rules.account_by)}
    return frozenset(name for name, is_declared in found.items() if is_declared)


def _names(
    sources: SourcesProject, settings: Settings, purposes: Mapping[str, PolicySpec], *, visits: tuple[str, ...]
) -> Catalogue:
    events = {
        shape.event: EventShape(name=shape.event, properties={each.name: each.seen for each in shape.columns})
        for shape in sources.tables.values()
        if shape.event
    }
    if visits:
        events[SESSION_SHAPE.name] = SESSION_SHAPE
    customers = sources.tables.get("customers")
    traits: dict[str, Kind] = {each.name: each.seen for each in customers.columns} if customers else {}
    return Catalogue(
        zone=ZoneInfo(settings.time_zone),
        events=events,
        traits=traits,
        purposes=frozenset(purposes),
    )


def _retention(
    policies: Sequence[Document[Policy]], catalogue: Catalogue, faults: list[Fault]
) -> dict[str, RetentionSpec]:
    found: dict[str, RetentionSpec] = {}
    for document in policies:
        spec = document.value
        if not isinstance(spec, RetentionSpec) or _is_twice(document, "retention", spec.retention, found, faults):
            continue
        for place, event in enumerate(spec.events):
            if event not in catalogue.events:
                near = did_you_mean(event, catalogue.events)
                do = f"Did you mean {near!r}?" if near else "Name an event that a source makes."
                what = f"No event is called {event!r}."
                faults.append(document.fault("events", place, code="EVENT-UNKNOWN", what=what, do=do))
        if _purpose_is_known(document, spec.purpose, catalogue, faults):
            found[spec.retention] = spec
    return found


def _features(
    documents: Sequence[Document[FeatureSpec]], catalogue: Catalogue, faults: list[Fault]
) -> dict[str, Definition]:
    found: dict[str, Definition] = {}
    for document in documents:
        spec = document.value
        if _is_twice(document, "feature", spec.feature, found, faults):
            continue
        try:
            rule = with_missing(read(spec.rule), spec)
        except RuleError as error:
            faults.append(document.fault("rule", code=error.code, what=error.what, do=error.do))
            continue
        if _purpose_is_known(document, spec.purpose, catalogue, faults):
            found[spec.feature] = Definition(name=spec.feature, rule=rule, purpose=spec.purpose, label=spec.label)
    return found


def _segments(
    documents: Sequence[Document[SegmentSpec]], catalogue: Catalogue, faults: list[Fault]
) -> dict[str, Definition]:
    found: dict[str, Definition] = {}
    for document in documents:
        spec = document.value
        if _is_twice(document, "segment", spec.segment, found, faults):
            continue
        try:
            rule = read(spec.rule)
        except RuleError as error:
            faults.append(document.fault("rule", code=error.code, what=error.what, do=error.do))
            continue
        if _purpose_is_known(document, spec.purpose, catalogue, faults):
            found[spec.segment] = Definition(name=spec.segment, rule=rule, purpose=spec.purpose, label=spec.label)
    return found


def _is_twice(
    document: Document[FeatureSpec] | Document[SegmentSpec] | Document[Policy],
    kind: str,
    name: str,
    found: Container[str],
    faults: list[Fault],
) -> bool:
    if name not in found:
        return False
    what = f"The {kind} {name!r} is declared twice."
    faults.append(document.fault(kind, code="DEFINED-TWICE", what=what, do="Rename one, or take it out."))
    return True


def _purpose_is_known(
    document: Document[FeatureSpec] | Document[SegmentSpec] | Document[Policy],
    purpose: str,
    catalogue: Catalogue,
    faults: list[Fault],
) -> bool:
    if not purpose or purpose in catalogue.purposes:
        return True
    known = ", ".join(sorted(catalogue.purposes)) or "none"
    faults.append(
        document.fault(
            "purpose",
            code="PURPOSE-UNKNOWN",
            what=f"No purpose is called {purpose!r}.",
            do=f"Declare it under policies/ (declared: {known}).",
        )
    )
    return False


def _check_rules(
    catalogue: Catalogue,
    features: Sequence[Document[FeatureSpec]],
    segments: Sequence[Document[SegmentSpec]],
    faults: list[Fault],
) -> None:
    """Settle every definition; a circle is reported once, at the definition met first."""
    reported: set[frozenset[str]] = set()
    named: list[tuple[str, str, Document[FeatureSpec] | Document[SegmentSpec]]] = [
        *(("feature", document.value.feature, document) for document in features),
        *(("segment", document.value.segment, document) for document in segments),
    ]
    for space, name, document in named:
        declared = catalogue.features if space == "feature" else catalogue.segments
        if name not in declared:
            continue
        try:
            Checker(catalogue).definition(space, declared[name])
        except RuleError as error:
            circle = frozenset(getattr(error, "cycle", ()))
            if circle and circle in reported:
                continue
            reported.add(circle)
            faults.append(document.fault("rule", code=error.code, what=error.what, do=error.do))
