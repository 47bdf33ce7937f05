"""A segment as it is declared: its file, its YAML, its rule as text and tree, and what uses it."""

from dataclasses import dataclass

from habitue.config.authoring import render
from habitue.govern.roles import Access, Permission
from habitue.rules import read
from habitue.rules.tree import to_json
from habitue.rules.writing import write
from habitue.run.segment_publishing import file_of
from habitue.run.segment_uses import Use, uses_of
from habitue.run.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentDefinition:
    """A segment as it is declared.

    Attributes:
        segment: Its name.
        label: A few words for people.
        description: What it is for.
        purpose: What it may be used for.
        group: The heading it is listed under.
        rule: As canonical text.
        tree: As JSON.
        file: The file that declares it, from the project's folder.
        yaml: Its document, written anew.
        used_by: Definitions that name it.
    """

    segment: str
    label: str
    description: str
    purpose: str
    group: str
    rule: str
    tree: object
    file: str
    yaml: str
    used_by: tuple[Use, ...]


def show_definition(workspace: Workspace, access: Access, segment: str) -> SegmentDefinition:
    """A segment as it is declared.

    Raises:
        RoleForbiddenError: The role sees no figures.
        RuleError: There is no such segment.
    """
    access.need(Permission.SEE_AGGREGATES)
    workspace.segment_rule(segment)
    spec = workspace.project.segments[segment]
    rule = read(spec.rule)
    said = {
        "segment": segment,
        "label": spec.label,
        "description": spec.description,
        "rule": spec.rule,
        "purpose": spec.purpose,
        "group": spec.group,
    }
    return SegmentDefinition(
        segment=segment,
        label=spec.label,
        description=spec.description,
        purpose=spec.purpose,
        group=spec.group,
        rule=write(rule),
        tree=to_json(rule),
        file=file_of(workspace.project.folder, segment),
        yaml=render({key: value for key, value in said.items() if value}),
        used_by=tuple(uses_of(workspace.project).get(segment, ())),
    )
