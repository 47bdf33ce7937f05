"""Plans written as `contracts/*.yaml`: what every event, the customers and the items hold."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from habitue.records import Kind, event_table, snake_case
from habitue.sources.guess_plans import EventPlan, Property, SubjectPlan, TablePlan, free_name
from habitue.sources.guess_values import Plain, ProposedDocument, ProposedFile
from habitue.sources.guess_words import slug_of

_NUMERIC = (Kind.INTEGER, Kind.MONEY, Kind.NUMBER)


def agree(plans: Sequence[TablePlan]) -> tuple[TablePlan, ...]:
    """The plans with one spelling per event and one kind per property over all tables."""
    names: dict[str, str] = {}
    kinds: dict[tuple[str, str], Kind] = {}
    out = []
    for plan in plans:
        events = []
        for event in plan.events:
            name = names.setdefault(event_table(event.event), event.event)
            agreed = _agreed(name, event.properties, kinds)
            events.append(replace(event, event=name, properties=agreed))
        out.append(
            replace(
                plan,
                events=tuple(events),
                customers=_agreed_subject("customers", plan.customers, kinds),
                items=_agreed_subject("items", plan.items, kinds),
            )
        )
    return tuple(out)


def _agreed_subject(table: str, plan: SubjectPlan | None, kinds: dict[tuple[str, str], Kind]) -> SubjectPlan | None:
    """Traits or attributes with the kinds the other tables have."""
    return None if plan is None else replace(plan, properties=_agreed(table, plan.properties, kinds))


def _agreed(owner: str, properties: Iterable[Property], kinds: dict[tuple[str, str], Kind]) -> tuple[Property, ...]:
    """The properties, renamed where another table has the name for something that does not fit."""
    out = []
    for each in properties:
        known = kinds.setdefault((owner, each.name), each.kind)
        if known is each.kind:
            out.append(each)
            continue
        other = replace(each, name=f"{each.name}_{each.kind.value}")
        kinds.setdefault((owner, other.name), each.kind)
        out.append(other)
    return tuple(out)


def write_contracts(plans: Sequence[TablePlan]) -> tuple[ProposedFile, ...]:
    """A file for each event, one for the customers and one for the items."""
    events: dict[str, list[EventPlan]] = {}
    for plan in plans:
        for event in plan.events:
            events.setdefault(event.event, []).append(event)
    files = [_event_file(name, made, plans) for name, made in events.items()]
    traits = [plan.customers for plan in plans if plan.customers]
    if traits:
        values: dict[str, Plain] = {"customers": True, "label": "What is known about a customer"}
        values["traits"] = _parts(p for each in traits for p in each.properties)
        files.append(_file("customers", values))
    attributes = [plan.items for plan in plans if plan.items]
    if attributes:
        values = {"items": True, "label": "What is known about an item"}
        values["attributes"] = _parts(p for each in attributes for p in each.properties)
        files.append(_file("items", values))
    return tuple(files)


def _event_file(name: str, made: Sequence[EventPlan], plans: Sequence[TablePlan]) -> ProposedFile:
    """The contract of one event, whichever sources make it."""
    values: dict[str, Plain] = {"event": name, "label": made[0].label}
    parts = _parts(p for event in made for p in event.properties)
    if len(made) > 1:
        shared = set.intersection(*({p.name for p in event.properties} for event in made))
        parts = {key: _optional(value) if key not in shared else value for key, value in parts.items()}
    for event in made:
        if event.explodes[0]:
            parts[event.explodes[0]] = _list_part(event, plans)
    if parts:
        values["properties"] = parts
    return _file(snake_case(name), values)


def _file(stem: str, values: Mapping[str, Plain]) -> ProposedFile:
    """One contract file."""
    return ProposedFile(path=f"contracts/{stem}.yaml", documents=(ProposedDocument(comment=(), values=values),))


def _parts(properties: Iterable[Property]) -> dict[str, Mapping[str, Plain]]:
    """What each property may hold."""
    out: dict[str, Mapping[str, Plain]] = {}
    for each in properties:
        rules: dict[str, Plain] = {"type": each.kind.value}
        if each.required:
            rules["required"] = True
        if each.never_negative and each.kind in _NUMERIC:
            rules["min"] = 0
        if each.personal:
            rules["personal"] = True
        out.setdefault(each.name, rules)
    return out


def _optional(rules: Mapping[str, Plain]) -> Mapping[str, Plain]:
    """The same rules without asking for a value."""
    return {key: value for key, value in rules.items() if key != "required"}


def child_kinds(event: EventPlan, plans: Sequence[TablePlan]) -> Mapping[str, Kind]:
    """What each entry of an event's list holds, as the sampled rows show."""
    known: dict[str, Kind] = {}
    for plan in plans:
        for column in plan.own:
            if column.field == event.explodes[0]:
                for text in list(column.facts.counts)[:2_000]:
                    _learn(text, known)
    return {free_name(name): kind for name, kind in known.items()}


def _list_part(event: EventPlan, plans: Sequence[TablePlan]) -> Mapping[str, Plain]:
    """A list of products and what each of them holds."""
    properties = {name: {"type": kind.value} for name, kind in child_kinds(event, plans).items()}
    return {"type": "list", "explode": event.explodes[1], "properties": properties}


def _learn(text: str, known: dict[str, Kind]) -> None:
    """Add what the members of one list hold."""
    try:
        entries = json.loads(text)
    except ValueError:
        return
    for entry in entries if isinstance(entries, list) else ():
        for key, value in entry.items() if isinstance(entry, dict) else ():
            kind = _kind_of(slug_of(key), value)
            if kind and slug_of(key) == key:
                known[key] = kind if known.get(key, kind) is kind else _wider(known[key], kind)


def _kind_of(name: str, value: object) -> Kind | None:
    """The kind of one member of a JSON object; None for nested values and nulls."""
    if isinstance(value, bool):
        return Kind.BOOLEAN
    if isinstance(value, int | float):
        if name in ("price", "revenue", "total", "discount", "value"):
            return Kind.MONEY
        return Kind.INTEGER if isinstance(value, int) else Kind.NUMBER
    return Kind.TEXT if isinstance(value, str) else None


def _wider(one: Kind, two: Kind) -> Kind:
    """The kind that holds the values of both."""
    if Kind.TEXT in (one, two) or Kind.BOOLEAN in (one, two):
        return Kind.TEXT
    return Kind.MONEY if Kind.MONEY in (one, two) else Kind.NUMBER
