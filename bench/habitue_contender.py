"""Habitue: the rules as a project would word them, answered by the rule language's batch reading."""

from zoneinfo import ZoneInfo

import duckdb
import ibis
import pyarrow as pa

from bench.contender import THREADS, Contender, Held, Limits
from bench.dataset import PROPERTIES, Dataset
from bench.definitions import Definition
from habitue import __version__
from habitue.engines.warehouse import Warehouse
from habitue.features.sessions import SESSION_EVENT, sessions
from habitue.features.visits import SESSION_SHAPE
from habitue.records import Kind, event_table
from habitue.rules import Catalogue, EventShape, Moment, check, check_condition, read
from habitue.rules.batch import Question, answer, members
from habitue.rules.tables import Tables

_GAP_US = 30 * 60 * 1_000_000
_READ = ("customer_id", "occurred_at", "duration_s")
_KINDS = {"product_id": Kind.TEXT, "category": Kind.TEXT, "revenue": Kind.MONEY, "items": Kind.INTEGER}


class HabitueContender(Contender):
    """A catalogue and tables as a project has them; each answer starts from the text of its rules."""

    def __init__(self, warehouse: Warehouse, dataset: Dataset) -> None:
        self.versions = {"habitue": __version__, "ibis": ibis.__version__, "duckdb": duckdb.__version__}
        self._warehouse = warehouse
        zone = ZoneInfo("UTC")
        shapes = [
            EventShape(name=name, properties={each: _KINDS[each] for each in properties})
            for name, properties in PROPERTIES.items()
        ]
        self._catalogue = Catalogue(
            zone=zone,
            events={shape.name: shape for shape in (*shapes, SESSION_SHAPE)},
            traits={"country": Kind.TEXT},
        )
        happened = {name: warehouse.table(event_table(name)) for name in PROPERTIES}
        self._tables = Tables(
            customers=warehouse.table("customers"),
            events={**happened, SESSION_EVENT: sessions(list(happened.items()), gap_us=_GAP_US, columns=_READ)},
        )
        self._moment = Moment(now=dataset.now, zone=zone)

    def answer(self, definition: Definition) -> Held:
        """Read and check the rules, lay out one query, run it, fetch the result."""
        question = Question(catalogue=self._catalogue, tables=self._tables, moment=self._moment, cuts={})
        if definition.rule:
            asked = members(check_condition(read(definition.rule), self._catalogue), question)
        else:
            figures = {name: check(read(rule), self._catalogue).node for name, rule in definition.figures.items()}
            asked = answer(figures, question)
        rows: pa.Table = self._warehouse.fetch(asked)
        return lambda: rows

    def close(self) -> None:
        """Give the file back."""
        self._warehouse.close()


def open_contender(dataset: Dataset, limits: Limits) -> Contender:
    """The same warehouse file, opened as Habitue opens a project's."""
    memory = limits.memory_mb * 1_000_000
    warehouse = Warehouse.open(dataset.warehouse, spill=limits.spill, memory=memory, threads=THREADS)
    return HabitueContender(warehouse, dataset)
