"""What became of each mail: delivered, opened, clicked, unsubscribed."""

from dataclasses import dataclass

import numpy as np

from habitue.samples.campaigns import CAMPAIGNS, DOG, PERSUADABLE, Assignments, Season
from habitue.samples.dice import Bools, Dice, Floats, Ints
from habitue.samples.people import NEVER
from habitue.samples.span import DAY, Span, to_local

STEPS = ("Email Sent", "Email Delivered", "Email Opened", "Email Link Clicked", "Unsubscribed")
LINKS = ("/sale", "/new", "/gifts", "/stories", "/c/home", "/c/kitchen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mails:
    """Mail events of a block, and the visits that clicks brought.

    Attributes:
        person, campaign, step, at: One entry an event: place in the block, in `CAMPAIGNS`, in `STEPS`; UTC seconds.
        link: Place in `LINKS` of a click; -1 for other events.
        visitor, visit_campaign, visited_at: One entry for each person and campaign with a click.
    """

    person: Ints
    campaign: Ints
    step: Ints
    at: Ints
    link: Ints
    visitor: Ints
    visit_campaign: Ints
    visited_at: Ints


def read_mails(dice: Dice, season: Season, span: Span) -> Mails:
    """Let everybody who was written to read their mail, best at their own hour."""
    steps: list[tuple[Ints, Ints, int, Ints]] = []
    visits: list[tuple[Ints, Ints, Ints]] = []
    for drawn in season.drawn:
        person, sent_at = drawn.person[drawn.treated], drawn.sent_at[drawn.treated]
        campaign = np.full(len(person), drawn.campaign, dtype=np.int64)
        arrives = dice.chance(0.975, len(person))
        opens = arrives & dice.chance(_opening(season, drawn))
        opened_at = _opened_at(dice, season, person, sent_at, span)
        clicks = opens & dice.chance(_clicking(season, drawn))
        again = clicks & dice.chance(0.35, len(person))
        clicked_at = opened_at + dice.integers(len(person), 15, 400)
        left_at = drawn.unsubscribed_at[drawn.treated]
        for number, who, at in (
            (0, np.ones(len(person), dtype=bool), sent_at),
            (1, arrives, sent_at + dice.integers(len(person), 1, 90)),
            (2, opens, opened_at),
            (3, clicks, clicked_at),
            (3, again, clicked_at + dice.integers(len(person), 20, 3 * DAY)),
            (4, left_at < NEVER, left_at),
        ):
            steps.append((person[who], campaign[who], number, at[who]))
        visits.append((person[clicks], campaign[clicks], clicked_at[clicks]))
    step = np.concatenate([np.full(len(each[0]), each[2], dtype=np.int64) for each in steps])
    at = np.concatenate([each[3] for each in steps])
    done = at <= span.until
    links = dice.integers(len(step), 0, len(LINKS))
    return Mails(
        person=np.concatenate([each[0] for each in steps])[done],
        campaign=np.concatenate([each[1] for each in steps])[done],
        step=step[done],
        at=at[done],
        link=np.where(step == 3, links, -1)[done],
        visitor=np.concatenate([each[0] for each in visits]),
        visit_campaign=np.concatenate([each[1] for each in visits]),
        visited_at=np.concatenate([each[2] for each in visits]),
    )


def _hours_off(season: Season, person: Ints, sent_at: Ints) -> Ints:
    """Hours from sending to the person's best hour, at most 12 in either direction."""
    sent_hour = to_local(sent_at) % DAY // 3600
    apart = np.abs(sent_hour - season.people.send_hour[person])
    return np.asarray(np.minimum(apart, 24 - apart), dtype=np.int64)


def _opening(season: Season, drawn: Assignments) -> Floats:
    """Chance of opening: twice as good within an hour of the best one as far from it; a tenth once they have left."""
    person, sent_at = drawn.person[drawn.treated], drawn.sent_at[drawn.treated]
    off = _hours_off(season, person, sent_at)
    chance = np.where(off <= 1, 0.5, np.where(off <= 4, 0.36, 0.24))
    gone: Bools = season.lives.churned_at[person] <= sent_at
    return np.where(gone, 0.1, 1.0) * chance


def _clicking(season: Season, drawn: Assignments) -> Floats:
    """Chance of a click once opened: the thrifty follow promotions, persuadables follow everything."""
    person, response = drawn.person[drawn.treated], drawn.response[drawn.treated]
    kind = CAMPAIGNS[drawn.campaign].kind
    thrift = season.people.thrift[person]
    base = {"promo": 0.08 + 0.22 * thrift, "newsletter": 0.14 - 0.06 * thrift, "service": 0.02 + 0.0 * thrift}[kind]
    return np.where(response == PERSUADABLE, base + 0.25, np.where(response == DOG, 0.3 * base, base))


def _opened_at(dice: Dice, season: Season, person: Ints, sent_at: Ints, span: Span) -> Ints:
    """Soon after arrival when sent near the best hour, otherwise at the next best hour."""
    soon = sent_at + 120 + (dice.exponential(len(person)) * 1800).astype(np.int64)
    day = span.day_of(sent_at)
    second = season.people.send_hour[person] * 3600 + dice.integers(len(person), 0, 3600)
    best = span.moment(day, second)
    best = np.where(best > sent_at + 120, best, span.moment(day + 1, second))
    near = (_hours_off(season, person, sent_at) <= 1) | dice.chance(0.35, len(person))
    return np.where(near, soon, best)
