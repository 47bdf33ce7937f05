"""Which files of tests stay together and which go first when several processes share them, so that all end together."""

from collections.abc import Iterable
from typing import Final

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

BROWSER: Final = "tests/browser/"
"""One process has all of it: then there is one wheel, one served shop, and one Chromium at a time."""
LONGEST: Final = (
    BROWSER,
    "tests/house/test_compiled.py",
)
"""What takes longest, longest first; what comes last should be short."""


class OneShop(LoadFileScheduling):
    """Hands out a file of tests at a time, and all files of pages as if they were one."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if nodeid.startswith(BROWSER) else super()._split_scope(nodeid)


def scheduler_of(config: pytest.Config, log: Producer) -> OneShop:
    """Hands tests out to processes in the order in which they were collected."""
    config.option.loadscopereorder = False
    return OneShop(config, log)


def longest_first(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Tests in the order in which they had best be begun; those of a file stay together."""
    return sorted(items, key=lambda item: _place(item.nodeid))


def _place(nodeid: str) -> int:
    return next((place for place, name in enumerate(LONGEST) if nodeid.startswith(name)), len(LONGEST))
