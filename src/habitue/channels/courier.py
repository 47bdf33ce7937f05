"""Sends what one channel has to send: at least once each, in order for each customer, as its receiver can take it."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from habitue.channels.backlog import BEHIND, LOST, Backlog, Errand, Picked
from habitue.channels.bodies import MOST_BYTES, body_of, message_id
from habitue.channels.clearance import Clearance
from habitue.channels.deliveries import Deliveries, Delivery, DeliveryState, Progress
from habitue.channels.egress import Answer, Egress, Why
from habitue.channels.retries import Pace
from habitue.channels.signing import signed_headers
from habitue.channels.spec import ChannelSpec, ShownId
from habitue.channels.standing import FAILING, GONE, ChannelState, Standing, is_about_receiver
from habitue.segments.transitions import TransitionLog
from habitue.state.sqlite import to_us

NO_BASIS, NO_ID, TOO_LARGE = "no_basis", "no_identifier", "too_large"
"""Why a delivery is withheld: no basis for the purpose, no identifier to show, a body that is too large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What a courier works with, all of them for its thread.

    Attributes:
        log: What changed.
        store: What became of deliveries.
        clearance: What the house says about people and secrets.
        clock: The present time.
        random: Chance, for the jitter.
        forgotten: Customers about whom nobody is told any more, whatever the others still say.
    """

    log: TransitionLog
    store: Deliveries
    clearance: Clearance
    clock: Callable[[], datetime]
    random: Callable[[int], bytes]
    forgotten: Collection[str] = ()


class Courier:
    """Serves one channel.

    Attributes:
        channel: Its name.
        is_ending: Whether nothing more is begun.

    Args:
        spec: The channel.
        doors: What it works with.
        egress: Sends requests.
        pace: How fast, and how often again.
        publish: Told how the channel is doing, after each round.
    """

    def __init__(
        self,
        spec: ChannelSpec,
        doors: Doors,
        egress: Egress,
        *,
        pace: Pace,
        publish: Callable[[ChannelState], None],
    ) -> None:
        self._spec, self._doors, self._egress, self._pace, self._publish = spec, doors, egress, pace, publish
        self._target = spec.target
        self._backlog = Backlog(spec, doors.store, doors.log, pace)
        self._standing = Standing(pace)
        self._news = asyncio.Event()
        self._fresh_at: datetime | None = None
        self._noted: list[Delivery] = []
        self._untold: list[tuple[str, str]] = []
        self._keys: Sequence[bytes] = ()
        self.channel = spec.channel
        self.is_ending = False

    def begin(self) -> Progress:
        """Take the place in the log of changes: a new channel is told what comes from now on."""
        return self._doors.store.begin(self.channel, self._doors.log.newest(), now=self._doors.clock())

    def wake(self) -> None:
        """Look at once: something is new."""
        self._news.set()

    def end(self) -> None:
        """Begin nothing more, and end when what is under way was answered."""
        self.is_ending = self._standing.is_halted = True
        self._news.set()

    async def serve(self) -> None:
        """Send what there is to send, to the end or until cancelled; what was answered by then is on disk."""
        while not self.is_ending:
            wait = await self._round()
            if wait > timedelta(0) and not self.is_ending:
                await self._sleep(wait)

    async def rest(self) -> None:
        """Sleep a little."""
        if not self.is_ending:
            self._news.clear()
            await self._sleep(self._pace.look)

    async def _round(self) -> timedelta:
        """Send what is due now; gives how long there is nothing more to do unless something is new."""
        self._news.clear()
        now, channel = self._doors.clock(), self._spec.channel
        progress = self._progress()
        self._keys = () if progress.off else self._doors.clearance.secrets(self._spec)
        if not self._keys or self._standing.is_paused(now):
            self._tell(progress)
            return self._pause(now) if self._keys else self._pace.look
        careful = self._standing.misses > 0
        picked = self._backlog.pick(progress.sequence, to_us(now), careful=careful, fresh=self._is_fresh(now))
        if not picked.is_empty:
            await self._send_all(picked)
            # At once again: what came of this may let something else be due.
            self._tell(self._progress())
            return timedelta(0)
        if picked.sequence > progress.sequence:
            self._doors.store.keep(channel, (), sequence=picked.sequence)
            progress = replace(progress, sequence=picked.sequence)
        self._tell(progress)
        return self._until(picked.next_us, now, careful=careful)

    def _progress(self) -> Progress:
        return self._doors.store.progress(self._spec.channel) or self.begin()

    # --- Waiting ------------------------------------------------------------------------------------------------------

    def _is_fresh(self, now: datetime) -> bool:
        """Whether a new change is to be tried though the receiver has taken nothing lately."""
        return self._fresh_at is not None and now >= self._fresh_at

    def _pause(self, now: datetime) -> timedelta:
        until = self._standing.paused_until
        return self._pace.look if until is None else min(max(until - now, timedelta(0)), self._pace.look)

    def _until(self, next_us: int | None, now: datetime, *, careful: bool) -> timedelta:
        """How long to sleep: until the next is due, and never long, since somebody may switch the channel."""
        wait = self._pace.look
        if next_us is not None:
            wait = min(wait, timedelta(microseconds=next_us - to_us(now)))
        if careful and self._fresh_at is not None and self._fresh_at > now:
            wait = min(wait, self._fresh_at - now)
        return max(wait, timedelta(milliseconds=1))

    async def _sleep(self, wait: timedelta) -> None:
        try:
            await asyncio.wait_for(self._news.wait(), wait.total_seconds())
        except TimeoutError:
            return

    # --- Sending ------------------------------------------------------------------------------------------------------

    async def _send_all(self, picked: Picked) -> None:
        """Send what was picked, and note what became of it, also where this is cut short."""
        now_us = to_us(self._doors.clock())
        self._noted = [
            each._replace(state=DeliveryState.WITHHELD, why=LOST, last_us=now_us) for each in picked.lost
        ] + [self._behind(each, now_us) for each in picked.behind]
        self._untold = []
        self._standing.is_halted = self.is_ending
        was_failing = self._standing.misses > 0
        self._clear(picked)
        at_once = asyncio.Semaphore(1 if self._standing.is_slow or was_failing else self._pace.at_once)
        try:
            async with asyncio.TaskGroup() as group:
                for chain in picked.chains:
                    group.create_task(self._send_chain(chain, at_once))
        finally:
            self._keep(picked)
        if was_failing and not self._standing.misses:
            self._doors.store.hasten(self._spec.channel)
        failing = self._standing.misses > 0
        self._fresh_at = self._doors.clock() + self._pace.fresh if failing else None

    def _clear(self, picked: Picked) -> None:
        """Ask about everybody at once, and note that their data goes out."""
        errands = [each for chain in picked.chains for each in chain]
        people = list(dict.fromkeys(each.moved.customer_id for each in errands))
        if not people:
            return
        allowed = self._doors.clearance.permitted(people, self._spec.purpose).difference(self._doors.forgotten)
        self._doors.clearance.note(self._spec, [each for each in people if each in allowed])
        if self._spec.purpose:
            told = [each.moved for each in errands if each.moved.entered and each.moved.customer_id in allowed]
            self._doors.store.tell(self._spec.channel, [(each.segment, each.customer_id) for each in told])

    def _keep(self, picked: Picked) -> None:
        """Write down what became of everything; what was not begun is picked again."""
        done = {each.sequence for each in self._noted}
        left = [each.moved.sequence for chain in picked.chains for each in chain if each.before is None]
        not_begun = [sequence for sequence in left if sequence not in done]
        sequence = min([picked.sequence, *(each - 1 for each in not_begun)])
        self._doors.store.keep(self._spec.channel, self._noted, sequence=sequence, untold=self._untold)

    def _behind(self, errand: Errand, now_us: int) -> Delivery:
        return errand.after(self._spec.channel, DeliveryState.WAITING, now_us)._replace(why=BEHIND)

    async def _send_chain(self, chain: Sequence[Errand], at_once: asyncio.Semaphore) -> None:
        """Send changes about one customer one after the other; behind one that failed the others wait."""
        async with at_once:
            for place, errand in enumerate(chain):
                if self._standing.is_halted:
                    return
                noted = await self._send(errand)
                self._noted.append(noted)
                if noted.state is DeliveryState.WAITING:
                    now_us = noted.last_us
                    self._noted += [self._behind(each, now_us) for each in chain[place + 1 :] if each.before is None]
                    return

    async def _send(self, errand: Errand) -> Delivery:
        """Send one change, unless nothing may be said about the customer now."""
        moved, channel = errand.moved, self._spec.channel
        user_id, refusal = self._user_id(errand)
        body = b"" if refusal else body_of(self._spec, moved, user_id)
        if len(body) > MOST_BYTES:
            refusal = TOO_LARGE
        if refusal:
            if errand.attempts == 0:
                self._untold.append((moved.segment, moved.customer_id))
            withheld = errand.after(channel, DeliveryState.WITHHELD, to_us(self._doors.clock()))
            return withheld._replace(why=refusal)
        headers = {
            "content-type": "application/json",
            "user-agent": "Habitue",
            **signed_headers(message_id(channel, moved), body, self._keys, self._doors.clock()),
        }
        answer = await self._egress.post(self._target, body, headers, self._pace.timeout)
        return self._judged(errand, answer)

    def _user_id(self, errand: Errand) -> tuple[str | None, str]:
        """The identifier to show, and why nothing may be said; asked anew right before it is."""
        moved, clearance = errand.moved, self._doors.clearance
        if moved.customer_id in self._doors.forgotten:
            return None, LOST
        if moved.customer_id not in clearance.permitted([moved.customer_id], self._spec.purpose) and not (
            self._may_take_back(errand)
        ):
            return None, NO_BASIS
        if self._spec.identifier is ShownId.CUSTOMER_ID:
            return None, ""
        found = clearance.user_ids([moved.customer_id]).get(moved.customer_id)
        return found, "" if found else NO_ID

    def _may_take_back(self, errand: Errand) -> bool:
        """Whether somebody without a basis left a segment that the receiver was told they are in."""
        moved = errand.moved
        if moved.entered:
            return False
        return not self._spec.purpose or self._doors.store.is_told(self._spec.channel, moved.segment, moved.customer_id)

    def _judged(self, errand: Errand, answer: Answer) -> Delivery:
        """What an answer makes of a delivery, and of the channel."""
        now, moved, channel = self._doors.clock(), errand.moved, self._spec.channel
        asked = self._standing.hear(answer, now)
        state, due = DeliveryState.DELIVERED, None
        if answer.why is not Why.ACCEPTED:
            due = self._pace.next_try(errand.attempts + 1, now, self._doors.random)
            state = DeliveryState.GIVEN_UP if due is None else DeliveryState.WAITING
        noted = errand.after(channel, state, to_us(now))._replace(
            attempts=errand.attempts + 1,
            next_us=0 if due is None else to_us(max(due, now + asked)),
            why=answer.why.value,
            status=answer.status,
            took_ms=answer.took_ms,
        )
        if state is DeliveryState.DELIVERED and not moved.entered:
            self._untold.append((moved.segment, moved.customer_id))
        self._switch(noted, answer, now)
        return noted

    def _switch(self, noted: Delivery, answer: Answer, now: datetime) -> None:
        """Switch the channel off where the receiver says so, or has taken nothing for all attempts of a delivery."""
        store, channel = self._doors.store, self._spec.channel
        if answer.why is Why.GONE:
            store.switch_off(channel, GONE, now=now)
        elif noted.state is DeliveryState.GIVEN_UP and is_about_receiver(answer):
            progress = store.progress(channel)
            accepted_at = None if progress is None else progress.accepted_at
            if accepted_at is None or to_us(accepted_at) < noted.first_us:
                self._standing.is_halted = True
                store.switch_off(channel, FAILING, now=now)

    # --- Saying how it is ---------------------------------------------------------------------------------------------

    def _tell(self, progress: Progress) -> None:
        now, standing = self._doors.clock(), self._standing
        if progress.off:
            state, why = "off", progress.off
        elif not self._keys:
            state, why = "no_secret", ""
        elif standing.is_paused(now):
            state, why = "paused", standing.why
        else:
            state, why = ("failing", standing.why) if standing.misses else ("on", "")
        self._publish(
            ChannelState(
                channel=self._spec.channel,
                state=state,
                why=why,
                sequence=progress.sequence,
                behind=max(0, self._doors.log.newest() - progress.sequence),
                waiting=self._doors.store.waiting_count(self._spec.channel),
                accepted=progress.accepted,
                attempts=standing.attempts,
                failures=standing.failures,
                accepted_at=progress.accepted_at,
            )
        )
