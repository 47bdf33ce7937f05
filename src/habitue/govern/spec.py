"""What a project declares about permission: `policies/*.yaml`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, RootModel, model_validator

from habitue.config import Declared
from habitue.errors import HabitueError
from habitue.records.durations import parse_duration


class PolicyWrittenError(HabitueError, ValueError):
    """A value in a policy file is not written as it has to be."""

    code = "POLICY-WRITTEN"


class PolicySpec(Declared):
    """A purpose that personal data may be used for; people consent to it or not."""

    purpose: str = Field(pattern=r"^[a-z_][a-z0-9_]*$", max_length=100, description="Its name: marketing_email …")
    label: str = Field("", description="A few words for people.")
    description: str = Field("", description="What people are told that their data is used for.")


class DataClass(StrEnum):
    """What a retention rule can be about, besides the events it names."""

    EVENTS = "events"
    CUSTOMERS = "customers"
    FAILED_ROWS = "failed_rows"


def _check_keep(text: str) -> str:
    if parse_duration(text) <= 0:
        raise PolicyWrittenError(what="Nothing can be kept for no time at all.", do="Write a length such as 400d.")
    return text


class RetentionSpec(Declared):
    """How long data is kept: of the events named, or of a class of data."""

    retention: str = Field(pattern=r"^[a-z_][a-z0-9_]*$", max_length=100, description="Its name: web_behaviour …")
    keep: Annotated[str, AfterValidator(_check_keep)] = Field(
        description="How long, e.g. 400d; counted from the event."
    )
    events: tuple[str, ...] = Field((), description="The events it is about.")
    data: DataClass | None = Field(None, description="Or the class of data: events, customers, failed_rows.")
    purpose: str = Field("", description="What the data is kept for; the name of a purpose.")
    label: str = Field("", description="A few words for people.")
    description: str = Field("", description="Why that long.")

    @model_validator(mode="after")
    def _is_about_something(self) -> Self:
        if bool(self.events) is (self.data is not None):
            raise PolicyWrittenError(
                what="A retention rule is about events by name, or about a class of data.",
                do="Write `events: [Product Viewed]`, or `data: events`, `data: customers` or `data: failed_rows`.",
            )
        return self

    @property
    def keep_us(self) -> int:
        """How long, in microseconds."""
        return parse_duration(self.keep)


class PolicyFile(RootModel[RetentionSpec | PolicySpec]):
    """Any document of `policies/`: what editors complete and check."""


Policy = RetentionSpec | PolicySpec
POLICIES: Final[Mapping[str, type[RetentionSpec] | type[PolicySpec]]] = {
    "retention": RetentionSpec,
    "purpose": PolicySpec,
}
"""What a document of `policies/` has to be, by the key that tells its kind."""
