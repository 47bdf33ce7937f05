"""Writing the order and size of a dashboard's tiles back into the project's files; comments stay where they were."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from habitue.config import NotWritableError, read_documents, schema_comment, write_document, write_text
from habitue.config.authoring import Writable
from habitue.config.rearranging import Entry, rearrange
from habitue.config.text import decode
from habitue.errors import Fault, HabitueError, ProjectFaultsError
from habitue.govern.audit import AuditAction
from habitue.govern.roles import Access, Permission
from habitue.measure.dashboards import MOST_COLUMNS, DashboardSpec
from habitue.run.auditing import note
from habitue.run.dashboards import find_dashboard
from habitue.run.project import read_project
from habitue.run.workspace import Workspace

_FOLDER = "dashboards"
_HIGHEST = 4


class LayoutError(HabitueError):
    """A layout does not fit its dashboard."""

    code = "DASHBOARD-LAYOUT"


@dataclass(frozen=True, slots=True, kw_only=True)
class TilePlace:
    """A tile as it is to stand.

    Attributes:
        tile: Its name.
        width: In columns.
        height: In rows.
    """

    tile: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutWish:
    """A dashboard as it is to be laid out.

    Attributes:
        columns: How many columns.
        tiles: In reading order; those that are not named are taken out.
    """

    columns: int
    tiles: tuple[TilePlace, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidOut:
    """A dashboard whose layout was written.

    Attributes:
        dashboard: Its name.
        file: The file that declares it, from the project's folder.
        created: Whether the file is new.
    """

    dashboard: str
    file: str
    created: bool


def lay_out(workspace: Workspace, access: Access, name: str, wish: LayoutWish) -> LaidOut:
    """Write a layout into the file that declares a dashboard, else into one of its own.

    Only the owner of the project may ask.

    Raises:
        HabitueError: The role writes no definitions, the layout does not fit, or the file cannot be edited.
    """
    access.need(Permission.EDIT_DEFINITIONS)
    folder = workspace.project.folder
    spec = find_dashboard(read_project(folder), access, name)
    places = _places(spec, wish)
    path = _file_of(folder, name)
    if path is None:
        path = folder / _FOLDER / f"{name}.yaml"
        if path.exists():
            raise NotWritableError(path, "it is there already, and declares something else")
        write_document(path, _whole(spec, wish, places), header=schema_comment(f"{_FOLDER}/{path.name}"))
        created = True
    else:
        _rewrite(path, spec, wish, places, folder)
        created = False
    note(workspace, AuditAction.DEFINITION, about=f"dashboards layout {name}", actor=access.actor)
    return LaidOut(dashboard=name, file=path.relative_to(folder).as_posix(), created=created)


def _places(spec: DashboardSpec, wish: LayoutWish) -> list[int]:
    """The places so far of the tiles that stay, in their new order."""
    if not 1 <= wish.columns <= MOST_COLUMNS:
        raise LayoutError(what=f"A dashboard has 1 to {MOST_COLUMNS} columns.", do="Choose one of those.")
    if not wish.tiles:
        raise LayoutError(what="A dashboard without tiles shows nothing.", do="Keep one of them.")
    names = spec.names()
    asked = [each.tile for each in wish.tiles]
    unknown = next((each for each in asked if each not in names), "")
    if unknown or len(set(asked)) < len(asked):
        what = f"The dashboard has no tile {unknown!r}." if unknown else "A tile stands there twice."
        raise LayoutError(what=what, do="Ask for the dashboard anew: it was changed meanwhile.")
    for each in wish.tiles:
        if not (1 <= each.width <= wish.columns and 1 <= each.height <= _HIGHEST):
            what = f"The tile {each.tile!r} does not fit into {wish.columns} columns and {_HIGHEST} rows."
            raise LayoutError(what=what, do="Make it smaller.")
    return [names.index(each) for each in asked]


def _file_of(folder: Path, name: str) -> Path | None:
    documents, _ = read_documents(folder, _FOLDER, DashboardSpec)
    return next((folder / each.file for each in documents if each.value.dashboard == name), None)


def _whole(spec: DashboardSpec, wish: LayoutWish, places: Sequence[int]) -> dict[str, Writable]:
    """A dashboard that no file declares yet, as a document."""
    made = spec.model_dump(mode="json", exclude_defaults=True, exclude={"tiles", "columns", "description"})
    tiles = []
    for place, each in zip(places, wish.tiles, strict=True):
        tile = spec.tiles[place].model_dump(mode="json", exclude_defaults=True, exclude={"width", "height"})
        sizes = {"width": each.width, "height": each.height}
        tiles.append({**tile, **{key: number for key, number in sizes.items() if number != 1}})
    return {**made, "columns": wish.columns, "tiles": tiles}


def _rewrite(path: Path, spec: DashboardSpec, wish: LayoutWish, places: Sequence[int], folder: Path) -> None:
    before = decode(path.read_bytes(), path.name)
    if isinstance(before, Fault):
        raise ProjectFaultsError([before])
    entries = []
    for place, each in zip(places, wish.tiles, strict=True):
        was = spec.tiles[place]
        sizes = (("width", was.width, each.width), ("height", was.height, each.height))
        numbers = {key: number for key, old, number in sizes if old != number}
        entries.append(Entry(was=place, numbers=numbers))
    own = {} if wish.columns == spec.columns else {"columns": wish.columns}
    made = rearrange(before, "dashboard", spec.dashboard, "tiles", entries, own)
    write_text(path, made)
    try:
        read_project(folder)
    except HabitueError:
        write_text(path, before)
        raise
