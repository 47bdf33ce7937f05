"""What the race prints can be read by people and by programs."""

import io
import json
from pathlib import Path

from rich.console import Console

from bench.chart import draw, picture
from bench.definitions import DEFINITIONS
from bench.race import Lap, Result
from bench.report import Outcome, as_json, as_markdown, print_outcome, write_page
from bench.verdict import checks


def outcome() -> Outcome:
    results = [
        Result(
            name=name,
            versions={name: "1.0"},
            start_cpu_s=0.1,
            laps={each.key: Lap(cpu_s=cpu_s, wall_s=0.5) for each in DEFINITIONS},
            peak_mb=800.0,
        )
        for name, cpu_s in (("habitue", 1.0), ("sql", 2.0))
    ]
    differences = {("habitue", each.key): "2 rows against 3" if each.key == "s2" else "" for each in DEFINITIONS}
    return Outcome(
        events=20_000_000,
        customers=500_000,
        results=results,
        answers={each.key: 7 for each in DEFINITIONS},
        differences=differences,
        checks=checks(results, differences, 20_000_000),
        memory_mb=1_500,
    )


def test_json_holds_times_ratios_differences_and_verdicts() -> None:
    document = json.loads(as_json(outcome()))
    assert [each["total_cpu_s"] for each in document["contenders"]] == [6.0, 12.0]
    assert document["differences"] == [{"contender": "habitue", "definition": "s2", "difference": "2 rows against 3"}]
    assert {each["promise"]: each["kept"] for each in document["promises"]} == {
        "CPU time of Habitue / SQL by hand": True,
        "Peak memory of Habitue, MB": True,
        "Answers that differ": False,
    }


def test_a_difference_is_named_in_the_terminal() -> None:
    text = io.StringIO()
    print_outcome(outcome(), Console(file=text, width=140))
    assert "differ: s2" in text.getvalue()
    assert "Habitue, s2: 2 rows against 3" in text.getvalue()
    assert "BROKEN" in text.getvalue()


def test_figures_are_written_between_the_marks_and_only_there(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- figures: begin -->\nold\n<!-- figures: end -->\nafter\n", encoding="utf-8")
    write_page(page, outcome())
    write_page(page, outcome())
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert text.count(as_markdown(outcome())) == 1


def test_the_chart_has_a_bar_for_each_definition_of_each_contender() -> None:
    svg = picture(outcome().results, title="six definitions")
    bars = [each for each in svg.iter("rect") if each.get("height") == "26"]
    assert len(bars) == 2 * len(DEFINITIONS)
    widest = sum(float(each.get("width", "0")) for each in bars[len(DEFINITIONS) :])
    assert 559 <= widest <= 561
    assert draw(outcome().results, title="a < b").count("a &lt; b") == 2
