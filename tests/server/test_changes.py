"""Who enters and leaves, told over HTTP: once, in order, to who may know, whatever breaks off."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from habitue.cli.clock import system_surroundings
from habitue.govern.accounts import Accounts, Scope
from habitue.govern.roles import Role
from habitue.rules.live_transitions import Transition
from habitue.segments import Moved, TransitionLog
from habitue.server.changes import PAGE, RECENT, Changes
from tests.server.asked import Asked, asking
from tests.terminal import Json

START_US = 1_800_000_000_000_000


@dataclass(frozen=True)
class Heard:
    """One event of a stream."""

    name: str
    id: int | None
    data: Json


class Ear:
    """Listens, event by event."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def next(self, name: str = "") -> Heard:
        """The next event, of a name."""
        while True:
            found = self._one()
            if not name or found.name == name:
                return found

    def _one(self) -> Heard:
        said: dict[str, str] = {}
        for line in self._lines:
            if not line and "event" in said:
                return Heard(said["event"], int(said["id"]) if "id" in said else None, json.loads(said["data"]))
            key, _, value = line.partition(": ")
            if key:
                said[key] = value
        raise EOFError


@contextmanager
def listening(
    asked: Asked, *, role: Role = Role.ADMIN, last: int | None = None, patience: float = 10, **parameters: object
) -> Iterator[Ear]:
    headers = {"Habitue-As": role.value, **({} if last is None else {"Last-Event-ID": str(last)})}
    given = {name: str(value) for name, value in parameters.items()}
    with asked.client.stream("GET", "/api/v1/changes", headers=headers, params=given, timeout=patience) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Ear(answer.iter_lines())


def turn(number: int, *, segment: str = "recent", entered: bool = True) -> Transition:
    return Transition(
        customer_id=f"c{number:016x}",
        definition=segment,
        entered=entered,
        occurred_us=START_US + number,
        cause="event",
    )


class Source:
    """What the live reading does: keeps changes, then tells of them."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._pool = ThreadPoolExecutor(1)
        self._log = self._pool.submit(TransitionLog.open, asked.folder).result()

    def happen(self, *turns: Transition) -> list[Moved]:
        return self._pool.submit(self._happen, turns).result()

    def _happen(self, turns: tuple[Transition, ...]) -> list[Moved]:
        moved = self._log.commit(turns, offset=0, clock_us=START_US, noticed_us=START_US)
        self._asked.changes.tell(moved)
        return moved

    def close(self) -> None:
        self._pool.submit(self._log.close).result()
        self._pool.shutdown()


@pytest.fixture(scope="module")
def served(shop_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Asked, Source]]:
    from tests.projects import copied

    with asking(copied(shop_project, tmp_path_factory.mktemp("changes") / "shop")) as asked:
        source = Source(asked)
        yield asked, source
        source.close()


def test_somebody_who_listens_hears_of_every_change_in_order(served: tuple[Asked, Source]) -> None:
    asked, source = served
    with listening(asked) as ear:
        assert ear.next().name == "open"
        told = source.happen(turn(1), turn(2, segment="big"), turn(1, entered=False))
        heard = [ear.next() if number else ear.next("entered") for number in range(3)]
    assert [each.id for each in heard] == [each.sequence for each in told]
    assert [each.name for each in heard] == ["entered", "entered", "left"]
    assert heard[1].data == {
        "sequence": told[1].sequence,
        "customer": f"c{2:016x}",
        "segment": "big",
        "entered": True,
        "occurred_at": "2027-01-15T08:00:00.000002Z",
        "noticed_at": "2027-01-15T08:00:00Z",
        "cause": "event",
    }


def test_somebody_who_comes_back_misses_nothing_and_hears_nothing_twice(served: tuple[Asked, Source]) -> None:
    asked, source = served
    with listening(asked) as ear:
        place = ear.next("open").id
    first = source.happen(*(turn(number) for number in range(100, 110)))
    heard: list[int] = []
    for _ in range(5):
        with listening(asked, last=place) as ear:
            for _ in range(2):
                place = ear.next("entered").id
                heard.append(place or 0)
    assert heard == [each.sequence for each in first]


def test_a_stream_of_one_segment_holds_no_other(served: tuple[Asked, Source]) -> None:
    asked, source = served
    with listening(asked, segment="big") as ear:
        ear.next("open")
        source.happen(turn(200), turn(201), turn(202, segment="big"), turn(203))
        told = source.happen(turn(204, segment="big"))
        assert ear.next("entered").data["customer"] == f"c{202:016x}"
        assert ear.next("entered").id == told[0].sequence


def test_roles_that_see_no_people_are_told_counters_alone(served: tuple[Asked, Source]) -> None:
    asked, source = served
    with listening(asked, role=Role.EXECUTIVE, after=0, patience=1.5) as ear:
        assert ear.next().name == "open"
        source.happen(turn(300))
        found = ear.next()
        assert (found.name, found.data["rounded"]) == ("counters", True)
        with suppress(httpx.ReadTimeout):
            while True:
                assert ear.next().name == "counters"


def test_what_happened_before_the_server_began_is_told_from_the_log(shop: Path) -> None:
    with TransitionLog.open(shop) as log:
        kept = log.commit([turn(n) for n in range(PAGE * 2 + 7)], offset=0, clock_us=1, noticed_us=1)
    with asking(shop) as asked, listening(asked, after=0) as ear:
        heard = [ear.next("entered").id for _ in kept]
        assert heard == [each.sequence for each in kept]
        assert ear.next("counters").data["newest"] == kept[-1].sequence


def test_many_listeners_hear_the_same_while_changes_pour_in(served: tuple[Asked, Source]) -> None:
    asked, source = served
    listeners, count = 20, 400
    ready = threading.Barrier(listeners + 1)

    def listen() -> list[int | None]:
        with listening(asked) as ear:
            ear.next("open")
            ready.wait(20)
            return [ear.next("entered").id for _ in range(count)]

    with ThreadPoolExecutor(listeners) as pool:
        hearing = [pool.submit(listen) for _ in range(listeners)]
        ready.wait(20)
        told = [
            each.sequence
            for start in range(1000, 1000 + count, 8)
            for each in source.happen(*(turn(number) for number in range(start, start + 8)))
        ]
        assert all(each.result(timeout=30) == told for each in hearing)


def test_a_listener_that_reads_nothing_holds_up_nobody_and_costs_no_memory(served: tuple[Asked, Source]) -> None:
    asked, source = served
    host, port = asked.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sendall(f"GET /api/v1/changes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {asked.token}\r\n\r\n".encode())
        while asked.changes.listeners == 0:
            time.sleep(0.01)
        with listening(asked) as ear:
            ear.next("open")
            told = [
                source.happen(*(turn(number) for number in range(start, start + 500)))
                for start in range(10_000, 14_000, 500)
            ]
            assert [ear.next("entered").id for page in told for _ in page] == [m.sequence for p in told for m in p]
        assert deaf.recv(4096)
    deadline = time.monotonic() + 10
    while asked.changes.listeners and time.monotonic() < deadline:
        time.sleep(0.02)
    assert asked.changes.listeners == 0


def test_an_erased_person_is_told_no_longer(served: tuple[Asked, Source]) -> None:
    asked, source = served
    with listening(asked) as ear:
        place = ear.next("open").id
    source.happen(turn(400), turn(401))
    asked.changes.forget([f"c{400:016x}"])
    with listening(asked, last=place) as ear:
        assert ear.next("entered").data["customer"] == f"c{401:016x}"


@pytest.mark.parametrize("said", ["x", "-1", "1" * 30, "1.5"])
def test_a_place_that_no_answer_gave_is_refused(served: tuple[Asked, Source], said: str) -> None:
    asked, _ = served
    found = asked.client.get("/api/v1/changes", headers={"Last-Event-ID": said})
    assert (found.status_code, found.json()["code"]) == (422, "CURSOR")
    assert asked.get("/api/v1/changes", after=said).status_code == 422


def test_a_place_beyond_the_newest_is_the_newest(served: tuple[Asked, Source]) -> None:
    asked, source = served
    with listening(asked, after=10**15) as ear:
        ear.next("open")
        (told,) = source.happen(turn(500))
        assert ear.next("entered").id == told.sequence


def test_a_key_revoked_is_told_nothing_more(served: tuple[Asked, Source], monkeypatch: pytest.MonkeyPatch) -> None:
    asked, _ = served
    monkeypatch.setattr("habitue.server.changes_stream._ASK_AGAIN_S", 0.1)
    around = system_surroundings()
    with Accounts.open(asked.folder, random=around.random) as accounts:
        now = around.clock()
        key = accounts.create_key(Scope.READ, role=Role.ANALYST, expires_at=now + timedelta(days=1), now=now)
        headers = {"Authorization": f"Bearer {key.key}"}
        with asked.client.stream("GET", "/api/v1/changes", headers=headers, timeout=20) as answer:
            lines = answer.iter_lines()
            next(lines)
            accounts.revoke_key(key.id, now=now)
            # It ends by itself.
            assert all(line != "event: entered" for line in lines)


def test_memory_holds_no_more_than_what_is_recent(tmp_path: Path) -> None:
    (tmp_path / "habitue.yaml").write_text("name: x\n")
    changes = Changes(lambda: TransitionLog.open(tmp_path))
    with TransitionLog.open(tmp_path) as log:
        for start in range(0, RECENT + 3000, 1000):
            changes.tell(log.commit([turn(n) for n in range(start, start + 1000)], offset=0, clock_us=1, noticed_us=1))

    async def read(place: int) -> list[int]:
        found: list[int] = []
        while True:
            page = await changes.following(place, None)
            place = page.place
            found += [each.sequence for each in page.moved]
            if not page.more:
                return found

    assert asyncio.run(read(0)) == list(range(1, RECENT + 3001))
    assert asyncio.run(read(RECENT + 2990)) == list(range(RECENT + 2991, RECENT + 3001))
    changes.close()
