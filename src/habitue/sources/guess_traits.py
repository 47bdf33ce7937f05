"""Starter definitions made of a project's own words: its traits, and the steps of its funnel."""

import re
from collections.abc import Sequence
from itertools import pairwise

from habitue.records import Kind, snake_case
from habitue.sources.guess_plans import Property, TablePlan, quoted
from habitue.sources.guess_values import ColumnRole, Starter, TableRole
from habitue.sources.guess_words import is_sensitive, slug_of

R = ColumnRole
_NOT_FOR_GROUPS = (R.GENDER, R.BIRTH_DATE, R.PERSON_NAME, R.EMAIL, R.PHONE, R.ADDRESS, R.POSTCODE, R.COUNTRY)
_FIGURES = (Kind.INTEGER, Kind.NUMBER, Kind.MONEY)
_MOST_WORDED, _MOST_FIGURES, _MOST_FLAGS = 4, 4, 6
_TELLING = re.compile(
    r".*(?:churn|respon|active|subscri|vip|complain|opt_|consent|premium|loyal|newsletter|retention).*"
)
_NOTHING_SAID = frozenset({"no", "none", "other", "unknown", "n", "false", "-", "undefined"})
_NO_SIZE = re.compile(
    r"(?:.*_)?(?:id|ids|no|nr|code|cluster|group|year|week|month|day|zip|class|x|y|z|version)(?:_.*)?"
)


def trait_starters(plans: Sequence[TablePlan]) -> tuple[Starter, ...]:
    """Segments by traits: yes-or-no traits, the commonest value of the others, the top tenth of figures."""
    traits: dict[str, Property] = {}
    for plan in plans:
        for each in plan.customers.properties if plan.customers else ():
            if each.role not in _NOT_FOR_GROUPS and not each.personal and not is_sensitive(each.name):
                traits.setdefault(each.name, each)
    found = list(traits.values())
    telling_first = sorted(found, key=lambda each: not _TELLING.fullmatch(each.name))
    flags = [starter for each in telling_first if (starter := _flag(each))]
    worded = [starter for each in found if (starter := _commonest(each))]
    figures = [starter for each in found if (starter := _top_tenth(each))]
    return (*flags[:_MOST_FLAGS], *worded[:_MOST_WORDED], *figures[:_MOST_FIGURES])


def funnel_starters(plans: Sequence[TablePlan], kind: str) -> tuple[Starter, ...]:
    """Features and segments of a funnel: which pages were reached, and after which step people left."""
    funnels = [plan for plan in plans if plan.table.role is TableRole.PAGES and len(plan.events) > 1]
    out: list[Starter] = []
    for plan in funnels:
        steps = [event.event for event in plan.events]
        if kind == "features":
            out += [_reached(step) for step in steps]
        else:
            out += [_left_after(here, after) for here, after in pairwise(steps)]
            out.append(_finished(steps[0], steps[-1]))
    return tuple(out)


def _reached(step: str) -> Starter:
    """How often a step of the funnel was seen."""
    name = snake_case(step).removesuffix("_viewed")
    return Starter(
        file="funnel", name=f"{name}_views", label=f"How often: {step}", rule=f"count({quoted(step)})", description=""
    )


def _left_after(here: str, after: str) -> Starter:
    """Those who saw one step and not the next."""
    name = snake_case(here).removesuffix("_viewed")
    return Starter(
        file="funnel",
        name=f"left_after_{name}",
        label=f"{here}, but not {after}",
        rule=f"did({quoted(here)}) and not did({quoted(after)})",
        description="They stopped at this step. Look at the page they did not go on from.",
    )


def _finished(first: str, last: str) -> Starter:
    """Those who came to the end."""
    return Starter(
        file="funnel",
        name="reached_the_end",
        label=f"From {first} to {last}",
        rule=f"did({quoted(first)}) and did({quoted(last)})",
        description="They went the whole way.",
    )


def _words(name: str) -> str:
    """A trait's name for people."""
    return name.replace("_", " ")


def _flag(trait: Property) -> Starter | None:
    """Those for whom a yes-or-no trait holds."""
    values = {text for text, _ in trait.values}
    numeric = trait.kind is Kind.INTEGER and values == {"0", "1"}
    if trait.kind is not Kind.BOOLEAN and not numeric:
        return None
    return Starter(
        file="traits",
        name=f"with_{trait.name}",
        label=f"{_words(trait.name).capitalize()}: yes",
        rule=f"trait.{trait.name} == {1 if numeric else True}",
        description="A trait of the customer list.",
    )


def _commonest(trait: Property) -> Starter | None:
    """Those with the commonest value of a trait with few values."""
    most = 60 if trait.role is R.REGION else 12
    if trait.kind is not Kind.TEXT or not 2 <= len(trait.values) <= most:
        return None
    said = [pair for pair in trait.values if not _says_nothing(pair[0]) and is_plain(pair[0])]
    total = sum(n for _, n in trait.values)
    if not said or not 0.1 * total <= said[0][1] < 0.98 * total:
        return None
    value = said[0][0]
    return Starter(
        file="traits",
        name=f"{trait.name}_{slug_of(value)}"[:100],
        label=f"{_words(trait.name).capitalize()}: {value}",
        rule=f"trait.{trait.name} == {quoted(value)}",
        description=f"The commonest of {len(trait.values)} values.",
    )


def is_plain(value: str) -> bool:
    """Whether a value can stand in a label: short, and without control characters."""
    return value.isprintable() and len(value) <= 60


def _says_nothing(value: str) -> bool:
    """Whether a value of a trait describes nobody: no letters, or a word such as `No` or `No phone service`."""
    folded = value.strip().lower()
    return folded in _NOTHING_SAID or folded.startswith("no ") or not re.search(r"[a-z]", folded)


def _top_tenth(trait: Property) -> Starter | None:
    """Those in the top tenth by a figure."""
    if trait.kind not in _FIGURES or _NO_SIZE.fullmatch(trait.name) or 0 < len(trait.values) <= 12:
        return None
    return Starter(
        file="traits",
        name=f"top_{trait.name}",
        label=f"Top tenth by {_words(trait.name)}",
        rule=f"percentile(trait.{trait.name}) >= 0.9",
        description="Adjust the cut to what you can look after.",
    )
