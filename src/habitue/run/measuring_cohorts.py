"""Cohorts of an open project, as a role is shown them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from habitue.errors import HabitueError
from habitue.govern.roles import Access, Permission
from habitue.govern.suppression import LEAST_GROUP, apart, hidden_parts
from habitue.measure.cohorts import USUAL_EVENT, CohortPlan, amounts, earliest, firsts, returns, sizes
from habitue.measure.frame import Frame, MeasureEventError, MeasurePropertyError, Step, read_step
from habitue.measure.periods import Every, Period, every_named
from habitue.rules.catalogue import Catalogue
from habitue.rules.windows import local_midnight
from habitue.run.drawn_customers import Draw, Estimated, draw_customers
from habitue.run.id_ranges import Part
from habitue.run.measuring_frame import EVERYTHING, Asked, Keep, frame_of
from habitue.run.veiling import rough, rounded
from habitue.run.workspace import Workspace

MOST_COHORTS: Final = 120
Key = tuple[date, int]


class CohortsManyError(HabitueError):
    """There are more cohorts than anybody can look at."""

    code = "COHORTS-MANY"

    def __init__(self, every: Every) -> None:
        super().__init__(
            what=f"There are more than {MOST_COHORTS} cohorts by {every}.",
            do="Give a later --since, or ask for weeks or months.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortsAsked:
    """Cohorts as they are asked for at a door.

    Attributes:
        event: What people do for the first time, `EVENT` or `EVENT where CONDITION`.
        again: What they come again for; empty for the same.
        every: `day`, `week` or `month`.
        revenue: `EVENT.PROPERTY` that holds money, or a property of what they come again for; empty for none.
        about: Whose, and of which time: cohorts begin at `since` or later.
    """

    event: str = USUAL_EVENT
    again: str = ""
    every: str = Every.MONTH.value
    revenue: str = ""
    about: Asked = EVERYTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenReturn:
    """One cohort some steps later, as a role is shown it; figures are None when they are hidden.

    Attributes:
        later: How many steps after that of the first event; 0 for the same.
        customers: How many came again.
        share: As a share of the cohort.
        revenue: What they paid then; None where no revenue was asked for.
        hidden: Whether the figures are hidden.
    """

    later: int
    customers: int | None
    share: float | None
    revenue: Decimal | float | None
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenCohort:
    """The people of one first day, week or month.

    Attributes:
        start: Its first day, as ISO 8601.
        customers: How many they are; None when hidden.
        steps: Each step up to the end, the first one first; the last may not be over yet.
        margin: Of an estimate, how far off `customers` may be, 19 times in 20.
    """

    start: str
    customers: int | None
    steps: tuple[SeenReturn, ...]
    margin: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenCohorts(Estimated):
    """Cohorts as a role is shown them.

    Attributes:
        event: What people did for the first time.
        again: What they came again for.
        every: `day`, `week` or `month`.
        revenue: What was summed; empty for nothing.
        until: The first instant that does not count any more.
        cohorts: The oldest first; those of nobody are there too.
        rounded: Whether figures are rounded, for roles that see no people.
    """

    event: str
    again: str
    every: Every
    revenue: str
    until: datetime
    cohorts: tuple[SeenCohort, ...]
    rounded: bool


def measure_cohorts(
    workspace: Workspace, access: Access, asked: CohortsAsked, *, estimate: bool = False
) -> SeenCohorts:
    """How many come again; without people rounded, and nothing about few.

    Args:
        workspace: The open project.
        access: Who asks.
        asked: What is asked.
        estimate: Whether some people are enough where there are many.

    Raises:
        HabitueError: It does not fit the project, or the role sees no figures.
    """
    access.need(Permission.SEE_AGGREGATES)
    plan = cohorts_plan(workspace.project.catalogue, asked)
    draw = draw_customers(workspace, estimate=estimate)
    with workspace.warehouse.keeping() as keep:
        frame = cohorts_frame(workspace, plan, asked, keep, draw)
        always = replace(frame, since=None)
        period = cohorts_period(workspace, plan, frame)
        cohorts: tuple[SeenCohort, ...] = ()
        if period is not None:
            people = keep(firsts(plan, always, period))
            fetch = workspace.warehouse.fetch
            counted = {row["start"]: row["customers"] for row in fetch(sizes(people)).to_pylist()}
            again = {
                (row["start"], row["later"]): row["customers"]
                for row in fetch(returns(plan, always, people, period)).to_pylist()
            }
            paid = amounts(plan, always, people, period)
            rows = fetch(paid).to_pylist() if paid is not None else []
            money = {(row["start"], row["later"]): row["amount"] for row in rows}
            cohorts = _shown(access, _Found(period, plan, counted, again, money))
    told = draw.told(access)
    return SeenCohorts(
        is_estimate=told.is_estimate,
        looked_at=told.looked_at,
        everybody=told.everybody,
        event=plan.first.text,
        again=plan.again.text,
        every=plan.every,
        revenue=asked.revenue,
        until=frame.until,
        cohorts=cohorts if draw.is_all else tuple(_scaled(access, each, draw) for each in cohorts),
        rounded=not access.sees_people,
    )


def cohorts_frame(
    workspace: Workspace, plan: CohortPlan, asked: CohortsAsked, keep: Keep, draw: Part | None = None
) -> Frame:
    """The events that cohorts look at; so many days back means from the whole step on that the first of them is in.

    Raises:
        HabitueError: The rule does not fit the project, the period is none, or nothing was built yet.
    """
    frame = frame_of(workspace, asked.about, keep, draw)
    if not asked.about.days or asked.about.since is not None or frame.since is None:
        return frame
    zone = frame.catalogue.zone
    first = plan.every.start(frame.since.astimezone(zone).date())
    return replace(frame, since=local_midnight(first, zone))


def cohorts_plan(catalogue: Catalogue, asked: CohortsAsked) -> CohortPlan:
    """What makes a cohort.

    Raises:
        HabitueError: It does not fit the project.
    """
    first = read_step(asked.event, catalogue)
    again = read_step(asked.again, catalogue) if asked.again else first
    paid, amount = _revenue(catalogue, again, asked.revenue)
    return CohortPlan(first=first, again=again, paid=paid, amount=amount, every=every_named(asked.every))


def _revenue(catalogue: Catalogue, again: Step, revenue: str) -> tuple[Step | None, str]:
    """Which events bring money, and the property that says how much."""
    if not revenue:
        return None, ""
    event, dot, name = revenue.rpartition(".")
    if dot and event not in catalogue.events:
        raise MeasureEventError(event, catalogue)
    step = Step(text=event, event=event) if dot else again
    shape = catalogue.events[step.event]
    kind = shape.properties.get(name)
    if kind is None or not kind.is_numeric:
        raise MeasurePropertyError(name, [each for each, of in shape.properties.items() if of.is_numeric])
    return step, name


def cohorts_period(workspace: Workspace, plan: CohortPlan, frame: Frame) -> Period | None:
    """From the earliest cohort to the end; None where there is none.

    Raises:
        CohortsManyError: There are too many.
    """
    at = workspace.warehouse.fetch(earliest(plan, frame)).to_pylist()[0]["at"]
    if at is None:
        return None
    period = Period(since=at.replace(tzinfo=UTC), until=frame.until, zone=frame.catalogue.zone)
    if len(period.steps(plan.every)) > MOST_COHORTS:
        raise CohortsManyError(plan.every)
    return period


@dataclass(frozen=True, slots=True)
class _Found:
    period: Period
    plan: CohortPlan
    sizes: Mapping[date, int]
    again: Mapping[Key, int]
    money: Mapping[Key, Decimal]


def _shown(access: Access, found: _Found) -> tuple[SeenCohort, ...]:
    starts = [each.day for each in found.period.steps(found.plan.every)]
    counts = [found.sizes.get(each, 0) for each in starts]
    unseen = frozenset[int]() if access.sees_people else hidden_parts(counts)
    seen = []
    for place, (start, size) in enumerate(zip(starts, counts, strict=True)):
        steps = [_step(found, (start, later)) for later in range(len(starts) - place)]
        if not access.sees_people:
            steps = _veiled(steps, size, hidden=place in unseen)
        kept = None if place in unseen else size if access.sees_people else rounded(size)
        seen.append(SeenCohort(start=start.isoformat(), customers=kept, steps=tuple(steps)))
    return tuple(seen)


def _scaled(access: Access, cohort: SeenCohort, draw: Draw) -> SeenCohort:
    """A cohort as it is among all; what may be shown was decided by those who were looked at."""
    if cohort.customers is None:
        return cohort
    steps = tuple(_scaled_step(access, each, draw) for each in cohort.steps)
    customers, margin = draw.shown(cohort.customers, access), draw.margin(cohort.customers)
    return replace(cohort, customers=customers, steps=steps, margin=margin)


def _scaled_step(access: Access, step: SeenReturn, draw: Draw) -> SeenReturn:
    customers = None if step.customers is None else draw.shown(step.customers, access)
    revenue = step.revenue
    if revenue is not None:
        among_all = draw.amount(float(revenue))
        revenue = Decimal(round(among_all)) if access.sees_people else rough(among_all)
    return replace(step, customers=customers, revenue=revenue)


def _step(found: _Found, key: Key) -> SeenReturn:
    customers, size = found.again.get(key, 0), found.sizes.get(key[0], 0)
    revenue = found.money.get(key, Decimal(0)) if found.plan.paid is not None else None
    return SeenReturn(later=key[1], customers=customers, share=customers / size if size else None, revenue=revenue)


def _veiled(steps: Sequence[SeenReturn], size: int, *, hidden: bool) -> list[SeenReturn]:
    gone = range(len(steps)) if hidden else apart([each.customers or 0 for each in steps], size)
    return [_blind(each, size, hidden=place in gone) for place, each in enumerate(steps)]


def _blind(step: SeenReturn, size: int, *, hidden: bool) -> SeenReturn:
    if hidden or step.customers is None or size < LEAST_GROUP:
        return SeenReturn(later=step.later, customers=None, share=None, revenue=None, hidden=True)
    customers = rounded(step.customers)
    revenue = None if step.revenue is None else rough(float(step.revenue))
    return replace(step, customers=customers, share=customers / rounded(size), revenue=revenue)
