"""Faults that the law has to notice in the live reading: each one plausible slip, planted in place of what is right."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from habitue.rules import live, live_counts, live_plan, live_routes, live_trails
from habitue.rules.catalogue import Catalogue
from habitue.rules.edges import next_period
from habitue.rules.evaluation import Context
from habitue.rules.history import Value
from habitue.rules.live import LiveRules
from habitue.rules.live_answers import Answers
from habitue.rules.live_asked import AnyState
from habitue.rules.live_counts import Frame
from habitue.rules.live_keeping import Keeping
from habitue.rules.live_leaves import Shape
from habitue.rules.live_moments import ElapsedSince
from habitue.rules.live_people import NEVER, LivePerson, Properties, State
from habitue.rules.live_sequences import Rows
from habitue.rules.live_sums import SumLately
from habitue.rules.live_trails import Trail
from habitue.rules.nodes import EVER, Aggregate, Compare, Followed, Node, Window

Plant = Callable[[pytest.MonkeyPatch], None]
plantable = pytest.mark.skipif(
    Path(live.__file__).suffix != ".py", reason="faults are planted in Python, and this live reading is compiled"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveFault:
    """One slip.

    Attributes:
        what: What is wrong, in words.
        plant: Plants it.
        rules: Rules that can show it; {E} {L} {N} and the like stand for drawn names, lengths and numbers.
        merges: Whether people have to be merged to show it.
    """

    what: str
    plant: Plant
    rules: tuple[str, ...]
    merges: bool = False


def method(owner: type, name: str, replacement: object) -> Plant:
    """A fault that replaces a method."""
    return lambda monkeypatch: monkeypatch.setattr(owner, name, replacement)


def due(owner: type[State], change: Callable[[int], int]) -> Plant:
    """A fault in when a leaf is looked at again."""
    right = owner.look

    def look(state: State, person: LivePerson, now: int) -> int:
        holds = right(state, person, now)
        if state.due < NEVER:
            state.due = change(state.due)
        return holds

    return method(owner, "look", look)


def forgotten(owner: type[State]) -> Plant:
    """A fault that forgets what only time changes."""
    return due(owner, lambda _: NEVER)


def belated(owner: type[State]) -> Plant:
    """A fault by one step of time."""
    return due(owner, lambda instant: instant + 1)


def _after_or_at(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Frame.__init__

    def made(frame: Frame, window: Window, context: Context) -> None:
        right(frame, window, context)
        frame.length += 1 if frame.length else 0

    monkeypatch.setattr(Frame, "__init__", made)


def _appended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_trails, "insort", lambda times, time: times.append(time))


def _first_of_all(state: Answers, time: int, position: int, link: Value | None) -> bool:
    state.open.append((time, position, link))
    state.open.sort(key=lambda each: each[:2])
    return True


def _unlinked(state: Answers, time: int, position: int, _link: Value | None) -> bool:
    return _RIGHT_ANSWER(state, time, position, state.open[0][2] if state.open else None)


_RIGHT_ANSWER: Final[Callable[[Answers, int, int, Value | None], bool]] = vars(Answers)["_answer"]


def _bare(node: Node) -> Node:
    if isinstance(node, Compare):
        return replace(node, left=_bare(node.left))
    return replace(node, window=EVER) if isinstance(node, Aggregate | Followed) else node


def _shared(monkeypatch: pytest.MonkeyPatch) -> None:
    right, known = live_plan.shape_of, dict[tuple[int, Node], Shape]()

    def shape_of(node: Node, context: Context, revised: frozenset[str] = frozenset()) -> Shape:
        return known.setdefault((id(context), _bare(node)), right(node, context, revised))

    monkeypatch.setattr(live_plan, "shape_of", shape_of)


def _without_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_routes, "keyed", lambda _event, _where, _context: None)
    monkeypatch.setattr(live_routes, "condition", lambda _event, _where, _context: lambda _properties, _time: True)


def _in_utc(kind: str, time: int, context: Context) -> int:
    utc: Catalogue = replace(context.catalogue, zone=ZoneInfo("UTC"))
    return next_period(kind, time, replace(context, catalogue=utc))


def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    right = vars(LiveRules)["take"]

    def take(
        rules: LiveRules, customer: str, event: str, occurred: int, position: int, properties: Properties, received: int
    ) -> object:
        return right(rules, customer, event, min(occurred, received), position, properties, received)

    monkeypatch.setattr(LiveRules, "take", take)


COUNTED: Final = ("count('{E}', last='{L}') >= {N}", "did('{E}', last='{L}')", "count('{E}', last='{L}') == {N}")
SUMMED: Final = ("sum('Order Completed'.revenue, last='{L}') >= {N}", "avg('Order Completed'.items, last='{L}') > {N}")
PAIRED: Final = ("unfollowed('{A}', by='{B}', within='{L}')", "unfollowed('{A}', by='{B}', within='1h', last='{L}')")
LINKED: Final = ("unfollowed('{A}', by='{B}', within='{L}', on='product_id')",)
ELAPSED: Final = ("since(last_at('{E}')) > '{L}'", "days(since(first_at('{E}'))) >= {N}")
LOOKED: Final = ("latest('{A}'.product_id, last='{L}') == 'a'", "distinct('{A}'.product_id, last='{L}') >= {N}")
ROWS: Final = ("sequence('{A}', '{B}', within='{L}', last='{L}')", "sequence('{A}', '{B}', '{A}', within='{L}')")
LIVE_FAULTS: Final = (
    LiveFault(what="`last` includes its old end", plant=_after_or_at, rules=(*COUNTED, *SUMMED)),
    *(
        LiveFault(what=f"{what} of {owner.__name__}", plant=plant(owner), rules=rules)
        for owner, rules in (
            (Trail, COUNTED), (SumLately, SUMMED), (Answers, PAIRED), (ElapsedSince, ELAPSED), (Rows, ROWS),
            (AnyState, LOOKED),
        )
        for what, plant in (("forgotten deadlines", forgotten), ("deadlines a step late", belated))
    ),
    LiveFault(what="late events are taken for the latest", plant=_appended, rules=COUNTED),
    LiveFault(what="late first events are open", plant=method(Answers, "_take_first", _first_of_all), rules=PAIRED),
    LiveFault(what="links are ignored", plant=method(Answers, "_answer", _unlinked), rules=LINKED),
    LiveFault(what="leaves of other windows are shared", plant=_shared, rules=COUNTED[:2]),
    LiveFault(
        what="`where` is ignored",
        plant=_without_where,
        rules=("count('{A}', where=product_id == 'a', last='{L}') >= {N}",),
    ),
    LiveFault(
        what="calendar periods end in UTC",
        plant=lambda monkeypatch: monkeypatch.setattr(live_counts, "next_period", _in_utc),
        rules=("count('{E}', {CALENDAR}=True) >= {N}", "did('{E}', {CALENDAR}=True)"),
    ),
    LiveFault(what="what will happen is seen at once", plant=_at_once, rules=("count('{E}') >= {N}", "did('{E}')")),
    LiveFault(
        what="events are dropped while they are seen",
        plant=method(Keeping, "pruned", lambda _keeping, happenings, _now: type(happenings)()),
        rules=LOOKED,
    ),
    LiveFault(
        what="a merge loses a state",
        plant=method(Trail, "join", lambda _state, _other: None),
        rules=COUNTED,
        merges=True,
    ),
)  # fmt: skip
