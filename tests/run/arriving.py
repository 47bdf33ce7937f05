"""Live messages sent into a project: through the inbox into its log, as a server would take them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from habitue.run.live_parts import log_path
from habitue.run.projecting import Projector
from habitue.run.workspace import Workspace
from habitue.sources.inbox import Inbox
from habitue.state.sqlite import to_us
from habitue.streams import Log, Receipt
from habitue.streams.decoding import Decoder
from habitue.streams.messages import Batch
from tests.projects import around, put

SOURCE = "site"
NOW = "2026-04-01 12:00:00"
COLLECT = "source: site\ncollect: true\n"
CONTRACTS = """customers: true
traits:
  email: {type: text, personal: true}
  plan: {type: text}
---
event: Order Completed
properties:
  order_id: {type: text}
  revenue: {type: money}
  coupon: {type: text}
  note: {type: text, personal: true}
"""


def make_live(folder: Path) -> None:
    """Have a project take events in live."""
    put(folder / "sources" / f"{SOURCE}.yaml", COLLECT)
    put(folder / "contracts" / "live.yaml", CONTRACTS)


def track(number: int, user: str, at: str, revenue: str = "10.00", **more: object) -> dict[str, object]:
    """Somebody orders."""
    said = {"order_id": f"L{number}", "revenue": revenue, **more}
    return {
        "type": "track",
        "messageId": f"m-{number}",
        "userId": user,
        "event": "Order Completed",
        "timestamp": at,
        "properties": said,
    }


def identify(number: int, user: str, at: str, **traits: object) -> dict[str, object]:
    """Somebody says who they are."""
    return {"type": "identify", "messageId": f"i-{number}", "userId": user, "timestamp": at, "traits": traits}


def take_in(workspace: Workspace, messages: Sequence[dict[str, Any]], *, source: str = SOURCE) -> Receipt:
    """Take messages into the log, of an open project."""
    project, stores = workspace.project, workspace.stores
    received_us = to_us(workspace.clock())
    inbox = Inbox(
        project.sources,
        project.purposes,
        project.identity,
        stores.vault,
        clock=workspace.clock,
        ledger=stores.consents,
    )
    batch = Decoder().batch(json.dumps({"batch": messages}).encode(), received_us=received_us)
    assert isinstance(batch, Batch)
    taken = inbox.take(source, batch.results, received_us=received_us)
    with Log.open(log_path(project.folder)) as log:
        receipt = log.append_many(taken.records, taken.failures)
    inbox.keep_consents(taken)
    return receipt


def arrive(folder: Path, *messages: dict[str, Any], at: str = NOW) -> Receipt:
    """Take messages into the log of a project that nobody has open."""
    with Workspace.open(folder, around=around(at)) as workspace:
        return take_in(workspace, messages)


def project_log(folder: Path) -> int:
    """Carry the log into the warehouse; how many rows that gave."""
    with Workspace.open(folder, around=around(NOW)) as workspace:
        return Projector(workspace).run().rows
