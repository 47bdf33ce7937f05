"""Plans written as `sources/*.yaml`: every field with its type, what rows become, and what was guessed why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from habitue.records import Kind
from habitue.sources.guess_plans import EventPlan, Property, SubjectPlan, TablePlan
from habitue.sources.guess_values import (
    ColumnGuess,
    Guess,
    Link,
    Plain,
    ProposedDocument,
    ProposedFile,
    SampledTable,
)

_WIDTH = 112


@dataclass(slots=True)
class _Document:
    """A mapping that grows key by key."""

    values: dict[str, Plain]

    def put(self, key: str, value: Plain) -> None:
        """Add a key unless its value is empty."""
        if value not in ("", {}, [], ()):
            self.values[key] = value


def write_source(plan: TablePlan, guess: Guess) -> ProposedFile:
    """The file of one source."""
    table = plan.table.table
    out = _Document({"source": plan.name})
    out.put("files", _files(table))
    out.put("format", table.format if table.format != "csv" else "")
    out.put("csv", _csv(table, plan.own))
    utc = any(form.endswith("UTC") for each in plan.own for form in each.facts.formats if each.kind is Kind.TIME)
    out.put("time_zone", "UTC" if utc else "")
    out.put("columns", {each.column: _column(each, plan) for each in plan.own})
    out.put("join", [_join(link, brought, guess, plan) for link, brought in plan.joined])
    out.put("derive", dict(plan.derive))
    makes: list[Plain] = [_event(event) for event in plan.events]
    if plan.customers:
        makes.append(_subject("customers", "traits", plan.customers))
    if plan.items:
        makes.append(_subject("items", "attributes", plan.items))
    out.put("makes", makes)
    document = ProposedDocument(comment=_comment(plan), values=out.values)
    return ProposedFile(path=f"sources/{plan.name}.yaml", documents=(document,))


def _files(table: SampledTable) -> Plain:
    """One path, or the list of paths in their order."""
    return [table.path, *table.also] if table.also else table.path


def _csv(table: SampledTable, columns: Sequence[ColumnGuess]) -> Mapping[str, Plain]:
    """How the file is written, where it is not the usual way."""
    if table.format != "csv":
        return {}
    out = _Document({})
    out.put("delimiter", table.delimiter if table.delimiter != "," else "")
    out.put("encoding", table.encoding if table.encoding.lower().replace("_", "-") not in ("", "utf-8") else "")
    decimal, thousands = _signs(table, columns)
    out.put("decimal", decimal if decimal == "," else "")
    out.put("thousands", thousands if thousands in (".", ",", " ", "'") else "")
    if not table.header:
        out.values["header"] = False
    return out.values


def _signs(table: SampledTable, columns: Sequence[ColumnGuess]) -> tuple[str, str]:
    """The decimal sign and the sign between thousands that the table's figures use."""
    figures = [each.facts for each in columns if each.kind in (Kind.MONEY, Kind.NUMBER, Kind.INTEGER)]
    decimal = next((each.decimal for each in figures if each.decimal), table.decimal or ".")
    thousands = next((each.thousands for each in figures if each.thousands not in ("", decimal)), "")
    return decimal, thousands


def _column(column: ColumnGuess, plan: TablePlan) -> Mapping[str, Plain]:
    """How one column is read."""
    out = _Document({"field": column.field, "type": _type(column, plan)})
    if column.integer_text and column.kind is Kind.TEXT:
        out.values["integer_text"] = True
    out.put("formats", list(column.facts.formats) if column.kind is Kind.TIME else [])
    out.put("missing", list(column.facts.missing))
    if column.field in plan.required:
        out.values["required"] = True
    return out.values


def _type(column: ColumnGuess, plan: TablePlan) -> str:
    """The type that the source names; figures that may turn out fractional later are read as numbers."""
    if any(event.explodes[0] == column.field for event in plan.events):
        return "list"
    return column.kind.value


def _join(link: Link, brought: tuple[ColumnGuess, ...], guess: Guess, plan: TablePlan) -> Mapping[str, Plain]:
    """One look-up."""
    target = guess.table(link.table).table
    on = next((each.field for each in plan.fields if each.column == link.on), link.on)
    out = _Document({"files": _files(target)})
    out.put("format", target.format if target.format != "csv" else "")
    out.put("csv", _csv(target, brought))
    out.put("on", on)
    out.put("key", link.key)
    utc = any(form.endswith("UTC") for each in plan.own for form in each.facts.formats if each.kind is Kind.TIME)
    out.put("time_zone", "UTC" if utc else "")
    out.put("columns", {each.column: _column(each, plan) for each in brought})
    return out.values


def _event(event: EventPlan) -> Mapping[str, Plain]:
    """One kind of event."""
    out = _Document({"event": event.event})
    out.put("when", event.when)
    out.put("per", event.per)
    out.put("customer", "customer")
    out.put("occurred_at", event.time)
    properties: dict[str, Plain] = _sources(event.properties)
    if event.explodes[0]:
        properties[event.explodes[0]] = event.explodes[0]
    out.put("properties", properties)
    return out.values


def _subject(key: str, parts: str, plan: SubjectPlan) -> Mapping[str, Plain]:
    """What rows say about customers or items."""
    out = _Document({key: plan.key})
    out.put("when", plan.when)
    out.put("as_of", plan.as_of)
    out.put(parts, _sources(plan.properties))
    return out.values


def _sources(properties: tuple[Property, ...]) -> dict[str, Plain]:
    """Name of each property and where it comes from."""
    return {each.name: each.source for each in properties}


def _comment(plan: TablePlan) -> tuple[str, ...]:
    """What was guessed about the table, with how much confidence, and how to change it."""
    table = plan.table
    lines = [
        f"Guessed from {table.table.stem}: {table.role.value}, {table.reason} ({_sure(table.confidence)}).",
        "Wrong guess? Change a `field` or `type` below, then run `habitue check` and `habitue build`.",
        "",
    ]
    width = max((len(each.column) for each in plan.own), default=0)
    shown = [
        f"  {each.column.ljust(min(width, 30))}  {each.role.value}, {_sure(each.confidence)}: {each.reason}"
        for each in plan.own
    ]
    lines += shown[:40]
    if len(plan.own) > 40:
        lines.append(f"  … and {len(plan.own) - 40} further columns")
    for link in table.links:
        found = f"{stem_of(link.table)} by {link.key} = {link.on}, which adds {', '.join(link.columns)}"
        lines += ["", f"Looked up: {found}."]
    left = [each.column for each in table.columns if each.column not in {kept.column for kept in plan.own}]
    if left:
        lines += ["", f"Left out: {', '.join(left)}."]
    marks = table.cancellation
    if marks.reason:
        lines += ["", f"Returns and cancellations: {marks.reason} ({_sure(marks.confidence)})."]
    return comment_lines((*lines, *_doubts(plan), *plan.notes))


def _doubts(plan: TablePlan) -> list[str]:
    """What could be read in another way."""
    doubts = [
        f"Column {each.column!r}: nothing shows whether the day or the month comes first;"
        f" it is read as {', '.join(each.facts.formats)}."
        for each in plan.fields
        if each.facts.day_order == "ambiguous"
    ]
    return ["", *doubts] if doubts else []


def stem_of(path: str) -> str:
    """The name of a file without folders and endings.

    Examples:
        >>> stem_of("data/orders.csv.gz")
        'orders'
    """
    return path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1].split(".", 1)[0] or path


def _sure(confidence: float) -> str:
    """Confidence in words and figures."""
    word = (
        "sure"
        if confidence >= 0.9
        else "likely"
        if confidence >= 0.7
        else "perhaps"
        if confidence >= 0.5
        else "a guess"
    )
    return f"{word} {confidence:.0%}"


def comment_lines(lines: Iterable[str]) -> tuple[str, ...]:
    """Comment lines without control characters, cut to fit a screen."""
    return tuple(part for line in lines for part in _wrapped(line))


def _wrapped(line: str) -> list[str]:
    """A comment line cut at blanks so that it fits a screen."""
    out, rest = [], "".join(each if each.isprintable() else " " for each in line)
    while len(rest) > _WIDTH:
        cut = rest.rfind(" ", 20, _WIDTH)
        if cut < 0:
            break
        out.append(rest[:cut])
        rest = "      " + rest[cut + 1 :]
    return [*out, rest]
