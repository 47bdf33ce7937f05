"""Sizes of rules from some people: near the exact ones, labelled, and silent about few."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from habitue.govern.roles import Role
from tests.projects import corner_shop, put
from tests.server.asked import Asked, asking
from tests.server.test_segment_builder import BIG, PEOPLE, orders, told
from tests.terminal import answer


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """A served shop where a fourth of the people is enough for an estimate."""
    folder = corner_shop(tmp_path_factory.mktemp("estimating") / "shop")
    put(folder / "orders.csv", orders())
    settings: Path = folder / "habitue.yaml"
    put(settings, f"{settings.read_text(encoding='utf-8')}estimate_from: {PEOPLE // 4}\n")
    answer("build", "--project", folder)
    with asking(folder) as served:
        yield served


def test_an_estimate_says_so_and_holds_the_exact_figure(asked: Asked) -> None:
    for rule in (BIG, f"not {BIG}", "did('Order Completed', where=coupon == 'SPRING')"):
        guess, exact = (told(asked, "size", {"rule": rule, "exact": each}) for each in (False, True))
        assert guess["is_estimate"]
        assert not exact["is_estimate"]
        assert 0 < guess["looked_at"] < PEOPLE / 2
        # Three times as far off as 19 in 20 are: about one in a thousand million.
        assert abs(guess["customers"] - exact["customers"]) <= 3 * (guess["high"] - guess["customers"])
    # The n largest of some are not those of all.
    assert not told(asked, "size", {"rule": "top(feature.spend_ever, 10)"})["is_estimate"]


def test_an_estimate_tells_who_sees_no_people_nothing_of_few_that_were_looked_at(asked: Asked) -> None:
    # Some forty of all, so that about ten are looked at: one of them stands for four, and tens for forty.
    rules = [f"did('Order Completed', where=revenue == {each})" for each in range(0, 150, 3)]
    for rule in rules:
        seen, clear = (told(asked, "size", {"rule": rule}, role=role) for role in (Role.MARKETER, Role.ADMIN))
        looked_at = round(clear["customers"] * clear["looked_at"] / PEOPLE)
        assert (seen["customers"] is None) == (looked_at < 10), (rule, looked_at)
        if seen["customers"] is not None:
            assert seen["customers"] in {round(round(tens * PEOPLE / clear["looked_at"]), -1) for tens in (10, 20, 30)}
