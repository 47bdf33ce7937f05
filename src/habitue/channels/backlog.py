"""What a channel has to send next: what waits for another attempt, then what is new in the log of changes.

Changes about one customer go out one after the other, in order: while one waits, the later ones wait behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from habitue.channels.deliveries import Deliveries, Delivery, DeliveryState
from habitue.channels.retries import Pace
from habitue.channels.spec import ChannelSpec
from habitue.segments.transitions import Moved, TransitionLog

BEHIND = "behind"
"""Why a delivery waits that was never tried: an earlier one about the same customer does."""
LOST = "lost"
"""Why a delivery is withheld whose change is in the log no longer: the person was erased, or it is too old."""
_PAGE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One change to be sent.

    Attributes:
        moved: The change.
        before: What became of it so far; None for a new one.
    """

    moved: Moved
    before: Delivery | None = None

    @property
    def attempts(self) -> int:
        """How many attempts were made."""
        return 0 if self.before is None else self.before.attempts

    def after(self, channel: str, state: DeliveryState, now_us: int) -> Delivery:
        """What becomes of it."""
        moved = self.moved
        first_us = now_us if self.before is None or self.attempts == 0 else self.before.first_us
        return Delivery(
            channel,
            moved.sequence,
            moved.segment,
            moved.entered,
            state,
            attempts=self.attempts,
            first_us=first_us,
            last_us=now_us,
        )


@dataclass(slots=True, kw_only=True)
class Picked:
    """What to send now.

    Attributes:
        chains: Errands about one customer each, in order; the chains in order of their first.
        lost: Waiting deliveries whose change is in the log no longer.
        behind: New ones that wait behind an earlier one about the same customer.
        sequence: Every change up to this one is taken up when all of this is.
        next_us: When the next waiting one is due; None when none waits.
        waiting: How many wait, those in `chains` included.
    """

    chains: list[list[Errand]] = field(default_factory=list)
    lost: list[Delivery] = field(default_factory=list)
    behind: list[Errand] = field(default_factory=list)
    sequence: int = 0
    next_us: int | None = None
    waiting: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.chains or self.lost or self.behind)


class Backlog:
    """What one channel has to send.

    Args:
        spec: The channel.
        store: What became of deliveries.
        log: What changed.
        pace: How much is taken at once.
    """

    def __init__(self, spec: ChannelSpec, store: Deliveries, log: TransitionLog, pace: Pace) -> None:
        self._spec, self._store, self._log, self._pace = spec, store, log, pace

    def pick(self, sequence: int, now_us: int, *, careful: bool, fresh: bool) -> Picked:
        """What to send now.

        Args:
            sequence: Every change up to this one was taken up.
            now_us: The present time.
            careful: Whether the receiver has taken nothing since the last failure: then one thing at a time.
            fresh: Whether one new change is to be tried even so.
        """
        picked = Picked(sequence=sequence)
        queues = self._queues(picked)
        for queue in queues.values():
            due_us = queue[0].before.next_us if queue[0].before else 0
            if due_us <= now_us:
                picked.chains.append(queue)
            else:
                picked.next_us = due_us if picked.next_us is None else min(picked.next_us, due_us)
        picked.chains.sort(key=lambda chain: chain[0].moved.sequence)
        del picked.chains[1 if careful else self._pace.window :]
        if not (careful and picked.chains):
            self._add_new(picked, queues, self._room(picked.waiting, careful=careful, fresh=fresh))
        return picked

    def _room(self, waiting: int, *, careful: bool, fresh: bool) -> int:
        """How many new changes may be taken."""
        left = self._pace.most_pending - waiting
        if not careful:
            return max(0, min(self._pace.window, left))
        return max(0, min(1, left if fresh else self._pace.few_pending - waiting))

    def _queues(self, picked: Picked) -> dict[str, list[Errand]]:
        """What waits, by customer, in order."""
        waiting = self._store.waiting(self._spec.channel)
        changes = self._changes([each.sequence for each in waiting])
        queues: dict[str, list[Errand]] = {}
        for each in waiting:
            moved = changes.get(each.sequence)
            if moved is None:
                picked.lost.append(each)
            else:
                queues.setdefault(moved.customer_id, []).append(Errand(moved=moved, before=each))
        picked.waiting = len(waiting) - len(picked.lost)
        return queues

    def _changes(self, sequences: Sequence[int]) -> dict[int, Moved]:
        """The changes of what waits; read anew each time, since somebody may have been forgotten in between."""
        found = (moved for sequence in sequences for moved in self._log.read(sequence - 1, 1))
        return {moved.sequence: moved for moved in found}

    def _add_new(self, picked: Picked, queues: dict[str, list[Errand]], room: int) -> None:
        """Add what is new, as far as there is room; changes that the channel does not want are passed over."""
        if not room:
            return
        taken = self._store.taken_up(self._spec.channel, after=picked.sequence)
        chains: dict[str, list[Errand]] = {}
        while page := self._log.read(picked.sequence, _PAGE):
            for moved in page:
                if self._spec.wants(moved.segment) and moved.sequence not in taken:
                    if not room:
                        picked.chains += chains.values()
                        return
                    room -= 1
                    errand = Errand(moved=moved)
                    if moved.customer_id in queues:
                        picked.behind.append(errand)
                    else:
                        chains.setdefault(moved.customer_id, []).append(errand)
                picked.sequence = moved.sequence
        picked.chains += chains.values()
