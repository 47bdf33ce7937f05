"""Some customers, drawn by their random ids, with everything that is known of them: what estimates look at.

Those are drawn whose ids end in some ways, which is a fair draw (see `ends_among`), and a person is in it whole: rules
with `not`, groups of events and orders of events are as unbiased as others.
"""

from dataclasses import dataclass, field, replace
from math import sqrt
from typing import Final

import ibis.expr.types as ir

from habitue.govern.roles import Access
from habitue.govern.suppression import LEAST_GROUP
from habitue.rules import Catalogue, Node
from habitue.rules.nodes import Place, Relation
from habitue.rules.tables import Tables
from habitue.run.id_ranges import ENDS, ends_among, first_share, parts_of, range_after, tables_of
from habitue.run.nearby import NOBODY, Some
from habitue.run.veiling import rounded
from habitue.run.workspace import Workspace

_ENOUGH: Final = 1.2
"""Up to so many times the customers that would be drawn everybody is looked at: that is as quick."""
_MORE: Final = 1.02
"""So many times as many are kept: who becomes one with somebody has others looked at, and all are to be among these."""
_WIDTH: Final = 1.96
_FEWEST_SEEN: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Which customers are looked at.

    Attributes:
        everybody: How many customers there are.
        ends: Those are whose id ends in one of the first so many of 65,536 ends.
        looked_at: How many they are.
        near: Tables of some customers, of these at least; None where no such are kept.
    """

    everybody: int
    ends: int
    looked_at: int
    near: Tables | None = field(default=None, compare=False, repr=False)

    @property
    def is_all(self) -> bool:
        """Whether everybody is looked at."""
        return self.ends >= ENDS

    @property
    def share(self) -> float:
        """What share of the customers is looked at, above 0."""
        return 1.0 if self.is_all or not self.looked_at else self.looked_at / self.everybody

    def some(self, rows: ir.Table) -> ir.Table:
        """Rows with a customer_id, of those alone who are looked at."""
        return rows if self.is_all else rows.filter(ends_among(rows.customer_id, self.ends))

    def tables(self, tables: Tables) -> Tables:
        """The tables, of those alone who are looked at."""
        if self.is_all:
            return tables
        return tables_of(self.near or tables, self.some)

    def tells(self, rule: Node, catalogue: Catalogue) -> bool:
        """Whether a rule may be asked of those alone who are looked at."""
        return may_be_drawn(rule, catalogue)

    def told(self, access: Access) -> "Estimated":
        """What a role is told of who was looked at."""
        if self.is_all or not access.sees_people:
            return Estimated(is_estimate=not self.is_all)
        return Estimated(is_estimate=True, looked_at=self.looked_at, everybody=self.everybody)

    def scaled(self, count: int) -> int:
        """How many it is among all, for so many who were looked at."""
        return count if self.is_all else min(self.everybody, round(count / self.share))

    def shown(self, count: int, access: Access) -> int:
        """The same as a role is shown it, for a count that it may be shown: rounded before, it is so again."""
        return self.scaled(count) if access.sees_people else rounded(self.scaled(count))

    def amount(self, value: float) -> float:
        """How much it is among all, for so much among those who were looked at."""
        return value / self.share

    def margin(self, count: int) -> int:
        """How far off that may be, 19 times in 20.

        Three people looked at stand for none, so that 0 is not certain.
        """
        if self.is_all:
            return 0
        if not self.looked_at:
            return self.everybody
        rate = min(1.0, max(count, _FEWEST_SEEN) / self.looked_at)
        error = sqrt(rate * (1 - rate) / self.looked_at * (1 - self.share))
        return max(LEAST_GROUP, round(_WIDTH * error * self.everybody))


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """An answer that may be an estimate.

    Attributes:
        is_estimate: Whether only some customers were looked at.
        looked_at: How many were; None for an exact answer, and for roles that see no people.
        everybody: Of how many; None likewise.
    """

    is_estimate: bool = False
    looked_at: int | None = None
    everybody: int | None = None


def has_many(workspace: Workspace) -> bool:
    """Whether there are so many customers that estimates look at some of them."""
    return workspace.warehouse.count(workspace.tables().customers) > workspace.project.settings.estimate_from * _ENOUGH


def draw_customers(workspace: Workspace, *, estimate: bool = True) -> Draw:
    """Those to look at: where an estimate is asked for and there are many, about as many as the project says.

    Raises:
        NotBuiltError: Nothing was built yet.
    """
    customers = workspace.tables().customers
    everybody = workspace.warehouse.count(customers)
    wanted = workspace.project.settings.estimate_from
    if not estimate or everybody <= wanted * _ENOUGH:
        return Draw(everybody=everybody, ends=ENDS, looked_at=everybody)
    draw = Draw(everybody=everybody, ends=max(1, ENDS * wanted // everybody), looked_at=0)
    near = workspace.near(Some(ends=draw.ends))
    looked_at = workspace.warehouse.count(draw.some(customers if near is None else near.customers))
    return replace(draw, looked_at=looked_at, near=near)


def keep_nearby(workspace: Workspace) -> bool:
    """Keep those in memory whom estimates, and first pages of people, look at, as they are now; see `run/nearby.py`.

    Returns:
        Whether there is more to do: this keeps a table at a time.

    Raises:
        NotBuiltError: Nothing was built yet.
        WarehouseFullError: There is no room for them.
    """
    draw = draw_customers(workspace)
    share = first_share(workspace.project.settings.estimate_from, draw.everybody) * _MORE
    some = Some(ends=min(ENDS, round(draw.ends * _MORE) + 1), below=range_after("", share).upto)
    return workspace.keep_near(NOBODY if draw.is_all else some)


def may_be_drawn(rule: Node | None, catalogue: Catalogue) -> bool:
    """Whether some customers tell of all: not where groups of people count, or the n largest."""
    nodes = () if rule is None else parts_of(rule, catalogue)
    return not any(isinstance(each, Relation) or (isinstance(each, Place) and each.kind == "top") for each in nodes)
