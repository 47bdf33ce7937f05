"""The project templates that ship with the package."""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from habitue.config import PROJECT_FILE, write_text
from habitue.errors import HabitueError, did_you_mean


class TemplateUnknownError(HabitueError):
    """No template has that name."""

    code = "TEMPLATE-UNKNOWN"

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        near = did_you_mean(name[:60], known)
        super().__init__(
            what=f"There is no template {name[:60]!r}.",
            do=f"Did you mean {near!r}?" if near else f"Choose one of: {', '.join(known)}.",
        )


class TemplateTargetError(HabitueError):
    """A project stands where a template was to be copied."""

    code = "TEMPLATE-TARGET"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            what=f"{str(folder)!r} holds a project already.",
            do="Name a folder that does not exist yet, or remove that one.",
        )


def template_names() -> tuple[str, ...]:
    """Names of the templates, in order of the alphabet.

    Examples:
        >>> "retail" in template_names()
        True
    """
    shelf = files("habitue") / "templates"
    return tuple(sorted(each.name for each in shelf.iterdir() if each.is_dir() and (each / PROJECT_FILE).is_file()))


def copy_template(name: str, folder: Path) -> tuple[Path, ...]:
    """Copy the project files of a template into a folder, made when absent.

    Args:
        name: One of `template_names()`.
        folder: The new project's folder.

    Returns:
        The files written, relative to the folder.

    Raises:
        TemplateUnknownError: No template has that name.
        TemplateTargetError: The folder holds a project already.
    """
    known = template_names()
    if name not in known:
        raise TemplateUnknownError(name, known)
    if (folder / PROJECT_FILE).exists():
        raise TemplateTargetError(folder)
    written = []
    for path, source in _project_files(files("habitue") / "templates" / name, Path()):
        write_text(folder / path, source.read_text(encoding="utf-8"))
        written.append(path)
    return tuple(written)


def _project_files(folder: Traversable, path: Path) -> Iterator[tuple[Path, Traversable]]:
    for each in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if each.is_dir():
            yield from _project_files(each, path / each.name)
        elif each.name.endswith((".yaml", ".yml", ".md")):
            yield path / each.name, each
