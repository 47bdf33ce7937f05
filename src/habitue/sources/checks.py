"""What is asked of each row while it is read, typed and held against contracts, as bits of a few whole numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Literal

import ibis
import ibis.expr.types as ir

from habitue.records import Kind
from habitue.sources.bounds import bound
from habitue.sources.formats import matches_format
from habitue.sources.spec import Bound, PropertySpec

Stage = Literal["read", "type", "make", "contract"]

BITS = 60
_ORDER: dict[Stage, int] = {"read": 0, "type": 1, "make": 2, "contract": 3}
_TYPES: Mapping[Kind, str] = {
    Kind.TEXT: "string",
    Kind.BOOLEAN: "boolean",
    Kind.TIME: "timestamp(6)",
    Kind.DATE: "timestamp(6)",
    Kind.NUMBER: "float64",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that can be wrong with a row.

    Attributes:
        stage: Where it shows.
        code: Stable code.
        field: The field or property it is about; empty for the whole row.
        says: What is wrong, in words that follow the field's name.
        column: The raw column whose value is at fault; empty when there is none.
    """

    stage: Stage
    code: str
    field: str
    says: str
    column: str = ""

    @property
    def sentence(self) -> str:
        """What is wrong, as a sentence without its value."""
        return f"{self.field} {self.says}" if self.field else self.says


@dataclass(slots=True)
class Checks:
    """The checks of one source, in order, and where each fails: an expression, or the name of a column."""

    listed: list[Check] = field(default_factory=list)
    fails: list[ir.BooleanValue | str] = field(default_factory=list)

    def add(self, check: Check, fails: ir.BooleanValue) -> None:
        """Ask one more thing of every row."""
        self.listed.append(check)
        self.fails.append(fails.fill_null(False))

    def hold(self, table: ir.Table) -> ir.Table:
        """The table with what every check says as columns, so that it outlives a join."""
        said = {f"habitue_check_{place}": each for place, each in enumerate(self.fails) if not isinstance(each, str)}
        self.fails = [f"habitue_check_{place}" for place in range(len(self.fails))]
        return table.mutate(**said) if said else table

    def masks(self, table: ir.Table, least: int = 1) -> dict[str, ir.IntegerValue]:
        """The columns that hold which checks fail, `BITS` to a column; at least `least` columns."""
        masks: dict[str, ir.IntegerValue] = {}
        for start in range(0, max(least * BITS, len(self.fails)), BITS):
            bits = [
                ibis.ifelse(
                    table[fails] if isinstance(fails, str) else fails,
                    ibis.literal(1 << place, "int64"),
                    ibis.literal(0, "int64"),
                )
                for place, fails in enumerate(self.fails[start : start + BITS])
            ]
            masks[mask_name(len(masks))] = reduce(lambda left, right: left + right, bits, ibis.literal(0, "int64"))
        return masks

    def failed(self, masks: Sequence[int]) -> list[Check]:
        """The checks that a row's masks say failed; only those of the first stage that has any."""
        found = [
            self.listed[number * BITS + place]
            for number, mask in enumerate(masks)
            for place in range(BITS)
            if mask >> place & 1
        ]
        first = min((_ORDER[check.stage] for check in found), default=0)
        return [check for check in found if _ORDER[check.stage] == first]


def mask_name(number: int) -> str:
    """The name of the column of that many `BITS`."""
    return f"habitue_fault_{number}"


def fails_any(table: ir.Table, count: int) -> ir.BooleanValue:
    """Rows of which any mask says something."""
    return reduce(or_, [table[mask_name(number)] != 0 for number in range(count)])


def add_contract(
    checks: Checks,
    name: str,
    column: str,
    values: Sequence[ir.Value],
    kind: Kind,
    rules: PropertySpec,
    taken: ir.BooleanValue,
) -> None:
    """Ask what a contract says about one property.

    Args:
        checks: Where to ask it.
        name: The property.
        column: The raw column its value comes from, if it is one.
        values: The value; two of a location.
        kind: The contract's kind, which the value has already.
        rules: What the contract says.
        taken: The rows that are made into what has the property.
    """
    value = values[0]

    def ask(code: str, says: str, fails: ir.BooleanValue) -> None:
        checks.add(Check(stage="contract", code=code, field=name, says=says, column=column), taken & fails)

    if rules.required:
        ask("CONTRACT-REQUIRED", "is required by its contract and is missing", value.isnull())
    if rules.min is not None:
        ask("CONTRACT-MIN", f"is below {rules.min}", value < _constant(rules.min, kind))
    if rules.max is not None:
        ask("CONTRACT-MAX", f"is above {rules.max}", value > _constant(rules.max, kind))
    if rules.allowed:
        options = [_constant(option, kind) for option in rules.allowed]
        says = f"is none of the {len(options)} values that its contract allows"
        ask("CONTRACT-ALLOWED", says, value.notnull() & ~value.isin(options))
    if rules.format is not None:
        ask("CONTRACT-FORMAT", f"is not written as {rules.format}", ~matches_format(value, rules.format))


def _constant(value: Bound, kind: Kind) -> ir.Value:
    return ibis.literal(bound(value, kind), _TYPES.get(kind, "decimal(38, 10)"))
