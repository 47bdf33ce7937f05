"""What rows say about consent: how a source declares it, what is asked of each row, and the columns it becomes."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import ibis
import ibis.expr.types as ir

from habitue.govern.consent import SKEW, ConsentState
from habitue.govern.spec import LegalBasis
from habitue.records import Kind
from habitue.rules import Node
from habitue.rules.expressions import literal
from habitue.sources.plans import ConsentPlan, ValuePlan
from habitue.sources.spec import ConsentsMake

STATES: Final = tuple(each.value for each in ConsentState if not each.is_about_all)
BASES: Final = tuple(each.value for each in LegalBasis)
_KEYS: Final[Mapping[str, str]] = {"source": "asked_in"}
_TRUTHS: Final = frozenset({"true", "false"})
Value = Callable[[ir.Table, ValuePlan, Kind], tuple[ir.Value, ...]]
Fault = Callable[[str, str, str], None]
"""Note a fault: the key of the make, what is wrong, what to do."""


def consent_plan(
    make: ConsentsMake, number: int, when: Node | None, value: Callable[[str, str], ValuePlan]
) -> ConsentPlan:
    """The plan of what a source declares.

    Args:
        make: What it declares.
        number: Its place among the makes.
        when: Which rows.
        value: Settles a reference, given with the key that it stands under.
    """
    said = {
        "state": make.state,
        "basis": make.basis,
        "source": make.asked_in,
        "text_version": make.text_version,
        "region": make.region,
    }
    return ConsentPlan(
        number=number,
        when=when,
        customer=make.consents,
        purpose=value(make.purpose, "purpose"),
        given=None if make.given is None else value(make.given, "given"),
        occurred_at=make.occurred_at,
        details={name: value(each, _KEYS.get(name, name)) for name, each in said.items() if each is not None},
    )


def check_consent(plan: ConsentPlan, personal: frozenset[str], fault: Fault) -> None:
    """Note what in a declaration is not of the kind that it has to be.

    Args:
        plan: What is declared.
        personal: The fields that say who somebody is.
        fault: Takes each fault.
    """
    texts = {"purpose": plan.purpose, **{_KEYS.get(name, name): value for name, value in plan.details.items()}}
    for key, value in texts.items():
        if value.kind is not Kind.TEXT:
            fault(key, f"`{key}` has to be text, and this is {value.kind}.", "Name a text field.")
        elif value.field in personal:
            fault(key, f"`{key}` would say who somebody is.", "Name another field.")
    for key, known in (("state", STATES), ("basis", BASES)):
        constant = plan.details[key].constant if key in plan.details else None
        if constant is not None and constant.lower() not in known:
            fault(key, f"{constant[:40]!r} is no {key}.", f"Write one of {', '.join(known)}.")
    given = plan.given
    if given is not None and not (
        given.constant in _TRUTHS if given.constant is not None else given.kind is Kind.BOOLEAN
    ):
        fault("given", "`given` has to be true or false.", "Name a boolean field, or 'true'.")


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
