"""What a process does that takes messages in and reads them live until it is done, or killed."""

from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from pathlib import Path
from random import Random

from habitue.live import Loop, Pace
from habitue.streams import LogReader
from tests.live.arriving import VISITING, Shop, settle
from tests.live.drawn import Sent, story

SEED = 11


def work(folder: Path, wanted: int, begun: Callable[[], None] | None = None) -> None:
    """Send as many messages of the story as are not sent yet, and read them all.

    Args:
        folder: The project.
        wanted: How many messages there are in all.
        begun: Called when the first of them is about to be sent.
    """
    shop = Shop(folder, rules=VISITING)
    with LogReader(shop.log) as reader:
        shop.sent = reader.bounds()[1]
    messages = list(islice(story(SEED), wanted))
    if shop.sent:
        shop.clock.now = messages[shop.sent - 1].received_at
    loop = shop.loop(Pace(page=40, batch=7, people=3, tick_s=0.002))
    if begun is not None:
        begun()
    _send(shop, loop, messages)
    if messages:
        shop.clock.now = messages[-1].received_at + timedelta(days=2)
    settle(shop, loop, wanted)
    loop.stop()
    shop.committer.close()


def _send(shop: Shop, loop: Loop, messages: list[Sent]) -> None:
    """Some messages at a time; the time is told when they are on the disk."""
    chance = Random(shop.sent)
    while shop.sent < len(messages):
        some = messages[shop.sent : shop.sent + chance.choice([1, 10, 60])]
        shop.send_all(some)
        shop.clock.now = some[-1].received_at
        if chance.random() < 0.3:
            settle(shop, loop)
