"""From files nobody has described to a whole project: what they hold is guessed, explained, and proposed as YAML."""

import re
from collections.abc import Sequence
from dataclasses import replace

from habitue.errors import HabitueError
from habitue.sources.guess_actions import plan_actions
from habitue.sources.guess_columns import guess_columns
from habitue.sources.guess_contracts import agree, write_contracts
from habitue.sources.guess_links import add_links, mark_accounts
from habitue.sources.guess_merging import drop_repeats, drop_strangers, merge_tables
from habitue.sources.guess_people import plan_items, plan_people
from habitue.sources.guess_places import guess_currency, guess_zone, read_atlas
from habitue.sources.guess_plans import TablePlan, begin
from habitue.sources.guess_purchases import plan_lines, plan_orders
from habitue.sources.guess_settling import settle
from habitue.sources.guess_sources import comment_lines, stem_of, write_source
from habitue.sources.guess_starters import visit_events, write_starters
from habitue.sources.guess_tables import guess_table
from habitue.sources.guess_values import (
    ColumnRole,
    Guess,
    GuessLine,
    Plain,
    Proposal,
    ProposedDocument,
    ProposedFile,
    SampledTable,
    Setting,
    TableGuess,
    TableRole,
)
from habitue.sources.guess_words import read_vocabulary, slug_of

_NOUNS = ("household", "guest", "patient", "member", "subscriber", "passenger", "citizen", "player", "donor")
_NOISE = re.compile(r"_(?:dataset|table|data|export|csv)$")
_MOST_SHOWN = 5
_UNUSED = (TableRole.UNKNOWN, TableRole.LOOKUP)


class NothingRecognisedError(HabitueError):
    """None of the files given says what customers did or who they are."""

    code = "START-NOTHING-RECOGNISED"

    def __init__(self, tables: Sequence[TableGuess]) -> None:
        shown = [f"{each.table.stem}: {each.reason}" for each in tables[:_MOST_SHOWN]]
        more = [f"and {len(tables) - _MOST_SHOWN} more files"] if len(tables) > _MOST_SHOWN else []
        said = "; ".join([*shown, *more]) or "no files were given"
        super().__init__(
            what=f"Nothing in these files can become a project of customers ({said}).",
            do=(
                "Give a file with one row per order, order line, event or customer, with a column that tells customers"
                " apart and, unless it is a list of customers, a column of times."
            ),
        )


def guess_project(tables: Sequence[SampledTable], *, name: str) -> Guess:
    """What the files hold, taken together.

    Args:
        tables: A sample of each file, in the order given.
        name: The project's name.

    Returns:
        A guess about every file, column and setting.

    Raises:
        NothingRecognisedError: No file says what customers did or who they are.
    """
    words, atlas = read_vocabulary(), read_atlas()
    merged = merge_tables(tables, words)
    found = tuple(guess_table(each, settle(each, guess_columns(each, words))) for each in merged)
    found = _without_idle(add_links(mark_accounts(drop_strangers(drop_repeats(found)))))
    if all(each.role in (*_UNUSED, TableRole.ITEMS) for each in found):
        raise NothingRecognisedError(found)
    used = [each for each in found if each.role is not TableRole.UNKNOWN]
    currency = guess_currency(used, atlas)
    guess = Guess(
        name=name,
        noun=_noun(found),
        tables=found,
        time_zone=guess_zone(used, currency, atlas),
        currency=currency,
        as_of="newest_event",
    )
    plans = plan_project(guess)
    as_of = "newest_event" if any(plan.events for plan in plans) else "now"
    marked = {plan.table.table.path: plan.table for plan in plans}
    return replace(guess, as_of=as_of, tables=tuple(marked.get(each.table.path, each) for each in found))


def plan_project(guess: Guess) -> tuple[TablePlan, ...]:
    """What each file that is used becomes, in the order of the files."""
    names: set[str] = set()
    plans = []
    for table in guess.tables:
        if table.role in _UNUSED:
            continue
        plan = _planned(begin(table, guess, _source_name(table, names)), guess)
        if plan.events or plan.customers or plan.items:
            plans.append(plan)
    return agree(plans)


def propose(guess: Guess) -> Proposal:
    """A whole project: settings, sources, contracts, features and segments.

    Args:
        guess: What was guessed, perhaps corrected by a person.

    Returns:
        The files to write, each with plain values and comments.
    """
    plans = plan_project(guess)
    return Proposal(
        files=(
            _settings(guess, plans),
            *(write_source(plan, guess) for plan in plans),
            *write_contracts(plans),
            *write_starters(plans, guess),
        )
    )


def explain_guess(guess: Guess) -> tuple[GuessLine, ...]:
    """Every guess on a line: the project's settings, then each file and its columns."""
    lines = [
        _setting_line("time zone", guess.time_zone, "time_zone in habitue.yaml"),
        _setting_line("currency", guess.currency, "currency in habitue.yaml"),
    ]
    names = {plan.table.table.path: plan.name for plan in plan_project(guess)}
    for table in guess.tables:
        source = names.get(table.table.path)
        lines.extend(_table_lines(table, f"sources/{source}.yaml" if source else ""))
    return tuple(lines)


def _without_idle(tables: Sequence[TableGuess]) -> tuple[TableGuess, ...]:
    """The tables with every look-up left out that no other table needs."""
    needed = {link.table for table in tables for link in table.links}
    reason = "its rows describe something that nothing here needs; name it under `join` of a source to use it"
    return tuple(
        replace(each, role=TableRole.UNKNOWN, reason=reason)
        if each.role is TableRole.LOOKUP and each.table.path not in needed
        else each
        for each in tables
    )


def _setting_line(what: str, setting: Setting, where: str) -> GuessLine:
    """The line of a setting of the project."""
    return GuessLine(
        table="",
        column="",
        role=f"{what} {setting.value}",
        confidence=setting.confidence,
        reason=setting.reason,
        change=f"Change {where}.",
    )


def _table_lines(table: TableGuess, file: str) -> list[GuessLine]:
    """The lines of one file."""
    path = table.table.path
    if file:
        change = f"Change `makes` in {file}."
    elif table.role is TableRole.LOOKUP:
        change = "Nothing is made of it alone; name it under `join` of another source to use it."
    else:
        change = "Write a source for it under sources/ to use it."
    lines = [
        GuessLine(
            table=path,
            column="",
            role=table.role.value,
            confidence=table.confidence,
            reason=table.reason,
            change=change,
        )
    ]
    if not file:
        return lines
    if table.cancellation.reason:
        marks = table.cancellation
        lines.append(
            GuessLine(
                table=path,
                column="",
                role="returns and cancellations",
                confidence=marks.confidence,
                reason=marks.reason,
                change=f"Change `when` of Order Refunded or Order Cancelled in {file}.",
            )
        )
    lines += [
        GuessLine(
            table=path,
            column=link.on,
            role="look-up",
            confidence=0.8,
            reason=f"its ids are those of {link.key!r} in {stem_of(link.table)}, which adds {', '.join(link.columns)}",
            change=f"Change `join` in {file}.",
        )
        for link in table.links
    ]
    lines += [
        GuessLine(
            table=path,
            column=each.column,
            role=each.role.value,
            confidence=each.confidence,
            reason=each.reason,
            change=f"Change {each.column!r} under columns in {file}.",
        )
        for each in table.columns
    ]
    return lines


def _planned(plan: TablePlan, guess: Guess) -> TablePlan:
    """What one table becomes, given which others there are."""
    role = plan.table.role
    if role is TableRole.CUSTOMERS:
        return plan_people(plan)
    if role is TableRole.ITEMS:
        return plan_items(plan)
    priced = any(_is_priced(each) for each in guess.tables if each.role is TableRole.ORDERS)
    if role is TableRole.ORDER_LINES:
        roles = {each.role for each in guess.tables}
        return plan_lines(
            plan,
            makes_orders=not priced,
            makes_cancelled=TableRole.ORDERS not in roles,
            describes_items=TableRole.ITEMS not in roles,
        )
    if role is TableRole.ORDERS:
        lines = any(each.role is TableRole.ORDER_LINES for each in guess.tables)
        return plan_orders(plan, makes_orders=priced or not lines)
    return plan_actions(plan)


def _is_priced(table: TableGuess) -> bool:
    """Whether a table of orders knows what they cost."""
    return table.first(ColumnRole.AMOUNT, ColumnRole.PRICE) is not None


def _source_name(table: TableGuess, taken: set[str]) -> str:
    """A free name for the source of a table."""
    stem = "page_views" if table.role is TableRole.PAGES and table.table.also else slug_of(table.table.stem)
    wish = name = _NOISE.sub("", stem)[:80]
    count = 2
    while name in taken:
        name, count = f"{wish}_{count}", count + 1
    taken.add(name)
    return name


def _noun(tables: Sequence[TableGuess]) -> str:
    """The word for whom the project serves, from the names of the customer columns."""
    slugs = [slug_of(each.column) for table in tables for each in table.of_role(ColumnRole.CUSTOMER)]
    return next((noun for noun in _NOUNS if any(noun in slug for slug in slugs)), "customer")


def _settings(guess: Guess, plans: Sequence[TablePlan]) -> ProposedFile:
    """The file `habitue.yaml`."""
    values: dict[str, Plain] = {
        "name": guess.name,
        "noun": guess.noun,
        "time_zone": guess.time_zone.value,
        "currency": guess.currency.value,
        "as_of": guess.as_of,
    }
    if visits := visit_events(plans):
        values["session"] = {"gap": "30m", "events": list(visits)}
    comment = [
        "Proposed by `habitue start`; every line is yours to change. `habitue check` finds mistakes.",
        f"time_zone: {guess.time_zone.reason} ({guess.time_zone.confidence:.0%}).",
        f"currency: {guess.currency.reason} ({guess.currency.confidence:.0%}).",
    ]
    if guess.as_of == "newest_event":
        comment.append("as_of: files of the past are judged as of their newest event; write `now` for live data.")
    comment += [
        f"{each.table.stem} is not used: {each.reason}." for each in guess.tables if each.role is TableRole.UNKNOWN
    ]
    return ProposedFile(
        path="habitue.yaml", documents=(ProposedDocument(comment=comment_lines(comment), values=values),)
    )
