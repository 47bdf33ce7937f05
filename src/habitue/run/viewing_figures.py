"""What a role is shown of features and of the quality of tables: everything, or nothing about fewer than ten people.

A figure that is hidden is None. Extremes are single people's values and are hidden with them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from habitue.govern.roles import Access, Permission
from habitue.govern.suppression import LEAST_GROUP, apart, hidden_parts
from habitue.run.features import Bin, FeatureDistribution, FeatureEntry
from habitue.run.profiles import ProfiledTable
from habitue.run.sources import SourceEntry
from habitue.sources.profile_values import QUANTILES, ColumnProfile
from habitue.sources.shapes import CUSTOMERS

_SHARES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
_PEOPLE: Final = frozenset({CUSTOMERS, "features"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFeature(FeatureEntry):
    """A feature as a role is shown it.

    Attributes:
        hidden: Whether how many have a value is hidden, and with it their mean.
    """

    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenBin:
    """One bar of a histogram, as a role is shown it; `customers` is None when it is hidden."""

    low: str
    high: str
    customers: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenDistribution:
    """How a feature is spread, as a role is shown it.

    Attributes:
        feature: The feature.
        missing: Customers without a value; None when it is hidden.
        quantiles: As in `FeatureDistribution`; None for those beyond which fewer than ten people lie.
        bins: Bars; without people wide enough for ten, the outermost open (an empty edge), and no values of few.
    """

    feature: SeenFeature
    missing: int | None
    quantiles: tuple[float | None, ...]
    bins: tuple[SeenBin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenValue:
    """One value of a column and its share of the values present."""

    value: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenColumn:
    """The quality of one column, as somebody without people is shown it.

    Attributes:
        name: The column.
        kind: Kind of its values.
        is_personal: Whether it is personal.
        present: Rows with a value; None when hidden.
        missing: Rows without; None when hidden.
        completeness: Share of rows with a value; None when hidden.
        quantiles: For numbers of tables of people, those of `QUANTILES` beyond which ten people lie, rough.
        top: For texts of tables of people, values that ten people or more have.
        has_drifted: Whether it moved since the load before.
    """

    name: str
    kind: str
    is_personal: bool
    present: int | None
    missing: int | None
    completeness: float | None
    quantiles: tuple[float | None, ...] = ()
    top: tuple[SeenValue, ...] = ()
    has_drifted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTable:
    """The quality of one table, as somebody without people is shown it."""

    table: str
    label: str
    sources: tuple[str, ...]
    rows: int | None
    columns: tuple[SeenColumn, ...]


def view_features(access: Access, entries: Sequence[FeatureEntry], everybody: int) -> list[SeenFeature]:
    """Features with how many have a value; without people no extremes, and nothing about few.

    Args:
        access: Who asks.
        entries: The features.
        everybody: How many customers there are.

    Raises:
        RoleForbiddenError: The role sees no figures.
    """
    access.need(Permission.SEE_AGGREGATES)
    if access.sees_people:
        return [_seen_feature(each) for each in entries]
    counted = [place for place, each in enumerate(entries) if each.present is not None]
    gone = apart([entries[place].present or 0 for place in counted], everybody)
    hidden = {counted[each] for each in gone}
    return [_seen_feature(each, people=False, hidden=place in hidden) for place, each in enumerate(entries)]


def _seen_feature(entry: FeatureEntry, *, people: bool = True, hidden: bool = False) -> SeenFeature:
    return SeenFeature(
        name=entry.name,
        label=entry.label,
        kind=entry.kind,
        unit=entry.unit,
        purpose=entry.purpose,
        rule=entry.rule,
        present=None if hidden else entry.present,
        mean=None if hidden else entry.mean,
        low=entry.low if people else None,
        high=entry.high if people else None,
        hidden=hidden,
    )


def view_feature(access: Access, found: FeatureDistribution) -> SeenDistribution:
    """A feature and its spread; the bars, those without a value and the rest are parts of everybody.

    Raises:
        RoleForbiddenError: The role sees no figures.
    """
    access.need(Permission.SEE_AGGREGATES)
    if access.sees_people:
        bins = tuple(SeenBin(low=each.low, high=each.high, customers=each.customers) for each in found.bins)
        return SeenDistribution(
            feature=_seen_feature(found.feature), missing=found.missing, quantiles=found.quantiles, bins=bins
        )
    present = found.feature.present or 0
    bars = _merged(found.bins)
    counts = [each.customers for each in bars]
    # Only the most frequent values are listed: the others are one more part.
    parts = [*counts, max(0, present - sum(counts)), found.missing]
    hidden = hidden_parts(parts) if sum(parts) >= LEAST_GROUP else frozenset(range(len(parts)))
    few = len(counts) + 1 in hidden and found.missing > 0
    return SeenDistribution(
        feature=_seen_feature(found.feature, people=False, hidden=few or present < LEAST_GROUP),
        missing=None if len(counts) + 1 in hidden else found.missing,
        quantiles=_seen_quantiles(found.quantiles, present),
        bins=tuple(
            SeenBin(low=each.low, high=each.high, customers=None if place in hidden else each.customers)
            for place, each in enumerate(bars)
            if place not in hidden or each.low != each.high
        ),
    )


def _merged(bars: Sequence[Bin]) -> list[Bin]:
    """Neighbouring bars put together until each holds ten people; the outer edges, single people's values, are open.

    Bars of single values stay apart.
    """
    if any(each.low == each.high for each in bars) or not bars:
        return list(bars)
    merged: list[Bin] = []
    low, people = "", 0
    for each in bars:
        people += each.customers
        if people >= LEAST_GROUP:
            merged.append(Bin(low=low, high=_rough_text(each.high), customers=people))
            low, people = _rough_text(each.high), 0
    if people or not merged:
        last = merged.pop() if merged else Bin(low="", high="", customers=0)
        merged.append(Bin(low=last.low, high="", customers=last.customers + people))
    merged[-1] = Bin(low=merged[-1].low, high="", customers=merged[-1].customers)
    return merged


def _seen_quantiles(quantiles: Sequence[float], present: int) -> tuple[float | None, ...]:
    """The smallest and largest are one person's; the others show, rough, where ten people lie beyond them."""
    if not quantiles:
        return ()
    inner = [
        _rough(value) if min(share, 1 - share) * present >= LEAST_GROUP else None
        for value, share in zip(quantiles[1:-1], _SHARES, strict=True)
    ]
    return (None, *inner, None)


def view_profile(access: Access, table: ProfiledTable) -> ProfiledTable | SeenTable:
    """The quality of a table; without people, what stands for few of them is left out.

    Rows of events are not people: one person may be behind many, so of them only completeness is shown.

    Raises:
        RoleForbiddenError: The role sees no figures.
    """
    access.need(Permission.SEE_AGGREGATES)
    if access.sees_people:
        return table
    profile = table.profile
    rows = profile.rows if profile.rows >= LEAST_GROUP else None
    gone = apart([each.present for each in profile.columns], profile.rows)
    of_people = table.table in _PEOPLE
    return SeenTable(
        table=table.table,
        label=table.label,
        sources=table.sources,
        rows=rows,
        columns=tuple(
            _seen_column(each, profile.sampled, hidden=rows is None or place in gone, of_people=of_people)
            for place, each in enumerate(profile.columns)
        ),
    )


def _seen_column(column: ColumnProfile, sampled: int, *, hidden: bool, of_people: bool) -> SeenColumn:
    shown = of_people and not hidden and not column.is_personal
    return SeenColumn(
        name=column.name,
        kind=column.kind,
        is_personal=column.is_personal,
        present=None if hidden else column.present,
        missing=None if hidden or 0 <= column.missing < LEAST_GROUP else column.missing,
        completeness=None if hidden else column.completeness,
        quantiles=_profile_quantiles(column, sampled) if shown else (),
        top=_top(column, sampled) if shown else (),
        has_drifted=column.drift is not None and column.drift.has_drifted,
    )


def _profile_quantiles(column: ColumnProfile, sampled: int) -> tuple[float | None, ...]:
    if column.number is None:
        return ()
    people = min(column.present, sampled)
    return tuple(
        _rough(value) if min(share, 1 - share) * people >= LEAST_GROUP else None
        for value, share in zip(column.number.quantiles, QUANTILES, strict=True)
    )


def _top(column: ColumnProfile, sampled: int) -> tuple[SeenValue, ...]:
    if column.text is None:
        return ()
    people = min(column.present, sampled)
    counts = [round(each.share * people) for each in column.text.top]
    hidden = hidden_parts([*counts, max(0, people - sum(counts))])
    # Where everybody else is one known value more, that value is left out too.
    return tuple(
        SeenValue(value=each.value, share=each.share)
        for place, each in enumerate(column.text.top)
        if place not in hidden
    )


def view_sources(access: Access, entries: Sequence[SourceEntry]) -> list[SourceEntry]:
    """What became of sources' rows; without people no figure of fewer than ten rows: a row may be a person.

    Raises:
        RoleForbiddenError: The role sees no figures.
    """
    access.need(Permission.SEE_AGGREGATES)
    return list(entries) if access.sees_people else [_seen_source(each) for each in entries]


def _seen_source(entry: SourceEntry) -> SourceEntry:
    if entry.rows is None:
        return entry
    counts = (entry.used or 0, entry.unused or 0, entry.failed or 0)
    hidden = hidden_parts(counts) if entry.rows >= LEAST_GROUP else frozenset(range(3))
    used, unused, failed = (None if place in hidden else count for place, count in enumerate(counts))
    return replace(
        entry,
        rows=entry.rows if entry.rows >= LEAST_GROUP else None,
        used=used,
        unused=unused,
        failed=failed,
        made={what: count for what, count in entry.made.items() if used is not None and count >= LEAST_GROUP},
    )


def _rough(value: float) -> float:
    """Two significant digits: enough to see a spread, too few to know a person by."""
    return float(f"{value:.2g}")


def _rough_text(text: str) -> str:
    try:
        return f"{_rough(float(text)):g}"
    except ValueError:
        return text
