"""How right who is who comes out, against a file that says who people really are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from habitue.errors import HabitueError
from habitue.govern.vault import Vault
from habitue.identity.evaluate import Evaluation, NotMatchedError, Timer, evaluate
from habitue.identity.ledger import persons_of
from habitue.identity.links import Links
from habitue.identity.rules import IdentityRules
from habitue.identity.scores import exact_share, numbered, score_persons
from habitue.run.identity_records import read_records
from habitue.run.workspace import Workspace
from habitue.sources.plans import OWN
from habitue.sources.progress import Progress, silent

PERSON_COLUMNS = ("person_id", "person", "label", "cluster")
OWN_COLUMNS = ("customer_id", "customer")


class TruthFileError(HabitueError):
    """A file of the truth cannot be used."""

    code = "IDENTITY-TRUTH"


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthScore:
    """Persons against the truth.

    Attributes:
        records: Records whose truth is known.
        persons: How many people they are.
        found: How many people they were found to be.
        pairs: Pairs of records that are one person: the duplicates.
        precision: Share of the pairs joined that are one person.
        recall: Share of the pairs of one person that were joined.
        f1: Harmonic mean of both.
        exact: Share of the people found with exactly their records.
        largest: Records of the largest person found.
        unknown: Rows of the file that name no record of the project.
    """

    records: int
    persons: int
    found: int
    pairs: int
    precision: float
    recall: float
    f1: float
    exact: float
    largest: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthReport:
    """Who is who, and matching by likeness alone, against the truth.

    Attributes:
        persons: Persons as they are now, whatever joined them.
        matching: Likeness alone, beside an exact rule and plain Splink where asked; None where nothing is matched.
    """

    persons: TruthScore
    matching: Evaluation | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Who people really are.

    Attributes:
        person: The label of each record, by record id.
        unknown: Rows that name no record of the project, or several.
    """

    person: Mapping[str, str]
    unknown: int


def evaluate_people(
    workspace: Workspace,
    path: Path,
    *,
    baselines: bool = False,
    timer: Timer = lambda: 0.0,
    progress: Progress = silent,
) -> TruthReport:
    """Hold who is who against a file.

    Args:
        workspace: The open project.
        path: A CSV with a column of people (`person_id`, `person`, `label` or `cluster`) and one of identifiers:
            `customer_id` for customers' own ids, or the name of a kind of identifiers.
        baselines: Whether matching is measured beside an exact rule and plain Splink.
        timer: Gives seconds used.
        progress: Told how far it is.

    Raises:
        TruthFileError: The file cannot be read, lacks a column, or names nobody here.
    """
    rules = workspace.project.identity
    labels = read_labels(path, workspace.vault, rules)
    if not labels.person:
        raise TruthFileError(
            what=f"{path.name} names no record of this project.",
            do="Give customers' own ids under customer_id, or identifiers under their kind's name; build first.",
        )
    with Links.open(workspace.project.folder) as links:
        persons = score(links, labels)
    return TruthReport(persons=persons, matching=_matching(workspace, labels, baselines, timer, progress))


def _matching(
    workspace: Workspace, labels: Labels, baselines: bool, timer: Timer, progress: Progress
) -> Evaluation | None:
    rules = workspace.project.identity
    found = read_records(workspace.vault, rules, progress=progress).traits
    if found is None or found.num_rows < 2:
        return None
    progress("who is who: matching", 0, 0)
    try:
        return evaluate(found, labels.person, rules, baselines=baselines, timer=timer)
    except NotMatchedError:
        return None


def score(links: Links, labels: Labels) -> TruthScore:
    """Persons as they are stored, against the truth."""
    numbers = links.numbers(labels.person)
    people = persons_of(links, numbers.values()) if numbers else {}
    found = [people[numbers[record]] if record in numbers else record for record in labels.person]
    told, true = numbered(found), numbered(labels.person.values())
    tally = score_persons(told, true)
    sizes = np.unique(told, return_counts=True)[1]
    return TruthScore(
        records=len(true),
        persons=len(np.unique(true)),
        found=len(sizes),
        pairs=tally.true,
        precision=tally.precision,
        recall=tally.recall,
        f1=tally.f1,
        exact=exact_share(told, true),
        largest=int(sizes.max(initial=0)),
        unknown=labels.unknown,
    )


def planted_duplicates(workspace: Workspace) -> TruthScore | None:
    """How right the people of a demonstration come out; None without planted truth or where nobody is joined.

    `truth/records.csv` says whose each account is, `truth/cookies.csv` whose each visitor without login is.
    """
    records, cookies = (workspace.project.folder / "truth" / name for name in ("records.csv", "cookies.csv"))
    if not records.exists() or not cookies.exists():
        return None
    vault, rules = workspace.vault, workspace.project.identity
    accounts = read_labels(records, vault, rules)
    visitors = read_labels(cookies, vault, rules, column="anonymous_id", prefix="anon-")
    with Links.open(workspace.project.folder) as links:
        return score(links, Labels(person={**accounts.person, **visitors.person}, unknown=accounts.unknown))


def read_labels(path: Path, vault: Vault, rules: IdentityRules, *, column: str = "", prefix: str = "") -> Labels:
    """Who people really are, by record id.

    Args:
        path: The CSV.
        vault: Knows records by their identifiers.
        rules: How identifiers are compared.
        column: The column of customers' own ids; found by its name when left out.
        prefix: Put before each identifier.

    Raises:
        TruthFileError: The file cannot be read, or lacks a column.
    """
    table = _read(path)
    names = table.column_names
    person = _column(path, names, PERSON_COLUMNS, "of people")
    known = [each.name for each in rules.namespaces]
    by = _column(path, names, (column,) if column else (*known, *OWN_COLUMNS), "of identifiers")
    namespace = by if by in known else OWN
    labels: dict[str, str] = {}
    unknown = 0
    rows = zip(table.column(by).to_pylist(), table.column(person).to_pylist(), strict=True)
    for identifier, label in rows:
        if not identifier or not label:
            continue
        record = _record(vault, rules, namespace, prefix + identifier)
        if record is None:
            unknown += 1
        else:
            labels[record] = label
    return Labels(person=labels, unknown=unknown)


def _record(vault: Vault, rules: IdentityRules, namespace: str, identifier: str) -> str | None:
    """The one record that an identifier means, as written or as compared."""
    for text in dict.fromkeys((identifier, *rules.normalise(namespace, [identifier]))):
        found = vault.resolve(vault.name(namespace, text)) if text else []
        if len(found) == 1:
            return found[0]
    return None


def _read(path: Path) -> pa.Table:
    try:
        with path.open(encoding="utf-8-sig") as file:
            names = file.readline().strip().split(",")
        texts = dict.fromkeys((name.strip('"') for name in names), pa.string())
        return pa_csv.read_csv(path, convert_options=pa_csv.ConvertOptions(column_types=texts))
    except (OSError, UnicodeDecodeError, pa.ArrowException) as error:
        why = (error.strerror if isinstance(error, OSError) and error.strerror else "it is no CSV file").lower()
        raise TruthFileError(
            what=f"The file {path.name} cannot be read: {why}.",
            do="Give a CSV with a header line and the columns customer_id and person_id.",
        ) from None


def _column(path: Path, names: Iterable[str], wanted: Iterable[str], what: str) -> str:
    held, looked = list(names), list(wanted)
    found = next((name for name in looked if name in held), None)
    if found is None:
        raise TruthFileError(
            what=f"{path.name} has no column {what} (it has: {', '.join(held[:12])}).",
            do=f"Name it one of: {', '.join(looked)}.",
        )
    return found
