"""Published client libraries send to `habitue serve`, which is killed meanwhile: every event arrives, once."""

import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest
from rudderstack.analytics.client import Client as RudderStack
from segment.analytics.client import Client as Segment

from habitue.run.live_parts import log_path
from habitue.state.notice import read_notice
from habitue.streams import LogReader
from tests.projects import put
from tests.server.serving import make_key, make_project

EVENTS = 300
SEGMENT = "segment: buyers\nrule: count('Order Completed', last='30d') >= 2\n"


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def begin(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """`habitue serve`, when it answers."""
    words = ["-c", "from habitue.cli import main; main()", "serve", "--port", str(port), "--project", str(folder)]
    served = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 90
    while (notice := read_notice(folder)) is None or notice.pid != served.pid:
        assert served.poll() is None, "habitue serve has ended"
        assert time.monotonic() < deadline, "habitue serve does not answer"
        time.sleep(0.05)
    return served


@pytest.mark.slow
def test_what_libraries_send_arrives_once_although_the_server_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    folder, port = make_project(tmp_path / "shop"), free_port()
    put(folder / "segments" / "buyers.yaml", SEGMENT)
    key, url = make_key(folder), f"http://127.0.0.1:{port}"
    failed: list[object] = []
    given = {"host": url, "upload_interval": 0.05, "on_error": lambda error, _: failed.append(error)}
    segment, rudder = Segment(key, upload_size=10, **given), RudderStack(key, upload_size=10, **given)
    served = begin(folder, port)
    try:
        for number in range(EVENTS):
            segment.track(f"user-{number % 20}", "Order Completed", {"order_id": f"s{number}", "revenue": 10})
            rudder.track(f"user-{number % 20}", "Order Completed", {"order_id": f"r{number}", "revenue": 10})
            if number == EVENTS // 3:
                served.send_signal(signal.SIGKILL)
                served.wait()
                served = begin(folder, port)
        segment.flush()
        rudder.flush()
        assert failed == []
        with httpx.Client(base_url=url, trust_env=False) as client:
            figures = dict(line.rsplit(" ", 1) for line in client.get("/metrics").text.splitlines() if line[0] != "#")
            counts = {
                name: float(figures[f'habitue_events_{name}_total{{source="site"}}'])
                for name in ("received", "stored", "duplicates", "failed")
            }
        assert counts["stored"] == 2 * EVENTS
        assert counts["received"] == counts["stored"] + counts["duplicates"] + counts["failed"]
        assert counts["failed"] == 0
    finally:
        segment.join()
        rudder.join()
        served.send_signal(signal.SIGTERM)
        assert served.wait(60) == 0
    with LogReader(log_path(folder)) as reader:
        ids = Counter(each.message_id for each in reader.read(limit=10_000))
    assert len(ids) == 2 * EVENTS
    assert set(ids.values()) == {1}
