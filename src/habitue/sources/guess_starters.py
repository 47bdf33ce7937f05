"""Starter features and segments: those shipped whose rules hold in this project, and some made of its own words."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from zoneinfo import ZoneInfo

from habitue.config.text import parse
from habitue.records import Kind
from habitue.rules import Catalogue, Definition, EventShape, RuleError, check, read
from habitue.sources.guess_contracts import child_kinds
from habitue.sources.guess_plans import Property, TablePlan, quoted
from habitue.sources.guess_traits import funnel_starters, is_plain, trait_starters
from habitue.sources.guess_values import ColumnRole, Guess, Plain, ProposedDocument, ProposedFile, Starter

R = ColumnRole
_VISIT_EVENTS = ("Page Viewed", "Screen Viewed", "Product Viewed", "Product List Viewed", "Cart Viewed")
_SESSION: Mapping[str, Kind] = {"pages": Kind.INTEGER, "duration_s": Kind.INTEGER, "bounced": Kind.BOOLEAN}
_MOST_SEGMENTS = 24


@dataclass(frozen=True, slots=True)
class _Project:
    """What starters may refer to.

    Attributes:
        catalogue: Events and traits of the project, and the features kept so far.
        words: What stands for `<word>` in a shipped rule.
        needs: Conditions that hold: `clock`, `session`.
    """

    catalogue: Catalogue
    words: Mapping[str, str]
    needs: frozenset[str]


def visit_events(plans: Sequence[TablePlan]) -> tuple[str, ...]:
    """The events that visits are made of: views with a time of day."""
    made = {event.event for plan in plans if _has_clock(plan) for event in plan.events}
    return tuple(each for each in _VISIT_EVENTS if each in made)


def write_starters(plans: Sequence[TablePlan], guess: Guess) -> tuple[ProposedFile, ...]:
    """The files of the starter features and segments that fit the project."""
    project = _project(plans, guess)
    features, segments = read_starters("features"), read_starters("segments")
    features += funnel_starters(plans, "features")
    kept, project = _kept(features, project)
    own = (*funnel_starters(plans, "segments"), *trait_starters(plans))
    chosen, _ = _kept((*segments, *own), project)
    return (*_files("features", "feature", kept), *_files("segments", "segment", chosen[:_MOST_SEGMENTS]))


def read_starters(kind: str) -> tuple[Starter, ...]:
    """The shipped starters of a kind, `features` or `segments`."""
    text = files("habitue").joinpath("templates", "start", f"{kind}.yaml").read_text(encoding="utf-8")
    trees, _ = parse(text, f"{kind}.yaml")
    out = []
    for tree in trees:
        entry = {key: str(value) for key, value in tree.value.items()} if isinstance(tree.value, dict) else {}
        out.append(
            Starter(
                file=entry["file"],
                name=entry[kind.removesuffix("s")],
                label=entry["label"],
                rule=entry["rule"],
                description=entry.get("description", ""),
                needs=entry.get("needs", ""),
            )
        )
    return tuple(out)


def _kept(starters: Iterable[Starter], project: _Project) -> tuple[list[Starter], _Project]:
    """The starters whose rules hold, with their words filled in, and the project with the features among them."""
    kept: list[Starter] = []
    for starter in starters:
        filled = _filled(starter, project)
        if filled is None or any(each.name == filled.name for each in kept):
            continue
        try:
            node = read(filled.rule)
            check(node, project.catalogue)
        except RuleError:
            continue
        kept.append(filled)
        features = {**project.catalogue.features, filled.name: Definition(name=filled.name, rule=node)}
        project = replace(project, catalogue=replace(project.catalogue, features=features))
    return kept, project


def _filled(starter: Starter, project: _Project) -> Starter | None:
    """The starter with its words filled in; None when the project lacks one of them."""
    words = set(re.findall(r"<(\w+)>", starter.rule + starter.label))
    if words - set(project.words) or (starter.needs and starter.needs not in project.needs):
        return None

    def fill(text: str) -> str:
        return re.sub(r"<(\w+)>", lambda m: project.words[m[1]], text)

    return replace(starter, rule=fill(starter.rule), label=fill(starter.label))


def _files(folder: str, key: str, starters: Iterable[Starter]) -> tuple[ProposedFile, ...]:
    """One file per group of starters."""
    grouped: dict[str, list[ProposedDocument]] = {}
    for each in starters:
        values: dict[str, Plain] = {key: each.name, "label": each.label, "rule": each.rule}
        if each.description:
            values["description"] = each.description
        if key == "segment":
            values["group"] = each.file.replace("_", " ").capitalize()
        grouped.setdefault(each.file, []).append(ProposedDocument(comment=(), values=values))
    return tuple(ProposedFile(path=f"{folder}/{name}.yaml", documents=tuple(docs)) for name, docs in grouped.items())


def _project(plans: Sequence[TablePlan], guess: Guess) -> _Project:
    """What the proposed project has."""
    shapes: dict[str, dict[str, Kind]] = {}
    for plan in plans:
        for event in plan.events:
            own = shapes.setdefault(event.event, {})
            own.update({each.name: each.kind for each in event.properties})
            if event.explodes[0]:
                shapes.setdefault(event.explodes[1], {}).update(child_kinds(event, plans))
    needs = {"clock"} if any(_has_clock(plan) for plan in plans if plan.events) else set()
    if visit_events(plans):
        shapes["Session"] = dict(_SESSION)
        needs.add("session")
    traits = {each.name: each.kind for plan in plans if plan.customers for each in plan.customers.properties}
    events = {name: EventShape(name=name, properties=own) for name, own in shapes.items()}
    catalogue = Catalogue(zone=ZoneInfo(guess.time_zone.value), events=events, traits=traits)
    return _Project(catalogue, _words(plans), frozenset(needs))


def _words(plans: Sequence[TablePlan]) -> dict[str, str]:
    """What the files have for the words in shipped rules."""
    words: dict[str, str] = {}
    places = (("category", R.CATEGORY, "Product Ordered"), ("brand", R.BRAND, "Product Ordered"))
    for word, role, event in (*places, ("store", R.STORE, "Order Completed")):
        if found := _property(plans, event, role):
            words[word] = found.name
    traits = [each for plan in plans if plan.customers for each in plan.customers.properties]
    country = next((each for each in traits if each.role is R.COUNTRY and len(each.values) > 1), None)
    if country and is_plain(country.values[0][0]):
        top = country.values[0][0]
        words |= {"country": country.name, "top_country": top, "top_country_text": quoted(top)}
    return words


def _property(plans: Sequence[TablePlan], event: str, role: ColumnRole) -> Property | None:
    """The property of an event that plays a role."""
    for plan in plans:
        for made in plan.events:
            if made.event == event:
                for each in made.properties:
                    if each.role is role and each.kind is Kind.TEXT:
                        return each
    return None


def _has_clock(plan: TablePlan) -> bool:
    """Whether the table's times have a time of day."""
    time = plan.first(R.TIME)
    return time is not None and not time.facts.is_date_only
