"""When people order, what goes wrong, and when they leave."""

import numpy as np
import pytest

from habitue.samples.dice import Dice
from habitue.samples.oddities import ODDITIES
from habitue.samples.orders import STORE, simulate_orders
from habitue.samples.people import NEVER
from habitue.samples.personas import PERSONAS
from tests.samples.conftest import Crowd, Sample


def test_personas_come_in_their_shares(crowd: Crowd) -> None:
    shares = np.bincount(crowd.season.people.persona, minlength=len(PERSONAS)) / len(crowd.season.people)
    for share, persona in zip(shares, PERSONAS, strict=True):
        assert share == pytest.approx(persona.share, abs=0.01), persona.name


def test_personas_buy_differently(crowd: Crowd) -> None:
    people, orders = crowd.season.people, crowd.season.orders
    each = np.bincount(orders.person, minlength=len(people))
    mean = {persona.name: each[people.persona == place].mean() for place, persona in enumerate(PERSONAS)}
    assert mean["loyalist"] > 2 * mean["new_parent"] > 2 * mean["gift_giver"] > 2 * mean["browser"]
    owner = people.persona[orders.person]
    worth = {persona.name: crowd.baskets.goods[owner == place].mean() for place, persona in enumerate(PERSONAS)}
    assert worth["big_basket"] > 2 * max(value for name, value in worth.items() if name != "big_basket")
    coupons = crowd.baskets.coupon > 0
    used = {persona.name: coupons[owner == place].mean() for place, persona in enumerate(PERSONAS)}
    assert used["bargain_hunter"] > 3 * used["loyalist"]


def test_nobody_orders_after_leaving_or_before_registering(crowd: Crowd) -> None:
    orders, people = crowd.season.orders, crowd.season.people
    assert (orders.at < crowd.season.lives.churned_at[orders.person]).all()
    assert (orders.at > people.registered_at[orders.person]).all()
    assert (orders.at <= crowd.span.until).all()
    assert (np.diff(orders.person) >= 0).all()


def test_a_bad_order_drives_people_away(crowd: Crowd) -> None:
    season = crowd.season
    orders, lives = season.orders, season.lives
    last = np.append(orders.person[1:] != orders.person[:-1], True)
    old = orders.at < crowd.span.until - 120 * 86_400
    left = last & (lives.churned_at[orders.person] - orders.at < 13 * 86_400)
    trouble = (orders.trouble > 0) & old
    assert left[trouble].mean() > 2 * left[old & ~trouble & (orders.channel != STORE)].mean()
    gone = lives.churned_at < NEVER
    assert 0.3 < gone.mean() < 0.7


def test_a_drawn_life_does_not_depend_on_what_is_drawn_elsewhere(crowd: Crowd) -> None:
    again, _ = simulate_orders(Dice(11, 2, 0, 1), crowd.season.people, crowd.span)
    own = crowd.season.orders.campaign < 0
    kept = np.isin(crowd.season.orders.at[own], again.at)
    assert kept.all()


def test_the_planted_outage_of_the_app_shows(crowd: Crowd) -> None:
    orders = crowd.season.orders
    day = crowd.span.day_of(orders.at)
    odd = next(each for each in ODDITIES if each.name == "app_release_broken")
    app = orders.channel == 1
    hit = odd.covers(day)
    usual = (odd.covers(day + 7) | odd.covers(day - 7) | odd.covers(day - 14)) & app
    assert (hit & app).sum() < 0.35 * usual.sum() / 3


def test_favourites_bring_their_companion_into_the_next_order(crowd: Crowd) -> None:
    baskets, orders, then = crowd.baskets, crowd.season.orders, crowd.catalogue.then
    bought = set(zip(baskets.order.tolist(), baskets.item.tolist(), strict=True))
    followed = [
        (order + 1, int(then[item])) in bought
        for order, item in bought
        if then[item] >= 0
        and order + 1 < len(orders)
        and orders.person[order + 1] == orders.person[order]
        and orders.at[order + 1] - orders.at[order] < 60 * 86_400
    ]
    assert 0.25 < np.mean(followed) < 0.45


def test_people_buy_what_they_like(sample: Sample) -> None:
    taste = {row["customer_id"]: row for row in sample.table("truth/persons.csv")}
    hits: list[float] = []
    for order in sample.objects("data/orders.ndjson"):
        person = taste.get(str(order["customer_id"]))
        products = order["products"]
        assert isinstance(products, list)
        if person is not None:
            hits += [float(person[f"taste_{each['category'].lower()}"]) for each in products]
    assert np.mean(hits) > 0.2
