"""Attribution, held against journeys walked through one by one, the game itself, and a textbook's chain."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import combinations, pairwise
from math import factorial
from pathlib import Path

import pytest

from habitue.measure.attribution import MODELS, removal_effects
from tests.measure.drawn import EVENTS, Happened, drawn, project_of_drawn
from tests.terminal import Json, answer, habitue

HALF_LIFE_S = 7 * 86_400
Journey = tuple[tuple[str, ...], tuple[float, ...], bool]
"""The channels touched, how many seconds before the conversion (or none), and whether there is one."""


@pytest.fixture(scope="module")
def happened() -> list[Happened]:
    return drawn(5, 250)


@pytest.fixture(scope="module")
def project(happened: list[Happened], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project_of_drawn(tmp_path_factory.mktemp("drawn") / "shop", happened)


def journeys(happened: list[Happened], within_s: float) -> list[Journey]:
    """Everybody's, cut at each `Bought`; those without a touch are left out."""
    own: dict[str, list[tuple[datetime, bool, int, str]]] = {}
    for number, (who, at, place, kind) in enumerate(happened):
        if EVENTS[place] in {"Seen", "Bought"}:
            own.setdefault(who, []).append((at, EVENTS[place] == "Bought", number, kind))
    found: list[Journey] = []
    for mine in own.values():
        waiting: list[tuple[datetime, str]] = []
        for at, is_goal, _, kind in sorted(mine):
            if not is_goal:
                waiting.append((at, kind))
                continue
            near = [(kind, (at - then).total_seconds()) for then, kind in waiting]
            kept = [each for each in near if each[1] <= within_s]
            found += [(tuple(each[0] for each in kept), tuple(each[1] for each in kept), True)] if kept else []
            waiting = []
        if waiting:
            found.append((tuple(kind for _, kind in waiting), (), False))
    return found


def parts(model: str, touched: Sequence[str], ages: Sequence[float]) -> Iterable[tuple[str, float]]:
    """What one conversion gives to whom."""
    many = len(touched)
    match model:
        case "first":
            return [(touched[0], 1.0)]
        case "last":
            return [(touched[-1], 1.0)]
        case "linear":
            return [(each, 1 / many) for each in touched]
        case "position":
            ends = [0.4, *[0.2 / max(1, many - 2)] * (many - 2), 0.4]
            return zip(touched, [1.0] if many == 1 else [0.5, 0.5] if many == 2 else ends, strict=True)
        case "decay":
            fresh = [0.5 ** (age / HALF_LIFE_S) for age in ages]
            return [(each, one / sum(fresh)) for each, one in zip(touched, fresh, strict=True)]
    return [(each, 1 / len(set(touched))) for each in set(touched)]


def credits_of(found: Json, model: str) -> dict[str, float]:
    return {
        each["channel"]: next(one["conversions"] for one in each["credits"] if one["model"] == model)
        for each in found["channels"]
    }


@pytest.mark.parametrize("within", ["12h", "30d"])
def test_every_model_gives_what_walking_through_the_journeys_gives(
    project: Path, happened: list[Happened], within: str
) -> None:
    words = ("attribution", "Seen", "--by", "kind", "--to", "Bought", "--within", within, "--project", project)
    found = answer(*words)
    walked = journeys(happened, {"12h": 12 * 3600.0, "30d": 30 * 86_400.0}[within])
    won = [each for each in walked if each[2]]
    assert (found["conversions"], found["lost"]) == (len(won), len(walked) - len(won))
    for model in MODELS:
        given = credits_of(found, model)
        assert sum(given.values()) == pytest.approx(len(won))
        if model != "markov":
            wanted: dict[str, float] = {}
            for touched, ages, _ in won:
                for channel, part in parts(model, touched, ages):
                    wanted[channel] = wanted.get(channel, 0.0) + part
            assert given == pytest.approx(wanted)
    steps = moved(walked)
    effects = removal_effects(steps)
    assert credits_of(found, "markov") == pytest.approx({each: part * len(won) for each, part in effects.items()})


def moved(walked: Sequence[Journey]) -> list[dict[str, object]]:
    """How often a journey goes from where to where."""
    times: Counter[tuple[str | None, str | None, bool]] = Counter()
    for touched, _, is_won in walked:
        times[None, touched[0], False] += 1
        times.update((one, other, is_won) for one, other in pairwise(touched))
        times[touched[-1], None, is_won] += 1
    return [{"source": one, "target": other, "won": won, "times": many} for (one, other, won), many in times.items()]


def test_the_shares_of_conversions_are_the_shapley_value_of_their_game() -> None:
    sets = [frozenset("a"), frozenset("ab"), frozenset("ab"), frozenset("abc"), frozenset("c")]
    players = "abc"

    def worth(those: Iterable[str]) -> int:
        return sum(each <= frozenset(those) for each in sets)

    for one in players:
        others = [each for each in players if each != one]
        value = sum(
            factorial(many)
            * factorial(len(players) - many - 1)
            / factorial(len(players))
            * (worth([*some, one]) - worth(some))
            for many in range(len(players))
            for some in combinations(others, many)
        )
        assert value == pytest.approx(sum(1 / len(each) for each in sets if one in each))


def test_removal_effects_are_those_reckoned_by_hand() -> None:
    """Begun to a; a half to b, a half lost; b converts a half, half lost: without either, nobody converts."""
    chain: list[dict[str, object]] = [
        {"source": None, "target": "a", "won": False, "times": 3},
        {"source": None, "target": "b", "won": False, "times": 1},
        {"source": "a", "target": "b", "won": True, "times": 1},
        {"source": "a", "target": None, "won": True, "times": 1},
        {"source": "a", "target": None, "won": False, "times": 1},
        {"source": "b", "target": None, "won": True, "times": 1},
        {"source": "b", "target": None, "won": False, "times": 1},
    ]
    # P = 3/4 (1/3 · 1/2 + 1/3) + 1/4 · 1/2 = 1/2; without a 1/8, without b 1/4.
    without_a, without_b = 1 - (1 / 8) / (1 / 2), 1 - (1 / 4) / (1 / 2)
    whole = without_a + without_b
    assert removal_effects(chain) == pytest.approx({"a": without_a / whole, "b": without_b / whole})
    assert removal_effects([]) == {}
    assert removal_effects([{"source": None, "target": "a", "won": False, "times": 1}]) == {}
    assert removal_effects([{"source": "a", "target": None, "won": False, "times": 1}]) == {}


def test_what_conversions_are_worth_is_shared_out_too(demo_project: Path) -> None:
    words = ("attribution", "Session", "--by", "channel", "--value", "revenue", "--project", demo_project)
    found = answer(*words)
    assert found["conversions"] > 100
    totals = [
        sum(one["worth"] for each in found["channels"] for one in each["credits"] if one["model"] == model)
        for model in MODELS
    ]
    assert totals == pytest.approx([totals[0]] * len(MODELS))
    outcome = habitue(*words)
    assert outcome.code == 0
    assert all(each in outcome.out for each in ("shapley", "markov", "channel"))


def test_a_role_without_people_sees_no_channel_of_few(demo_project: Path) -> None:
    words = ("attribution", "Session", "--by", "entry", "--project", demo_project)
    whole, seen = answer(*words), answer(*words, "--as", "executive")
    shown = {each["channel"]: each for each in seen["channels"]}
    assert any(0 < each["customers"] < 10 for each in whole["channels"])
    assert all(each["customers"] >= 10 or each["channel"] not in shown for each in whole["channels"])
    assert shown[None]["hidden"]
    assert all(one["conversions"] is None for one in shown[None]["credits"])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["Seen", "--by", "kinds"], "MEASURE-PROPERTY"),
        (["Seen", "--by", "kind", "--value", "kind"], "MEASURE-PROPERTY"),
        (["Seen", "--by", "kind", "--half-life", "0s"], "HALF-LIFE"),
    ],
)
def test_what_cannot_be_put_down_to_anything_is_refused(project: Path, words: list[str], code: str) -> None:
    outcome = habitue("attribution", *words, "--to", "Bought", "--project", project, "--json")
    assert (outcome.code, outcome.error["code"]) == (1, code)
