"""Figures of people in several rows of shrinking groups, without those that tell of fewer than ten.

The first row is the whole; further rows are its parts. Whoever may ask any question could compare two answers that
differ in one person: what is shown is rounded besides.
"""

from collections.abc import Sequence

from habitue.govern.suppression import LEAST_GROUP


def rounded(count: int) -> int:
    """To the nearest ten, halves up.

    Examples:
        >>> rounded(14), rounded(15)
        (10, 20)
    """
    return (count + LEAST_GROUP // 2) // LEAST_GROUP * LEAST_GROUP


def rough(value: float | None) -> float | None:
    """To two significant digits: a median is one person's value.

    Examples:
        >>> rough(86_399.0), rough(None)
        (86000.0, None)
    """
    return None if value is None else float(f"{value:.2g}")


def veiled(rows: Sequence[Sequence[int]], everybody: int) -> frozenset[tuple[int, int]]:
    """The cells (row, column) to hide.

    Those below ten; of two cells of a row that differ by fewer than ten, the smaller; where the hidden parts of a
    column are together fewer than ten people, the next smallest part too.

    Args:
        rows: The whole, then its parts. In each row, every cell counts some of the people of the one before it.
        everybody: How many people there are.

    Examples:
        >>> sorted(veiled([[100, 50], [97, 48], [3, 2]], 1000))
        [(1, 0), (1, 1), (2, 0), (2, 1)]
        >>> sorted(veiled([[100, 95, 40]], 100))
        [(0, 1)]
    """
    cells = {(row, column): count for row, counts in enumerate(rows) for column, count in enumerate(counts)}
    hidden = {cell for cell, count in cells.items() if count < LEAST_GROUP}
    while True:
        found = hidden | _close(rows, hidden, everybody)
        found |= _complements(rows, found)
        if found == hidden:
            return frozenset(hidden)
        hidden = found


def _close(rows: Sequence[Sequence[int]], hidden: set[tuple[int, int]], everybody: int) -> set[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for row, counts in enumerate(rows):
        last = everybody if row == 0 else None
        for column, count in enumerate(counts):
            if (row, column) in hidden:
                continue
            if last is not None and 0 < abs(last - count) < LEAST_GROUP:
                found.add((row, column))
            else:
                last = count
    return found


def _complements(rows: Sequence[Sequence[int]], hidden: set[tuple[int, int]]) -> set[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for column in range(len(rows[0])):
        parts = [(rows[row][column], row) for row in range(1, len(rows))]
        unseen = sum(count for count, row in parts if (row, column) in hidden)
        for count, row in sorted(parts):
            if not 0 < unseen < LEAST_GROUP:
                break
            if (row, column) not in hidden:
                found.add((row, column))
                unseen += count
    return found
