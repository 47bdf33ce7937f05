"""Every command, error code and public name has its entry on the look-up shelf, and every link leads somewhere."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.house.tree import PACKAGE, ROOT, parsed, place, public_names, python_files

LOOK_UP = ROOT / "docs" / "look-up"
CODE = re.compile(r"[A-Z]+(-[A-Z]+)+")
ENTRY = re.compile(r"`([A-Z]+(?:-[A-Z]+)*)`")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def codes_in(path: Path) -> set[str]:
    """The codes that a file gives to errors, faults and failed rows: set as `code`, or written like one."""
    codes: set[str] = set()
    for node in ast.walk(parsed(path)):
        match node:
            case ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str(code))) if code.isupper():
                codes.add(code)
            case ast.keyword(arg="code", value=ast.Constant(value=str(code))) if code.isupper():
                codes.add(code)
            case ast.Constant(value=str(code)) if CODE.fullmatch(code):
                codes.add(code)
    return codes


def test_the_commands_page_is_what_the_commands_say_of_themselves() -> None:
    """`make docs` writes the page anew."""
    said = subprocess.run(
        [sys.executable, "-m", "typer", "habitue.cli", "utils", "docs", "--name", "habitue", "--title", "Commands"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env={**os.environ, "COLUMNS": "120", "NO_COLOR": "1"},
    )
    assert (LOOK_UP / "commands.md").read_text(encoding="utf-8").strip() == said.stdout.strip()


def test_every_error_code_has_an_entry() -> None:
    entries = set(ENTRY.findall((LOOK_UP / "errors.md").read_text(encoding="utf-8")))
    missing = {f"{code} ({place(path)})" for path in python_files("src") for code in codes_in(path) - entries}
    assert sorted(missing) == []


def test_no_error_entry_is_left_over() -> None:
    listed = re.findall(r"^(?:#+ |\| )`([A-Z-]+)`", (LOOK_UP / "errors.md").read_text(encoding="utf-8"), re.MULTILINE)
    known = {code for path in python_files("src") for code in codes_in(path)}
    assert sorted(set(listed) - known) == []


def test_every_public_name_has_an_entry() -> None:
    page = (LOOK_UP / "python.md").read_text(encoding="utf-8")
    names = public_names(parsed(PACKAGE / "__init__.py")) or []
    assert [name for name in names if f"`{name}" not in page and f"`habitue.{name}" not in page] == []


def test_every_link_between_pages_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "changelog.d").glob("*.md")]
    broken = [
        f"{place(page)}: {target}"
        for page in pages
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_changelog_fragment_says_its_kind() -> None:
    fragments = [path.name for path in (ROOT / "changelog.d").glob("*") if path.name != "README.md"]
    assert [
        name for name in fragments if not re.fullmatch(r"[a-z0-9-]+\.(added|changed|fixed|removed)\.md", name)
    ] == []
