"""Metrics over HTTP: what the terminal says, to the same roles."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from habitue.govern.roles import Role
from tests.projects import built_shop
from tests.server.asked import Asked, asking
from tests.terminal import Json, answer

YEAR = ("--since", "2026-01-01", "--until", "2026-04-01")
QUERY = "since=2026-01-01&until=2026-04-01"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project built, which nobody serves yet."""
    return built_shop(tmp_path_factory.mktemp("measured") / "shop")


@pytest.fixture(scope="module")
def said(shop: Path) -> dict[str, Json]:
    """What the terminal says of it."""
    asked = {
        "list": ("measure",),
        "revenue": ("measure", "revenue", "--by", "coupon", "--by", "segment.big", "--every", "month", *YEAR),
        "size": ("measure", "segment.big", *YEAR),
        "anomalies": ("anomalies", "orders"),
        "executive": ("measure", "orders", "--as", "executive", *YEAR),
    }
    return {name: answer(*words, "--project", shop) for name, words in asked.items()}


@pytest.fixture(scope="module")
def served(shop: Path, said: dict[str, Json]) -> Iterator[Asked]:
    """It served."""
    assert said
    with asking(shop) as asked:
        yield asked


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/api/v1/metrics", "list"),
        (f"/api/v1/metrics/revenue?by=coupon,segment.big&every=month&{QUERY}", "revenue"),
        (f"/api/v1/metrics/segment.big?{QUERY}", "size"),
        ("/api/v1/anomalies?metric=orders", "anomalies"),
    ],
)
def test_a_route_answers_what_the_command_answers(served: Asked, said: dict[str, Json], path: str, words: str) -> None:
    found = served.client.get(path)
    assert found.status_code == 200, found.text
    assert found.json() == said[words]


def test_a_role_without_people_is_shown_the_same_at_both_doors(served: Asked, said: dict[str, Json]) -> None:
    found = served.get("/api/v1/metrics/orders", role=Role.EXECUTIVE, since="2026-01-01", until="2026-04-01")
    assert found.json() == said["executive"]
    assert found.json()["whole"]["hidden"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/metrics/revenu", 404, "METRIC-UNKNOWN"),
        ("/api/v1/metrics/revenue?by=county", 422, "DIMENSION"),
        ("/api/v1/metrics/revenue?every=hour", 422, "PERIOD"),
        ("/api/v1/metrics/revenue?since=soon", 422, "PARAMETER"),
        ("/api/v1/metrics/revenue?group=coupon", 422, "PARAMETER"),
        ("/api/v1/anomalies?metric=revenu", 404, "METRIC-UNKNOWN"),
    ],
)
def test_what_cannot_be_answered_is_a_problem_with_its_code(served: Asked, path: str, status: int, code: str) -> None:
    found = served.client.get(path)
    assert (found.status_code, found.json()["code"]) == (status, code)
