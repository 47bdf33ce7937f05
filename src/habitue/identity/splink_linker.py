"""The one file that speaks to Splink: a linker over records held in a private DuckDB in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from habitue.identity.blocking import area
from habitue.identity.comparisons import RARE, Comparison, Level, comparisons_for
from habitue.identity.edges import Floats, Ints
from habitue.identity.model import MatchModel
from habitue.identity.preparing import Prepared

if TYPE_CHECKING:
    from splink import Linker, SettingsCreator
    from splink.internals.comparison_creator import ComparisonCreator
    from splink.internals.comparison_level_creator import ComparisonLevelCreator

_ITERATIONS: Final = 40
_PRIVATE: Final = (
    "SET temp_directory = ''",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET enable_external_access = false",
    "SET enable_progress_bar = false",
    "SET lock_configuration = true",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What Splink found for one level; None where it found nothing."""

    m: float | None
    u: float | None


class Workbench:
    """Records in a private DuckDB in memory; nothing of them reaches a disk.

    Attributes:
        records: How many.
        table: The records, as Splink knows them.
        silent: A level of logging above all of Splink's.
    """

    silent: Final = 60

    def __init__(self, prepared: Prepared, *, threads: int) -> None:
        import duckdb
        from splink import DuckDBAPI

        self.records = prepared.records
        self._columns = tuple(prepared.text)
        self._connection = duckdb.connect(config={"threads": threads})
        for statement in _PRIVATE:
            self._connection.execute(statement)
        self._api = DuckDBAPI(self._connection)
        self.table = self._api.register(_table(prepared))

    def close(self) -> None:
        """Forget the records."""
        self._connection.close()

    def random_shares(self, model: MatchModel, *, pairs: int, seed: int) -> dict[tuple[str, str], float | None]:
        """How often random pairs are on each level."""
        linker = self._linker(model, without_u=True)
        linker.training.estimate_u_using_random_sampling(
            max_pairs=float(pairs), seed=seed, min_count_per_level=None, num_chunks=1
        )
        return {level: learned.u for level, learned in _learned(linker).items()}

    def expectation_maximisation(
        self, model: MatchModel, blocks: Sequence[tuple[str, ...]], *, pairs: int
    ) -> dict[tuple[str, str], float | None]:
        """How often pairs of one person are on each level, found without labels.

        Args:
            model: What different people agree on (`u`), which stays as it is.
            blocks: Columns that pairs agree on in each pass; a pass teaches the comparisons of other columns.
            pairs: At most about so many in each pass.
        """
        from splink import block_on

        linker = self._linker(model, without_m=True)
        for columns in blocks:
            linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(*columns),
                estimate_without_term_frequencies=True,
                max_pairs=float(pairs),
                record_sample_proportion=1.0,
            )
        return {level: learned.m for level, learned in _learned(linker).items()}

    def weights(self, model: MatchModel, left: Ints, right: Ints) -> Floats:
        """The weight of each pair, in bits.

        Args:
            model: What levels are worth.
            left: Places of records.
            right: Places of others, each pair once.
        """
        linker = self._linker(model)
        pairs = self._api.register(
            pa.table({"join_key_l": left, "join_key_r": right, "match_key": pa.repeat(pa.scalar("0"), len(left))})
        )
        linker.table_management.register_blocked_pairs_for_predict(pairs)
        scored = linker.inference.predict(warning_mode="never")
        found = self.rows(scored.physical_name)
        one, two = found["record_id_l"].to_numpy(), found["record_id_r"].to_numpy()
        weight = found["match_weight"].to_numpy()
        order = np.lexsort((np.maximum(one, two), np.minimum(one, two)))
        back = np.lexsort((right, left))
        result = np.empty(len(left), dtype=np.float64)
        result[back] = weight[order]
        return result

    def rows(self, table: str) -> pa.Table:
        """A table that Splink made."""
        return self._connection.table(table).to_arrow_table()

    def _linker(self, model: MatchModel, *, without_m: bool = False, without_u: bool = False) -> "Linker":
        from splink import Linker

        return Linker(
            self.table,
            _settings(model, self._columns, without_m=without_m, without_u=without_u),
            log_level=self.silent,
            validate_settings=False,
        )


def _table(prepared: Prepared) -> pa.Table:
    columns: dict[str, pa.Array] = {"record_id": pa.array(np.arange(prepared.records))}
    columns |= {role: column.array() for role, column in prepared.text.items()}
    if "postcode" in prepared.text:
        columns["area"] = prepared.text["postcode"].map(area).array()
    if "email" in prepared.text:
        local = prepared.text["email"].map(lambda address: address.partition("@")[0])
        columns |= {"email_local": local.array(), "email_named": pa.array(prepared.named)}
    return pa.table(columns)


def _settings(model: MatchModel, columns: Sequence[str], *, without_m: bool, without_u: bool) -> "SettingsCreator":
    from splink import SettingsCreator, block_on

    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record_id",
        comparisons=[
            _comparison(each, model, without_m=without_m, without_u=without_u) for each in comparisons_for(columns)
        ],
        blocking_rules_to_generate_predictions=[block_on(columns[0])],
        probability_two_random_records_match=model.prior,
        max_iterations=_ITERATIONS,
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )


def _comparison(comparison: Comparison, model: MatchModel, *, without_m: bool, without_u: bool) -> "ComparisonCreator":
    from splink.comparison_level_library import CustomLevel, NullLevel
    from splink.comparison_library import CustomComparison

    missing: ComparisonLevelCreator = NullLevel(comparison.name)
    if comparison.missing:
        missing = CustomLevel(comparison.missing, label_for_charts="missing").configure(is_null_level=True)
    levels: list[ComparisonLevelCreator | dict[str, Any]] = [missing]
    for level in comparison.levels:
        worth = model.levels[comparison.name, level.name]
        made = _level(comparison, level)
        if not without_m:
            made = made.configure(m_probability=worth.m)
        if not without_u:
            made = made.configure(u_probability=worth.u)
        levels.append(made)
    return CustomComparison(output_column_name=comparison.name, comparison_levels=levels)


def _level(comparison: Comparison, level: Level) -> "ComparisonLevelCreator":
    from splink.comparison_level_library import CustomLevel, ElseLevel, ExactMatchLevel, JaroWinklerLevel

    made: ComparisonLevelCreator
    if level.holds:
        made = CustomLevel(level.holds)
    elif level.name == "same":
        made = ExactMatchLevel(comparison.name)
    elif level.name == "near":
        made = JaroWinklerLevel(comparison.name, 0.9)
    else:
        made = ElseLevel()
    made = made.configure(label_for_charts=level.name)
    if level.by_frequency:
        made = made.configure(tf_adjustment_column=level.by_frequency, tf_minimum_u_value=RARE)
    return made


def _learned(linker: "Linker") -> Mapping[tuple[str, str], Learned]:
    found: dict[tuple[str, str], Learned] = {}
    for comparison in linker.misc.save_model_to_json()["comparisons"]:
        for level in comparison["comparison_levels"]:
            name = (str(comparison["output_column_name"]), str(level["label_for_charts"]))
            found[name] = Learned(m=_share(level.get("m_probability")), u=_share(level.get("u_probability")))
    return found


def _share(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and 0 <= value <= 1 else None
