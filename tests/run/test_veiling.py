"""Figures in rows and columns: whoever sees no people finds no small group in what is left."""

from itertools import accumulate, combinations

from hypothesis import given
from hypothesis import strategies as st

from habitue.run.veiling import veiled

K = 10
LOST = st.integers(0, 15) | st.integers(0, 200)
SHRINKING = st.lists(LOST, min_size=3, max_size=3).map(lambda lost: list(accumulate(lost))[::-1])


@given(st.lists(SHRINKING, min_size=1, max_size=5), st.integers(0, 40), st.booleans())
def test_what_is_left_tells_of_no_small_group(parts: list[list[int]], more: int, whole_only: bool) -> None:
    """In each row the steps are apart; in each column what is hidden is nobody, or ten people together."""
    whole = [sum(column) for column in zip(*parts, strict=True)]
    rows = [whole] if whole_only else [whole, *parts]
    everybody = whole[0] + more
    hidden = veiled(rows, everybody)
    for row, counts in enumerate(rows):
        shown = [count for column, count in enumerate(counts) if (row, column) not in hidden]
        shown += [everybody] if row == 0 else []
        assert all(count >= K for count in shown[: len(counts)] if count != everybody)
        assert all(one == other or abs(one - other) >= K for one, other in combinations(shown, 2))
    for column in range(3):
        unseen = sum(rows[row][column] for row in range(1, len(rows)) if (row, column) in hidden)
        assert (0, column) in hidden or not 0 < unseen < K


def test_nothing_is_hidden_where_everything_is_large() -> None:
    assert veiled([[500, 300, 100], [300, 200, 60], [200, 100, 40]], 1000) == frozenset()
