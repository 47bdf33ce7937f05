"""What a project declares about ways out: `channels/*.yaml`."""

from collections.abc import Collection, Container
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from habitue.channels.addresses import Target, read_target
from habitue.config import Declared, Document, read_documents
from habitue.errors import Fault, HabitueError, did_you_mean

ALL = "all"


class BodyFormat(StrEnum):
    """How a change is written."""

    HABITUE = "habitue"
    SEGMENT = "segment"


class ShownId(StrEnum):
    """By what the receiver knows a customer."""

    CUSTOMER_ID = "customer_id"
    USER_ID = "user_id"


SegmentName = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_]*$", max_length=100)]
VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=100)]


class ChannelSpec(Declared):
    """A receiver that is told who enters and leaves segments."""

    channel: str = Field(pattern=r"^[a-z_][a-z0-9_]*$", max_length=60, description="Its name: crm …")
    webhook: str = Field(min_length=1, max_length=2_000, description="Where to: https://…")
    segments: tuple[SegmentName, ...] | Literal["all"] = Field(
        description="Which segments it is told about: a list of names, or all."
    )
    format: BodyFormat = Field(
        BodyFormat.HABITUE,
        description="habitue: a body of Standard Webhooks; segment: events Audience Entered and Audience Exited.",
    )
    identifier: ShownId = Field(
        ShownId.CUSTOMER_ID,
        description="By what it knows a customer: customer_id is random; user_id is your own, and needs a purpose.",
    )
    purpose: str = Field("", description="What it is told for; nobody without a basis for it is told about.")
    secret_env: VariableName | None = Field(
        None, description="A variable of the environment that holds the secret; left out: `habitue channels secret`."
    )
    allow_private: bool = Field(
        False, description="Whether it may be a server of your own network; then also http and any port."
    )
    label: str = Field("", description="A few words for people.")

    @property
    def target(self) -> Target:
        """Where it sends to.

        Raises:
            HabitueError: It may not send there.
        """
        return read_target(self.webhook, allow_private=self.allow_private)

    def wants(self, segment: str) -> bool:
        """Whether it is told about a segment."""
        return self.segments == ALL or segment in self.segments


def read_channels(
    folder: Path, *, segments: Collection[str], purposes: Container[str]
) -> tuple[dict[str, ChannelSpec], list[Fault]]:
    """The channels of a project by name, in the order of the files, and every fault of their files.

    Args:
        folder: The project folder.
        segments: Names of the declared segments.
        purposes: Names of the declared purposes.
    """
    documents, faults = read_documents(folder, "channels", ChannelSpec)
    found: dict[str, ChannelSpec] = {}
    for document in documents:
        spec = document.value
        wrong = [*_of_place(document), *_of_segments(document, segments), *_of_purpose(document, purposes)]
        if spec.channel in found:
            what = f"The channel {spec.channel!r} is declared twice."
            wrong.append(document.fault("channel", code="DEFINED-TWICE", what=what, do="Rename one, or take it out."))
        faults += wrong
        if not wrong:
            found[spec.channel] = spec
    return found, faults


def _of_place(document: Document[ChannelSpec]) -> list[Fault]:
    try:
        _ = document.value.target
    except HabitueError as error:
        return [document.fault("webhook", code=error.code, what=error.what, do=error.do)]
    return []


def _of_segments(document: Document[ChannelSpec], segments: Collection[str]) -> list[Fault]:
    wanted = document.value.segments
    if wanted == ALL:
        return []
    faults = []
    if not wanted:
        what = f"The channel {document.value.channel!r} is told about no segment."
        do = "Name some, or write `segments: all`."
        faults.append(document.fault("segments", code="CHANNEL-SEGMENT", what=what, do=do))
    for place, name in enumerate(wanted):
        if name not in segments:
            near = did_you_mean(name, segments)
            do = f"Did you mean {near!r}?" if near else "Declare it under segments/."
            what = f"No segment is called {name!r}."
            faults.append(document.fault("segments", place, code="CHANNEL-SEGMENT", what=what, do=do))
    return faults


def _of_purpose(document: Document[ChannelSpec], purposes: Container[str]) -> list[Fault]:
    spec = document.value
    if spec.purpose and spec.purpose not in purposes:
        what = f"No purpose is called {spec.purpose!r}."
        return [document.fault("purpose", code="PURPOSE-UNKNOWN", what=what, do="Declare it under policies/.")]
    if spec.identifier is ShownId.USER_ID and not spec.purpose:
        what = f"The channel {spec.channel!r} hands out your own identifiers of people, and says no purpose."
        do = "Say `purpose:`, so that only people with a basis for it are told about; or use customer_id."
        return [document.fault("identifier", code="CHANNEL-PURPOSE", what=what, do=do)]
    return []
