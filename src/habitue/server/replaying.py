"""Sample visitors who come in while a demonstration is served: their events go over HTTP, as a shop's would."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from typing import Final

import httpx

from habitue.samples.replay import Message, Replay, read_visits

VISITS: Final = 3
"""How many people come in a second."""
_MOST: Final = 500
_PATIENCE_S: Final = 10.0


class Visitors:
    """A thread that sends what sample visitors do to a server of this machine.

    Args:
        url: Where it is reached.
        key: A key of scope `collect`.
        folder: The folder of the project, with the sample's data.
        clock: The present time.
        seed: The same seed sends the same people.
    """

    def __init__(self, url: str, key: str, folder: Path, *, clock: Callable[[], datetime], seed: int) -> None:
        self._url = f"{url}/v1/batch"
        self._auth = httpx.BasicAuth(key, "")
        self._clock = clock
        self._replay = Replay(read_visits(folder), seed=seed)
        self._ending = Event()
        self._thread = Thread(target=self._work, name="habitue-visitors", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Send nothing more."""
        self._ending.set()
        self._thread.join()

    def _work(self) -> None:
        waiting: list[Message] = []
        with httpx.Client(trust_env=False, timeout=_PATIENCE_S, auth=self._auth) as client:
            while not self._ending.wait(1.0):
                waiting += self._replay.due(self._clock(), visits=VISITS)
                if waiting and self._sent(client, waiting[:_MOST]):
                    del waiting[:_MOST]

    def _sent(self, client: httpx.Client, messages: list[Message]) -> bool:
        """Whether the server has them; what it does not take now is sent again, and kept once."""
        try:
            answer = client.post(self._url, json={"batch": messages, "sentAt": self._clock().isoformat()})
        except httpx.TransportError:
            return False
        return answer.is_success
