"""Events after one another: sequences, and what was followed or left unfollowed.

Each is one union of the events concerned and running extremes over it in the order (occurred_at, position): sorting
bound, no join of events with events.
"""

import ibis
import ibis.expr.types as ir
from ibis.expr.builders import WindowBuilder

from habitue.records import Kind
from habitue.rules.catalogue import Catalogue
from habitue.rules.expressions import literal, row_term
from habitue.rules.figures import event_rows, within
from habitue.rules.nodes import Followed, Sequence
from habitue.rules.tables import Tables
from habitue.rules.windows import Moment, Span, earlier, span_of


def sequence_customers(node: Sequence, tables: Tables, catalogue: Catalogue, moment: Moment) -> ir.Table:
    """The customers for whom a sequence holds: one column, customer_id."""
    start = span_of(node.window, moment)
    reach = Span(after=start.after, until=moment.now)
    last = len(node.events) - 1
    parts = []
    for event in dict.fromkeys(node.events):
        table = tables.events[event]
        rows = table.filter(*within(table, reach))
        steps = {
            f"step_{i}": _is_step(rows, node, i, catalogue, start) if name == event else ibis.literal(False)
            for i, name in enumerate(node.events)
        }
        parts.append(rows.select("customer_id", "occurred_at", "position", **steps))
    rows = parts[0] if len(parts) == 1 else ibis.union(*parts)
    rows = _who_finish(rows, tables, node.events[last], reach)
    rows = rows.mutate(reached_0=ibis.ifelse(rows.step_0, rows.occurred_at, ibis.null("timestamp(6)")))
    for i in range(1, last + 1):
        before = rows[f"reached_{i - 1}"].max().over(_earlier(["customer_id"]))
        soon = (before + _interval(node.within) >= rows.occurred_at) & rows[f"step_{i}"]
        rows = rows.mutate(**{f"reached_{i}": ibis.ifelse(soon, rows.occurred_at, ibis.null("timestamp(6)"))})
    return rows.filter(rows[f"reached_{last}"].notnull()).select("customer_id").distinct()


def _is_step(rows: ir.Table, node: Sequence, step: int, catalogue: Catalogue, start: Span) -> ir.BooleanValue:
    if step > 0:
        return ibis.literal(True)
    first = (rows.occurred_at <= literal(start.until, Kind.TIME)).fill_null(False)
    if node.where is None:
        return first
    kept = row_term(node.where, rows, catalogue.events[node.events[0]].kind_of).expression
    return first & kept.fill_null(False)


def _who_finish(rows: ir.Table, tables: Tables, event: str, reach: Span) -> ir.Table:
    """Only customers who did the last event at all can have done the sequence: most are gone before the sort."""
    table = tables.events[event]
    finishers = table.filter(*within(table, reach)).select("customer_id").distinct()
    return rows.semi_join(finishers, "customer_id")


def followed_customers(node: Followed, tables: Tables, catalogue: Catalogue, moment: Moment) -> ir.Table:
    """The customers for whom `followed` or `unfollowed` holds: one column, customer_id."""
    keys = ["customer_id", "link"] if node.on else ["customer_id"]
    firsts = _firsts(node, tables, catalogue, moment)
    answers = _answers(node, tables, moment)
    rows = ibis.union(firsts, answers)
    twice = node.event == node.by
    if node.negated:
        following = _earlier(keys, backwards=True, twice=twice)
        next_answer = ibis.ifelse(rows.is_first, ibis.null("timestamp(6)"), rows.occurred_at).min().over(following)
        rows = rows.mutate(next_answer=next_answer)
        late = rows.next_answer.isnull() | (rows.next_answer > rows.occurred_at + _interval(node.within))
        kept = rows.filter(rows.is_first & late)
    else:
        latest = (
            ibis.ifelse(rows.is_first, rows.occurred_at, ibis.null("timestamp(6)"))
            .max()
            .over(_earlier(keys, twice=twice))
        )
        rows = rows.mutate(latest_first=latest)
        kept = rows.filter(~rows.is_first, rows.latest_first + _interval(node.within) >= rows.occurred_at)
    return kept.select("customer_id").distinct()


def _firsts(node: Followed, tables: Tables, catalogue: Catalogue, moment: Moment) -> ir.Table:
    shape = catalogue.events[node.event]
    rows = event_rows(tables.events[node.event], shape, node.where, node.window, moment)
    if node.negated:
        due = literal(earlier(moment.now, node.within), Kind.TIME)
        rows = rows.filter(rows.occurred_at <= due)
    elif node.on:
        rows = rows.filter(rows[node.on].notnull())
    return _shaped(rows, node, is_first=True)


def _answers(node: Followed, tables: Tables, moment: Moment) -> ir.Table:
    start = span_of(node.window, moment)
    table = tables.events[node.by]
    rows = table.filter(*within(table, Span(after=start.after, until=moment.now)))
    if node.on:
        rows = rows.filter(rows[node.on].notnull())
    return _shaped(rows, node, is_first=False)


def _shaped(rows: ir.Table, node: Followed, *, is_first: bool) -> ir.Table:
    link = {"link": rows[node.on]} if node.on else {}
    return rows.select("customer_id", "occurred_at", "position", is_first=ibis.literal(is_first), **link)


def _earlier(keys: list[str], *, backwards: bool = False, twice: bool = False) -> WindowBuilder:
    """All rows strictly before this one in the order of events (or strictly after, backwards).

    Where every event stands in the rows twice, as a first and as an answer, neither copy is before the other's own:
    the answer is sorted ahead of it.
    """
    columns = ["occurred_at", "position", *(["is_first"] if twice else [])]
    order = [ibis.desc(each) if backwards else ibis.asc(each) for each in columns]
    return ibis.window(group_by=keys, order_by=order, preceding=(None, 1))


def _interval(microseconds: int) -> ir.IntervalScalar:
    return ibis.interval(microseconds=microseconds)
