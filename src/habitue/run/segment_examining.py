"""A rule while somebody makes it, from text or from a builder's tree: its faults, its text, its words."""

from collections.abc import Mapping
from dataclasses import dataclass

from habitue.rules import RuleError, read
from habitue.rules.examining import Examined, RuleFault, examine
from habitue.rules.nodes import And, Node, Not, Or
from habitue.rules.tree import JsonObject, to_json
from habitue.rules.words import describe, describe_condition
from habitue.rules.writing import write
from habitue.run.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAsked:
    """A rule that is being made.

    Attributes:
        rule: As text; empty where it comes as a tree.
        tree: As JSON; None where it comes as text.
        segment: The segment that it is, or is to be; empty for none yet.
        purpose: What that is for; empty for nothing.
    """

    rule: str = ""
    tree: object = None
    segment: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartWords:
    """One part of a rule in words.

    Attributes:
        path: Where in the tree.
        rule: As canonical text.
        words: In words.
    """

    path: str
    rule: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleExamined:
    """A rule as far as it goes.

    Attributes:
        rule: What of it is without faults, as canonical text; empty where nothing is.
        words: The same as a sentence.
        tree: The rule as JSON: as it was sent, or of the text; None where the text cannot be read.
        parts: Its groups and conditions that are without faults.
        faults: What is wrong, each with its place in the tree.
        column: Where in the text it cannot be read, from 1; 0 for nowhere.
    """

    rule: str
    words: str
    tree: object
    parts: tuple[PartWords, ...]
    faults: tuple[RuleFault, ...]
    column: int = 0


def look_over(workspace: Workspace, asked: RuleAsked) -> tuple[object, Examined, int]:
    """A rule's tree, what of it can be answered, and the column where its text cannot be read."""
    tree, column = asked.tree, 0
    if tree is None:
        try:
            tree = to_json(read(asked.rule))
        except RuleError as error:
            fault = RuleFault(path="$", code=error.code, what=error.plain, do=error.do)
            return None, Examined(node=None, parts={}, faults=(fault,)), error.column
    catalogue = workspace.project.catalogue
    return tree, examine(tree, catalogue, name=asked.segment, purpose=asked.purpose), column


def examine_rule(workspace: Workspace, asked: RuleAsked) -> RuleExamined:
    """A rule said in every way that needs no data; what is wrong with it is an answer, no error."""
    tree, found, column = look_over(workspace, asked)
    return RuleExamined(
        rule="" if found.node is None else write(found.node),
        words=sentence(workspace, found.node),
        tree=tree,
        parts=tuple(parts_in_words(workspace, found.parts)),
        faults=found.faults,
        column=column,
    )


def sentence(workspace: Workspace, node: Node | None) -> str:
    """A rule as one sentence; empty for none."""
    if node is None:
        return ""
    settings = workspace.project.settings
    return describe(node, noun=settings.noun, labels=workspace.labels(), zone=workspace.project.catalogue.zone)


def parts_in_words(workspace: Workspace, parts: Mapping[str, Node]) -> list[PartWords]:
    """Each part of a rule in words; groups are left without, as the whole says it."""
    labels, zone = workspace.labels(), workspace.project.catalogue.zone
    return [
        PartWords(
            path=path,
            rule=write(node),
            words="" if isinstance(node, And | Or | Not) else describe_condition(node, labels=labels, zone=zone),
        )
        for path, node in parts.items()
    ]


def tree_of(text: str) -> JsonObject:
    """The tree of a rule's text.

    Raises:
        RuleError: It cannot be read.
    """
    return to_json(read(text))
