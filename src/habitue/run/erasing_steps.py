"""Carrying out an order to erase: store by store, each step repeatable, so that one cut short is given again.

First the failed lane, which needs the clear identifiers; then the vault, whose keys make the rest unreadable; then who
is who, consents, history and the warehouse, which a fresh process writes anew.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from sqlglot import expressions as exp

from habitue.config import state_folder, write_text
from habitue.engines.rewriting import compact
from habitue.engines.warehouse import Warehouse
from habitue.errors import HabitueError
from habitue.govern.audit import AuditAction, AuditEntry
from habitue.govern.catalogue import Store, TableDeclaration
from habitue.govern.keys import key_folder
from habitue.govern.requests import PrivacyJournal, Request
from habitue.identity.ledger import members, persons_of
from habitue.identity.links import IDENTITY_FILE, Links
from habitue.run.catalogue import project_catalogue
from habitue.run.erasing_live import erase_live, erase_live_failures, tell_live
from habitue.run.marks import read_marks, write_marks
from habitue.run.opened import Opened
from habitue.run.relations import drop_lonely
from habitue.run.store_erased import OVERWRITTEN, StoreErased
from habitue.run.stores import WAREHOUSE_FILE, open_warehouse
from habitue.run.subjects import Names, past_ids, read_subjects, rows_naming

BY_ERASURE: Final = "cli:privacy"
_STALE: Final = ("answers",)
_LANE, _VAULT, _LINKS = OVERWRITTEN, "keys destroyed, names buried, the file written anew", OVERWRITTEN
_VAULT_ALONE: Final = f"{_VAULT}; the list of graves could not be written beside the master key"
_FILES: Final = "files written anew without the person"
_WAREHOUSE: Final = "rows deleted, the file written anew by a fresh process"


def carry_out(opened: Opened, journal: PrivacyJournal, request: Request, *, actor: str) -> list[StoreErased]:
    """Carry out an order to its end, whatever of it was done before.

    Raises:
        HabitueError: A store refuses; the order stays open and the next run goes on with it.
    """
    stores, now = opened.stores, opened.around.clock()
    tell_live(opened, {*request.subjects, *request.records})
    done = _erase_failed(opened, request)
    erased = stores.vault.erase(request.records, now=now)
    gone = erased.keys + erased.names + erased.carried + erased.cards
    done.append(StoreErased(store="vault", rows=gone, proof=_VAULT if keep_graves(opened) else _VAULT_ALONE))
    # Before links go: what the history told of the person under ids they had before.
    known_by = {*request.subjects, *past_ids(opened, request.records)}
    done.append(StoreErased(store="history", rows=opened.history.forget_people(known_by), proof=_FILES))
    done += erase_live(opened, request, sorted(known_by))
    done += _erase_links(opened, request.records)
    done += _erase_rows(opened, request)
    rewrite_warehouse(opened)
    about = f"erasure {request.request_id}"
    stores.audit.append_all(
        AuditEntry(at=now, actor=actor, action=AuditAction.ERASE, subject=subject, about=about)
        for subject in request.subjects
    )
    journal.finish(request.request_id, now=opened.around.clock())
    return done


def settle_requests(opened: Opened) -> int:
    """Carry out what was begun and cut short, and erase again whoever a restored copy brought back.

    Cost: nothing to speak of where there is neither.

    Returns:
        How many orders were carried out.
    """
    kept = read_graves(graves_file(opened))
    unknown = kept.keys() - {grave.hex() for grave, _ in opened.stores.vault.tombstones()} if kept else set()
    graves = {bytes.fromhex(grave): kept[grave] for grave in unknown}
    with PrivacyJournal.open(opened.project.folder) as journal:
        back = opened.stores.vault.back_from(graves) if graves else []
        if back:
            request_id = opened.around.random(8).hex()
            journal.begin(request_id, persons_of_records(opened, back), back, now=opened.around.clock())
        waiting = journal.unfinished()
        for request in waiting:
            carry_out(opened, journal, request, actor=BY_ERASURE)
    if graves:
        opened.stores.vault.bury(sorted(graves.items()), now=opened.around.clock())
    return len(waiting)


def graves_file(opened: Opened) -> Path:
    """Where graves are kept besides the vault: beside the master key, where no copy of the project overwrites them."""
    around = opened.around
    return key_folder(around.environ, around.home) / f"{opened.stores.vault.vault_id}.graves"


def keep_graves(opened: Opened) -> bool:
    """Write every grave beside the master key; False where that place cannot be written."""
    path = graves_file(opened)
    known = {**read_graves(path), **{grave.hex(): erased for grave, erased in opened.stores.vault.tombstones()}}
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_text(path, json.dumps({"vault": opened.stores.vault.vault_id, "graves": known}, indent=0) + "\n")
        path.chmod(0o600)
    except (OSError, HabitueError):
        return False
    return True


def read_graves(path: Path) -> dict[str, int]:
    """The graves of a file and when each was dug (µs); none where there is no such file."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    graves = said.get("graves", {}) if isinstance(said, dict) else {}
    return {str(grave): int(erased) for grave, erased in graves.items()}


def persons_of_records(opened: Opened, records: Sequence[str]) -> list[str]:
    """The persons whose records are all among some; a person who has others too stays."""
    persons = {record: record for record in records}
    if (state_folder(opened.project.folder) / IDENTITY_FILE).exists():
        with Links.open(opened.project.folder) as links:
            numbers = links.numbers(records)
            now = persons_of(links, list(numbers.values()))
            persons |= {record: now[number] for record, number in numbers.items()}
            whole = {each: set(members(links, each)) <= set(records) for each in set(now.values())}
            return [each for each in dict.fromkeys(persons.values()) if whole.get(each, True)]
    return list(persons)


def _erase_failed(opened: Opened, request: Request) -> list[StoreErased]:
    control = opened.stores.control
    names = Names(opened.project, read_subjects(opened, request.subjects))
    gone = control.failed.remove([row.id for row in rows_naming(opened, names)])
    control.scrub()
    return [
        StoreErased(store="control: failed_rows", rows=gone, proof=_LANE),
        *erase_live_failures(opened, names),
    ]


def _erase_links(opened: Opened, records: Sequence[str]) -> list[StoreErased]:
    folder, gone = opened.project.folder, 0
    if (state_folder(folder) / IDENTITY_FILE).exists():
        with Links.open(folder) as links:
            gone = links.forget(records)
    said = opened.stores.consents.erase(records)
    return [
        StoreErased(store="identity", rows=gone, proof=_LINKS),
        StoreErased(store="consents", rows=said, proof=_LINKS),
    ]


def _erase_rows(opened: Opened, request: Request) -> list[StoreErased]:
    warehouse = opened.stores.warehouse
    with warehouse.transaction():
        done = [
            StoreErased(store=f"warehouse: {name}", rows=_delete(warehouse, name, where), proof=_WAREHOUSE)
            for name, where in people_in(opened, request).items()
        ]
        drop_lonely(warehouse)
        marks = {name: digest for name, digest in read_marks(warehouse).items() if name not in _STALE}
        # Places among customers and sizes are counted anew by the next build; memberships are those of the history.
        write_marks(warehouse, {**marks, **({"history": opened.history.digest()} if "history" in marks else {})})
    return done


def people_in(opened: Opened, request: Request) -> Mapping[str, exp.Condition]:
    """The warehouse tables that hold rows of the people of an order, with the condition that finds them."""
    warehouse = opened.stores.warehouse
    there = set(warehouse.tables())
    declared = project_catalogue(opened.project).personal(Store.WAREHOUSE)
    return {
        each.name: _condition(each, warehouse.table(each.name).columns, request)
        for each in declared
        if each.name in there
    }


def _condition(table: TableDeclaration, columns: Sequence[str], request: Request) -> exp.Condition:
    mine = _among(table.subject_key, request.subjects)
    return exp.or_(mine, _among("record_id", request.records)) if "record_id" in columns else mine


def _among(column: str, ids: Sequence[str]) -> exp.Condition:
    return exp.column(column, quoted=True).isin(*(exp.convert(each) for each in ids))


def _delete(warehouse: Warehouse, name: str, where: exp.Condition) -> int:
    statement = exp.delete(exp.to_table(name), where=where)
    counted = warehouse.con.execute(statement.sql("duckdb")).fetchone()
    return int(counted[0]) if counted else 0


def count_rows(warehouse: Warehouse, name: str, where: exp.Condition) -> int:
    """How many rows of a table meet a condition."""
    statement = exp.select(exp.Count(this=exp.Star())).from_(exp.to_table(name)).where(where)
    counted = warehouse.con.execute(statement.sql("duckdb")).fetchone()
    return int(counted[0]) if counted else 0


def rewrite_warehouse(opened: Opened) -> None:
    """Write the warehouse anew in a fresh process; it is closed meanwhile and open again afterwards."""
    stores = opened.stores
    state = state_folder(opened.project.folder)
    stores.warehouse.close()
    try:
        compact(state / WAREHOUSE_FILE)
    finally:
        stores.warehouse = open_warehouse(state, opened.project.settings.memory)
