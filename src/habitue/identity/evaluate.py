"""How good identity is on records whose truth is known, beside an exact rule and plain Splink."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from habitue.errors import HabitueError
from habitue.identity.baselines import closed, exact_rule, plain_splink
from habitue.identity.clustering import Clustering, Reason, cluster
from habitue.identity.edges import Edges, Ints
from habitue.identity.links import LinkState
from habitue.identity.matching import SEED, Matches, fitting_guards, match
from habitue.identity.model import MatchModel
from habitue.identity.preparing import RECORD_ID, Prepared, prepare
from habitue.identity.rules import IdentityRules
from habitue.identity.scores import (
    Tally,
    exact_share,
    numbered,
    pairs_within,
    score_labelled,
    score_links,
    score_persons,
)

Timer = Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """How one way of finding persons does.

    Attributes:
        name: `habitue`, `exact rule`, `plain splink`.
        links: Its links against the truth.
        persons: Its persons against the truth, over pairs of records.
        exact: Share of true persons found exactly.
        largest: Records of its largest person.
        found: How many persons it makes of the records.
        seconds: What it took by the timer that was given.
    """

    name: str
    links: Tally
    persons: Tally
    exact: float
    largest: int
    found: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Identity against the truth.

    Attributes:
        records: How many records.
        persons: How many true persons.
        true_pairs: How many pairs of records are one person.
        compared: How many pairs were compared.
        blocking_recall: Share of the true pairs among those.
        estimated_recall: The same as estimated without the truth, or None.
        refused: Links that guards refused, by reason.
        model: Version of the matching model.
        methods: Habitue first, then what it is measured against.
    """

    records: int
    persons: int
    true_pairs: int
    compared: int
    blocking_recall: float
    estimated_recall: float | None
    refused: Mapping[Reason, int]
    model: str
    methods: tuple[Method, ...]


class NotMatchedError(HabitueError):
    """Evaluation was asked of rules that match nothing by likeness."""

    code = "IDENTITY-NOT-MATCHING"

    def __init__(self) -> None:
        super().__init__(
            what="The project does not match records by likeness, so there is nothing to evaluate.",
            do="Declare `matching:` with its columns in identity/*.yaml.",
        )


def evaluate(
    table: pa.Table,
    truth: Mapping[str, str],
    rules: IdentityRules,
    *,
    model: MatchModel | None = None,
    baselines: bool = True,
    timer: Timer = lambda: 0.0,
    threads: int = 2,
    seed: int = SEED,
) -> Evaluation:
    """Match records whose truth is known, and say how right it comes out.

    Args:
        table: `record_id` and the columns that the rules name.
        truth: The person behind records, by record id; records without one are matched and not judged.
        rules: Who is who.
        model: A model learned before; learned from the records when None.
        baselines: Whether the exact rule and plain Splink are run as well.
        timer: Gives seconds used, for `Method.seconds`.
        threads: Of the matching.
        seed: Of the sample that learning takes.

    Raises:
        NotMatchedError: The rules match nothing by likeness.
    """
    if rules.matching is None:
        raise NotMatchedError
    labels = numbered(truth.get(record) for record in table[RECORD_ID].to_pylist())
    started = timer()
    prepared = prepare(table, rules.matching, region=rules.region)
    matches = match(prepared, rules.matching, model=model, threads=threads, seed=seed)
    clustering = _clustered(prepared, matches, rules)
    edges = matches.edges()[LinkState.LINK]
    methods = [_method("habitue", edges, clustering.oldest, labels, timer() - started)]
    if baselines:
        methods += _baselines(prepared, labels, timer, threads, seed)
    true_pairs = pairs_within(labels[labels >= 0])
    compared = Edges.of(matches.pairs.left, matches.pairs.right, matches.weight, matched=True)
    return Evaluation(
        records=table.num_rows,
        persons=len(np.unique(labels[labels >= 0])),
        true_pairs=true_pairs,
        compared=len(matches.pairs),
        blocking_recall=score_links(compared, labels).recall,
        estimated_recall=matches.recall,
        refused=Counter(each.reason for each in clustering.refused),
        model=matches.model.version,
        methods=tuple(methods),
    )


def judge(table: pa.Table, pairs: Sequence[tuple[str, str, bool]], rules: IdentityRules, *, threads: int = 2) -> Tally:
    """Persons against judgements of single pairs of record ids, where no whole truth is known.

    Raises:
        NotMatchedError: The rules match nothing by likeness.
    """
    if rules.matching is None:
        raise NotMatchedError
    prepared = prepare(table, rules.matching, region=rules.region)
    clustering = _clustered(prepared, match(prepared, rules.matching, threads=threads), rules)
    place = {record: index for index, record in enumerate(table[RECORD_ID].to_pylist())}
    known = [(place[one], place[two], same) for one, two, same in pairs if one in place and two in place]
    return score_labelled(clustering.oldest, known)


def _clustered(prepared: Prepared, matches: Matches, rules: IdentityRules) -> Clustering:
    return cluster(
        prepared.records,
        matches.edges()[LinkState.LINK],
        facts=prepared.facts(),
        guards=fitting_guards(rules.guards, matches.model),
    )


def _baselines(prepared: Prepared, labels: Ints, timer: Timer, threads: int, seed: int) -> list[Method]:
    started = timer()
    exact = exact_rule(prepared)
    methods = [_method("exact rule", exact, closed(prepared.records, exact), labels, timer() - started)]
    started = timer()
    splink = plain_splink(prepared, threads=threads, seed=seed)
    methods.append(_method("plain splink", splink, closed(prepared.records, splink), labels, timer() - started))
    return methods


def _method(name: str, edges: Edges, persons: Ints, labels: Ints, seconds: float) -> Method:
    sizes = np.unique(persons, return_counts=True)[1]
    return Method(
        name=name,
        links=score_links(edges, labels),
        persons=score_persons(persons, labels),
        exact=exact_share(persons, labels),
        largest=int(sizes.max(initial=0)),
        found=len(sizes),
        seconds=seconds,
    )
