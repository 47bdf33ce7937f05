"""What matching is measured against: an exact rule, and Splink as its manual sets it up with connected components."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from habitue.identity.clustering import cluster
from habitue.identity.edges import Edges, Facts, Ints
from habitue.identity.identifiers import Identifiers, link_by_identifiers
from habitue.identity.preparing import Prepared
from habitue.identity.rules import Guards, IdentityRules, Namespace
from habitue.identity.splink_linker import Workbench

if TYPE_CHECKING:
    from splink.internals.comparison_creator import ComparisonCreator

THRESHOLD: Final = 0.95
_ANY: Final = 1_000_000_000
_OPEN: Final = Guards(birth_date=False, size=_ANY, matched_size=_ANY, support=0.0)
_DETERMINISTIC: Final = (
    ("given_name", "surname", "birth_date"),
    ("email",),
    ("phone",),
    ("given_name", "surname", "street"),
)
_BLOCKS: Final = (
    ("given_name", "surname"),
    ("birth_date",),
    ("email",),
    ("phone",),
    ("surname", "postcode"),
    ("given_name", "postcode"),
    ("postcode", "street"),
    ("surname", "city"),
)
_EM: Final = (("given_name", "surname"), ("birth_date",), ("email",), ("postcode",), ("city",))
_RECALL: Final = 0.7


def closed(records: int, edges: Edges) -> Ints:
    """The oldest record of each record's connected component: links joined without any guard."""
    return cluster(records, edges, facts=Facts.none(records), guards=_OPEN).oldest


def exact_rule(prepared: Prepared) -> Edges:
    """Records of one name and date of birth, or one e-mail address; of one name and street where dates are absent."""
    text = prepared.text
    wanted = [("given_name", "surname", "birth_date" if "birth_date" in text else "street"), ("email",)]
    found = [_equal(prepared, columns) for columns in wanted if all(column in text for column in columns)]
    return Edges.joined(found)


def _equal(prepared: Prepared, columns: Sequence[str]) -> Edges:
    rows = np.arange(prepared.records)
    texts = [prepared.text[column].rows(rows) for column in columns]
    values = [
        None if any(each is None for each in parts) else "\x1f".join(each or "" for each in parts)
        for parts in zip(*texts, strict=True)
    ]
    rules = IdentityRules(namespaces=(Namespace(name="exact", shared_by=_ANY),))
    return link_by_identifiers({"exact": Identifiers.of(rows, values)}, rules).edges["exact"]


def plain_splink(prepared: Prepared, *, threads: int, seed: int) -> Edges:
    """Links of at least 0.95 by Splink with the comparisons of its own library, eight blocking rules and EM.

    Args:
        prepared: The records.
        threads: Of DuckDB.
        seed: Of the random pairs.
    """
    from splink import Linker, SettingsCreator, block_on

    bench = Workbench(prepared, threads=threads)
    try:
        have = set(prepared.text)
        linker = Linker(
            bench.table,
            SettingsCreator(
                link_type="dedupe_only",
                unique_id_column_name="record_id",
                comparisons=list(_comparisons(have)),
                blocking_rules_to_generate_predictions=[block_on(*each) for each in _BLOCKS if have.issuperset(each)],
                retain_matching_columns=False,
                retain_intermediate_calculation_columns=False,
            ),
            log_level=bench.silent,
            validate_settings=False,
        )
        linker.training.estimate_probability_two_random_records_match(
            [block_on(*each) for each in _DETERMINISTIC if have.issuperset(each)], recall=_RECALL
        )
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6 + 1, seed=seed)
        for each in [each for each in _EM if have.issuperset(each)][:3]:
            linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(*each), record_sample_proportion=1.0, estimate_without_term_frequencies=True
            )
        scored = linker.inference.predict(threshold_match_probability=THRESHOLD, warning_mode="never")
        found = bench.rows(scored.physical_name)
        return Edges.of(
            found["record_id_l"].to_numpy(),
            found["record_id_r"].to_numpy(),
            found["match_weight"].to_numpy(),
            matched=True,
        )
    finally:
        bench.close()


def _comparisons(have: set[str]) -> "Sequence[ComparisonCreator]":
    from splink import comparison_library as library

    usual: list[tuple[str, ComparisonCreator]] = [
        ("given_name", library.NameComparison("given_name")),
        ("surname", library.NameComparison("surname")),
        ("birth_date", library.DateOfBirthComparison("birth_date", input_is_string=True)),
        ("email", library.EmailComparison("email")),
        ("phone", library.ExactMatch("phone")),
        ("postcode", library.ExactMatch("postcode").configure(term_frequency_adjustments=True)),
        ("city", library.ExactMatch("city").configure(term_frequency_adjustments=True)),
        ("street", library.LevenshteinAtThresholds("street", 2)),
    ]
    also = sorted(column for column in have if column.startswith("also_"))
    usual += [(column, library.LevenshteinAtThresholds(column, 2)) for column in also]
    return [comparison for column, comparison in usual if column in have]
