"""The examples as one case for an engine: everybody of an example is answered for, its places among them alone."""

from collections.abc import Sequence
from dataclasses import replace

from habitue.rules.checking import check
from habitue.rules.reading import read
from tests.rules.examples import NOW, Example
from tests.rules.law import Case, Engine, same
from tests.rules.oracle import Oracle
from tests.rules.oracle_numbers import Value


def as_case(engine: Engine, examples: Sequence[Example]) -> Case:
    """Some examples side by side; person j of example i is called `e<i>-<j>`."""
    return Case(
        now=NOW,
        rules=tuple(check(read(each.rule), engine.catalogue).node for each in examples),
        aimed=tuple(
            tuple(replace(person, customer_id=f"e{i}-{j}") for j, (person, _) in enumerate(each.people))
            for i, each in enumerate(examples)
        ),
    )


def answered(engine: Engine, examples: Sequence[Example]) -> list[list[Value | None]]:
    """What the engine answers for the people of each example."""
    case = as_case(engine, examples)
    answers = engine.answers(case, {}, engine.fill(case.people))
    return [[answers[person.customer_id][i] for person in people] for i, people in enumerate(case.aimed)]


def wrong(engine: Engine, examples: Sequence[Example]) -> list[str]:
    """The examples that an engine answers otherwise, in words."""
    return [
        f"{each.rule}: person {j} is {found!r}, not {wanted!r}"
        for each, answers in zip(examples, answered(engine, examples), strict=True)
        for j, ((_, wanted), found) in enumerate(zip(each.people, answers, strict=True))
        if not same(wanted, found)
    ]


def told(engine: Engine, each: Example) -> list[Value | None]:
    """What the oracle answers for the people of an example."""
    case = as_case(engine, [each])
    oracle = Oracle(catalogue=engine.catalogue, people=case.people, now=NOW)
    return [oracle.value(case.rules[0], person) for person in case.people]
