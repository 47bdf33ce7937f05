"""The catalogue of personal data names whatever is kept; a table or a column that it does not name fails a build."""

import importlib
import pkgutil
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

import habitue
from habitue.config import STATE_FOLDER
from habitue.govern.catalogue import TERMS, Catalogue, Category, FoundTable, Store, declare
from habitue.run.catalogue import FILES, project_catalogue, stored_tables, tables_in, warehouse_tables
from habitue.run.project import read_project
from habitue.run.stores import open_warehouse
from habitue.state.sqlite import Format
from tests.terminal import answer
from tests.terminal import habitue as command


def formats() -> list[tuple[str, Format]]:
    """Every layout of a database that any room declares, with the name of its module."""
    found: dict[int, tuple[str, Format]] = {}
    for module in pkgutil.walk_packages(habitue.__path__, "habitue."):
        if module.name.endswith((".__main__", "engines.spark")):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Format):
                found.setdefault(value.application, (module.name, value))
    return sorted(found.values(), key=lambda each: each[0])


def declared_anywhere(table: FoundTable, catalogue: Catalogue) -> bool:
    """Whether some store's declaration names the table with all of its columns."""
    named = [each for each in catalogue.tables if each.name == table.name]
    return any(set(table.columns) <= {column.name for column in each.columns} for each in named)


def test_every_database_of_every_room_is_in_the_catalogue(shop: Path) -> None:
    catalogue = project_catalogue(read_project(shop))
    missing = []
    for module, layout in formats():
        with closing(sqlite3.connect(":memory:")) as connection:
            for statement in layout.statements:
                connection.execute(statement)
            missing += [
                f"{module}: {each.name}"
                for each in tables_in(connection, module)
                if not declared_anywhere(each, catalogue)
            ]
    assert len(formats()) >= 7
    assert missing == []


def test_whatever_a_built_project_keeps_is_in_the_catalogue(demo_project: Path) -> None:
    project = read_project(demo_project)
    with open_warehouse(demo_project / STATE_FOLDER, None) as warehouse:
        found = [*warehouse_tables(warehouse), *stored_tables(demo_project)]
    assert [str(each) for each in project_catalogue(project).undeclared(found)] == []
    assert {each.store for each in found} >= {"warehouse", "vault", "control", "history", "audit", "privacy"}


def test_a_table_that_nothing_declares_fails_the_build_and_is_named(shop: Path) -> None:
    with duckdb.connect(str(shop / STATE_FOLDER / "warehouse.duckdb")) as con:
        con.execute("CREATE TABLE shadow (email VARCHAR)")
    outcome = command("build", "--project", shop, "--json")
    assert outcome.code == 1
    assert outcome.error["code"] == "CATALOGUE-UNDECLARED"
    assert "warehouse:shadow" in outcome.error["what"]


@pytest.mark.parametrize("file", ["control.sqlite", "vault.sqlite", "other.sqlite"])
def test_a_column_or_database_that_nothing_declares_fails_the_build_and_is_named(shop: Path, file: str) -> None:
    with closing(sqlite3.connect(shop / STATE_FOLDER / file)) as connection:
        connection.execute("CREATE TABLE notes_of_mine (phone TEXT)")
    outcome = command("build", "--project", shop, "--json")
    assert outcome.error["code"] == "CATALOGUE-UNDECLARED"
    assert "notes_of_mine" in outcome.error["what"]


def test_a_column_that_nothing_declares_is_named_with_its_table() -> None:
    catalogue = Catalogue([declare(Store.VAULT, "facts", "name:technical value:key")])
    found = FoundTable(store="vault", name="facts", columns=("name", "value", "email"))
    assert [str(each) for each in catalogue.undeclared([found])] == ["vault:facts.email"]


def test_every_category_has_its_term_of_the_privacy_vocabulary() -> None:
    assert set(TERMS) == set(Category)
    assert all(term.startswith(("dpv:", "pd:")) for term in TERMS.values())


def test_every_table_says_whose_it_is_and_every_personal_column_what_it_says(demo_project: Path) -> None:
    catalogue = project_catalogue(read_project(demo_project))
    about_people = [each for each in catalogue.tables if each.is_personal]
    assert [each.name for each in about_people if each.column(each.subject_key) is None] == []
    assert {each.store for each in about_people} >= set(Store) - {Store.ACCOUNTS, Store.DRAFTS}
    crm = catalogue.table("warehouse", "customers")
    assert crm is not None
    email = crm.column("email")
    assert email is not None
    assert (email.personal, email.category) == (True, Category.CONTACT)


def test_the_catalogue_knows_the_file_of_every_store() -> None:
    assert set(FILES.values()) == set(Store) - {Store.WAREHOUSE, Store.HISTORY}


def test_a_sound_project_builds(shop: Path) -> None:
    assert answer("build", "--project", shop, "--full")["build"] >= 2
