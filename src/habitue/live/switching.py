"""The next generation: made in the background, fed with what came in meanwhile, and put in place in one step."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Final, NamedTuple

from habitue.live.beginning import cause_of
from habitue.live.generation import Generation, Seeded
from habitue.live.keeping import Keeper, Pair, differences, flips
from habitue.live.poison import code_of, look_ahead, taken
from habitue.live.setting import Pace, Setting
from habitue.live.state import Making
from habitue.live.tail import Tail
from habitue.rules.history import instant_of
from habitue.segments import Position, TransitionLog

_RECORDS: Final = 50
"""How many records of the tail are read between two looks at what arrives: some milliseconds' worth."""


class _Order(NamedTuple):
    setting: Setting
    answer: "Future[int]"


class _Made(NamedTuple):
    """What came of making: what was seeded and where it differs from what was kept, or what went wrong."""

    seeded: Seeded | None
    pairs: set[Pair]
    problem: BaseException | None


class Switching:
    """The generation in the making, if there is one; worked on by the loop's thread between its turns.

    Args:
        project: The project's folder, where transitions are kept.
        pace: How much is done at a time.
        wake: Has the loop look again.
    """

    def __init__(self, project: Path, pace: Pace, wake: Callable[[], None]) -> None:
        self._project, self._pace, self._wake = project, pace, wake
        self._orders: deque[_Order] = deque()
        self._order: _Order | None = None
        self._latest: Setting | None = None
        self._made: _Made | None = None
        self._coming: Generation | None = None
        self._pairs: set[Pair] = set()
        self._forgotten: set[str] = set()
        self._total = self._first = 0
        self._failed = ""
        self._done: tuple[Future[int], int] | None = None

    # --- For everybody ------------------------------------------------------------------------------------------------

    def ask(self, setting: Setting) -> "Future[int]":
        """Have a generation made after those asked for before."""
        answer: Future[int] = Future()
        self._latest = setting
        self._orders.append(_Order(setting, answer))
        self._wake()
        return answer

    def ask_again(self, setting: Setting) -> None:
        """Have one made of what was declared last; of a setting where none was asked for before."""
        self.ask(self._latest or setting)

    def progress(self) -> Making | None:
        """How far the one in the making is; None where none is, and the last one went well."""
        coming = self._coming
        if coming is not None:
            return Making(step="reading", done=coming.offset - self._first, total=self._total)
        if self._order is not None or self._orders:
            return Making(step="seeding")
        return Making(step="failed", problem=self._failed) if self._failed else None

    def end(self) -> None:
        """Nothing is made any longer."""
        for order in (self._order, *self._orders):
            if order is not None:
                order.answer.cancel()

    # --- On the loop's thread -----------------------------------------------------------------------------------------

    def step(self, generation: Generation, keeper: Keeper, tail: Tail, until_us: int) -> Generation | None:
        """Go on by a slice.

        Args:
            generation: The present one, settled.
            keeper: Where transitions are kept; what is otherwise in the new one is added.
            tail: The log.
            until_us: The instant up to which deadlines are minded.

        Returns:
            The new generation when it is to take over now.
        """
        if self._order is None:
            self._begin(keeper)
            return None
        if self._made is None:
            return None
        if self._made.seeded is None:
            self._fail(keeper, self._made.problem or RuntimeError())
            return None
        coming = self._coming or self._open(self._order, self._made.seeded, keeper, generation)
        if coming.offset < generation.offset:
            self._read(coming, tail, generation.offset)
            return None
        swept = coming.advance(instant_of(until_us), limit=self._pace.people)
        self._pairs |= {(each.customer_id, each.definition) for each in swept.transitions}
        if not swept.is_done or coming.offset != generation.offset:
            return None
        self._take_over(self._order, self._made, coming, keeper, until_us)
        return coming

    @property
    def is_reading(self) -> bool:
        """Whether there is more to do at once."""
        return self._made is not None or (self._order is None and bool(self._orders))

    def forget(self, customers: Sequence[str], now: datetime) -> None:
        """Drop all that is known of some people, also where they were seeded just before."""
        if self._order is not None:
            self._forgotten |= set(customers)
        if self._coming is not None:
            self._coming.forget(customers, now)

    def _begin(self, keeper: Keeper) -> None:
        while self._orders:
            order = self._orders.popleft()
            if order.answer.set_running_or_notify_cancel():
                self._order, self._pairs = order, set()
                keeper.watched = self._pairs
                Thread(target=self._make, args=(order, keeper.position), name="habitue-seed", daemon=True).start()
                return

    def _make(self, order: _Order, position: Position) -> None:
        """In the background: seed, and see where that differs from what was kept when it began."""
        try:
            with TransitionLog.open(self._project) as log:
                members = {segment: set(log.members(segment)) for segment in log.sizes()}
            made = order.setting.make(position.settled, instant_of(position.settled_us), members)
            seeded = made if isinstance(made, Seeded) else Seeded(made)
            if seeded.offset is None:
                seeded = seeded._replace(offset=position.settled)
            now = {name: set(seeded.rules.members(name)) for name in seeded.rules.plan.names}
            self._made = _Made(seeded, differences(members, now), None)
        except Exception as error:
            self._made = _Made(None, set(), error)
        self._wake()

    def _open(self, order: _Order, seeded: Seeded, keeper: Keeper, generation: Generation) -> Generation:
        offset = keeper.position.settled if seeded.offset is None else seeded.offset
        setting = order.setting
        self._coming = Generation.of(seeded, setting.reading, setting.identity(), offset, setting.consents())
        now = instant_of(keeper.position.settled_us)
        begun = self._coming.begin(seeded.persons, None, now)
        self._coming.forget(sorted(self._forgotten), now)
        self._pairs |= {(each.customer_id, each.definition) for each in begun}
        self._first, self._total = offset, max(0, generation.offset - offset)
        return self._coming

    def _read(self, coming: Generation, tail: Tail, until: int) -> None:
        page = tail.read(coming.offset, min(_RECORDS, until - coming.offset))
        look_ahead(coming, page.records)
        for record in page.records:
            self._pairs |= {(each.customer_id, each.definition) for each in taken(coming, record)}
        coming.identity.keep()
        coming.offset = max(page.last, coming.offset)
        if not page.records and not page.damaged:
            coming.offset = until

    def _take_over(self, order: _Order, made: _Made, coming: Generation, keeper: Keeper, now_us: int) -> None:
        before, rules = keeper.log.rules(), order.setting.reading.rules_of(coming.names)
        gone = {(customer, name) for name in set(before) - set(rules) for customer in keeper.log.members(name)}
        changed = flips(
            self._pairs | made.pairs | gone,
            was=keeper.log.is_member,
            holds=coming.holds,
            causes=lambda segment: cause_of(segment, rules, before),
            now_us=now_us,
        )
        keeper.add(changed, coming.offset)
        keeper.declare({**dict.fromkeys(before, ""), **rules})
        self._clear(keeper)
        self._failed = ""
        self._done = (order.answer, len(changed))

    def say_done(self) -> None:
        """Tell whoever asked for the generation that took over."""
        if self._done is not None:
            (answer, count), self._done = self._done, None
            answer.set_result(count)

    def _fail(self, keeper: Keeper, problem: BaseException) -> None:
        """The present generation goes on; `progress` says what went wrong."""
        order = self._order
        self._failed = code_of(problem)
        self._clear(keeper)
        if order is not None:
            order.answer.set_exception(problem)

    def _clear(self, keeper: Keeper) -> None:
        self._order = self._made = self._coming = None
        self._pairs, keeper.watched, self._forgotten = set(), None, set()
