"""One turn after the other: read a page of the log, mind some deadlines, keep both together, tell who listens."""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Final

from habitue.errors import HabitueError
from habitue.live.beginning import begin
from habitue.live.keeping import Keeper, flips
from habitue.live.poison import Poison, code_of, look_ahead, taken
from habitue.live.setting import Pace, Setting
from habitue.live.state import Phase
from habitue.live.switching import Switching
from habitue.live.tail import Page, Tail
from habitue.rules.history import instant_of, micros
from habitue.segments import Moved

_IDLE_US: Final = 60_000_000
"""How long the instant of the answers may move on before it is kept for its own sake."""


class Turning:
    """What the loop's thread works with; others only look, and hold the lock when they look at the generation.

    Args:
        setting: What it works with.
        pace: How much is done at a time.
        keeper: Where transitions are kept.
        tail: The log.
        switching: The next generation.
        tell: Called with what was kept.

    Attributes:
        generation: The present one.
        poison: What could not be read.
        phase: What it is doing.
        problem: Code of what holds it up; empty where nothing does.
        read: Records read since the start.
        generations: How many took over, the first included.
        seen_us: The instant up to which every deadline was minded, and what followed kept.
        lock: Held while the generation changes.
    """

    def __init__(
        self,
        setting: Setting,
        pace: Pace,
        keeper: Keeper,
        tail: Tail,
        switching: Switching,
        tell: Callable[[Sequence[Moved]], None],
    ) -> None:
        self._setting, self._pace, self._tail, self._tell = setting, pace, tail, tell
        self.keeper, self._switching = keeper, switching
        self.lock = Lock()
        self.poison = Poison()
        self.phase, self.problem, self.read, self.generations = Phase.CATCHING_UP, "", 0, 1
        self.generation, moved = begin(setting, keeper, tail)
        self._received_us = self.seen_us = keeper.position.clock_us
        tell(moved)

    def turn(self) -> bool:
        """Read a page and mind some deadlines; whether there is more to do at once."""
        generation, size = self.generation, self._pace.page
        now_us = micros(self._setting.clock())
        page = self._tail.read(generation.offset, size)
        self._take(page)
        is_whole = len(page.records) + len(page.damaged) < size
        until_us = max(now_us, self._received_us) if is_whole else self._received_us
        with self.lock:
            self.keeper.add(generation.catch_up(instant_of(until_us)), generation.offset)
            swept = generation.advance(instant_of(until_us), limit=self._pace.people)
        self.keeper.add(swept.transitions, generation.offset)
        is_settled = is_whole and swept.is_done
        if self.keep(until_us, is_settled=is_settled):
            self.phase = Phase.LIVE if is_settled else self.phase if is_whole else Phase.CATCHING_UP
            self.seen_us = until_us if is_settled else self.seen_us
        if self.generation.consents.is_lifted:
            self.generation.consents.is_lifted = False
            self._switching.ask_again(self._setting)
        if is_settled and not self.problem:
            self._switch(until_us)
        return (not is_settled or self._switching.is_reading) and not self.problem

    def _switch(self, until_us: int) -> None:
        """Go on with the next generation; when it is complete, it takes over here."""
        coming = self._switching.step(self.generation, self.keeper, self._tail, until_us)
        if coming is not None:
            with self.lock:
                before, self.generation = self.generation, coming
                self.generations += 1
            before.close()
            self.keep(until_us, is_settled=True)
            self._switching.say_done()

    def _take(self, page: Page) -> None:
        for offset, error in page.damaged:
            self.poison.note(offset, error)
        generation, keeper = self.generation, self.keeper
        for start in range(0, len(page.records), self._pace.batch):
            batch = page.records[start : start + self._pace.batch]
            look_ahead(generation, batch)
            with self.lock:
                for record in batch:
                    keeper.add(taken(generation, record, self.poison), record.offset)
                    self._received_us = max(self._received_us, record.received_us)
        generation.offset = page.last
        self.read += len(page.records)

    def keep(self, until_us: int, *, is_settled: bool) -> bool:
        """Keep what was found; False while the disk refuses, and then it is found again at the next turn."""
        keeper, offset, identity = self.keeper, self.generation.offset, self.generation.identity
        position = keeper.position
        is_news = bool(keeper.waiting or self.poison.met or offset > position.offset or identity.is_open)
        is_behind = position.settled < offset or until_us >= position.settled_us + _IDLE_US
        if not is_news and not (is_settled and is_behind):
            return True
        try:
            self._commit(until_us, is_settled=is_settled)
        except HabitueError as error:
            self.phase, self.problem = Phase.WAITING, code_of(error)
            return False
        self.problem = ""
        return True

    def _commit(self, until_us: int, *, is_settled: bool) -> None:
        """Keep what was found, and tell it at once: whatever is kept is told, also where more cannot be kept."""
        generation, noticed_us = self.generation, micros(self._setting.clock())
        generation.identity.keep(generation.offset)

        def commit(*, is_last: bool) -> None:
            moved = self.keeper.commit(
                offset=generation.offset,
                clock_us=until_us,
                noticed_us=noticed_us,
                people=generation.identity.step,
                is_settled=is_settled and is_last,
            )
            self._tell(moved)

        met = self.poison.met
        commit(is_last=not met)
        if not met:
            return
        # Whoever a record was about that was left out may have been told half of it: what is true now is kept.
        pairs = [(customer, segment) for customer in met for segment in generation.names]
        mended = flips(
            pairs,
            was=self.keeper.log.is_member,
            holds=generation.holds,
            causes=lambda _: "event",
            now_us=until_us,
        )
        self.keeper.add(mended, generation.offset)
        met.clear()
        commit(is_last=True)
