"""Faults that the law has to notice: each is one plausible slip, planted by replacing a function of the reading."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Final
from zoneinfo import ZoneInfo

import ibis.expr.types as ir
import pytest

from habitue.rules import batch, expressions, figures, leaves, lowering, paths, places, scope, windows
from habitue.rules.catalogue import Catalogue
from habitue.rules.nodes import Followed, Node, Window
from habitue.rules.nodes import Sequence as SequenceNode
from habitue.rules.tables import Tables
from habitue.rules.windows import MICROSECOND, Moment, Span, local_midnight

MODULES: Final[tuple[ModuleType, ...]] = (
    batch, expressions, figures, leaves, lowering, paths, places, scope, windows
)  # fmt: skip
Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One slip.

    Attributes:
        what: What is wrong, in words.
        plant: Plants it.
        rules: Rules that can show it; {E} {L} {N} and the like stand for drawn names, lengths and numbers.
    """

    what: str
    plant: Plant
    rules: tuple[str, ...]


def instead(name: str, replacement: object) -> Plant:
    """A fault that replaces a function wherever the batch reading has imported it."""

    def plant(monkeypatch: pytest.MonkeyPatch) -> None:
        for module in MODULES:
            if hasattr(module, name):
                monkeypatch.setattr(module, name, replacement)

    return plant


def in_class(owner: object, name: str, replacement: object) -> Plant:
    """A fault that replaces a method, or one name of one module."""
    return lambda monkeypatch: monkeypatch.setattr(owner, name, replacement)


# --- Windows ----------------------------------------------------------------------------------------------------------


def span(change: Callable[[Span, Window, Moment], Span]) -> Plant:
    """A fault in where windows begin or end."""
    right = windows.span_of
    return instead("span_of", lambda window, moment: change(right(window, moment), window, moment))


def moved(kinds: Sequence[str], *, start: int = 0, end: int = 0) -> Plant:
    """A fault that moves the ends of some windows by microseconds."""

    def change(right: Span, window: Window, _: Moment) -> Span:
        if window.kind not in kinds:
            return right
        after = right.after if right.after is None else right.after + start * MICROSECOND
        return Span(after=after, until=right.until + end * MICROSECOND)

    return span(change)


def period(change: Callable[[str, Moment], datetime]) -> Plant:
    """A fault in where a calendar period begins."""

    def planted(right: Span, window: Window, moment: Moment) -> Span:
        wrong = window.kind in ("day", "week", "month")
        return Span(after=change(window.kind, moment) - MICROSECOND, until=right.until) if wrong else right

    return span(planted)


def in_utc(kind: str, moment: Moment) -> datetime:
    """The period's start as if the project's zone were UTC."""
    return windows.period_start(kind, replace(moment, zone=ZoneInfo("UTC")))


def from_sunday(kind: str, moment: Moment) -> datetime:
    """Weeks that begin a day early."""
    if kind != "week":
        return windows.period_start(kind, moment)
    today = moment.now.astimezone(moment.zone).date()
    return local_midnight(today - timedelta(days=today.isoweekday() % 7), moment.zone)


def by_todays_offset(kind: str, moment: Moment) -> datetime:
    """Midnight by the offset of now, whatever the clocks did in between."""
    local = moment.now.astimezone(moment.zone)
    start = windows.period_start(kind, moment).astimezone(moment.zone).replace(tzinfo=None)
    return (start - (local.utcoffset() or timedelta(0))).replace(tzinfo=UTC)


WINDOW_FAULTS: Final = (
    Fault(
        what="`last` includes its old end",
        plant=moved(["last"], start=-1),
        rules=("did('{E}', last='{L}')", "count('{E}', last='{L}') >= {N}"),
    ),
    Fault(what="`last` ends before now", plant=moved(["last", "ever"], end=-1), rules=("count('{E}', last='{L}')",)),
    Fault(what="what comes after now is seen", plant=moved(["last", "ever", "since"], end=1), rules=("count('{E}')",)),
    Fault(what="`between` includes its old end", plant=moved(["between"], start=-1), rules=("{BETWEEN}",)),
    Fault(what="`between` leaves out its new end", plant=moved(["between"], end=-1), rules=("{BETWEEN}",)),
    Fault(what="`since` leaves out its start", plant=moved(["since"], start=1), rules=("count('{E}', since='{S}')",)),
    Fault(
        what="a calendar period leaves out its first instant",
        plant=moved(["day", "week", "month"], start=1),
        rules=("count('{E}', {CALENDAR}=True)",),
    ),
    Fault(what="calendar periods begin in UTC", plant=period(in_utc), rules=("count('{E}', {CALENDAR}=True)",)),
    Fault(what="weeks begin on Sunday", plant=period(from_sunday), rules=("count('{E}', this_week=True)",)),
    Fault(
        what="calendar periods ignore the change of clocks",
        plant=period(by_todays_offset),
        rules=("count('{E}', {CALENDAR}=True)",),
    ),
)

# --- Events after one another -----------------------------------------------------------------------------------------


def gap(change: int) -> Plant:
    """A fault in how far apart two events may lie."""
    return instead("_since", lambda instant, limit: instant - (limit + change))


def deadline(change: int) -> Plant:
    """A fault in when the time for an answer is up."""
    return lambda monkeypatch: monkeypatch.setattr(
        paths, "earlier", lambda instant, us: windows.earlier(instant, us) + change * MICROSECOND
    )


def without(name: str, change: Callable[[Node], Node]) -> Plant:
    """A fault that answers for another node than the one asked about."""
    right = getattr(paths, name)

    def planted(node: Node, tables: Tables, catalogue: Catalogue, moment: Moment) -> ir.Table:
        return right(change(node), tables, catalogue, moment)

    return instead(name, planted)


def after(change: Callable[[ir.Table, ir.Table], ir.BooleanValue]) -> Plant:
    """A fault in which of two events counts as the later."""
    return instead("_comes_first", change)


def _backwards(firsts: ir.Table, answers: ir.Table) -> ir.BooleanValue:
    at_once = (firsts.instant == answers.answer_instant) & (firsts.position > answers.answer_position)
    return (firsts.instant < answers.answer_instant) | at_once


def _only_at_once(firsts: ir.Table, answers: ir.Table) -> ir.BooleanValue:
    return (firsts.instant == answers.answer_instant) & (firsts.position < answers.answer_position)


def _with_link_for_missing() -> Plant:
    right = vars(paths)["_shaped"]

    def planted(rows: ir.Table, link: str = "") -> ir.Table:
        made: ir.Table = right(rows.mutate(**{link: rows[link].fill_null("")}) if link else rows, link)
        return made

    return instead("_shaped", planted)


FOLLOWED: Final = (
    "followed('{A}', by='{B}', within='{L}')",
    "unfollowed('{A}', by='{B}', within='{L}')",
    "sequence('{A}', '{B}', '{A}', within='{L}')",
)
LINKED: Final = (
    "followed('{A}', by='{B}', within='{L}', on='product_id')",
    "unfollowed('{A}', by='{B}', within='{L}', on='product_id')",
)


def _no_where(node: Node) -> Node:
    return replace(node, where=None) if isinstance(node, Followed | SequenceNode) else node


def _no_window(node: Node) -> Node:
    return replace(node, window=Window()) if isinstance(node, Followed | SequenceNode) else node


def _no_link(node: Node) -> Node:
    return replace(node, on="") if isinstance(node, Followed) else node


PATH_FAULTS: Final = (
    Fault(what="the gap is open at its end", plant=gap(-1), rules=FOLLOWED),
    Fault(what="the gap is a step too long", plant=gap(1), rules=FOLLOWED),
    Fault(what="the deadline is strict", plant=deadline(-1), rules=(FOLLOWED[1],)),
    Fault(what="the deadline falls a step early", plant=deadline(1), rules=(FOLLOWED[1],)),
    Fault(what="events of one instant are sorted backwards", plant=after(_backwards), rules=FOLLOWED),
    Fault(
        what="an event of the same instant answers, whatever its position",
        plant=after(lambda firsts, answers: firsts.instant <= answers.answer_instant),
        rules=FOLLOWED,
    ),
    Fault(
        what="an event of the same instant never answers",
        plant=after(lambda firsts, answers: firsts.instant < answers.answer_instant),
        rules=FOLLOWED,
    ),
    Fault(what="only answers at the same instant count", plant=after(_only_at_once), rules=FOLLOWED),
    Fault(what="of many answers the latest are dropped", plant=instead("ENDS", ("earliest",)), rules=FOLLOWED),
    Fault(what="of many answers the earliest are dropped", plant=instead("ENDS", ("latest",)), rules=FOLLOWED),
    Fault(
        what="answers are not looked for on the next shelf",
        plant=instead("_one_shelf_back", lambda own, *, limit: own.filter(own.since < own.shelf - limit)),
        rules=FOLLOWED,
    ),
    Fault(what="`on` is ignored", plant=without("followed_customers", _no_link), rules=LINKED),
    Fault(what="a missing link equals another", plant=_with_link_for_missing(), rules=LINKED),
    Fault(
        what="`where` of `followed` is ignored",
        plant=without("followed_customers", _no_where),
        rules=("followed('{A}', by='{B}', within='{L}', where=product_id == 'a')",),
    ),
    Fault(
        what="the window of a sequence is ignored",
        plant=without("sequence_customers", _no_window),
        rules=("sequence('{A}', '{B}', within='30d', last='{L}')",),
    ),
)
