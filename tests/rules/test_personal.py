"""What a rule may ask of something personal: whether it is there, and how many different ones there are."""

from dataclasses import replace

import pytest

from habitue.records import Kind
from habitue.rules import RuleError, check_condition, read
from habitue.rules.catalogue import EventShape
from tests.rules.example_catalogue import CATALOGUE

PERSONAL = replace(
    CATALOGUE,
    traits={**CATALOGUE.traits, "email": Kind.PERSONAL},
    events={
        **CATALOGUE.events,
        "Note Taken": EventShape(name="Note Taken", properties={"note": Kind.PERSONAL, "by": Kind.TEXT}),
    },
)


@pytest.mark.parametrize(
    "rule",
    [
        "exists(trait.email)",
        "not exists(trait.email)",
        "distinct('Note Taken'.note) >= 2",
        "exists(latest('Note Taken'.note))",
        "did('Note Taken', where=exists(note) and by == 'a')",
        "unfollowed('Note Taken', by='Note Taken', on='note', within='1d', last='7d')",
    ],
)
def test_whether_it_is_there_and_how_many_may_be_asked(rule: str) -> None:
    check_condition(read(rule), PERSONAL)


@pytest.mark.parametrize(
    "rule",
    [
        "trait.email == 'ann@example.org'",
        "'ann@example.org' != trait.email",
        "trait.email == trait.email",
        "trait.email in ('a', 'b')",
        "contains(trait.email, '@')",
        "lower(trait.email) == 'a'",
        "trait.email < 'b'",
        "latest('Note Taken'.note) == 'x'",
        "max('Note Taken'.note) == 'x'",
        "did('Note Taken', where=note == 'x')",
        "default(trait.email, 'x') == 'x'",
    ],
)
def test_what_it_is_may_not(rule: str) -> None:
    with pytest.raises(RuleError) as refused:
        check_condition(read(rule), PERSONAL)
    assert refused.value.code in ("RULE-PERSONAL", "RULE-SYNTAX"), refused.value
