"""What rows say about consent, as a source declares it."""

from collections.abc import Callable, Mapping
from typing import Final

from habitue.govern.consent import ConsentState
from habitue.govern.spec import LegalBasis
from habitue.records import Kind
from habitue.rules import Node
from habitue.sources.plans import ConsentPlan, ValuePlan
from habitue.sources.spec import ConsentsMake

STATES: Final = tuple(each.value for each in ConsentState if not each.is_about_all)
BASES: Final = tuple(each.value for each in LegalBasis)
_KEYS: Final[Mapping[str, str]] = {"source": "asked_in"}
_TRUTHS: Final = frozenset({"true", "false"})
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
