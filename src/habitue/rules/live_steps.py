"""Leaves that change with nothing but the time elapsed since one event: a staircase of answers, the same for everybody.

Such as a score of how recently somebody ordered. The stairs are found once, for somebody with one event, and looked up
for each person by how long ago theirs was.
"""

from dataclasses import replace
from functools import partial
from typing import Final

from habitue.rules.courses import Course, answer_at
from habitue.rules.evaluation import Context
from habitue.rules.happened import Person
from habitue.rules.history import Happening, history_of, instant_of
from habitue.rules.live_leaves import Input, Shape, events_of
from habitue.rules.live_moments import ElapsedSince, Steps
from habitue.rules.nodes import EVER, Aggregate, Bucket, Days, Distance, Name, Node, Relation, Since
from habitue.rules.walking import walk, with_children

_SECOND: Final = 1_000_000
_EVENT_US: Final = 0
_PERSONAL: Final = (Name, Bucket, Distance, Relation)


def steps_shape(node: Node, context: Context) -> Shape | None:
    """How a comparison is kept that has a staircase; None for one that looks at anything else of a person."""
    moment = _moment(node)
    if moment is None:
        return None
    # What the event was like has been asked before it comes here.
    plain = replace(moment, where=None)
    cuts = {_with(inner, moment, plain): points for inner, points in context.cuts.items()}
    course = Course(_with(node, moment, plain), replace(context, cuts=cuts))
    if course.answer(Person.keeping(history_of("", events={}), _EVENT_US)) is True:
        return None
    in_days = any(isinstance(each, Days) for each in walk(node))
    steps = _steps(course, plain, in_days=in_days)
    inputs = (Input(event=moment.event, where=moment.where),)
    return Shape(make=partial(ElapsedSince, steps), inputs=inputs, tested=steps)


def _moment(node: Node) -> Aggregate | None:
    """The first or the last event that time is counted from, where nothing else is looked at."""
    parts = list(walk(node))
    sinces = [each for each in parts if isinstance(each, Since)]
    days = [each for each in parts if isinstance(each, Days)]
    if any(isinstance(each, _PERSONAL) for each in parts) or not sinces:
        return None
    moment = sinces[0].moment
    if not isinstance(moment, Aggregate) or moment.kind not in ("first_at", "last_at") or moment.window != EVER:
        return None
    is_alone = all(each == moment for each in parts if events_of(each)) and all(
        each.moment == moment for each in sinces
    )
    is_even = not days or (len(days) == len(sinces) and all(isinstance(each.duration, Since) for each in days))
    return moment if is_alone and is_even else None


def _with(node: Node, old: Node, new: Node) -> Node:
    return new if node == old else with_children(node, lambda child: _with(child, old, new))


def _steps(course: Course, moment: Aggregate, *, in_days: bool) -> Steps:
    """The stairs, read off somebody to whom it happened once."""
    happening = Happening(occurred_at=instant_of(_EVENT_US), position=0, properties={})
    person = Person.keeping(history_of("", events={moment.event: [happening]}), _EVENT_US)
    reaches, truths = list[int](), [course.answer(person) is True]
    for instant in course.ahead(person, course.edges(person), _EVENT_US):
        holds = answer_at(course.answer, person, instant) is True
        if holds is not truths[-1]:
            reaches.append(instant // _SECOND if in_days else instant)
            truths.append(holds)
    return Steps(reaches=tuple(reaches), truths=tuple(truths), in_days=in_days, latest=moment.kind == "last_at")
