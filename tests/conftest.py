"""What every test may ask for: the public data sets, small projects, how Hypothesis draws, and who runs what."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler.protocol import Scheduling

from tests.projects import built_shop, copied
from tests.scheduling import longest_first, scheduler_of
from tests.terminal import answer

PUBLIC_DATA = Path(__file__).parents[2] / "shared" / "data"

# `ci` draws the same examples every time, so a failure there fails here; `local` goes on looking for new ones.
settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "local"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    """Who gets which files, where several processes share them."""
    return scheduler_of(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest goes first."""
    items[:] = longest_first(items)


@pytest.fixture(scope="session", autouse=True)
def keys_apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Master keys of projects made by tests lie in a folder of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("keys")))
        patch.delenv("HABITUE_MASTER_KEY", raising=False)
        yield


@pytest.fixture(scope="session")
def public_data() -> Path:
    """The folder of public data sets beside the checkout, one subfolder per set."""
    if not PUBLIC_DATA.is_dir():
        pytest.skip("needs the public data sets in ../shared/data, which is absent")
    return PUBLIC_DATA


@pytest.fixture(scope="session")
def demo_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration shop with 500 customers, built once; to be looked at, not changed."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    answer("demo", "--customers", 500, "--seed", 3, "--dir", folder, "--no-serve")
    return folder


@pytest.fixture
def demo(demo_project: Path, tmp_path: Path) -> Path:
    """A copy of the demonstration shop that may be changed."""
    return copied(demo_project, tmp_path / "demo")


@pytest.fixture(scope="session")
def shop_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corner shop of `tests.projects`, built once; to be looked at, not changed."""
    return built_shop(tmp_path_factory.mktemp("corner") / "shop")


@pytest.fixture
def shop(shop_project: Path, tmp_path: Path) -> Path:
    """A copy of the corner shop that may be changed."""
    return copied(shop_project, tmp_path / "shop")
