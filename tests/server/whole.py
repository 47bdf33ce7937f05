"""A whole server, as `habitue serve` opens it: in this process, or as a program of its own that can be killed."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from habitue.cli.clock import system_surroundings
from habitue.cli.served import Terminal
from habitue.server.front import Front
from habitue.server.serving import House
from habitue.state.notice import Notice, put_up, read_notice, take_down
from tests.server.serving import listen
from tests.waiting import until

SERVE: Final = "from habitue.cli import main; main()"
"""The Python that `habitue` is."""


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A whole server that answers.

    Attributes:
        house: All of it.
        url: Where it answers.
        owner: What somebody on this machine sends, who may do everything.
    """

    house: House
    url: str
    owner: dict[str, str]


@contextmanager
def whole(folder: Path, *, noticed: bool = True) -> Iterator[Whole]:
    """Serve a project in this process until the end of the block.

    Args:
        folder: The project.
        noticed: Whether commands of the terminal find it, and ask it instead of opening the project.
    """
    with ExitStack() as begun:
        house = House(Front(folder, system_surroundings(), stream=io.StringIO()), commands=Terminal())
        begun.callback(house.close)
        url = begun.enter_context(listen(house.app))
        if noticed:
            put_up(folder, Notice(url=url, pid=os.getpid(), token=house.token))
            begun.callback(take_down, folder)
        yield Whole(house=house, url=url, owner={"Authorization": f"Bearer {house.token}"})


def wait_until_ready(client: httpx.Client) -> None:
    """Wait until every part of a server is open."""
    until(lambda: client.get("/readyz").status_code == httpx.codes.OK)


@contextmanager
def serving_apart(folder: Path, program: str = SERVE) -> Iterator[tuple["subprocess.Popen[str]", Notice]]:
    """`habitue serve` as a process of its own, when it answers; killed at the end of the block if it is there still.

    Args:
        folder: The project.
        program: The Python that is `habitue`.
    """
    words = [sys.executable, "-c", program, "serve", "--quiet", "--port", "0", "--project", str(folder)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as served:
        try:
            until(lambda: served.poll() is not None or read_notice(folder) is not None)
            notice = read_notice(folder)
            assert notice is not None, "habitue serve has ended"
            yield served, notice
        finally:
            served.kill()
