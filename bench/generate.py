"""Days of generated shop events: visits in sessions, skewed customers, equal for equal seeds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

EVENTS: Final = (
    ("Page Viewed", 0.45),
    ("Product Viewed", 0.30),
    ("Product Added", 0.10),
    ("Cart Viewed", 0.08),
    ("Email Opened", 0.04),
    ("Order Completed", 0.03),
)
PRODUCTS: Final = 5_000
CATEGORIES: Final = 20
GENERATION: Final = 2

_SECOND = 1_000_000
_HOUR = 3_600 * _SECOND
_DAY = 24 * _HOUR
_HOURS = (2, 1, 1, 1, 1, 2, 4, 6, 8, 9, 10, 11, 12, 11, 10, 10, 11, 12, 14, 16, 17, 15, 10, 5)
_WEEKDAYS = (1.0, 0.95, 0.95, 1.0, 1.05, 1.2, 1.25)
_MEAN_VISIT = 5.0
_LONGEST_VISIT = 60
_MEAN_GAP = 75 * _SECOND
_LONGEST_GAP = 29 * 60 * _SECOND
_WEIGHT_SIGMA = 0.53
_HEAVY_EVERY = 40_000
_HEAVY_EVENTS = 5_000.0
_MEAN_EVENTS = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What decides every generated value.

    Attributes:
        events: How many events in all, count.
        customers: How many customers exist; a few of them do nothing.
        days: Length of the history in days.
        start_us: First midnight (UTC), microseconds since 1970.
        seed: Any whole number from 0.
    """

    events: int
    customers: int
    days: int = 90
    start_us: int = 1_756_684_800_000_000
    seed: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The events of one day in time order, as columns of equal length.

    Attributes:
        customer: Number of the customer, from 0.
        occurred_us: Microseconds since 1970 (UTC).
        position: Place in the whole history, from 0.
        kind: Place of the event name in `EVENTS`.
        product: Number of the product, from 0.
        items: Pieces, from 1.
        cents: Price of all pieces in hundredths of the currency.
    """

    customer: Ints
    occurred_us: Ints
    position: Ints
    kind: Ints
    product: Ints
    items: Ints
    cents: Ints


def days(recipe: Recipe) -> Iterator[Day]:
    """The whole history, day by day; each event stays behind all that came before it.

    Visits that run past midnight end on the next day, so days differ a little from their share.
    Memory is that of one day and one number per customer.
    """
    reach = np.cumsum(_weights(recipe))
    reach /= reach[-1]
    late = _nothing()
    position = 0
    shares = np.array([_WEEKDAYS[(recipe.start_us // _DAY + 3 + day) % 7] for day in range(recipe.days)])
    ends = np.rint(np.cumsum(shares) / shares.sum() * recipe.events).astype(np.int64)
    for number in range(recipe.days):
        chance = np.random.default_rng([recipe.seed, number])
        wanted = int(ends[number] - (ends[number - 1] if number else 0))
        midnight = recipe.start_us + number * _DAY
        fresh = np.concatenate([late, _visits(chance, wanted, midnight, reach)], axis=1)
        fresh = fresh[:, np.argsort(fresh[1], kind="stable")]
        cut = int(np.searchsorted(fresh[1], midnight + _DAY)) if number < recipe.days - 1 else fresh.shape[1]
        late = fresh[:, cut:]
        customer, occurred_us, kind, product, items, cents = fresh[:, :cut]
        yield Day(
            customer=customer,
            occurred_us=occurred_us,
            position=np.arange(position, position + cut, dtype=np.int64),
            kind=kind,
            product=product,
            items=items,
            cents=cents,
        )
        position += cut


def _nothing() -> Ints:
    return np.empty((6, 0), dtype=np.int64)


def _weights(recipe: Recipe) -> Floats:
    """How active each customer is: log-normal, and one in 40,000 a reseller or a robot."""
    chance = np.random.default_rng([recipe.seed, 1_000_000])
    weights = np.exp(_WEIGHT_SIGMA * chance.standard_normal(recipe.customers))
    weights /= weights.mean()
    heavy = np.arange(_HEAVY_EVERY // 2, recipe.customers, _HEAVY_EVERY)
    weights[heavy] = _HEAVY_EVENTS / _MEAN_EVENTS * np.linspace(1.0, 0.2, heavy.size)
    return weights


def _visits(chance: np.random.Generator, wanted: int, midnight: int, reach: Floats) -> Ints:
    """Visits that start on one day, as rows customer, time, kind, product, items, cents; `wanted` columns."""
    guess = int(wanted / _MEAN_VISIT * 1.2) + 1_000
    sizes = 1 + np.floor(np.log1p(-chance.random(guess)) / np.log1p(-1 / _MEAN_VISIT)).astype(np.int64)
    sizes = np.minimum(sizes, _LONGEST_VISIT)
    total = np.cumsum(sizes)
    visits = int(np.searchsorted(total, wanted)) + 1
    sizes = sizes[:visits]
    sizes[-1] -= total[visits - 1] - wanted
    first = np.cumsum(sizes) - sizes
    visit = np.repeat(np.arange(visits), sizes)

    customer = np.searchsorted(reach, chance.random(visits), side="right")[visit]
    gaps = np.minimum(-np.log1p(-chance.random(wanted)) * _MEAN_GAP, _LONGEST_GAP).astype(np.int64)
    gaps[first] = 0
    run = np.cumsum(gaps)
    occurred = midnight + _starts(chance, visits)[visit] + run - run[first][visit]

    kind = np.searchsorted(np.cumsum([share for _, share in EVENTS])[:-1], chance.random(wanted), side="right")
    focus = _products(chance, visits)[visit]
    product = np.where(chance.random(wanted) < 0.6, focus, _products(chance, wanted))
    items = 1 + np.floor(6 * chance.random(wanted) ** 3).astype(np.int64)
    cents = items * (199 + product * 7_919 % 9_800)
    return np.stack([customer, occurred, kind, product, items, cents]).astype(np.int64)


def _starts(chance: np.random.Generator, visits: int) -> Ints:
    """Microseconds after midnight at which visits begin, evenings busier than nights."""
    reach = np.cumsum(_HOURS) / sum(_HOURS)
    hour = np.searchsorted(reach, chance.random(visits), side="right").astype(np.int64)
    return hour * _HOUR + np.floor(chance.random(visits) * _HOUR).astype(np.int64)


def _products(chance: np.random.Generator, count: int) -> Ints:
    """Numbers of products, the low ones far more often."""
    return np.floor(PRODUCTS * chance.random(count) ** 2).astype(np.int64)
