"""Paths, held against those found by walking through every person's events, and what roles may see of them."""

from collections import Counter
from datetime import datetime
from itertools import groupby
from pathlib import Path

import pytest

from tests.measure.drawn import EVENTS, Happened, drawn, project_of_drawn
from tests.terminal import Json, answer, habitue


@pytest.fixture(scope="module")
def happened() -> list[Happened]:
    return drawn(11, 250)


@pytest.fixture(scope="module")
def project(happened: list[Happened], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was drawn as a project, built."""
    return project_of_drawn(tmp_path_factory.mktemp("drawn") / "shop", happened)


def walked(happened: list[Happened], *, to: int | None, start: int | None, steps: int) -> list[tuple[str, ...]]:
    """Every person's path from the place it is told from on; empty ones too."""
    own: dict[str, list[tuple[datetime, int]]] = {}
    for who, at, place, _ in happened:
        own.setdefault(who, []).append((at, place))
    found = []
    for mine in own.values():
        anchors = [at for at, place in mine if place in (to, start)] if (to, start) != (None, None) else [min(mine)[0]]
        if not anchors:
            continue
        anchor = min(anchors)
        kept = sorted(each for each in mine if _near(each[0], anchor, to=to, start=start))
        touches = [EVENTS[place] for place, _ in groupby(place for _, place in kept)]
        told = touches[::-1] if to is not None else touches
        found.append(tuple(told[:steps]))
    return found


def _near(at: datetime, anchor: datetime, *, to: int | None, start: int | None) -> bool:
    if to is not None:
        return at < anchor
    return at > anchor if start is not None else at >= anchor


def links_of(paths: list[tuple[str, ...]]) -> Counter[tuple[int, str, str | None]]:
    return Counter(
        (place, touch, path[place] if place < len(path) else None)
        for path in paths
        for place, touch in enumerate(path, 1)
    )


def told(found: Json) -> Counter[tuple[int, str, str | None]]:
    return Counter({(each["place"], each["source"], each["target"]): each["customers"] for each in found["links"]})


@pytest.mark.parametrize(("to", "start"), [(2, None), (None, 0), (None, None)])
def test_links_count_what_walking_through_everybody_counts(
    project: Path, happened: list[Happened], to: int | None, start: int | None
) -> None:
    paths = walked(happened, to=to, start=start, steps=3)
    words = ["--to", EVENTS[to]] if to is not None else ["--from", EVENTS[start]] if start is not None else []
    found = answer("paths", *words, "--steps", 3, "--project", project)
    assert told(found) == links_of(paths)
    assert (found["customers"], found["nothing"]) == (len(paths), sum(not each for each in paths))
    whole = Counter(path[::-1] if to is not None else path for path in paths if path)
    assert [each["customers"] for each in found["paths"]] == sorted(whole.values(), reverse=True)[:10]
    assert all(whole[tuple(each["path"])] == each["customers"] for each in found["paths"])


def test_what_is_not_among_the_most_frequent_is_one_of_the_others(project: Path) -> None:
    found = answer("paths", "--from", "Seen", "--steps", 1, "--top", 1, "--project", project)
    everything = answer("paths", "--from", "Seen", "--steps", 1, "--project", project)
    named = {each["source"]: each["customers"] for each in everything["links"]}
    assert len(named) > 2
    most = max(named, key=lambda each: (named[each], each))
    assert {each["source"]: each["customers"] for each in found["links"]} == {
        most: named[most],
        None: sum(named.values()) - named[most],
    }


def test_a_role_without_people_sees_no_path_of_few(project: Path) -> None:
    words = ("paths", "--to", "Bought", "--project", project)
    whole, seen = answer(*words), answer(*words, "--as", "executive")
    assert len(seen["links"]) == len(whole["links"])
    assert any(0 < each["customers"] < 10 for each in whole["links"])
    for exact, shown in zip(whole["links"], seen["links"], strict=True):
        assert exact["customers"] >= 10 or (shown["customers"], shown["median_s"]) == (None, None)
        assert shown["customers"] is None or shown["customers"] % 10 == 0
    often = [each["path"] for each in whole["paths"] if each["customers"] >= 10]
    assert [each["path"] for each in seen["paths"]] == often
    assert len(often) < len(whole["paths"])


def test_people_read_paths_as_tables(project: Path) -> None:
    outcome = habitue("paths", "--to", "Bought", "--project", project)
    assert outcome.code == 0
    assert all(each in outcome.out for each in ("up to Bought", "(begins here)", "1 before", "→"))


def test_paths_lead_to_one_event_or_begin_after_one(project: Path) -> None:
    outcome = habitue("paths", "--to", "Bought", "--from", "Seen", "--project", project, "--json")
    assert (outcome.code, outcome.error["code"]) == (1, "PATHS")
