"""The house rules of the web app: small files, nothing from outside, nothing inline, no scripts of packages."""

import json
import re
from pathlib import Path
from typing import Final

from habitue.server.static import PAGES
from tests.house.tree import ROOT

WEB: Final = ROOT / "web"
LONGEST: Final = 400
_PATH: Final = re.compile(r"\{ path: \"(/[^\"]*)\"")
_OUTSIDE: Final = re.compile(r"https?://(?!www\.w3\.org/|[\w.-]*example\.com)[\w.-]+")
_INLINE: Final = re.compile(r"dangerouslySetInnerHTML|innerHTML|\beval\(|new Function\(|cssText")


def sources() -> list[Path]:
    return [each for each in sorted((WEB / "src").rglob("*")) if each.suffix in {".ts", ".tsx", ".css"}]


def test_no_file_of_the_app_is_long() -> None:
    long = [each.relative_to(ROOT) for each in sources() if len(each.read_text("utf-8").splitlines()) > LONGEST]
    assert [each for each in long if each.name != "types.gen.ts"] == []


def test_the_app_names_no_other_machine_and_makes_no_markup_of_text() -> None:
    found = [
        f"{each.relative_to(ROOT)}: {match[0]}"
        for each in sources()
        for pattern in (_OUTSIDE, _INLINE)
        for match in pattern.finditer(each.read_text("utf-8"))
    ]
    assert found == []


def test_the_page_holds_nothing_inline() -> None:
    page = (WEB / "index.html").read_text("utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=", page) == []


def test_every_page_of_the_app_is_a_path_of_the_server() -> None:
    paths = _PATH.findall((WEB / "src" / "app" / "routes.tsx").read_text("utf-8"))
    assert len(paths) > 10
    assert {each.split("/")[1] for each in paths} - PAGES == set()


def test_packages_are_locked_by_digest_without_a_host_and_run_no_scripts() -> None:
    lock = json.loads((WEB / "package-lock.json").read_text("utf-8"))
    packages = {name: each for name, each in lock["packages"].items() if name}
    assert [name for name, each in packages.items() if "resolved" in each or "integrity" not in each] == []
    assert "ignore-scripts = true" in (WEB / ".npmrc").read_text("utf-8")
    wanted = json.loads((WEB / "package.json").read_text("utf-8"))
    ranges = {**wanted["dependencies"], **wanted["devDependencies"]}
    assert [name for name, version in ranges.items() if not version[0].isdigit()] == []
    assert len(wanted["dependencies"]) <= 10
