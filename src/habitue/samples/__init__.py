"""Sample data with everything planted known, and the project templates that go with it."""

from habitue.samples.retail import RETAIL_VERSION, FeedFacts, RetailTruth, SampleSizeError, write_retail
from habitue.samples.templates import TemplateTargetError, TemplateUnknownError, copy_template, template_names

__all__ = [
    "RETAIL_VERSION",
    "FeedFacts",
    "RetailTruth",
    "SampleSizeError",
    "TemplateTargetError",
    "TemplateUnknownError",
    "copy_template",
    "template_names",
    "write_retail",
]
