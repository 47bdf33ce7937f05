"""A learned matching model: what each level of agreement is worth, and how rare matches are. It names nobody."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Self

from pydantic import Field, ValidationError

from habitue.config import Declared
from habitue.errors import HabitueError
from habitue.identity.comparisons import comparisons_for

FORMAT: Final = 1
_DIGITS: Final = 6


class ModelDamagedError(HabitueError):
    """A stored matching model cannot be used."""

    code = "IDENTITY-MODEL-DAMAGED"

    def __init__(self, why: str) -> None:
        super().__init__(
            what=f"The stored matching model cannot be used: {why}.", do="Learn it anew with `habitue build --full`."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What one level of agreement is worth.

    Attributes:
        m: Its share among pairs of one person.
        u: Its share among pairs of different people.
    """

    m: float
    u: float

    @property
    def weight(self) -> float:
        """For or against one person, in bits."""
        return math.log2(self.m / self.u)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchModel:
    """What a matching model has learned.

    Attributes:
        columns: The columns it compares, sorted.
        levels: What each level of each comparison is worth.
        prior: Share of pairs that are one person, among all pairs.
    """

    columns: tuple[str, ...]
    levels: Mapping[tuple[str, str], Worth]
    prior: float

    @property
    def version(self) -> str:
        """Twelve hexadecimal digits of what it has learned; equal models have equal ones."""
        return hashlib.sha256(self._body().encode()).hexdigest()[:12]

    def with_prior(self, prior: float) -> Self:
        """The same model for data where matches are as rare as that."""
        return replace(self, prior=rounded(prior))

    def _body(self) -> str:
        comparisons: dict[str, dict[str, list[float]]] = {}
        for (comparison, level), worth in self.levels.items():
            comparisons.setdefault(comparison, {})[level] = [worth.m, worth.u]
        body = {"format": FORMAT, "columns": self.columns, "prior": self.prior, "comparisons": comparisons}
        return json.dumps(body, sort_keys=True, separators=(",", ":"))

    def to_json(self) -> str:
        """The model as text, with its version."""
        return json.dumps({"version": self.version, **json.loads(self._body())}, sort_keys=True, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """A model from text; nothing in it is run.

        Raises:
            ModelDamagedError: The text is not a model, or was changed.
        """
        try:
            file = _ModelFile.model_validate_json(text)
        except ValidationError as error:
            raise ModelDamagedError(f"{error.error_count()} of its fields are wrong") from None
        levels = {
            (comparison, level): Worth(m=m, u=u)
            for comparison, worths in file.comparisons.items()
            for level, (m, u) in worths.items()
        }
        model = cls(columns=tuple(file.columns), levels=MappingProxyType(levels), prior=file.prior)
        wanted = {(each.name, level.name) for each in comparisons_for(model.columns) for level in each.levels}
        if set(levels) != wanted or any(not (0 < each.m <= 1 and 0 < each.u <= 1) for each in levels.values()):
            raise ModelDamagedError("its levels are not those that its columns have")
        if model.version != file.version:
            raise ModelDamagedError("it was changed after it was learned")
        return model


class _ModelFile(Declared):
    """How a model is written."""

    version: str = Field(pattern=r"^[0-9a-f]{12}$")
    format: int = Field(ge=FORMAT, le=FORMAT)
    columns: list[str] = Field(max_length=32)
    prior: float = Field(gt=0, lt=1)
    comparisons: dict[str, dict[str, list[float]]]


def untrained(columns: tuple[str, ...], prior: float) -> MatchModel:
    """The model before anything is learned."""
    levels = {
        (each.name, level.name): Worth(m=level.m, u=level.u)
        for each in comparisons_for(columns)
        for level in each.levels
    }
    return MatchModel(columns=tuple(sorted(columns)), levels=MappingProxyType(levels), prior=rounded(prior))


def rounded(value: float) -> float:
    """The number with six digits that count: sums in another order differ in the last bits only."""
    return float(f"{value:.{_DIGITS}g}")
