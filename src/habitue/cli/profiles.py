"""A quality profile drawn for people: one line a column, with what to look at under it."""

from typing import TYPE_CHECKING

from habitue.cli.drawing import bar, paragraph, print_table, spark, width
from habitue.cli.printing import FEW, ago, count, few, say, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from habitue.run.profiles import ProfiledTable
    from habitue.run.viewing_figures import SeenColumn, SeenTable
    from habitue.sources.profile_values import ColumnProfile

_ROOMY = 96


def print_profiles(tables: "Sequence[ProfiledTable | SeenTable]") -> None:
    """Tables one under another, each as whole as it may be seen."""
    from habitue.run.profiles import ProfiledTable

    for number, table in enumerate(tables):
        if number:
            say("")
        if isinstance(table, ProfiledTable):
            print_profile(table)
        else:
            _print_seen(table)


def _print_seen(table: "SeenTable") -> None:
    """One table as somebody sees it who may not see single people."""
    say(f"{table.label} from {', '.join(table.sources)}: {few(table.rows)} rows")
    rows = [
        (each.name, each.kind, FEW if each.completeness is None else _percent(each.completeness), _seen_spread(each))
        for each in table.columns
    ]
    print_table(["column", "kind", "filled#", "spread"], rows)


def _seen_spread(column: "SeenColumn") -> str:
    if column.is_personal:
        return "personal: not shown"
    if column.top:
        return ", ".join(f"{each.value[:24]} {each.share:.0%}" for each in column.top[:3])
    known = [f"{each:,.6g}" for each in column.quantiles if each is not None]
    return f"{known[0]} to {known[-1]}" if known else ""


def print_profile(table: "ProfiledTable") -> None:
    """One table: its size and age, a line for each column, then findings."""
    profile = table.profile
    parts = [f"{profile.rows:,} rows"]
    if profile.duplicate_rows:
        parts.append(f"{profile.duplicate_rows:,} repeat an earlier one")
    if profile.duplicate_keys:
        parts.append(f"{profile.duplicate_keys:,} repeat its key")
    newest = next((each.time for each in profile.columns if each.name == "occurred_at" and each.time), None)
    if newest is not None:
        parts.append(f"newest {newest.newest:%Y-%m-%d} ({ago(newest.age_s)} old)")
        if newest.empty_days:
            parts.append(f"{newest.empty_days:,} days without any")
    origin = f" from {', '.join(table.sources)}" if table.sources else ""
    for line in paragraph(f"{table.label}{origin}: {', '.join(parts)}"):
        say(line)
    columns = ["column", "kind", "filled", "#", "valid#", "different#", "spread"]
    print_table(columns, [_row(each) for each in profile.columns], notes=[_note(each) for each in profile.columns])
    for text in _findings(table):
        for line in paragraph(text):
            say(line)


def _row(column: "ColumnProfile") -> tuple[str, ...]:
    about = "" if column.is_distinct_exact else "~"
    return (
        column.name,
        column.kind,
        bar(column.completeness, 1, room=5),
        _percent(column.completeness),
        _percent(column.validity),
        f"{about}{column.distinct:,}",
        _spread(column),
    )


def _percent(value: float) -> str:
    """A share that never says 100 % of less than all, nor 0 % of more than none."""
    if value in (0.0, 1.0):
        return f"{value:.0%}".replace("%", " %")
    return f"{min(max(value * 100, 0.1), 99.9):.1f} %"


def _spread(column: "ColumnProfile") -> str:
    """What the values look like, in a few characters."""
    if column.is_personal:
        return "personal: not shown"
    if column.number is not None:
        low, high = column.number.minimum, column.number.maximum
        bins = spark(column.number.counts if width() >= _ROOMY else _halved(column.number.counts))
        return f"{low:,.6g} {bins} {high:,.6g}"
    if column.time is not None:
        return f"{column.time.oldest:%Y-%m-%d} to {column.time.newest:%Y-%m-%d}"
    if column.text is not None and column.text.top and column.distinct < column.present:
        top = column.text.top[: 3 if width() >= _ROOMY else 1]
        return ", ".join(f"{each.value[:24]} {each.share:.0%}" for each in top)
    return ""


def _halved(counts: tuple[int, ...]) -> list[int]:
    return [sum(counts[place : place + 2]) for place in range(0, len(counts), 2)]


def _note(column: "ColumnProfile") -> str:
    notes = []
    if column.number is not None and column.number.outliers.count:
        outliers = column.number.outliers
        low = "" if outliers.low is None or column.number.minimum >= outliers.low else f"below {outliers.low:,.6g}"
        high = "" if outliers.high is None or column.number.maximum <= outliers.high else f"above {outliers.high:,.6g}"
        where = " or ".join(each for each in (low, high) if each)
        notes.append(f"{count(outliers.count)} outliers ({share(outliers.share)}) {where}.")
    if column.drift is not None and column.drift.has_drifted:
        moved = "" if column.drift.distance is None else f" by {column.drift.distance:.2f}"
        missing = f", missing {column.drift.missing_change:+.1%}" if column.drift.missing_change else ""
        notes.append(f"Has moved{moved} since the load before{missing}.")
    # An id may well be made of digits; it stays text.
    hints = [each for each in column.hints if each.code != "text_of_numbers" or not column.name.endswith("_id")]
    return " ".join([*notes, *(hint.says for hint in hints)])


def _findings(table: "ProfiledTable") -> list[str]:
    profile = table.profile
    leaks = {leak.says for leak in profile.leaks}
    found = [f"! {each.says}" if each.says in leaks else f"! {each.column} {each.says}" for each in table.gate]
    if profile.new_columns:
        found.append(f"New since the load before: {', '.join(profile.new_columns)}.")
    if profile.lost_columns:
        found.append(f"Gone since the load before: {', '.join(profile.lost_columns)}.")
    return found
