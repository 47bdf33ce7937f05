"""Files that are named to go first or together are there, and whoever shares the demonstration shop is among them."""

import re

from tests.house.tree import ROOT, place
from tests.scheduling import LONGEST, TOGETHER

SHARES = re.compile(r"\bdemo(_project)?: Path\b")


def test_every_name_is_that_of_a_file_or_folder() -> None:
    named = {*LONGEST, *(name for names in TOGETHER.values() for name in names)}
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_all_who_share_the_demonstration_shop_run_in_one_process() -> None:
    sharing = {
        place(path)
        for path in (ROOT / "tests").rglob("test_*.py")
        if SHARES.search(path.read_text(encoding="utf-8")) and path.parent.name != "browser"
    }
    assert sharing == set(TOGETHER["the demonstration shop, built once"])
