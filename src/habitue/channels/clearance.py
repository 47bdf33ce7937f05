"""What a channel asks the house before something about a person leaves it."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from habitue.channels.spec import ChannelSpec


class Clearance(Protocol):
    """Answers for the thread that opened it, as of now: a withdrawal counts from the moment it was answered."""

    def permitted(self, customers: Collection[str], purpose: str) -> frozenset[str]:
        """Those of some customers about whom something may be said.

        Args:
            customers: Internal ids.
            purpose: What for; empty for none, when only those are left out whose data is used for nothing.
        """

    def user_ids(self, customers: Collection[str]) -> Mapping[str, str]:
        """Customers' own identifiers, by internal id; nobody without one."""

    def secrets(self, spec: ChannelSpec) -> Sequence[bytes]:
        """The keys that a channel signs with now, the newest first; none where it has none."""

    def note(self, spec: ChannelSpec, customers: Sequence[str]) -> None:
        """Write down, before it happens, that a channel's receiver is told about customers."""


class OpenClearance(Protocol):
    """Opens a clearance in the thread that will ask."""

    def __call__(self) -> AbstractContextManager[Clearance]:
        """It, closed at the end of the block."""
