"""What takes part in the race: something that answers a definition over the generated tables."""

import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from bench.dataset import Dataset
from bench.definitions import Definition

Held = Callable[[], pa.Table]
"""An answer held in the contender's own form; calling it hands the answer over as Arrow columns."""

THREADS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a contender may use.

    Attributes:
        memory_mb: Megabytes that an engine with such a setting may take for tables and operators.
        spill: Folder for what does not fit.
    """

    memory_mb: int
    spill: Path


class Contender(ABC):
    """One way to answer the definitions.

    Attributes:
        versions: Versions of the libraries at work, by name.
    """

    versions: Mapping[str, str]

    @abstractmethod
    def answer(self, definition: Definition) -> Held:
        """Everything from the definition to the finished answer in memory; this is what is timed."""

    @abstractmethod
    def close(self) -> None:
        """Let go of files and connections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A contender by name.

    Attributes:
        name: As on the command line.
        title: As in tables.
        module: Where its `open_contender` is; imported only in the process that runs it.
        needs: A module that must be installed.
        is_close: Runs in every round; the others, whose promised ratios leave room for noise, in the first only.
    """

    name: str
    title: str
    module: str
    needs: str
    is_close: bool = False


ENTRIES: Final = (
    Entry(name="habitue", title="Habitue", module="bench.habitue_contender", needs="habitue", is_close=True),
    Entry(name="sql", title="SQL by hand", module="bench.sql_contender", needs="duckdb", is_close=True),
    Entry(name="polars", title="Polars", module="bench.polars_contender", needs="polars"),
    Entry(name="pandas", title="pandas", module="bench.pandas_contender", needs="pandas"),
    Entry(name="spark", title="Spark", module="bench.spark_contender", needs="pyspark"),
)


def entry_of(name: str) -> Entry:
    """The contender of a name."""
    return next(entry for entry in ENTRIES if entry.name == name)


def open_contender(entry: Entry, dataset: Dataset, limits: Limits) -> Contender:
    """A contender ready to answer over a dataset; its libraries are imported here."""
    opened = importlib.import_module(entry.module).open_contender(dataset, limits)
    if not isinstance(opened, Contender):
        raise TypeError(entry.module)
    return opened
