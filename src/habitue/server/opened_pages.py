"""What the pages of the app ask for when they are opened without anything in their address.

It is said here as `web/src/pages` say it: a test opens every page, and finds what was asked reckoned already.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import quote

import msgspec

from habitue.records.permissions import Role

VOCABULARY: Final = "/api/v1/vocabulary"
METRICS: Final = "/api/v1/metrics"
DASHBOARDS: Final = "/api/v1/dashboards"
FIGURES: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.EXECUTIVE: ("revenue", "orders", "active_customers", "new_customers", "repeat_rate", "refund_rate"),
    Role.MARKETER: ("active_customers", "new_customers", "conversion_rate", "open_rate", "click_rate", "revenue"),
    Role.ANALYST: ("revenue", "orders", "order_value", "active_customers", "conversion_rate", "repeat_rate"),
    Role.PRIVACY_OFFICER: (),
    Role.ADMIN: ("revenue", "orders", "active_customers", "new_customers", "conversion_rate", "repeat_rate"),
}
"""The figures on top of the overview of each role: `LOOKS` of `overview/roles.ts`."""
_ORDER: Final = "Order Completed"
_STEPS: Final = ("Product Viewed", "Product Added", "Checkout Started", _ORDER)
_TOUCHES: Final = ("Session", "Page Viewed", "Email Link Clicked")
_THROUGH: Final = ("source", "utm_source", "utm_medium", "campaign_type", "channel")
_AT_ONCE: Final = 4
"""So many metrics the list of all asks for in one request."""
_MOST_FIGURES: Final = 6


class Metric(msgspec.Struct, frozen=True):
    """Of a metric, what decides what is asked of it."""

    metric: str
    standing: bool


class Property(msgspec.Struct, frozen=True):
    """A property of an event."""

    name: str


class Event(msgspec.Struct, frozen=True):
    """Something that customers do."""

    name: str
    properties: tuple[Property, ...]

    def has(self, name: str) -> bool:
        """Whether it has a property."""
        return any(each.name == name for each in self.properties)


class Board(msgspec.Struct, frozen=True):
    """A dashboard."""

    dashboard: str


class _Tile(msgspec.Struct, frozen=True):
    tile: str
    kind: str


class _Tiles(msgspec.Struct, frozen=True):
    tiles: tuple[_Tile, ...]


class _Vocabulary(msgspec.Struct, frozen=True):
    events: tuple[Event, ...]


def _nothing(body: bytes) -> Iterable["Question"]:
    del body
    return ()


class Question(NamedTuple):
    """What a page asks.

    Attributes:
        path: Of the route.
        query: Its parameters.
        then: What it asks next, by what this was answered.
    """

    path: str
    query: Mapping[str, str] = {}
    then: Callable[[bytes], Iterable["Question"]] = _nothing


class Known(NamedTuple):
    """What pages know before they ask for figures.

    Attributes:
        role: Who opens them.
        metrics: Those of the project.
        events: What customers do.
        boards: The dashboards.
    """

    role: Role
    metrics: Sequence[Metric]
    events: Sequence[Event]
    boards: Sequence[Board]

    def event(self, name: str) -> Event | None:
        """The event of a name; where there is none the first; None where there is none at all."""
        return next((each for each in self.events if each.name == name), self.events[0] if self.events else None)


def known_by(role: Role, *, metrics: bytes, vocabulary: bytes, dashboards: bytes) -> Known:
    """What pages know, from the answers of the routes that list it."""
    return Known(
        role,
        msgspec.json.decode(metrics, type=tuple[Metric, ...]),
        msgspec.json.decode(vocabulary, type=_Vocabulary).events,
        msgspec.json.decode(dashboards, type=tuple[Board, ...]),
    )


def _overview(known: Known) -> Iterator[Question]:
    wanted = FIGURES[known.role]
    if not wanted:
        yield Question("/api/v1/privacy/consents")
        return
    names = [each.metric for each in known.metrics]
    shown = [each for each in wanted if each in names] or names[:_MOST_FIGURES]
    if shown:
        yield Question("/api/v1/measures", {"metrics": ",".join(shown), "every": "day", "days": "30"})
    yield Question("/api/v1/anomalies")


def _measures(known: Known) -> Iterator[Question]:
    for is_standing, every in ((False, {"every": "day"}), (True, {})):
        names = [each.metric for each in known.metrics if each.standing is is_standing]
        for place in range(0, len(names), _AT_ONCE):
            yield Question(
                "/api/v1/measures", {"metrics": ",".join(names[place : place + _AT_ONCE]), "days": "30", **every}
            )


def _funnel(known: Known) -> Iterator[Question]:
    names = [each.name for each in known.events]
    usual = [each for each in _STEPS if each in names]
    steps = usual if len(usual) > 1 else names[:2]
    if len(steps) > 1:
        said = json.dumps(steps, ensure_ascii=False, separators=(",", ":"))
        yield Question("/api/v1/funnel", {"steps": said, "within": "7d", "order": "ordered", "days": "90"})


def _cohorts(known: Known) -> Iterator[Question]:
    event = known.event(_ORDER)
    yield Question(
        "/api/v1/cohorts", {"event": event.name if event is not None else _ORDER, "every": "month", "days": "365"}
    )


def _paths(known: Known) -> Iterator[Question]:
    event = known.event(_ORDER)
    if event is not None:
        yield Question("/api/v1/paths", {"to": event.name, "within": "30d", "steps": "4", "top": "7", "days": "90"})


def _attribution(known: Known) -> Iterator[Question]:
    goal = known.event(_ORDER)
    first = [each for name in _TOUCHES for each in known.events if each.name == name]
    touches = [*first, *(each for each in known.events if each.name != _ORDER)]
    by = next((name for name in _THROUGH if any(each.has(name) for each in touches)), "")
    touch = next((each for each in touches if each.has(by)), None)
    if goal is not None and touch is not None:
        asked = {"touch": touch.name, "by": by, "to": goal.name, "within": "30d", "half_life": "7d", "days": "365"}
        yield Question("/api/v1/attribution", asked)


def _anomalies(known: Known) -> Iterator[Question]:
    del known
    yield Question("/api/v1/anomalies", {"days": "60"})


def _dashboards(known: Known) -> Iterator[Question]:
    for board in known.boards:
        path = f"{DASHBOARDS}/{quote(board.dashboard, safe='')}"

        def tiles(body: bytes, path: str = path) -> Iterator[Question]:
            found = msgspec.json.decode(body, type=_Tiles).tiles
            return (Question(path, {"tile": each.tile}) for each in found if each.kind != "text")

        yield Question(path, {"bare": "true"}, tiles)


PAGES: Final[Sequence[Callable[[Known], Iterator[Question]]]] = (
    _overview,
    _measures,
    _dashboards,
    _funnel,
    _cohorts,
    _paths,
    _attribution,
    _anomalies,
)
"""What each page asks, in the order in which it is reckoned ahead."""
