"""What the samples plant is found in the demonstration, with the group that made it."""

import csv
from pathlib import Path

from tests.terminal import answer


def test_the_planted_video_is_found_with_its_source(demo_project: Path) -> None:
    with (demo_project / "truth" / "anomalies.csv").open(newline="") as file:
        planted = {each["name"]: each for each in csv.DictReader(file)}
    video = planted["influencer_video"]
    found = answer(
        "anomalies", "visitors", "--since", video["first_day"], "--until", "2026-04-18", "--project", demo_project
    )["anomalies"]
    assert [each["day"] for each in found] == [video["last_day"], video["first_day"]]
    for each in found:
        assert each["score"] > 3.5
        assert (each["drivers"][0]["dimension"], each["drivers"][0]["group"]) == ("source", "social")
        assert each["drivers"][0]["explains"] > 0.8
