"""What a project declares about a source whose events come live: `collect: true` in a file of `sources/`."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, Field, RootModel, StringConstraints

from habitue.config import Declared
from habitue.sources.spec import EventName, Identifier, SourceSpec, WrittenError

_ROOTS = ("properties", "traits", "context", "group")
_WORDS = ("userId", "anonymousId", "groupId", "name", "category")
_STEPS = re.compile(r"[^.\s]+(?:\.[^.\s]+)*")


class ContractMode(StrEnum):
    """What becomes of a message that does not keep its contract."""

    NOTE = "note"
    """It is kept without the values that do not fit, and what was wrong is noted with it."""
    LANE = "lane"
    """It goes to the failed lane as a whole."""
    REFUSE = "refuse"
    """It is refused, and the sender is told."""


def _check_path(text: str) -> str:
    root, dot, _ = text.partition(".")
    if not (_STEPS.fullmatch(text) and (root in _ROOTS if dot else root in _WORDS)):
        raise WrittenError(
            what=f"{text[:60]!r} is no place in a message.",
            do=f"Write {', '.join(_WORDS)}, or properties.size, traits.plan, context.page.path, group.plan.",
        )
    return text


MessagePath: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_check_path)]
Places: TypeAlias = MessagePath | Annotated[tuple[MessagePath, ...], Field(min_length=1)]


class CollectSpec(Declared):
    """A source whose events come live, over HTTP; what they hold is declared in `contracts/`."""

    source: Identifier
    collect: Literal[True] = Field(description="That events come live, and not from files.")
    contract: ContractMode = Field(
        ContractMode.NOTE, description="What becomes of a message that does not keep its contract: note, lane, refuse."
    )
    events: dict[Annotated[str, StringConstraints(min_length=1, max_length=200)], EventName] = Field(
        default_factory=dict,
        description="Names as they are sent and the events they are; left out: the same name, or that of Segment's"
        " or GA4's which means it.",
    )
    properties: dict[Identifier, Places] = Field(
        default_factory=dict,
        description="Where a property stands in a message, as context.page.path; of several places the first that"
        " has a value counts. Left out: properties.<name>.",
    )
    traits: dict[Identifier, Places] = Field(
        default_factory=dict, description="Where a trait stands in a message; left out: traits.<name>."
    )
    identifiers: dict[Identifier, Places] = Field(
        default_factory=dict,
        description="Kinds of identifiers and where they stand, besides user_id: userId, cookie: anonymousId,"
        " email: traits.email and phone: traits.phone.",
    )


class SourceFile(RootModel[CollectSpec | SourceSpec]):
    """Any document of `sources/`: what editors complete and check."""


SOURCES: Final[Mapping[str, type[CollectSpec] | type[SourceSpec]]] = {"collect": CollectSpec, "source": SourceSpec}
"""What a document of `sources/` has to be, by the key that tells its kind."""
