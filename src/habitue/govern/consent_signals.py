"""What other systems say about consent, as entries of the ledger: Segment, Google Consent Mode v2, Sec-GPC.

Each function reads a part of a message that anybody could have written: what is not exactly as its specification has
it says nothing, and nothing but an exact permission permits.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from habitue.govern.consent import ConsentEntry, ConsentState, Strength
from habitue.govern.spec import PolicySpec

PREFERENCE_UPDATED: Final = "Segment Consent Preference Updated"
"""The event of Segment's that tells of a person's own choice; others repeat what stood before."""
GPC_HEADER: Final = "sec-gpc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """The message that something was said in.

    Attributes:
        record_id: Whom it is about.
        occurred_at: When it was said, aware; later than `received_at` counts as then.
        received_at: When it reached us, aware.
        region: Where the person was, e.g. `us-ca`; empty where unknown.
    """

    record_id: str
    occurred_at: datetime
    received_at: datetime
    region: str = ""


def from_segment(message: object, purposes: Iterable[PolicySpec], occasion: Occasion) -> list[ConsentEntry]:
    """Entries from `context.consent.categoryPreferences` of a message.

    A purpose is permitted when all its categories are true, and refused otherwise, an empty object included. Without
    the object nothing is said. Only the event of a changed preference is the person's own word.

    Examples:
        >>> from datetime import UTC
        >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
        >>> ads = PolicySpec(purpose="ads", segment_category=("Advertising",))
        >>> sent = {"context": {"consent": {"categoryPreferences": {"Advertising": False}}}}
        >>> occasion = Occasion(record_id="c1", occurred_at=noon, received_at=noon)
        >>> [(each.purpose, each.state.value) for each in from_segment(sent, [ads], occasion)]
        [('ads', 'withdrawn')]
    """
    preferences = _inside(_inside(_inside(message, "context"), "consent"), "categoryPreferences")
    if not isinstance(preferences, Mapping):
        return []
    own_word = _inside(message, "type") == "track" and _inside(message, "event") == PREFERENCE_UPDATED
    strength = Strength.EXPLICIT if own_word else Strength.SIGNAL
    return [
        _entry(
            policy,
            occasion,
            strength,
            "segment",
            all(preferences.get(each) is True for each in policy.segment_category),
        )
        for policy in purposes
        if policy.segment_category
    ]


def from_consent_mode(
    signals: object, purposes: Iterable[PolicySpec], occasion: Occasion, *, update: bool
) -> list[ConsentEntry]:
    """Entries from the arguments of `gtag('consent', 'default' | 'update', {...})`.

    A purpose is permitted when all its signals are granted, refused when one is denied, and not spoken of otherwise. A
    default with `region` is for people there; where it is not known, only its refusals count.

    Args:
        signals: `{"ad_storage": "denied", …}`.
        purposes: The declared ones.
        occasion: The message it stood in.
        update: Whether it follows a choice; False for what was set before any. Tags repeat an update on every page,
            so that it is no word of the person's own.
    """
    if not isinstance(signals, Mapping):
        return []
    place = _place(signals.get("region"), occasion.region)
    if place == "elsewhere":
        return []
    strength = Strength.SIGNAL if update else Strength.DEFAULT
    entries = []
    for policy in purposes:
        said = {_text(signals.get(each.value)) for each in policy.consent_mode}
        if "denied" in said:
            entries.append(_entry(policy, occasion, strength, "consent_mode", False))
        elif said == {"granted"} and place == "here":
            entries.append(_entry(policy, occasion, strength, "consent_mode", True))
    return entries


def from_gpc(
    headers: Iterable[tuple[object, object]], purposes: Iterable[PolicySpec], occasion: Occasion
) -> list[ConsentEntry]:
    """An objection to every purpose that Global Privacy Control is about, where the request has `Sec-GPC: 1`.

    Args:
        headers: Names and values, as text or bytes.
        purposes: The declared ones.
        occasion: The request.
    """
    if not any(_header(name).lower() == GPC_HEADER and _header(value) == "1" for name, value in headers):
        return []
    return [
        ConsentEntry(
            record_id=occasion.record_id,
            purpose=policy.purpose,
            state=ConsentState.OBJECTED,
            strength=Strength.SIGNAL,
            source="gpc",
            region=occasion.region,
            occurred_at=min(occasion.occurred_at, occasion.received_at),
            received_at=occasion.received_at,
        )
        for policy in purposes
        if policy.gpc
    ]


def _entry(policy: PolicySpec, occasion: Occasion, strength: Strength, source: str, given: bool) -> ConsentEntry:
    return ConsentEntry(
        record_id=occasion.record_id,
        purpose=policy.purpose,
        state=ConsentState.GIVEN if given else ConsentState.WITHDRAWN,
        strength=strength,
        source=source,
        region=occasion.region,
        occurred_at=min(occasion.occurred_at, occasion.received_at),
        received_at=occasion.received_at,
    )


def _place(wanted: object, region: str) -> str:
    """Whether a default for some regions is for this person: `here`, `elsewhere`, or `unknown`."""
    if wanted is None:
        return "here"
    if not isinstance(wanted, list | tuple):
        return "unknown"
    if not region:
        return "unknown"
    names = {_text(each).lower() for each in wanted}
    return "here" if region.lower() in names or region.lower().partition("-")[0] in names else "elsewhere"


def _inside(message: object, name: str) -> object:
    return message.get(name) if isinstance(message, Mapping) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _header(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    return value.strip(" \t") if isinstance(value, str) else ""
