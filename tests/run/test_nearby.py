"""Those whom estimates look at are kept in memory: same answers, never once others would be given, let go of soon."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import ibis.expr.types as ir
import pytest
from sqlglot import expressions as exp

from habitue.cli.clock import system_surroundings
from habitue.engines.memory_tables import MemoryTables
from habitue.engines.warehouse_failures import WarehouseFullError
from habitue.govern.consent import ConsentState
from habitue.govern.roles import Role, access_of
from habitue.records import event_table
from habitue.run.anomalies import view_anomalies
from habitue.run.consenting import Word, record_consent
from habitue.run.drawn_customers import draw_customers
from habitue.run.erasing import erase
from habitue.run.measuring_attribution import AttributionAsked, measure_attribution
from habitue.run.measuring_cohorts import CohortsAsked, measure_cohorts
from habitue.run.measuring_frame import Asked
from habitue.run.measuring_funnels import FunnelAsked, measure_funnel
from habitue.run.measuring_paths import PathsAsked, measure_paths
from habitue.run.nearby import LEFT_FOR, MOST_AGE, Some
from habitue.run.segment_examining import RuleAsked
from habitue.run.segment_sizing import size_rule
from habitue.run.workspace import Workspace
from tests.measure.drawn import START, drawn, project_of
from tests.measure.near import keep_nearby
from tests.projects import put

ADMIN = access_of(Role.ADMIN)
NOW = datetime(2026, 7, 1, tzinfo=UTC)
FUNNEL = FunnelAsked(steps=("Seen", "Added", "Bought"), within="2d", by="kind")
RULE = RuleAsked(rule="did('Seen') and not did('Bought')")
ASKED: dict[str, Callable[[Workspace], object]] = {
    "a funnel": lambda shop: measure_funnel(shop, ADMIN, FUNNEL, estimate=True),
    "cohorts": lambda shop: measure_cohorts(shop, ADMIN, CohortsAsked(event="Seen", every="day"), estimate=True),
    "paths": lambda shop: measure_paths(shop, ADMIN, PathsAsked(to="Bought"), estimate=True),
    "attribution": lambda shop: measure_attribution(
        shop, ADMIN, AttributionAsked(touch="Seen", by="kind", to="Bought"), estimate=True
    ),
    "anomalies": lambda shop: view_anomalies(shop, ADMIN, days=2, estimate=True),
    "a funnel of some": lambda shop: measure_funnel(
        shop, ADMIN, replace(FUNNEL, about=Asked(of="did('Asked')")), estimate=True
    ),
    "a rule": lambda shop: size_rule(shop, ADMIN, RULE, exact=False),
}
METRICS = "metric: seen\nof: {figure: count, event: Seen}\n"
PURPOSES = "purpose: news\n"
IN_MEMORY = "SELECT schema_name FROM duckdb_tables() WHERE database_name = 'memory_of_all'"


class Hands:
    """A clock that is put forward."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def shop(tmp_path: Path, hands: Hands) -> Iterator[Workspace]:
    """A shop of many people, of whom an estimate looks at a fourth."""
    events: dict[str, list[tuple[str, str, str]]] = {}
    for who, at, place, kind in drawn(5, 400):
        name = ("Seen", "Added", "Bought", "Asked")[place]
        events.setdefault(name, []).append((who, f"{at:%Y-%m-%d %H:%M:%S}", kind))
    put(tmp_path / "shop" / "metrics" / "own.yaml", METRICS)
    put(tmp_path / "shop" / "policies" / "news.yaml", PURPOSES)
    folder = project_of(tmp_path / "shop", events)
    settings = (folder / "habitue.yaml").read_text(encoding="utf-8")
    put(folder / "habitue.yaml", f"{settings}estimate_from: 100\n")
    with Workspace.open(folder, around=replace(system_surroundings(), clock=hands)) as workspace:
        yield workspace


def places(shop: Workspace) -> set[str]:
    """Where something is kept in memory."""
    return {place for (place,) in shop.warehouse.con.execute(IN_MEMORY).fetchall()}


def kept(shop: Workspace) -> bool:
    """Whether those whom an estimate looks at are kept, and hold."""
    return shop.near(Some(ends=draw_customers(shop).ends)) is not None


def test_estimates_are_the_same_of_those_who_are_kept(shop: Workspace) -> None:
    before = {name: ask(shop) for name, ask in ASKED.items()}
    keep_nearby(shop)
    assert kept(shop)
    assert {name: ask(shop) for name, ask in ASKED.items()} == before
    beside = shop.beside()
    assert {name: ask(beside) for name, ask in ASKED.items()} == before
    beside.close()


# Three days are too few to look for anomalies in.
@pytest.mark.parametrize("name", [name for name in ASKED if name != "anomalies"])
def test_what_is_kept_is_what_is_looked_at(shop: Workspace, name: str) -> None:
    before = ASKED[name](shop)
    keep_nearby(shop)
    for event in shop.project.catalogue.events:
        table = exp.Table(this=exp.to_identifier(event_table(event)), db="nearby_1", catalog="memory_of_all")
        shop.warehouse.con.execute(exp.Delete(this=table).sql("duckdb"))
    assert ASKED[name](shop) != before


def test_nothing_is_kept_where_there_are_few(shop: Workspace) -> None:
    settings = (shop.project.folder / "habitue.yaml").read_text(encoding="utf-8")
    put(shop.project.folder / "habitue.yaml", settings.replace("100", "400"))
    folder, around = shop.project.folder, shop.around
    shop.close()
    with Workspace.open(folder, around=around) as again:
        keep_nearby(again)
        assert not kept(again)
        assert not places(again)


def first_of(shop: Workspace) -> str:
    """The first of the customers whom an estimate looks at."""
    drawn_ones = draw_customers(shop).some(shop.tables().customers)
    return str(min(shop.warehouse.fetch(drawn_ones).column("customer_id").to_pylist()))


def test_whoever_is_erased_is_not_in_memory_either(shop: Workspace) -> None:
    keep_nearby(shop)
    keep_nearby(shop)
    assert places(shop) == {"nearby_1"}
    first = first_of(shop)
    erase(shop, [first], actor="officer")
    assert not places(shop)
    assert not kept(shop)
    keep_nearby(shop)
    assert kept(shop)
    near = shop.near(Some(ends=draw_customers(shop).ends))
    assert near is not None
    assert first not in shop.warehouse.fetch(near.customers).column("customer_id").to_pylist()


def test_whoever_restricts_the_use_of_their_data_has_them_kept_anew_and_the_others_let_go(
    shop: Workspace, hands: Hands
) -> None:
    keep_nearby(shop)
    record_consent(shop, first_of(shop), Word(state=ConsentState.RESTRICTED))
    assert not kept(shop)
    keep_nearby(shop)
    assert kept(shop)
    # A question that began before may still be asking.
    assert places(shop) == {"nearby_1", "nearby_2"}
    hands.now += LEFT_FOR + timedelta(seconds=1)
    keep_nearby(shop)
    assert places(shop) == {"nearby_2"}


def test_a_word_about_a_purpose_leaves_them_as_they_are(shop: Workspace) -> None:
    keep_nearby(shop)
    record_consent(shop, first_of(shop), Word(state=ConsentState.GIVEN, purpose="news", occurred_at=START))
    assert kept(shop)
    estimate = size_rule(shop, ADMIN, RuleAsked(rule="consent.news"), exact=False)
    assert estimate.customers


def test_a_build_has_them_kept_anew(shop: Workspace) -> None:
    keep_nearby(shop)
    with (shop.project.folder / "from_0.csv").open("a", newline="") as file:
        file.write("c900,2026-01-03 10:00:00,new\n")
    shop.build()
    assert not kept(shop)
    before = ASKED["a funnel"](shop)
    keep_nearby(shop)
    assert kept(shop)
    assert ASKED["a funnel"](shop) == before


def test_what_messages_move_leaves_estimates_and_is_seen_in_lists_at_once(shop: Workspace, hands: Hands) -> None:
    keep_nearby(shop)
    lists, estimates = Some(below="c00"), Some(ends=draw_customers(shop).ends)
    assert shop.near(lists) is not None
    for number in range(3):
        # As a visitor comes in by a message.
        rows = "INSERT INTO customers BY NAME SELECT * REPLACE (? AS customer_id) FROM customers LIMIT 1"
        shop.warehouse.con.execute(rows, [f"c{number:012x}ffff"])
        assert shop.near(lists) is None
        assert kept(shop)
        keep_nearby(shop)
    assert places(shop) == {"nearby_1"}
    assert shop.near(estimates) is not None
    hands.now += MOST_AGE + timedelta(seconds=1)
    keep_nearby(shop)
    assert shop.near(lists) is not None
    assert places(shop) == {"nearby_1", "nearby_2"}
    hands.now += MOST_AGE + LEFT_FOR
    keep_nearby(shop)
    assert places(shop) == {"nearby_2"}, "nothing has moved since"


def test_where_there_is_no_room_everybody_is_looked_at(shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []

    def full(*table: object) -> None:
        tried.append(table)
        raise WarehouseFullError("Out of memory")

    before = ASKED["paths"](shop)
    with monkeypatch.context() as patched:
        patched.setattr(MemoryTables, "keep", full)
        with pytest.raises(WarehouseFullError):
            keep_nearby(shop)
        keep_nearby(shop)
    assert len(tried) == 1, "it is not tried again and again"
    assert ASKED["paths"](shop) == before


def test_what_is_broken_off_goes_on_where_it_was(shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    before, done, keep = ASKED["a funnel"](shop), list[str](), MemoryTables.keep

    def broken_off(self: MemoryTables, place: str, name: str, rows: ir.Table) -> None:
        if len(done) == 2:
            raise duckdb.InterruptException("INTERRUPT Error: Interrupted!")
        keep(self, place, name, rows)
        done.append(name)

    with monkeypatch.context() as patched:
        patched.setattr(MemoryTables, "keep", broken_off)
        with pytest.raises(duckdb.InterruptException):
            keep_nearby(shop)
    assert not kept(shop)
    keep_nearby(shop)
    assert kept(shop)
    assert places(shop) == {"nearby_1"}
    assert ASKED["a funnel"](shop) == before
