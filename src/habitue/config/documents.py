"""The documents of a project folder, each checked by the model of the room that owns its kind."""

import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from habitue.config.explain import validate
from habitue.config.text import MAX_BYTES, Place, Tree, decode, parse
from habitue.errors import Fault

M = TypeVar("M", bound=BaseModel)
V = TypeVar("V")

_ENDINGS = frozenset({".yaml", ".yml"})


class Declared(BaseModel):
    """What a user declares in a project file: frozen, no unknown fields, and no value bent to fit its type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Generic[V]):
    """One checked document of a project file.

    Attributes:
        file: Path relative to the project folder, with forward slashes.
        value: What the document declares.
        place: Where its parts stand in the file.
    """

    file: str
    value: V
    place: Place = field(default_factory=Place)

    def line(self, *path: str | int) -> int:
        """The 1-based line of a nested key or list entry, or of the nearest one above it that exists.

        Examples:
            >>> Document(file="sources/orders.yaml", value=None).line("columns", "Price", "type")
            1
        """
        return self.place.line_at(*path)

    def fault(self, *path: str | int, code: str, what: str, do: str) -> Fault:
        """A fault at a nested key or list entry of this document."""
        return Fault(file=self.file, line=self.line(*path), code=code, what=what, do=do)


def read_documents(folder: Path, kind: str, model: type[M]) -> tuple[list[Document[M]], list[Fault]]:
    """Every document of every `<kind>/*.yaml` and `*.yml`, by file name, and every fault of all of them.

    Documents whose values have faults are left out. A kind without a folder, and an empty file, have no documents.

    Args:
        folder: The project folder.
        kind: The name of the folder in it, e.g. `segments`.
        model: What each document has to be.
    """
    documents: list[Document[M]] = []
    paths, faults = _list_files(folder, kind)
    for path in paths:
        found, wrong = read_file(path, path.relative_to(folder).as_posix(), model)
        documents.extend(found)
        faults.extend(wrong)
    return documents, faults


def read_kinds(folder: Path, kind: str, models: Mapping[str, type[M]]) -> tuple[list[Document[M]], list[Fault]]:
    """Every document of a folder that holds several kinds, by file name, and every fault of all of them.

    Args:
        folder: The project folder.
        kind: The name of the folder in it, e.g. `policies`.
        models: What a document has to be, by the key that tells its kind; the first key that it has counts.
    """
    documents: list[Document[M]] = []
    paths, faults = _list_files(folder, kind)
    for path in paths:
        file = path.relative_to(folder).as_posix()
        trees, wrong = read_trees(path, file)
        for tree in trees:
            key = next((key for key in models if isinstance(tree.value, dict) and key in tree.value), None)
            if key is None:
                wrong.append(_no_kind(file, tree, models))
                continue
            value, refused = validate(tree, models[key], file)
            wrong += refused
            if value is not None:
                documents.append(Document(file=file, value=value, place=tree.place))
        faults += sorted(wrong, key=lambda fault: fault.line)
    return documents, faults


def _no_kind(file: str, tree: Tree, models: Mapping[str, type[BaseModel]]) -> Fault:
    known = ", ".join(sorted(models))
    what = "The document does not say what it is about."
    return Fault(file=file, line=tree.place.line, code="FIELD-MISSING", what=what, do=f"Begin it with one of: {known}.")


def _list_files(folder: Path, kind: str) -> tuple[list[Path], list[Fault]]:
    place = folder / kind
    try:
        names = sorted(place.iterdir())
    except FileNotFoundError:
        return [], []
    except OSError as error:
        return [], [_unreadable(kind, error, "Make it a folder that you may read.")]
    return [path for path in names if path.suffix.lower() in _ENDINGS and not path.name.startswith(".")], []


def read_file(path: Path, file: str, model: type[M]) -> tuple[list[Document[M]], list[Fault]]:
    """Every document of one file that has no faults, and every fault of the file, by line.

    Args:
        path: The file.
        file: Its path relative to the project folder, as faults will name it.
        model: What each document has to be.
    """
    trees, faults = read_trees(path, file)
    documents: list[Document[M]] = []
    for tree in trees:
        value, wrong = validate(tree, model, file)
        faults.extend(wrong)
        if value is not None:
            documents.append(Document(file=file, value=value, place=tree.place))
    return documents, sorted(faults, key=lambda fault: fault.line)


def read_trees(path: Path, file: str) -> tuple[Sequence[Tree], list[Fault]]:
    """Every document of one file as plain values, and every fault of its form."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return [], [_no_file(file)]
        with path.open("rb") as handle:
            data = handle.read(MAX_BYTES + 1)
    except OSError as error:
        return [], [_unreadable(file, error, "Check that the file exists and that you may read it.")]
    text = decode(data, file)
    return ([], [text]) if isinstance(text, Fault) else parse(text, file)


def _no_file(file: str) -> Fault:
    return Fault(file=file, line=0, code="FILE-UNREADABLE", what="This is not a file.", do="Move it out of here.")


def _unreadable(file: str, error: OSError, do: str) -> Fault:
    why = (error.strerror or type(error).__name__).lower()
    return Fault(file=file, line=0, code="FILE-UNREADABLE", what=f"It cannot be read: {why}.", do=do)
