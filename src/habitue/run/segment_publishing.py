"""Writing segments into the project's files, so that nothing is there that a person could not have written."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from habitue.config import write_text, writing
from habitue.config.documents import read_file
from habitue.config.editing import add_document, change_document, remove_document
from habitue.config.text import decode
from habitue.errors import Fault, HabitueError, ProjectFaultsError
from habitue.govern.audit import AuditAction
from habitue.govern.roles import Access, Permission
from habitue.rules import Catalogue, Definition, RuleError, read
from habitue.rules.checking import Checker
from habitue.rules.nodes import Name
from habitue.rules.walking import walk
from habitue.rules.writing import write
from habitue.run.auditing import note
from habitue.run.project import read_project
from habitue.run.segment_uses import Use, uses_of
from habitue.run.workspace import Workspace
from habitue.segments.spec import SegmentSpec

_KEY: Final = "segment"
_FOLDER: Final = "segments"


class SegmentChangedError(HabitueError):
    """A segment is declared otherwise than when somebody began to edit it."""

    code = "SEGMENT-CHANGED"

    def __init__(self, name: str) -> None:
        super().__init__(
            what=f"The segment {name!r} was changed meanwhile.",
            do="Look at what it is now, then publish again or under another name.",
        )


class SegmentExistsError(HabitueError):
    """A new segment has the name of another."""

    code = "SEGMENT-EXISTS"

    def __init__(self, name: str) -> None:
        super().__init__(what=f"A segment {name!r} is declared already.", do="Choose another name.")


class SegmentUsedError(HabitueError):
    """A segment cannot be deleted: other definitions name it."""

    code = "SEGMENT-USED"

    def __init__(self, name: str, uses: list[Use]) -> None:
        listed = ", ".join(f"{each.kind} {each.name}" for each in uses[:5])
        super().__init__(
            what=f"The segment {name!r} is used by {listed}.", do="Take it out there first, or change it instead."
        )


class SegmentUnfitError(HabitueError):
    """A segment cannot be written as it is."""

    code = "SEGMENT-UNFIT"

    def __init__(self, field: str, why: str) -> None:
        self.field = field
        super().__init__(what=f"`{field}` does not fit: {why}.", do="Mend it and publish again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentWish:
    """A segment as it is to be declared.

    Attributes:
        name: Its name.
        rule: As text.
        label: A few words for people.
        description: What it is for.
        purpose: What it may be used for.
        group: The heading it is listed under.
        before: Its rule as it was when editing began, canonical; empty for a new one.
    """

    name: str
    rule: str
    label: str = ""
    description: str = ""
    purpose: str = ""
    group: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A segment that was written.

    Attributes:
        segment: Its name.
        file: The file that declares it.
        rule: As canonical text.
        created: Whether it is new.
    """

    segment: str
    file: str
    rule: str
    created: bool


def publish(workspace: Workspace, access: Access, wish: SegmentWish) -> Published:
    """Declare a segment: in the file that has it, else in one of its own. Only the owner of the project may ask.

    Raises:
        RoleForbiddenError: The role writes no definitions.
        RuleError: The rule does not fit the project.
        SegmentChangedError: It was changed meanwhile.
        SegmentExistsError: A new one has the name of another.
    """
    access.need(Permission.EDIT_DEFINITIONS)
    project = read_project(workspace.project.folder)
    there = project.segments.get(wish.name)
    if there is not None and not wish.before:
        raise SegmentExistsError(wish.name)
    if wish.before and (there is None or write(read(there.rule)) != write(read(wish.before))):
        raise SegmentChangedError(wish.name)
    rule = _checked(project.catalogue, wish)
    values = {
        "label": wish.label,
        "description": wish.description,
        "rule": rule if there is None or write(read(there.rule)) != rule else there.rule,
        "purpose": wish.purpose,
        "group": wish.group,
    }
    path = _file_of(project.folder, wish.name) or project.folder / _FOLDER / f"{wish.name}.yaml"
    text = _text(path)
    made = (
        add_document(text, {_KEY: wish.name, **values})
        if there is None
        else change_document(text, _KEY, wish.name, values)
    )
    _write(path, made, text, project.folder)
    about = f"segments {'create' if there is None else 'change'} {wish.name}"
    note(workspace, AuditAction.DEFINITION, about=about, purpose=wish.purpose, actor=access.actor)
    file = path.relative_to(project.folder).as_posix()
    return Published(segment=wish.name, file=file, rule=rule, created=there is None)


def remove(workspace: Workspace, access: Access, name: str) -> Published:
    """Take a segment out of the project's files.

    Raises:
        RoleForbiddenError: The role writes no definitions.
        RuleError: There is no such segment.
        SegmentUsedError: Other definitions name it.
    """
    access.need(Permission.EDIT_DEFINITIONS)
    workspace.segment_rule(name)
    project = read_project(workspace.project.folder)
    uses = uses_of(project).get(name, [])
    path = _file_of(project.folder, name)
    if uses or path is None:
        raise SegmentUsedError(name, uses)
    text = _text(path)
    made = remove_document(text, _KEY, name)
    _write(path, made, text, project.folder)
    note(workspace, AuditAction.DEFINITION, about=f"segments delete {name}", actor=access.actor)
    file = path.relative_to(project.folder).as_posix()
    return Published(segment=name, file=file, rule=write(read(project.segments[name].rule)), created=False)


def _checked(catalogue: Catalogue, wish: SegmentWish) -> str:
    """The canonical text of a wish that every definition of the project still fits."""
    try:
        SegmentSpec(
            segment=wish.name,
            rule=wish.rule,
            label=wish.label,
            description=wish.description,
            purpose=wish.purpose,
            group=wish.group,
        )
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else "segment"
        why = (
            "small letters, digits and _ only, beginning with a letter" if field == _KEY else "it is empty or too long"
        )
        raise SegmentUnfitError("name" if field == _KEY else field, why) from None
    if wish.purpose and wish.purpose not in catalogue.purposes:
        raise SegmentUnfitError("purpose", "no such purpose is declared under policies/")
    rule = read(wish.rule)
    mine = Definition(name=wish.name, rule=rule, purpose=wish.purpose, label=wish.label)
    changed = replace(catalogue, segments={**catalogue.segments, wish.name: mine})
    Checker(changed).definition("segment", mine)
    for space, each in _dependents(changed, wish.name):
        Checker(changed).definition(space, each)
    return write(rule)


def _dependents(catalogue: Catalogue, name: str) -> Iterator[tuple[str, Definition]]:
    wanted = Name(space="segment", name=name)
    for space, named in (("feature", catalogue.features), ("segment", catalogue.segments)):
        for each in named.values():
            if wanted in set(walk(each.rule)):
                yield space, each


def _file_of(folder: Path, name: str) -> Path | None:
    place = folder / _FOLDER
    for path in sorted(place.iterdir()) if place.is_dir() else ():
        if path.suffix.lower() in {".yaml", ".yml"} and not path.name.startswith("."):
            found, _ = read_file(path, path.relative_to(folder).as_posix(), SegmentSpec)
            if any(each.value.segment == name for each in found):
                return path
    return None


def file_of(folder: Path, name: str) -> str:
    """The file that declares a segment, from the project's folder; empty where none does."""
    found = _file_of(folder, name)
    return "" if found is None else found.relative_to(folder).as_posix()


def _text(path: Path) -> str:
    if not path.exists():
        return ""
    with writing(path):
        text = decode(path.read_bytes(), path.name)
    if isinstance(text, Fault):
        raise ProjectFaultsError([text])
    return text


def _write(path: Path, made: str, before: str, folder: Path) -> None:
    """Put a file in place; back as it was where the project then holds faults."""
    if made:
        write_text(path, made)
    else:
        with writing(path):
            path.unlink()
    try:
        read_project(folder)
    except (ProjectFaultsError, RuleError):
        if before:
            write_text(path, before)
        elif path.exists():
            path.unlink()
        raise
