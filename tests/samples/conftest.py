"""One small sample and one larger block of people, made once for all tests of this folder."""

import csv
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from habitue.samples import RetailTruth, write_retail
from habitue.samples.baskets import Baskets, fill_baskets
from habitue.samples.campaigns import Season, run_campaigns
from habitue.samples.dice import Dice
from habitue.samples.orders import simulate_orders
from habitue.samples.people import draw_people
from habitue.samples.personas import PERSONAS
from habitue.samples.span import Span, make_span
from habitue.samples.wares import Catalogue, make_catalogue

UNTIL = datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC)
SEED = 11
Row = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A sample on disk and what its writer said of it."""

    folder: Path
    said: RetailTruth

    def table(self, path: str) -> list[Row]:
        """The rows of a CSV file that has only good ones, or of which the bad ones do not matter."""
        with (self.folder / path).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def objects(self, path: str) -> list[dict[str, object]]:
        """The lines of an NDJSON file that are JSON."""
        lines = (self.folder / path).read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Twenty thousand people in one block, before anything is written."""

    span: Span
    catalogue: Catalogue
    season: Season
    baskets: Baskets


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Two thousand customers on disk."""
    folder = tmp_path_factory.mktemp("sample")
    return Sample(folder=folder, said=write_retail(folder, customers=2000, seed=SEED, until=UNTIL))


@pytest.fixture(scope="session")
def crowd() -> Crowd:
    """Twenty thousand people with their orders."""
    span = make_span(UNTIL, [each.season for each in PERSONAS])
    catalogue = make_catalogue(SEED, span)
    people = draw_people(SEED, 0, 0, 20_000, span)
    orders, lives = simulate_orders(Dice(SEED, 2, 0, 1), people, span)
    season = run_campaigns(Dice(SEED, 2, 0, 2), people, orders, lives, span)
    baskets = fill_baskets(Dice(SEED, 2, 0, 3), season.people, season.orders, catalogue, span)
    return Crowd(span=span, catalogue=catalogue, season=season, baskets=baskets)
