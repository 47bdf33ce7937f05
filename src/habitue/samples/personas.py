"""The six kinds of buyer planted in the sample, and what sets them apart."""

from dataclasses import dataclass

import numpy as np

from habitue.samples.dice import Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """One kind of buyer.

    Attributes:
        name: As written in truth/persons.csv.
        share: Share of all customers.
        rate: Usual orders a year (the median; people spread log-normally around it).
        spread: Deviation of the log of the rate.
        season: How strongly the year's seasons are followed; 1 as the whole shop.
        first_order: Chance that registering comes with an order.
        life_years: Mean years until interest drifts away.
        leave: Chance of leaving after an order; three and a half times that after a bad one.
        size: Basket size factor.
        bulk: Chance that a line is bought by the dozen.
        thrift: Usual price sensitivity in [0, 1].
        visits: Browsing visits a year while active.
        cart: Chance that a browsing visit fills a basket and leaves it.
        channels: Weights of web, app, store.
        returns: Chance that an order has something sent back.
        promo, news: Chances of being a persuadable and a sleeping dog, for the two campaign types.
        send_hour: Best hour to write, on the shop's clock.
        tastes: Weights of the ten categories, in the order of `wares.CATEGORIES`.
        styles: Weights of the four styles.
    """

    name: str
    share: float
    rate: float
    spread: float
    season: float
    first_order: float
    life_years: float
    leave: float
    size: float
    bulk: float
    thrift: float
    visits: float
    cart: float
    channels: tuple[float, float, float]
    returns: float
    promo: tuple[float, float]
    news: tuple[float, float]
    send_hour: int
    tastes: tuple[float, ...]
    styles: tuple[float, ...]


PERSONAS = (
    Persona(
        name="bargain_hunter", share=0.22, rate=1.7, spread=1.0, season=1.1, first_order=0.42, life_years=1.6,
        leave=0.08, size=1.0, bulk=0.05, thrift=0.8, visits=5.0, cart=0.42, channels=(0.62, 0.28, 0.10), returns=0.4,
        promo=(0.55, 0.02), news=(0.08, 0.06), send_hour=12,
        tastes=(2, 2, 1, 1, 2, 1, 0.3, 2, 1, 1), styles=(1.0, 1.2, 0.8, 1.4),
    ),
    Persona(
        name="loyalist", share=0.13, rate=6.0, spread=0.9, season=0.7, first_order=0.65, life_years=5.0, leave=0.015,
        size=1.0, bulk=0.1, thrift=0.3, visits=7.0, cart=0.24, channels=(0.50, 0.35, 0.15), returns=0.38,
        promo=(0.06, 0.10), news=(0.18, 0.02), send_hour=8,
        tastes=(2, 2, 2, 1.5, 1, 0.5, 0.2, 1.5, 1, 2), styles=(1.6, 0.8, 1.6, 0.5),
    ),
    Persona(
        name="big_basket", share=0.09, rate=2.6, spread=1.1, season=0.6, first_order=0.6, life_years=3.0, leave=0.05,
        size=1.45, bulk=0.42, thrift=0.35, visits=2.5, cart=0.18, channels=(0.80, 0.05, 0.15), returns=0.38,
        promo=(0.10, 0.18), news=(0.05, 0.05), send_hour=10,
        tastes=(2, 3, 2, 1, 3, 1, 0.2, 0.5, 1, 2), styles=(1.4, 1.0, 1.0, 1.0),
    ),
    Persona(
        name="gift_giver", share=0.24, rate=0.7, spread=0.7, season=2.0, first_order=0.4, life_years=2.5, leave=0.05,
        size=1.1, bulk=0.06, thrift=0.4, visits=1.5, cart=0.28, channels=(0.60, 0.15, 0.25), returns=0.25,
        promo=(0.12, 0.03), news=(0.22, 0.02), send_hour=19,
        tastes=(1, 1, 0.5, 2, 2, 2, 0.5, 1, 3, 2), styles=(1.2, 0.7, 0.9, 1.2),
    ),
    Persona(
        name="browser", share=0.20, rate=0.2, spread=0.8, season=0.9, first_order=0.08, life_years=1.5, leave=0.12,
        size=1.0, bulk=0.03, thrift=0.6, visits=9.0, cart=0.46, channels=(0.55, 0.40, 0.05), returns=0.35,
        promo=(0.28, 0.05), news=(0.20, 0.08), send_hour=21,
        tastes=(1, 2, 1, 1, 1, 0.5, 0.3, 3, 2, 0.5), styles=(0.6, 1.8, 1.0, 0.8),
    ),
    Persona(
        name="new_parent", share=0.12, rate=3.8, spread=0.6, season=0.4, first_order=0.55, life_years=0.9, leave=0.03,
        size=1.0, bulk=0.06, thrift=0.5, visits=6.0, cart=0.34, channels=(0.40, 0.55, 0.05), returns=0.36,
        promo=(0.30, 0.03), news=(0.15, 0.03), send_hour=22,
        tastes=(0.6, 0.8, 0.3, 1, 0.5, 1.5, 9, 0.8, 0.2, 0.5), styles=(0.6, 0.8, 1.5, 1.6),
    ),
)  # fmt: skip

BIG_BASKET = 2
NEW_PARENT = 5


def of_persona(values: list[float], persona: Ints) -> Floats:
    """Spread one number per persona over the people."""
    return np.array(values, dtype=np.float64)[persona]


def weights_of(rows: list[tuple[float, ...]], persona: Ints) -> Floats:
    """Spread one row of weights per persona over the people."""
    return np.array(rows, dtype=np.float64)[persona]
