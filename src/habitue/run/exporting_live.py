"""What of a person arrived live, for the archive of everything that is known of them: opened, and of nobody else."""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from habitue.channels.deliveries import DELIVERIES_FILE, Deliveries
from habitue.config import state_folder
from habitue.govern.catalogue import Store, TableDeclaration
from habitue.govern.sealing import SealBrokenError
from habitue.run.export_files import Row
from habitue.run.live_lane import failures_naming
from habitue.run.live_parts import log_path
from habitue.run.opened import Opened
from habitue.run.subjects import Names, Subject, past_ids
from habitue.segments.transitions import TRANSITIONS_FILE, TransitionLog
from habitue.sources.arrivals import Arrival
from habitue.sources.forgetting import names_any
from habitue.sources.live_rows import open_records
from habitue.state.sqlite import from_us
from habitue.streams import LogReader

_PAGE: Final = 10_000
_OTHER: Final = "another record"
_OWN: Final = ("userId", "anonymousId", "user_id", "anonymous_id")
_WITHHELD: Final = "names you; not shown, since it may be another customer's"


def live_rows(opened: Opened, subject: Subject, table: TableDeclaration) -> list[Row]:
    """The rows about a person in a table of what arrived live, or was made of it at once."""
    match (table.store, table.name):
        case (Store.LOG, "records"):
            return list(_messages(opened, subject))
        case (Store.LOG, "failed"):
            return list(_failures(opened, subject))
        case (Store.TRANSITIONS, "transitions"):
            return list(_transitions(opened, subject))
        case (Store.TRANSITIONS, "members"):
            return list(_members(opened, subject))
        case (Store.DELIVERIES, "told"):
            return list(_told(opened, subject))
    return []


def _messages(opened: Opened, subject: Subject) -> Iterator[Row]:
    path = log_path(opened.project.folder)
    if not path.exists() or not subject.records:
        return
    mine, is_named, after = set(subject.records), names_any(subject.records), 0
    with LogReader(path) as reader:
        while page := reader.read(after, _PAGE):
            after = page[-1].offset
            for found in open_records(each for each in page if is_named(each.body)):
                record, arrival = found
                if arrival.record not in mine:
                    continue
                yield {
                    "place": record.offset,
                    "received_us": from_us(record.received_us),
                    "occurred_at": from_us(arrival.occurred_us),
                    "source": record.source,
                    "key": record.message_id,
                    "kind": record.kind,
                    "record_id": arrival.record,
                    "body": _said(opened, arrival, mine),
                }


def _said(opened: Opened, arrival: Arrival, mine: set[str]) -> Mapping[str, object]:
    """What a message says, with what is sealed in it opened."""
    said: dict[str, object] = {
        "events": [{"event": each.name, "properties": each.properties} for each in arrival.events],
        "traits": arrival.traits,
        "consents": [{"purpose": each.purpose, "state": each.state} for each in arrival.consents],
        "others": [each if each in mine else _OTHER for _, each in arrival.others],
    }
    try:
        clear = opened.stores.vault.open_for(arrival.record, arrival.sealed) if arrival.sealed else None
    except SealBrokenError:
        clear = None
    if clear is not None:
        said["in_the_clear"] = json.loads(clear)
    return {name: each for name, each in said.items() if each}


def _failures(opened: Opened, subject: Subject) -> Iterator[Row]:
    own = {each.value for each in subject.identifiers}
    for failure, text in failures_naming(opened, Names(opened.project, [subject])):
        yield {
            "number": failure.number,
            "source": failure.source,
            "stage": failure.stage,
            "code": failure.code,
            "field": failure.field,
            "reason": failure.reason,
            "received_us": from_us(failure.received_us),
            "raw": text if _senders(text) & own else _WITHHELD,
            "state": failure.state.value,
        }


def _senders(text: str) -> set[str]:
    """By which identifiers a message says whom it is about; nothing where it cannot be read."""
    try:
        said = json.loads(text)
    except ValueError:
        return set()
    return {str(said[name]).strip() for name in _OWN if said.get(name)} if isinstance(said, dict) else set()


def _transitions(opened: Opened, subject: Subject) -> Iterator[Row]:
    if not (state_folder(opened.project.folder) / TRANSITIONS_FILE).exists():
        return
    with TransitionLog.open(opened.project.folder) as transitions:
        for customer in sorted(_known_by(opened, subject)):
            after = 0
            while page := transitions.read(after, _PAGE, customer=customer):
                after = page[-1].sequence
                for each in page:
                    yield {
                        "sequence": each.sequence,
                        "customer_id": each.customer_id,
                        "segment": each.segment,
                        "entered": each.entered,
                        "occurred_us": from_us(each.occurred_us),
                        "noticed_us": from_us(each.noticed_us),
                        "cause": each.cause,
                        "log_offset": each.offset,
                    }


def _members(opened: Opened, subject: Subject) -> Iterator[Row]:
    if not (state_folder(opened.project.folder) / TRANSITIONS_FILE).exists():
        return
    with TransitionLog.open(opened.project.folder) as transitions:
        for customer in sorted(_known_by(opened, subject)):
            for segment, since_us in sorted(transitions.memberships(customer).items()):
                yield {"customer_id": customer, "segment": segment, "since_us": from_us(since_us)}


def _told(opened: Opened, subject: Subject) -> Iterator[Row]:
    if not (state_folder(opened.project.folder) / DELIVERIES_FILE).exists():
        return
    with Deliveries.open(opened.project.folder) as deliveries:
        for customer in sorted(_known_by(opened, subject)):
            for channel, segment in deliveries.told_of(customer):
                yield {"channel": channel, "segment": segment, "customer_id": customer}


def _known_by(opened: Opened, subject: Subject) -> set[str]:
    return {subject.customer, *past_ids(opened, subject.records)}
