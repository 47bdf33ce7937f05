"""What lies in each order, what it cost, and what came of it."""

from dataclasses import dataclass

import numpy as np

from habitue.samples.campaigns import CAMPAIGNS
from habitue.samples.dice import Bools, Dice, Floats, Ints
from habitue.samples.orders import STORE, Orders
from habitue.samples.people import People
from habitue.samples.personas import BIG_BASKET, NEW_PARENT, PERSONAS, of_persona
from habitue.samples.span import DAY, Span, seconds_of_day
from habitue.samples.wares import PER_CELL, STYLES, THEN_SHARE, Catalogue, choose_items

BABY, TOYS, FASHION = 6, 5, 7
SHIPPING, SHIPPING_ABROAD, FREE_FROM = 395, 995, 5000
FOLLOW_DAYS = 60
# Codes that are always good, then the ones that campaigns print; with their per cent.
COUPONS = (
    *("", "WELCOME10", "FRIENDS5", "SALE20", "BLACKFRIDAY25", "XMAS10"),
    *(each.coupon for each in CAMPAIGNS if each.coupon),
)
_PER_CENT = np.array([0, 10, 5, 20, 25, 10, 15, 20, 15], dtype=np.int64)
_ROUNDS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 3, 2, 2, 3, 3, 2, 1, 0.5]
REASONS = ("changed_mind", "wrong_size", "not_as_described", "damaged", "wrong_item", "late")


@dataclass(frozen=True, slots=True, kw_only=True)
class Baskets:
    """Lines of a block's orders, in the order of the orders, and the orders' sums; money in pence.

    Attributes:
        order: Place of each line's order.
        item: Place in the catalogue.
        quantity: Pieces.
        value: Price times quantity.
        discount: Off the whole line.
        starts: First line of each order, and the number of lines at the end.
        coupon: Place in `COUPONS`, per order.
        goods, reduced, items, shipping: Sums per order: before discount, discount, pieces, postage.
    """

    order: Ints
    item: Ints
    quantity: Ints
    value: Ints
    discount: Ints
    starts: Ints
    coupon: Ints
    goods: Ints
    reduced: Ints
    items: Ints
    shipping: Ints


def fill_baskets(dice: Dice, people: People, orders: Orders, catalogue: Catalogue, span: Span) -> Baskets:
    """Put items into every order, by the taste of its person."""
    count = len(orders)
    size = of_persona([each.size for each in PERSONAS], people.persona[orders.person])
    wanted = size * dice.lognormal(count, 0.4) * (0.75 + 0.5 * _habit(people, orders.person))
    lines = 1 + dice.poisson(np.minimum(2.2 * wanted, 8.9), most=24)
    order = np.repeat(np.arange(count, dtype=np.int64), lines)
    who = orders.person[order]
    item = pick_wares(dice, people, catalogue, who, span.day_of(orders.at)[order], orders.at[order])
    order, item = _with_follow_ups(dice, orders, catalogue, order, item, span)
    bulk = of_persona([each.bulk for each in PERSONAS], people.persona[orders.person[order]])
    dozens = np.array([4, 6, 6, 12, 12, 24], dtype=np.int64)[dice.integers(len(order), 0, 6)]
    quantity = np.where(dice.chance(bulk), dozens, 1 + dice.pick(len(order), [70.0, 17.0, 6.0, 5.0, 1.0, 1.0]))
    quantity = np.where(catalogue.price[item] > 1400, np.minimum(quantity, 2), quantity)
    quantity = np.where(_is_trade(people, orders.person)[order], quantity + dozens, quantity)
    coupon = _coupons(dice, people, orders, span)
    value = catalogue.price[item] * quantity
    discount = value * _PER_CENT[coupon[order]] // 100
    goods, reduced, items = (_per_order(order, each, count) for each in (value, discount, quantity))
    abroad = people.country[orders.person] != 0
    shipping = np.where(abroad, SHIPPING_ABROAD, np.where(goods - reduced >= FREE_FROM, 0, SHIPPING))
    return Baskets(
        order=order,
        item=item,
        quantity=quantity,
        value=value,
        discount=discount,
        starts=np.searchsorted(order, np.arange(count + 1)),
        coupon=coupon,
        goods=goods,
        reduced=reduced,
        items=items,
        shipping=np.where(orders.channel == STORE, 0, shipping),
    )


def _habit(people: People, who: Ints) -> Floats:
    """A number in [0, 1) of each person's own that makes their baskets alike."""
    return ((people.first + who) * 2_654_435_761 % 4_294_967_296) / 4_294_967_296.0


def _is_trade(people: People, who: Ints) -> Bools:
    """One in eight big-basket buyers buys for a shop of their own: everything by the dozen."""
    return np.asarray((people.persona[who] == BIG_BASKET) & (_habit(people, who) > 0.875))


def _per_order(order: Ints, value: Ints, count: int) -> Ints:
    total = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(value)])
    starts = np.searchsorted(order, np.arange(count + 1))
    return np.asarray(total[starts[1:]] - total[starts[:-1]], dtype=np.int64)


def pick_wares(dice: Dice, people: People, catalogue: Catalogue, who: Ints, day: Ints, at: Ints) -> Ints:
    """One item for each entry of `who`, by that person's taste on that day."""
    category = dice.pick_rows(people.tastes, who)
    grown = at - people.registered_at[who] > 200 * DAY
    outgrown = (people.persona[who] == NEW_PARENT) & grown & (category == BABY) & dice.chance(0.7, len(who))
    category = np.where(outgrown, TOYS, category)
    cell = category * len(STYLES) + dice.pick_rows(people.styles, who)
    return choose_items(dice, catalogue, cell, day, 0.75 * people.thrift[who])


def _with_follow_ups(
    dice: Dice, orders: Orders, catalogue: Catalogue, order: Ints, item: Ints, span: Span
) -> tuple[Ints, Ints]:
    """Let favourites bring their companion into the person's next order, then drop doubles within an order."""
    follower = np.minimum(order + 1, max(len(orders) - 1, 0))
    soon = orders.at[follower] - orders.at[order] <= FOLLOW_DAYS * DAY
    same = (orders.person[follower] == orders.person[order]) & (follower > order)
    then = catalogue.then[item]
    sold = catalogue.launch_day[then] <= span.day_of(orders.at)[follower]
    add = (then >= 0) & soon & same & sold & dice.chance(THEN_SHARE, len(order))
    everything = len(catalogue.ids)
    keys = np.concatenate([order, follower[add]]) * everything + np.concatenate([item, then[add]])
    kept = np.unique(keys)
    return kept // everything, kept % everything


def _coupons(dice: Dice, people: People, orders: Orders, span: Span) -> Ints:
    """Which code each order used: the campaign's, the welcome code, or a seasonal one, the thrifty far more often."""
    count = len(orders)
    thrift = people.thrift[orders.person]
    day_of_year = (span.day_of(orders.at) + span.first_day - 10_957) % 365
    seasonal = np.where((day_of_year > 318) & (day_of_year < 340), 4, np.where(day_of_year >= 340, 5, 2))
    seasonal = np.where((day_of_year < 25) | ((day_of_year > 180) & (day_of_year < 205)), 3, seasonal)
    coupon = np.where(dice.chance(0.75 * thrift * thrift), seasonal, 0)
    welcome = orders.is_first() & (people.registered_at[orders.person] >= span.start) & dice.chance(0.3, count)
    coupon = np.where(welcome, 1, coupon)
    printed = np.array([COUPONS.index(each.coupon) for each in CAMPAIGNS] + [0], dtype=np.int64)[orders.campaign]
    return np.where(printed > 0, printed, coupon)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """Deliveries and refunds of a block's orders.

    Attributes:
        delivered_at: Arrival of each order, UTC seconds; the moment of sale in the store.
        late_days: Days after the promised date, per order.
        order: Order of each refund.
        refunded_at: UTC seconds.
        amount: Pence given back, positive.
        items: Pieces sent back.
        reason: Place in `REASONS`.
    """

    delivered_at: Ints
    late_days: Ints
    order: Ints
    refunded_at: Ints
    amount: Ints
    items: Ints
    reason: Ints


def follow_orders(dice: Dice, people: People, orders: Orders, baskets: Baskets, span: Span) -> Aftermath:
    """What reaches the customer when, and what comes back."""
    count = len(orders)
    late_days = np.where(orders.trouble == 1, dice.integers(count, 3, 12), 0)
    arrives_on = span.day_of(orders.at) + dice.integers(count, 1, 5) + late_days
    arrival = span.moment(arrives_on, seconds_of_day(dice, count, _ROUNDS))
    delivered_at = np.where(orders.channel == STORE, orders.at, arrival)
    line_returned = _returned_lines(dice, people, orders, baskets)
    price = baskets.goods - baskets.reduced
    amount = _per_order(baskets.order, (baskets.value - baskets.discount) * line_returned, count)
    items = _per_order(baskets.order, baskets.quantity * line_returned, count)
    order = np.flatnonzero((items > 0) & (price > 0))
    back_on = span.day_of(delivered_at[order]) + 1 + (dice.exponential(len(order)) * 5).astype(np.int64)
    plain = dice.pick(len(order), [50.0, 0.0, 40.0])
    fashion = _per_order(baskets.order, line_returned & (baskets.item // (PER_CELL * len(STYLES)) == FASHION), count)
    plain = np.where((fashion[order] > 0) & dice.chance(0.8, len(order)), 1, plain)
    by_trouble = np.array([0, 5, 3, 4], dtype=np.int64)[orders.trouble[order]]
    return Aftermath(
        delivered_at=delivered_at,
        late_days=late_days,
        order=order,
        refunded_at=span.moment(back_on, seconds_of_day(dice, len(order))),
        amount=amount[order],
        items=items[order],
        reason=np.where(orders.trouble[order] > 0, by_trouble, plain),
    )


def _returned_lines(dice: Dice, people: People, orders: Orders, baskets: Baskets) -> Bools:
    """Lines that are sent back: by persona, more of fashion, most after something went wrong."""
    often = of_persona([each.returns for each in PERSONAS], people.persona[orders.person])
    trouble = np.array([0.0, 0.25, 0.75, 0.85])[orders.trouble]
    returning = dice.chance(np.maximum(often, trouble))[baskets.order]
    fashion = baskets.item // (PER_CELL * len(STYLES)) == FASHION
    return np.asarray(returning & dice.chance(np.where(fashion, 0.3, 0.13)))
