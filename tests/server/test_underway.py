"""The board of builds: it tells of every build, and of one that was asked for while another runs."""

from pathlib import Path

import pytest

from habitue.cli.clock import system_clock, system_surroundings
from habitue.errors import HabitueError
from habitue.run.workspace import Workspace
from habitue.server.underway import BuildBoard


def test_a_build_that_is_asked_for_during_another_waits_on_the_board(shop: Path) -> None:
    board, claims, seen = BuildBoard(), list[bool](), list[bool]()

    def ask(step: str, done: int, total: int) -> None:
        del done, total
        claims.append(board.claim())
        seen.append(board.state.running and board.state.step == step)

    with Workspace.open(shop, around=system_surroundings()) as workspace:
        workspace.builder = board
        first = workspace.build(progress=ask)
        assert claims[0] is True
        assert not any(claims[1:])
        assert all(seen)
        assert (board.state.running, board.state.build) == (True, None)
        with board.claimed(workspace.clock):
            second = workspace.build()
        assert (board.state.running, board.state.build) == (False, second.build)
        assert second.build == first.build + 1
        assert board.claim()


def test_what_hinders_a_build_from_beginning_is_on_the_board_and_another_may_be_asked_for() -> None:
    board = BuildBoard()
    assert board.claim()
    with pytest.raises(HabitueError), board.claimed(system_clock):
        raise HabitueError(what="A file is faulty.", do="Mend it.")
    assert (board.state.running, board.state.failed and board.state.failed.what) == (False, "A file is faulty.")
    assert board.claim()
