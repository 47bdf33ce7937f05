"""Tables and charts fit the terminal, hold what they were given, and colour only a terminal."""

import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.cli.drawing import bar, paragraph, print_table, spark

WORDS = st.text(alphabet="abcdefg hij", min_size=0, max_size=60)
ROWS = st.lists(st.tuples(WORDS, st.integers(0, 10**9), WORDS), min_size=1, max_size=6)


def drawn(
    monkeypatch: pytest.MonkeyPatch, columns: int, rows: list[tuple[str, int, str]], *, notes: tuple[str, ...] = ()
) -> list[str]:
    out = io.StringIO()
    with monkeypatch.context() as patch:
        patch.setenv("COLUMNS", str(columns))
        patch.setattr(sys, "stdout", out)
        print_table(["name", "figure#", "words"], rows, notes=notes)
    return out.getvalue().splitlines()


@given(rows=ROWS, columns=st.integers(50, 140))
def test_no_line_is_wider_than_the_terminal_and_no_character_is_lost(
    rows: list[tuple[str, int, str]], columns: int
) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        lines = drawn(monkeypatch, columns, rows)
    assert max(map(len, lines)) <= columns
    shown = "".join("".join(lines[2:]).split())
    for name, figure, words in rows:
        assert str(figure) in " ".join(lines)
        assert sum(map(shown.count, set(name + words) - {" "})) >= len(set(name + words) - {" "})


def test_figures_are_never_broken_and_stand_to_the_right(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = drawn(monkeypatch, 50, [("a" * 30, 123456789, "b" * 80), ("c", 7, "")])
    assert any("123456789" in line for line in lines)
    place = next(line for line in lines if "123456789" in line).index("123456789") + 9
    assert next(line for line in lines if line.startswith("c"))[place - 1] == "7"


def test_a_note_stands_under_its_row_and_is_broken_at_words(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = drawn(monkeypatch, 50, [("one", 1, ""), ("two", 2, "")], notes=("a note of several words " * 4, ""))
    assert lines[2].startswith("one")
    assert lines[3].startswith("    a note")
    assert lines[-1].startswith("two")


def test_a_section_is_named_once_where_it_begins(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(["name"], [("a",), ("b",), ("c",)], sections=["first", "first", "second"])
    assert [line for line in capsys.readouterr().out.splitlines() if line in ("first", "second")] == ["first", "second"]


@pytest.mark.parametrize(
    ("terminal", "settings", "coloured"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, settings: dict[str, str], coloured: bool
) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return terminal

    screen = Screen()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", screen)
    print_table(["name"], [("a",)])
    assert ("\x1b" in screen.getvalue()) is coloured


@given(value=st.floats(0, 1e9), largest=st.floats(0, 1e9), room=st.integers(1, 40))
def test_a_bar_is_as_long_as_its_share_and_never_longer_than_its_room(value: float, largest: float, room: int) -> None:
    drawn_bar = bar(value, largest, room=room)
    assert len(drawn_bar) <= room
    assert (drawn_bar == "") == (value <= 0 or largest <= 0)


@given(counts=st.lists(st.integers(0, 1000), max_size=30))
def test_a_histogram_has_a_mark_for_each_bin_that_is_not_empty(counts: list[int]) -> None:
    shown = spark(counts)
    assert len(shown) == (len(counts) if any(counts) else 0)
    assert [mark == " " for mark in shown] == [count == 0 for count in counts][: len(shown)]


def test_a_paragraph_is_indented_and_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "44")
    lines = paragraph("one two three four five six seven eight nine ten eleven", indent=2)
    assert all(line.startswith("  ") and len(line) <= 44 for line in lines)
    assert " ".join(line.strip() for line in lines).split()[-1] == "eleven"
