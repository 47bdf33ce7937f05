"""Events in: the Segment HTTP API, with the paths of RudderStack and PostHog beside it.

A request is read here, on the event loop, within its limits; the intake does the rest in a thread of its own. The
answer comes when everything is on the disk.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from habitue.errors import HabitueError
from habitue.records.permissions import Permission
from habitue.server.bodies import Budget, Share, content_coding, content_type, read_body
from habitue.server.collect_answers import Answered, accepted, opened, preflight, refused
from habitue.server.doors import Doors
from habitue.server.figures import Gauge
from habitue.server.intake import Accepted, Posted, Reading, Understood
from habitue.server.routing import Admission, DeclaredRoute, Described, Handler, route
from habitue.server.write_keys import key_of_header
from habitue.state.sqlite import to_us
from habitue.streams.decoding import Decoder
from habitue.streams.merges import MergeDecoder
from habitue.streams.messages import Batch, Message, MessageKind, MessageRefusal

GROUP: Final = "Collect"
KEY_PARAMETERS: Final = ("writeKey", "write_key", "api_key", "token")
Body: TypeAlias = Callable[[Request, Share], Awaitable[tuple[bytes, str]]]
"""Gives the body of a request, and how it is packed."""


class _Keyed(msgspec.Struct, rename="camel"):
    write_key: str | None = None


class Collector:
    """Takes requests of senders to the intake and brings them their answers; of one event loop.

    Args:
        doors: What it needs.
    """

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._budget = Budget(doors.limits)

    def gauges(self) -> tuple[Gauge, ...]:
        """What is on its way."""
        budget = self._budget
        return (
            Gauge("habitue_collect_requests", "Requests of senders on their way.", lambda: budget.requests),
            Gauge("habitue_collect_bytes", "Bytes of requests on their way.", lambda: budget.held),
            *self._doors.intake.gauges(),
        )

    def handler(self, reading: Reading, body: Body | None = None) -> Handler:
        """Answers requests whose bodies are read so.

        Args:
            reading: What understands a body.
            body: Where the body is; by default it is that of the request, JSON.
        """

        async def handle(request: Request) -> Response:
            if request.method == "OPTIONS":
                return preflight(request)
            try:
                taken = await self._taken(request, reading, body or self.posted_body)
            except HabitueError as error:
                request.state.code = error.code
                return opened(request, refused(error))
            return opened(request, accepted(taken))

        return handle

    async def posted_body(self, request: Request, share: Share) -> tuple[bytes, str]:
        """The body of a request with JSON, and how it is packed."""
        content_type(request)
        coding = content_coding(request)
        return await self.any_body(request, share), coding

    async def any_body(self, request: Request, share: Share) -> bytes:
        """The body of a request as it was sent."""
        return await read_body(request, self._doors.limits, share)

    async def _taken(self, request: Request, reading: Reading, body: Body) -> Accepted:
        doors = self._doors
        key = _key_of(request)
        admitted = await doors.keys.admit(key) if key else None
        with self._budget.share() as share:
            sent, coding = await body(request, share)
            begun = asyncio.get_running_loop().time()
            posted = Posted(
                body=sent,
                coding=coding,
                reading=reading,
                admitted=admitted,
                received_us=to_us(doors.clock()),
                headers=_signals(request),
                most_bytes=doors.limits.most_bytes,
            )
            taken = await asyncio.wrap_future(doors.intake.submit(posted))
        doors.figures.acknowledged(asyncio.get_running_loop().time() - begun)
        return taken


def _key_of(request: Request) -> str:
    """The key that the headers or the address of a request name; empty where only its body can."""
    header = request.headers.get("authorization")
    key = key_of_header(header) if header else ""
    if key or not request.scope["query_string"]:
        return key
    return next((found for name in KEY_PARAMETERS if (found := request.query_params.get(name))), "")


def _signals(request: Request) -> tuple[tuple[str, str], ...]:
    said = request.headers.get("sec-gpc")
    return () if said is None else (("sec-gpc", said),)


def single(decoder: Decoder, kind: MessageKind) -> Reading:
    """Understands one message by itself, whose kind its address says."""

    def read(body: bytes, received_us: int) -> Understood:
        return alone(decoder.message(body, kind, received_us=received_us), body)

    return read


def alone(result: Message | MessageRefusal, body: bytes) -> Understood:
    """One message as a batch; a refusal where nothing that could be kept came at all."""
    if isinstance(result, MessageRefusal):
        is_none = result.code in {"MESSAGE-JSON", "MESSAGE-SIZE"} or (
            result.code == "MESSAGE-TYPE" and not result.field
        )
        return result._replace(raw=b"") if is_none else Batch([result], _key_in(body))
    return Batch([result], _key_in(body))


def _key_in(body: bytes) -> str:
    if b'"writeKey"' not in body:
        return ""
    try:
        return msgspec.json.decode(body, type=_Keyed).write_key or ""
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return ""


def collect_route(
    path: str, handler: Handler, *, name: str, summary: str, methods: Sequence[str] = ("POST",)
) -> DeclaredRoute:
    """A route for events: whoever has a write key may use it, from any website."""
    return route(
        path,
        handler,
        methods=[*methods, "OPTIONS"],
        permission=Permission.COLLECT,
        admission=Admission.WRITE_KEY,
        name=name,
        summary=summary,
        described=Described(group=GROUP, answer=Answered, largest_body=None),
    )


def segment_routes(collector: Collector) -> list[DeclaredRoute]:
    """The Segment HTTP API, and what RudderStack has besides."""
    decoder, merges = Decoder(), MergeDecoder()

    def batch(body: bytes, received_us: int) -> Understood:
        return decoder.batch(body, received_us=received_us)

    def imported(body: bytes, received_us: int) -> Understood:
        return decoder.batch(body, received_us=received_us, corrects_clock=False)

    def merged(body: bytes, received_us: int) -> Understood:
        return alone(merges.message(body, received_us=received_us), body)

    kinds = [
        collect_route(
            f"/v1/{kind}",
            collector.handler(single(decoder, kind)),
            name=f"collect_{kind}",
            summary=f"One {kind} message.",
        )
        for kind in MessageKind
    ]
    return [
        *kinds,
        collect_route("/v1/batch", collector.handler(batch), name="collect_batch", summary="Several messages."),
        collect_route(
            "/v1/import", collector.handler(imported), name="collect_import", summary="Several messages of the past."
        ),
        collect_route("/v1/merge", collector.handler(merged), name="collect_merge", summary="Ids of one person."),
        collect_route(
            "/beacon/v1/batch", collector.handler(batch), name="collect_beacon", summary="Several messages of a page."
        ),
    ]
