"""What is imported is declared, and what is declared is locked: by exact version and hash, without addresses."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT, parsed, place, python_files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PINNED = re.compile(r"([a-z0-9-]+)(\[[a-z0-9,-]+\])?==(\S+)( ; .+)?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def declared(*extras: str) -> set[str]:
    """The distributions that the package asks for, with those of the named extras."""
    project = PROJECT["project"]
    lines = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    return {canonicalize_name(Requirement(line).name) for line in lines}


def pins(lock: Path) -> dict[str, str]:
    """The version of every distribution in a lock."""
    found = (PINNED.match(line) for line in lock.read_text(encoding="utf-8").splitlines())
    return {match[1]: match[3] for match in found if match}


def imported(path: Path) -> set[tuple[int, str]]:
    """Line and first name of every import of a file."""
    names: set[tuple[int, str]] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names |= {(node.lineno, alias.name.partition(".")[0]) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add((node.lineno, node.module.partition(".")[0]))
    return names


def test_everything_the_package_imports_is_declared() -> None:
    asked = declared(*PROJECT["project"]["optional-dependencies"])
    providers = packages_distributions()
    undeclared = [
        f"{place(path, line)} {name}"
        for path in python_files("src")
        for line, name in sorted(imported(path))
        if name not in sys.stdlib_module_names
        and name not in ("habitue", "pyspark")
        and not {canonicalize_name(each) for each in providers.get(name, [])} & asked
    ]
    assert undeclared == []


def test_the_runtime_lock_holds_everything_that_is_declared() -> None:
    assert declared() - pins(ROOT / "requirements" / "runtime.txt").keys() == set()


def test_the_spark_lock_holds_the_spark_extra() -> None:
    assert declared("spark") - pins(ROOT / "requirements" / "spark.txt").keys() == set()


def test_the_locks_agree_on_every_version() -> None:
    versions: dict[str, set[str]] = {}
    for lock in LOCKS:
        for name, version in pins(lock).items():
            versions.setdefault(name, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_a_lock_holds_exact_versions_with_hashes_and_nothing_else(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        pin, *hashes = re.split(r"\s+(?=--hash)", line.strip())
        assert PINNED.fullmatch(pin.strip()), line
        assert hashes, line
        assert all(HASH.fullmatch(each.strip()) for each in hashes), line


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_a_lock_names_no_address_and_no_place_of_one_machine(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host|@ |(^|\s)/", text)
