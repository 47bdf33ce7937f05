"""What every test may ask for: the public data sets, and how Hypothesis draws."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

PUBLIC_DATA = Path(__file__).parents[2] / "shared" / "data"

# `ci` draws the same examples every time, so a failure there fails here; `local` goes on looking for new ones.
settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "local"))


@pytest.fixture(scope="session")
def public_data() -> Path:
    """The folder of public data sets beside the checkout, one subfolder per set."""
    if not PUBLIC_DATA.is_dir():
        pytest.skip("needs the public data sets in ../shared/data, which is absent")
    return PUBLIC_DATA
