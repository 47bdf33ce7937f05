"""Events after one another: sequences, and what was followed or left unfollowed.

Both come down to one question: which of some first events have an answer, an event later in the order (occurred_at,
position) and at most so much later.
"""

import ibis
import ibis.expr.types as ir
from ibis.expr.builders import WindowBuilder

from habitue.records import Kind
from habitue.rules.catalogue import Catalogue
from habitue.rules.expressions import literal
from habitue.rules.figures import event_rows, within
from habitue.rules.nodes import Followed, Sequence
from habitue.rules.tables import Tables
from habitue.rules.windows import Moment, Span, earlier, span_of

FEW_ANSWERS = 64
"""Up to so many answers of one customer (and link) a join looks at each; beyond, they are sorted."""
_ROW = ("customer_id", "occurred_at", "position")


def sequence_customers(node: Sequence, tables: Tables, catalogue: Catalogue, moment: Moment) -> ir.Table:
    """The customers for whom a sequence holds: one column, customer_id.

    From the last step backwards: the events of each step that are answered by a kept event of the step after it. The
    last steps of a sequence are the rarest, so that few rows are left when the frequent ones come.
    """
    reach = Span(after=span_of(node.window, moment).after, until=moment.now)
    first, *steps = node.events
    shape = catalogue.events[first]
    rows = [event_rows(tables.events[first], shape, node.where, node.window, moment)]
    rows += [tables.events[step].filter(*within(tables.events[step], reach)) for step in steps]
    kept = rows[-1].select(*_ROW)
    for place in reversed(range(len(steps))):
        twice = node.events[place] == node.events[place + 1]
        kept = _answered(rows[place].select(*_ROW), kept, keys=["customer_id"], limit=node.within, twice=twice)
    return kept.select("customer_id").distinct()


def followed_customers(node: Followed, tables: Tables, catalogue: Catalogue, moment: Moment) -> ir.Table:
    """The customers for whom `followed` or `unfollowed` holds: one column, customer_id."""
    keys = ["customer_id", "link"] if node.on else ["customer_id"]
    firsts = _firsts(node, tables, catalogue, moment)
    answers = _answers(node, tables, moment)
    twice = node.event == node.by
    kept = _answered(firsts, answers, keys=keys, limit=node.within, twice=twice, negated=node.negated)
    return kept.select("customer_id").distinct()


def _answered(
    firsts: ir.Table, answers: ir.Table, *, keys: list[str], limit: int, twice: bool, negated: bool = False
) -> ir.Table:
    """The first events that have an answer at most `limit` µs later; negated, those that have none.

    Whoever has few answers is settled by a join, at most `FEW_ANSWERS` looks for each first event; whoever has many by
    a sort. So the common case costs no sort, and somebody with a million events no square.
    """
    counted = answers.group_by(keys).aggregate(times=answers.count())
    many = counted.filter(counted.times > FEW_ANSWERS).select(*keys)
    few = answers.anti_join(many, keys)
    busy = answers.semi_join(many, keys)
    by_sort = _sorted_out(firsts.semi_join(many, keys), busy, keys=keys, limit=limit, twice=twice, negated=negated)
    rows = firsts.mutate(until=firsts.occurred_at + _interval(limit))
    if negated:
        # Views: the same answers are joined twice, and may be of the very table of the first events.
        soon, at_once = few.view(), few.view()
        rows = rows.anti_join(many, keys).view()
        rows = rows.anti_join(soon, _soon_after(rows, soon, keys)).view()
        by_join = rows.anti_join(at_once, _at_once_after(rows, at_once, keys))
    else:
        rows, answers = rows.view(), few.view()
        pairs = rows.join(answers, _after(rows, answers, keys), rname="{name}_of_answer")
        by_join = pairs.select(*firsts.columns).distinct()
    return ibis.union(by_join.select(*firsts.columns), by_sort)


def _after(rows: ir.Table, answers: ir.Table, keys: list[str]) -> list[ir.BooleanValue]:
    later = (answers.occurred_at > rows.occurred_at) | (answers.position > rows.position)
    in_time = [answers.occurred_at >= rows.occurred_at, answers.occurred_at <= rows.until]
    return [*(rows[key] == answers[key] for key in keys), *in_time, later]


def _soon_after(rows: ir.Table, answers: ir.Table, keys: list[str]) -> list[ir.BooleanValue]:
    same = [rows[key] == answers[key] for key in keys]
    return [*same, answers.occurred_at > rows.occurred_at, answers.occurred_at <= rows.until]


def _at_once_after(rows: ir.Table, answers: ir.Table, keys: list[str]) -> list[ir.BooleanValue]:
    same = [rows[key] == answers[key] for key in keys]
    return [*same, answers.occurred_at == rows.occurred_at, answers.position > rows.position]


def _sorted_out(
    firsts: ir.Table, answers: ir.Table, *, keys: list[str], limit: int, twice: bool, negated: bool
) -> ir.Table:
    """The same by one sort of firsts and answers together, and a running minimum from the latest backwards."""
    with_both = (
        firsts.mutate(is_first=ibis.literal(True)),
        answers.semi_join(firsts, keys).mutate(is_first=ibis.literal(False)),
    )
    rows = ibis.union(*with_both)
    when_answer = ibis.ifelse(rows.is_first, ibis.null("timestamp(6)"), rows.occurred_at)
    rows = rows.mutate(next_answer=when_answer.min().over(_later(keys, twice=twice)))
    in_time = (rows.next_answer <= rows.occurred_at + _interval(limit)).fill_null(False)
    kept = rows.filter(rows.is_first & (~in_time if negated else in_time))
    return kept.select(*firsts.columns)


def _firsts(node: Followed, tables: Tables, catalogue: Catalogue, moment: Moment) -> ir.Table:
    shape = catalogue.events[node.event]
    rows = event_rows(tables.events[node.event], shape, node.where, node.window, moment)
    if node.negated:
        due = literal(earlier(moment.now, node.within), Kind.TIME)
        rows = rows.filter(rows.occurred_at <= due)
    return _shaped(rows, node)


def _answers(node: Followed, tables: Tables, moment: Moment) -> ir.Table:
    start = span_of(node.window, moment)
    table = tables.events[node.by]
    rows = table.filter(*within(table, Span(after=start.after, until=moment.now)))
    if node.on:
        rows = rows.filter(rows[node.on].notnull())
    return _shaped(rows, node)


def _shaped(rows: ir.Table, node: Followed) -> ir.Table:
    return rows.select(*_ROW, **({"link": rows[node.on]} if node.on else {}))


def _later(keys: list[str], *, twice: bool) -> WindowBuilder:
    """All rows strictly after this one in the order of events.

    Where every event stands in the rows twice, as a first and as an answer, its own answer is not after it: that one
    is sorted behind it, going backwards.
    """
    columns = ["occurred_at", "position", *(["is_first"] if twice else [])]
    return ibis.window(group_by=keys, order_by=[ibis.desc(each) for each in columns], preceding=(None, 1))


def _interval(microseconds: int) -> ir.IntervalScalar:
    return ibis.interval(microseconds=microseconds)
