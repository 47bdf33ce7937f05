"""The sample against the public Online Retail file: shapes, not amounts."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from habitue.samples.baskets import follow_orders
from habitue.samples.dice import Dice, Floats, Ints
from habitue.samples.papers import Shop
from habitue.samples.span import DAY, to_local
from tests.samples.conftest import Crowd

pytestmark = pytest.mark.public_data


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """What is compared."""

    orders: Ints
    value: Floats
    spent: Floats
    months: Floats
    weekdays: Floats
    hours: Floats
    endings: Floats


@pytest.fixture(scope="module")
def public(public_data: Path) -> Margins:
    path = public_data / "online_retail" / "online_retail_2009_2010.csv.gz"
    lines = pd.read_csv(path, dtype={"Invoice": "str", "Customer ID": "str"}, parse_dates=["InvoiceDate"])
    lines = lines[lines["Customer ID"].notna() & ~lines["Invoice"].str.startswith("C")]
    lines = lines[(lines["Quantity"] > 0) & (lines["Price"] > 0)]
    lines["Value"] = lines["Quantity"] * lines["Price"]
    invoices = lines.groupby("Invoice").agg({"Customer ID": "first", "InvoiceDate": "first", "Value": "sum"})
    people = invoices.groupby("Customer ID")["Value"]
    when = invoices["InvoiceDate"]
    full = when[when < "2010-12-01"].dt.month.to_numpy()
    ends = (lines["Price"] * 100).round().astype("int64").to_numpy() % 100
    return Margins(
        orders=np.asarray(people.count(), dtype=np.int64),
        value=invoices["Value"].to_numpy(np.float64),
        spent=people.sum().to_numpy(np.float64),
        months=np.bincount(full, minlength=13)[1:] / len(full),
        weekdays=np.bincount(when.dt.day_of_week.to_numpy(), minlength=7) / len(when),
        hours=np.bincount(when.dt.hour.to_numpy(), minlength=24) / len(when),
        endings=np.bincount(ends, minlength=100) / len(ends),
    )


@pytest.fixture(scope="module")
def made(crowd: Crowd) -> Margins:
    orders, baskets = crowd.season.orders, crowd.baskets
    each = np.bincount(orders.person)
    paid = (baskets.goods - baskets.reduced) / 100
    spent = np.bincount(orders.person, weights=paid)
    local = to_local(orders.at)
    months = (local // DAY).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    return Margins(
        orders=each[each > 0],
        value=paid,
        spent=spent[each > 0].astype(np.float64),
        months=np.bincount(months, minlength=12) / len(orders),
        weekdays=np.bincount((local // DAY + 3) % 7, minlength=7) / len(orders),
        hours=np.bincount(local % DAY // 3600, minlength=24) / len(orders),
        endings=np.bincount(crowd.catalogue.price[baskets.item] % 100, minlength=100) / len(baskets.item),
    )


def share_of_best(spent: Floats, part: float) -> float:
    """Share of revenue that the best part of the customers brings."""
    ranked = np.sort(spent)[::-1]
    return float(ranked[: int(part * len(ranked))].sum() / ranked.sum())


def test_orders_per_customer_have_the_same_quantiles(public: Margins, made: Margins) -> None:
    parts = [0.25, 0.5, 0.75, 0.9, 0.95, 0.99]
    assert np.quantile(made.orders, parts) == pytest.approx(np.quantile(public.orders, parts), rel=0.25, abs=1)
    assert (made.orders == 1).mean() == pytest.approx((public.orders == 1).mean(), abs=0.08)


def test_order_values_spread_alike_around_their_median(public: Margins, made: Margins) -> None:
    parts = [0.1, 0.25, 0.75, 0.9, 0.95, 0.99]
    ours = np.quantile(made.value, parts) / np.median(made.value)
    theirs = np.quantile(public.value, parts) / np.median(public.value)
    assert ours == pytest.approx(theirs, rel=0.25)
    assert made.value.mean() / np.median(made.value) == pytest.approx(
        public.value.mean() / np.median(public.value), rel=0.15
    )


def test_the_best_fifth_brings_most_of_the_revenue(public: Margins, made: Margins) -> None:
    assert share_of_best(public.spent, 0.2) == pytest.approx(0.735, abs=0.001)
    assert share_of_best(made.spent, 0.2) == pytest.approx(share_of_best(public.spent, 0.2), abs=0.05)


def test_year_week_and_day_have_the_same_shape(public: Margins, made: Margins) -> None:
    assert made.months[10] == pytest.approx(public.months[10], abs=0.04)
    for name in ("months", "weekdays", "hours"):
        ours, theirs = getattr(made, name), getattr(public, name)
        assert np.corrcoef(ours, theirs)[0, 1] > 0.8, name


def test_prices_end_alike(public: Margins, made: Margins) -> None:
    assert np.argmax(made.endings) == np.argmax(public.endings) == 95
    assert np.argsort(made.endings)[-3:].tolist() == np.argsort(public.endings)[-3:].tolist()


def test_as_much_is_given_back(crowd: Crowd) -> None:
    """Of the public file's orders and cancellations 18.5 % are cancellations, worth 5.5 % of the revenue."""
    season = crowd.season
    after = follow_orders(Dice(11, 2, 0, 4), season.people, season.orders, crowd.baskets, crowd.span)
    shop = Shop(
        people=season.people,
        orders=season.orders,
        baskets=crowd.baskets,
        after=after,
        number=np.arange(len(season.orders)),
        catalogue=crowd.catalogue,
    )
    paid = crowd.baskets.goods - crowd.baskets.reduced
    refunds = len(shop.after.order)
    assert refunds / (refunds + len(shop.orders)) == pytest.approx(0.185, abs=0.05)
    assert after.amount.sum() / paid.sum() == pytest.approx(0.055, abs=0.015)
    assert (after.amount <= paid[after.order]).all()
