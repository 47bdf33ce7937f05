"""What may be done with personal data, and for what purpose."""

from habitue.govern.spec import PolicySpec

__all__ = ["PolicySpec"]
