"""Figures that pages ask for as soon as they are opened, reckoned before anybody opens one.

Once a served project is open and built, what its pages ask is asked for each role that sees something else, through the
very routes that pages use: `server/remembered.py` keeps the answers as it keeps those of people, and reckons them anew
after changes. What nobody opened is asked again twice a day, so that it is kept as long as the server runs.

Cost: once after the start, and again after each build that changes anything and each edit of the project's files, as
much as it costs to open every page once as somebody who sees single people and once as somebody who does not (more
often where metrics say who sees them). One question is asked at a time, in a fourth of the time, and gives way to who
waits for an answer (`unasked.py`): with a million customers it takes some minutes.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final
from urllib.parse import unquote, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import BaseRoute, Router
from starlette.types import Message, Scope

from habitue.govern.roles import Access, Role
from habitue.govern.roles import access_of as access_by
from habitue.run.project import Project
from habitue.server.asking import Desk, is_kept, key_of
from habitue.server.figures import Gauge
from habitue.server.guarding import Guard
from habitue.server.opened_pages import DASHBOARDS, METRICS, PAGES, VOCABULARY, Known, Question, known_by
from habitue.server.remembered import Key
from habitue.server.routing import access_of
from habitue.server.unasked import nobody_waits

LOOK_S: Final = 2.0
AGAIN_S: Final = 12 * 3600.0
"""Half as long as answers are kept that nobody asks for."""
Built = tuple[Project, tuple[tuple[str, str], ...]]


class Ahead:
    """Asks what pages ask.

    Args:
        desk: Where the project is.
        routes: Those that pages ask.
        is_ready: Whether everything else has begun.
        report: Told of what was not foreseen.
        look_s: How often to see whether there is anything to ask.
    """

    def __init__(
        self,
        desk: Desk,
        routes: Sequence[BaseRoute],
        *,
        is_ready: Callable[[], bool],
        report: Callable[[BaseException], None],
        look_s: float = LOOK_S,
    ) -> None:
        self._desk = desk
        self._is_ready = is_ready
        self._report = report
        self._look_s = look_s
        self._router = Router(routes)
        self._app = Starlette()
        self._app.state.desk, self._app.state.gate = desk, _Inside()
        self._seen: Built | None = None
        self._asked: dict[Key, float] = {}
        self._is_done = False

    def gauges(self) -> Iterable[Gauge]:
        """Whether it is done."""
        about = "Whether what pages ask when they are opened was reckoned ahead."
        return (Gauge("habitue_pages_reckoned", about, lambda: float(self._is_done)),)

    async def run(self) -> None:
        """Ask, and ask again, until the task is cancelled."""
        nobody_waits()
        while True:
            with Guard() as guard:
                if self._is_ready():
                    await self._look()
            if guard.error is not None:
                self._report(guard.error)
            await asyncio.sleep(self._look_s)

    async def _look(self) -> None:
        """Ask where anything was built or edited since, or it was long ago."""
        stamp = await self._desk.readers.read(self._desk.remembered.stamp)
        now_s = asyncio.get_running_loop().time()
        built = stamp.standing.built
        if not built or not is_kept(stamp.project):
            return
        seen, before = (stamp.project, built), self._seen
        if before is None or before[0] is not stamp.project:
            self._asked.clear()
        lately = {key: asked_s for key, asked_s in self._asked.items() if now_s - asked_s < AGAIN_S}
        if before is None or before[0] is not seen[0] or before[1] != seen[1] or len(lately) < len(self._asked):
            self._asked, self._seen, self._is_done = lately, seen, False
            await self._ask_all(stamp.project)
            self._is_done = True

    async def _ask_all(self, project: Project) -> None:
        """Page by page, so that all roles have the first before any has the last."""
        roles = [access_by(role, project.roles) for role in sorted(Role, key=lambda each: each is not Role.ADMIN)]
        opening = [(access, known) for access in roles if (known := await self._known(access)) is not None]
        for page in PAGES:
            for access, known in opening:
                waiting = deque(page(known))
                while waiting:
                    question = waiting.popleft()
                    key = key_of(unquote(question.path), question.query.items(), access, project)
                    if key in self._asked:
                        continue
                    body = await self._answer(question, access)
                    if body is not None:
                        self._asked[key] = asyncio.get_running_loop().time()
                        waiting.extend(question.then(body))

    async def _known(self, access: Access) -> Known | None:
        """What pages know of the project; None where the role sees no figures."""
        found = [await self._answer(Question(path), access) for path in (METRICS, VOCABULARY, DASHBOARDS)]
        metrics, vocabulary, dashboards = found
        if metrics is None or vocabulary is None or dashboards is None:
            return None
        return known_by(access.role, metrics=metrics, vocabulary=vocabulary, dashboards=dashboards)

    async def _answer(self, question: Question, access: Access) -> bytes | None:
        """What somebody is answered, when it is its turn; None where it is refused."""
        return await self._desk.remembered.in_turn(lambda: self._through_routes(question, access), self._desk.readers)

    async def _through_routes(self, question: Question, access: Access) -> bytes:
        scope: Scope = {
            "type": "http",
            "method": "GET",
            "path": unquote(question.path),
            "raw_path": question.path.encode(),
            "root_path": "",
            "query_string": urlencode(question.query).encode(),
            "headers": [],
            "app": self._app,
            "state": {"access": access},
        }
        body = bytearray()

        async def send(message: Message) -> None:
            body.extend(message.get("body", b""))

        await self._router(scope, _stay, send)
        return bytes(body)


class _Inside:
    """Lets in whoever it is asked for, as none of this comes from outside."""

    async def admit(self, request: Request) -> Access:
        """What they may do."""
        return access_of(request)


async def _stay() -> Message:
    """Never go away."""
    never: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
    return await never
