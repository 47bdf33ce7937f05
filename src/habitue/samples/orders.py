"""When people order, what goes wrong, and when they leave."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from habitue.samples.dice import Bools, Dice, Floats, Ints
from habitue.samples.oddities import ODDITIES, Oddity
from habitue.samples.people import NEVER, People
from habitue.samples.personas import PERSONAS, of_persona
from habitue.samples.span import DAY, DAYS, EVENING_HOUR, Span, seconds_of_day

TROUBLES = ("", "late", "damaged", "wrong_item")
_TROUBLE_WEIGHTS = [87.5, 7.0, 4.0, 1.5]
_BAD_FACTOR = 3.5
STORE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """Orders of a block, by person and then time.

    Attributes:
        person: Place in the block.
        at: UTC seconds.
        channel: Place in `CHANNELS`.
        trouble: Place in `TROUBLES`.
        campaign: Campaign without which the order would not be; -1 for none.
    """

    person: Ints
    at: Ints
    channel: Ints
    trouble: Ints
    campaign: Ints

    def __len__(self) -> int:
        """Orders in the block."""
        return len(self.at)

    def only(self, keep: Bools) -> "Orders":
        """The orders marked."""
        return Orders(
            person=self.person[keep],
            at=self.at[keep],
            channel=self.channel[keep],
            trouble=self.trouble[keep],
            campaign=self.campaign[keep],
        )

    def is_first(self) -> Bools:
        """True for each person's first order in the sample."""
        return np.concatenate([[True], self.person[1:] != self.person[:-1]]) if len(self) else np.zeros(0, dtype=bool)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lives:
    """How each person's time as a customer ends.

    Attributes:
        churned_at: UTC seconds from which they do nothing any more; `NEVER` while they are still customers.
        trouble: Trouble that drove them away; 0 when interest just faded.
    """

    churned_at: Ints
    trouble: Ints


def sort_orders(parts: list[Orders]) -> Orders:
    """All parts as one, by person and then time."""
    person = np.concatenate([each.person for each in parts])
    at = np.concatenate([each.at for each in parts])
    place = np.lexsort((at, person))
    return Orders(
        person=person[place],
        at=at[place],
        channel=np.concatenate([each.channel for each in parts])[place],
        trouble=np.concatenate([each.trouble for each in parts])[place],
        campaign=np.concatenate([each.campaign for each in parts])[place],
    )


def order_moments(dice: Dice, channel: Ints, day: Ints, span: Span) -> Ints:
    """A moment on each day: shops sell by daylight, a part of the web sells in the evening."""
    evening = dice.chance(0.28, len(channel)) & (channel != STORE)
    second = np.where(evening, seconds_of_day(dice, len(channel), EVENING_HOUR), seconds_of_day(dice, len(channel)))
    return span.moment(day, second)


def simulate_orders(
    dice: Dice, people: People, span: Span, oddities: Sequence[Oddity] = ODDITIES
) -> tuple[Orders, Lives]:
    """Live the two years of a block of people.

    Orders come at each person's own rate, on busy days more often; each order may go wrong, and after each the person
    may leave for good, after a bad one 3.5 times as likely (a Pareto/NBD-like process with a reason).
    """
    churned_at = np.where(people.drifts_at <= span.until, people.drifts_at, NEVER)
    trouble = np.zeros(len(people), dtype=np.int64)
    last = np.maximum(people.registered_at, span.start)
    gathered = span.busy_before((last - span.start) / DAY, people.persona)
    leave = of_persona([each.leave for each in PERSONAS], people.persona)
    with_first = dice.chance(of_persona([each.first_order for each in PERSONAS], people.persona))
    active = np.flatnonzero(churned_at > last)
    parts: list[Orders] = []
    for step in range(400):
        if not len(active):
            break
        channel = dice.pick_rows(people.channels, active)
        if step == 0:
            starts = with_first[active] & (people.registered_at[active] >= span.start)
            at = last[active] + dice.integers(len(active), 240, 3600)
            taken = starts & (at <= span.until)
            stay = np.ones(len(active), dtype=bool)
        else:
            gathered[active] += dice.exponential(len(active)) / people.rate[active]
            day = span.day_when(gathered[active], people.persona[active])
            at = order_moments(dice, channel, np.minimum(day, DAYS - 1), span)
            at = np.maximum(at, last[active] + dice.integers(len(active), 1200, 20_000))
            taken = (day < DAYS) & (at <= span.until) & (at < churned_at[active])
            stay = taken
        made = _make(dice, active[taken], at[taken], channel[taken])
        last[made.person] = made.at
        bad = 1.0 + (_BAD_FACTOR - 1.0) * (made.trouble > 0)
        leaves = dice.chance(leave[made.person] * bad)
        gone = made.person[leaves]
        churned_at[gone] = made.at[leaves] + dice.integers(len(gone), 2 * DAY, 12 * DAY)
        trouble[gone] = made.trouble[leaves]
        parts.append(made)
        stay[np.isin(active, gone)] = False
        active = active[stay]
    churned_at = np.where(churned_at <= span.until, churned_at, NEVER)
    return _without_outages(dice, sort_orders(parts), people, span, oddities), Lives(
        churned_at=churned_at, trouble=trouble
    )


def _make(dice: Dice, person: Ints, at: Ints, channel: Ints) -> Orders:
    trouble = dice.pick(len(person), _TROUBLE_WEIGHTS)
    return Orders(
        person=person,
        at=at,
        channel=channel,
        trouble=np.where(channel == STORE, 0, trouble),
        campaign=np.full(len(person), -1, dtype=np.int64),
    )


def make_orders(dice: Dice, people: People, person: Ints, at: Ints, campaign: Ints) -> Orders:
    """Orders that a campaign brought, on the web or in the app."""
    channel = np.where(dice.pick_rows(people.channels, person) == 1, 1, 0)
    return replace(_make(dice, person, at, channel), campaign=campaign)


def _without_outages(dice: Dice, orders: Orders, people: People, span: Span, oddities: Sequence[Oddity]) -> Orders:
    """Drop what the planted outages kept people from ordering."""
    day = span.day_of(orders.at)
    lost = np.zeros(len(orders), dtype=np.float64)
    for each in oddities:
        if each.metric == "orders":
            hit = each.covers(day)
            if each.channel is not None:
                hit = hit & (orders.channel == each.channel)
            if each.country is not None:
                hit = hit & (people.country[orders.person] == each.country)
            lost = np.where(hit, each.lost, lost)
    return orders.only(~dice.chance(lost))


def expected_orders(people: People, span: Span, begin: Floats, days: int) -> Floats:
    """Mean number of own orders of each person in [begin, begin + days), in days from the start."""
    gathered = span.busy_before(begin + days, people.persona) - span.busy_before(begin, people.persona)
    return np.minimum(people.rate * gathered, 8.9)
