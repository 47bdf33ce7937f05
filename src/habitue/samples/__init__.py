"""Sample data with everything planted known, and the project templates that go with it."""

from habitue.samples.retail import RETAIL_VERSION, FeedFacts, RetailTruth, SampleSizeError, write_retail

__all__ = ["RETAIL_VERSION", "FeedFacts", "RetailTruth", "SampleSizeError", "write_retail"]
