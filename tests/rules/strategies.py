"""Drawn rules for every test of the language: any tree that text can say, and rules that fit a small catalogue."""

import keyword
from decimal import Decimal
from functools import cache

from hypothesis import strategies as st

from habitue.records import Kind
from habitue.records.durations import LONGEST
from habitue.rules.nodes import (
    Aggregate,
    And,
    Arithmetic,
    Bucket,
    Change,
    Compare,
    Constant,
    Days,
    Default,
    Distance,
    Exists,
    Followed,
    IsIn,
    Lower,
    Name,
    Negative,
    Node,
    Not,
    Or,
    Place,
    Property,
    Regularly,
    Relation,
    Sequence,
    Since,
    Stopped,
    TextTest,
    When,
    Window,
)
from tests.rules.example_catalogue import CATALOGUE
from tests.rules.typed_rules import rules_for, terms_for, values_for

__all__ = ["CATALOGUE", "constants", "nodes", "row_nodes", "rules_for", "terms_for", "values_for", "windows"]
SECOND = 1_000_000
DAY = 86_400 * SECOND
OPERATORS = ("==", "!=", "<", "<=", ">", ">=")

durations = st.sampled_from([SECOND, 90 * SECOND, 3_600 * SECOND, DAY, 7 * DAY, 30 * DAY, 365 * DAY, LONGEST]) | (
    st.integers(1, LONGEST)
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
identifiers = st.sampled_from(["country", "spend_90d", "_x", "revenue", "count", "trait", "match"]) | st.from_regex(
    r"[a-z_][a-z0-9_]{0,8}", fullmatch=True
).filter(lambda each: not keyword.iskeyword(each))
event_names = st.sampled_from(["Order Completed", "Cart Viewed", "Session"]) | texts


@cache
def windows() -> st.SearchStrategy[Window]:
    """Any window that text can say."""

    def between(pair: list[int]) -> Window:
        newer, older = sorted(pair)
        return Window(kind="between", older=older, newer=newer)

    starts = st.dates().map(lambda day: day.isoformat()) | st.sampled_from(
        ["2026-01-01", "2026-03-29T01:30:00", "2026-01-01T00:00:00Z", "2025-10-26T02:30:00+02:00"]
    )
    return st.one_of(
        st.just(Window()),
        durations.map(lambda us: Window(kind="last", older=us)),
        st.lists(st.just(0) | durations, min_size=2, max_size=2, unique=True).map(between),
        starts.map(lambda start: Window(kind="since", start=start)),
        st.sampled_from([Window(kind="day"), Window(kind="week"), Window(kind="month")]),
    )


@cache
def constants() -> st.SearchStrategy[Constant]:
    """Any constant that text can say."""
    numbers = st.floats(-1e15, 1e15, allow_nan=False).map(lambda each: Decimal(repr(each + 0.0)))
    return st.one_of(
        st.booleans().map(lambda each: Constant(value=each, kind=Kind.BOOLEAN)),
        st.integers(-(10**15), 10**15).map(lambda each: Constant(value=each, kind=Kind.INTEGER)),
        numbers.map(lambda each: Constant(value=each, kind=Kind.NUMBER)),
        texts.map(lambda each: Constant(value=each, kind=Kind.TEXT)),
    )


def _grown(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """One level more of what stands both in rules and in conditions on one event."""
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    signed = inner.filter(lambda each: not (isinstance(each, Constant) and each.kind.is_numeric))
    options = st.lists(constants(), min_size=1, max_size=3).map(tuple)
    return st.one_of(
        several.map(lambda parts: And(parts=parts)),
        several.map(lambda parts: Or(parts=parts)),
        inner.map(lambda operand: Not(operand=operand)),
        signed.map(lambda operand: Negative(operand=operand)),
        st.builds(Compare, op=st.sampled_from(OPERATORS), left=inner, right=inner, column=st.just(0)),
        st.builds(Arithmetic, op=st.sampled_from(["+", "-", "*", "/"]), left=inner, right=inner, column=st.just(0)),
        st.builds(IsIn, operand=inner, options=options, negated=st.booleans(), column=st.just(0)),
        st.builds(
            TextTest,
            kind=st.sampled_from(["contains", "startswith", "endswith", "matches"]),
            operand=inner,
            argument=texts,
            column=st.just(0),
        ),
        inner.map(lambda operand: Lower(operand=operand)),
        inner.map(lambda operand: Exists(operand=operand)),
        st.builds(Default, operand=inner, fallback=constants(), column=st.just(0)),
        st.builds(When, condition=inner, value=inner, column=st.just(0)),
    )


@cache
def row_nodes(*, max_leaves: int = 5) -> st.SearchStrategy[Node]:
    """Any expression over the properties of one event, as text can say it; types are not minded."""
    leaves = st.one_of(identifiers.map(lambda name: Property(name=name)), constants())
    return st.recursive(leaves, _grown, max_leaves=max_leaves)


@cache
def _event_terms() -> st.SearchStrategy[Node]:
    where = st.none() | row_nodes(max_leaves=3)
    over_event = st.sampled_from(["did", "count", "first_at", "last_at"])
    over_property = st.sampled_from(["sum", "avg", "min", "max", "distinct", "mode", "first", "latest"])
    steps = st.lists(event_names, min_size=2, max_size=4).map(tuple)
    pace = st.integers(1, 60).flatmap(lambda of: st.tuples(st.integers(1, of), st.just(of)))
    no_column = st.just(0)
    return st.one_of(
        st.builds(
            Aggregate,
            kind=over_event,
            event=event_names,
            property=st.just(""),
            where=where,
            window=windows(),
            column=no_column,
        ),
        st.builds(
            Aggregate,
            kind=over_property,
            event=event_names,
            property=identifiers,
            where=where,
            window=windows(),
            column=no_column,
        ),
        st.builds(Sequence, events=steps, within=durations, where=where, window=windows(), column=no_column),
        st.builds(
            Followed,
            event=event_names,
            by=event_names,
            within=durations,
            on=st.just("") | identifiers,
            where=where,
            window=windows(),
            negated=st.booleans(),
            column=no_column,
        ),
        st.builds(
            lambda event, every, pair, where: Regularly(
                event=event, every=every, periods=pair[0], of=pair[1], where=where
            ),
            event=event_names,
            every=durations,
            pair=pace,
            where=where,
        ),
        st.builds(Stopped, event=event_names, after=durations, where=where, column=no_column),
    )


@cache
def _leaves() -> st.SearchStrategy[Node]:
    spaces = st.sampled_from(["trait", "feature", "score", "segment", "cluster", "consent"])
    parts = st.sampled_from(["", "decile", "low", "high"])
    degrees = st.floats(-90, 90, allow_nan=False).map(lambda each: Decimal(repr(each + 0.0)))
    traits = identifiers.map(lambda name: Name(space="trait", name=name))
    return st.one_of(
        constants(),
        st.builds(Name, space=spaces, name=identifiers, part=st.just(""), column=st.just(0)),
        st.builds(Name, space=st.just("score"), name=identifiers, part=parts, column=st.just(0)),
        _event_terms(),
        texts.map(lambda salt: Bucket(salt=salt)),
        st.builds(Distance, place=traits, latitude=degrees, longitude=degrees, column=st.just(0)),
    )


def _grown_whole(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        _grown(inner),
        st.builds(Change, inner=inner, last=durations, column=st.just(0)),
        inner.map(lambda moment: Since(moment=moment)),
        inner.map(lambda duration: Days(duration=duration)),
        inner.map(lambda ranked: Place(kind="percentile", inner=ranked)),
        st.builds(Place, kind=st.just("tile"), inner=inner, n=st.integers(2, 100), column=st.just(0)),
        st.builds(Place, kind=st.just("top"), inner=inner, n=st.integers(1, 10**9), column=st.just(0)),
        st.builds(
            Relation,
            kind=st.sampled_from(["any", "all", "none"]),
            relation=st.just("household") | identifiers,
            condition=inner,
            column=st.just(0),
        ),
    )


@cache
def nodes(*, max_leaves: int = 6) -> st.SearchStrategy[Node]:
    """Any tree that rule text can say; types and names are not minded."""
    return st.recursive(_leaves(), _grown_whole, max_leaves=max_leaves)
