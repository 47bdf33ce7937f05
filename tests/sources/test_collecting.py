"""Live sources as projects declare them, and what is wrong with a declaration, by file and line."""

from importlib.resources import files
from pathlib import Path

import pytest

from habitue.config import Settings
from habitue.config.schemas import schema_of
from habitue.run.project import KINDS, check_project, read_project
from habitue.sources.collecting import ContractMode
from habitue.sources.project import read_source_files
from tests.projects import put
from tests.sources.inboxes import CONTRACTS, SITE
from tests.sources.shops import open_shop

SETTINGS = Settings(name="shop")


def declare(folder: Path, text: str) -> Path:
    put(folder / "habitue.yaml", "name: shop\n")
    put(folder / "contracts" / "all.yaml", CONTRACTS)
    put(folder / "sources" / "site.yaml", text)
    return folder


def test_a_live_source_needs_no_more_than_its_name(tmp_path: Path) -> None:
    project, faults = read_source_files(declare(tmp_path, SITE), SETTINGS)
    (plan,) = project.collected
    assert (faults, project.sources) == ([], ())
    assert (plan.name, plan.contract, plan.events) == ("site", ContractMode.NOTE, {})
    assert set(plan.contracts) == {"Order Completed", "Product Ordered", "Product Added", "Page Viewed"}


def test_a_project_whose_events_only_come_live_has_their_tables(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    declare(tmp_path, SITE)
    assert shop.load_all() == []
    names = set(shop.warehouse.tables())
    assert {"event_order_completed", "event_product_ordered", "event_product_added", "event_page_viewed"} <= names


@pytest.mark.parametrize(
    ("more", "line", "code", "what"),
    [
        ("contract: maybe\n", 3, "FIELD-VALUE", ""),
        ("files: data\n", 3, "FIELD-UNKNOWN", ""),
        ("events:\n  buy: Order Complete\n", 4, "EVENT-UNKNOWN", "Order Complete"),
        ("properties:\n  order_idd: properties.id\n", 4, "CONTRACT-UNKNOWN", "order_idd"),
        ("traits:\n  cite: traits.town\n", 4, "CONTRACT-UNKNOWN", "cite"),
        ("properties:\n  order_id: somewhere.id\n", 4, "SOURCE-WRITTEN", "somewhere.id"),
        ("properties:\n  order_id: context\n", 4, "SOURCE-WRITTEN", "context"),
        ("properties:\n  order_id: []\n", 4, "FIELD-VALUE", ""),
    ],
)
def test_a_slip_is_a_fault_at_its_line(tmp_path: Path, more: str, line: int, code: str, what: str) -> None:
    project, faults = read_source_files(declare(tmp_path, SITE + more), SETTINGS)
    (fault,) = {(each.file, each.line, each.code): each for each in faults}.values()
    assert (fault.file, fault.line, fault.code) == ("sources/site.yaml", line, code)
    assert what in fault.what
    assert project.collected == ()


def test_a_kind_of_identifiers_that_identity_does_not_know_is_a_fault(tmp_path: Path) -> None:
    folder = declare(tmp_path, f"{SITE}identifiers:\n  loyalty_card: traits.card\n  cookies: anonymousId\n")
    _, faults = check_project(folder)
    assert [(each.line, each.code) for each in faults] == [(5, "NAMESPACE-UNKNOWN")]
    assert "'cookie'" in faults[0].do
    put(folder / "identity" / "people.yaml", "identity: people\nnamespaces:\n  cookies: {limit: 3}\n")
    assert check_project(folder)[1] == []


def test_a_name_is_given_once_to_files_and_live_sources_together(tmp_path: Path) -> None:
    folder = declare(tmp_path, SITE)
    spec = "source: site\nfiles: data\ncolumns: {a: {field: a}}\nmakes: [{items: a}]\n"
    put(folder / "sources" / "zwei.yaml", spec)
    _, faults = read_source_files(folder, SETTINGS)
    assert [(each.file, each.code) for each in faults] == [("sources/zwei.yaml", "SOURCE-TWICE")]


def test_editors_are_told_of_both_kinds_of_sources() -> None:
    schema = schema_of(KINDS["sources"])
    assert '"collect"' in schema
    assert '"makes"' in schema


def test_the_sample_shop_takes_visits_live() -> None:
    project = read_project(Path(str(files("habitue") / "templates" / "retail")))
    assert [plan.name for plan in project.sources.collected] == ["site"]
