"""What a rule means, without computing anything."""

from dataclasses import dataclass
from pathlib import Path

from habitue.config import find_project
from habitue.records import Kind
from habitue.rules import check, read
from habitue.rules.tree import JsonObject, to_json
from habitue.rules.words import describe, describe_condition
from habitue.rules.writing import write
from habitue.run.project import read_project


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A rule that fits a project, said in every way that needs no data.

    Attributes:
        rule: Canonical text.
        words: One English sentence, or a phrase for a value that is not true or false.
        kind: Kind of its value.
        tree: As JSON.
    """

    rule: str
    words: str
    kind: Kind
    tree: JsonObject


def describe_rule(folder: Path | None, text: str) -> Described:
    """A rule said in words and as a tree.

    Raises:
        HabitueError: There is no project, or the rule does not fit it.
    """
    project = read_project(find_project(folder or Path()))
    typed = check(read(text), project.catalogue)
    labels = {
        f"{space}.{each.name}": each.label
        for space, named in (("segment", project.catalogue.segments), ("feature", project.catalogue.features))
        for each in named.values()
        if each.label
    }
    is_rule = typed.kind is Kind.BOOLEAN
    words = (
        describe(typed.node, noun=project.settings.noun, labels=labels, zone=project.catalogue.zone)
        if is_rule
        else describe_condition(typed.node, labels=labels, zone=project.catalogue.zone)
    )
    return Described(rule=write(typed.node), words=words, kind=typed.kind, tree=to_json(typed.node))
