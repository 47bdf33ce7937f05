"""The sample through the doors it was made for: the retail project's own sources and contracts."""

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

import pytest

from habitue.config import read_settings
from habitue.engines.warehouse import Warehouse
from habitue.govern.opening import open_vault
from habitue.samples import copy_template, write_retail
from habitue.sources.load import load
from habitue.sources.project import read_source_files
from habitue.state import Control
from tests.samples.conftest import SEED, UNTIL

# Ibis 12 calls DuckDB by names that are on their way out.
pytestmark = pytest.mark.filterwarnings(r"ignore:fetch_\w+\(\) is deprecated:DeprecationWarning")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    copy_template("retail", folder)
    return folder


def test_every_bad_row_fails_and_every_good_row_is_used(shop: Path) -> None:
    said = {feed.file: feed for feed in write_retail(shop, customers=500, seed=SEED, until=UNTIL).feeds}
    settings, _ = read_settings(shop)
    assert settings is not None
    project, faults = read_source_files(shop, settings)
    assert faults == []
    state = shop / ".habitue"
    with (
        open_vault(shop, environ=os.environ, home=shop, random=secrets.token_bytes) as vault,
        Control.open(shop, sealer=vault.lane) as control,
        Warehouse.open(state / "warehouse.duckdb", memory=512 * 2**20, spill=state / "spill") as warehouse,
    ):
        reports = load(project, warehouse, control, vault, now=datetime(2026, 7, 1, tzinfo=UTC))
    assert len(reports) == 10
    for report in reports:
        (path,) = report.files
        feed = said[Path(path).name]
        assert (report.rows, report.failed, report.unused) == (feed.rows, feed.failing, 0), path
    made = {name: count for report in reports for name, count in report.made.items()}
    assert made["Product Ordered"] > 2 * made["Order Completed"] > 1000
    assert made["consents"] > 1000
    assert made["items"] == 800
