"""Households and accounts in rules: what holds for any, all or none of a customer's group, in every reading."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from habitue.rules.checking import check, check_condition
from habitue.rules.evaluation import Context, answering, evaluate
from habitue.rules.failures import RuleError
from habitue.rules.happened import Person
from habitue.rules.history import Happening, History, history_of, micros
from habitue.rules.live_plan import plan_of
from habitue.rules.lowering import inline
from habitue.rules.nodes import Aggregate, And, Node, Not, Or, Place, Relation, When
from habitue.rules.proof import Proof, prove
from habitue.rules.reading import read
from habitue.rules.relatives import Groups, Others
from habitue.rules.tree import from_json, to_json
from habitue.rules.words import describe, describe_condition
from habitue.rules.writing import write
from tests.rules.conformance import told, wrong
from tests.rules.example_catalogue import DAY, HOUR, RELATED
from tests.rules.examples import RELATIONS, Example
from tests.rules.faults import Fault
from tests.rules.histories import MICROSECOND, NOW, ago, contexts_for, histories
from tests.rules.law import Case, InMemory, cases, differences
from tests.rules.oracle_numbers import Value
from tests.rules.relation_faults import RELATION_FAULTS
from tests.rules.steady import is_steady
from tests.rules.test_law import THOROUGH, held
from tests.rules.test_law_faults import MOST_EXAMPLES, CaughtError, filled
from tests.rules.typed_rules import relations_for, rules_for

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
_ONE = relations_for(RELATED)
_BESIDE = st.tuples(_ONE, rules_for(RELATED, depth=1))
_SPENT = Aggregate(kind="count", event="Order Completed")
ASKED = st.one_of(
    _ONE,
    _ONE,
    _ONE.map(lambda rule: Not(operand=rule)),
    _BESIDE.map(lambda parts: And(parts=parts)),
    _BESIDE.map(lambda parts: Or(parts=parts)),
    _ONE.map(lambda rule: Place(kind="top", inner=When(condition=rule, value=_SPENT), n=2)),
)


@pytest.mark.slow
def test_drawn_rules_over_groups_hold_in_every_reading(capsys: pytest.CaptureFixture[str]) -> None:
    count = held(InMemory(RELATED), ASKED, 96 if THOROUGH else 15)
    with capsys.disabled():
        sys.stdout.write(f" [{count:,} drawn rules over groups with a history]")
    assert count >= (2_000 if THOROUGH else 100)


@pytest.mark.parametrize("fault", RELATION_FAULTS, ids=lambda each: each.what)
def test_a_planted_fault_in_groups_is_caught(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = InMemory(RELATED)

    @settings(
        max_examples=MOST_EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases(RELATED, filled(fault.rules), many=4, people=4))
    def look(case: Case) -> None:
        if any(each.reading.startswith("batch") for each in differences(engine, case)):
            raise CaughtError(case)

    with monkeypatch.context() as planted:
        fault.plant(planted)
        with pytest.raises(CaughtError) as caught:
            look()
    assert differences(engine, caught.value.case) == []


@pytest.mark.parametrize("each", RELATIONS, ids=lambda each: each.rule)
def test_an_example_over_groups_answers_as_it_says(each: Example) -> None:
    engine = InMemory(RELATED)
    assert told(engine, each) == [answer for _, answer in each.people]
    assert wrong(engine, [each]) == []


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (
            "any(household, did('Order Completed', last='7d'))",
            "Customers in whose household some members did 'Order Completed' in the last 7 days.",
        ),
        ("all(account, consent.marketing_email)", "Customers in whose account all members consent to marketing email."),
        ("not all(account, segment.loyal)", "Customers in whose account not all members are in the segment 'loyal'."),
        (
            "none(household, trait.country == 'DE')",
            "Customers in whose household no members are people whose country is 'DE'.",
        ),
        (
            "did('Product Viewed') and not none(household, did('Order Completed'))",
            "Customers who did 'Product Viewed' and in whose household some members did 'Order Completed'.",
        ),
    ],
)
def test_a_relation_is_said_in_words(rule: str, sentence: str) -> None:
    assert describe(check_condition(read(rule), RELATED)) == sentence


@settings(max_examples=60)
@given(ASKED)
def test_drawn_relations_are_written_and_said(rule: Node) -> None:
    settled = check_condition(rule, RELATED)
    assert from_json(to_json(rule)) == read(write(rule)) == rule
    assert "  " not in describe(settled, zone=RELATED.zone)
    assert describe_condition(settled, zone=RELATED.zone)


@pytest.mark.parametrize(
    ("rule", "code", "says"),
    [
        ("any(houshold, did('Order Completed'))", "RULE-UNKNOWN-NAME", "Did you mean 'household'?"),
        ("any('household', did('Order Completed'))", "RULE-SYNTAX", "without quotes"),
        ("any(household)", "RULE-SYNTAX", "any() takes 2 arguments"),
        ("all(household, count('Order Completed'))", "RULE-TYPE", "all()"),
        ("all(household, any(account, did('Order Completed')))", "RULE-TYPE", "Relations do not nest"),
        ("all(household, segment.together or did('Order Completed'))", "RULE-TYPE", "any(account, …) stands inside"),
        ("count('Order Completed', where=any(household, items == 1))", "RULE-SYNTAX", "cannot stand in a condition"),
    ],
)
def test_a_wrong_relation_is_refused_with_what_to_do(rule: str, code: str, says: str) -> None:
    together = replace(RELATED.segments["loyal"], name="together", rule=read("any(account, did('Order Completed'))"))
    catalogue = replace(RELATED, segments={**RELATED.segments, "together": together})
    with pytest.raises(RuleError) as error:
        check_condition(read(rule), catalogue)
    assert error.value.code == code
    assert says in f"{error.value.what} {error.value.do}"


def test_a_project_without_relations_says_where_they_are_declared() -> None:
    with pytest.raises(RuleError, match="No relation is called 'household'") as error:
        check(read("any(household, did('Order Completed'))"), replace(RELATED, relations=frozenset()))
    assert "identity/" in error.value.do


def test_a_segment_that_asks_about_groups_is_not_kept_live() -> None:
    asking = replace(RELATED.segments["loyal"], rule=read("any(household, did('Order Completed'))"))
    with pytest.raises(RuleError, match="which only builds answer"):
        plan_of([asking], Context(catalogue=RELATED))


# --- One person -------------------------------------------------------------------------------------------------------


def _groups(*people: History) -> Groups:
    """Everybody in one household and one account."""
    others = {each.customer_id: Others(histories=tuple(p for p in people if p is not each)) for each in people}
    return {"household": others, "account": others}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_answer_flips_at_the_instants_of_the_proof_and_nowhere_between(data: st.DataObject) -> None:
    rule = inline(check_condition(data.draw(ASKED), RELATED), RELATED)
    assume(is_steady(rule))
    people = [data.draw(histories(customer_id=each)) for each in ("1", "2", "3")]
    context = replace(data.draw(contexts_for(rule, RELATED)), groups=_groups(*people))
    now = NOW + data.draw(st.integers(-1, 1)) * MICROSECOND
    proof = prove(rule, people[0], now, context)
    _hold(proof, rule, people[0], now, context)


def _hold(proof: Proof, rule: Node, history: History, now: datetime, context: Context) -> None:
    answer, person = answering(rule, context), Person.keeping(history, micros(now))

    def member(instant: int) -> bool:
        person.now = instant
        return answer(person) is True

    since = micros(proof.since) if proof.since else None
    ahead = micros(proof.changes_at) if proof.changes_at else None
    assert member(micros(now)) is proof.member
    assert since is None or member(since - 1) is not proof.member
    assert ahead is None or member(ahead) is not proof.member
    start = max(since if since is not None else 0, micros(now) - 20 * DAY)
    end = min(ahead - 1 if ahead is not None else micros(now) + 20 * DAY, micros(now) + 20 * DAY)
    hours = range(-(-start // HOUR) * HOUR, end + 1, 7 * HOUR)
    assert all(member(instant) is proof.member for instant in hours)


def _person(name: str, *days: int) -> History:
    done = [Happening(occurred_at=ago(each * DAY), position=each, properties={}, event_id=f"e{each}") for each in days]
    return history_of(name, events={"Order Completed": done})


def test_another_member_changes_the_answer_and_the_proof_says_when() -> None:
    ann, ben = _person("ann"), _person("ben", 2)
    rule = check_condition(read("any(household, did('Order Completed', last='7d'))"), RELATED)
    proof = prove(rule, ann, NOW, Context(catalogue=RELATED, groups=_groups(ann, ben)))
    assert (proof.member, proof.since, proof.changes_at) == (True, ago(2 * DAY), ago(-5 * DAY))
    assert proof.leaves[0].words == "in whose household some members did 'Order Completed' in the last 7 days"
    assert proof.leaves[0].events == ()
    assert not prove(rule, ann, NOW, Context(catalogue=RELATED)).member


@pytest.mark.parametrize(
    ("rule", "told_of", "answer"),
    [
        ("any(household, did('Order Completed'))", {True, False}, True),
        ("any(household, did('Order Completed'))", {False}, False),
        ("all(household, not did('Order Completed'))", {True}, True),
        ("all(household, not did('Order Completed'))", {True, False}, False),
        ("none(household, did('Order Completed'))", {False}, True),
        ("none(household, did('Order Completed'))", {True}, False),
    ],
)
def test_what_is_told_of_further_members_counts(rule: str, told_of: set[bool], answer: Value) -> None:
    node = check_condition(read(rule), RELATED)
    assert isinstance(node, Relation)
    found: Mapping[Node, frozenset[bool]] = {node.condition: frozenset(told_of)}
    context = Context(catalogue=RELATED, groups={"household": {"ann": Others(told=found)}})
    assert evaluate(node, _person("ann"), NOW, context) is answer
