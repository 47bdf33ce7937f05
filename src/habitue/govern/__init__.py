"""What may be done with personal data, and for what purpose."""

from habitue.govern.spec import POLICIES, Policy, PolicyFile, PolicySpec, RetentionSpec

__all__ = ["POLICIES", "Policy", "PolicyFile", "PolicySpec", "RetentionSpec"]
