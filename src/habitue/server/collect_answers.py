"""Answers to senders: what became of each message, or why the request was refused; readable from any website."""

import re
from http import HTTPStatus
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from habitue.errors import HabitueError
from habitue.server.intake import Accepted
from habitue.server.problems import PROBLEM_TYPE, status_of
from habitue.server.refusals import DoorError

GIF: Final = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00"
    b"\x01\x00\x01\x00\x00\x02\x01D\x00;"
)
"""A transparent picture of one point."""
_HEADER_NAMES: Final = re.compile(r"[A-Za-z0-9_-]{1,60}(?:\s*,\s*[A-Za-z0-9_-]{1,60}){0,20}")
_AGAIN_S: Final = 5
_OURS: Final = frozenset(
    {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.INSUFFICIENT_STORAGE}
)


class FailedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a request that was not kept.

    Attributes:
        index: Its place in the request, from 0.
        code: Stable code of the reason.
        field: Path of the field that is wrong; empty when the whole is.
        reason: One sentence.
    """

    index: int
    code: str
    field: str
    reason: str


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the messages of a request.

    Attributes:
        success: That the request was taken in; Segment's libraries look at no more.
        status: The same, as PostHog's libraries have it.
        received: How many messages it had.
        stored: How many were kept.
        duplicates: How many were there already.
        failed: Those that were not kept, and why.
    """

    success: bool = True
    status: int = 1
    received: int
    stored: int
    duplicates: int
    failed: list[FailedEntry]


class Refused(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a request was refused; `message` is what Segment's and RudderStack's libraries log.

    Attributes:
        type: The code as a URI.
        title: The status in words.
        status: The status.
        detail: What is wrong.
        message: The same.
        code: Stable code.
        do: What to do about it.
        field: The member or header that it is about.
    """

    type: str
    title: str
    status: int
    detail: str
    message: str
    code: str
    do: str
    field: str = ""


_encoder: Final = msgspec.json.Encoder()


def accepted(taken: Accepted) -> Response:
    """The answer to a request that was taken in."""
    received, stored, duplicates, failed = taken
    entries = [FailedEntry(index=each.place, code=each.code, field=each.field, reason=each.reason) for each in failed]
    said = Answered(received=received, stored=stored, duplicates=duplicates, failed=entries)
    return Response(_encoder.encode(said), media_type="application/json")


def refused(error: HabitueError) -> Response:
    """The answer to a request that was refused."""
    status, field, seconds = _facts(error)
    said = Refused(
        type=f"urn:habitue:error:{error.code}",
        title=status.phrase,
        status=status,
        detail=error.what,
        message=error.what,
        code=error.code,
        do=error.do,
        field=field,
    )
    headers = {"Retry-After": str(seconds)} if seconds else {}
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Basic realm="habitue", charset="UTF-8"'
    if status is HTTPStatus.REQUEST_TIMEOUT:
        headers["Connection"] = "close"
    return Response(_encoder.encode(said), status, headers, media_type=PROBLEM_TYPE)


def _facts(error: HabitueError) -> tuple[HTTPStatus, str, int]:
    """Status, field, and when to send it again: what is not the sender's doing is worth another try."""
    if isinstance(error, DoorError):
        return error.status, error.field, error.seconds
    status = HTTPStatus(status_of(error.code))
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        return status, "", 1
    return status if status in _OURS else HTTPStatus.SERVICE_UNAVAILABLE, "", _AGAIN_S


def pixel(answer: Response) -> Response:
    """The same answer as a picture; the status stays, and the code of a refusal is in a header."""
    headers = {name: value for name, value in answer.headers.items() if name in {"retry-after", "www-authenticate"}}
    return Response(GIF, answer.status_code, headers, media_type="image/gif")


def preflight(request: Request) -> Response:
    """The answer to a browser that asks whether it may send."""
    wanted = request.headers.get("access-control-request-headers", "")
    headers = {
        "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
        "Access-Control-Max-Age": "86400",
    }
    if _HEADER_NAMES.fullmatch(wanted.strip()):
        headers["Access-Control-Allow-Headers"] = wanted.strip()
    return opened(request, Response(status_code=HTTPStatus.NO_CONTENT, headers=headers))


def opened(request: Request, answer: Response) -> Response:
    """The same answer, readable from the website that sent the request.

    Websites send with credentials, as `navigator.sendBeacon` does; these routes take none from cookies.
    """
    origin = request.headers.get("origin")
    if origin:
        answer.headers["Access-Control-Allow-Origin"] = origin
        answer.headers["Access-Control-Allow-Credentials"] = "true"
        answer.headers["Vary"] = "Origin"
    return answer
