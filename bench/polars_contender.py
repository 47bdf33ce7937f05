"""Polars, lazy and streaming, over the same rows in Parquet."""

from collections.abc import Callable
from datetime import datetime, timedelta

import polars as pl
import pyarrow as pa

from bench.contender import Contender, Held, Limits
from bench.dataset import Dataset, event_tables
from bench.definitions import Definition

occurred = pl.col("occurred_at")
_WHO = "customer_id"


class PolarsContender(Contender):
    """Lazy frames collected by the streaming engine; threads are limited by the environment of the process."""

    def __init__(self, dataset: Dataset) -> None:
        self.versions = {"polars": pl.__version__}
        self._dataset = dataset
        self._now = dataset.now.replace(tzinfo=None)
        self._queries: dict[str, Callable[[], pl.LazyFrame]] = {
            "s1": self._filtered_count,
            "s2": self._unfollowed,
            "s3": self._sequence,
            "s4": self._top_spenders,
            "s5": self._sessions,
            "s6": self._wide_features,
        }

    def answer(self, definition: Definition) -> Held:
        """Plan, optimise and collect the frame."""
        frame = self._queries[definition.key]().collect(engine="streaming")
        return lambda: _as_arrow(frame)

    def close(self) -> None:
        """Nothing stays open."""

    def _events(self, table: str) -> pl.LazyFrame:
        return pl.scan_parquet(self._dataset.parquet(table)).filter(occurred <= self._now)

    def _customers(self) -> pl.LazyFrame:
        return pl.scan_parquet(self._dataset.parquet("customers")).select(_WHO)

    def _ago(self, days: int) -> datetime:
        return self._now - timedelta(days=days)

    def _filtered_count(self) -> pl.LazyFrame:
        views = self._events("event_product_viewed").filter(occurred > self._ago(7), pl.col("category") == "c07")
        return views.group_by(_WHO).agg(views=pl.len()).filter(pl.col("views") >= 3).select(_WHO)

    def _unfollowed(self) -> pl.LazyFrame:
        """Each view's next order; members have a view without one, or with one too late."""
        views = self._events("event_product_viewed").filter(occurred > self._ago(30), occurred <= self._ago(7))
        orders = self._events("event_order_completed").filter(occurred > self._ago(30))
        paired = views.select(_WHO, "occurred_at").join_asof(
            orders.select(_WHO, "occurred_at", ordered_at="occurred_at"),
            on="occurred_at",
            by=_WHO,
            strategy="forward",
            allow_exact_matches=False,
            check_sortedness=False,
        )
        late = pl.col("ordered_at").is_null() | (pl.col("ordered_at") > occurred + timedelta(days=7))
        return paired.filter(late).select(_WHO).unique()

    def _sequence(self) -> pl.LazyFrame:
        """Joins from the rarest event backwards: additions that an order answers, then the views before those."""
        day = timedelta(hours=24)
        orders = self._events("event_order_completed").select(_WHO, ordered_at="occurred_at")
        additions = self._events("event_product_added").select(_WHO, added_at="occurred_at")
        views = self._events("event_product_viewed").select(_WHO, viewed_at="occurred_at")
        ordered, added, viewed = pl.col("ordered_at"), pl.col("added_at"), pl.col("viewed_at")
        answered = (
            additions.join(orders, on=_WHO)
            .filter(added < ordered, added >= ordered - day)
            .select(_WHO, "added_at")
            .unique()
        )
        return views.join(answered, on=_WHO).filter(viewed < added, viewed >= added - day).select(_WHO).unique()

    def _top_spenders(self) -> pl.LazyFrame:
        orders = self._events("event_order_completed").filter(occurred > self._ago(90))
        spent = orders.group_by(_WHO).agg(pl.col("revenue").sum())
        everyone = self._customers().join(spent, on=_WHO, how="left").with_columns(pl.col("revenue").fill_null(0))
        place = pl.col("revenue").rank("max") / pl.len()
        return everyone.filter(place >= 0.9).select(_WHO)

    def _sessions(self) -> pl.LazyFrame:
        """Sorted once; a row opens a visit when the row above is another customer's or too long ago."""
        gap = timedelta(minutes=30)
        happened = pl.concat([self._events(table).select(_WHO, "occurred_at") for table in event_tables()])
        spaced = happened.sort(_WHO, "occurred_at").with_columns(
            opens=((pl.col(_WHO) != pl.col(_WHO).shift()) | (occurred - occurred.shift() >= gap)).fill_null(value=True),
            previous_at=occurred.shift(),
        )
        opened = spaced.filter("opens").select(_WHO, started_at="occurred_at", previous_at="previous_at")
        newest = happened.group_by(_WHO).agg(newest_at=occurred.max())
        visits = (
            opened.with_columns(
                ended_at=pl.when(pl.col(_WHO) == pl.col(_WHO).shift(-1)).then(pl.col("previous_at").shift(-1))
            )
            .join(newest, on=_WHO)
            .with_columns(ended_at=pl.coalesce("ended_at", "newest_at"))
            .filter(pl.col("ended_at") <= self._now - gap)
        )
        lengths = (pl.col("ended_at") - pl.col("started_at")).dt.total_seconds()
        counted = visits.group_by(_WHO).agg(sessions=pl.len(), mean_duration_s=lengths.mean())
        return self._customers().join(counted, on=_WHO, how="left").with_columns(pl.col("sessions").fill_null(0))

    def _wide_features(self) -> pl.LazyFrame:
        wide = self._customers()
        for side in (self._orders(), self._pages(), self._products(), self._carts(), self._additions(), self._opens()):
            wide = wide.join(side, on=_WHO, how="left")
        counted = [name for name in _COUNTED if name]
        return wide.with_columns(pl.col(*counted).fill_null(0))

    def _counts(self, prefix: str) -> list[pl.Expr]:
        return [(occurred > self._ago(days)).sum().alias(f"{prefix}_{days}d") for days in (7, 30, 90)]

    def _orders(self) -> pl.LazyFrame:
        recent = occurred > self._ago(90)
        by_time = pl.struct("occurred_at", "position")
        return (
            self._events("event_order_completed")
            .group_by(_WHO)
            .agg(
                *self._counts("orders"),
                last_order_at=occurred.max(),
                first_order_at=occurred.min(),
                spend_90d=pl.col("revenue").filter(recent).sum(),
                mean_order=pl.col("revenue").cast(pl.Float64).mean(),
                largest_order=pl.col("revenue").max(),
                items_90d=pl.col("items").filter(recent).sum(),
                mean_items=pl.col("items").mean(),
                products_ordered=pl.col("product_id").n_unique(),
                first_category=pl.col("category").sort_by(by_time).first(),
                latest_category=pl.col("category").sort_by(by_time).last(),
            )
        )

    def _pages(self) -> pl.LazyFrame:
        pages = self._events("event_page_viewed").group_by(_WHO)
        return pages.agg(*self._counts("page_views"), first_seen_at=occurred.min(), last_seen_at=occurred.max())

    def _products(self) -> pl.LazyFrame:
        views = self._events("event_product_viewed")
        counts = views.group_by(_WHO).agg(
            *self._counts("product_views"),
            latest_product=pl.col("product_id").sort_by("occurred_at", "position").last(),
        )
        seen = (
            views.filter(occurred > self._ago(90))
            .select(_WHO, "product_id")
            .unique()
            .group_by(_WHO)
            .agg(products_viewed_90d=pl.len())
        )
        categories = (
            views.filter(occurred > self._ago(30))
            .select(_WHO, "category")
            .unique()
            .group_by(_WHO)
            .agg(categories_viewed_30d=pl.len())
        )
        return counts.join(seen, on=_WHO, how="left").join(categories, on=_WHO, how="left")

    def _additions(self) -> pl.LazyFrame:
        items = pl.col("items").filter(occurred > self._ago(30)).sum().alias("items_added_30d")
        return self._events("event_product_added").group_by(_WHO).agg(*self._counts("additions"), items)

    def _carts(self) -> pl.LazyFrame:
        return self._events("event_cart_viewed").group_by(_WHO).agg(*self._counts("cart_views"))

    def _opens(self) -> pl.LazyFrame:
        return self._events("event_email_opened").group_by(_WHO).agg(*self._counts("opens"))


_COUNTED = [
    *(
        f"{prefix}_{days}d"
        for prefix in ("orders", "page_views", "product_views", "additions", "cart_views", "opens")
        for days in (7, 30, 90)
    ),
    "spend_90d",
    "items_90d",
    "products_ordered",
    "products_viewed_90d",
    "categories_viewed_30d",
    "items_added_30d",
]


def _as_arrow(frame: pl.DataFrame) -> pa.Table:
    return frame.to_arrow()


def open_contender(dataset: Dataset, limits: Limits) -> Contender:
    """Polars over the Parquet files; it has no memory limit to set."""
    del limits
    return PolarsContender(dataset)
