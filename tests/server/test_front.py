"""A server takes messages in before anything else of it is loaded, and nothing of them is lost whatever follows."""

import io
import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from habitue.cli.clock import system_surroundings
from habitue.cli.served import Terminal
from habitue.errors import ProjectFaultsError
from habitue.run.live_parts import log_path
from habitue.server.front import Front
from habitue.server.serving import House
from habitue.state import ProjectBusyError
from habitue.streams import LogReader
from tests.house.test_help import HEAVY
from tests.projects import put
from tests.server.serving import listen, make_key, make_project

EARLY = """
import http.client, io, json, socket, sys
from pathlib import Path
from habitue.cli.clock import system_surroundings
from habitue.errors import HabitueError
from habitue.server.front import Front

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]

def opening():
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/json", "Authorization": "Basic " + sys.argv[2]}
    asked.request("POST", "/v1/track", json.dumps({"anonymousId": "a", "event": "E", "messageId": "1"}), headers)
    answer = asked.getresponse()
    said = json.loads(answer.read())
    print(json.dumps([answer.status, said["stored"], sorted({each.partition(".")[0] for each in sys.modules})]))
    raise HabitueError(what="That was all.", do="Go home.")

front = Front(Path(sys.argv[1]), system_surroundings(), stream=sys.stderr)
try:
    front.serve("127.0.0.1", port, opening=opening, started=print)
except HabitueError:
    front.close()
"""


def kept(folder: Path) -> int:
    """How many messages are in the log of a project."""
    with LogReader(log_path(folder)) as reader:
        return len(reader.read(0, limit=100))


def sent(client: httpx.Client, key: str, message: str) -> httpx.Response:
    """Send one message."""
    said = {"anonymousId": "ann", "event": "Product Viewed", "messageId": message}
    return client.post("/v1/track", content=json.dumps(said), auth=(key, ""))


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[tuple[Front, httpx.Client, str]]:
    """The front of a project, a client, and a key."""
    folder = make_project(tmp_path / "shop")
    key = make_key(folder)
    with ExitStack() as ending:
        front = Front(folder, system_surroundings(), stream=io.StringIO())
        ending.callback(front.close)
        url = ending.enter_context(listen(front.app))
        yield front, ending.enter_context(httpx.Client(base_url=url, timeout=30, trust_env=False)), key


def test_a_message_is_on_the_disk_before_a_library_for_tables_is_loaded(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "shop")
    key = b64encode(f"{make_key(folder)}:".encode()).decode()
    outcome = subprocess.run(
        [sys.executable, "-c", EARLY, str(folder), key], capture_output=True, text=True, check=True, timeout=60
    )
    status, stored, loaded = json.loads(outcome.stdout)
    assert (status, stored) == (200, 1)
    assert HEAVY & set(loaded) == set()
    assert kept(folder) == 1


def test_what_needs_tables_is_answered_when_they_are_open(begun: tuple[Front, httpx.Client, str]) -> None:
    front, client, key = begun
    assert sent(client, key, "1").status_code == 200
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").json() == {"ready": False, "parts": {"collect": True, "project": False}}
    early = client.get("/api/v1/segments")
    assert (early.status_code, early.json()["code"]) == (503, "STARTING")
    assert int(early.headers["retry-after"]) >= 1
    house = House(front, commands=Terminal())
    try:
        later = client.get("/api/v1/segments", headers={"Authorization": f"Bearer {house.token}"})
        assert later.status_code == 200
        assert client.get("/nowhere").status_code == 404
        assert sent(client, key, "1").json()["duplicates"] == 1
        assert sent(client, key, "2").json()["stored"] == 1
    finally:
        house.close()
    assert kept(front.folder) == 2


def test_faults_of_other_files_end_the_server_and_keep_what_came_in(begun: tuple[Front, httpx.Client, str]) -> None:
    front, client, key = begun
    put(front.folder / "segments" / "wrong.yaml", "segment: wrong\nrule: did('Nothing Known')\n")
    assert sent(client, key, "1").json()["stored"] == 1
    with pytest.raises(ProjectFaultsError, match="Nothing Known"):
        House(front)
    assert kept(front.folder) == 1


def test_nobody_else_works_on_a_project_whose_front_is_open(begun: tuple[Front, httpx.Client, str]) -> None:
    front, _, _ = begun
    with pytest.raises(ProjectBusyError):
        Front(front.folder, system_surroundings(), stream=io.StringIO())
