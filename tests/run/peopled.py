"""A project whose vault and warehouse are filled by hand, to decide who is who in."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from habitue.engines.warehouse import Warehouse
from habitue.govern.keys import MasterKey
from habitue.govern.vault import Vault
from habitue.run.identity import IdentityReport, PeopleContext, resolve_people
from habitue.run.project import Project, read_project
from tests.projects import SETTINGS, put

NOW = datetime(2026, 7, 1, tzinfo=UTC)
SOURCE = """source: shop
files: shop.csv
identifiers: {user_id: customer, email: email, phone: phone, cookie: cookie}
columns:
  customer: {field: customer, type: text, required: true}
  email: {field: email, type: text}
  phone: {field: phone, type: text}
  cookie: {field: cookie, type: text}
  first: {field: first, type: text}
  last: {field: last, type: text}
  born: {field: born, type: text}
  at: {field: seen_at, type: time, required: true}
makes:
  - customers: customer
    traits: {first: first, last: last, born: born}
  - event: Seen
    customer: customer
    occurred_at: seen_at
"""
CONTRACT = """customers: true
traits:
  first: {type: text, personal: true}
  last: {type: text, personal: true}
  born: {type: text, personal: true}
"""
TWO_ACCOUNTS = "identity: people\nnamespaces: {user_id: {limit: 10}}\n"
LIKENESS = "matching: {columns: {given_name: first, surname: last, birth_date: born}}\n"


@dataclass(slots=True)
class Peopled:
    """A project in hand."""

    folder: Path
    project: Project
    vault: Vault
    warehouse: Warehouse

    def know(self, cards: Mapping[str, Mapping[str, object]], *, source: str = "shop") -> dict[str, str]:
        """Put a card for each own identifier into the vault, and an event each into the warehouse; ids of records."""
        names = [self.vault.name("user_id", own) for own in cards]
        records = [str(each) for each in self.vault.assign(names, now=NOW)]
        texts = [json.dumps({"id": [["user_id", own]], **card}) for own, card in cards.items()]
        self.vault.put_cards(source, records, texts)
        self.fill("event_seen", records)
        return dict(zip(cards, records, strict=True))

    def fill(self, table: str, records: Sequence[str]) -> None:
        """A table of one row a record, as sources write it."""
        self.warehouse.replace_rows(table, pa.table({"customer_id": list(records), "record_id": list(records)}))

    def rules(self, text: str) -> None:
        """Let other rules hold from now on."""
        put(self.folder / "identity/people.yaml", text)
        self.project = read_project(self.folder)

    def resolve(self, *, full: bool = False) -> IdentityReport:
        """Decide who is who."""
        return resolve_people(self.context(full=full))

    def context(self, *, full: bool = False) -> PeopleContext:
        """What deciding needs."""
        return PeopleContext(
            project=self.project,
            warehouse=self.warehouse,
            vault=self.vault,
            now=NOW,
            full=full,
        )

    def owners(self, table: str = "event_seen") -> dict[str, str]:
        """Whose the row of each record is."""
        rows = self.warehouse.fetch(self.warehouse.table(table)).to_pylist()
        return {row["record_id"]: row["customer_id"] for row in rows}


@contextmanager
def peopled(folder: Path, *, source: str = SOURCE, rules: str = TWO_ACCOUNTS) -> Iterator[Peopled]:
    """A project of one source of people, its vault open and its warehouse in memory."""
    files = {"habitue.yaml": SETTINGS, "sources/shop.yaml": source, "contracts/people.yaml": CONTRACT}
    for name, text in {**files, "identity/people.yaml": rules}.items():
        put(folder / name, text)
    key = MasterKey(random.Random(1).randbytes(32), "the test")
    with (
        Vault.open(folder, key, vault_id="v1", random=random.Random(2).randbytes) as vault,
        Warehouse.open(None, spill=folder / "spill") as warehouse,
    ):
        yield Peopled(folder=folder, project=read_project(folder), vault=vault, warehouse=warehouse)
