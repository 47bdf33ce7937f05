"""What a project declares about permission: `policies/*.yaml`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, RootModel, StringConstraints, model_validator

from habitue.config import Declared
from habitue.errors import HabitueError
from habitue.govern.roles import RoleSpec
from habitue.records.durations import parse_duration


class PolicyWrittenError(HabitueError, ValueError):
    """A value in a policy file is not written as it has to be."""

    code = "POLICY-WRITTEN"


class LegalBasis(StrEnum):
    """On what ground personal data may be used (GDPR 6(1))."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"


class Silence(StrEnum):
    """What holds, where consent is the basis, while somebody has said nothing."""

    OPT_IN = "opt_in"
    OPT_OUT = "opt_out"


class ConsentModeSignal(StrEnum):
    """The four signals of Google Consent Mode v2."""

    AD_STORAGE = "ad_storage"
    ANALYTICS_STORAGE = "analytics_storage"
    AD_USER_DATA = "ad_user_data"
    AD_PERSONALIZATION = "ad_personalization"


RegionName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=20)]
Category = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class RegionTerms(Declared):
    """What is different about a purpose in one region."""

    basis: LegalBasis | None = Field(None, description="The basis there; left out: that of the purpose.")
    default: Silence | None = Field(None, description="What silence means there; left out: as for the purpose.")


class PolicySpec(Declared):
    """A purpose that personal data may be used for; people consent to it or not."""

    purpose: str = Field(pattern=r"^[a-z_][a-z0-9_]*$", max_length=100, description="Its name: marketing_email …")
    label: str = Field("", description="A few words for people.")
    description: str = Field("", description="What people are told that their data is used for.")
    basis: LegalBasis = Field(
        LegalBasis.CONSENT, description="The legal basis; with any but consent, data is used until somebody objects."
    )
    default: Silence = Field(
        Silence.OPT_IN, description="What silence means where consent is the basis: opt_in is no, opt_out is yes."
    )
    regions: dict[RegionName, RegionTerms] = Field(
        default_factory=dict, description="Where it is different, by region: us-ca, ch …"
    )
    marketing: bool = Field(False, description="Direct marketing: a refusal is absolute, whatever the basis.")
    segment_category: tuple[Category, ...] = Field(
        (), description="Categories of Segment's consent that all have to be true."
    )
    consent_mode: tuple[ConsentModeSignal, ...] = Field(
        (), description="Signals of Google Consent Mode that all have to be granted."
    )
    gpc: bool = Field(False, description="Whether Global Privacy Control (Sec-GPC: 1) refuses it.")


class DataClass(StrEnum):
    """What a retention rule can be about, besides the events it names."""

    EVENTS = "events"
    CUSTOMERS = "customers"
    FAILED_ROWS = "failed_rows"
    TRANSITIONS = "transitions"


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
    data: DataClass | None = Field(
        None, description="Or the class of data: events, customers, failed_rows, transitions."
    )
    purpose: str = Field("", description="What the data is kept for; the name of a purpose.")
    label: str = Field("", description="A few words for people.")
    description: str = Field("", description="Why that long.")

    @model_validator(mode="after")
    def _is_about_something(self) -> Self:
        if bool(self.events) is (self.data is not None):
            raise PolicyWrittenError(
                what="A retention rule is about events by name, or about a class of data.",
                do="Write `events: [Product Viewed]`, or `data: events`, or another class of data.",
            )
        return self

    @property
    def keep_us(self) -> int:
        """How long, in microseconds."""
        return parse_duration(self.keep)


class PolicyFile(RootModel[RetentionSpec | PolicySpec | RoleSpec]):
    """Any document of `policies/`: what editors complete and check."""


Policy = RetentionSpec | PolicySpec | RoleSpec
POLICIES: Final[Mapping[str, type[RetentionSpec] | type[PolicySpec] | type[RoleSpec]]] = {
    "retention": RetentionSpec,
    "purpose": PolicySpec,
    "role": RoleSpec,
}
"""What a document of `policies/` has to be, by the key that tells its kind."""
