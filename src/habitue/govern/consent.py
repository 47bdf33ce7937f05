"""What somebody said about a purpose, and whether that gives a basis to use their data for it.

Only the latest instants of each kind of entry matter, so that entries in any order, late or twice, come to the same.
Of entries at one instant the refusing one counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from habitue.errors import HabitueError
from habitue.govern.spec import LegalBasis, PolicySpec, Silence

SKEW: Final = timedelta(minutes=5)
"""By how much a sender's clock may be ahead of ours."""


_FIRM: Final = frozenset({LegalBasis.CONTRACT, LegalBasis.LEGAL_OBLIGATION, LegalBasis.VITAL_INTERESTS})


class ConsentFutureError(HabitueError):
    """An entry says that it will happen."""

    code = "CONSENT-FUTURE"

    def __init__(self) -> None:
        super().__init__(
            what="A consent cannot have been given or refused later than now.",
            do="Write the instant at which it was said, with its offset from UTC.",
        )


class ConsentPurposeError(HabitueError):
    """An entry is about no purpose, or about one where there is none."""

    code = "CONSENT-ABOUT"

    def __init__(self) -> None:
        super().__init__(
            what="An entry about consent names one purpose, and an entry about restriction names none.",
            do="Name a purpose that policies/ declares.",
        )


class ConsentState(StrEnum):
    """What was said: about one purpose, or, for the last two, about any use of somebody's data."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"
    OBJECTED = "objected"
    RESTRICTED = "restricted"
    LIFTED = "lifted"

    @property
    def is_about_all(self) -> bool:
        """Whether it is about every purpose: GDPR 18, restriction of processing."""
        return self in (ConsentState.RESTRICTED, ConsentState.LIFTED)


class Strength(StrEnum):
    """How an entry came about; a weaker one never lifts a refusal."""

    EXPLICIT = "explicit"
    """The person said so."""
    SIGNAL = "signal"
    """A browser or a tag said so for the person."""
    DEFAULT = "default"
    """It was set before the person said anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentEntry:
    """One entry of the ledger.

    Attributes:
        record_id: The record that it came with; a person may have several.
        purpose: What it is about; empty for a restriction and its end.
        state: What was said.
        basis: The legal basis that is claimed.
        source: Where it was said: a form, a source, `gpc`.
        text_version: The wording that was shown; empty where unknown.
        region: Where the person was, e.g. `us-ca`; empty where unknown.
        occurred_at: When it was said, aware.
        received_at: When it reached us, aware.
        strength: How it came about.
    """

    record_id: str
    purpose: str
    state: ConsentState
    occurred_at: datetime
    received_at: datetime
    strength: Strength = Strength.EXPLICIT
    basis: LegalBasis = LegalBasis.CONSENT
    source: str = ""
    text_version: str = ""
    region: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            ConsentFutureError: It is said to happen later than it was received.
            ConsentPurposeError: A restriction with a purpose, or anything else without one.
        """
        if self.occurred_at > self.received_at + SKEW:
            raise ConsentFutureError
        if self.state.is_about_all is bool(self.purpose):
            raise ConsentPurposeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms a purpose may be pursued, in one region.

    Attributes:
        basis: Its legal basis.
        default: What silence means where that is consent.
        marketing: Whether a refusal is absolute.
    """

    basis: LegalBasis = LegalBasis.CONSENT
    default: Silence = Silence.OPT_IN
    marketing: bool = False

    @classmethod
    def of(cls, policy: PolicySpec, region: str = "") -> "Terms":
        """The terms of a declared purpose; those of the purpose itself where the region says nothing."""
        there = policy.regions.get(region)
        return cls(
            basis=(there.basis if there else None) or policy.basis,
            default=(there.default if there else None) or policy.default,
            marketing=policy.marketing,
        )

    @property
    def silence(self) -> bool:
        """Whether there is a basis while nothing was said."""
        return self.basis is not LegalBasis.CONSENT or self.default is Silence.OPT_OUT

    @property
    def is_firm(self) -> bool:
        """Whether the basis does not ask what the person wants, so that a withdrawn consent changes nothing."""
        return self.basis in _FIRM and not self.marketing


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of one person and one purpose: the latest instant of each kind of entry, None for never.

    Attributes:
        objected_at: Of an objection, or of Global Privacy Control.
        withdrawn_at: Of a refusal by the person.
        signalled_off_at: Of a refusal by a signal.
        given_at: Of consent given by the person.
        claimed_at: Of a permission of the person on another basis.
        signalled_on_at: Of a permission by a signal.
        preset_off_at: Of a refusal set before the person said anything.
        preset_on_at: Of a permission set before the person said anything.
    """

    objected_at: datetime | None = None
    withdrawn_at: datetime | None = None
    signalled_off_at: datetime | None = None
    given_at: datetime | None = None
    claimed_at: datetime | None = None
    signalled_on_at: datetime | None = None
    preset_off_at: datetime | None = None
    preset_on_at: datetime | None = None

    def after(self, entry: ConsentEntry) -> "Standing":
        """What is known after one more entry about the same purpose, however late it comes."""
        kind = kind_of(entry.state, entry.strength, entry.basis)
        return replace(self, **{kind: _later(getattr(self, kind), entry.occurred_at)})

    def allowed(self, terms: Terms) -> bool:
        """Whether there is a basis to pursue the purpose.

        An objection, a withdrawal and Global Privacy Control are lifted only by a later explicit permission; for
        direct marketing every refusal is, and only by consent. Where a contract, a law or a life is the basis,
        nothing but an objection refuses, direct marketing excepted.
        """
        given = self.given_at if terms.marketing else _later(self.given_at, self.claimed_at)
        if _refused(self.objected_at, given):
            return False
        if terms.is_firm:
            return True
        absolute = _later(self.withdrawn_at, self.signalled_off_at) if terms.marketing else self.withdrawn_at
        said = _later(_later(self.given_at, self.claimed_at), self.signalled_on_at)
        if _refused(absolute, given) or _refused(self.signalled_off_at, said):
            return False
        if terms.basis is not LegalBasis.CONSENT or said is not None:
            return True
        if self.preset_off_at is None and self.preset_on_at is None:
            return terms.silence
        return not _refused(self.preset_off_at, self.preset_on_at)

    @property
    def state(self) -> ConsentState | None:
        """The word that stands, as an overview shows it; None where nothing was said."""
        given = _later(self.given_at, self.claimed_at)
        if _refused(self.objected_at, given):
            return ConsentState.OBJECTED
        said = _later(given, self.signalled_on_at)
        if _refused(self.withdrawn_at, given) or _refused(self.signalled_off_at, said):
            return ConsentState.WITHDRAWN
        if said is not None:
            return ConsentState.GIVEN
        if self.preset_off_at is None and self.preset_on_at is None:
            return None
        return ConsentState.WITHDRAWN if _refused(self.preset_off_at, self.preset_on_at) else ConsentState.GIVEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """All that is known of what one person said.

    Attributes:
        standings: By purpose.
        restricted: Whether the data may be kept, and used for nothing.
        region: Where the person was when something was last said; empty where unknown.
    """

    standings: Mapping[str, Standing] = field(default_factory=dict)
    restricted: bool = False
    region: str = ""

    def allows(self, policy: PolicySpec) -> bool:
        """Whether there is a basis for a declared purpose."""
        if self.restricted:
            return False
        return self.standings.get(policy.purpose, Standing()).allowed(Terms.of(policy, self.region))


def fold(entries: Iterable[ConsentEntry]) -> Said:
    """What one person's entries come to, in whatever order.

    Examples:
        >>> from datetime import UTC
        >>> monday, tuesday = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)
        >>> said = {"record_id": "c1", "purpose": "news", "received_at": tuesday}
        >>> given = ConsentEntry(**said, state=ConsentState.GIVEN, occurred_at=monday)
        >>> withdrawn = ConsentEntry(**said, state=ConsentState.WITHDRAWN, occurred_at=tuesday)
        >>> fold([withdrawn, given]).allows(PolicySpec(purpose="news"))
        False
    """
    standings: dict[str, Standing] = {}
    restricted_at = lifted_at = None
    place: tuple[datetime, str] | None = None
    for entry in entries:
        if entry.state is ConsentState.RESTRICTED:
            restricted_at = _later(restricted_at, entry.occurred_at)
        elif entry.state is ConsentState.LIFTED:
            lifted_at = _later(lifted_at, entry.occurred_at)
        else:
            standings[entry.purpose] = standings.get(entry.purpose, Standing()).after(entry)
        if entry.region and (place is None or (entry.occurred_at, entry.region) > place):
            place = (entry.occurred_at, entry.region)
    return Said(standings=standings, restricted=_refused(restricted_at, lifted_at), region=place[1] if place else "")


def kind_of(state: ConsentState, strength: Strength, basis: LegalBasis) -> str:
    """The instant of a standing that an entry may move on: the name of an attribute of `Standing`."""
    if state is ConsentState.OBJECTED:
        return "objected_at"
    given = state is ConsentState.GIVEN
    match strength:
        case Strength.DEFAULT:
            return "preset_on_at" if given else "preset_off_at"
        case Strength.SIGNAL:
            return "signalled_on_at" if given else "signalled_off_at"
    if not given:
        return "withdrawn_at"
    return "given_at" if basis is LegalBasis.CONSENT else "claimed_at"


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return max(one, other)


def _refused(refused_at: datetime | None, allowed_at: datetime | None) -> bool:
    """Whether a refusal stands; at one instant it does."""
    return refused_at is not None and (allowed_at is None or refused_at >= allowed_at)
