"""Orders to erase somebody: who is meant, what would go, what went, and whom else to tell.

Cost: one look at every row of the failed lane and of the sources' files, and the warehouse written anew, for all
people of an order together.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from habitue.config import state_folder, write_text
from habitue.errors import HabitueError
from habitue.govern.requests import PrivacyJournal, Recipient, Request
from habitue.identity.links import IDENTITY_FILE, Links
from habitue.identity.normalise import Kind, normalise
from habitue.run.customers import CustomerNotFoundError, IdentifierError, find_customer, namespaces
from habitue.run.erasing_live import count_live
from habitue.run.erasing_steps import carry_out, count_rows, people_in, settle_requests
from habitue.run.opened import Opened
from habitue.run.store_erased import StoreErased
from habitue.run.subjects import Names, Subject, all_records, past_ids, read_subjects, rows_naming
from habitue.run.workspace import Workspace
from habitue.sources.reading import list_parts, open_rows, recognise_all
from habitue.sources.rows import column_name

ERASED, ALREADY, REHEARSED = "erased", "already erased", "would be erased"
RETRAIN_WITHIN: Final = timedelta(days=30)
LINEAGE: Final = "lineage.json"
_MARK: Final = "retrain.json"
_INTERNAL: Final = re.compile(r"c[0-9a-f]{16}")
_OWNERS: Final = "source file, not ours to change"
_BACKUPS: Final = "left as they are; a copy put back is erased again from the graves beside the master key"
_AUDIT: Final = "kept: names the person by a random id only"


class EraseUnknownError(HabitueError):
    """Nobody is known by what an order to erase names."""

    code = "ERASE-UNKNOWN"

    def __init__(self) -> None:
        super().__init__(
            what="Nobody is known by this, and nobody known by it was ever erased.",
            do="Give an id as `habitue segments members` prints it, user_id:42, or email:…; nothing was changed.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelMarked:
    """A model that may have learned from somebody who was erased.

    Attributes:
        model: Its name.
        retrain_by: When it is to have been trained anew without them.
    """

    model: str
    retrain_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What became of an order to erase.

    Attributes:
        request_id: Random; the audit log has it too. Empty where nothing was ordered.
        subject: The person, by internal id; the first of several.
        subjects: All of them.
        state: `erased`, `already erased` or `would be erased`.
        stores: What each store held, and what became of it.
        models: Models to be trained anew.
        recipients: Where data of people was given to: they are to be told.
    """

    request_id: str
    subject: str
    subjects: tuple[str, ...]
    state: str
    stores: tuple[StoreErased, ...]
    models: tuple[ModelMarked, ...]
    recipients: tuple[Recipient, ...]


def erase(workspace: Workspace, wanted: Sequence[str], *, actor: str, dry_run: bool = False) -> Erasure:
    """Erase people for good, or say what would be erased.

    Args:
        workspace: The open project.
        wanted: Whom: internal ids, `user_id:42`, `email:…`, one or many.
        actor: Who gave the order, for the audit log.
        dry_run: Only say what would go.

    Raises:
        EraseUnknownError: One of them is nobody; nothing was changed.
        HabitueError: A store refuses; the next command goes on with the order.
    """
    opened = workspace.opened
    if not dry_run:
        settle_requests(opened)
    found = [_find(workspace, each) for each in wanted]
    people = list(dict.fromkeys(customer for customer, is_gone in found if not is_gone))
    subjects = read_subjects(opened, people)
    with PrivacyJournal.open(opened.project.folder) as journal:
        recipients = tuple(journal.recipients())
        if not subjects:
            gone = tuple(customer for customer, _ in found)
            return _erasure(ALREADY, "", gone, [*_owners_files(opened, wanted, [])], recipients=recipients)
        if dry_run:
            stores = [*_counted(opened, subjects), *_kept(opened, subjects, wanted)]
            return _erasure(REHEARSED, "", tuple(people), stores, _models(opened, None), recipients)
        kept = _kept(opened, subjects, wanted)
        now = opened.around.clock()
        request = journal.begin(opened.around.random(8).hex(), people, all_records(subjects), now=now)
        done = carry_out(opened, journal, request, actor=actor)
    models = _models(opened, request.request_id)
    return _erasure(ERASED, request.request_id, tuple(people), [*done, *kept], models, recipients)


def _erasure(
    state: str,
    request_id: str,
    subjects: tuple[str, ...],
    stores: Sequence[StoreErased],
    models: Sequence[ModelMarked] = (),
    recipients: tuple[Recipient, ...] = (),
) -> Erasure:
    return Erasure(
        request_id=request_id,
        subject=subjects[0] if subjects else "",
        subjects=subjects,
        state=state,
        stores=tuple(stores),
        models=tuple(models),
        recipients=recipients,
    )


def _find(workspace: Workspace, wanted: str) -> tuple[str, bool]:
    """The person meant, and whether they were erased already."""
    try:
        return find_customer(workspace, wanted), False
    except (CustomerNotFoundError, IdentifierError):
        if not _is_buried(workspace, wanted):
            raise EraseUnknownError from None
    return wanted if _INTERNAL.fullmatch(wanted) else "", True


def _is_buried(workspace: Workspace, wanted: str) -> bool:
    if _INTERNAL.fullmatch(wanted):
        with PrivacyJournal.open(workspace.project.folder) as journal:
            if any(wanted in each.subjects for each in journal.requests()):
                return True
    vault = workspace.vault
    space, colon, value = wanted.partition(":")
    spaces = namespaces(workspace)
    asked = [(space, value)] if colon and space in spaces else [(each, wanted) for each in spaces]
    rules = workspace.project.identity
    names = []
    for name, text in asked:
        kind = next((each.kind for each in rules.namespaces if each.name == name), Kind.TEXT)
        spellings = [text, *normalise(kind, [text], region=rules.region)]
        names += [vault.name(name, each) for each in spellings if each is not None]
    return bool(vault.buried(names))


def _counted(opened: Opened, subjects: Sequence[Subject]) -> list[StoreErased]:
    """What would go from each store."""
    records = all_records(subjects)
    request = Request(
        request_id="",
        subjects=tuple(each.customer for each in subjects),
        records=tuple(records),
        is_open=False,
        asked_at=opened.around.clock(),
    )
    names = Names(opened.project, subjects)
    cards = sum(len(sources) for each in subjects for sources in each.cards.values())
    folder = opened.project.folder
    said = sum(1 for _ in opened.stores.consents.entries(records))
    known_by = {*request.subjects, *past_ids(opened, records)}
    moved = sum(len(opened.history.moves(each)) for each in known_by) + len(opened.history.aside.of(known_by))
    counts = {
        "control: failed_rows": sum(1 for _ in rows_naming(opened, names)),
        "vault": cards + 2 * sum(opened.stores.vault.record_known(each) for each in records),
        "identity": _links(folder, records),
        "consents": said,
        "history": moved,
        **count_live(opened, names, records, known_by),
    }
    warehouse = opened.stores.warehouse
    counts |= {
        f"warehouse: {name}": count_rows(warehouse, name, where) for name, where in people_in(opened, request).items()
    }
    return [StoreErased(store=store, rows=rows, proof="a rehearsal: nothing went") for store, rows in counts.items()]


def _links(folder: Path, records: Sequence[str]) -> int:
    if not (state_folder(folder) / IDENTITY_FILE).exists():
        return 0
    with Links.open(folder) as links:
        known = links.numbers(records)
        return len({fact.fact for each in known for fact in links.facts(each)})


def _kept(opened: Opened, subjects: Sequence[Subject], wanted: Sequence[str]) -> list[StoreErased]:
    """What an order does not change, and why."""
    entries = sum(len(opened.stores.audit.entries(subject=each.customer)) for each in subjects)
    return [
        StoreErased(store="audit", rows=entries, proof=_AUDIT),
        *_owners_files(opened, wanted, subjects),
        StoreErased(store="backups", rows=0, proof=_BACKUPS),
    ]


def _owners_files(opened: Opened, wanted: Sequence[str], subjects: Sequence[Subject]) -> Iterator[StoreErased]:
    """The files of the sources with how many of their rows name the people: they are their owner's."""
    said: dict[str, set[str]] = {}
    for subject in subjects:
        for each in subject.identifiers:
            said.setdefault(each.namespace, set()).add(each.value)
    for text in wanted if not subjects else ():
        space, _, value = text.partition(":")
        said.setdefault(space, set()).add(value)
    for plan in opened.project.sources.sources:
        fields = {name: plan.namespace(name) for name in plan.customers}
        fields |= {name: space for space, name in plan.identifiers.items()}
        columns = {
            plan.columns[name][0]: said.get(space, set()) for name, space in fields.items() if name in plan.columns
        }
        try:
            parts = list_parts(opened.project.sources.root, plan.name, plan.spec.patterns)
            found = list(recognise_all(parts, declared=plan.spec.format, hints=plan.hints))
        except HabitueError:
            continue
        for file in found:
            reader = open_rows(file)
            rows = sum(_count(batch, reader.columns, columns) for batch in reader.batches())
            yield StoreErased(store=f"source file: {file.part.shown}", rows=rows, proof=_OWNERS)


def _count(batch: pa.RecordBatch, names: Sequence[str], columns: dict[str, set[str]]) -> int:
    """How many rows of a batch hold one of the values in its column."""
    if not names:
        return sum(_document_holds(text, columns) for text in batch.column(column_name(0)).to_pylist())
    hits = pa.array([False] * batch.num_rows)
    for raw, values in columns.items():
        if raw in names and values:
            cells = pc.utf8_trim_whitespace(batch.column(column_name(names.index(raw))).cast(pa.string()))
            there = pc.is_in(cells, value_set=pa.array(sorted(values), pa.string()))
            hits = pc.or_(hits, pc.fill_null(there, False))
    return int(pc.sum(hits).as_py() or 0)


def _document_holds(text: str | None, columns: dict[str, set[str]]) -> bool:
    try:
        here = json.loads(text or "null")
    except ValueError:
        return False
    for path, values in columns.items():
        value = here
        for step in path.strip("/").split("/"):
            value = value.get(step) if isinstance(value, dict) else None
        if value is not None and str(value).strip() in values:
            return True
    return False


def _models(opened: Opened, request_id: str | None) -> list[ModelMarked]:
    """Every model with a lineage, marked to be trained anew unless this is a rehearsal."""
    by = opened.around.clock() + RETRAIN_WITHIN
    found = []
    for path in sorted((state_folder(opened.project.folder) / "models").glob(f"*/{LINEAGE}")):
        found.append(ModelMarked(model=path.parent.name, retrain_by=by))
        if request_id is not None:
            said = {"request": request_id, "retrain_by": by.isoformat()}
            write_text(path.with_name(_MARK), json.dumps(said) + "\n")
    return found
