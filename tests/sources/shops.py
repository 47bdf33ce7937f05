"""A project in a temporary folder, its warehouse and control data, for tests that load files."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from habitue.config import Settings
from habitue.engines.warehouse import Warehouse
from habitue.errors import Fault
from habitue.govern.opening import open_vault
from habitue.govern.vault import Vault
from habitue.sources.entities import join_customers
from habitue.sources.load import LoadReport, failed, load
from habitue.sources.plans import SourcesProject
from habitue.sources.project import read_source_files
from habitue.state import Control, FailedRow

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ORDERS = """
source: orders
files: data
columns:
  id: {field: order_id, required: true}
  who: {field: customer}
  at: {field: ordered_at, type: time}
  price: {field: price, type: money}
  n: {field: quantity, type: integer}
makes:
  - event: Product Ordered
    customer: customer
    occurred_at: ordered_at
    properties: {order_id: order_id, price: price, quantity: quantity}
"""


@dataclass
class Shop:
    """A project folder that can be written to, loaded and asked."""

    folder: Path
    warehouse: Warehouse
    control: Control
    vault: Vault
    zone: str = "UTC"

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def read(self) -> tuple[SourcesProject, list[Fault]]:
        return read_source_files(self.folder, Settings(name="shop", time_zone=self.zone))

    def project(self) -> SourcesProject:
        project, faults = self.read()
        assert not faults, [str(fault) for fault in faults]
        return project

    def codes(self) -> list[str]:
        return [fault.code for fault in self.read()[1]]

    def load(self, *, full: bool = False) -> LoadReport:
        (report,) = self.load_all(full=full)
        return report

    def load_all(self, *, full: bool = False) -> list[LoadReport]:
        reports = load(self.project(), self.warehouse, self.control, self.vault, now=NOW, full=full)
        join_customers(self.warehouse, self.project(), survival={})
        for report in reports:
            assert report.rows == report.used + report.unused + report.failed, report
        return reports

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        chosen = self.warehouse.table(table)
        listed = columns or tuple(chosen.columns)
        ordered = chosen.order_by([chosen[name] for name in listed])
        own = self.known_as() if "customer_id" in listed else {}
        found = self.warehouse.fetch(ordered).to_pylist()
        return (
            sorted(
                (tuple(own.get(row[name], row[name]) for name in listed) for row in found),
                key=lambda row: tuple((value is None, str(type(value)), value) for value in row),
            )
            if own
            else [tuple(row[name] for name in listed) for row in found]
        )

    def known_as(self) -> dict[str, str]:
        """The identifier by which the source knows each customer, by internal id."""
        return {person: json.loads(card)["id"][0][1] for person, _, card in self.vault.cards(source="")}

    def dump(self) -> Mapping[str, list[str]]:
        """Every table but the note of what was loaded, for comparing whole warehouses."""
        return {name: sorted(map(repr, self.rows(name))) for name in self.warehouse.tables()}

    def failed(self) -> list[FailedRow]:
        return failed(self.control, limit=10_000)

    def reasons(self) -> list[tuple[int, str, str]]:
        return [(row.line, row.stage, row.code) for row in self.failed()]


def open_shop(folder: Path, *, zone: str = "UTC") -> Shop:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "habitue.yaml").write_text("name: shop\n")
    warehouse = Warehouse.open(None, spill=folder / ".habitue" / "spill", threads=1)
    vault = open_vault(folder, environ={}, home=folder / "home", random=secrets.token_bytes)
    control = Control.open(folder)
    return Shop(folder=folder, warehouse=warehouse, control=control, vault=vault, zone=zone)
