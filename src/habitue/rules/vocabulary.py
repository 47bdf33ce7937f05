"""The terms of the language as a builder offers them: a group, a few words of help, an example, what each takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from habitue.rules.tree_shapes import SHAPES

DID, ORDER, WHO, RANK, JOIN, COMPARE, TEXT, RECKON = (
    "What they did",
    "In what order",
    "Who they are",
    "Place among all",
    "Together",
    "Compare",
    "Text",
    "Reckon",
)
TRUTH, NUMBER, TIME, DURATION, WORDS, SAME = "truth", "number", "time", "duration", "text", "value"


@dataclass(frozen=True, slots=True, kw_only=True)
class TermArgument:
    """What a term takes.

    Attributes:
        key: Its key in a rule's JSON.
        kind: What stands there: `event`, `property`, `where`, `window`, `duration`, `rule`, `value` …
        about: A few words of help.
        needed: Whether it may not be left out.
    """

    key: str
    kind: str
    about: str
    needed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TermHelp:
    """One term of the language.

    Attributes:
        term: Its word, as in a rule's JSON.
        group: The heading it is offered under.
        label: A few words for people.
        help: What it means, in one sentence.
        example: A rule's text, or a part of one, that holds it.
        gives: `truth`, `number`, `time`, `duration`, `text` or `value` (of what it is about).
        in_event: Whether it may stand in a condition on one event.
        arguments: What it takes.
    """

    term: str
    group: str
    label: str
    help: str
    example: str
    gives: str
    in_event: bool
    arguments: tuple[TermArgument, ...]


_KEYS: Final[Mapping[str, tuple[str, str]]] = {
    "event": ("event", "What happened."),
    "by": ("event", "What answers it."),
    "events": ("events", "Two to ten events, in order."),
    "property": ("property", "Which property of the event."),
    "where": ("where", "Only events for which this holds."),
    "window": ("window", "Which stretch of time; left out: ever."),
    "within": ("duration", "The longest gap."),
    "after": ("duration", "How long it has not happened."),
    "every": ("duration", "The length of a period."),
    "last": ("duration", "The length of either stretch of time."),
    "periods": ("whole", "In how many periods at least."),
    "of": ("whole", "Of how many periods."),
    "on": ("property", "A property that has to be the same on both."),
    "name": ("name", "Which one."),
    "part": ("choice", "decile, low or high; left out: the score."),
    "n": ("whole", "How many."),
    "salt": ("text", "A text of your own: another one cuts otherwise."),
    "relation": ("relation", "Among whom."),
    "condition": ("rule", "What has to hold."),
    "trait": ("name", "A trait that is a place."),
    "latitude": ("number", "Degrees north."),
    "longitude": ("number", "Degrees east."),
    "argument": ("text", "The other text."),
    "fallback": ("constant", "What stands for nothing."),
    "left": ("value", "What is compared."),
    "right": ("value", "With what."),
    "options": ("constants", "The values, one of which it has to be."),
    "parts": ("rules", "The conditions."),
    "kind": ("choice", "What sort of value."),
    "value": ("value", "Of what."),
}
_ROWS: Final = (
    ("did", DID, "Did", "It happened at least once.", "did('Order Completed', last='30d')", TRUTH),
    ("count", DID, "How often", "How many times it happened.", "count('Order Completed', last='90d') >= 3", NUMBER),
    ("sum", DID, "Total of", "A property of every such event, added up.",
     "sum('Order Completed'.revenue, last='90d') >= 200", NUMBER),
    ("avg", DID, "Average of", "The mean of a property of such events.",
     "avg('Order Completed'.revenue) >= 50", NUMBER),
    ("min", DID, "Least of", "The least value of a property.", "min('Order Completed'.revenue) < 10", SAME),
    ("max", DID, "Most of", "The greatest value of a property.", "max('Order Completed'.revenue) > 500", SAME),
    ("distinct", DID, "How many different", "How many different values a property had.",
     "distinct('Product Viewed'.product_id, last='14d') >= 3", NUMBER),
    ("mode", DID, "Most frequent", "The value that a property had most often.",
     "mode('Product Viewed'.category) == 'Shoes'", SAME),
    ("first", DID, "First value of", "A property of the earliest such event.",
     "first('Order Completed'.channel) == 'web'", SAME),
    ("latest", DID, "Latest value of", "A property of the most recent such event.",
     "latest('Order Completed'.channel) == 'web'", SAME),
    ("first_at", DID, "When first", "The instant of the earliest such event.",
     "since(first_at('Order Completed')) <= '30d'", TIME),
    ("last_at", DID, "When last", "The instant of the most recent such event.",
     "since(last_at('Order Completed')) > '90d'", TIME),
    ("stopped", DID, "Stopped", "It happened before, and not for so long.", "stopped('Session', after='21d')", TRUTH),
    ("regularly", DID, "Regularly", "It happened in so many of the last periods.",
     "regularly('Session', every='7d', periods=4, of=6)", TRUTH),
    ("sequence", ORDER, "One after the other", "These happened in this order, each soon after the one before.",
     "sequence('Product Viewed', 'Cart Viewed', 'Order Completed', within='24h')", TRUTH),
    ("followed", ORDER, "Followed by", "One was followed by the other in time.",
     "followed('Cart Viewed', by='Order Completed', within='2h')", TRUTH),
    ("unfollowed", ORDER, "Not followed by", "One happened, and the time for the other has passed without it.",
     "unfollowed('Cart Viewed', by='Order Completed', within='24h', last='7d')", TRUTH),
    ("trait", WHO, "Trait", "What is known of a person now.", "trait.country == 'GB'", SAME),
    ("feature", WHO, "Feature", "A named figure of the project.", "feature.orders_365d >= 4", SAME),
    ("segment", WHO, "In a segment", "A member of another segment.", "segment.lapsed", TRUTH),
    ("cluster", WHO, "Cluster", "The label of a person's cluster.", "cluster.personas == 'gift buyers'", WORDS),
    ("score", WHO, "Score", "What a model says at present.", "score.churn >= 0.6", NUMBER),
    ("consent", WHO, "Consents to", "Has a basis for a purpose now.", "consent.marketing_email", TRUTH),
    ("any", WHO, "Some of the group", "It holds for some member of a person's group.",
     "any(household, did('Order Completed'))", TRUTH),
    ("all", WHO, "All of the group", "It holds for every member.", "all(household, consent.marketing_email)", TRUTH),
    ("none", WHO, "None of the group", "It holds for no member.", "none(household, did('Order Refunded'))", TRUTH),
    ("distance_km", WHO, "Distance in km", "How far a person's place is from a point.",
     "distance_km(trait.location, (52.5, 13.4)) < 50", NUMBER),
    ("bucket", WHO, "Random share", "A lasting number from 0 to 9999 drawn for each person.",
     "bucket('autumn') < 5000", NUMBER),
    ("percentile", RANK, "Percentile", "The share of customers at or below, from 0 to 1.",
     "percentile(feature.spend_365d) >= 0.9", NUMBER),
    ("tile", RANK, "Tile", "A score of 1 to n, as many customers in each.", "tile(feature.spend_365d, 5) == 5", NUMBER),
    ("top", RANK, "Among the top", "Among the n largest.", "top(feature.spend_365d, 1000)", TRUTH),
    ("and", JOIN, "All of", "Every part holds.", "did('Session') and trait.country == 'GB'", TRUTH),
    ("or", JOIN, "Any of", "Some part holds.", "did('Session') or trait.country == 'GB'", TRUTH),
    ("not", JOIN, "Not", "It does not hold.", "not did('Order Completed')", TRUTH),
    ("==", COMPARE, "is", "Both are the same.", "trait.country == 'GB'", TRUTH),
    ("!=", COMPARE, "is not", "They differ, and both are there.", "trait.country != 'GB'", TRUTH),
    ("<", COMPARE, "is less than", "Less.", "feature.orders_365d < 3", TRUTH),
    ("<=", COMPARE, "is at most", "Less, or the same.", "feature.orders_365d <= 3", TRUTH),
    (">", COMPARE, "is more than", "More.", "feature.orders_365d > 3", TRUTH),
    (">=", COMPARE, "is at least", "More, or the same.", "feature.orders_365d >= 3", TRUTH),
    ("in", COMPARE, "is one of", "One of several values.", "trait.country in ['GB', 'IE']", TRUTH),
    ("not in", COMPARE, "is none of", "There, and none of several values.", "trait.country not in ['GB', 'IE']", TRUTH),
    ("exists", COMPARE, "is known", "It is not missing.", "exists(trait.country)", TRUTH),
    ("contains", TEXT, "contains", "Holds a text.", "contains(trait.city, 'ber')", TRUTH),
    ("startswith", TEXT, "begins with", "Begins with a text.", "startswith(trait.city, 'Ber')", TRUTH),
    ("endswith", TEXT, "ends with", "Ends with a text.", "endswith(trait.city, 'lin')", TRUTH),
    ("matches", TEXT, "matches", "Fits a pattern (RE2).", "matches(trait.city, '^B.*n$')", TRUTH),
    ("lower", TEXT, "In small letters", "A text in lower case.", "lower(trait.city) == 'berlin'", WORDS),
    ("property", RECKON, "Property", "A property of the event that the condition is about.",
     "did('Order Completed', where=revenue >= 50)", SAME),
    ("constant", RECKON, "Value", "A value that stands in the rule.", "trait.country == 'GB'", SAME),
    ("since", RECKON, "Time since", "How long ago an instant is.", "since(last_at('Session')) > '21d'", DURATION),
    ("days", RECKON, "In days", "A length of time in days.", "days(since(last_at('Session'))) > 21", NUMBER),
    ("change", RECKON, "Change", "The last stretch of time divided by the one before it.",
     "change(count('Session'), last='30d') < 0.5", NUMBER),
    ("default", RECKON, "Or else", "A value, or another where it is missing.",
     "default(trait.country, 'unknown') == 'unknown'", SAME),
    ("when", RECKON, "Only when", "A value where something holds, else missing.",
     "when(did('Session'), feature.spend_365d) > 100", SAME),
    ("+", RECKON, "plus", "The sum.", "feature.orders_365d + 1 > 3", NUMBER),
    ("-", RECKON, "minus", "The difference.", "feature.orders_365d - 1 > 3", NUMBER),
    ("*", RECKON, "times", "The product.", "feature.orders_365d * 2 > 3", NUMBER),
    ("/", RECKON, "divided by", "The quotient; missing where it is by 0.", "feature.orders_365d / 2 > 3", NUMBER),
    ("negative", RECKON, "Turned", "A number with its sign turned.", "-feature.orders_365d < -3", NUMBER),
)  # fmt: skip


def _arguments(term: str) -> tuple[TermArgument, ...]:
    found = []
    for field in SHAPES[term].fields:
        kind, about = _KEYS[field.key]
        found.append(TermArgument(key=field.key, kind=kind, about=about, needed=field.absent is ...))
    return tuple(found)


TERMS: Final = tuple(
    TermHelp(
        term=term,
        group=group,
        label=label,
        help=words,
        example=example,
        gives=gives,
        in_event=SHAPES[term].in_row,
        arguments=_arguments(term),
    )
    for term, group, label, words, example, gives in _ROWS
)
"""Every term of the language, in the order in which it is offered."""
