"""pandas as most people write it, over the same rows in Parquet; amounts as float64, which is exact at this size."""

from collections.abc import Callable
from datetime import datetime
from functools import reduce

import numpy as np
import pandas as pd
import pyarrow as pa

from bench.contender import Contender, Held, Limits
from bench.dataset import Dataset, event_tables
from bench.definitions import Definition

_WHO = "customer_id"
_AT = "occurred_at"
_GAP = pd.Timedelta(minutes=30)


class PandasContender(Contender):
    """Whole columns in memory, strings by Arrow."""

    def __init__(self, dataset: Dataset) -> None:
        self.versions = {"pandas": pd.__version__, "numpy": np.__version__}
        self._dataset = dataset
        self._now = dataset.now.replace(tzinfo=None)
        self._queries: dict[str, Callable[[], pd.DataFrame]] = {
            "s1": self._filtered_count,
            "s2": self._unfollowed,
            "s3": self._sequence,
            "s4": self._top_spenders,
            "s5": self._sessions,
            "s6": self._wide_features,
        }

    def answer(self, definition: Definition) -> Held:
        """Read the columns needed and compute."""
        frame = self._queries[definition.key]()
        return lambda: pa.Table.from_pandas(frame, preserve_index=False)

    def close(self) -> None:
        """Nothing stays open."""

    def _events(self, table: str, *columns: str, after: datetime | None = None) -> pd.DataFrame:
        kept = [(_AT, "<=", self._now)] + ([(_AT, ">", after)] if after else [])
        frame = pd.read_parquet(self._dataset.parquet(table), columns=[_WHO, _AT, *columns], filters=kept)
        if "revenue" in columns:
            frame["revenue"] = frame["revenue"].astype("float64")
        return frame

    def _customers(self) -> pd.DataFrame:
        return pd.read_parquet(self._dataset.parquet("customers"), columns=[_WHO])

    def _ago(self, days: int) -> datetime:
        return self._now - pd.Timedelta(days=days)

    def _filtered_count(self) -> pd.DataFrame:
        views = self._events("event_product_viewed", "category", after=self._ago(7))
        counts = views[views["category"] == "c07"].groupby(_WHO).size()
        return counts[counts >= 3].reset_index()[[_WHO]]

    def _unfollowed(self) -> pd.DataFrame:
        views = self._events("event_product_viewed", after=self._ago(30))
        views = views[views[_AT] <= self._ago(7)]
        orders = self._events("event_order_completed", after=self._ago(30)).assign(ordered_at=lambda each: each[_AT])
        paired = pd.merge_asof(views, orders, on=_AT, by=_WHO, direction="forward", allow_exact_matches=False)
        late = paired["ordered_at"].isna() | (paired["ordered_at"] > paired[_AT] + pd.Timedelta(days=7))
        return paired.loc[late, [_WHO]].drop_duplicates()

    def _sequence(self) -> pd.DataFrame:
        day = pd.Timedelta(hours=24)
        orders = self._events("event_order_completed").rename(columns={_AT: "ordered_at"})
        additions = self._events("event_product_added").rename(columns={_AT: "added_at"})
        pairs = additions.merge(orders, on=_WHO)
        soon = (pairs["added_at"] < pairs["ordered_at"]) & (pairs["added_at"] >= pairs["ordered_at"] - day)
        answered = pairs.loc[soon, [_WHO, "added_at"]].drop_duplicates()
        chains = self._events("event_product_viewed").merge(answered, on=_WHO)
        soon = (chains[_AT] < chains["added_at"]) & (chains[_AT] >= chains["added_at"] - day)
        return chains.loc[soon, [_WHO]].drop_duplicates()

    def _top_spenders(self) -> pd.DataFrame:
        orders = self._events("event_order_completed", "revenue", after=self._ago(90))
        spent = orders.groupby(_WHO)["revenue"].sum().round(4)
        everyone = self._customers()
        revenue = everyone[_WHO].map(spent).fillna(0.0)
        return everyone[revenue.rank(method="max") / len(everyone) >= 0.9]

    def _sessions(self) -> pd.DataFrame:
        """Sorted once; a row opens a visit when the row above is another customer's or too long ago."""
        rows = pd.concat([self._events(table) for table in event_tables()], ignore_index=True)
        rows = rows.sort_values([_WHO, _AT], ignore_index=True)
        opens = (rows[_WHO] != rows[_WHO].shift()) | (rows[_AT].diff() >= _GAP)
        starts = np.flatnonzero(opens.to_numpy())
        ends = np.append(starts[1:], len(rows)) - 1
        visits = pd.DataFrame(
            {
                _WHO: rows[_WHO].take(starts).array,
                "started_at": rows[_AT].take(starts).array,
                "ended_at": rows[_AT].take(ends).array,
            }
        )
        visits = visits[visits["ended_at"] <= self._now - _GAP]
        seconds = (visits["ended_at"] - visits["started_at"]).dt.total_seconds() // 1
        counted = seconds.groupby(visits[_WHO]).agg(sessions="size", mean_duration_s="mean")
        wide = self._customers().merge(counted, on=_WHO, how="left")
        return wide.fillna({"sessions": 0}).astype({"sessions": "int64"})

    def _wide_features(self) -> pd.DataFrame:
        sides = [
            self._orders(),
            self._pages(),
            self._products(),
            self._additions(),
            self._counts(self._events("event_cart_viewed", after=self._ago(90)), "cart_views"),
            self._counts(self._events("event_email_opened", after=self._ago(90)), "opens"),
        ]
        wide = reduce(lambda left, right: left.join(right), sides, self._customers().set_index(_WHO))
        counted = [name for name in wide.columns if name.endswith(("_7d", "_30d", "_90d", "ts_ordered"))]
        return wide.fillna(dict.fromkeys(counted, 0)).reset_index()

    def _counts(self, rows: pd.DataFrame, prefix: str) -> pd.DataFrame:
        flags = pd.DataFrame({f"{prefix}_{days}d": rows[_AT] > self._ago(days) for days in (7, 30, 90)})
        return flags.groupby(rows[_WHO]).sum()

    def _orders(self) -> pd.DataFrame:
        rows = self._events("event_order_completed", "position", "product_id", "category", "revenue", "items")
        rows = rows.sort_values([_AT, "position"])
        recent = rows[rows[_AT] > self._ago(90)].groupby(_WHO)
        figures = rows.groupby(_WHO).agg(
            last_order_at=(_AT, "max"),
            first_order_at=(_AT, "min"),
            mean_order=("revenue", "mean"),
            largest_order=("revenue", "max"),
            mean_items=("items", "mean"),
            products_ordered=("product_id", "nunique"),
            first_category=("category", "first"),
            latest_category=("category", "last"),
        )
        sums = recent.agg(spend_90d=("revenue", "sum"), items_90d=("items", "sum"))
        return figures.join(sums).join(self._counts(rows, "orders"))

    def _pages(self) -> pd.DataFrame:
        rows = self._events("event_page_viewed")
        ends = rows.groupby(_WHO).agg(first_seen_at=(_AT, "min"), last_seen_at=(_AT, "max"))
        return self._counts(rows, "page_views").join(ends)

    def _products(self) -> pd.DataFrame:
        rows = self._events("event_product_viewed", "position", "product_id", "category")
        latest = rows.sort_values([_AT, "position"]).groupby(_WHO)["product_id"].last().rename("latest_product")
        seen = rows[rows[_AT] > self._ago(90)][[_WHO, "product_id"]].drop_duplicates().groupby(_WHO).size()
        categories = rows[rows[_AT] > self._ago(30)][[_WHO, "category"]].drop_duplicates().groupby(_WHO).size()
        counts = self._counts(rows, "product_views").join(latest)
        return counts.join(seen.rename("products_viewed_90d")).join(categories.rename("categories_viewed_30d"))

    def _additions(self) -> pd.DataFrame:
        rows = self._events("event_product_added", "items", after=self._ago(90))
        items = rows[rows[_AT] > self._ago(30)].groupby(_WHO)["items"].sum().rename("items_added_30d")
        return self._counts(rows, "additions").join(items)


def open_contender(dataset: Dataset, limits: Limits) -> Contender:
    """Pandas over the Parquet files; it has no memory limit to set."""
    del limits
    pa.set_cpu_count(2)
    pa.set_io_thread_count(2)
    return PandasContender(dataset)
