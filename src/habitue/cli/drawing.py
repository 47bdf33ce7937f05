"""Tables, bars and small charts in plain characters, as wide as the terminal and no wider."""

import os
import shutil
import sys
import textwrap
from collections.abc import Sequence

from rich.cells import cell_len

from habitue.cli.lending import lent, out

GAP = 2
_USUAL = 100
_NARROWEST = 10
_WIDEST_PROSE = 120
_STEPS = " ▁▂▃▄▅▆▇█"
_PARTS = " ▏▎▍▌▋▊▉█"


def width() -> int:
    """Columns of the terminal, or of `COLUMNS`; 100 where there is neither."""
    found = lent()
    columns = shutil.get_terminal_size((_USUAL, 24)).columns if found is None else found.columns
    return max(columns, 40)


def has_colour() -> bool:
    """Whether standard output takes colour: a terminal, and `NO_COLOR` not set (https://no-color.org)."""
    found = lent()
    if found is not None:
        return found.colour
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    title: str = "",
    notes: Sequence[str] = (),
    sections: Sequence[str] = (),
) -> None:
    """A table for people; columns whose name ends with `#` hold figures and are set to the right.

    Texts too long for the terminal are broken over several lines of their column; figures never are.

    Args:
        columns: Headings.
        rows: Cells; None is left blank.
        title: A line above.
        notes: A text under each row, indented; none where empty.
        sections: The section of each row; its name is printed where it changes.
    """
    names = [name.rstrip("#") for name in columns]
    right = [name.endswith("#") for name in columns]
    cells = [["" if each is None else str(each) for each in row] for row in rows]
    widths = _fitting(names, cells, right, width())
    lines = [title] if title else []
    lines += [_paint(line, "1") for line in _row(names, widths, right)]
    lines.append(_paint("  ".join("─" * each for each in widths), "2"))
    section = ""
    for number, row in enumerate(cells):
        if number < len(sections) and sections[number] != section:
            section = sections[number]
            lines += [*([""] if number else []), _paint(section, "1")]
        lines += _row(row, widths, right)
        if number < len(notes) and notes[number]:
            lines += [_paint(each, "2") for each in paragraph(notes[number], indent=4)]
    out().write("\n".join(lines) + "\n")


def paragraph(text: str, *, indent: int = 0) -> list[str]:
    """Text as lines that fit the terminal, each indented."""
    blank = " " * indent
    room = min(width(), _WIDEST_PROSE)
    return textwrap.wrap(text, room, initial_indent=blank, subsequent_indent=blank, break_on_hyphens=False)


def _fitting(names: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[bool], room: int) -> list[int]:
    """Widths of the columns: as wide as their texts, or less for the widest texts where the room ends.

    The first column, which names the row, is the last to be narrowed.
    """
    widths = [max([cell_len(name), *(cell_len(row[place]) for row in cells)]) for place, name in enumerate(names)]
    texts = [place for place, is_figure in enumerate(right) if not is_figure]
    while sum(widths) + GAP * (len(widths) - 1) > room:
        wide = [place for place in texts if widths[place] > _NARROWEST]
        if not wide:
            break
        widest = max(wide, key=lambda place: widths[place] if place else 0)
        widths[widest] -= 1
    return widths


def _row(row: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> list[str]:
    """The lines of one row: as many as its longest broken text."""
    broken = [
        [cell] if is_figure or cell_len(cell) <= room else textwrap.wrap(cell, room, break_on_hyphens=False) or [""]
        for cell, room, is_figure in zip(row, widths, right, strict=True)
    ]
    height = max(map(len, broken), default=0)
    return [
        _line([cell[place] if place < len(cell) else "" for cell in broken], widths, right) for place in range(height)
    ]


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = []
    for cell, room, is_figure in zip(cells, widths, right, strict=True):
        blank = " " * max(0, room - cell_len(cell))
        padded.append(blank + cell if is_figure else cell + blank)
    return (" " * GAP).join(padded).rstrip()


def _paint(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if has_colour() else text


def bar(value: float, largest: float, *, room: int = 30) -> str:
    """A bar of blocks, as long as the value's share of the largest, to an eighth of a block.

    Examples:
        >>> bar(1, 2, room=4)
        '██'
        >>> bar(1, 16, room=2)
        '▏'
    """
    if largest <= 0 or value <= 0:
        return ""
    eighths = max(1, round(8 * room * min(value / largest, 1.0)))
    return "█" * (eighths // 8) + (_PARTS[eighths % 8] if eighths % 8 else "")


def spark(counts: Sequence[float]) -> str:
    """A histogram in one line; empty bins are blank.

    Examples:
        >>> spark([0, 1, 4, 8])
        ' ▁▄█'
    """
    largest = max(counts, default=0)
    if largest <= 0:
        return ""
    return "".join(_STEPS[max(1, round(8 * each / largest))] if each > 0 else " " for each in counts)
