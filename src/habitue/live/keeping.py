"""What changed on its way to the disk: collected by micro-batch, written once, tried again while the disk refuses."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from habitue.rules.live_transitions import Cause, Transition
from habitue.segments import Moved, TransitionLog

Pair = tuple[str, str]
"""A customer and a segment."""


class Keeper:
    """The transitions of the loop's thread.

    Args:
        log: Where they are kept; nobody else writes it.

    Attributes:
        position: How far the log of transitions says that events were read.
        sizes: How many are in each segment, as kept.
        refused: How many transitions were left out, ever, since they changed nothing.
        watched: Where something changes is put in here, if anybody wants to know.
    """

    def __init__(self, log: TransitionLog) -> None:
        self._log = log
        self.position = log.position()
        self.sizes = log.sizes()
        self._found: list[Transition] = []
        self._offsets: list[int] = []
        self.refused = log.refused
        self.watched: set[Pair] | None = None
        self._rules: Mapping[str, str] | None = None

    @property
    def waiting(self) -> int:
        """How much is to be kept and is not yet."""
        return len(self._found) + (self._rules is not None)

    def rewind(self) -> None:
        """Another log of events is in place of the one that was read."""
        self._log.rewind()
        self.position = self._log.position()

    @property
    def log(self) -> TransitionLog:
        """Where they are kept."""
        return self._log

    def add(self, transitions: Iterable[Transition], offset: int) -> None:
        """Have transitions kept with the next commit."""
        for each in transitions:
            self._found.append(each)
            self._offsets.append(offset)
            if self.watched is not None:
                self.watched.add((each.customer_id, each.definition))

    def declare(self, rules: Mapping[str, str]) -> None:
        """Have what segments are declared as kept with the next commit."""
        self._rules = rules

    def unseen(self, transitions: Iterable[Transition]) -> list[Transition]:
        """Those of some transitions that lie behind the last one kept of the same customer and segment."""
        last = self._log.last
        return [
            each
            for each in transitions
            if (known := last(each.customer_id, each.definition)) is None or each.occurred_us > known
        ]

    def commit(self, *, offset: int, clock_us: int, noticed_us: int, people: int, is_settled: bool) -> list[Moved]:
        """Keep what was found, and how far the log was read, in one transaction."""
        moved = self._log.commit(
            self._found,
            offset=offset,
            clock_us=clock_us,
            noticed_us=noticed_us,
            offsets=self._offsets,
            people=people,
            is_settled=is_settled,
            rules=self._rules,
        )
        if len(moved) < len(self._found):
            self.refused = self._log.refused
        self._found, self._offsets, self._rules = [], [], None
        self.position = self._log.position()
        for each in moved:
            self.sizes[each.segment] = self.sizes.get(each.segment, 0) + (1 if each.entered else -1)
        return moved

    def forget(self, customers: Collection[str]) -> None:
        """Delete what is told of some customers, kept or not; the file is written anew by whoever erases."""
        kept = [place for place, each in enumerate(self._found) if each.customer_id not in customers]
        self._found, self._offsets = [self._found[each] for each in kept], [self._offsets[each] for each in kept]
        self._log.forget(customers, anew=False)
        self.sizes = self._log.sizes()

    def members(self) -> dict[str, Collection[str]]:
        """Who is inside each segment, as kept."""
        return {segment: self._log.members(segment).keys() for segment in self._log.sizes()}


def differences(before: Mapping[str, Collection[str]], after: Mapping[str, Collection[str]]) -> set[Pair]:
    """The customers and segments of which only one of two readings says that they are inside.

    Examples:
        >>> sorted(differences({"vip": {"c1", "c2"}}, {"vip": {"c2"}, "new": {"c3"}}))
        [('c1', 'vip'), ('c3', 'new')]
    """
    found = set[Pair]()
    for segment in {*before, *after}:
        one, other = set(before.get(segment, ())), set(after.get(segment, ()))
        found |= {(customer, segment) for customer in one ^ other}
    return found


def flips(
    pairs: Iterable[Pair],
    *,
    was: Callable[[str, str], bool],
    holds: Callable[[str, str], bool],
    causes: Callable[[str], Cause],
    now_us: int,
) -> Sequence[Transition]:
    """What changes for some customers and segments between two readings, by segment and customer.

    Args:
        pairs: Where something may have changed.
        was: Whether a customer was inside a segment.
        holds: Whether one is now.
        causes: Why anything about a segment changed.
        now_us: When the second reading takes over.
    """
    changed = sorted(
        (segment, customer) for customer, segment in pairs if was(customer, segment) != holds(customer, segment)
    )
    return [
        Transition(
            customer_id=customer,
            definition=segment,
            entered=holds(customer, segment),
            occurred_us=now_us,
            cause=causes(segment),
        )
        for segment, customer in changed
    ]
