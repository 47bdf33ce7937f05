"""A project whose events come live, and its inbox, for tests that send messages."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from habitue.config import Settings
from habitue.govern.ledger import ConsentLedger
from habitue.govern.spec import PolicySpec
from habitue.govern.vault import Vault
from habitue.identity.rules import DEFAULT_RULES
from habitue.sources.arrivals import Arrival, Sealed, read_arrival, read_sealed
from habitue.sources.inbox import Inbox, Taken
from habitue.sources.plans import SourcesProject
from habitue.sources.project import read_source_files
from habitue.streams.decoding import Decoder
from habitue.streams.messages import Batch
from tests.govern.vaults import open_vault_of

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
NOW_US = 1_782_820_800_000_000
SITE = "source: site\ncollect: true\n"
CONTRACTS = """
customers: true
traits:
  first_name: {type: text, personal: true}
  email: {type: text, format: email, personal: true}
  birth_date: {type: date, personal: true}
  city: {type: text}
  plan: {type: text, allowed: [free, gold]}
---
event: Order Completed
properties:
  order_id: {type: text, required: true}
  revenue: {type: money, min: 0}
  paid_at: {type: time}
  note: {type: text, personal: true}
  products:
    type: list
    explode: Product Ordered
    properties:
      product_id: {type: text, required: true}
      price: {type: money, min: 0}
      engraving: {type: text, personal: true}
---
event: Product Added
properties:
  product_id: {type: text, required: true}
  quantity: {type: integer, min: 1, max: 99}
---
event: Page Viewed
properties:
  path: {type: text}
  name: {type: text}
"""


@dataclass
class Site:
    """A project folder with an open vault and an inbox."""

    folder: Path
    project: SourcesProject
    vault: Vault
    ledger: ConsentLedger
    inbox: Inbox

    def take(self, *messages: Mapping[str, Any], headers: Iterable[tuple[object, object]] = ()) -> Taken:
        """What becomes of messages sent together."""
        sent = [{"messageId": f"m{number}", **each} for number, each in enumerate(messages)]
        batch = Decoder().batch(json.dumps({"batch": sent}).encode(), received_us=NOW_US)
        assert isinstance(batch, Batch), batch
        return self.inbox.take("site", batch.results, received_us=NOW_US, headers=headers)

    def arrivals(self, *messages: Mapping[str, Any]) -> list[Arrival]:
        """What messages sent together are in the log."""
        return [read_arrival(record.body) for record in self.take(*messages).records]

    def arrival(self, message: Mapping[str, Any]) -> Arrival:
        """What one message is in the log."""
        (found,) = self.arrivals(message)
        return found

    def opened(self, arrival: Arrival) -> Sealed:
        """What is sealed with a message."""
        clear = self.vault.open_for(arrival.record, arrival.sealed)
        assert clear is not None
        return read_sealed(clear)

    def record(self, namespace: str, value: str) -> str | None:
        """The record of an own identifier."""
        name = self.vault.name(namespace, value)
        return self.vault.find([name]).get(name)


def open_site(
    folder: Path,
    *,
    source: str = SITE,
    contracts: str = CONTRACTS,
    purposes: Sequence[PolicySpec] = (),
    zone: str = "Europe/Berlin",
    held: int = 1_000,
) -> Site:
    """A project of one live source."""
    for name, text in {"sources/site.yaml": source, "contracts/all.yaml": contracts}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    project, faults = read_source_files(folder, Settings(name="shop", time_zone=zone))
    assert not faults, [str(each) for each in faults]
    vault, ledger = open_vault_of(folder), ConsentLedger.open(folder)
    inbox = Inbox(
        project,
        {each.purpose: each for each in purposes},
        DEFAULT_RULES,
        vault,
        clock=lambda: NOW,
        ledger=ledger,
        held=held,
    )
    return Site(folder, project, vault, ledger, inbox)
