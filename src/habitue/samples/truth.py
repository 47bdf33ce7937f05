"""What was planted, written beside the feeds so that models and matchers can be tested against it."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from habitue.samples.accounts import cookies, main_accounts, paper, stranger_cookies
from habitue.samples.campaigns import CAMPAIGNS, RESPONSES, Assignments, Season
from habitue.samples.crm import Book, record_accounts
from habitue.samples.dice import Floats, Ints
from habitue.samples.feeds import Rows, Text, days, instants_s, join, only_where, pick, quoted, whole
from habitue.samples.oddities import Oddity
from habitue.samples.orders import TROUBLES
from habitue.samples.papers import Shop
from habitue.samples.people import CHANNELS, COUNTRIES, NEVER
from habitue.samples.personas import PERSONAS
from habitue.samples.phrases import LANGUAGES, TOPICS
from habitue.samples.reviews import FEELINGS, Reviews
from habitue.samples.span import DAYS, Span
from habitue.samples.visits import Visits
from habitue.samples.wares import CATEGORIES, STYLES, THEN_SHARE, Catalogue

_MILLION = 1_000_000


def decimals(values: Floats) -> Text:
    """Numbers with six decimals, the same figures on every machine."""
    parts = (np.abs(values) * _MILLION + 0.5).astype(np.int64)
    sign = pick(pa.array(["", "-"]), ((values < 0) & (parts > 0)).astype(np.int64))
    rest = pa.compute.utf8_lpad(whole(parts % _MILLION), width=6, padding="0")
    return join(sign, whole(parts // _MILLION), ".", rest)


def _shares(steps: Floats) -> list[Text]:
    """Weights of each column as shares, from running totals."""
    columns = [steps[:, 0]] + [steps[:, n] - steps[:, n - 1] for n in range(1, steps.shape[1])]
    return [decimals(each) for each in columns]


def person_rows(season: Season, book: Book) -> Rows:
    """Who each person is: persona, when and why they left, what they like."""
    people, lives = season.people, season.lives
    size = len(people)
    everyone = np.arange(size, dtype=np.int64)
    left = lives.churned_at < NEVER
    reason = pick(pa.array(["drift", *TROUBLES[1:]]), lives.trouble)
    tastes, styles = _shares(people.tastes), _shares(people.styles)
    favourite = np.argmax(np.diff(people.tastes, axis=1, prepend=0.0), axis=1)
    style = np.argmax(np.diff(people.styles, axis=1, prepend=0.0), axis=1)
    columns: list[tuple[str, Text]] = [
        ("person_id", whole(people.first + everyone)),
        ("customer_id", main_accounts(people, everyone)),
        ("persona", pick(pa.array([each.name for each in PERSONAS]), people.persona)),
        ("country", pick(pa.array(COUNTRIES), people.country)),
        ("household_id", whole(book.household)),
        ("registered_at", instants_s(people.registered_at)),
        ("churned_at", only_where(instants_s(np.where(left, lives.churned_at, 0)), left)),
        ("churn_reason", only_where(reason, left)),
        ("orders_a_year", decimals(people.rate * 365)),
        ("price_sensitivity", decimals(people.thrift)),
        ("best_send_hour", whole(people.send_hour)),
        ("favourite_category", pick(pa.array(CATEGORIES), favourite)),
        ("favourite_style", pick(pa.array(STYLES), style)),
        *((f"taste_{name.lower()}", each) for name, each in zip(CATEGORIES, tastes, strict=True)),
        *((f"style_{name}", each) for name, each in zip(STYLES, styles, strict=True)),
    ]
    return Rows(names=tuple(name for name, _ in columns), columns=tuple(text for _, text in columns))


def record_links(book: Book, season: Season, number: Ints) -> Rows:
    """Which person each CRM record is about."""
    person = np.array([each.person for each in book.records], dtype=np.int64)
    return Rows(
        names=("record_id", "person_id", "customer_id", "kind"),
        columns=(
            paper("CRM", number),
            whole(season.people.first + person),
            pa.array(record_accounts(season.people, book.records)),
            pa.array([each.kind for each in book.records]),
        ),
    )


def cookie_links(visits: Visits, season: Season, stranger: Ints) -> Rows:
    """Which person each anonymous id is; empty for visitors who never said."""
    people = season.people
    used = np.unique((visits.person * 2 + visits.device)[visits.stranger < 0])
    nobody = pa.array([""] * len(stranger), pa.string())
    return Rows(
        names=("anonymous_id", "person_id"),
        columns=(
            pa.concat_arrays([cookies(people, used // 2, used % 2), stranger_cookies(stranger)]),
            pa.concat_arrays([whole(people.first + used // 2), nobody]),
        ),
    )


def uplift_rows(drawn: Assignments, season: Season) -> Rows:
    """What one campaign does to each person drawn: chance of an order within 14 days without and with it."""
    return Rows(
        names=("campaign_id", "customer_id", "arm", "response", "p_control", "p_treated", "uplift"),
        columns=(
            pa.array([CAMPAIGNS[drawn.campaign].id] * len(drawn), pa.string()),
            main_accounts(season.people, drawn.person),
            pick(pa.array(["control", "treatment"]), drawn.treated.astype(np.int64)),
            pick(pa.array(RESPONSES), drawn.response),
            decimals(drawn.without),
            decimals(drawn.without + drawn.lift),
            decimals(drawn.lift),
        ),
    )


def order_causes(shop: Shop) -> Rows:
    """Orders that went wrong or that a campaign brought."""
    told = np.flatnonzero((shop.orders.trouble > 0) | (shop.orders.campaign >= 0))
    return Rows(
        names=("order_id", "trouble", "caused_by"),
        columns=(
            paper("O", shop.number[told]),
            pick(pa.array(TROUBLES), shop.orders.trouble[told]),
            pick(pa.array([*(each.id for each in CAMPAIGNS), ""]), shop.orders.campaign[told] % (len(CAMPAIGNS) + 1)),
        ),
    )


def review_meanings(reviews: Reviews, number: Ints) -> Rows:
    """What each review is about and how it feels."""
    order = np.argsort(reviews.at, kind="stable")
    return Rows(
        names=("review_id", "language", "topic", "sentiment"),
        columns=(
            paper("V", number[order]),
            pick(pa.array(LANGUAGES), reviews.language[order]),
            pick(pa.array(TOPICS), reviews.topic[order]),
            pick(pa.array(FEELINGS), reviews.feeling[order]),
        ),
    )


def item_rows(catalogue: Catalogue) -> Rows:
    """The hidden side of each item: style, quality, and what is bought after it."""
    place = np.arange(len(catalogue.ids), dtype=np.int64)
    follows = catalogue.then >= 0
    return Rows(
        names=("item_id", "style", "quality", "then_item_id", "then_chance"),
        columns=(
            pa.array(catalogue.ids),
            pick(pa.array(STYLES), catalogue.style[place]),
            decimals(catalogue.quality),
            only_where(pick(pa.array(catalogue.ids), np.maximum(catalogue.then, 0)), follows),
            only_where(pa.array([f"{THEN_SHARE:.2f}"] * len(place)), follows),
        ),
    )


def oddity_rows(span: Span, oddities: Sequence[Oddity]) -> Rows:
    """The days on which something happened to the shop."""
    last = np.array([DAYS - 1 - each.ends_before for each in oddities], dtype=np.int64) + span.first_day
    length = np.array([each.days for each in oddities], dtype=np.int64)
    return Rows(
        names=("name", "metric", "first_day", "last_day", "channel", "country", "change", "driver"),
        columns=(
            pa.array([each.name for each in oddities], pa.string()),
            pa.array([each.metric for each in oddities], pa.string()),
            days(last - length + 1),
            days(last),
            pa.array(["" if each.channel is None else CHANNELS[each.channel] for each in oddities], pa.string()),
            pa.array(["" if each.country is None else COUNTRIES[each.country] for each in oddities], pa.string()),
            pa.array([f"{-each.lost:.2f}" for each in oddities], pa.string()),
            quoted(pa.array([each.driver for each in oddities], pa.string())),
        ),
    )
