"""Visits to the web shop and the app: who comes, when, and what they do there."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from habitue.samples.baskets import Baskets
from habitue.samples.campaigns import Season
from habitue.samples.dice import Bools, Dice, Floats, Ints
from habitue.samples.mails import Mails
from habitue.samples.oddities import ODDITIES, Oddity
from habitue.samples.orders import STORE
from habitue.samples.people import People
from habitue.samples.personas import PERSONAS, of_persona
from habitue.samples.span import DAY, DAYS, EVENING_HOUR, Span, seconds_of_day

TRACKED_DAYS = 365
SOURCES = ("direct", "organic", "paid_search", "social", "email", "affiliate")
DIRECT, SOCIAL, EMAIL = 0, 3, 4
_SOURCE_WEIGHTS = [34.0, 30.0, 16.0, 11.0, 0.0, 9.0]
_LOGGED_OUT = 0.08
_STRANGERS = 0.16


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Visits of a block, one array entry each.

    Attributes:
        person: Place in the block; whose taste is borrowed, for strangers.
        stranger: Place among the block's strangers; -1 for visits of people.
        at: Start; for a visit that ends in an order, the moment of the order.
        order: Place of that order; -1 for none.
        app: True in the app, False on the web.
        known: True when logged in.
        device: 0 or 1, which of the person's two devices.
        source: Place in `SOURCES`.
        campaign: Campaign of an e-mail click; -1 for none.
        viewed: Products looked at, besides those ordered.
        added: Products put in the basket, of those looked at.
        cart: True when the basket was looked at.
        checkout: True when the checkout was begun.
    """

    person: Ints
    stranger: Ints
    at: Ints
    order: Ints
    app: Bools
    known: Bools
    device: Ints
    source: Ints
    campaign: Ints
    viewed: Ints
    added: Ints
    cart: Bools
    checkout: Bools

    def __len__(self) -> int:
        """Visits in the block."""
        return len(self.at)


def make_visits(
    dice: Dice,
    season: Season,
    baskets: Baskets,
    mails: Mails,
    span: Span,
    *,
    oddities: Sequence[Oddity] = ODDITIES,
) -> Visits:
    """Every visit of the last year, from which on the web shop is tracked, with the planted dips and peaks."""
    begin = int(span.moment(np.array([DAYS - TRACKED_DAYS]), np.array([0]))[0])
    parts = [
        _ordering(dice, season, baskets, begin),
        _browsing(dice, season, span),
        _clicking(dice, season.people, mails),
    ]
    usual = sum(len(each) for each in parts) / TRACKED_DAYS
    parts.append(_strangers(dice, season.people, usual, span, oddities))
    names = [each.name for each in fields(Visits)]
    visits = Visits(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
    keep = ~dice.chance(_lost(visits, season.people, span, oddities)) & (visits.at >= begin) & (visits.at <= span.until)
    return Visits(**{name: getattr(visits, name)[keep] for name in names})


def _glances(dice: Dice, person: Ints, at: Ints, app: Bools) -> Visits:
    """Visits that only look at a page; all others begin as these."""
    size = len(person)
    no = np.zeros(size, dtype=bool)
    return Visits(
        person=person,
        stranger=np.full(size, -1, dtype=np.int64),
        at=at,
        order=np.full(size, -1, dtype=np.int64),
        app=app,
        known=~no,
        device=dice.chance(0.3, size).astype(np.int64),
        source=np.where(app, DIRECT, dice.pick(size, _SOURCE_WEIGHTS)),
        campaign=np.full(size, -1, dtype=np.int64),
        viewed=np.zeros(size, dtype=np.int64),
        added=np.zeros(size, dtype=np.int64),
        cart=no,
        checkout=no,
    )


def _ordering(dice: Dice, season: Season, baskets: Baskets, begin: int) -> Visits:
    """The visit before every order on the web or in the app; some orders are one tap from the list of past ones."""
    orders = season.orders
    order = np.flatnonzero((orders.channel != STORE) & (orders.at >= begin) & dice.chance(0.6, len(orders)))
    size = len(order)
    visits = _glances(dice, orders.person[order], orders.at[order], orders.channel[order] == 1)
    yes = np.ones(size, dtype=bool)
    lines = np.minimum(baskets.starts[order + 1] - baskets.starts[order], 3)
    extra = dice.pick(size, [60.0, 30.0, 10.0])
    return replace(visits, order=order, viewed=extra, added=lines, cart=yes, checkout=yes)


def _looks(dice: Dice, visits: Visits, fills: Floats) -> Visits:
    """Let visitors look around: a third leave at once, some fill a basket and leave it."""
    size = len(visits)
    bounce = dice.chance(0.32, size)
    viewed = np.where(bounce, 0, 1 + np.minimum(dice.poisson(np.full(size, 0.9)), 5))
    carts = dice.chance(fills) & ~bounce
    viewed = np.where(carts, viewed + dice.integers(size, 0, 3), viewed)
    wanted = 1 + dice.integers(size, 0, 4)
    return replace(
        visits,
        known=~dice.chance(_LOGGED_OUT, size),
        viewed=viewed,
        added=np.where(carts, np.minimum(viewed, wanted), 0),
        cart=carts & dice.chance(0.85, size),
        checkout=carts & dice.chance(0.3, size),
    )


def _browsing(dice: Dice, season: Season, span: Span) -> Visits:
    """Visits without an order, at each person's own rate, while they are customers."""
    people = season.people
    begin = np.maximum((people.registered_at - span.start) / DAY, float(DAYS - TRACKED_DAYS))
    end = np.minimum((season.lives.churned_at - span.start) / DAY, float(DAYS))
    low = span.busy_before(begin, people.persona)
    high = np.maximum(span.busy_before(end, people.persona), low)
    rate = of_persona([each.visits for each in PERSONAS], people.persona) * dice.lognormal(len(people), 0.7)
    count = dice.poisson(np.minimum(0.9 * rate * (high - low) / 365, 8.9))
    person = np.repeat(np.arange(len(people), dtype=np.int64), count)
    spot = low[person] + (high - low)[person] * dice.uniform(len(person))
    day = np.minimum(span.day_when(spot, people.persona[person]), DAYS - 1)
    app = dice.pick_rows(people.channels, person) == 1
    at = np.maximum(span.moment(day, seconds_of_day(dice, len(person), EVENING_HOUR)), people.registered_at[person])
    fills = of_persona([each.cart for each in PERSONAS], people.persona[person])
    return _looks(dice, _glances(dice, person, at, app), fills)


def _clicking(dice: Dice, people: People, mails: Mails) -> Visits:
    """The visit that follows the first click in a mail."""
    person, at = mails.visitor, mails.visited_at
    visits = _glances(dice, person, at + 4, np.zeros(len(person), dtype=bool))
    fills = 0.5 * of_persona([each.cart for each in PERSONAS], people.persona[person])
    source = np.full(len(person), EMAIL, dtype=np.int64)
    return replace(_looks(dice, visits, fills), source=source, campaign=mails.visit_campaign)


def _strangers(dice: Dice, people: People, daily: float, span: Span, oddities: Sequence[Oddity]) -> Visits:
    """Visitors who never say who they are, mostly for one visit; after the shared video there are more of them."""
    usual = int(len(people) * _STRANGERS)
    day = DAYS - 1 - dice.integers(usual, 0, TRACKED_DAYS)
    social = [np.zeros(usual, dtype=bool)]
    for each in oddities:
        if each.lost < 0:
            more = int(-each.lost * each.days * daily)
            day = np.concatenate([day, DAYS - 1 - each.ends_before - dice.integers(more, 0, each.days)])
            social.append(np.ones(more, dtype=bool))
    size = len(day)
    person = dice.integers(size, 0, len(people))
    app = np.zeros(size, dtype=bool)
    visits = _glances(dice, person, span.moment(day, seconds_of_day(dice, size, EVENING_HOUR)), app)
    visits = _looks(dice, visits, np.full(size, 0.15))
    return replace(
        visits,
        stranger=np.arange(size, dtype=np.int64),
        known=app,
        checkout=app,
        source=np.where(np.concatenate(social), SOCIAL, visits.source),
    )


def _lost(visits: Visits, people: People, span: Span, oddities: Sequence[Oddity]) -> Floats:
    """Chance that each visit did not happen because of a planted dip; orders stay, made from the list of past ones."""
    day = span.day_of(visits.at)
    lost = np.zeros(len(visits), dtype=np.float64)
    for each in oddities:
        if each.metric == "visits" and each.lost > 0:
            hit = each.covers(day)
            if each.country is not None:
                hit = hit & (people.country[visits.person] == each.country)
            lost = np.where(hit, each.lost, lost)
    return lost
