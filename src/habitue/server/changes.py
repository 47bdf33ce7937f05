"""Who enters and leaves segments, told to whoever listens as server-sent events, each change once and in order.

A listener has a place in the log of transitions and nothing else: what follows it comes from memory where it is recent,
else from the log. So nobody's slowness costs memory, and whoever comes back with `Last-Event-ID` goes on where they
were.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Final, NamedTuple, TypeVar

from habitue.govern.roles import Access
from habitue.govern.suppression import LEAST_GROUP
from habitue.run.live_answers import LiveAnswers
from habitue.segments import Moved, TransitionLog
from habitue.server.problems import RequestError

T = TypeVar("T")
RECENT: Final = 20_000
PAGE: Final = 500
MOST_LISTENERS: Final = 1_000


class Page(NamedTuple):
    """What follows a place.

    Attributes:
        moved: The changes, in order.
        place: Where to go on.
        more: Whether there is more already.
    """

    moved: Sequence[Moved]
    place: int
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """How many are in each segment.

    Attributes:
        newest: The newest change that is counted in, or an older one.
        segments: By name; None where fewer than ten, to roles that see no people.
        rounded: Whether they are rounded to whole tens.
    """

    newest: int
    segments: dict[str, int | None]
    rounded: bool


class Changes:
    """The changes of one project, for any number of listeners of one event loop.

    Args:
        opening: Opens the log of transitions; called by a thread of its own.
        live: Counts members; None where nothing is live.
    """

    def __init__(self, opening: Callable[[], TransitionLog], live: LiveAnswers | None = None) -> None:
        self._live = live
        self._lock = Lock()
        self._recent: deque[Moved] = deque(maxlen=RECENT)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: set[asyncio.Event] = set()
        self._is_closing = False
        self._counted: tuple[float, Counters] | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="habitue-changes")
        try:
            self._log = self._pool.submit(opening).result()
            self._newest = self._pool.submit(self._log.newest).result()
        except BaseException:
            self._pool.shutdown()
            raise

    # --- For the thread that keeps changes ----------------------------------------------------------------------------

    def tell(self, moved: Sequence[Moved]) -> None:
        """Tell everybody of changes that are in the log; for `Loop.subscribe`."""
        if not moved:
            return
        with self._lock:
            self._recent.extend(moved)
            self._newest = max(self._newest, moved[-1].sequence)
        self._wake()

    def forget(self, customers: Collection[str]) -> None:
        """Forget what is told of somebody; for `LiveParts.on_erased`."""
        gone = frozenset(customers)
        with self._lock:
            kept = [each for each in self._recent if each.customer_id not in gone]
            self._recent.clear()
            self._recent.extend(kept)

    def end(self) -> None:
        """Let every listener go, and take no more: the server is about to stop."""
        self._is_closing = True
        self._wake()

    def close(self) -> None:
        """Give the log back."""
        self.end()
        self._pool.submit(self._log.close).result()
        self._pool.shutdown()

    def _wake(self) -> None:
        loop = self._loop
        if loop is not None:
            # A loop that has ended has nobody to wake.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._wake_all)

    def _wake_all(self) -> None:
        for each in self._waiting:
            each.set()

    # --- For listeners ------------------------------------------------------------------------------------------------

    @property
    def is_closing(self) -> bool:
        """Whether listeners have to go."""
        return self._is_closing

    @property
    def listeners(self) -> int:
        """How many there are."""
        return len(self._waiting)

    def join(self, event: asyncio.Event) -> None:
        """Set an event whenever something changes; `leave` ends that.

        Raises:
            RequestError: There are as many as there may be.
        """
        if len(self._waiting) >= MOST_LISTENERS or self._is_closing:
            raise RequestError("OVERLOADED", what="As many listen as may listen.", do="Come back a little later.")
        self._loop = asyncio.get_running_loop()
        self._waiting.add(event)

    def leave(self, event: asyncio.Event) -> None:
        """Set it no longer."""
        self._waiting.discard(event)

    async def place(self, after: int | None) -> int:
        """Where a listener begins: after the last change it knows, or with the next one."""
        newest = await self._ask(self._log.newest)
        return newest if after is None else min(after, newest)

    async def oldest(self) -> int:
        """The oldest change that can still be told."""
        return await self._ask(self._log.oldest)

    async def following(self, place: int, segment: str | None) -> Page:
        """What follows a place, of one segment or of all."""
        recent = self._from_memory(place, segment)
        return recent if recent is not None else await self._ask(lambda: self._from_log(place, segment))

    def _from_memory(self, place: int, segment: str | None) -> Page | None:
        with self._lock:
            if place >= self._newest:
                return Page([], place, more=False)
            if not self._recent or self._recent[0].sequence > place + 1:
                return None
            # The place is near the end, so it is looked for from there.
            found = list[Moved]()
            for each in reversed(self._recent):
                if each.sequence <= place:
                    break
                found.append(each)
            newest = self._newest
        found.reverse()
        page = found[:PAGE]
        more = len(found) > PAGE
        end = page[-1].sequence if more else newest
        return Page([each for each in page if segment is None or each.segment == segment], end, more)

    def _from_log(self, place: int, segment: str | None) -> Page:
        newest = self._log.newest()
        found = self._log.read(place, PAGE, segment=segment)
        more = len(found) == PAGE
        end = found[-1].sequence if more else max(newest, found[-1].sequence if found else place)
        return Page(found, end, more)

    async def counters(self, access: Access) -> Counters:
        """How many are in each segment, as a role is shown it; counted at most once a second for all."""
        now = asyncio.get_running_loop().time()
        if self._counted is None or now - self._counted[0] >= 1:
            self._counted = now, await self._ask(self._count)
        found = self._counted[1]
        if access.sees_people:
            return found
        shown = {name: _rough(size) for name, size in found.segments.items()}
        return Counters(newest=found.newest, segments=shown, rounded=True)

    def _count(self) -> Counters:
        newest = self._log.newest()
        sizes = {} if self._live is None else self._live.sizes()
        return Counters(newest=newest, segments=dict(sorted(sizes.items())), rounded=False)

    async def _ask(self, question: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, question)


def _rough(size: int | None) -> int | None:
    """To the nearest ten, nothing below ten."""
    if size is None or size < LEAST_GROUP:
        return None
    return (size + LEAST_GROUP // 2) // LEAST_GROUP * LEAST_GROUP
