"""The names of the language: namespaces, keywords, limits. One place that reading and docs share."""

from typing import Final

from habitue.rules.nodes import Namespace

NAMESPACES: Final[tuple[Namespace, ...]] = ("trait", "feature", "score", "segment", "cluster", "consent")
SCORE_PARTS: Final = ("decile", "low", "high")
WINDOW_KEYWORDS: Final = ("last", "between", "since", "today", "this_week", "this_month")

LONGEST_TEXT: Final = 20_000
MOST_TOKENS: Final = 5_000
DEEPEST: Final = 50
LARGEST_NUMBER: Final = 1_000_000_000_000_000
MOST_PERIODS: Final = 60
MOST_STEPS: Final = 10
MOST_TILES: Final = 100
MOST_PLACES: Final = 8
LONGEST_PATTERN: Final = 1_000
AGGREGATES_OVER_EVENT: Final = ("did", "count", "first_at", "last_at")
AGGREGATES_OVER_PROPERTY: Final = ("sum", "avg", "min", "max", "distinct", "mode", "first", "latest")
TEXT_TESTS: Final = ("contains", "startswith", "endswith", "matches")
