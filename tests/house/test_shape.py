"""Names, sizes and openings: what a file may be called, how long it may be, how it begins."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

from tests.house.tree import PACKAGE, ROOT, parsed, place, public_definitions, public_names, python_files

GRAB_BAGS = re.compile(
    r"(utils?|helpers?|common|misc|managers?|shared|tools?|base_\w+|\w+_(utils?|helpers?|managers?))"
)
LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 60
EXEMPTIONS = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:\s*no cover|mypy:|ruff:|pylint:|pyright:)", re.IGNORECASE)

EVERYWHERE = python_files("src", "tests", "bench")
OURS = python_files("src")


def test_no_file_or_folder_has_a_grab_bag_name() -> None:
    """`utils` and its cousins say nothing about what they hold."""
    parts = {part for path in EVERYWHERE for part in path.relative_to(ROOT).with_suffix("").parts}
    assert sorted(part for part in parts if GRAB_BAGS.fullmatch(part)) == []


@pytest.mark.parametrize("name", ["utils", "helper", "base_engine", "date_utils", "shared", "misc"])
def test_grab_bag_names_are_recognised(name: str) -> None:
    assert GRAB_BAGS.fullmatch(name)


def test_no_file_is_longer_than_it_may_be() -> None:
    lengths = {place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in EVERYWHERE}
    assert {name: lines for name, lines in lengths.items() if lines > LINES_OF_A_FILE} == {}


def test_no_function_is_longer_than_it_may_be() -> None:
    long = [
        f"{place(path, node.lineno)} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for path in EVERYWHERE
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > LINES_OF_A_FUNCTION
    ]
    assert long == []


def test_every_module_opens_by_saying_what_it_is() -> None:
    silent = [place(path) for path in EVERYWHERE if path.read_text().strip() and not ast.get_docstring(parsed(path))]
    assert silent == []


def test_every_public_class_and_function_says_what_it_is() -> None:
    silent = [
        f"{place(path, node.lineno)} {node.name}"
        for path in OURS
        for node in public_definitions(parsed(path))
        if not ast.get_docstring(node)
    ]
    assert silent == []


def test_every_package_states_its_public_names() -> None:
    unstated = [place(path) for path in OURS if path.name == "__init__.py" and public_names(parsed(path)) is None]
    assert unstated == []


def test_every_stated_name_exists() -> None:
    missing = [
        f"{place(path)} {name}"
        for path in OURS
        for name in public_names(parsed(path)) or []
        if name not in _bound(path) and not (path.parent / f"{name}.py").exists() and not (path.parent / name).is_dir()
    ]
    assert missing == []


def _bound(path: Path) -> set[str]:
    """The names that a module binds at its top, or answers for in `__getattr__`."""
    names: set[str] = set()
    for node in ast.walk(parsed(path)):
        match node:
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names |= {alias.asname or alias.name for alias in aliases}
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
    return names


def test_templates_hold_data_only() -> None:
    assert [place(path) for path in (PACKAGE / "templates").rglob("*.py")] == []


def test_no_comment_exempts_a_line_from_a_check() -> None:
    exempt = [
        f"{place(path, token.start[0])} {token.string}"
        for path in EVERYWHERE
        for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
        if token.type == tokenize.COMMENT and EXEMPTIONS.match(token.string)
    ]
    assert exempt == []
