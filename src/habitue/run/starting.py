"""`habitue start`, `demo` and `init`: from nothing, or from files, to a project that answers."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from habitue.config import PROJECT_FILE, publish_schemas, schema_comment, write_document, write_text
from habitue.errors import HabitueError
from habitue.run.building import BuildReport
from habitue.run.identity_truth import TruthScore, planted_duplicates
from habitue.run.project import KINDS, read_project
from habitue.run.segments import SegmentEntry, list_segments
from habitue.run.surroundings import Surroundings
from habitue.run.workspace import Workspace
from habitue.run.worth import Figures, project_figures, revenue_shares
from habitue.samples import copy_template, write_retail
from habitue.segments.shipped import shipped_files
from habitue.sources.guess import explain_guess, guess_project, propose
from habitue.sources.guess_samples import Refused, sample_files
from habitue.sources.guess_values import GuessLine, ProposedFile
from habitue.sources.progress import Progress, silent

SAMPLE_UNTIL = datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC)
"""The last instant of the sample data: fixed, so that everybody sees the same figures."""


class FolderTakenError(HabitueError):
    """A new project is to be made where there is something already."""

    code = "START-FOLDER"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            what=f"{str(folder)!r} is not an empty folder.",
            do="Name another with --dir, or remove it; nothing was changed.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentWorth:
    """A segment as the closing table shows it.

    Attributes:
        segment: The segment.
        revenue_share: Share of all revenue that its members brought, 0 to 1; None where there is no revenue.
    """

    segment: SegmentEntry
    revenue_share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartReport:
    """A new project, built.

    Attributes:
        project: Its folder.
        guessed: What was guessed of the files, and how to change it; empty for a template.
        refused: Files of a folder that hold no rows, and why.
        build: What the build did.
        figures: The project in a few figures.
        segments: Its segments, with size and share of revenue.
        duplicates: How right people were found to be one, against planted truth; None where there is none.
    """

    project: Path
    guessed: tuple[GuessLine, ...]
    refused: tuple[Refused, ...]
    build: BuildReport
    figures: Figures
    segments: tuple[SegmentWorth, ...]
    duplicates: TruthScore | None


def start_project(
    given: Sequence[Path], folder: Path, *, around: Surroundings, progress: Progress = silent
) -> StartReport:
    """A project made from files nobody has described, and built.

    Args:
        given: Files and folders.
        folder: Where the project goes; empty or absent.
        around: The time, chance, and where keys are kept.
        progress: Told how far it is.

    Raises:
        HabitueError: The files cannot be read or recognised (then nothing is written), or do not load.
    """
    _refuse_taken(folder)
    progress("looking at the files", 0, 0)
    samples = sample_files(given, home=folder)
    guess = guess_project(samples.tables, name=folder.resolve().name)
    with _whole_or_nothing(folder):
        for file in propose(guess).files:
            _write_proposed(folder, file)
        report = _built(folder, around=around, progress=progress)
    return _report(folder, report, guessed=explain_guess(guess), refused=samples.refused, around=around)


def demo_project(
    template: str,
    folder: Path,
    *,
    customers: int,
    seed: int,
    around: Surroundings,
    until: datetime = SAMPLE_UNTIL,
    progress: Progress = silent,
) -> StartReport:
    """A project from a template, with generated data and planted truth, built.

    Args:
        template: Name of a template with sample data: `retail`.
        folder: Where the project goes; empty or absent.
        customers: How many customers to generate, 500 to 1,000,000.
        seed: The same seed gives the same data, byte for byte.
        until: The last instant of the two years that the data covers.
        around: The time, chance, and where keys are kept.
        progress: Told how far it is.

    Raises:
        HabitueError: There is no such template, or no room.
    """
    _refuse_taken(folder)
    with _whole_or_nothing(folder):
        copy_template(template, folder)
        write_retail(folder, customers=customers, seed=seed, until=until, progress=progress)
        report = _built(folder, around=around, progress=progress)
    return _report(folder, report, guessed=(), refused=(), around=around)


def init_project(folder: Path, template: str | None) -> None:
    """An empty project, or one from a template without its data.

    Raises:
        HabitueError: The folder is taken, or there is no such template.
    """
    _refuse_taken(folder)
    if template is not None:
        copy_template(template, folder)
    else:
        write_document(
            folder / PROJECT_FILE,
            {"name": folder.resolve().name, "noun": "customer", "time_zone": "UTC", "currency": "EUR", "as_of": "now"},
            header=schema_comment(PROJECT_FILE),
        )
        for kind in KINDS:
            (folder / kind).mkdir(exist_ok=True)
    publish_schemas(folder, KINDS)


def _write_proposed(folder: Path, file: ProposedFile) -> None:
    first, *others = file.documents
    above: dict[tuple[str | int, ...], str] = {
        (number, next(iter(document.values))): "\n".join(document.comment)
        for number, document in enumerate(others, start=1)
        if document.comment
    }
    documents = [document.values for document in file.documents]
    write_document(
        folder / file.path,
        documents if others else first.values,
        header="\n".join([schema_comment(file.path), *first.comment]),
        comments=above,
    )


def _refuse_taken(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderTakenError(folder)


@contextmanager
def _whole_or_nothing(folder: Path) -> Iterator[None]:
    """Take back what a new project wrote when it cannot be finished: the folder was empty, or not there."""
    was_there = folder.exists()
    try:
        yield
    except BaseException:
        for each in folder.iterdir() if folder.is_dir() else ():
            if each.is_dir() and not each.is_symlink():
                shutil.rmtree(each)
            else:
                each.unlink()
        if not was_there and folder.is_dir():
            folder.rmdir()
        raise


def _built(folder: Path, *, around: Surroundings, progress: Progress) -> BuildReport:
    publish_schemas(folder, KINDS)
    for file in shipped_files(read_project(folder).catalogue):
        write_text(folder / file.path, f"{schema_comment(file.path)}\n{file.text}")
    with Workspace.open(folder, around=around) as workspace:
        return workspace.build(progress=progress)


def _report(
    folder: Path, build: BuildReport, *, guessed: Sequence[GuessLine], refused: Sequence[Refused], around: Surroundings
) -> StartReport:
    with Workspace.open(folder, around=around) as workspace:
        shares = revenue_shares(workspace)
        return StartReport(
            project=folder,
            guessed=tuple(guessed),
            refused=tuple(refused),
            build=build,
            figures=project_figures(workspace),
            segments=tuple(
                SegmentWorth(segment=each, revenue_share=shares.get(each.name, 0.0) if shares else None)
                for each in list_segments(workspace)
            ),
            duplicates=planted_duplicates(workspace),
        )
