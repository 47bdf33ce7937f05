"""Settling a live source: the names it gives to events, properties and traits, held against the contracts."""

from collections.abc import Collection, Iterable, Mapping

from habitue.config import Document
from habitue.errors import Fault, did_you_mean
from habitue.sources.collecting import CollectSpec, Places
from habitue.sources.plans import CollectPlan
from habitue.sources.shapes import CUSTOMERS
from habitue.sources.spec import ContractSpec, PropertySpec, SourceSpec

_Contracts = Mapping[str, Document[ContractSpec]]


def settle_collected(
    documents: Iterable[Document[CollectSpec | SourceSpec]], contracts: _Contracts, zone: str, faults: list[Fault]
) -> tuple[CollectPlan, ...]:
    """The plans of those sources whose events come live; what in them does not fit is among the faults.

    Args:
        documents: All sources.
        contracts: The contracts by table.
        zone: The project's time zone.
        faults: Takes what is wrong.
    """
    events = _events(contracts)
    customers = contracts[CUSTOMERS].value.traits if CUSTOMERS in contracts else {}
    plans = []
    for document in documents:
        spec = document.value
        if not isinstance(spec, CollectSpec):
            continue
        wrong = [*_wrong_events(document, spec, events), *_wrong_places(document, spec, events, customers)]
        faults += wrong
        if not wrong:
            declared = Document(file=document.file, value=spec, place=document.place)
            plans.append(_plan(declared, events, customers, zone))
    return tuple(plans)


def unknown_namespaces(plans: Iterable[CollectPlan], known: Collection[str]) -> Iterable[Fault]:
    """What is wrong with kinds of identifiers that live sources name.

    Args:
        plans: The live sources.
        known: The kinds that identity knows.
    """
    for plan in plans:
        for name in plan.identifiers:
            if name not in known:
                near = did_you_mean(name, known)
                yield plan.document.fault(
                    "identifiers",
                    name,
                    code="NAMESPACE-UNKNOWN",
                    what=f"Identity knows no kind of identifiers {name!r}.",
                    do=f"Did you mean {near!r}?" if near else "Declare it under `namespaces` in identity/.",
                )


def _plan(
    document: Document[CollectSpec],
    events: Mapping[str, Mapping[str, PropertySpec]],
    customers: Mapping[str, PropertySpec],
    zone: str,
) -> CollectPlan:
    spec = document.value
    return CollectPlan(
        name=spec.source,
        contract=spec.contract,
        zone=zone,
        events=spec.events,
        contracts=events,
        customers=customers,
        properties={name: _places(each) for name, each in spec.properties.items()},
        traits={name: _places(each) for name, each in spec.traits.items()},
        identifiers={name: _places(each) for name, each in spec.identifiers.items()},
        document=document,
    )


def _events(contracts: _Contracts) -> dict[str, Mapping[str, PropertySpec]]:
    found: dict[str, Mapping[str, PropertySpec]] = {
        document.value.event: document.value.properties
        for document in contracts.values()
        if document.value.event is not None
    }
    for parts in list(found.values()):
        for rules in parts.values():
            if rules.explode is not None:
                found.setdefault(rules.explode, rules.properties)
    return found


def _places(places: Places) -> tuple[str, ...]:
    return (places,) if isinstance(places, str) else places


def _wrong_events(
    document: Document[CollectSpec | SourceSpec], spec: CollectSpec, events: Mapping[str, object]
) -> Iterable[Fault]:
    for sent, event in spec.events.items():
        if event not in events:
            near = did_you_mean(event, events)
            yield document.fault(
                "events",
                sent,
                code="EVENT-UNKNOWN",
                what=f"There is no contract for an event {event!r}.",
                do=f"Did you mean {near!r}?" if near else "Write one in contracts/: only such events become rows.",
            )


def _wrong_places(
    document: Document[CollectSpec | SourceSpec],
    spec: CollectSpec,
    events: Mapping[str, Mapping[str, PropertySpec]],
    customers: Mapping[str, PropertySpec],
) -> Iterable[Fault]:
    properties = dict.fromkeys(name for parts in events.values() for name in parts)
    for key, said, known, of in (
        ("properties", spec.properties, properties, "No contract of an event"),
        ("traits", spec.traits, customers, "No contract of the customers"),
    ):
        for name in said:
            if name not in known:
                near = did_you_mean(name, known)
                yield document.fault(
                    key,
                    name,
                    code="CONTRACT-UNKNOWN",
                    what=f"{of} knows {name!r}.",
                    do=f"Did you mean {near!r}?" if near else "Add it to the contract, or take it out here.",
                )
