"""What a rule would select: size, share, some members, and how many each of its parts holds for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import ibis

from habitue.engines.warehouse import Warehouse
from habitue.rules import Node
from habitue.rules.batch import Question, answer
from habitue.rules.proof import leaves_of
from habitue.rules.words import describe, describe_condition
from habitue.rules.writing import write


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafCount:
    """One part of a rule and for how many customers it holds.

    Attributes:
        rule: The part, as canonical text.
        words: The part in words.
        customers: For how many customers it holds by itself.
    """

    rule: str
    words: str
    customers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a rule selects at an instant.

    Attributes:
        rule: As canonical text.
        words: In words.
        as_of: The instant.
        customers: How many customers it holds for.
        of: How many customers there are.
        sample: Ids of some of them, the first by id.
        leaves: Its smallest parts, in the order of the text.
    """

    rule: str
    words: str
    as_of: datetime
    customers: int
    of: int
    sample: tuple[str, ...]
    leaves: tuple[LeafCount, ...]

    @property
    def share(self) -> float:
        """Customers it holds for as a share of all, 0 to 1."""
        return self.customers / self.of if self.of else 0.0


def preview(
    rule: Node, question: Question, warehouse: Warehouse, *, sample: int, noun: str, labels: Mapping[str, str]
) -> Preview:
    """What a settled rule selects.

    Args:
        rule: True or false for every customer.
        question: Against what it is asked.
        warehouse: Where the answer is kept while it is counted.
        sample: How many ids to give at most.
        noun: What customers are called.
        labels: Labels of segments and features by `segment.name` and `feature.name`.
    """
    parts = list(dict.fromkeys(leaves_of(rule)))
    columns = {"holds": rule, **{f"leaf_{number}": part for number, part in enumerate(parts)}}
    with warehouse.keeping() as keep:
        table = keep(answer(columns, question))
        counts = {name: table[name].cast("int64").sum().fill_null(0) for name in columns}
        row = warehouse.fetch(table.aggregate(of=table.count(), **counts)).to_pylist()[0]
        ids = warehouse.fetch(
            table.filter(table.holds).select("customer_id").order_by(ibis.asc("customer_id")).limit(sample)
        )
    return Preview(
        rule=write(rule),
        words=describe(rule, noun=noun, labels=labels, zone=question.moment.zone),
        as_of=question.moment.now,
        customers=row["holds"],
        of=row["of"],
        sample=tuple(ids.column("customer_id").to_pylist()),
        leaves=tuple(
            LeafCount(
                rule=write(part),
                words=describe_condition(part, labels=labels, zone=question.moment.zone),
                customers=row[f"leaf_{number}"],
            )
            for number, part in enumerate(parts)
        ),
    )
