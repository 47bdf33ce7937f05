"""Whom a segment may be used for: how many of its people have a basis for each purpose, and a way to be reached."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from habitue.govern.roles import Access, Permission
from habitue.records import Kind
from habitue.rules import Node
from habitue.rules.nodes import And, Exists, Name
from habitue.run.segment_examining import RuleAsked, look_over
from habitue.run.segment_sizing import count_parts
from habitue.run.workspace import Workspace

CONTACTS: Final[Mapping[str, str]] = {
    "email": "e-mail",
    "phone": "phone",
    "mobile": "phone",
    "street": "post",
    "address": "post",
    "push_token": "push",
    "device_token": "push",
}
"""The way out that a personal trait of a name opens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WayReach:
    """One way to reach people.

    Attributes:
        way: e-mail, phone, post, push.
        trait: The trait that has to be there.
        customers: How many have a basis for the purpose and that trait; None where that is hidden.
    """

    way: str
    trait: str
    customers: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeReach:
    """One purpose.

    Attributes:
        purpose: Its name.
        label: A few words for people.
        marketing: Whether it is direct marketing.
        customers: How many have a basis for it now; None where that is hidden.
        ways: How many of those can be reached, by way.
    """

    purpose: str
    label: str
    marketing: bool
    customers: int | None
    ways: tuple[WayReach, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleReach:
    """Whom a rule's people may be used for.

    Attributes:
        customers: For how many the rule holds; None where that is hidden, or it is not finished.
        purposes: Every declared purpose.
        is_estimate: Whether only some customers were looked at.
        rounded: Whether figures are rounded to whole tens.
    """

    customers: int | None
    purposes: tuple[PurposeReach, ...]
    is_estimate: bool
    rounded: bool


def reach_of(workspace: Workspace, access: Access, asked: RuleAsked) -> RuleReach:
    """How many of a rule's people have a basis for each purpose, and can be reached.

    Raises:
        RoleForbiddenError: The role sees no figures.
        NotBuiltError: Nothing was built yet.
    """
    access.need(Permission.SEE_AGGREGATES)
    _, found, _ = look_over(workspace, asked)
    if found.node is None:
        return RuleReach(customers=None, purposes=(), is_estimate=False, rounded=not access.sees_people)
    ways = {
        trait: way for trait, way in CONTACTS.items() if workspace.project.catalogue.traits.get(trait) is Kind.PERSONAL
    }
    parts: dict[str, Node] = {"$": found.node}
    for purpose in workspace.project.purposes:
        basis = Name(space="consent", name=purpose)
        parts[purpose] = And(parts=(found.node, basis))
        for trait in ways:
            there = Exists(operand=Name(space="trait", name=trait))
            parts[f"{purpose} {trait}"] = And(parts=(found.node, basis, there))
    sizes, is_estimate = count_parts(workspace, access, replace(found, parts=parts))
    return RuleReach(
        customers=sizes["$"],
        purposes=tuple(
            PurposeReach(
                purpose=name,
                label=spec.label,
                marketing=spec.marketing,
                customers=sizes[name],
                ways=tuple(
                    WayReach(way=way, trait=trait, customers=sizes[f"{name} {trait}"]) for trait, way in ways.items()
                ),
            )
            for name, spec in workspace.project.purposes.items()
        ),
        is_estimate=is_estimate,
        rounded=not access.sees_people,
    )
