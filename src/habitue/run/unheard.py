"""Whose refusal the tables do not have yet: said in a message since they last followed the ledger of consents."""

from typing import Final

import ibis.expr.types as ir

from habitue.govern.consent import ConsentState
from habitue.run.consents import ledger_read, people_of
from habitue.run.workspace import Workspace

_REFUSALS: Final = frozenset({ConsentState.WITHDRAWN, ConsentState.OBJECTED, ConsentState.RESTRICTED})


def without_refusals(workspace: Workspace, people: ir.Table, purpose: str) -> ir.Table:
    """People without those who have refused a purpose, or any use of their data, since the tables know of it.

    A refusal counts as soon as it is on record; whoever agrees again after one counts when the tables have it.

    Args:
        workspace: The open project.
        people: One column, customer_id: for whom the tables have a basis for the purpose.
        purpose: Its name.
    """
    read = ledger_read(workspace.warehouse)
    if workspace.stores.consents.newest() == read:
        return people
    entries = (each.entry for each in workspace.stores.consents.entries(after=read))
    records = {each.record_id for each in entries if each.state in _REFUSALS and each.purpose in (purpose, "")}
    refusing = sorted({*people_of(workspace.warehouse, records).values(), *records})
    return people.filter(people.customer_id.notin(refusing)) if refusing else people
