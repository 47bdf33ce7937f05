"""One block of people: who they are inside, before any record of them is written."""

from dataclasses import dataclass

import numpy as np

from habitue.samples.dice import Dice, Floats, Ints, exp, running_shares
from habitue.samples.personas import PERSONAS, of_persona, weights_of
from habitue.samples.span import DAY, DAYS, Span, seconds_of_day
from habitue.samples.wares import taste_weights

COUNTRIES = ("GB", "DE", "IE", "FR", "NL", "AT")
_COUNTRY_WEIGHTS = [79.0, 10.0, 4.0, 3.5, 2.0, 1.5]
GERMAN = (1, 5)
NEVER = 2**40
CHANNELS = ("web", "app", "store")
DEVICES = ("mobile", "desktop", "tablet")


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """A block of people, one array entry each; times are UTC seconds since 1970.

    Attributes:
        first: Number of the first person of the block in the whole sample.
        persona: Place in `PERSONAS`.
        country: Place in `COUNTRIES`.
        registered_at: When they became customers, possibly before the sample starts.
        drifts_at: When interest ends by itself, whatever happens.
        rate: Orders per unit of day weight.
        thrift: Price sensitivity in [0, 1].
        tastes: Running shares of the categories. styles: of the styles. channels: of the sales channels.
        send_hour: Best hour to write, on the shop's clock.
        second_at: When a second account was opened, `NEVER` for most.
        email_from, email_until: While they may be written to for marketing: [from, until).
        devices: The two devices they use.
    """

    first: int
    persona: Ints
    country: Ints
    registered_at: Ints
    drifts_at: Ints
    rate: Floats
    thrift: Floats
    tastes: Floats
    styles: Floats
    channels: Floats
    send_hour: Ints
    second_at: Ints
    email_from: Ints
    email_until: Ints
    devices: Ints

    def __len__(self) -> int:
        """People in the block."""
        return len(self.persona)


def draw_people(seed: int, block: int, first: int, size: int, span: Span) -> People:
    """Draw a block of people.

    Args:
        seed: Seed of the sample.
        block: Number of the block.
        first: Number of its first person.
        size: How many people.
        span: The time the sample covers.
    """
    dice = Dice(seed, 2, block, 0)
    persona = dice.pick(size, [each.share for each in PERSONAS])
    registered_at = _registrations(dice, size, span)
    life = of_persona([each.life_years for each in PERSONAS], persona) * 365 * DAY * dice.exponential(size)
    spread = of_persona([each.spread for each in PERSONAS], persona)
    usual = of_persona([each.rate for each in PERSONAS], persona)
    thrift = of_persona([each.thrift for each in PERSONAS], persona) + 0.14 * dice.normal(size)
    tastes = taste_weights(dice, weights_of([each.tastes for each in PERSONAS], persona), 1.0)
    styles = taste_weights(dice, weights_of([each.styles for each in PERSONAS], persona), 0.9)
    channels = taste_weights(dice, weights_of([each.channels for each in PERSONAS], persona), 1.0)
    known_since = np.maximum(registered_at, span.start)
    second = np.where(
        dice.chance(0.07, size),
        known_since + ((span.until - known_since) * dice.uniform(size)).astype(np.int64),
        NEVER,
    )
    wants_email = dice.chance(0.66, size)
    hours = of_persona([float(each.send_hour) for each in PERSONAS], persona).astype(np.int64)
    withdrawn = known_since + (dice.exponential(size) * 6 * 365 * DAY).astype(np.int64)
    return People(
        first=first,
        persona=persona,
        country=dice.pick(size, _COUNTRY_WEIGHTS),
        registered_at=registered_at,
        drifts_at=known_since + life.astype(np.int64),
        rate=usual * exp(spread * dice.normal(size)) / 365,
        thrift=np.clip(thrift, 0.02, 0.98),
        tastes=running_shares(tastes),
        styles=running_shares(styles),
        channels=running_shares(channels),
        send_hour=np.clip(hours + dice.pick(size, [1.0, 2.0, 4.0, 2.0, 1.0]) - 2, 6, 23),
        second_at=second,
        email_from=np.where(wants_email, registered_at, NEVER),
        email_until=np.where(wants_email, withdrawn, 0),
        devices=_devices(dice, size),
    )


def _registrations(dice: Dice, size: int, span: Span) -> Ints:
    """A third were customers before the sample; the others arrive with the seasons, a little faster each year."""
    u = dice.uniform(size)
    season = np.zeros(size, dtype=np.int64)
    total = float(span.busy[0, -1])
    arriving = span.day_when(total * (0.7 * u + 0.3 * dice.uniform(size)), season)
    arriving = np.minimum(arriving, DAYS - 1)
    before = -1 - (700 * u * u).astype(np.int64)
    day = np.where(dice.chance(0.34, size), before, arriving)
    return np.minimum(span.moment(day, seconds_of_day(dice, size)), span.until - 60)


def _devices(dice: Dice, size: int) -> Ints:
    first = dice.pick(size, [0.56, 0.36, 0.08])
    other = (first + dice.integers(size, 1, len(DEVICES))) % len(DEVICES)
    return np.stack([first, np.where(dice.chance(0.35, size), other, first)], axis=1)
