"""How the receiver of a channel is doing, as far as its answers tell: who has to slow down, wait, or stop."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from habitue.channels.egress import Answer, Why
from habitue.channels.retries import Pace, asked_wait

GONE, FAILING = "gone", "failing"
"""Why a channel was switched off: the receiver said so, or took nothing through all attempts."""
_NOT_THERE: Final = frozenset({401, 403, 404, 405, 407, 408, 425})
"""Refusals that are about the receiver as a whole and not about one message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelState:
    """How a channel is doing.

    Attributes:
        channel: Its name.
        state: `on`, `failing` (the last attempts failed), `paused` (the receiver asked to wait), `off`, `no_secret`,
            or `stopped`.
        why: Of `off`, `failing` and `stopped`, in one word.
        sequence: Every change up to this one was taken up.
        behind: How many changes of the log come after it, wanted or not.
        waiting: How many deliveries wait for another attempt.
        accepted: How many the receiver has taken.
        attempts: How many attempts were made since the start.
        failures: How many of them failed.
        accepted_at: When the receiver last took something.
    """

    channel: str
    state: str
    why: str = ""
    sequence: int = 0
    behind: int = 0
    waiting: int = 0
    accepted: int = 0
    attempts: int = 0
    failures: int = 0
    accepted_at: datetime | None = None


class Standing:
    """How the receiver of one channel is doing since the start.

    Attributes:
        attempts: How many were made.
        failures: How many of them failed.
        misses: How many failed in a row, whatever was sent.
        why: What became of the last that failed.
        is_slow: Whether it asked to slow down and has taken nothing since.
        paused_until: Until when it wants to be left alone.
        is_halted: Whether nothing more of what was picked is to be sent.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self.attempts = 0
        self.failures = 0
        self.misses = 0
        self.why = ""
        self.is_slow = False
        self.is_halted = False
        self.paused_until: datetime | None = None

    def hear(self, answer: Answer, now: datetime) -> timedelta:
        """Take an answer in; gives how long the receiver asks to wait, if it does."""
        self.attempts += 1
        if answer.why is Why.ACCEPTED:
            self.misses, self.is_slow, self.paused_until, self.why = 0, False, None, ""
            return timedelta(0)
        self.failures += 1
        self.why = answer.why.value
        if is_about_receiver(answer):
            self.misses += 1
        if answer.why is Why.BUSY:
            self.is_slow = True
        asked = asked_wait(answer.retry_after, now) or timedelta(0)
        if asked:
            self.paused_until = now + asked
        if answer.why in (Why.BUSY, Why.GONE) or asked or self.misses >= self._pace.few_pending:
            self.is_halted = True
        return asked

    def is_paused(self, now: datetime) -> bool:
        """Whether the receiver wants to be left alone."""
        return self.paused_until is not None and now < self.paused_until


def is_about_receiver(answer: Answer) -> bool:
    """Whether a failure says something about the receiver as a whole, and not only about what was sent."""
    return answer.why is not Why.REFUSED or answer.status in _NOT_THERE
