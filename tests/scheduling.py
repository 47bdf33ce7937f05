"""Which files of tests stay together and which go first when several processes share them, so that all end together."""

from collections.abc import Iterable, Mapping
from itertools import chain
from types import MappingProxyType
from typing import Final

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

TOGETHER: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "pages: one wheel, one served shop": ("tests/browser/",),
        "the demonstration shop, built once": (
            "tests/measure/test_attribution.py",
            "tests/measure/test_cohorts.py",
            "tests/measure/test_funnels.py",
            "tests/run/test_catalogue.py",
            "tests/run/test_profiles.py",
            "tests/run/test_training.py",
            "tests/stories/test_bad_input.py",
            "tests/stories/test_demo.py",
            "tests/stories/test_erasure.py",
            "tests/stories/test_parity.py",
            "tests/stories/test_python.py",
            "tests/stories/test_roles.py",
        ),
        "Spark, started once": ("tests/engines/test_spark.py", "tests/features/test_sessions_spark.py"),
    }
)
"""Files of which one process has all, by what they share."""
LONGEST: Final = (
    *TOGETHER["pages: one wheel, one served shop"],
    "tests/rules/test_law.py",
    *TOGETHER["the demonstration shop, built once"],
    "tests/rules/test_hostile.py",
    *TOGETHER["Spark, started once"],
    "tests/rules/test_live_law.py",
    "tests/measure/test_demo_anomalies.py",
    "tests/sources/test_conservation.py",
    "tests/rules/test_law_faults.py",
    "tests/identity/test_evaluate.py",
    "tests/run/test_consents.py",
    "tests/rules/test_relations.py",
    "tests/rules/test_live_seeding.py",
    "tests/run/test_soak.py",
    "tests/live/test_kills.py",
    "tests/house/test_compiled.py",
    "tests/stories/",
    "tests/server/test_building_apart.py",
    "tests/run/test_building_apart.py",
    "tests/server/test_malformed.py",
    "tests/server/test_routes.py",
    "tests/cli/test_identity.py",
    "tests/sources/test_values.py",
    "tests/identity/test_linking.py",
    "tests/server/test_replaying_live.py",
    "tests/server/",
    "tests/run/",
    "tests/samples/",
    "tests/measure/",
    "tests/house/",
    "tests/live/",
    "tests/features/",
)
"""What takes longest, longest first: what comes last should be short."""
_GROUP_OF: Final[Mapping[str, str]] = MappingProxyType(
    dict(chain.from_iterable(((name, group) for name in names) for group, names in TOGETHER.items()))
)


class Together(LoadFileScheduling):
    """Hands out a file of tests at a time, and files that share what is dear to make as if they were one."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return next((group for name, group in _GROUP_OF.items() if file.startswith(name)), file)


def scheduler_of(config: pytest.Config, log: Producer) -> Together:
    """Hands tests out to processes in the order in which they were collected."""
    config.option.loadscopereorder = False
    return Together(config, log)


def longest_first(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Tests in the order in which they had best be begun; those of a file stay together."""
    return sorted(items, key=lambda item: _place(item.nodeid))


def _place(nodeid: str) -> int:
    return next((place for place, name in enumerate(LONGEST) if nodeid.startswith(name)), len(LONGEST))
