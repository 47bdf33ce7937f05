"""Campaigns with random assignment, and what each one really does to each person."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from habitue.samples.dice import Bools, Dice, Floats, Ints, exp
from habitue.samples.orders import Lives, Orders, expected_orders, make_orders, sort_orders
from habitue.samples.people import NEVER, People
from habitue.samples.personas import PERSONAS, of_persona
from habitue.samples.span import DAY, DAYS, EVENING_HOUR, Span, seconds_of_day

RESPONSE_DAYS = 14
RESPONSES = ("lost_cause", "sure_thing", "persuadable", "sleeping_dog")
LOST, SURE, PERSUADABLE, DOG = range(4)
_SURE_FROM = 0.18
_PUT_OFF = 0.6
SEND_HOURS = (8, 12, 18, 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One mailing.

    Attributes:
        id: As written in every feed.
        name: For people.
        kind: promo, newsletter or service; service mail needs no marketing consent.
        days_before: Days from the send day to the last day of the sample.
        treated: Chance of being written to; the others are the control group.
        coupon: Code printed in the mail; empty for none.
        subject: Subject line.
    """

    id: str
    name: str
    kind: Literal["promo", "newsletter", "service"]
    days_before: int
    treated: float
    coupon: str
    subject: str

    @property
    def day(self) -> int:
        """Shop day of sending."""
        return DAYS - 1 - self.days_before


CAMPAIGNS = (
    Campaign(id="cmp-01", name="Summer stories", kind="newsletter", days_before=330, treated=0.5, coupon="",
             subject="Twelve ideas for long evenings"),
    Campaign(id="cmp-02", name="Autumn fifteen", kind="promo", days_before=268, treated=0.5, coupon="AUTUMN15",
             subject="15% off everything until Sunday"),
    Campaign(id="cmp-03", name="New terms", kind="service", days_before=190, treated=1.0, coupon="",
             subject="We have changed our terms of sale"),
    Campaign(id="cmp-04", name="Spring catalogue", kind="newsletter", days_before=120, treated=0.5, coupon="",
             subject="The spring catalogue is here"),
    Campaign(id="cmp-05", name="Spring twenty", kind="promo", days_before=62, treated=0.7, coupon="SPRING20",
             subject="20% off, this week only"),
    Campaign(id="cmp-06", name="Early summer", kind="promo", days_before=17, treated=0.5, coupon="SUMMER15",
             subject="15% off for the garden and the table"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignments:
    """Who was drawn for one campaign and what it would do to each.

    Attributes:
        campaign: Place in `CAMPAIGNS`.
        person: Place in the block.
        treated: True when written to, False in the control group.
        sent_at: When the mail went out or would have.
        response: Place in `RESPONSES`.
        without: Chance of an order within the response days if not written to.
        lift: What being written to adds to that chance; negative for sleeping dogs.
        unsubscribed_at: When the mail made them withdraw their consent; `NEVER` for most.
    """

    campaign: int
    person: Ints
    treated: Bools
    sent_at: Ints
    response: Ints
    without: Floats
    lift: Floats
    unsubscribed_at: Ints

    def __len__(self) -> int:
        """People drawn."""
        return len(self.person)


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """A block of people after all campaigns have been sent.

    Attributes:
        people: The same people; who unsubscribed may be written to until then only.
        orders: Their orders, with those that mails brought and without those that mails put off.
        lives: How each person's time as a customer ends.
        drawn: The assignments, one for each of `CAMPAIGNS`.
    """

    people: People
    orders: Orders
    lives: Lives
    drawn: tuple[Assignments, ...]


def run_campaigns(dice: Dice, people: People, orders: Orders, lives: Lives, span: Span) -> Season:
    """Assign people at random and let the mails add orders and, with sleeping dogs, take some away."""
    feelings = (dice.uniform(len(people)), dice.uniform(len(people)))
    season = Season(people=people, orders=orders, lives=lives, drawn=())
    for place, campaign in enumerate(CAMPAIGNS):
        each = _assign(dice, place, season, span, feelings[0 if campaign.kind == "promo" else 1])
        season = replace(season, drawn=(*season.drawn, each))
        if campaign.kind != "service":
            season = _respond(dice, season, each, span)
    return season


def _respond(dice: Dice, season: Season, each: Assignments, span: Span) -> Season:
    people = season.people
    kept = season.orders.only(~_put_off(dice, each, season.orders, len(people)))
    pushed = dice.chance(_push(people, each.person, each.campaign))
    who = each.person[each.treated & (each.response == PERSUADABLE) & pushed]
    wait = np.minimum((dice.exponential(len(who)) * 1.6).astype(np.int64), RESPONSE_DAYS - 3)
    day = CAMPAIGNS[each.campaign].day + 1 + wait
    at = span.moment(day, seconds_of_day(dice, len(who), EVENING_HOUR))
    extra = make_orders(dice, people, who, at, np.full(len(who), each.campaign, dtype=np.int64))
    churned_at = season.lives.churned_at.copy()
    churned_at[who] = np.maximum(churned_at[who], at + DAY)
    email_until = people.email_until.copy()
    email_until[each.person] = np.minimum(email_until[each.person], each.unsubscribed_at)
    return replace(
        season,
        people=replace(people, email_until=email_until),
        orders=sort_orders([kept, extra.only(at <= span.until)]),
        lives=replace(season.lives, churned_at=np.where(churned_at <= span.until, churned_at, NEVER)),
    )


def _assign(dice: Dice, place: int, season: Season, span: Span, feeling: Floats) -> Assignments:
    campaign, people = CAMPAIGNS[place], season.people
    size = len(people)
    hour = np.array(SEND_HOURS, dtype=np.int64)[dice.integers(size, 0, len(SEND_HOURS))]
    sent_at = span.moment(np.full(size, campaign.day, dtype=np.int64), hour * 3600 + dice.integers(size, 0, 900))
    may = (people.email_from <= sent_at) & (sent_at < people.email_until)
    if campaign.kind == "service":
        may = np.ones(size, dtype=bool)
    person = np.flatnonzero(may & (people.registered_at < sent_at))
    treated = dice.chance(campaign.treated, size)[person]
    alive = (season.lives.churned_at > sent_at)[person]
    mean = expected_orders(people, span, campaign.day + hour / 24, RESPONSE_DAYS)[person] * alive
    without = 1.0 - exp(-mean)
    response = _responses(campaign, people, person, without, alive, feeling[person])
    lift = np.where(response == PERSUADABLE, _push(people, person, place) * (1.0 - without), 0.0)
    lift = np.where(response == DOG, exp(-mean) - exp(-mean * (1.0 - _PUT_OFF)), lift)
    leaving = np.where(response == DOG, 0.25, 0.008) * (campaign.kind != "service")
    leaves = treated & dice.chance(leaving)
    return Assignments(
        campaign=place,
        person=person,
        treated=treated,
        sent_at=sent_at[person],
        response=response,
        without=without,
        lift=lift,
        unsubscribed_at=np.where(leaves, sent_at[person] + dice.integers(len(person), 600, 2 * DAY), NEVER),
    )


def _responses(
    campaign: Campaign, people: People, person: Ints, without: Floats, alive: Bools, feeling: Floats
) -> Ints:
    """Persuadables and sleeping dogs by persona and thrift; of the others, who buys anyway is a sure thing."""
    rest = np.where(without >= _SURE_FROM, SURE, LOST)
    if campaign.kind == "service":
        return rest
    pairs = [each.promo if campaign.kind == "promo" else each.news for each in PERSONAS]
    open_to = of_persona([pair[0] for pair in pairs], people.persona[person])
    touchy = of_persona([pair[1] for pair in pairs], people.persona[person])
    if campaign.kind == "promo":
        open_to = open_to * (0.5 + people.thrift[person])
    response = np.where(feeling < open_to, PERSUADABLE, rest)
    response = np.where(feeling >= 1.0 - touchy, DOG, response)
    return np.where(alive, response, LOST)


def _push(people: People, person: Ints, place: int) -> Floats:
    """Chance that a mail brings a persuadable to an order that would not have been."""
    if CAMPAIGNS[place].kind == "promo":
        return 0.10 + 0.30 * people.thrift[person]
    return np.full(len(person), 0.16, dtype=np.float64)


def _put_off(dice: Dice, drawn: Assignments, orders: Orders, size: int) -> Bools:
    """Orders that treated sleeping dogs do not make within the response days."""
    touched = np.zeros(size, dtype=np.int64)
    hit = drawn.treated & (drawn.response == DOG)
    touched[drawn.person[hit]] = drawn.sent_at[hit]
    sent = touched[orders.person]
    within = (sent > 0) & (orders.at > sent) & (orders.at <= sent + RESPONSE_DAYS * DAY)
    return within & dice.chance(_PUT_OFF, len(orders))
