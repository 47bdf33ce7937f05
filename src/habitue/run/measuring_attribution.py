"""Attribution in an open project, as a role is shown it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from habitue.errors import HabitueError
from habitue.govern.roles import Access, Permission
from habitue.govern.suppression import LEAST_GROUP, hidden_parts
from habitue.measure.attribution import (
    MODELS,
    AttributionPlan,
    credit_rows,
    journeys_of,
    moves,
    removal_effects,
    touches,
)
from habitue.measure.dimensions import dimensions_of
from habitue.measure.frame import Frame, MeasurePropertyError, read_step
from habitue.records.durations import parse_duration
from habitue.rules.catalogue import Catalogue
from habitue.rules.numbers import significant
from habitue.run.drawn_customers import Draw, Estimated, draw_customers
from habitue.run.measuring_frame import EVERYTHING, Asked, frame_of
from habitue.run.veiling import rough, rounded
from habitue.run.workspace import Workspace

MOST_CHANNELS: Final = 200
USUAL_GOAL: Final = "Order Completed"
_MARKOV: Final = "markov"


class ChannelsManyError(HabitueError):
    """A property has too many values to be channels."""

    code = "CHANNELS-MANY"

    def __init__(self, name: str) -> None:
        super().__init__(
            what=f"{name!r} has more than {MOST_CHANNELS} values, which are too many channels.",
            do="Take a property with fewer values, or narrow the touches: 'EVENT where CONDITION'.",
        )


class HalfLifeError(HabitueError):
    """A half-life of nothing."""

    code = "HALF-LIFE"

    def __init__(self) -> None:
        super().__init__(what="The half-life is no time at all.", do="Give one such as 7d.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionAsked:
    """Attribution as it is asked for at a door.

    Attributes:
        touch: What people are touched by, `EVENT` or `EVENT where CONDITION`.
        by: Its property that says through what.
        to: The conversion; each one counts.
        value: A property of the conversion that says what it is worth; empty for none.
        within: Longest time from a touch to the conversion; empty without a limit.
        half_life: Of `decay`.
        about: Whose, and of which time.
    """

    touch: str
    by: str
    to: str = USUAL_GOAL
    value: str = ""
    within: str = "30d"
    half_life: str = "7d"
    about: Asked = EVERYTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenCredit:
    """What one model gives a channel, as a role is shown it; figures are None when they are hidden.

    Attributes:
        model: One of `MODELS`.
        conversions: How many, as a sum of parts.
        share: Of all conversions with a touch.
        worth: What they are worth; None where that was not asked for.
    """

    model: str
    conversions: float | None
    share: float | None
    worth: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenChannel:
    """A channel.

    Attributes:
        channel: Its value; None for all that are hidden together.
        customers: Different people behind the conversions that it has a part in; None when hidden.
        credits: By model.
        hidden: Whether its figures are hidden.
        margin: Of an estimate, how far off `customers` may be, 19 times in 20.
    """

    channel: str | None
    customers: int | None
    credits: tuple[SeenCredit, ...]
    hidden: bool = False
    margin: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenAttribution(Estimated):
    """Attribution as a role is shown it.

    Attributes:
        touch: What people are touched by.
        by: Its property that says through what.
        to: The conversion.
        value: What was summed; empty for nothing.
        since: The first instant that counts; None from the beginning.
        until: The first instant that does not count any more.
        conversions: With a touch before them; None when hidden.
        lost: Journeys that ended without one; None when hidden.
        channels: By the share that `shapley` gives them, the largest first.
        rounded: Whether figures are rounded, for roles that see no people.
    """

    touch: str
    by: str
    to: str
    value: str
    since: datetime | None
    until: datetime
    conversions: int | None
    lost: int | None
    channels: tuple[SeenChannel, ...]
    rounded: bool


def measure_attribution(
    workspace: Workspace, access: Access, asked: AttributionAsked, *, estimate: bool = False
) -> SeenAttribution:
    """Which channels conversions are put down to; without people rounded, and nothing about few.

    Args:
        workspace: The open project.
        access: Who asks.
        asked: What is put down to what.
        estimate: Whether some people are enough where there are many.

    Raises:
        HabitueError: It does not fit the project, or the role sees no figures.
    """
    access.need(Permission.SEE_AGGREGATES)
    plan = attribution_plan(workspace.project.catalogue, asked)
    fetch, draw = workspace.warehouse.fetch, draw_customers(workspace, estimate=estimate)
    with workspace.warehouse.keeping() as keep:
        frame = frame_of(workspace, asked.about, keep, draw)
        _refuse_many(workspace, plan, frame)
        found = keep(touches(plan, frame))
        whole = fetch(journeys_of(found)).to_pylist()[0]
        rows = fetch(credit_rows(plan, found)).to_pylist()
        effects = removal_effects(fetch(moves(found)).to_pylist())
    rows.sort(key=lambda row: (-(significant(row["shapley"]) or 0.0), row["channel"]))
    is_seen = access.sees_people or whole["customers"] >= LEAST_GROUP
    won, lost = whole["won"] or 0, whole["lost"] or 0
    told = draw.told(access)
    seen = SeenAttribution(
        is_estimate=told.is_estimate,
        looked_at=told.looked_at,
        everybody=told.everybody,
        touch=plan.touch.text,
        by=plan.channel,
        to=plan.goal.text,
        value=plan.value,
        since=frame.since,
        until=frame.until,
        conversions=_counted(access, won) if is_seen else None,
        lost=_counted(access, lost) if access.sees_people or lost >= LEAST_GROUP else None,
        channels=_channels(access, plan, rows, _Whole(won=won, worth=whole["worth"] or 0.0, effects=effects)),
        rounded=not access.sees_people,
    )
    return seen if draw.is_all else _scaled(access, seen, draw)


def _scaled(access: Access, seen: SeenAttribution, draw: Draw) -> SeenAttribution:
    """Attribution as it is among all; what may be shown was decided by those who were looked at."""

    def size(count: int | None) -> int | None:
        # Somebody may convert several times: not bounded by how many customers there are.
        return None if count is None else _counted(access, round(draw.amount(count)))

    def channel(each: SeenChannel) -> SeenChannel:
        if each.customers is None:
            return each
        given = tuple(_scaled_credit(access, credit, draw) for credit in each.credits)
        return replace(each, customers=size(each.customers), credits=given, margin=draw.margin(each.customers))

    channels = tuple(channel(each) for each in seen.channels)
    return replace(seen, conversions=size(seen.conversions), lost=size(seen.lost), channels=channels)


def _scaled_credit(access: Access, credit: SeenCredit, draw: Draw) -> SeenCredit:
    def scaled(value: float | None) -> float | None:
        return None if value is None else _figure(draw.amount(value), exact=access.sees_people)

    return replace(credit, conversions=scaled(credit.conversions), worth=scaled(credit.worth))


def attribution_plan(catalogue: Catalogue, asked: AttributionAsked) -> AttributionPlan:
    """What is put down to what.

    Raises:
        HabitueError: It does not fit the project.
    """
    goal, touch = read_step(asked.to, catalogue), read_step(asked.touch, catalogue)
    channels = [each for each in dimensions_of(catalogue, [touch.event]) if "." not in each]
    if asked.by not in channels:
        raise MeasurePropertyError(asked.by, channels)
    sums = [each for each, kind in catalogue.events[goal.event].properties.items() if kind.is_numeric]
    if asked.value and asked.value not in sums:
        raise MeasurePropertyError(asked.value, sums)
    half_life = parse_duration(asked.half_life)
    if not half_life:
        raise HalfLifeError
    return AttributionPlan(
        goal=goal,
        touch=touch,
        channel=asked.by,
        value=asked.value,
        within=parse_duration(asked.within) if asked.within else None,
        half_life=half_life,
    )


def _refuse_many(workspace: Workspace, plan: AttributionPlan, frame: Frame) -> None:
    rows = frame.rows(plan.touch)
    if workspace.warehouse.count(rows.select(plan.channel).distinct().limit(MOST_CHANNELS + 2)) > MOST_CHANNELS:
        raise ChannelsManyError(plan.channel)


@dataclass(frozen=True, slots=True)
class _Whole:
    won: int
    worth: float
    effects: Mapping[str, float]


def _channels(
    access: Access, plan: AttributionPlan, rows: Sequence[Mapping[str, Any]], whole: _Whole
) -> tuple[SeenChannel, ...]:
    gone = frozenset[int]() if access.sees_people else hidden_parts([row["customers"] for row in rows])
    seen = []
    for place, row in enumerate(rows):
        if place not in gone:
            given = tuple(_credit(access, plan, row, model, whole) for model in MODELS)
            customers = _counted(access, row["customers"])
            seen.append(SeenChannel(channel=row["channel"], customers=customers, credits=given))
    if gone:
        # The names alone would tell what few people did.
        nothing = tuple(SeenCredit(model=model, conversions=None, share=None, worth=None) for model in MODELS)
        seen.append(SeenChannel(channel=None, customers=None, credits=nothing, hidden=True))
    return tuple(seen)


def _credit(access: Access, plan: AttributionPlan, row: Mapping[str, Any], model: str, whole: _Whole) -> SeenCredit:
    if model == _MARKOV:
        part = whole.effects.get(row["channel"], 0.0)
        conversions, worth = part * whole.won, part * whole.worth
    else:
        conversions, worth = row[model], row[f"{model}_worth"]
    share = conversions / whole.won if whole.won else None
    exact = access.sees_people
    return SeenCredit(
        model=model,
        conversions=_figure(conversions, exact=exact),
        share=_figure(share, exact=exact),
        worth=_figure(worth, exact=exact) if plan.value else None,
    )


def _figure(value: float | None, *, exact: bool) -> float | None:
    """Sums of parts to nine digits: the engine adds them up in any order."""
    summed = None if value is None else significant(value)
    return summed if exact else rough(summed)


def _counted(access: Access, count: int) -> int:
    return count if access.sees_people else rounded(count)
