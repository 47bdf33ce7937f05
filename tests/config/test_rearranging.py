"""Entries of a list in a project file are moved with their comments, and nothing else in the file changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habitue.config.editing import NotEditableError
from habitue.config.rearranging import Entry, rearrange
from habitue.config.text import parse

TILES = [
    "  - metric: revenue\n",
    "  # Of the week\n  - metric: orders\n    width: 2 # wide\n",
    "\n  - tile: words\n    text: |\n      - not an entry\n\n      # nor a comment\n",
    "  - {metric: visitors}\n",
    "  # Above\n  # twice\n  - funnel:\n      steps: [A, B]\n      within: 7d\n    height: 3\n",
]
AFTER = ["", "---\nboard: other\ntiles:\n  - metric: x\n", "# At the end\n"]


def document(tiles: list[str], after: str) -> str:
    return "# Head\nboard: mine # ours\nlabel: 'Mine: really'\ncolumns: 4\ntiles:\n" + "".join(tiles) + after


@given(data=st.data(), tiles=st.lists(st.sampled_from(TILES), min_size=1, max_size=6), after=st.sampled_from(AFTER))
def test_moved_entries_read_back_in_their_order_and_keep_their_comments(
    data: st.DataObject, tiles: list[str], after: str
) -> None:
    text = document(tiles, after)
    (before, *others), faults = parse(text, "")
    assert not faults
    assert isinstance(before.value, dict)
    held = before.value["tiles"]
    assert isinstance(held, list)
    order = data.draw(st.permutations(range(len(tiles))))
    kept = order[: data.draw(st.integers(1, len(order)))]
    size = data.draw(st.sampled_from([None, 1, 5]))
    plain = [place for place in kept if "{" not in tiles[place]]
    wide = {} if size is None else {"width": size}
    entries = [Entry(was=place, numbers=wide if place in plain else {}) for place in kept]
    made = rearrange(text, "board", "mine", "tiles", entries, {"columns": 3})
    (now, *rest), faults = parse(made, "")
    assert not faults
    expected = []
    for place in kept:
        each = held[place]
        assert isinstance(each, dict)
        expected.append({**each, **wide} if place in plain else each)
    assert now.value == {**before.value, "columns": 3, "tiles": expected}
    assert [each.value for each in rest] == [each.value for each in others]
    for comment in ("# Head", "# ours"):
        assert comment in made
    for comment in ("# Of the week", "# wide", "# twice"):
        # The newest comments may stand above what follows an entry that was taken out.
        assert made.count(comment) >= sum(comment in tiles[place] for place in kept)


def test_moving_nothing_changes_nothing() -> None:
    text = document(TILES, AFTER[1])
    same = [Entry(was=place, numbers={}) for place in range(len(TILES))]
    assert rearrange(text, "board", "mine", "tiles", same, {}) == text


@pytest.mark.parametrize("tiles", ["tiles: [{metric: a}, {metric: b}]\n", "tiles:\n  - a\n  - b\n"])
def test_a_list_that_is_no_block_of_entries_is_refused(tiles: str) -> None:
    with pytest.raises(NotEditableError):
        rearrange(f"board: mine\n{tiles}", "board", "mine", "tiles", [Entry(was=1, numbers={})], {})
    with pytest.raises(NotEditableError):
        rearrange("board: mine\n", "board", "other", "tiles", [], {})
