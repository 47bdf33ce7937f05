"""What a proof promises: its instants are the very ones at which the answer flips, and its events are the reasons."""


from hypothesis import assume, given, settings
from hypothesis import strategies as st

from habitue.rules.checking import check_condition
from habitue.rules.evaluation import Context, answering
from habitue.rules.happened import Person
from habitue.rules.history import micros
from habitue.rules.lowering import inline
from habitue.rules.nodes import Arithmetic, Days, Node, Since
from habitue.rules.proof import prove
from habitue.rules.reading import read
from habitue.rules.walking import walk
from tests.rules.example_catalogue import CATALOGUE, DAY, HOUR
from tests.rules.histories import MICROSECOND, NOW, contexts_for, histories
from tests.rules.strategies import rules_for

CONTEXT = Context(catalogue=CATALOGUE)


def _settled(text: str) -> Node:
    return inline(check_condition(read(text), CATALOGUE), CATALOGUE)


def _moves(node: Node) -> bool:
    return any(isinstance(part, Since | Days) for part in walk(node))


def _is_steady(node: Node) -> bool:
    """Whether elapsed time only ever rises or falls in it: not multiplied or divided with itself."""
    products = (part for part in walk(node) if isinstance(part, Arithmetic) and _moves(part))
    return not any(_moves(part.left) + _moves(part.right) > 1 or part.op == "/" for part in products)


def _grid(start: int, end: int) -> list[int]:
    """Each full hour in the range and the microsecond on either side of it."""
    first = -(-start // HOUR) * HOUR
    around = (hour + shift for hour in range(first, end + 1, HOUR) for shift in (-1, 0, 1))
    return [each for each in around if start <= each <= end]


@settings(max_examples=100)
@given(st.data())
def test_the_answer_flips_at_the_instants_of_the_proof_and_nowhere_between(data: st.DataObject) -> None:
    rule = inline(check_condition(data.draw(rules_for(CATALOGUE)), CATALOGUE), CATALOGUE)
    assume(_is_steady(rule))
    history = data.draw(histories())
    context = data.draw(contexts_for(rule))
    now = NOW + data.draw(st.integers(-1, 1)) * MICROSECOND
    proof = prove(rule, history, now, context)
    answer, person = answering(rule, context), Person.keeping(history, micros(now))

    def member(instant: int) -> bool:
        person.now = instant
        return answer(person) is True

    since = micros(proof.since) if proof.since else None
    ahead = micros(proof.changes_at) if proof.changes_at else None
    if since is not None:
        assert member(since - 1) is not proof.member
    if ahead is not None:
        assert member(ahead) is not proof.member
    start = since if since is not None else micros(now) - 45 * DAY
    end = ahead - 1 if ahead is not None else micros(now) + 45 * DAY
    assert all(member(instant) is proof.member for instant in _grid(max(start, micros(now) - 45 * DAY), end))
