"""What happens when something gives way: answers lost, too much at once, a full disk, slow peers, poison."""

import asyncio
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
import uvicorn
from segment.analytics.client import Client as Segment
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from habitue.cli.clock import system_surroundings
from habitue.govern.accounts import Accounts
from habitue.server.bodies import BodyLimits
from habitue.server.listening import PatientProtocol
from habitue.server.routing import route
from habitue.sources.inbox import Inbox, Taken
from habitue.streams import Pace
from habitue.streams.messages import Message, MessageRefusal
from tests.server.senders import Asked, Line, ask_all, basic, wire
from tests.server.serving import Serving, make_project, serving

ORDER = {"type": "track", "userId": "7", "event": "Order Completed", "properties": {"order_id": "o1", "revenue": 1}}


def orders(first: int, number: int = 10) -> bytes:
    return json.dumps({"batch": [{**ORDER, "messageId": f"m{each}"} for each in range(first, first + number)]}).encode()


@contextmanager
def forgetful(url: str) -> Iterator[str]:
    """Something between sender and server that brings every request, and every second answer not."""
    lost = iter(range(1_000_000))

    class Between(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept = {name: value for name, value in self.headers.items() if name.lower() not in {"host", "connection"}}
            answer = httpx.post(url + self.path, content=body, headers=kept, trust_env=False)
            self.close_connection = True
            if next(lost) % 2:
                self.send_response(answer.status_code)
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Between) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_what_a_library_sends_again_because_the_answer_was_lost_is_there_once(
    running_server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    failed: list[object] = []
    with forgetful(running_server.url) as between:
        client = Segment(
            running_server.key,
            host=between,
            upload_size=20,
            upload_interval=0.05,
            on_error=lambda error, _: failed.append(error),
        )
        for number in range(100):
            client.track(f"user-{number % 7}", "Order Completed", {"order_id": f"o{number}"})
        client.flush()
        client.join()
    assert failed == []
    kept = [str(each.events[0].properties["order_id"]) for each in running_server.arrivals()]
    assert sorted(kept) == sorted(f"o{number}" for number in range(100))
    counts = running_server.counts()
    assert counts.duplicates >= 100
    assert counts.received == counts.stored + counts.duplicates


@contextmanager
def held_up(running: Serving) -> Iterator[threading.Event]:
    """The disk takes its time, until the event is set."""
    held, free = threading.Event(), threading.Event()

    def hold(_: object) -> None:
        held.set()
        free.wait(20)

    done = running.parts.committer.run(hold)
    assert held.wait(10)
    try:
        yield free
    finally:
        free.set()
        done.result()


def wait_for(running: Serving, figure: str, least: float) -> None:
    deadline = time.monotonic() + 10
    while running.metrics()[figure] < least:
        assert time.monotonic() < deadline, figure
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("limits", "figure", "on_their_way", "orders_each"),
    [
        (BodyLimits(requests=3), "habitue_collect_requests", 3, 1),
        (BodyLimits(budget_bytes=50_000), "habitue_collect_bytes", 2, 180),
    ],
)
def test_what_is_on_its_way_is_bounded(
    tmp_path: Path, limits: BodyLimits, figure: str, on_their_way: int, orders_each: int
) -> None:
    with serving(make_project(tmp_path / "shop"), limits=limits) as running, ExitStack() as opened:
        bodies = [orders(place * orders_each, orders_each) for place in range(on_their_way + 1)]
        asked = [Asked("POST /v1/batch", body, (basic(running.key),)) for body in bodies]
        lines = [opened.enter_context(Line(running.url)) for _ in asked]
        with held_up(running) as free:
            for line, each in zip(lines[:-1], asked[:-1], strict=True):
                line.socket.sendall(wire(each))
            wait_for(running, figure, min(on_their_way, limits.requests) if orders_each == 1 else 2 * len(bodies[0]))
            refused = lines[-1].ask(asked[-1])
            assert (refused.status, refused.json()["code"]) == (429, "OVERLOADED")
            free.set()
            assert [line.read().status for line in lines[:-1]] == [200] * on_their_way
        assert lines[-1].ask(asked[-1]).status == 200
        assert running.metrics()[figure] == 0


def test_ten_times_too_much_is_refused_with_when_to_come_again_and_nothing_else_is_lost(tmp_path: Path) -> None:
    limits = BodyLimits(budget_bytes=400_000, requests=24)
    with serving(make_project(tmp_path / "shop"), limits=limits, pace=Pace(waiting_records=100)) as running:
        head = (basic(running.key),)
        asked = [Asked("POST /v1/batch", orders(place * 10), head) for place in range(240)]
        with held_up(running) as free:
            threading.Timer(1.5, free.set).start()
            answers = ask_all(running.url, asked, lines=60, ahead=1)
        refused = [each for each in answers if each.status != 200]
        assert refused
        assert {each.status for each in refused} == {429}
        assert {each.headers["retry-after"] for each in refused} == {"1"}
        assert {each.json()["code"] for each in refused} <= {"OVERLOADED", "LOG-OVERLOADED"}
        taken = (len(answers) - len(refused)) * 10
        assert running.counts() == (taken, taken, 0, 0)
        # Whoever comes again finds everything in order, and what was kept is not kept twice.
        again = ask_all(running.url, asked, lines=4, ahead=1)
        assert {each.status for each in again} == {200}
        assert running.counts().stored == 2_400


def test_nothing_is_acknowledged_before_it_is_on_the_disk(running_server: Serving) -> None:
    with held_up(running_server) as free, Line(running_server.url, seconds=0.3) as line:
        line.socket.sendall(wire(Asked("POST /v1/batch", orders(0), (basic(running_server.key),))))
        with pytest.raises(TimeoutError):
            line.read()
        # Others are answered meanwhile.
        assert running_server.client.get("/healthz").status_code == 200
        assert running_server.counts().received == 0
        free.set()
        line.socket.settimeout(10)
        assert line.read().json()["stored"] == 10


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if mount is None or unmount is None or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    made = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("this machine does not let a small disk be mounted")
    try:
        yield place
    finally:
        subprocess.run([unmount, str(place)], check=True)


def test_a_full_disk_is_told_nothing_acknowledged_is_lost_and_it_goes_on_by_itself(small_disk: Path) -> None:
    with serving(make_project(small_disk / "shop")) as running:
        ballast = small_disk / "ballast"
        kept = 0
        assert running.client.post("/v1/batch", content=orders(0), auth=(running.key, "")).status_code == 200
        kept += 10
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(b"x" * 4_096):
                pass
        statuses = []
        for place in range(1, 60):
            said = running.client.post("/v1/batch", content=orders(place * 10), auth=(running.key, ""))
            statuses.append(said.status_code)
            kept += 10 * (said.status_code == 200)
            if said.status_code != 200:
                assert (said.status_code, said.json()["code"]) == (507, "LOG-FULL")
                assert int(said.headers["retry-after"]) > 0
        assert statuses[-1] == 507
        # Reading goes on meanwhile.
        assert running.client.get("/healthz").status_code == 200
        assert running.counts().received == kept == len(running.records())
        ballast.unlink()
        assert running.client.post("/v1/batch", content=orders(5_000), auth=(running.key, "")).status_code == 200
        assert running.client.get("/readyz").status_code == 200
        assert running.counts().stored == kept + 10


def test_a_log_that_has_stopped_is_told_and_seen(running_server: Serving) -> None:
    running_server.post("/v1/track", ORDER)
    running_server.parts.committer.close()
    said = running_server.post("/v1/track", ORDER)
    assert said.status_code == 503
    assert int(said.headers["retry-after"]) > 0
    ready = running_server.client.get("/readyz")
    assert (ready.status_code, ready.json()) == (503, {"ready": False, "parts": {"collect": False}})
    # Whoever asks is answered, and not refused.
    assert [line for line in running_server.told.getvalue().splitlines() if "readyz" in line] == []
    assert running_server.client.get("/healthz").status_code == 200


def hurried(config: uvicorn.Config) -> uvicorn.Config:
    """The same with little patience."""

    class Hurried(PatientProtocol):
        head_seconds = 0.3
        unread_seconds = 0.3

    config.http = Hurried
    return config


async def _endless(request: Request) -> Response:
    del request

    async def parts() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65_536
            await asyncio.sleep(0)

    return StreamingResponse(parts())


def ended(line: Line, seconds: float) -> bool:
    """Whether the other side ends a connection in so many seconds; what it still says is passed over."""
    line.socket.settimeout(seconds)
    try:
        while line.socket.recv(1 << 20):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


def test_nobody_holds_a_connection_by_being_slow(tmp_path: Path) -> None:
    endless = route("/endless", _endless, methods=["GET"], permission=None, name="endless", summary="Never ends.")
    with serving(
        make_project(tmp_path / "shop"), limits=BodyLimits(seconds=0.3), configured=hurried, routes=[endless]
    ) as running:
        begun = time.monotonic()
        with Line(running.url) as silent, Line(running.url) as slow_head, Line(running.url) as slow_body:
            slow_head.socket.sendall(b"POST /v1/track HTTP/1.1\r\nHost: x\r\nX-A")
            slow_body.socket.sendall(
                f"POST /v1/track HTTP/1.1\r\nHost: x\r\n{basic(running.key)}\r\nContent-Length: 100\r\n\r\n{{".encode()
            )
            said = slow_body.read()
            assert (said.status, said.json()["code"]) == (408, "BODY-SLOW")
            assert all(ended(line, 5) for line in (silent, slow_head, slow_body))
        with Line(running.url) as deaf:
            deaf.socket.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
            time.sleep(1.0)
            assert ended(deaf, 5)
        assert time.monotonic() - begun < 10
        assert running.post("/v1/track", ORDER).status_code == 200


def test_the_head_of_a_request_has_an_end(running_server: Serving) -> None:
    with Line(running_server.url) as line:
        line.socket.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
        with suppress(ConnectionError):
            for number in range(2_000):
                line.socket.sendall(f"X-{number}: {'y' * 100}\r\n".encode())
        with suppress(ConnectionError):
            assert line.read().status == 400
    assert running_server.client.get("/healthz").status_code == 200


class _StumbledError(Exception):
    """What nobody foresaw; it quotes what must not be told."""


def test_a_poisonous_message_is_laned_and_its_neighbours_are_kept(
    running_server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Inbox.take

    def stumbling(
        self: Inbox,
        source: str,
        results: Sequence[Message | MessageRefusal],
        *,
        received_us: int,
        headers: Iterable[tuple[object, object]] = (),
    ) -> Taken:
        if any(isinstance(each, Message) and each.user_id == "poison" for each in results):
            raise _StumbledError("ann@example.com")
        return whole(self, source, results, received_us=received_us, headers=headers)

    monkeypatch.setattr(Inbox, "take", stumbling)
    batch = [{**ORDER, "messageId": "a"}, {**ORDER, "messageId": "b", "userId": "poison"}, {**ORDER, "messageId": "c"}]
    said = running_server.post("/v1/batch", {"batch": batch}).json()
    assert (said["received"], said["stored"]) == (3, 2)
    assert [(each["index"], each["code"]) for each in said["failed"]] == [(1, "MESSAGE-FAULT")]
    assert running_server.counts() == (3, 2, 0, 1)
    assert running_server.metrics()["habitue_unforeseen_errors_total"] == 1
    told = [json.loads(line) for line in running_server.told.getvalue().splitlines()]
    assert {each["kind"] for each in told if each["event"] == "unforeseen"} == {"_StumbledError"}
    assert "ann@" not in running_server.told.getvalue()


async def _breaks(request: Request) -> Response:
    raise _StumbledError(request.query_params["who"])


def test_a_route_that_breaks_says_so_without_saying_what(tmp_path: Path) -> None:
    breaks = route("/breaks", _breaks, methods=["GET"], permission=None, name="breaks", summary="Breaks.")
    with serving(make_project(tmp_path / "shop"), routes=[breaks]) as running:
        said = running.client.get("/breaks?who=ann@example.com")
        assert (said.status_code, said.json()["code"]) == (500, "UNEXPECTED")
        assert "ann" not in said.text + running.told.getvalue()
        assert running.metrics()["habitue_unforeseen_errors_total"] == 1


def test_what_is_told_of_requests_holds_nothing_of_anybody(running_server: Serving) -> None:
    canary = "canary-ann@example.com"
    running_server.post("/v1/track", {"userId": canary, "event": 7})
    running_server.client.post("/v1/track", content=canary.encode(), auth=(running_server.key, ""))
    running_server.client.get(f"/pixel/v1/track?userId={canary}&writeKey={canary}")
    running_server.client.get(f"/{canary}")
    # What is told of a request comes after its answer; when the next is answered it is there.
    assert "canary" not in running_server.client.get("/metrics").text
    told = running_server.told.getvalue()
    assert told.count("\n") == 3
    assert "canary" not in told
    assert running_server.key not in told


def test_the_figures_of_events_survive_a_restart(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "shop")
    with serving(folder) as running:
        running.client.post("/v1/batch", content=orders(0), auth=(running.key, ""))
        running.post("/v1/track", {"userId": "7"})
        before = running.counts()
    with serving(folder) as running:
        assert running.counts() == before == (11, 10, 0, 1)
        running.client.post("/v1/batch", content=orders(5), auth=(running.key, ""))
        assert running.counts() == (21, 15, 5, 1)


def test_figures_are_for_this_machine(running_server: Serving) -> None:
    through = running_server.client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"})
    assert through.status_code == 404
    assert running_server.client.get("/metrics").status_code == 200


def test_a_revoked_key_is_refused_within_a_moment(running_server: Serving) -> None:
    around = system_surroundings()
    assert running_server.post("/v1/track", ORDER).status_code == 200
    with Accounts.open(running_server.folder, random=around.random) as accounts:
        accounts.revoke_key(running_server.key.split("_")[1], now=around.clock())
    deadline = time.monotonic() + 3
    while (said := running_server.post("/v1/track", ORDER)).status_code == 200 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert (said.status_code, said.json()["code"]) == (401, "KEY-REFUSED")
