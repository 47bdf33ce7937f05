"""Where segments are used: other definitions, metrics and channels that name them."""

from collections.abc import Iterator
from dataclasses import dataclass

from habitue.channels.spec import ALL
from habitue.rules import Node
from habitue.rules.nodes import Name
from habitue.rules.walking import walk
from habitue.run.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A definition that names a segment.

    Attributes:
        kind: `segment`, `feature`, `metric` or `channel`.
        name: Its name.
        label: A few words for people.
    """

    kind: str
    name: str
    label: str


def uses_of(project: Project) -> dict[str, list[Use]]:
    """Who names each segment; segments that nobody names are left out. Channels that are told of all are too."""
    found: dict[str, list[Use]] = {}
    catalogue = project.catalogue
    for kind, named in (("segment", catalogue.segments), ("feature", catalogue.features)):
        for each in named.values():
            for name in _named(each.rule):
                found.setdefault(name, []).append(Use(kind=kind, name=each.name, label=each.label))
    for metric in project.metrics.values():
        for name in sorted({each.segment for each in metric.figures if each.segment}):
            found.setdefault(name, []).append(Use(kind="metric", name=metric.metric, label=metric.label))
    for channel in project.channels.values():
        for name in () if channel.segments == ALL else channel.segments:
            found.setdefault(name, []).append(Use(kind="channel", name=channel.channel, label=channel.label))
    return found


def _named(rule: Node) -> Iterator[str]:
    yield from sorted({each.name for each in walk(rule) if isinstance(each, Name) and each.space == "segment"})
