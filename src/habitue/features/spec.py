"""What a project declares about features: `features/*.yaml`."""

from decimal import Decimal

from pydantic import Field

from habitue.config import Declared
from habitue.records import Kind
from habitue.rules.nodes import Constant, Default, Node


class FeatureSpec(Declared):
    """A figure about every customer, as an expression of the rule language."""

    feature: str = Field(pattern=r"^[a-z_][a-z0-9_]*$", max_length=100, description="Its name: spend_365d …")
    rule: str = Field(min_length=1, description="The expression, e.g. sum('Order Completed'.revenue, last='365d').")
    label: str = Field("", description="A few words for people.")
    description: str = Field("", description="What it says, and what it does not.")
    purpose: str = Field("", description="What it may be used for; people without that consent have no value.")
    missing: bool | int | float | str | None = Field(None, description="The value where there is none.")
    unit: str = Field("", description="What it counts: days, orders, GBP …")


def with_missing(rule: Node, spec: FeatureSpec) -> Node:
    """The rule, with the declared value where it has none."""
    value = spec.missing
    if value is None:
        return rule
    if isinstance(value, bool):
        return Default(operand=rule, fallback=Constant(value=value, kind=Kind.BOOLEAN))
    if isinstance(value, int):
        return Default(operand=rule, fallback=Constant(value=value, kind=Kind.INTEGER))
    if isinstance(value, float):
        return Default(operand=rule, fallback=Constant(value=Decimal(repr(value)), kind=Kind.NUMBER))
    return Default(operand=rule, fallback=Constant(value=value, kind=Kind.TEXT))
