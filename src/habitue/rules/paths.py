"""Events after one another: sequences, and what was followed or left unfollowed.

Both come down to one question: which of some first events have an answer, an event later in the order (occurred_at,
position) and at most so much later.
"""

from datetime import UTC, datetime

import ibis
import ibis.expr.types as ir

from habitue.records import Kind
from habitue.rules.catalogue import Catalogue
from habitue.rules.expressions import literal
from habitue.rules.figures import event_rows, within
from habitue.rules.nodes import Followed, Sequence
from habitue.rules.tables import Tables
from habitue.rules.windows import Moment, Span, earlier, span_of

FEW_ANSWERS = 64
"""Up to so many answers of one customer (and link) are all kept; of more, those that matter."""
ENDS = ("earliest", "latest")
STRETCHES = 4
"""How many stretches as long as the limit make up a shelf, on which answers and first events meet."""
_ORIGIN = literal(datetime.min.replace(tzinfo=UTC), Kind.TIME)


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
    kept = _shaped(rows.pop())
    while rows:
        kept = _settled(_shaped(rows.pop()), kept, keys=["customer_id"], limit=node.within)
    return kept.select("customer_id").distinct()


def followed_customers(node: Followed, tables: Tables, catalogue: Catalogue, moment: Moment) -> ir.Table:
    """The customers for whom `followed` or `unfollowed` holds: one column, customer_id."""
    keys = ["customer_id", "link"] if node.on else ["customer_id"]
    firsts = _firsts(node, tables, catalogue, moment)
    answers = _answers(node, tables, moment)
    kept = _settled(firsts, answers, keys=keys, limit=node.within, negated=node.negated)
    return kept.select("customer_id").distinct()


def _settled(firsts: ir.Table, answers: ir.Table, *, keys: list[str], limit: int, negated: bool = False) -> ir.Table:
    """The first events that have an answer at most `limit` µs later; negated, those that have none."""
    shelved = _shelved(_thinned(answers, keys=keys, limit=limit), limit=limit)
    same = [firsts[key] == shelved[f"answer_{key}"] for key in keys]
    together = _start(firsts.instant, _shelf(limit)) == shelved.shelf
    answered = [*same, together, firsts.instant >= shelved.since, _comes_first(firsts, shelved)]
    kept = firsts.anti_join(shelved, answered) if negated else firsts.semi_join(shelved, answered)
    return kept.select(*firsts.columns)


def _comes_first(firsts: ir.Table, shelved: ir.Table) -> ir.BooleanValue:
    own = ibis.struct({"instant": firsts.instant, "position": firsts.position})
    other = ibis.struct({"instant": shelved.answer_instant, "position": shelved.answer_position})
    return own < other


def _shelved(answers: ir.Table, *, limit: int) -> ir.Table:
    """Answers, each on every shelf on which there may be first events that it answers.

    A shelf is a stretch of time. First events meet the answers on their own shelf only: few, however many somebody
    has. The limit is shorter than a shelf, so that an answer lies on its own and at most on the one before.
    """
    named = answers.rename({f"answer_{each}": each for each in answers.columns})
    shelf = _start(named.answer_instant, _shelf(limit))
    own = named.mutate(since=_since(named.answer_instant, limit), shelf=shelf)
    return ibis.union(own, _one_shelf_back(own, limit=limit)).view()


def _one_shelf_back(own: ir.Table, *, limit: int) -> ir.Table:
    reaching = own.filter(own.since < own.shelf)
    return reaching.mutate(shelf=reaching.shelf - _shelf(limit))


def _thinned(answers: ir.Table, *, keys: list[str], limit: int) -> ir.Table:
    """Answers enough to find all that is answered: where they are many, two of each stretch as long as the limit.

    What is answered by any of a stretch is answered by its latest, when it lies in the same stretch, and by its
    earliest, when it lies before.
    """
    counted = answers.group_by(keys).aggregate(times=answers.count())
    many = counted.filter(counted.times > FEW_ANSWERS).select(**{f"many_{key}": counted[key] for key in keys})
    # A view: Ibis would go on joining the joins that gave the answers, and have them made twice.
    rows = answers.view()
    marked = rows.left_join(many, [rows[key] == many[f"many_{key}"] for key in keys])
    few, busy = marked.filter(marked.many_customer_id.isnull()), marked.filter(marked.many_customer_id.notnull())
    order = ibis.struct({"instant": busy.instant, "position": busy.position})
    stretch = _start(busy.instant, max(limit, 1))
    ends = busy.group_by(*keys, stretch=stretch).aggregate(earliest=order.min(), latest=order.max())
    kept = [ends.select(*keys, instant=ends[end]["instant"], position=ends[end]["position"]) for end in ENDS]
    return ibis.union(*(part.select(*keys, "instant", "position") for part in (few, *kept)))


def _shelf(limit: int) -> int:
    return STRETCHES * max(limit, 1)


def _start(instant: ir.IntegerValue, length: int) -> ir.IntegerValue:
    """Where the stretch of time begins that an instant lies in: [start, start + length)."""
    return instant - instant % length


def _since(instant: ir.IntegerValue, limit: int) -> ir.IntegerValue:
    """From when on, this instant included, an event at an instant is an answer in time."""
    return instant - limit


def _firsts(node: Followed, tables: Tables, catalogue: Catalogue, moment: Moment) -> ir.Table:
    shape = catalogue.events[node.event]
    rows = event_rows(tables.events[node.event], shape, node.where, node.window, moment)
    if node.negated:
        due = literal(earlier(moment.now, node.within), Kind.TIME)
        rows = rows.filter(rows.occurred_at <= due)
    return _shaped(rows, node.on)


def _answers(node: Followed, tables: Tables, moment: Moment) -> ir.Table:
    start = span_of(node.window, moment)
    table = tables.events[node.by]
    rows = table.filter(*within(table, Span(after=start.after, until=moment.now)))
    if node.on:
        rows = rows.filter(rows[node.on].notnull())
    return _shaped(rows, node.on)


def _shaped(rows: ir.Table, link: str = "") -> ir.Table:
    """Who, when (µs since the year 1, never negative), in which place, and what an answer must have in common."""
    instant = rows.occurred_at.delta(_ORIGIN, unit="microsecond")
    linked = {"link": rows[link]} if link else {}
    return rows.select(customer_id=rows.customer_id, instant=instant, position=rows.position, **linked)
