"""The names under which people, their accounts, devices and papers appear in the feeds."""

import numpy as np

from habitue.samples.dice import Bools, Ints
from habitue.samples.feeds import Text, join, scrambled, whole
from habitue.samples.people import People

_PRIME = 89_999_999
_FACTOR = 52_711_817
_SECOND = 2_000_000
_STRANGERS = 2**40
_ORDERED = 2**42
_LEFT = 2**43


class Numbers:
    """Running numbers of papers of several kinds, over all blocks of a sample.

    Examples:
        >>> numbers = Numbers()
        >>> numbers.take("order", 2).tolist(), numbers.take("order", 2).tolist()
        ([0, 1], [2, 3])
    """

    def __init__(self) -> None:
        self._next: dict[str, int] = {}

    def take(self, kind: str, count: int) -> Ints:
        """The next `count` numbers of a kind."""
        start = self._next.get(kind, 0)
        self._next[kind] = start + count
        return np.arange(start, start + count, dtype=np.int64)


def paper(prefix: str, number: Ints) -> Text:
    """A number as it stands on a paper: a prefix and eight digits or more."""
    return join(prefix, whole(10_000_000 + number))


def account_ids(person: Ints, second: Bools) -> Text:
    """Customer ids, `C` and eight digits, of people numbered over the whole sample.

    A person's second account has a number that gives nothing away.
    """
    return join("C", whole(10_000_000 + (person + _SECOND * second) * _FACTOR % _PRIME))


def uses_second(people: People, person: Ints, at: Ints) -> Bools:
    """True for about half of what a person does once they have a second account."""
    return np.asarray((at >= people.second_at[person]) & (at % 2 == 0))


def accounts_used(people: People, person: Ints, at: Ints) -> Text:
    """Customer id of the account with which a person did each thing."""
    return account_ids(people.first + person, uses_second(people, person, at))


def main_accounts(people: People, person: Ints) -> Text:
    """Customer id of each person's first account."""
    return account_ids(people.first + person, np.zeros(len(person), dtype=bool))


def cookies(people: People, person: Ints, device: Ints) -> Text:
    """Anonymous id of each of a person's two devices."""
    return scrambled((people.first + person) * 2 + device)


def stranger_cookies(stranger: Ints) -> Text:
    """Anonymous ids of visitors who never say who they are."""
    return scrambled(_STRANGERS + stranger)


def carts(order: Ints, visit: Ints) -> Text:
    """Ids of baskets: by the order they became, or, where that is -1, by the visit that left them."""
    return scrambled(np.where(order >= 0, _ORDERED + order, _LEFT + visit))
