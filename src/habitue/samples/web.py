"""The events of each visit, as the shop's tracker sends them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from habitue.samples.accounts import Numbers, accounts_used, carts, cookies, paper, stranger_cookies
from habitue.samples.baskets import Baskets, pick_wares
from habitue.samples.campaigns import CAMPAIGNS
from habitue.samples.dice import Dice, Ints
from habitue.samples.feeds import (
    Rows,
    Spoiling,
    Text,
    choose,
    field,
    instants,
    join,
    number,
    only_where,
    pick,
    pounds,
    whole,
)
from habitue.samples.papers import Shop
from habitue.samples.people import COUNTRIES, DEVICES, People
from habitue.samples.span import Span
from habitue.samples.visits import EMAIL, SOURCES, Visits
from habitue.samples.wares import CATEGORIES, PER_CELL, STYLES, Catalogue

EVENTS = ("Page Viewed", "Product Viewed", "Product Added", "Cart Viewed", "Checkout Started")
PAGE, VIEWED, ADDED, CART, CHECKOUT = range(5)
_REFERRERS = (
    "",
    "https://search.example/",
    "https://search.example/",
    "https://social.example/",
    "",
    "https://deals.example/",
)
_MEDIA = (None, None, "cpc", "social", "email", "affiliate")
_LONGEST_PAUSE = 1500
SPOILINGS = (
    Spoiling(kind="wrong_type", column="timestamp", value='"timestamp":"yesterday evening"'),
    Spoiling(kind="missing_required", column="customer", value='"customer":""'),
    Spoiling(kind="not_allowed", column="device", value='"device":"toaster"'),
    Spoiling(kind="broken_line", column="message_id", value=',"event":"Page Viewed","timestamp":"2026-'),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Events of a block's visits, by visit and then time.

    Attributes:
        visit: Place of the visit.
        kind: Place in `EVENTS`.
        item: Place in the catalogue; -1 for pages, baskets and checkouts.
        quantity: Pieces put in the basket.
        ms: Milliseconds since 1970, UTC.
    """

    visit: Ints
    kind: Ints
    item: Ints
    quantity: Ints
    ms: Ints


def walk(dice: Dice, visits: Visits, shop: Shop, span: Span) -> Steps:
    """Turn visits into events: a page, then products one by one, then basket and checkout; pauses under 25 minutes."""
    looks, look_item, look_place = _looked_at(dice, visits, shop, span)
    buys, buy_item, buy_quantity, buy_place = _bought(visits, shop.baskets)
    chosen = (visits.order[looks] < 0) & (look_place < visits.added[looks])
    seen = dice.chance(0.6, len(buys))
    every = np.arange(len(visits), dtype=np.int64)
    parts = [
        _part(every, PAGE, -1, 1, 0),
        _part(looks, VIEWED, look_item, 1, 10 + 2 * look_place),
        _part(looks[chosen], ADDED, look_item[chosen], 1, 11 + 2 * look_place[chosen]),
        _part(buys[seen], VIEWED, buy_item[seen], 1, 40 + 2 * buy_place[seen]),
        _part(buys, ADDED, buy_item, buy_quantity, 41 + 2 * buy_place),
        _part(every[visits.cart], CART, -1, 1, 90),
        _part(every[visits.checkout], CHECKOUT, -1, 1, 91),
    ]
    visit, kind, item, quantity, rank = (np.concatenate([each[column] for each in parts]) for column in range(5))
    order = np.lexsort((rank, visit))
    visit = visit[order]
    pause = (np.minimum(3.0 + 45.0 * dice.exponential(len(visit)), _LONGEST_PAUSE) * 1000).astype(np.int64)
    return Steps(
        visit=visit, kind=kind[order], item=item[order], quantity=quantity[order], ms=_times(visits, visit, pause)
    )


def _times(visits: Visits, visit: Ints, pause: Ints) -> Ints:
    """Milliseconds of each step: forward from the start of a visit, or back from the order that ends it."""
    first = np.searchsorted(visit, np.arange(len(visits)))
    total = np.cumsum(pause)
    gone = total - total[first][visit]
    last = np.searchsorted(visit, np.arange(len(visits)), side="right") - 1
    length = gone[last][visit]
    begin = visits.at[visit] * 1000
    ends = visits.order[visit] >= 0
    return np.where(ends, begin - 15_000 - length + gone, begin + gone)


def _part(visit: Ints, kind: int, item: Ints | int, quantity: Ints | int, rank: Ints | int) -> tuple[Ints, ...]:
    return tuple(
        np.broadcast_to(np.asarray(each, dtype=np.int64), visit.shape) for each in (visit, kind, item, quantity, rank)
    )


def _looked_at(dice: Dice, visits: Visits, shop: Shop, span: Span) -> tuple[Ints, Ints, Ints]:
    visit = np.repeat(np.arange(len(visits), dtype=np.int64), visits.viewed)
    place = np.arange(len(visit), dtype=np.int64) - np.searchsorted(visit, visit)
    who, at = visits.person[visit], visits.at[visit]
    return visit, pick_wares(dice, shop.people, shop.catalogue, who, span.day_of(at), at), place


def _bought(visits: Visits, baskets: Baskets) -> tuple[Ints, Ints, Ints, Ints]:
    """The first lines of each order, as many as the visit says."""
    lines = np.where(visits.order >= 0, visits.added, 0)
    visit = np.repeat(np.arange(len(visits), dtype=np.int64), lines)
    place = np.arange(len(visit), dtype=np.int64) - np.searchsorted(visit, visit)
    line = baskets.starts[visits.order[visit]] + place
    return visit, baskets.item[line], baskets.quantity[line], place


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """The visits of a block with their events and the numbers given to them.

    Attributes:
        visits: The visits.
        steps: Their events.
        shop: The block's people and orders.
        message: Number of each event over the whole sample, in the order they will be written.
        strangers: Number of each stranger over the whole sample.
        visit: Number of each visit over the whole sample.
    """

    visits: Visits
    steps: Steps
    shop: Shop
    message: Ints
    strangers: Ints
    visit: Ints


def follow(dice: Dice, visits: Visits, shop: Shop, span: Span, numbers: Numbers) -> Trail:
    """Make the events of all visits and number them."""
    steps = walk(dice, visits, shop, span)
    return Trail(
        visits=visits,
        steps=steps,
        shop=shop,
        message=numbers.take("web", int((steps.ms // 1000 <= span.until).sum())),
        strangers=numbers.take("stranger", int((visits.stranger >= 0).sum())),
        visit=numbers.take("visit", len(visits)),
    )


def web_rows(trail: Trail, span: Span) -> Rows:
    """Everything that has happened by the end, by time, as one JSON object an event."""
    steps, visits, people, catalogue = trail.steps, trail.visits, trail.shop.people, trail.shop.catalogue
    done = np.flatnonzero(steps.ms // 1000 <= span.until)
    order = done[np.argsort(steps.ms[done], kind="stable")]
    visit, kind, item, ms = steps.visit[order], steps.kind[order], steps.item[order], steps.ms[order]
    account = only_where(accounts_used(people, visits.person, visits.at), visits.known)
    strange = visits.stranger >= 0
    nobody = np.zeros(len(visits), dtype=np.int64)
    nobody[strange] = trail.strangers
    cookie = choose(strange, stranger_cookies(nobody), cookies(people, visits.person, visits.device))
    columns: list[tuple[str, Text]] = [
        ("message_id", field("message_id", paper("W", trail.message))),
        ("event", pick(_members("event", EVENTS), kind)),
        ("timestamp", field("timestamp", instants(ms // 1000, ms % 1000))),
        ("customer", _of_visit("customer", choose(visits.known, account, join("anon-", cookie)), visit)),
        ("user_id", _of_visit("user_id", account, visit)),
        ("anonymous_id", _of_visit("anonymous_id", cookie, visit)),
        *_context(visits, visit, people),
        ("path", _paths(kind, item, visits, visit, catalogue)),
        ("product", pick(_products(catalogue), np.where(item < 0, len(catalogue.ids), item))),
        ("quantity", number("quantity", only_where(whole(steps.quantity[order]), kind == ADDED))),
        *_carts(trail, order),
    ]
    return Rows(names=tuple(name for name, _ in columns), columns=tuple(column for _, column in columns), form="ndjson")


def _members(name: str, words: tuple[str | None, ...]) -> Text:
    return field(name, pa.array(list(words), pa.string()))


def _of_visit(name: str, text: Text, visit: Ints) -> Text:
    return pick(field(name, text), visit)


def _context(visits: Visits, visit: Ints, people: People) -> list[tuple[str, Text]]:
    device = np.where(visits.app, 0, people.devices[visits.person, visits.device])
    country = people.country[visits.person]
    campaign = pick(pa.array([each.id for each in CAMPAIGNS]), np.maximum(visits.campaign, 0))
    referrer = pa.array([each or None for each in _REFERRERS])
    return [
        ("device", pick(_members("device", DEVICES), device[visit])),
        ("channel", pick(_members("channel", ("web", "app")), visits.app.astype(np.int64)[visit])),
        ("country", pick(_members("country", COUNTRIES), country[visit])),
        ("source", pick(_members("source", SOURCES), visits.source[visit])),
        ("referrer", pick(field("referrer", referrer), visits.source[visit])),
        ("utm_medium", pick(_members("utm_medium", _MEDIA), visits.source[visit])),
        ("utm_campaign", _of_visit("utm_campaign", only_where(campaign, visits.source == EMAIL), visit)),
    ]


def _paths(kind: Ints, item: Ints, visits: Visits, visit: Ints, catalogue: Catalogue) -> Text:
    fixed = ["/", "/cart", "/checkout"] + [f"/c/{name.lower()}" for name in CATEGORIES]
    words = pa.array(fixed + [f"/p/{each}" for each in catalogue.ids])
    landing = np.where(visits.at % 3 == 0, 3 + visits.at % 7 + visits.at // 7 % 4, 0)[visit]
    place = np.where(kind == PAGE, landing, np.where(kind == CART, 1, np.where(kind == CHECKOUT, 2, len(fixed) + item)))
    return pick(field("path", words), place)


def _products(catalogue: Catalogue) -> Text:
    """The members that say which product; missing at the place after the last."""
    shelf = [CATEGORIES[item // (PER_CELL * len(STYLES))] for item in range(len(catalogue.ids))]
    told: list[str | None] = [
        f'"product_id":"{each}","category":"{shelf[item]}","brand":"{catalogue.brands[item]}",'
        f'"price":{catalogue.price[item] // 100}.{catalogue.price[item] % 100:02d}'
        for item, each in enumerate(catalogue.ids)
    ]
    return pa.array([*told, None])


def _carts(trail: Trail, order: Ints) -> list[tuple[str, Text]]:
    """What basket and checkout say: the order's own sums, or those of what was put in and left."""
    steps, visits, baskets, catalogue = trail.steps, trail.visits, trail.shop.baskets, trail.shop.catalogue
    adds = steps.kind == ADDED
    visit = steps.visit
    pieces = np.bincount(visit[adds], weights=steps.quantity[adds], minlength=len(visits)).astype(np.int64)
    price = catalogue.price[np.maximum(steps.item, 0)] * steps.quantity
    value = np.bincount(visit[adds], weights=price[adds], minlength=len(visits)).astype(np.int64)
    bought = visits.order >= 0
    ids = carts(np.full(len(visits), -1, dtype=np.int64), trail.visit)
    if len(baskets.items):
        ids = choose(bought, carts(trail.shop.number[visits.order], trail.visit), ids)
        pieces = np.where(bought, baskets.items[visits.order], pieces)
        value = np.where(bought, baskets.goods[visits.order], value)
    where = visit[order]
    basket = steps.kind[order] >= ADDED
    seen = steps.kind[order] >= CART
    return [
        ("cart_id", field("cart_id", only_where(pick(ids, where), basket))),
        ("items", number("items", only_where(whole(pieces[where]), seen))),
        ("value", number("value", only_where(pounds(value[where]), seen))),
    ]
