"""Records of one person found by likeness, learned without labels: blocking, Splink 5, and thresholds.

Fellegi and Sunter (1969), with the parameters found by expectation maximisation.

Records are read from a table in memory, compared in a private DuckDB in memory, and what comes out is pairs of places
with a weight: nothing personal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np

from habitue.identity.blocking import Candidates, Family, block
from habitue.identity.comparisons import comparisons_for
from habitue.identity.edges import UNKNOWN, Bools, Edges, Floats, Ints, bits
from habitue.identity.links import LinkState
from habitue.identity.model import MatchModel, Worth, rounded, untrained
from habitue.identity.preparing import Prepared
from habitue.identity.rules import Guards, Matching
from habitue.identity.splink_linker import Workbench

SEED: Final = 20_260_131
_RANDOM_PAIRS: Final = 30
_FEWEST_RANDOM: Final = 200_000
_MOST_RANDOM: Final = 1_000_000
_EM_PAIRS: Final = 400_000
_FEWEST_RECORDS: Final = 200
_FEWEST_PAIRS: Final = 50
_NAMESAKES: Final = 20_000
_TRUST: Final = 50.0
_LEAST: Final = 1e-5
_BLOCKS: Final = (("given_name", "surname"), ("birth_date",), ("email",), ("phone",))
_MORE_BLOCKS: Final = (("postcode",), ("street",), ("surname",), ("given_name",), ("city",), ("also_1",), ("also_2",))
_ENOUGH: Final = 3
_WRONG_DATES: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """What matching found.

    Attributes:
        pairs: The pairs that were compared.
        weight: Of each, in bits.
        model: What they were weighed with.
        link: Weight from which two records are linked.
        review: Weight from which a person should look at them.
        recall: Estimated share of all pairs of one person that were compared; None where it cannot be told.
    """

    pairs: Candidates
    weight: Floats
    model: MatchModel
    link: float
    review: float
    recall: float | None

    def edges(self, numbers: Ints | None = None) -> dict[LinkState, Edges]:
        """The pairs to link and those to look at, between record numbers.

        Args:
            numbers: Record number of each place in the table; the place itself when left out.
        """
        links = self.weight >= self.link
        return {
            LinkState.LINK: self._edges(links, numbers),
            LinkState.REVIEW: self._edges(~links & (self.weight >= self.review), numbers),
        }

    def _edges(self, chosen: Bools, numbers: Ints | None) -> Edges:
        left, right = self.pairs.left[chosen], self.pairs.right[chosen]
        if numbers is not None:
            left, right = numbers[left], numbers[right]
        return Edges.of(left, right, np.round(self.weight[chosen], 6), matched=True)


def match(
    prepared: Prepared, matching: Matching, *, model: MatchModel | None = None, threads: int = 2, seed: int = SEED
) -> Matches:
    """Find the records of one person.

    Args:
        prepared: The records, made comparable.
        matching: Thresholds.
        model: What levels of agreement are worth; learned from these records when None.
        threads: Of DuckDB.
        seed: Of the sample that learning takes.
    """
    pairs = block(prepared)
    if not len(pairs):
        weight, known = np.zeros(0), model or untrained(tuple(prepared.text), first_prior(pairs, prepared.records))
    else:
        bench = Workbench(prepared, threads=threads)
        try:
            known = model or learn(bench, prepared, pairs, seed=seed)
            weight = bench.weights(known, pairs.left, pairs.right)
        finally:
            bench.close()
        if model is None:
            known, weight = _with_true_prior(known, weight, prepared.records)
    return Matches(
        pairs=pairs,
        weight=weight,
        model=known,
        link=bits(matching.link),
        review=bits(matching.review),
        recall=estimated_recall(pairs, weight),
    )


def learn(bench: Workbench, prepared: Prepared, pairs: Candidates, *, seed: int = SEED) -> MatchModel:
    """A model from the records themselves, without labels; the untrained one where they are too few to learn from.

    What different people agree on comes from random pairs; what records of one person agree on from expectation
    maximisation; what namesakes agree on from pairs of one name whose dates of birth make them different people.
    """
    model = untrained(tuple(prepared.text), first_prior(pairs, prepared.records))
    blocks = _blocks(prepared)
    if prepared.records < _FEWEST_RECORDS or len(blocks) < 2:
        return model
    # No share below the prior is used, so pairs enough to see that one are enough.
    sample = min(max(_RANDOM_PAIRS * prepared.records, _FEWEST_RANDOM), _MOST_RANDOM)
    shares = bench.random_shares(model, pairs=sample, seed=seed)
    model = _with_u(model, shares, _namesake_shares(prepared, pairs))
    return _with_m(model, bench.expectation_maximisation(model, blocks, pairs=_EM_PAIRS))


def fitting_guards(guards: Guards, model: MatchModel) -> Guards:
    """The guards that suit the data: dates of birth keep nobody apart where they often are wrong.

    They are trusted while at most one pair of one person in a hundred has dates that differ in year and day.
    """
    worth = model.levels.get(("birth_date", "other"))
    trusted = worth is None or worth.m <= _WRONG_DATES
    return replace(guards, birth_date=guards.birth_date and trusted)


def first_prior(pairs: Candidates, records: int) -> float:
    """A first idea of how rare matches are: pairs brought together both by who they are and by where."""
    both = int(Family.WHO | Family.WHERE)
    strong = int(((pairs.families & both) == both).sum())
    everything = max(records * (records - 1) / 2, 1.0)
    return rounded(min(max(1.5 * strong, 0.1 * records, 1.0) / everything, 0.1))


def _blocks(prepared: Prepared) -> list[tuple[str, ...]]:
    """Columns on which passes of learning agree: enough that each comparison is taught by one that does not use it."""
    chosen: list[tuple[str, ...]] = []
    for columns in (*_BLOCKS, *_MORE_BLOCKS):
        if columns not in _BLOCKS and len(chosen) >= _ENOUGH:
            break
        if all(column in prepared.text for column in columns) and _shared(prepared, columns) >= _FEWEST_PAIRS:
            chosen.append(columns)
    return chosen


def _shared(prepared: Prepared, columns: tuple[str, ...]) -> int:
    """How many pairs agree on all of some columns."""
    known = np.ones(prepared.records, dtype=np.bool_)
    whole = np.zeros(prepared.records, dtype=np.int64)
    for column in columns:
        coded = prepared.text[column]
        known &= coded.known
        whole = whole * (len(coded.values) + 1) + coded.code
    counts = np.unique(whole[known], return_counts=True)[1]
    return int((counts * (counts - 1) // 2).sum())


def _with_u(
    model: MatchModel, shares: Mapping[tuple[str, str], float | None], namesakes: Mapping[str, float]
) -> MatchModel:
    """The model with shares among different people: random pairs without the few of one person among them.

    No single agreement may say more than matches are rare: the smallest share is the prior.
    """
    levels: dict[tuple[str, str], Worth] = {}
    for comparison in comparisons_for(model.columns):
        for level in comparison.levels:
            name = (comparison.name, level.name)
            worth, share = model.levels[name], shares.get(name)
            u = 0.0 if share is None else (share - model.prior * worth.m) / (1 - model.prior)
            if level is comparison.levels[-1]:
                u = share or worth.u
            if level.given_names:
                u = namesakes[level.name]
            levels[name] = Worth(m=worth.m, u=rounded(min(max(u, model.prior), 1.0)))
    return MatchModel(columns=model.columns, levels=MappingProxyType(levels), prior=model.prior)


def _with_m(model: MatchModel, shares: Mapping[tuple[str, str], float | None]) -> MatchModel:
    """The model with shares among pairs of one person; levels that taught nothing keep what they had."""
    levels: dict[tuple[str, str], Worth] = {}
    for comparison in comparisons_for(model.columns):
        names = [(comparison.name, level.name) for level in comparison.levels]
        found = [shares.get(name) for name in names]
        kept = [model.levels[name].m if m is None else max(m, _LEAST) for name, m in zip(names, found, strict=True)]
        for name, m in zip(names, kept, strict=True):
            levels[name] = Worth(m=rounded(m / sum(kept)), u=model.levels[name].u)
    return MatchModel(columns=model.columns, levels=MappingProxyType(levels), prior=model.prior)


def _namesake_shares(prepared: Prepared, pairs: Candidates) -> dict[str, float]:
    """How often namesakes who surely are different people agree on e-mail addresses, by level.

    Fifty imagined pairs at the usual shares stand in where there are few.
    """
    usual = {
        level.name: level.u for each in comparisons_for(prepared.text) for level in each.levels if level.given_names
    }
    if not usual:
        return {}
    from rapidfuzz.distance import JaroWinkler

    places = np.flatnonzero(_surely_apart(prepared, pairs))[:_NAMESAKES]
    email = prepared.text["email"]
    one, two = email.rows(pairs.left[places]), email.rows(pairs.right[places])
    counts = dict.fromkeys(usual, 0)
    for mine, theirs in zip(one, two, strict=True):
        if mine is None or theirs is None:
            continue
        local, other = mine.partition("@")[0], theirs.partition("@")[0]
        if mine == theirs:
            counts["same_of_name"] += 1
        elif local == other:
            counts["same_local_of_name"] += 1
        elif JaroWinkler.similarity(local, other) >= 0.92:
            counts["near_of_name"] += 1
    return {name: (counts[name] + _TRUST * usual[name]) / (len(places) + _TRUST) for name in usual}


def _surely_apart(prepared: Prepared, pairs: Candidates) -> Bools:
    """Pairs with an e-mail address each that have one name and were born in different years on different days."""
    text, left, right = prepared.text, pairs.left, pairs.right
    result = text["email"].known[left] & text["email"].known[right]
    for name in ("given_name", "surname"):
        result &= (text[name].code[left] == text[name].code[right]) & text[name].known[left]
    facts = prepared.facts()
    for known in (facts.year, facts.day):
        one, two = known[left], known[right]
        result &= (one != UNKNOWN) & (two != UNKNOWN) & (one != two)
    return result


def _with_true_prior(model: MatchModel, weight: Floats, records: int) -> tuple[MatchModel, Floats]:
    """The model and the weights with as many matches expected as the weights themselves say there are."""
    everything = max(records * (records - 1) / 2, 1.0)
    start = bits(model.prior)
    prior = model.prior
    for _ in range(20):
        shifted = np.clip(weight + bits(prior) - start, -60.0, 60.0)
        prior = rounded(min(max(float((1.0 / (1.0 + 2.0**-shifted)).sum()), 1.0) / everything, 0.1))
    return model.with_prior(prior), weight + (bits(prior) - start)


def estimated_recall(pairs: Candidates, weight: Floats) -> float | None:
    """The share of pairs of one person that blocking brought together, estimated without labels.

    Keys of who people are and keys of where they are find pairs nearly independently, so how many of the one are among
    the other tells how many both miss (Lincoln and Petersen, capture and recapture).

    Returns:
        A share in (0, 1], or None where too few pairs are found by both.
    """
    sure = weight >= bits(0.9)
    who = sure & ((pairs.families & int(Family.WHO)) > 0)
    where = sure & ((pairs.families & int(Family.WHERE)) > 0)
    twice = int((who & where).sum())
    if twice < _FEWEST_PAIRS:
        return None
    expected = int(who.sum()) * int(where.sum()) / twice
    return min(float(int(sure.sum()) / expected), 1.0)
