"""Funnels, cohorts, paths and attribution over HTTP: what the terminal says, to the same roles."""

from collections.abc import Iterator

import pytest

from habitue.govern.roles import Role
from tests.measure.drawn import drawn, project_of_drawn
from tests.projects import put
from tests.server.asked import Asked, asking
from tests.terminal import Json, answer

ASKED = [
    (("funnel", "Seen", "Bought", "--within", "2d"), "/api/v1/funnel?steps=Seen;Bought&within=2d"),
    (
        ("funnel", "Seen where kind == 'new'", "Bought", "--order", "any", "--by", "kind", "--of", "did('Asked')"),
        "/api/v1/funnel?steps=[\"Seen where kind == 'new'\",\"Bought\"]&order=any&by=kind&of=did('Asked')",
    ),
    (
        ("funnel", "Seen", "Bought", "--people", 2, "--dropped", "--limit", 5),
        "/api/v1/funnel/people?steps=Seen;Bought&step=2&dropped=true&limit=5",
    ),
    (("cohorts", "--event", "Seen", "--every", "day"), "/api/v1/cohorts?event=Seen&every=day"),
    (
        ("paths", "--to", "Bought", "--steps", 2, "--top", 2, "--since", "2026-01-02"),
        "/api/v1/paths?to=Bought&steps=2&top=2&since=2026-01-02",
    ),
    (
        ("attribution", "Seen", "--by", "kind", "--to", "Bought"),
        "/api/v1/attribution?touch=Seen&by=kind&to=Bought",
    ),
]


@pytest.fixture(scope="module")
def said_and_asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[Json], Asked]]:
    """What the terminal says of a project; then it is served."""
    folder = tmp_path_factory.mktemp("funnels") / "shop"
    put(folder / "dashboards" / "own.yaml", "dashboard: own\ntiles:\n  - cohorts: {event: Seen, every: day}\n")
    put(folder / "metrics" / "own.yaml", "metric: seen\nof: {figure: count, event: Seen}\n")
    project_of_drawn(folder, drawn(3, 200))
    settings = folder / "habitue.yaml"
    put(settings, settings.read_text(encoding="utf-8") + "estimate_from: 100\n")
    said = [answer(*words, "--project", folder) for words, _ in ASKED]
    with asking(folder) as asked:
        yield said, asked


@pytest.mark.parametrize("number", range(len(ASKED)))
def test_a_route_answers_what_the_command_answers(said_and_asked: tuple[list[Json], Asked], number: int) -> None:
    said, asked = said_and_asked
    found = asked.client.get(ASKED[number][1])
    assert found.status_code == 200, found.text
    assert found.json() == said[number]


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/funnel?steps=Seen;Added",
        "/api/v1/cohorts?event=Added&every=day",
        "/api/v1/paths?to=Asked",
        "/api/v1/attribution?touch=Added&by=kind&to=Bought",
        "/api/v1/anomalies?days=2",
        "/api/v1/dashboards/own?tile=cohorts",
    ],
)
def test_an_estimate_is_given_until_the_exact_answer_is_there_and_never_in_its_place(
    said_and_asked: tuple[list[Json], Asked], path: str
) -> None:
    asked = said_and_asked[1].client
    at_once = f"{path}&estimate=true"
    first, again = asked.get(at_once).json(), asked.get(at_once).json()
    assert first["is_estimate"]
    assert again == first
    assert 0 < first["looked_at"] < first["everybody"]
    exact = asked.get(path)
    assert not exact.json()["is_estimate"]
    # The exact answer is there now, whoever asks how.
    for each in (at_once, f"{path}&estimate=false", path):
        assert asked.get(each).content == exact.content


def test_an_estimate_says_no_more_than_a_role_sees_and_is_asked_for_where_there_is_one(
    said_and_asked: tuple[list[Json], Asked],
) -> None:
    asked = said_and_asked[1]
    path = "/api/v1/funnel?steps=Seen;Added&of=did('Asked')"
    assert asked.client.get(f"{path}&estimate=true", headers={"Habitue-As": "marketer"}).json()["looked_at"] is None
    assert asked.client.get(f"{path}&estimate=perhaps").json()["code"] == "PARAMETER"
    assert asked.client.get("/api/v1/metrics?estimate=true").json()["code"] == "PARAMETER"


def test_a_role_without_people_gets_figures_and_no_people(said_and_asked: tuple[list[Json], Asked]) -> None:
    asked = said_and_asked[1]
    found = asked.answer("/api/v1/funnel", role=Role.EXECUTIVE, steps="Seen;Bought")
    assert found["rounded"]
    assert asked.get("/api/v1/funnel/people", role=Role.EXECUTIVE, steps="Seen;Bought").status_code == 403


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/funnel", 422, "PARAMETER"),
        ("/api/v1/funnel?steps=Seen", 422, "FUNNEL-STEPS"),
        ("/api/v1/funnel?steps=[1,2]", 422, "PARAMETER"),
        ("/api/v1/funnel?steps=Seen;Bought&order=none", 422, "PARAMETER"),
        ("/api/v1/funnel?steps=Seen;Sold", 422, "MEASURE-EVENT"),
        ("/api/v1/funnel?steps=Seen;Bought&of=1 %2B", 422, "RULE-SYNTAX"),
        ("/api/v1/funnel/people?steps=Seen;Bought&dropped=2", 422, "PARAMETER"),
        ("/api/v1/cohorts?every=year", 422, "MEASURE-EVENT"),
        ("/api/v1/paths?steps=0", 422, "PARAMETER"),
        ("/api/v1/attribution", 422, "PARAMETER"),
        ("/api/v1/attribution?touch=Seen&by=kind&to=Bought&within=soon", 422, "DURATION"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_a_reason(
    said_and_asked: tuple[list[Json], Asked], path: str, status: int, code: str
) -> None:
    found = said_and_asked[1].client.get(path)
    assert (found.status_code, found.json()["code"]) == (status, code), found.text
