"""Twenty thousand requests that nobody should send: each is answered or laned, none with an error of ours."""

import gzip
import json
import random
from base64 import urlsafe_b64encode
from collections import Counter

import pytest

from tests.server.senders import Asked, Said, ask_all, basic
from tests.server.serving import Serving
from tests.streams import malformed

REQUESTS = 20_000
SINGLE = ("identify", "track", "page", "screen", "group", "alias", "merge")
POSTHOG = ("/i/v0/e/", "/capture/", "/batch/", "/e/")
TYPES = ("application/json", "application/json", "text/plain", "application/json; charset=utf-16", "image/png", "")
CODINGS = ("gzip", "deflate", "br", "gzip, gzip")


def request(chance: random.Random, key: str) -> Asked:
    """A request that is wrong somewhere, as a rule."""
    body = malformed.body(chance)
    headers = [basic(key)]
    if chance.random() < 0.02:
        headers = [
            chance.choice(("Authorization: Basic !!!", "Authorization: Bearer x", "X-Nothing: 1", basic("hab_x")))
        ]
    if chance.random() < 0.1:
        headers.append(f"Content-Type: {chance.choice(TYPES)}")
    line = path(chance)
    if line.startswith("GET"):
        return Asked(f"{line}?data={urlsafe_b64encode(body[:2_000]).decode()}", headers=tuple(headers))
    if "batch" in line or "import" in line:
        body = batch(chance, body)
    if chance.random() < 0.05:
        headers.append(f"Content-Encoding: {chance.choice(CODINGS)}")
        body = gzip.compress(body, 1) if chance.random() < 0.5 else body
    return Asked(line, body, tuple(headers))


def path(chance: random.Random) -> str:
    draw = chance.randrange(100)
    if draw < 60:
        return f"POST /v1/{chance.choice(SINGLE)}"
    if draw < 80:
        return chance.choice(("POST /v1/batch", "POST /v1/import", "POST /beacon/v1/batch"))
    if draw < 90:
        return f"POST {chance.choice(POSTHOG)}"
    if draw < 96:
        return f"GET /{chance.choice(('pixel/v1', 'v1/pixel'))}/{chance.choice(('track', 'page'))}"
    return chance.choice(("GET /v1/track", "POST /v1/nothing", "PUT /v1/batch", "POST /%00/%ff", "OPTIONS /v1/track"))


def batch(chance: random.Random, body: bytes) -> bytes:
    """Some messages together; nearly always the batch itself can be taken apart."""
    if chance.random() < 0.1:
        return body
    messages = [json.dumps(malformed.good(chance)).encode(), body, malformed.bent(chance)]
    sent_at = malformed.value(chance) if chance.random() < 0.1 else '"2026-11-22T07:33:01Z"'
    return b'{"batch": [' + b",".join(messages) + b'], "sentAt": ' + sent_at.encode() + b"}"


def added(answers: list[Said]) -> Counter[str]:
    """What the answers say became of all messages."""
    sums: Counter[str] = Counter()
    for each in answers:
        if each.status == 200 and each.headers["content-type"] == "application/json":
            said = json.loads(each.body)
            assert said["received"] == said["stored"] + said["duplicates"] + len(said["failed"])
            sums += Counter({name: said[name] for name in ("received", "stored", "duplicates")})
            sums["failed"] += len(said["failed"])
            assert all(entry["code"] and entry["reason"] for entry in said["failed"])
        elif each.status >= 400 and each.headers["content-type"] == "application/problem+json":
            said = json.loads(each.body)
            assert said["code"]
            assert said["do"]
            sums[said["code"]] += 1
    return sums


@pytest.mark.slow
def test_no_request_gets_an_error_of_ours_and_everything_adds_up(running_server: Serving) -> None:
    chance = random.Random(20_000)
    asked = [request(chance, running_server.key) for _ in range(REQUESTS)]
    answers = ask_all(running_server.url, asked)
    statuses = Counter(each.status for each in answers)
    assert sum(statuses.values()) == REQUESTS
    assert set(statuses) <= {200, 204, 400, 401, 404, 405, 413, 415}, statuses
    figures = running_server.metrics()
    assert figures["habitue_unforeseen_errors_total"] == 0
    # R3, from the figures alone; then the figures against what senders were told, pictures apart.
    counts = running_server.counts()
    assert counts.received == counts.stored + counts.duplicates + counts.failed
    told = added(answers)
    pictures = sum(each.headers.get("content-type") == "image/gif" and each.status == 200 for each in answers)
    assert counts.received == told["received"] + pictures
    assert 0 <= counts.stored - told["stored"] <= pictures
    assert 0 <= counts.failed - told["failed"] <= pictures
    assert counts.stored == running_server.records()[-1].offset
    assert counts.failed == running_server.failures()[-1].number
    refused = sum(value for name, value in figures.items() if name.startswith("habitue_refused_requests_total"))
    assert refused == sum(each.status >= 400 for each in answers)
    assert min(counts) > 0
