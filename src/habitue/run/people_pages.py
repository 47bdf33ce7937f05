"""The people behind a mark of a chart, a page at a time, and as a rule that a segment can be made of.

Where there are many customers, the first of the people are found among some of them, by a range of ids: exactly the
first of all, since lists are in ascending order of ids. How many they are is known when everybody was looked at.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Final

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from habitue.govern.roles import Access, Permission
from habitue.measure.people_rules import both
from habitue.rules import Node, RuleError, read
from habitue.rules.batch import members
from habitue.rules.nodes import Name
from habitue.rules.words import describe
from habitue.rules.writing import write
from habitue.run.id_ranges import IdRange, first_share, range_after
from habitue.run.measuring_frame import Asked
from habitue.run.nearby import Some
from habitue.run.workspace import Workspace

MOST_ON_A_PAGE: Final = 10_000
WIDER: Final = 8
"""How many times as many are looked at where nobody was found."""
MOST_SHARE: Final = 0.5
"""Rather than more of them, everybody is looked at."""
Keep = Callable[[ir.Table], ir.Table]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which of the people behind a mark are asked for.

    Attributes:
        after: Only ids after this one; empty from the first on.
        limit: How many at most.
        with_rule: Whether their rule is wanted too, which takes a moment longer.
        soon: Whether the first of them are wanted as soon as some are found, where there are many customers: then how
            many they are on all pages may not be known yet, and the page may hold fewer than fit on it. With a rule
            everybody is looked at.
    """

    after: str = ""
    limit: int = 100
    with_rule: bool = False
    soon: bool = False


FIRST_PAGE: Final = Page()
EVERYBODY: Final = IdRange()


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRule:
    """The people behind a mark as a rule.

    Attributes:
        rule: Its text; empty where the rule language cannot say it.
        words: The same in words.
        moving: The same for a stretch of time that goes along with the clock; empty where the mark has a fixed one.
        customers: For how many it holds as of the last build.
        differs: For how many of them, or of those behind the mark, it does not hold for both; 0 for exactly the same.
        why_not: Why there is no rule; empty where there is one.
    """

    rule: str = ""
    words: str = ""
    moving: str = ""
    customers: int = 0
    differs: int = 0
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkPeople:
    """A page of the people behind a mark.

    Attributes:
        customers: Ids in ascending order.
        total: How many there are on all pages; None where the first of them were wanted soon, and not everybody was
            looked at.
        next_cursor: What to give as `cursor` for the next page; None on the last.
        rule: What to make a segment of; None where it was not asked for.
    """

    customers: tuple[str, ...]
    total: int | None
    next_cursor: str | None
    rule: MarkRule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the language says of the people behind a mark.

    Attributes:
        rule: Not settled; None where it has no words for them.
        moving: The same along with the clock; None where there is no such thing.
        why_not: Why there is no rule.
    """

    rule: Node | None = None
    moving: Node | None = None
    why_not: str = "The rule language has no words for these people."


Find = Callable[[Keep, IdRange], tuple[ir.Table, Said]]


def people_page(
    workspace: Workspace,
    access: Access,
    asked: Hashable,
    page: Page,
    find: Find,
    *,
    is_apart: bool = True,
) -> MarkPeople:
    """A page of the people behind a mark.

    Who was found just now is not looked for again; see `kept_people`.

    Args:
        workspace: The open project.
        access: Who asks.
        asked: What people are asked for: the mark, and all that it depends on.
        page: Which of them.
        find: Gives them as one column, customer_id, each once, and what the language says of them.
        is_apart: Whether somebody is among them whoever else there is, so that some of them are found among some.

    Raises:
        RoleForbiddenError: The role sees no people.
    """
    access.need(Permission.SEE_PEOPLE)
    key, now = (asked, access.role, workspace.standing()), workspace.clock()
    ids = None if page.with_rule else workspace.kept_people.find(key, now)
    rule = None
    if ids is None and page.soon and is_apart and not page.with_rule:
        first = _first_found(workspace, page, find, key[2].customers)
        if first is not None:
            return first
    if ids is None:
        with workspace.warehouse.keeping() as keep:
            people, said = find(keep, EVERYBODY)
            people = keep(people)
            ids = workspace.warehouse.fetch(people.select("customer_id")).column("customer_id")
            workspace.kept_people.keep(key, ids, now)
            rule = _told(workspace, people, said) if page.with_rule else None
    shown = _first(ids, page)
    return MarkPeople(
        customers=tuple(shown[: page.limit]),
        total=len(ids),
        next_cursor=shown[page.limit - 1] if len(shown) > page.limit else None,
        rule=rule,
    )


def _first_found(workspace: Workspace, page: Page, find: Find, everybody: int) -> MarkPeople | None:
    """The first people after the cursor, among some of the customers; None where everybody has to be looked at."""
    share = first_share(workspace.project.settings.estimate_from, everybody)
    while share <= MOST_SHARE:
        some = range_after(page.after, share)
        if not some.upto:
            return None
        some = replace(some, near=workspace.near(Some(below=some.upto)))
        with workspace.warehouse.keeping() as keep:
            people, _ = find(keep, some)
            ids = workspace.warehouse.fetch(people.select("customer_id")).column("customer_id")
        if len(ids):
            shown = _first(ids, page)
            is_full = len(shown) > page.limit
            return MarkPeople(
                customers=tuple(shown[: page.limit]),
                total=None,
                # Whoever is behind the mark and not shown has an id after the range.
                next_cursor=shown[page.limit - 1] if is_full else some.upto,
            )
        share *= WIDER
    return None


def _first(ids: pa.ChunkedArray, page: Page) -> list[str]:
    """The smallest ids after the cursor, in order, one more than fits on the page."""
    rest = ids.filter(pc.greater(ids, page.after)) if page.after else ids
    rows = pa.table({"customer_id": rest})
    places = pc.select_k_unstable(rows, k=page.limit + 1, sort_keys=[("customer_id", "ascending")])
    found: list[str] = rows.column("customer_id").take(places).to_pylist()
    return found


def _told(workspace: Workspace, people: ir.Table, said: Said) -> MarkRule:
    if said.rule is None:
        return MarkRule(why_not=said.why_not)
    text = write(said.rule)
    try:
        settled = workspace.rule(text)
        moving = write(said.moving) if said.moving is not None else ""
        if moving:
            workspace.rule(moving)
    except RuleError as error:
        return MarkRule(why_not=error.what)
    with workspace.warehouse.keeping() as keep:
        inside = keep(members(settled, workspace.question()))
        found = workspace.warehouse.count(inside)
        same = workspace.warehouse.count(inside.semi_join(people, "customer_id"))
    return MarkRule(
        rule=text,
        words=describe(settled, noun=workspace.project.settings.noun, labels=workspace.labels()),
        moving=moving,
        customers=found,
        differs=found + workspace.warehouse.count(people) - 2 * same,
    )


def for_purpose(rule: Node | None, purpose: str) -> Node | None:
    """A rule for those whom there is a basis for; the rule itself without a purpose."""
    return both([rule, Name(space="consent", name=purpose)]) if rule is not None and purpose else rule


def limited(rule: Node | None, about: Asked) -> Node | None:
    """A rule for those whom a measure is limited to."""
    if rule is None:
        return None
    return for_purpose(both([rule, read(about.of) if about.of else None]), about.purpose)
