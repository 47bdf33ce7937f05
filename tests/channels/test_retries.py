"""When a delivery is tried again: by the published table, or as the receiver asks."""

import datetime as dt

import pytest

from habitue.channels.retries import Pace, asked_wait

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


def test_the_waits_are_those_of_the_published_table_and_up_to_a_tenth_longer() -> None:
    seconds = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
    for random, longer in ((bytes, 1.0), (lambda count: b"\xff" * count, 1.1)):
        found = [Pace().next_try(attempts, NOW, random) for attempts in range(1, 11)]
        assert found[-1] is None
        waits = [(each - NOW).total_seconds() for each in found if each is not None]
        assert waits == pytest.approx([longer * each for each in seconds], rel=1e-6)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("99999999999999999999", 86_400),
        ("Sun, 22 Nov 2026 12:01:00 GMT", 60),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
        ("-5", None),
        ("soon", None),
        ("\u0663", None),
        ("", None),
        (None, None),
    ],
)
def test_what_a_receiver_asks_is_read_as_seconds_or_as_a_date(said: str | None, seconds: int | None) -> None:
    found = asked_wait(said, NOW)
    assert (None if found is None else found.total_seconds()) == seconds
