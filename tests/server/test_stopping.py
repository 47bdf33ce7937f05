"""A server asked to end while it makes a live reading ends soon, loses nothing, and answers at the next start."""

import asyncio
import signal
import time
from contextlib import suppress
from pathlib import Path

import duckdb
import httpx
import pytest

from habitue.cli.clock import system_surroundings
from habitue.run.live_parts import log_path
from habitue.run.workspace import Workspace
from habitue.server.desk import Owner, Readers
from habitue.server.problems import RequestError
from habitue.state.notice import Notice, read_notice
from habitue.streams import LogReader
from tests.projects import put
from tests.server.serving import make_key, make_project
from tests.server.whole import SERVE, serving_apart
from tests.waiting import until

ENDLESS = "SELECT sum(r.range * s.range) FROM range(10000000) AS r, range(1000000) AS s"
SLOWLY = """
import time
from pathlib import Path
from habitue.run import sowing

def slowly(*args, progress, **given):
    Path({mark!r}).touch()
    while True:
        progress("seeding", 0, 0)
        time.sleep(0.02)

sowing.seed = slowly
"""

ASKS_LAST = """
import os, signal, sys

class Last:
    # What these need is held: names are gone by then.
    def __del__(self, kill=os.kill, this=os.getpid(), number=signal.SIGTERM, write=os.write):
        write(2, b"asked")
        kill(this, number)

sys.last_of_all = Last()
"""


def bought(notice: Notice, key: str, who: str) -> int:
    """Have somebody buy; how many messages were stored."""
    said = {"userId": who, "event": "Order Completed", "messageId": who, "properties": {"order_id": who}}
    answer = httpx.post(f"{notice.url}/v1/track", json=said, auth=(key, ""), timeout=30, trust_env=False)
    return int(answer.raise_for_status().json()["stored"])


def buyers(notice: Notice) -> int:
    """How many are in the segment, when that is answered."""
    headers = {"Authorization": f"Bearer {notice.token}"}
    with httpx.Client(base_url=notice.url, timeout=30, trust_env=False, headers=headers) as asking:
        until(lambda: asking.get("/readyz").status_code == httpx.codes.OK)
        until(lambda: "customers" in asking.get("/api/v1/segments/buyers/members").json())
        until(lambda: len(asking.get("/api/v1/segments/buyers/members").json()["customers"]) > 1)
        return len(asking.get("/api/v1/segments/buyers/members").json()["customers"])


def test_a_server_asked_twice_to_stop_while_it_makes_a_live_reading_stops_soon_and_loses_nothing(
    tmp_path: Path,
) -> None:
    folder, mark = make_project(tmp_path / "shop"), tmp_path / "seeding"
    put(folder / "segments" / "buyers.yaml", "segment: buyers\nrule: did('Order Completed')\n")
    key = make_key(folder)
    with serving_apart(folder, SLOWLY.format(mark=str(mark)) + SERVE) as (served, notice):
        assert bought(notice, key, "ann") == 1
        until(mark.exists)
        assert bought(notice, key, "ben") == 1
        asked = time.monotonic()
        served.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        served.send_signal(signal.SIGTERM)
        _, told = served.communicate(timeout=60)
        assert time.monotonic() - asked < 20
    assert served.returncode == 0
    assert "Traceback" not in told
    assert '"level"' not in told
    with LogReader(log_path(folder)) as reader:
        assert reader.bounds()[1] == 2
    with serving_apart(folder) as (served, notice):
        assert buyers(notice) == 2
        served.terminate()
        served.communicate(timeout=60)


def test_a_server_asked_again_while_its_interpreter_is_taken_apart_has_ended_in_order(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "shop")
    with serving_apart(folder, ASKS_LAST + SERVE) as (served, _):
        served.send_signal(signal.SIGTERM)
        _, told = served.communicate(timeout=60)
    assert "asked" in told
    assert served.returncode == 0


def test_a_server_asked_to_stop_three_times_ends_at_once(tmp_path: Path) -> None:
    folder, mark = make_project(tmp_path / "shop"), tmp_path / "seeding"
    # One that does not listen to being told that it ends.
    deaf = SLOWLY.format(mark=str(mark)).replace('progress("seeding", 0, 0)', "pass")
    with serving_apart(folder, deaf + SERVE) as (served, _):
        until(mark.exists)
        served.send_signal(signal.SIGINT)
        until(lambda: read_notice(folder) is None)
        while served.poll() is None:
            served.send_signal(signal.SIGINT)
            time.sleep(0.1)
        _, told = served.communicate(timeout=60)
    assert served.returncode == 130
    assert "Traceback" not in told


def ask(workspace: Workspace) -> None:
    workspace.warehouse.con.execute(ENDLESS)


def test_what_the_owner_asks_too_long_at_the_end_is_broken_off_and_the_tables_stay_open(shop: Path) -> None:
    owner = Owner(lambda: Workspace.open(shop, around=system_surroundings()))
    asked = owner.submit(ask)
    owner.settle(0.1)
    assert isinstance(asked.exception(), duckdb.InterruptException)
    assert owner.submit(lambda workspace: workspace.warehouse.tables()).result()
    owner.close()


def test_one_long_question_after_the_other_does_not_keep_the_readers_from_ending(shop: Path) -> None:
    owner = Owner(lambda: Workspace.open(shop, around=system_surroundings()))
    readers, broken_off = Readers(owner, owner.watch), list[bool]()

    def ask_again(workspace: Workspace) -> None:
        for _ in range(3):
            with suppress(duckdb.InterruptException):
                ask(workspace)
            broken_off.append(True)

    async def go_away() -> None:
        with pytest.raises(RequestError):
            await readers.read(ask_again, seconds=0.2)

    asyncio.run(go_away())
    readers.close()
    owner.close()
    assert len(broken_off) == 3
