"""What rows say about consent: what is asked of each row, and the columns it becomes."""

from collections.abc import Callable
from datetime import datetime

import ibis
import ibis.expr.types as ir

from habitue.govern.consent import SKEW, ConsentState
from habitue.records import Kind
from habitue.rules.expressions import literal
from habitue.sources.consent_plans import BASES, STATES
from habitue.sources.plans import ConsentPlan, ValuePlan

Value = Callable[[ir.Table, ValuePlan, Kind], tuple[ir.Value, ...]]


def wrong_rows(table: ir.Table, plan: ConsentPlan, value: Value, now: datetime) -> list[tuple[str, str, str, ir.Value]]:
    """What can be wrong with a row, as (code, field, what it says, whether it is so).

    Args:
        table: The staged rows.
        plan: What is declared.
        value: Gives the value of a plan on each row.
        now: The present time, aware.
    """
    purpose = value(table, plan.purpose, Kind.TEXT)[0]
    spoken = {name: value(table, each, Kind.TEXT)[0] for name, each in plan.details.items()}
    at = table[plan.occurred_at]
    lacks = "is missing, and the event that this row becomes needs it"
    found = [
        ("CONSENT-PURPOSE", "purpose", lacks, purpose.isnull()),
        ("CONSENT-TIME", plan.occurred_at, lacks, at.isnull()),
        ("CONSENT-FUTURE", plan.occurred_at, "is later than now", at > literal(now + SKEW, Kind.TIME)),
    ]
    state = spoken.get("state")
    if plan.given is not None:
        given = value(table, plan.given, Kind.BOOLEAN)[0]
        unsaid = given.isnull() if state is None else given.isnull() & state.isnull()
        found.append(("CONSENT-GIVEN", "given", lacks, unsaid))
    elif state is not None:
        found.append(("CONSENT-GIVEN", "state", lacks, state.isnull()))
    for key, code, known in (("state", "CONSENT-STATE", STATES), ("basis", "CONSENT-BASIS", BASES)):
        if key in spoken:
            says = f"is none of {', '.join(known)}"
            found.append((code, key, says, spoken[key].notnull() & ~_folded(spoken[key]).isin(known)))
    return found


def consent_columns(rows: ir.Table, plan: ConsentPlan, value: Value) -> dict[str, ir.Value]:
    """The columns of `source_consents` that say what was said."""
    said: dict[str, ir.Value] = {
        name: value(rows, plan.details[name], Kind.TEXT)[0] if name in plan.details else ibis.null("string")
        for name in ("state", "basis", "source", "text_version", "region")
    }
    for name in ("state", "basis", "region"):
        said[name] = _folded(said[name])
    given = ibis.null("boolean") if plan.given is None else value(rows, plan.given, Kind.BOOLEAN)[0]
    is_given = said["state"] == ConsentState.GIVEN.value
    purpose = value(rows, plan.purpose, Kind.TEXT)[0]
    return {**said, "purpose": purpose, "given": ibis.coalesce(is_given, given)}


def _folded(text: ir.Value) -> ir.StringValue:
    return text.cast("string").strip().lower()
