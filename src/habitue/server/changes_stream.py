"""`GET /api/v1/changes`: server-sent events, with a place to come back to."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from typing import Final, TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from habitue.errors import HabitueError
from habitue.govern.roles import Access
from habitue.records.permissions import Permission
from habitue.records.plain import plain
from habitue.rules.history import instant_of
from habitue.segments import Moved
from habitue.server.asking import check_parameters, text, whole
from habitue.server.changes import Changes
from habitue.server.problems import RequestError
from habitue.server.routing import DeclaredRoute, Described, Gate, Parameter, access_of, route

BEAT_S: Final = 15.0
COUNT_S: Final = 5.0
SLOWEST_S: Final = 20.0
"""How long a piece may wait for a listener to read."""
_ASK_AGAIN_S: Final = 60.0
_AFTER: Final = Parameter(
    name="after", about="The last change known; 0 begins with the oldest. As `Last-Event-ID`.", kind="integer", least=0
)
_SEGMENT: Final = Parameter(name="segment", about="Only of this segment.")
_ABOUT: Final = (
    "Events `entered` and `left`, each with an id; `counters` with how many are in each segment; `missed` where what"
    " was asked for is kept no longer. Whoever comes back with `Last-Event-ID` misses nothing, and hears nothing twice."
    " Roles that see no people are told counters alone, in whole tens."
)


def change_routes() -> Iterator[DeclaredRoute]:
    """The route of changes."""
    yield route(
        "/api/v1/changes",
        _changes,
        methods=["GET"],
        permission=Permission.SEE_AGGREGATES,
        name="changes",
        summary="Who enters and leaves segments, as it happens.",
        described=Described(parameters=(_AFTER, _SEGMENT), media="text/event-stream", group="Changes", about=_ABOUT),
    )


async def _changes(request: Request) -> Response:
    check_parameters(request)
    changes: Changes | None = getattr(request.app.state, "changes", None)
    if changes is None:
        raise RequestError("NOT-FOUND", what="Nothing is read live here.", do="Ask a running `habitue serve`.")
    segment = text(request, "segment", most=200)
    after = whole(request, _AFTER, usual=-1)
    return _Stream(request, changes, access_of(request), segment, _last_id(request) if after < 0 else after)


def _last_id(request: Request) -> int | None:
    said = request.headers.get("last-event-id", "").strip()
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and len(said) <= 18):
        raise RequestError("CURSOR", what="No answer gave this id.", do="Send the id of the last event.", field="after")
    return int(said)


class _Stream(Response):
    """The events of one listener, as they come."""

    media_type = "text/event-stream"

    def __init__(
        self, request: Request, changes: Changes, access: Access, segment: str | None, after: int | None
    ) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._request = request
        self._changes = changes
        self._access = access
        self._segment = segment
        self._after = after
        self._now = asyncio.get_running_loop().time
        self._counting = self._beating = self._asking = 0.0
        self._counted: Mapping[str, int | None] | None = None
        self._woken = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell until the listener, or the server, goes."""
        self._changes.join(self._woken)
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            if scope["method"] == "HEAD":
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
            async with asyncio.TaskGroup() as tasks:
                telling = tasks.create_task(self._tell(send))
                leaving = tasks.create_task(_gone(receive))
                done, _ = await asyncio.wait({telling, leaving}, return_when=asyncio.FIRST_COMPLETED)
                for each in {telling, leaving} - done:
                    each.cancel()
        finally:
            self._changes.leave(self._woken)

    async def _tell(self, send: Send) -> None:
        async def say(body: str) -> None:
            async with asyncio.timeout(SLOWEST_S):
                await send({"type": "http.response.body", "body": body.encode(), "more_body": True})

        try:
            await self._events(say)
        except TimeoutError:
            # It reads nothing at all: what it is told now it would not hear.
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _events(self, say: "Say") -> None:
        place = await self._begin(say)
        now = self._now()
        self._counting, self._beating, self._asking = now, now + BEAT_S, now + _ASK_AGAIN_S
        while not self._changes.is_closing:
            self._woken.clear()
            more = False
            if self._access.sees_people:
                page = await self._changes.following(place, self._segment)
                place, more = page.place, page.more
                await self._say(say, "".join(map(_moved, page.moved)))
            if not more:
                await self._count(say)
                if self._now() >= self._beating:
                    await self._say(say, f": {place}\n\n")
                if not await self._is_admitted():
                    return
                await self._pause()

    async def _begin(self, say: "Say") -> int:
        """Say where the listener begins, so that even one who goes before anything happens knows where to go on."""
        place = await self._changes.place(self._after)
        await say("retry: 1000\n" + _event("open", {"after": place}, place))
        if self._access.sees_people and self._after is not None:
            oldest = await self._changes.oldest()
            if place + 1 < oldest:
                await say(_event("missed", {"after": place, "oldest": oldest}, None))
        return place

    async def _say(self, say: "Say", body: str) -> None:
        if body:
            await say(body)
            self._beating = self._now() + BEAT_S

    async def _count(self, say: "Say") -> None:
        if self._now() < self._counting:
            return
        self._counting = self._now() + COUNT_S
        counters = await self._changes.counters(self._access)
        if counters.segments != self._counted:
            self._counted = counters.segments
            await self._say(say, _event("counters", counters, None))

    async def _pause(self) -> None:
        next_at = min(self._counting, self._beating, self._asking)
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.01, next_at - self._now())):
                await self._woken.wait()

    async def _is_admitted(self) -> bool:
        """Whether the key that listens is still valid, and sees what it saw; asked now and then."""
        if self._now() < self._asking:
            return True
        self._asking = self._now() + _ASK_AGAIN_S
        gate: Gate = self._request.app.state.gate
        try:
            access = await gate.admit(self._request)
        except HabitueError:
            return False
        return access.permissions >= self._access.permissions


Say: TypeAlias = Callable[[str], Awaitable[None]]


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _moved(moved: Moved) -> str:
    said = {
        "sequence": moved.sequence,
        "customer": moved.customer_id,
        "segment": moved.segment,
        "entered": moved.entered,
        "occurred_at": instant_of(moved.occurred_us),
        "noticed_at": instant_of(moved.noticed_us),
        "cause": moved.cause,
    }
    return _event("entered" if moved.entered else "left", said, moved.sequence)


def _event(name: str, data: object, place: int | None) -> str:
    identified = "" if place is None else f"id: {place}\n"
    return f"{identified}event: {name}\ndata: {json.dumps(plain(data), ensure_ascii=False)}\n\n"
