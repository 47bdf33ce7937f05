"""What messages say about purposes: Segment's consent object, Google's consent mode, Global Privacy Control."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from habitue.govern.consent import ConsentEntry
from habitue.govern.consent_signals import Occasion, from_consent_mode, from_gpc, from_segment
from habitue.govern.spec import PolicySpec
from habitue.sources.arrivals import ArrivedConsent
from habitue.streams.messages import Message

_MODES: Final = ("consentMode", "consent_mode")
CONSENT_SIGNS: Final = frozenset({"consent", *_MODES})
"""Keys of the context without which a message says nothing about consent."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_GPC: Final = (("sec-gpc", "1"),)


class ConsentsReader:
    """Reads what is said about the purposes of a project."""

    def __init__(self, purposes: Iterable[PolicySpec]) -> None:
        self._purposes = tuple(purposes)

    def says_gpc(self, headers: Iterable[tuple[object, object]]) -> bool:
        """Whether the headers of a request object by Global Privacy Control to anything."""
        occasion = Occasion(record_id="", occurred_at=_EPOCH, received_at=_EPOCH)
        return bool(from_gpc(headers, self._purposes, occasion))

    def read(self, message: Message, record: str, *, gpc: bool) -> list[ConsentEntry]:
        """What a message says, and the request it came in.

        Args:
            message: The message.
            record: Whom it is about.
            gpc: Whether the request objects by Global Privacy Control.
        """
        context = message.context
        occasion = Occasion(
            record_id=record, occurred_at=_moment(message.occurred_us), received_at=_moment(message.received_us)
        )
        said = {"type": message.kind.value, "event": message.name, "context": context}
        entries = from_segment(said, self._purposes, occasion)
        for mode in _MODES:
            entries += self._mode(context.get(mode), occasion)
        return entries + (from_gpc(_GPC, self._purposes, occasion) if gpc else [])

    def _mode(self, signals: object, occasion: Occasion) -> list[ConsentEntry]:
        """Signals under `default` and `update`, as they were given to the tag; signals alone are an update."""
        if not isinstance(signals, Mapping):
            return []
        parts = {key: signals[key] for key in ("default", "update") if key in signals} or {"update": signals}
        return [
            entry
            for key, each in parts.items()
            for entry in from_consent_mode(each, self._purposes, occasion, update=key == "update")
        ]


def arrived(entries: Iterable[ConsentEntry]) -> tuple[ArrivedConsent, ...]:
    """Entries as the log has them, beside the record and the instant of their message."""
    return tuple(
        ArrivedConsent(each.purpose, each.state.value, each.strength.value, each.source, each.region)
        for each in entries
    )


def _moment(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=us)
