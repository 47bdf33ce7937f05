"""What a quality profile says, as frozen plain values that can be written down and read back."""

from dataclasses import dataclass
from datetime import datetime

QUANTILES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
"""The levels at which a profile gives quantiles."""

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlierProfile:
    """Values far from the rest of their column.

    Attributes:
        transform: What was done first because the column is skewed: `none`, `log` or `asinh`.
        low: Values below this have a robust z-score under -3.5; none where nothing varies.
        high: Values above this have a robust z-score over 3.5; none where nothing varies.
        count: How many values lie outside of [low, high].
        share: `count` by the number of values present, in [0, 1].
        iqr_low: First quartile minus 1.5 interquartile ranges.
        iqr_high: Third quartile plus 1.5 interquartile ranges.
        iqr_count: How many values lie outside of [iqr_low, iqr_high]: shown beside, it flags much that is only skewed.
        iqr_share: `iqr_count` by the number of values present.
    """

    transform: str
    low: float | None
    high: float | None
    count: int
    share: float
    iqr_low: float
    iqr_high: float
    iqr_count: int
    iqr_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberProfile:
    """The distribution of a column of numbers, over finite values.

    Attributes:
        minimum: Smallest value of all rows.
        maximum: Largest value of all rows.
        mean: Mean of all rows.
        deviation: Standard deviation of all rows (n - 1).
        zero_count: Values equal to 0.
        negative_count: Values below 0.
        skewness: Kelly's measure in [-1, 1]: `(p90 + p10 - 2 p50) / (p90 - p10)`.
        quantiles: At the levels of `QUANTILES`, of the sample.
        edges: Edges of the histogram's bins, rising; a bin holds [edge, next edge), the last one both.
        counts: Values of the sample in each bin.
        percentiles: 0 to 100, of the sample: what the next profile is compared with.
        outliers: Values far away.
    """

    minimum: float
    maximum: float
    mean: float
    deviation: float
    zero_count: int
    negative_count: int
    skewness: float
    quantiles: tuple[float, ...]
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    percentiles: tuple[float, ...]
    outliers: OutlierProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueShare:
    """One value of a column and the share of the sample's present values it makes up, in [0, 1]."""

    value: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TextProfile:
    """The values of a column of text or of yes and no.

    Attributes:
        shortest: Fewest characters.
        longest: Most characters.
        top: The most frequent values; none for personal columns.
        other_share: What share of the present values is not among `top`.
    """

    shortest: int
    longest: int
    top: tuple[ValueShare, ...]
    other_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeProfile:
    """How fresh and how unbroken a column of times is.

    Attributes:
        oldest: Earliest instant.
        newest: Latest instant.
        age_s: Seconds from the newest instant to the `now` of the profile; negative when it lies ahead.
        future_count: Instants after `now`.
        days: Days (UTC) that have rows.
        empty_days: Days between the first and the last that have none, of weekdays that usually have some.
        longest_gap_days: Most such days in a row.
        longest_gap_from: First day of that gap; none when there is none.
    """

    oldest: datetime
    newest: datetime
    age_s: float
    future_count: int
    days: int
    empty_days: int
    longest_gap_days: int
    longest_gap_from: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDrift:
    """How far a column has moved since the profile before.

    Attributes:
        psi: Population stability index; none when the values cannot be compared.
        distance: Largest difference of the two distribution functions (KS), for text half the sum of the differences
            of shares; in [0, 1].
        missing_change: Share missing now minus share missing before.
        has_drifted: A distance, or a change of missing values, of `DRIFT_FLOOR` or more that chance does not explain.
    """

    psi: float | None
    distance: float | None
    missing_change: float
    has_drifted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """Something a person should look at.

    Attributes:
        code: Stable name of what was noticed, e.g. `text_of_numbers`.
        says: One sentence, without values of the column.
    """

    code: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProfile:
    """The quality of one column.

    Attributes:
        name: The column.
        kind: `number`, `integer`, `text`, `boolean`, `time` or `other`.
        is_personal: Whether the contract calls it personal; then no value of it is in the profile.
        present: Rows with a value.
        missing: Rows without.
        completeness: Share of rows with a value; 1 for no rows.
        failed: Rows the failed lane holds because of this column.
        validity: Share of rows that passed, of those that passed and those held; 1 for none.
        distinct: Different values; an estimate (about 2 %) in long tables, see `is_distinct_exact`.
        is_distinct_exact: Whether `distinct` was counted.
        uniqueness: `distinct` by `present`; 1 for none.
        number: Distribution, for numbers.
        text: Values, for text and booleans.
        time: Freshness, for times.
        drift: Against the profile before, when there was one with this column.
        hints: Things to look at.
    """

    name: str
    kind: str
    is_personal: bool
    present: int
    missing: int
    completeness: float
    failed: int
    validity: float
    distinct: int
    is_distinct_exact: bool
    uniqueness: float
    number: NumberProfile | None = None
    text: TextProfile | None = None
    time: TimeProfile | None = None
    drift: ColumnDrift | None = None
    hints: tuple[Hint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A column that nearly gives away a target.

    Attributes:
        column: The column, or two joined by ` / ` where only both together tell.
        reason: `value`, `missing_pattern` or `twins`.
        auc: How well the column alone orders held-out rows by a yes-or-no target: 0.5 is chance, 1 is knowing it.
        explained: For a target of numbers, the share of the variance of its ranks on held-out rows explained.
        is_certain: So good that it can hardly be anything but a leak.
        says: One sentence: what was seen and what to ask.
    """

    column: str
    reason: str
    auc: float | None
    explained: float | None
    is_certain: bool
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableProfile:
    """The quality of one table.

    Attributes:
        rows: Rows of the table.
        sampled: Rows the distributions were taken from; all of them in short tables.
        profiled_at: The `now` of the profile.
        duplicate_rows: Rows equal to an earlier one in all columns.
        key: The columns that should identify a row.
        duplicate_keys: Rows whose key an earlier row has; none without a key.
        columns: One profile for each column, in the table's order.
        leaks: Columns that nearly give away the target, the worst first.
        new_columns: Columns the profile before did not have.
        lost_columns: Columns only the profile before had.
    """

    rows: int
    sampled: int
    profiled_at: datetime
    duplicate_rows: int
    key: tuple[str, ...]
    duplicate_keys: int | None
    columns: tuple[ColumnProfile, ...]
    leaks: tuple[Leak, ...] = ()
    new_columns: tuple[str, ...] = ()
    lost_columns: tuple[str, ...] = ()

    def column(self, name: str) -> ColumnProfile:
        """The profile of one column; `KeyError` for a name the table does not have."""
        found = {column.name: column for column in self.columns}
        return found[name]

    def to_json(self) -> dict[str, Json]:
        """Plain values for `json.dumps`, always in the same order; times as ISO text."""
        from pydantic import TypeAdapter

        plain: dict[str, Json] = TypeAdapter(TableProfile).dump_python(self, mode="json")
        return plain


def read_profile(text: str) -> TableProfile:
    """The profile that `json.dumps(profile.to_json())` has written down."""
    from pydantic import TypeAdapter

    return TypeAdapter(TableProfile).validate_json(text)
