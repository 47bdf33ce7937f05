"""Tables and projects for the tests of what `habitue start` guesses."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from habitue.config import read_documents, read_settings, render
from habitue.errors import Fault
from habitue.features.spec import FeatureSpec
from habitue.segments.spec import SegmentSpec
from habitue.sources.guess import guess_project, propose
from habitue.sources.guess_samples import sample_files
from habitue.sources.guess_values import Guess, Proposal, SampledTable, TableGuess
from habitue.sources.project import read_source_files


def table(name: str, text: str, *, delimiter: str = ",", header: bool = True, rows: int | None = None) -> SampledTable:
    """A sampled table of some CSV text; the sample is the whole file unless `rows` says how many rows that has."""
    read = list(csv.reader(text.strip().splitlines(), delimiter=delimiter))
    columns = read[0] if header else [f"column_{place}" for place in range(1, len(read[0]) + 1)]
    cells = [tuple(cell or None for cell in row) for row in (read[1:] if header else read)]
    count = len(cells) if rows is None else rows
    return SampledTable(
        path=f"data/{name}",
        columns=tuple(columns),
        rows=tuple(cells),
        row_count=count,
        delimiter=delimiter,
        header=header,
    )


def guess(*tables: SampledTable) -> Guess:
    """What the tables are taken for."""
    return guess_project(tables, name="shop")


def guess_folder(folder: Path) -> Guess:
    """What the files of a folder are taken for."""
    return guess_project(sample_files([folder], home=folder.parent).tables, name="shop")


def roles(found: TableGuess) -> dict[str, str]:
    """The role of each raw column, in words."""
    return {each.column: each.role.value for each in found.columns}


def named(found: Guess, stem: str) -> TableGuess:
    """The guess about the file whose name begins so."""
    return next(each for each in found.tables if each.table.stem.startswith(stem))


def source(proposal: Proposal, name: str) -> dict[str, object]:
    """The values of one source file, for comparing."""
    file = next(each for each in proposal.files if each.path == f"sources/{name}.yaml")
    return dict(file.documents[0].values)


def makes(proposal: Proposal, name: str) -> list[dict[str, object]]:
    """What one source makes."""
    return cast("list[dict[str, object]]", source(proposal, name)["makes"])


def made_events(proposal: Proposal) -> set[str]:
    """The events of a proposal."""
    return {str(doc.values["event"]) for doc in proposal.of_folder("contracts") if "event" in doc.values}


def names(proposal: Proposal, folder: str, key: str) -> list[str]:
    """The names of the features or segments of a proposal."""
    return [str(doc.values[key]) for doc in proposal.of_folder(folder)]


def write(proposal: Proposal, folder: Path) -> None:
    """Write a proposal as a project folder."""
    for file in proposal.files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        parts = [render(doc.values, header="\n".join(doc.comment)) for doc in file.documents]
        path.write_text("---\n".join(parts), encoding="utf-8")


def faults(proposal: Proposal, folder: Path) -> Sequence[Fault]:
    """Everything that the rooms that read a project find wrong with a proposal."""
    write(proposal, folder)
    settings, unsettled = read_settings(folder)
    if settings is None:
        return unsettled
    _, wrong = read_source_files(folder, settings)
    _, features = read_documents(folder, "features", FeatureSpec)
    _, segments = read_documents(folder, "segments", SegmentSpec)
    return [*wrong, *features, *segments]


def propose_sound(found: Guess, folder: Path) -> Proposal:
    """The proposal for a guess, which must be without faults."""
    proposal = propose(found)
    assert list(map(str, faults(proposal, folder))) == []
    return proposal
