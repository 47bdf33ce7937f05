"""Faults in how the live reading finds its way: where an event goes, what it skips, when people are looked at."""

from collections.abc import Sequence
from typing import Final

import pytest

from habitue.rules import live_leaves, live_routes, live_spelling, live_sums, live_where
from habitue.rules.evaluation import Context
from habitue.rules.live_answers import Answers
from habitue.rules.live_counts import Frame
from habitue.rules.live_people import NEVER, LivePerson, Properties
from habitue.rules.live_queue import Deadlines
from habitue.rules.live_sequences import Rows
from habitue.rules.live_trails import Mark, Track
from habitue.rules.live_where import Keyed
from habitue.rules.nodes import Node
from tests.rules.live_faults import COUNTED, ELAPSED, PAIRED, ROWS, LiveFault, Plant, method

_OVER: Final = {">": ">=", ">=": ">", "<": "<=", "<=": "<", "==": "==", "!=": "!="}


def _looked_up(change: dict[str, object]) -> Plant:
    """A fault in what is looked up for a condition."""
    right = live_where.keyed

    def keyed(event: str, where: Node, context: Context) -> Keyed | None:
        found = right(event, where, context)
        if found is None:
            return None
        return Keyed(
            found.name,
            found.values[:1] if "values" in change else found.values,
            None if "rest" in change else found.rest,
        )

    return lambda monkeypatch: monkeypatch.setattr(live_routes, "keyed", keyed)


def _fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Track.__init__

    def made(track: Track, wanted: Sequence[tuple[int, Frame]]) -> None:
        right(track, wanted)
        track.most = max(1, track.most - 1)

    monkeypatch.setattr(Track, "__init__", made)


def _one_for_all(track: Track, holds: int) -> tuple[Mark, ...]:
    return () if holds else track.marks


def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Answers.feed

    def feed(
        state: Answers, role: int, time: int, position: int, properties: Properties, person: LivePerson, now: int
    ) -> int:
        flips, due = right(state, role, time, position, properties, person, now), state.due
        state.due = due if role or state.holds else NEVER
        return flips

    monkeypatch.setattr(Answers, "feed", feed)


def _over_the_edge(monkeypatch: pytest.MonkeyPatch) -> None:
    right = vars(live_spelling)["_elapsed"]
    monkeypatch.setattr(
        live_spelling, "_elapsed", lambda node, moment, op, length: right(node, moment, _OVER[op], length)
    )


def _in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    right = vars(Deadlines)["_throw"]
    monkeypatch.setattr(Deadlines, "_throw", lambda queue, number, person: right(queue, number + 1, person))


def _module(module: object, name: str, replacement: object) -> Plant:
    return lambda monkeypatch: monkeypatch.setattr(module, name, replacement)


INDEX_FAULTS: Final = (
    LiveFault(
        what="what is asked beside a value looked up is ignored",
        plant=_looked_up({"rest": None}),
        rules=("count('Order Completed', where=product_id == 'a' and items >= 2, last='{L}') >= {N}",),
    ),
    LiveFault(
        what="only the first of several values is looked up",
        plant=_looked_up({"values": None}),
        rules=("count('{A}', where=product_id in ('a', 'b'), last='{L}') >= {N}",),
    ),
    LiveFault(what="a trail is one too short", plant=_fewer, rules=COUNTED[::2]),
    LiveFault(
        what="whoever shares a trail with something true is not looked at",
        plant=method(Track, "without", _one_for_all),
        rules=("count('{E}', last='{L}') == {N}", "count('{E}') == {N}"),
    ),
    LiveFault(what="late steps do not make new rows", plant=method(Rows, "_tell_anew", lambda _rows: None), rules=ROWS),
    LiveFault(
        what="refunds are forgotten",
        plant=_module(live_sums, "_is_negative", lambda _value: False),
        rules=("sum('Order Completed'.revenue, last='{L}') >= {N}", "sum('Order Completed'.items, last='{L}') > {N}"),
    ),
    LiveFault(what="first events wait for nobody", plant=_nobody_waits, rules=PAIRED),
    LiveFault(
        what="what falls is taken to rise",
        plant=_module(live_leaves, "_rises", lambda _node: True),
        rules=("distinct('{A}'.product_id, last='{L}') <= {N}", "latest('{A}'.product_id, last='{L}') != 'a'"),
    ),
    LiveFault(what="time since the last event is off by its bound", plant=_over_the_edge, rules=ELAPSED[:1]),
    LiveFault(what="deadlines lie in the next bucket", plant=_in_the_next, rules=COUNTED),
)
