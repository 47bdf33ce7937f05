"""Days on which something happened to the shop, planted for anomaly detection to find."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from habitue.samples.dice import Bools, Ints
from habitue.samples.span import DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Oddity:
    """A few days on which one number of the shop fell or rose.

    Attributes:
        name: As written in truth/anomalies.csv.
        metric: What moved: orders or visits.
        ends_before: Days from the last hit day to the last day of the sample.
        days: How many days it lasted.
        channel: Place in `people.CHANNELS`; None for all.
        country: Place in `people.COUNTRIES`; None for all.
        lost: Share that did not happen; negative where more happened.
        driver: Why, in words.
    """

    name: str
    metric: Literal["orders", "visits"]
    ends_before: int
    days: int
    channel: int | None
    country: int | None
    lost: float
    driver: str

    def covers(self, day: Ints) -> Bools:
        """True for shop days in [first, last], both hit."""
        last = DAYS - 1 - self.ends_before
        return np.asarray((day > last - self.days) & (day <= last))


# Each is so long that the smallest demo shows it: of the two or three orders or visits a day that a part of it has,
# a gap of two days says nothing. None of them touches the fortnight after a campaign, where uplift is measured.
ODDITIES = (
    Oddity(name="card_payments_down", metric="orders", ends_before=204, days=6, channel=0, country=None, lost=0.95,
           driver="card payments failed on the web shop until the provider had renewed its contract"),
    Oddity(name="app_release_broken", metric="orders", ends_before=88, days=12, channel=1, country=None, lost=0.97,
           driver="the checkout of the new app release did not open until the store let a repaired one through"),
    Oddity(name="influencer_video", metric="visits", ends_before=75, days=2, channel=None, country=None, lost=-3.0,
           driver="a video about the shop was shared widely; visitors came from social media and did not buy"),
    Oddity(name="german_site_slow", metric="visits", ends_before=21, days=14, channel=None, country=1, lost=0.97,
           driver="the German pages took ten seconds to load after a move to another host"),
)  # fmt: skip
