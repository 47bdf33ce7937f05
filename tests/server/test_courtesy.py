"""Work in the background gives way while somebody waits, and gets done all the same."""

import pytest

from habitue.server.courtesy import LONGEST_S, Courtesy


def test_nobody_waiting_it_goes_on_at_once() -> None:
    pauses = list[float]()
    Courtesy(lambda: False, pauses.append).give_way()
    assert pauses == []


def test_it_goes_on_when_whoever_waited_was_served() -> None:
    pauses = list[float]()
    Courtesy(lambda: len(pauses) < 3, pauses.append).give_way()
    assert len(pauses) == 3


def test_under_load_without_end_it_gets_done() -> None:
    pauses = list[float]()
    Courtesy(lambda: True, pauses.append).progress("seeding", 0, 0)
    assert sum(pauses) == pytest.approx(LONGEST_S, rel=0.2)
