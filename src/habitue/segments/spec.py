"""What a project declares about segments: `segments/*.yaml`."""

from pydantic import Field

from habitue.config import Declared


class SegmentSpec(Declared):
    """A group of customers: those for whom a rule holds."""

    segment: str = Field(pattern=r"^[a-z_][a-z0-9_]*$", max_length=100, description="Its name: cart_abandoner …")
    rule: str = Field(min_length=1, description="Who is in it, in the rule language.")
    label: str = Field("", description="A few words for people.")
    description: str = Field("", description="What it is for.")
    purpose: str = Field("", description="What it may be used for; people without that consent are not in it.")
    group: str = Field("", description="A heading to list it under: RFM, Lifecycle …")
