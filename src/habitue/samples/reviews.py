"""Reviews in two languages whose words fit their stars and what happened to the order."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from habitue.samples.accounts import paper
from habitue.samples.dice import Dice, Floats, Ints
from habitue.samples.feeds import Rows, Spoiling, Text, instants_s, join, pick, quoted, whole
from habitue.samples.papers import Shop
from habitue.samples.people import GERMAN
from habitue.samples.phrases import CLOSERS, LANGUAGES, OPENERS, SAYINGS, TOPICS
from habitue.samples.span import EVENING_HOUR, Span, seconds_of_day
from habitue.samples.wares import PER_CELL, STYLES

SPOILINGS = (
    Spoiling(kind="out_of_range", column="rating", value="11"),
    Spoiling(kind="wrong_type", column="rating", value="five"),
    Spoiling(kind="missing_required", column="product_id", value=""),
)
_FASHION = 7
FEELINGS = ("negative", "mixed", "positive")
QUALITY, DELIVERY, SIZE, PRICE, SERVICE = range(5)
_VARIANTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviews:
    """Reviews of a block.

    Attributes:
        line: Place of the reviewed line among the block's lines.
        at: UTC seconds.
        rating: One to five stars.
        language: Place in `LANGUAGES`.
        topic: Place in `TOPICS`: what the review is about.
        text: What it says.
    """

    line: Ints
    at: Ints
    rating: Ints
    language: Ints
    topic: Ints
    text: Text

    @property
    def feeling(self) -> Ints:
        """Place in `FEELINGS`: up to two stars negative, three mixed."""
        return np.where(self.rating <= 2, 0, np.where(self.rating == 3, 1, 2))


def write_reviews(dice: Dice, shop: Shop, span: Span) -> Reviews:
    """Let one in seven customers say something about an order, after trouble one in three."""
    orders, baskets = shop.orders, shop.baskets
    trouble = orders.trouble > 0
    on = span.day_of(shop.after.delivered_at) + dice.integers(len(orders), 1, 15)
    at = span.moment(on, seconds_of_day(dice, len(orders), EVENING_HOUR))
    says = dice.chance(np.where(trouble, 0.33, 0.13)) & (at <= span.until)
    order = np.flatnonzero(says)
    line = baskets.starts[order] + dice.below(baskets.starts[order + 1] - baskets.starts[order])
    person = orders.person[order]
    bad = orders.trouble[order]
    quality = shop.catalogue.quality[baskets.item[line]]
    score = 4.35 + 0.6 * quality + 0.8 * dice.normal(len(order)) - np.array([0.0, 1.9, 2.6, 2.4])[bad]
    rating = np.clip((score + 0.5).astype(np.int64), 1, 5)
    german = np.isin(shop.people.country[person], GERMAN) & dice.chance(0.92, len(order))
    language = german.astype(np.int64)
    topic = _topics(dice, shop, line, bad, shop.people.thrift[person])
    return Reviews(
        line=line,
        at=at[order],
        rating=rating,
        language=language,
        topic=topic,
        text=_texts(dice, rating, language, topic),
    )


def _topics(dice: Dice, shop: Shop, line: Ints, bad: Ints, thrift: Floats) -> Ints:
    """What went wrong, if something did; otherwise quality most, size with clothes, price with the thrifty."""
    topic = dice.pick(len(line), [50.0, 22.0, 6.0, 12.0, 10.0])
    fashion = shop.baskets.item[line] // (PER_CELL * len(STYLES)) == _FASHION
    topic = np.where(fashion & dice.chance(0.5, len(line)), SIZE, topic)
    topic = np.where(dice.chance(0.35 * thrift), PRICE, topic)
    return np.where(bad == 1, DELIVERY, np.where(bad == 2, QUALITY, np.where(bad == 3, SERVICE, topic)))


def _texts(dice: Dice, rating: Ints, language: Ints, topic: Ints) -> Text:
    """An opener, what is said of the topic, with mixed feelings a word on another topic, and a closer."""
    size = len(rating)
    feeling = np.where(rating <= 2, 0, np.where(rating == 3, 1, 2))
    openers = pa.array([text for code in LANGUAGES for row in OPENERS[code] for text in row])
    closers = pa.array([f" {text}" if text else "" for code in LANGUAGES for row in CLOSERS[code] for text in row])
    sayings = pa.array(
        [f" {text}" for code in LANGUAGES for name in TOPICS for row in SAYINGS[code][name] for text in row]
    )
    good = np.where(feeling == 2, 1, 0)
    other = (topic + dice.integers(size, 1, len(TOPICS))) % len(TOPICS)
    said = ((language * len(TOPICS) + topic) * 2 + good) * _VARIANTS + dice.integers(size, 0, _VARIANTS)
    besides = ((language * len(TOPICS) + other) * 2 + np.where(feeling == 1, 1, good)) * _VARIANTS
    besides = besides + dice.integers(size, 0, _VARIANTS)
    adds = (feeling == 1) | dice.chance(0.25, size)
    nothing = len(sayings)
    sayings_or_none = pa.concat_arrays([sayings, pa.array([""])])
    opener = (language * 3 + feeling) * 6 + dice.integers(size, 0, 6)
    closer = (language * 3 + feeling) * _VARIANTS + dice.integers(size, 0, _VARIANTS)
    return join(
        pick(openers, opener),
        pick(sayings, said),
        pick(sayings_or_none, np.where(adds, besides, nothing)),
        pick(closers, closer),
    )


def review_rows(reviews: Reviews, shop: Shop, number: Ints) -> Rows:
    """The reviews by time, with running numbers over the whole sample."""
    order = np.argsort(reviews.at, kind="stable")
    line = reviews.line[order]
    of = shop.baskets.order[line]
    return Rows(
        names=("review_id", "order_id", "customer_id", "product_id", "rating", "language", "text", "written_at"),
        columns=(
            pick(paper("V", number), order),
            pick(shop.order_ids(), of),
            pick(shop.accounts(), of),
            pick(pa.array(shop.catalogue.ids), shop.baskets.item[line]),
            whole(reviews.rating[order]),
            pick(pa.array(LANGUAGES), reviews.language[order]),
            quoted(pick(reviews.text, order)),
            instants_s(reviews.at[order]),
        ),
    )
