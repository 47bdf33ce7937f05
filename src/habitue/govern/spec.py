"""What a project declares about permission: `policies/*.yaml`."""

from pydantic import Field

from habitue.config import Declared


class PolicySpec(Declared):
    """A purpose that personal data may be used for; people consent to it or not."""

    purpose: str = Field(pattern=r"^[a-z_][a-z0-9_]*$", max_length=100, description="Its name: marketing_email …")
    label: str = Field("", description="A few words for people.")
    description: str = Field("", description="What people are told that their data is used for.")
