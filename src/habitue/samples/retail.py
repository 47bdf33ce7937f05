"""The retail sample: a gift and home shop's two years, with everything planted written beside it.

The feeds lie in `data/`, what was planted in `truth/`. One person has a CRM record and a customer id; some have a
second record of the same customer id (a clerk typed it again) and some a second account with an id of its own. Rows
carry the customer id of the account that was used. A visit without login carries `anon-` and the anonymous id as its
customer, and keeps both raw ids, so that who is who can be resolved later; until then every id is a customer.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from habitue.config import writing
from habitue.errors import HabitueError
from habitue.samples import crm, letters, papers, reviews, truth, web
from habitue.samples.accounts import Numbers
from habitue.samples.baskets import fill_baskets, follow_orders
from habitue.samples.campaigns import run_campaigns
from habitue.samples.dice import Dice
from habitue.samples.feeds import FeedFile, Rows, Spoiling, instants_s, pounds, quoted
from habitue.samples.mails import read_mails
from habitue.samples.names import Nation
from habitue.samples.oddities import ODDITIES, Oddity
from habitue.samples.orders import simulate_orders
from habitue.samples.people import draw_people
from habitue.samples.personas import PERSONAS
from habitue.samples.span import Span, make_span
from habitue.samples.visits import make_visits
from habitue.samples.wares import CATEGORIES, Catalogue, make_catalogue

RETAIL_VERSION = 2
FEWEST, MOST = 500, 1_000_000
BLOCK = 5_000
Progress = Callable[[str, int, int], None]

_DATA: dict[str, tuple[Spoiling, ...]] = {
    "crm.csv": crm.SPOILINGS,
    "orders.ndjson": papers.ORDER_SPOILINGS,
    "deliveries.csv": papers.DELIVERY_SPOILINGS,
    "refunds.csv": papers.REFUND_SPOILINGS,
    "web_events.ndjson": web.SPOILINGS,
    "email_events.csv": letters.MAIL_SPOILINGS,
    "reviews.csv": reviews.SPOILINGS,
    "consents.csv": letters.CONSENT_SPOILINGS,
    "campaign_assignments.csv": letters.ASSIGNMENT_SPOILINGS,
    "catalogue.csv": (),
    "campaigns.csv": (),
}
_TRUTH = (
    "persons.csv", "records.csv", "cookies.csv", "uplift.csv", "orders.csv", "reviews.csv", "items.csv",
    "anomalies.csv", "failed.csv", "about.csv",
)  # fmt: skip


class SampleSizeError(HabitueError):
    """A sample of that many customers is not offered."""

    code = "SAMPLE-SIZE"

    def __init__(self, customers: int) -> None:
        super().__init__(
            what=f"A sample of {customers} customers was asked for.",
            do=f"Ask for {FEWEST} to {MOST:,}.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFacts:
    """How one file of the sample came out.

    Attributes:
        file: Its name in `data/`.
        rows: Rows in it, good and bad, without the header.
        failing: Rows that were made invalid on purpose.
    """

    file: str
    rows: int
    failing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetailTruth:
    """What was written.

    Attributes:
        customers: People in the sample.
        records: CRM records, second ones included, bad rows not.
        feeds: Every file in `data/`.
    """

    customers: int
    records: int
    feeds: tuple[FeedFacts, ...]

    @property
    def rows(self) -> int:
        """Rows of all feeds together."""
        return sum(each.rows for each in self.feeds)

    @property
    def failing(self) -> int:
        """Rows of all feeds that were made invalid on purpose."""
        return sum(each.failing for each in self.feeds)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shelf:
    """What all blocks share while a sample is written."""

    seed: int
    span: Span
    oddities: Sequence[Oddity]
    catalogue: Catalogue
    nations: dict[str, Nation]
    numbers: Numbers
    data: dict[str, FeedFile]
    truth: dict[str, FeedFile]


def write_retail(
    folder: Path,
    *,
    customers: int,
    seed: int,
    until: datetime,
    oddities: Sequence[Oddity] = ODDITIES,
    progress: Progress | None = None,
) -> RetailTruth:
    """Write the retail sample into `folder/data` and `folder/truth`, in blocks of 5,000 people.

    The same arguments give the same bytes on every machine. About 25 rows a customer; memory does not grow with size.

    Args:
        folder: Where to; made when absent, files of an earlier sample are replaced.
        customers: How many people, 500 to 1,000,000.
        seed: Any whole number from 0.
        until: The last instant, with its offset; the sample covers the two years that end there.
        oddities: What happens to the shop; none of it for a shop to which nothing does.
        progress: Told ("customers", done, of) after each block.

    Raises:
        SampleSizeError: Too few or too many customers.
        DiskError: The disk is full, or the folder cannot be written.
    """
    if not FEWEST <= customers <= MOST:
        raise SampleSizeError(customers)
    span = make_span(until, [each.season for each in PERSONAS])
    with writing(folder), ExitStack() as stack:
        for name in ("data", "truth"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        shelf = _Shelf(
            seed=seed,
            span=span,
            oddities=oddities,
            catalogue=make_catalogue(seed, span),
            nations=crm.nations(),
            numbers=Numbers(),
            data={n: stack.enter_context(FeedFile(folder / "data" / n, bad)) for n, bad in _DATA.items()},
            truth={n: stack.enter_context(FeedFile(folder / "truth" / n)) for n in _TRUTH},
        )
        _write_fixed(shelf)
        records = 0
        for block, first in enumerate(range(0, customers, BLOCK)):
            size = min(BLOCK, customers - first)
            records += _write_block(shelf, block, first, size)
            if progress is not None:
                progress("customers", first + size, customers)
        _write_summary(shelf, customers)
        feeds = tuple(
            FeedFacts(file=name, rows=file.rows, failing=sum(file.spoilt)) for name, file in shelf.data.items()
        )
    return RetailTruth(customers=customers, records=records, feeds=feeds)


def _write_fixed(shelf: _Shelf) -> None:
    """The files that do not depend on the customers."""
    dice = Dice(shelf.seed, 3)
    shelf.data["catalogue.csv"].append(catalogue_rows(shelf.catalogue), dice)
    shelf.data["campaigns.csv"].append(letters.campaign_rows(shelf.span), dice)
    shelf.truth["items.csv"].append(truth.item_rows(shelf.catalogue), dice)
    shelf.truth["anomalies.csv"].append(truth.oddity_rows(shelf.span, shelf.oddities), dice)


def catalogue_rows(catalogue: Catalogue) -> Rows:
    """The catalogue as the shop exports it."""
    return Rows(
        names=(
            "item_id", "title", "description", "category", "brand", "price", "cost", "colour", "size", "material",
            "launched_on",
        ),
        columns=(
            pa.array(catalogue.ids),
            quoted(pa.array(catalogue.titles)),
            quoted(pa.array(catalogue.descriptions)),
            pa.array(CATEGORIES).take(pa.array(catalogue.category)),
            quoted(pa.array(catalogue.brands)),
            pounds(catalogue.price),
            pounds(catalogue.cost),
            pa.array(catalogue.colours),
            pa.array(catalogue.sizes),
            pa.array(catalogue.materials),
            pa.array(catalogue.launched),
        ),
    )  # fmt: skip


def _write_block(shelf: _Shelf, block: int, first: int, size: int) -> int:
    """Live, write down and forget one block of people; the number of their CRM records."""
    span, seed, numbers = shelf.span, shelf.seed, shelf.numbers
    people = draw_people(seed, block, first, size, span)
    orders, lives = simulate_orders(Dice(seed, 2, block, 1), people, span, shelf.oddities)
    season = run_campaigns(Dice(seed, 2, block, 2), people, orders, lives, span)
    dice = Dice(seed, 2, block, 3)
    baskets = fill_baskets(dice, season.people, season.orders, shelf.catalogue, span)
    shop = papers.Shop(
        people=season.people,
        orders=season.orders,
        baskets=baskets,
        after=follow_orders(dice, season.people, season.orders, baskets, span),
        number=numbers.take("order", len(season.orders)),
        catalogue=shelf.catalogue,
    )
    bad, worse = max(1, size // 1000), Dice(seed, 2, block, 9)
    mails = read_mails(Dice(seed, 2, block, 4), season, span)
    told = reviews.write_reviews(Dice(seed, 2, block, 5), shop, span)
    ledger = letters.consent_rows(Dice(seed, 2, block, 6), season, span)
    book = crm.write_records(Dice(seed, 2, block, 7), season.people, span, shelf.nations)
    record = numbers.take("record", len(book.records))
    review = numbers.take("review", len(told.rating))
    refund = numbers.take("refund", len(shop.after.order))
    for file, rows in (
        ("crm.csv", crm.record_rows(book, people, record)),
        ("orders.ndjson", papers.order_rows(shop)),
        ("deliveries.csv", papers.delivery_rows(shop, span)),
        ("refunds.csv", papers.refund_rows(shop, refund, span)),
        ("email_events.csv", letters.mail_rows(mails, people, numbers)),
        ("reviews.csv", reviews.review_rows(told, shop, review)),
        ("consents.csv", ledger),
    ):
        shelf.data[file].append(rows, worse, bad)
    for file, rows in (
        ("persons.csv", truth.person_rows(season, book)),
        ("records.csv", truth.record_links(book, season, record)),
        ("orders.csv", truth.order_causes(shop)),
        ("reviews.csv", truth.review_meanings(told, review)),
    ):
        shelf.truth[file].append(rows, worse)
    for drawn in season.drawn:
        shelf.data["campaign_assignments.csv"].append(letters.assignment_rows(drawn, people), worse, bad)
        shelf.truth["uplift.csv"].append(truth.uplift_rows(drawn, season), worse)
    visits = make_visits(Dice(seed, 2, block, 8), season, baskets, mails, span, oddities=shelf.oddities)
    trail = web.follow(Dice(seed, 2, block, 10), visits, shop, span, numbers)
    shelf.data["web_events.ndjson"].append(web.web_rows(trail, span), worse, bad)
    shelf.truth["cookies.csv"].append(truth.cookie_links(visits, season, trail.strangers), worse)
    return len(book.records)


def _write_summary(shelf: _Shelf, customers: int) -> None:
    """What was made invalid, and what the sample was made from."""
    dice = Dice(shelf.seed, 4)
    faults = [(name, *fault) for name, file in shelf.data.items() for fault in file.faults()]
    shelf.truth["failed.csv"].append(
        Rows(
            names=("file", "kind", "field", "rows"),
            columns=tuple(pa.array([str(each[column]) for each in faults]) for column in range(4)),
        ),
        dice,
    )
    last = instants_s(np.array([shelf.span.until], dtype=np.int64))
    about = (str(RETAIL_VERSION), str(customers), str(shelf.seed))
    shelf.truth["about.csv"].append(
        Rows(
            names=("version", "customers", "seed", "until"),
            columns=(*(pa.array([each]) for each in about), last),
        ),
        dice,
    )
