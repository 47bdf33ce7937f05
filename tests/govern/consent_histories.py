"""Consent histories, drawn one by one or by the crowd, aimed at each other's instants."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import strategies as st

from habitue.govern.consent import ConsentEntry, ConsentState, Strength
from habitue.govern.spec import LegalBasis, PolicySpec, RegionTerms, Silence

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
REGIONS = ("", "us-ca", "ch")
PURPOSES = {
    each.purpose: each
    for each in (
        PolicySpec(purpose="news", marketing=True, gpc=True),
        PolicySpec(purpose="tailored"),
        PolicySpec(
            purpose="figures",
            basis=LegalBasis.LEGITIMATE_INTERESTS,
            regions={"ch": RegionTerms(basis=LegalBasis.CONSENT)},
        ),
        PolicySpec(purpose="post", basis=LegalBasis.LEGITIMATE_INTERESTS, marketing=True),
        PolicySpec(purpose="delivery", basis=LegalBasis.CONTRACT),
        PolicySpec(purpose="sharing", regions={"us-ca": RegionTerms(default=Silence.OPT_OUT)}, gpc=True),
    )
}
instants = st.integers(0, 4).map(lambda hours: NOON - timedelta(hours=hours))


@st.composite
def entries(draw: st.DrawFn, record_id: str = "c1") -> ConsentEntry:
    """One thing that a person, a browser or a tag may say."""
    state = draw(st.sampled_from(ConsentState))
    return ConsentEntry(
        record_id=record_id,
        purpose="" if state.is_about_all else draw(st.sampled_from(sorted(PURPOSES))),
        state=state,
        strength=draw(st.sampled_from(Strength)),
        basis=draw(st.sampled_from([LegalBasis.CONSENT, LegalBasis.CONTRACT])),
        region=draw(st.sampled_from(REGIONS)),
        occurred_at=draw(instants),
        received_at=NOON,
    )


histories = st.lists(entries(), max_size=9)


def crowd(people: int, seed: int) -> list[list[ConsentEntry]]:
    """Histories of so many people."""
    chance = Random(seed)
    return [[drawn(chance) for _ in range(chance.randint(0, 9))] for _ in range(people)]


def drawn(chance: Random) -> ConsentEntry:
    """One entry."""
    state = chance.choice(list(ConsentState))
    return ConsentEntry(
        record_id="c1",
        purpose="" if state.is_about_all else chance.choice(sorted(PURPOSES)),
        state=state,
        strength=chance.choice(list(Strength)),
        basis=chance.choice([LegalBasis.CONSENT, LegalBasis.CONTRACT]),
        region=chance.choice(REGIONS),
        occurred_at=NOON - timedelta(hours=chance.randint(0, 4)),
        received_at=NOON,
    )
