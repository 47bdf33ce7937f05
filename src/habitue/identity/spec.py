"""What a project declares about identity: `identity/*.yaml`, one document a project."""

from typing import Literal

from pydantic import Field, model_validator

from habitue.config import Declared

NAME = r"^[a-z_][a-z0-9_]*$"
Keep = Literal["latest", "first", "most_frequent", "longest", "source_priority"]


class NamespaceSpec(Declared):
    """One kind of identifier."""

    priority: int | None = Field(None, ge=1, le=1000, description="1 is trusted most; when left out, as listed.")
    kind: Literal["text", "email", "phone"] | None = Field(None, description="How it is written; text when left out.")
    limit: int | None = Field(None, ge=1, le=10_000, description="At most so many of them a person.")
    links: Literal["certain", "probable", "never"] | None = Field(
        None, description="Whether sharing one makes two records one person, only speaks for it, or says nothing."
    )
    shared_by: int | None = Field(None, ge=1, le=100_000, description="Shared by more records than this: blocked.")
    blocked: list[str] = Field(default_factory=list, description="Values that identify nobody: shop@example.org …")


class ColumnsSpec(Declared):
    """Which trait holds what, for matching records by likeness."""

    given_name: str | None = None
    surname: str | None = None
    birth_date: str | None = None
    email: str | None = None
    phone: str | None = None
    postcode: str | None = None
    city: str | None = None
    street: str | None = None
    also: list[str] = Field(default_factory=list, max_length=8, description="More traits that speak for a person.")


class MatchingSpec(Declared):
    """Matching records by likeness."""

    columns: ColumnsSpec = Field(description="Which trait holds what.")
    link: float = Field(0.5, gt=0, lt=1, description="Probability from which two records are linked.")
    review: float = Field(0.1, gt=0, lt=1, description="Probability from which a person should look at two records.")

    @model_validator(mode="after")
    def _in_order(self) -> "MatchingSpec":
        if self.review > self.link:
            raise ValueError("review is greater than link; write a smaller probability for review")
        return self


class GuardsSpec(Declared):
    """What keeps different people apart, whatever their links say."""

    birth_date: bool = Field(True, description="Refuse people born in different years on different days.")
    size: int = Field(200, ge=2, le=100_000, description="At most so many records a person.")
    matched_size: int = Field(20, ge=2, le=10_000, description="At most so many where likeness alone joins them.")
    support: float = Field(
        0.25, ge=0, le=1, description="Share of pairs across two persons that must be links for likeness to join them."
    )
    shared_by: int = Field(20, ge=1, le=100_000, description="An identifier shared by more records is blocked.")


class TraitSpec(Declared):
    """Which of several values of a trait a person keeps."""

    keep: Keep = Field(description="latest, first, most_frequent, longest or source_priority.")
    sources: list[str] = Field(default_factory=list, description="For source_priority: the most trusted first.")

    @model_validator(mode="after")
    def _has_sources(self) -> "TraitSpec":
        if (self.keep == "source_priority") != bool(self.sources):
            raise ValueError("keep: source_priority goes with a list of sources, and only it does")
        return self


class HouseholdsSpec(Declared):
    """People who live together."""

    by: list[str] = Field(
        min_length=1, max_length=6, description="Traits that members share: street, postcode, surname."
    )
    largest: int = Field(12, ge=2, le=1000, description="More people at an address are no household.")


class AccountsSpec(Declared):
    """People who belong to one account: a company, a club."""

    by: str = Field(pattern=NAME, description="The trait that holds the account.")


class IdentitySpec(Declared):
    """Who is who."""

    identity: str = Field(pattern=NAME, max_length=100, description="A name for these rules.")
    region: str | None = Field(None, pattern=r"^[A-Z]{2}$", description="Country of numbers without a country code.")
    namespaces: dict[str, NamespaceSpec] = Field(default_factory=dict, description="Kinds of identifiers.")
    matching: MatchingSpec | None = Field(None, description="Match records by likeness.")
    guards: GuardsSpec = Field(default_factory=GuardsSpec, description="What keeps different people apart.")
    traits: dict[str, TraitSpec] = Field(default_factory=dict, description="Which value a person keeps, by trait.")
    households: HouseholdsSpec | None = Field(None, description="People who live together.")
    accounts: AccountsSpec | None = Field(None, description="People who belong to one account.")
