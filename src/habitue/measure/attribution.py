"""Attribution: which touches before a conversion it is put down to, by seven readings of the same journeys.

A journey is what one person is touched by after their last conversion, up to the next one (and near enough to it), or
without one. Every conversion with a touch is shared out among the touches of its journey, so that the credits of any
model add up to those conversions.

- `first`, `last`, `linear`; `position`: 40 % to the first and the last each, the rest to those between; `decay`: half
  as much for every half-life that a touch lies before the conversion.
- `shapley`: a conversion is worth one to every set of channels that holds all of its journey's; the Shapley value of
  that game shares each conversion equally among the different channels of its journey (Zhao, Mahboobi & Bagheri,
  "Shapley Value Methods for Attribution Modeling in Online Advertising", 2018, arXiv:1804.05327).
- `markov`: the channels are states of a Markov chain of first order; each gets a part as large as the share of
  conversions that would be lost without it (Anderl, Becker, von Wangenheim & Schumann, "Mapping the customer journey",
  International Journal of Research in Marketing 33, 2016).

Cost: one scan of each event named and one sort of the rows found; then a system of as many equations as channels, once
for each of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import ibis
import ibis.expr.types as ir

from habitue.measure.frame import Frame, Step

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MODELS: Final = ("first", "last", "linear", "position", "decay", "shapley", "markov")
ENDS: Final = 0.4
"""What the first and the last touch get each in `position`."""
BEGUN: Final = "begun"
CONVERTED: Final = "converted"
LOST: Final = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionPlan:
    """What is put down to what.

    Attributes:
        goal: The conversion; each one counts.
        touch: What people are touched by.
        channel: Its property that says through what; touches without a value do not count.
        value: A property of the conversion that says what it is worth; empty for none.
        within: Longest time from a touch to the conversion, in microseconds, closed; None without a limit.
        half_life: Of `decay`, in microseconds.
    """

    goal: Step
    touch: Step
    channel: str
    value: str
    within: int | None
    half_life: int


def touches(plan: AttributionPlan, frame: Frame) -> ir.Table:
    """One row for each touch: customer_id, journey, channel, place from 1, last (place of the last), age_s, worth.

    `age_s`, the seconds to the conversion, and `worth` are null in journeys without one.
    """
    goals, seen = frame.all_rows(plan.goal), frame.all_rows(plan.touch)
    seen = seen.mutate(channel=seen[plan.channel].cast("string"))
    worth = goals[plan.value].cast("float64").fill_null(0.0) if plan.value else ibis.literal(0.0)
    both = ibis.union(
        seen.filter(seen.channel.notnull()).select(
            "customer_id", "occurred_at", "position", "channel", is_goal=False, worth=ibis.null("float64")
        ),
        goals.select("customer_id", "occurred_at", "position", channel=ibis.null("string"), is_goal=True, worth=worth),
    )
    both = frame.counted(both)
    # Of one instant, the touch is before the conversion.
    order = [both.occurred_at, both.is_goal, both.position]
    done = both.is_goal.cast("int64").sum().over(group_by=both.customer_id, order_by=order, rows=(None, 0))
    both = both.mutate(journey=done - both.is_goal.cast("int64"))
    whole = {"group_by": [both.customer_id, both.journey]}
    goal_at = ibis.ifelse(both.is_goal, both.occurred_at, ibis.null("timestamp(6)"))
    rows = both.mutate(goal_at=goal_at.max().over(**whole), gained=both.worth.max().over(**whole))
    rows = rows.filter(~rows.is_goal)
    if plan.within is not None:
        rows = rows.filter(
            rows.goal_at.isnull() | (rows.occurred_at >= rows.goal_at - ibis.interval(microseconds=plan.within))
        )
    line = {"group_by": [rows.customer_id, rows.journey], "order_by": [rows.occurred_at, rows.position]}
    return rows.select(
        "customer_id",
        "journey",
        "channel",
        place=ibis.row_number().over(**line) + 1,
        last=rows.count().over(group_by=[rows.customer_id, rows.journey]),
        age_s=rows.goal_at.delta(rows.occurred_at, unit="second").cast("float64"),
        worth=rows.gained,
    )


def credit_rows(plan: AttributionPlan, found: ir.Table) -> ir.Table:
    """channel, customers, touches, and for each model but `markov` the conversions and the worth it is given.

    `customers` are the different people behind the conversions that a channel has a part in.
    """
    won = found.filter(found.age_s.notnull())
    half_life_s = plan.half_life / 1_000_000
    # A journey's own newest touch is the measure: long before, everything else would be nothing over nothing.
    whole = {"group_by": [won.customer_id, won.journey]}
    won = won.mutate(fresh=ibis.literal(0.5) ** ((won.age_s - won.age_s.min().over(**whole)) / half_life_s))
    own = {"group_by": [won.customer_id, won.journey, won.channel]}
    won = won.mutate(again=won.count().over(**own))
    parts = won.mutate(
        first=(won.place == 1).cast("float64"),
        final=(won.place == won["last"]).cast("float64"),
        linear=1.0 / won["last"],
        position=_by_position(won.place, won["last"]),
        decay=won.fresh / won.fresh.sum().over(**whole),
        # Each of several touches of one channel is a part of it.
        shapley=(1.0 / won.again) / (1.0 / won.again).sum().over(**whole),
    )
    columns = {"first": "first", "last": "final", "linear": "linear", "position": "position", "decay": "decay"}
    columns["shapley"] = "shapley"
    figures: dict[str, ir.Value] = {model: parts[column].sum() for model, column in columns.items()}
    figures |= {f"{model}_worth": (parts[column] * parts.worth).sum() for model, column in columns.items()}
    return parts.group_by("channel").aggregate(customers=parts.customer_id.nunique(), touches=parts.count(), **figures)


def _by_position(place: ir.IntegerValue, last: ir.IntegerValue) -> ir.FloatingValue:
    ends = (place == 1) | (place == last)
    between = (1 - 2 * ENDS) / (last - 2)
    return ibis.cases((last == 1, 1.0), (last == 2, 0.5), (ends, ENDS), else_=between)


def journeys_of(found: ir.Table) -> ir.Table:
    """One row: won and lost journeys, the people behind the won ones, and what those are worth."""
    each = found.group_by("customer_id", "journey").aggregate(won=found.age_s.count() > 0, worth=found.worth.max())
    return each.aggregate(
        won=each.won.cast("int64").sum(),
        lost=(~each.won).cast("int64").sum(),
        customers=each.customer_id.nunique(where=each.won),
        worth=each.worth.sum(),
    )


def moves(found: ir.Table) -> ir.Table:
    """source, target, times: how often a journey goes from one channel to another; null is its beginning or end.

    `won` says of moves to the end whether it is a conversion.
    """
    line = {"group_by": [found.customer_id, found.journey], "order_by": found.place}
    rows = found.mutate(target=found.channel.lead(1).over(**line), won=found.age_s.notnull())
    later = rows.group_by(source=rows.channel, target=rows.target, won=rows.won).aggregate(times=rows.count())
    first = rows.filter(rows.place == 1)
    begun = first.group_by(source=ibis.null("string"), target=first.channel, won=ibis.literal(False)).aggregate(
        times=first.count()
    )
    return ibis.union(later, begun)


def people_won(found: ir.Table, channel: str) -> ir.Table:
    """One column, customer_id: the different people behind the conversions that a channel has a part in."""
    won = found.filter(found.age_s.notnull(), found.channel == channel)
    return won.select("customer_id").distinct()


def removal_effects(found: Sequence[Mapping[str, object]]) -> dict[str, float]:
    """What part of all conversions each channel is given by the Markov chain: parts of 1, or none without conversions.

    Args:
        found: Rows of `moves`.
    """
    channels = sorted({str(row["source"]) for row in found if row["source"] is not None})
    if not channels:
        return {}
    # Weight: a table is listed without it by those who ask for nothing else.
    import numpy as np

    state = {name: place for place, name in enumerate(channels, 1)}
    chain = np.zeros((len(channels) + 1, len(channels) + 1))
    ends = np.zeros(len(channels) + 1)
    for row in found:
        source = 0 if row["source"] is None else state[str(row["source"])]
        times = float(str(row["times"]))
        if row["target"] is not None:
            chain[source, state[str(row["target"])]] += times
        elif row["won"]:
            ends[source] += times
    leaving = chain.sum(axis=1) + ends + _lost(found, state)
    leaving[leaving == 0] = 1
    chain, ends = chain / leaving[:, None], ends / leaving
    whole = _chance(chain, ends, without=None)
    if whole <= 0:
        return {}
    lost = {name: max(0.0, 1 - _chance(chain, ends, without=place) / whole) for name, place in state.items()}
    total = sum(lost.values())
    return {name: each / total for name, each in lost.items()} if total else {}


def _lost(found: Sequence[Mapping[str, object]], state: Mapping[str, int]) -> "npt.NDArray[np.float64]":
    import numpy as np

    lost = np.zeros(len(state) + 1)
    for row in found:
        if row["target"] is None and row["source"] is not None and not row["won"]:
            lost[state[str(row["source"])]] += float(str(row["times"]))
    return lost


def _chance(chain: "npt.NDArray[np.float64]", ends: "npt.NDArray[np.float64]", *, without: int | None) -> float:
    """How likely a journey ends with a conversion; whoever comes to the channel left out is lost."""
    import numpy as np

    here, last = chain.copy(), ends.copy()
    if without is not None:
        here[without, :], last[without] = 0, 0
    return float(np.linalg.solve(np.eye(len(last)) - here, last)[0])
