"""What routes that read and change have in common: parameters and bodies checked, questions asked, answers written."""

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from habitue.govern.roles import Access
from habitue.records.plain import plain
from habitue.rules.live_weighing import Weight
from habitue.run.drawn_customers import has_many
from habitue.run.project import Project
from habitue.run.workspace import Workspace
from habitue.server.desk import Readers, Writing
from habitue.server.problems import ParameterError, RequestError
from habitue.server.refusals import cut_off, too_large, too_slow
from habitue.server.remembered import Key, Remembered
from habitue.server.routing import LARGEST_BODY, DeclaredRoute, Parameter, access_of
from habitue.server.superseding import while_there
from habitue.server.underway import BuildBoard

B = TypeVar("B")
T = TypeVar("T")
Question = Callable[[Workspace, Access], object]
LONGEST_TEXT: Final = 1000
ESTIMATE: Final = Parameter(
    name="estimate",
    about="Where the answer is not there yet and there are many customers: an estimate from some of them, at once.",
    kind="boolean",
)
LONGEST_BODY_S: Final = 30.0
LONGEST_FIGURES_S: Final = 60.0
"""How long a question about everybody may take: its answer is for all who ask, and kept."""
_DASHBOARD: Final = "/api/v1/dashboards/"
_WHOLE: Final = 18
_PAUSE_S: Final = 0.05


def nothing_more(workspace: Workspace) -> None:
    """Nobody has to be told of changes."""
    del workspace


def nothing_held() -> None:
    """Nothing is live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where requests find the project.

    Attributes:
        readers: Threads that read it.
        owner: The thread that owns it.
        standing: How the live parts stand.
        held: How much the live reading keeps; None where nothing is live.
        changed: Told by the owner's thread after something was built, recorded or erased.
        board: How far the build is that was begun last; the builder of the owner's project writes it up.
        remembered: Answers that hold until something changes.
    """

    readers: Readers
    owner: Writing
    standing: Callable[[], object] = dict
    held: Callable[[], Weight | None] = nothing_held
    changed: Callable[[Workspace], None] = nothing_more
    board: BuildBoard = field(default_factory=BuildBoard)
    remembered: Remembered = field(default_factory=Remembered)

    def tell(self, workspace: Workspace) -> None:
        """Say that something was recorded or erased; by the thread that owns the project."""
        self.remembered.change()
        self.changed(workspace)


def desk_of(request: Request) -> Desk:
    """Where a request finds the project: `app.state.desk`."""
    desk: Desk = request.app.state.desk
    return desk


async def answered(request: Request, question: Question, *, seconds: float | None = None) -> Response:
    """What a question about the project is answered, by a thread that only reads.

    Args:
        request: Who asks.
        question: What is asked.
        seconds: How long it may take; by default as long as any.
    """
    access = access_of(request)
    readers = desk_of(request).readers
    return json_answer(await readers.read(lambda workspace: written(question(workspace, access)), seconds=seconds))


async def figured(
    request: Request,
    question: Question,
    *,
    seconds: float = LONGEST_FIGURES_S,
    heeds: bool = True,
    first: Question | None = None,
) -> Response:
    """What a question for figures about everybody is answered, as long as whoever asked waits for it.

    The answer is that of the last build, and given again until something changes it, to all who see as much; not where
    it depends on what people agree to at this moment.

    Args:
        request: Who asks, with everything that is asked in its path and query.
        question: What is asked; its answer names no single person.
        seconds: How long it may take.
        heeds: Whether the answer may be another after a word about a purpose: what names segments or consents.
        first: A first look at it, which is quick: for who asks for an estimate, where the answer is not there already.
    """
    desk, access = desk_of(request), access_of(request)
    if first is not None and yes(request, ESTIMATE.name):
        return await _first_look(request, question, first, seconds=seconds, heeds=heeds)
    reckon = partial(_reckoned, question, access)
    if "purpose" in request.query_params or not is_kept(desk.readers.watch.last):
        work = desk.readers.read(reckon, seconds=seconds, is_long=True)
        return json_answer(await while_there(request, work))
    key = key_of(request.url.path, asked_in(request), access, desk.readers.watch.last)
    answer = desk.remembered.answer(key, reckon, desk.readers, seconds=seconds, heeds=heeds)
    body, age_s = await while_there(request, answer)
    return json_answer(body, age_s=age_s)


async def _first_look(
    request: Request, question: Question, first: Question, *, seconds: float, heeds: bool
) -> Response:
    """The answer where it is kept, or there are not many customers; else what a first look says.

    That is never given to who asks for the answer itself: it is kept beside it, if at all.
    """
    desk, access = desk_of(request), access_of(request)
    key = key_of(request.url.path, asked_in(request), access, desk.readers.watch.last)
    again = "purpose" not in request.query_params and is_kept(desk.readers.watch.last)
    kept = await desk.remembered.kept(key, desk.readers) if again else None
    if kept is not None:
        return json_answer(kept.body, age_s=kept.age_s)
    if not await desk.readers.read(has_many):
        return await figured(request, question, seconds=seconds, heeds=heeds)
    reckon = partial(_reckoned, first, access)
    if not again:
        return json_answer(await while_there(request, desk.readers.read(reckon)))
    look = desk.remembered.answer((*key, ESTIMATE.name), reckon, desk.readers, heeds=heeds, is_first_look=True)
    return json_answer((await while_there(request, look)).body)


def asked_in(request: Request) -> list[tuple[str, str]]:
    """What a request asks, however soon it wants to be answered."""
    return [(name, value) for name, value in request.query_params.multi_items() if name != ESTIMATE.name]


def _reckoned(question: Question, access: Access, workspace: Workspace) -> bytes:
    return written(question(workspace, access))


def key_of(path: str, query: Iterable[tuple[str, str]], access: Access, project: Project) -> Key:
    """What is asked, and what of whoever asks an answer about everybody depends on: whom and what they do not see."""
    unseen = [each.metric for each in project.metrics.values() if each.see and access.role not in each.see]
    board = project.dashboards.declared.get(path.removeprefix(_DASHBOARD)) if path.startswith(_DASHBOARD) else None
    is_seen = board is None or not board.see or access.role in board.see
    whom = f"people {access.sees_people}, dashboard {is_seen}, without {sorted(unseen)}"
    return path, whom, *sorted(f"{name}={value}" for name, value in query)


def is_kept(project: Project) -> bool:
    """Whether figures of a project are given again: none is about those only who agree to a purpose at this moment."""
    return not any(each.purpose for each in project.metrics.values())


async def changed(
    desk: Desk, work: Callable[[Workspace], object], *, changes: bool = True, only_words: bool = False
) -> Response:
    """What is done by the thread that owns the project is answered, by the files as they are now.

    Whoever asked may go away: what was begun is done. What fails may have changed something before: answers are looked
    at anew all the same.

    Args:
        desk: Where the project is.
        work: What is to be done.
        changes: Whether answers may be others after it.
        only_words: Whether it is a word about a purpose, of which the tables tell themselves whom it concerns.
    """

    def change(workspace: Workspace) -> bytes:
        workspace.project = desk.readers.watch.current()
        try:
            return written(work(workspace))
        finally:
            if only_words:
                desk.changed(workspace)
            elif changes:
                desk.tell(workspace)

    return json_answer(await asyncio.shield(asyncio.wrap_future(desk.owner.submit(change))))


async def at_one(desk: Desk, work: Callable[[Workspace], T]) -> T:
    """What something gives that is done by the thread that owns the project, when tables and live reading are at one.

    After a build the tables are ahead until the live reading has taken over; it needs that thread for it, so whatever
    compares both makes way. Whoever asked may go away: what was begun is done.

    Args:
        desk: Where the project is.
        work: What is to be done.
    """

    def attempt(workspace: Workspace) -> tuple[T] | None:
        live = workspace.live_answers
        return None if live is not None and live.is_turning() else (work(workspace),)

    while True:
        done = await asyncio.shield(asyncio.wrap_future(desk.owner.submit(attempt)))
        if done is not None:
            return done[0]
        await asyncio.sleep(_PAUSE_S)


def written(answer: object) -> bytes:
    """An answer as the terminal's `--json` has it, on one line."""
    return json.dumps(plain(answer), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def json_answer(body: bytes, *, status: int = 200, age_s: float | None = None) -> Response:
    """An answer that nobody keeps on the way: what a role may see is for whoever asked."""
    headers = {"Cache-Control": "no-store"}
    if age_s is not None:
        headers["Age"] = str(int(age_s))
    return Response(body, status, media_type="application/json", headers=headers)


def check_parameters(request: Request) -> None:
    """Pass where every parameter is known to the route, and stands there once.

    Raises:
        ParameterError: One is not, or twice.
    """
    route = request.scope.get("route")
    known = {each.name for each in route.declared.described.parameters} if isinstance(route, DeclaredRoute) else set()
    names = [name for name, _ in request.query_params.multi_items()]
    for name in names:
        if name not in known:
            listed = f"It takes: {', '.join(sorted(known))}." if known else "It takes none."
            raise _unfit(name[:40], "is not a parameter of this path", listed)
        if names.count(name) > 1:
            raise _unfit(name, "stands there twice", "Send it once.")


def text(request: Request, name: str, *, most: int = LONGEST_TEXT) -> str | None:
    """A parameter as text; None where it is absent or empty.

    Raises:
        ParameterError: It is too long, or no text.
    """
    value = request.query_params.get(name)
    if value is not None:
        check_text(name, value, most=most)
    return value or None


def check_text(name: str, value: str, *, most: int = LONGEST_TEXT) -> str:
    """The text itself where it is one that can be asked about.

    Raises:
        ParameterError: It is too long, or holds what no text does.
    """
    if len(value) > most:
        raise _unfit(name, f"is longer than {most:,} characters", "Send less.")
    if "\0" in value or any("\ud800" <= each <= "\udfff" for each in value):
        raise _unfit(name, "holds a character that no text has", "Leave it out.")
    return value


def names_in(request: Request, name: str, *, most: int = LONGEST_TEXT) -> tuple[str, ...]:
    """A parameter as several texts: a JSON array, or texts with semicolons between; none where it is absent.

    Raises:
        ParameterError: It is too long, or no such list.
    """
    value = text(request, name, most=most)
    if value is None:
        return ()
    if not value.lstrip().startswith("["):
        return tuple(each.strip() for each in value.split(";") if each.strip())
    try:
        return tuple(msgspec.json.decode(value, type=list[str]))
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise _unfit(name, "is no JSON array of texts", 'Send ["A", "B"], or A;B.') from None


def whole(request: Request, parameter: Parameter, *, usual: int) -> int:
    """A parameter as a whole number within its bounds.

    Raises:
        ParameterError: It is none, or outside them.
    """
    value = request.query_params.get(parameter.name)
    if value is None:
        return usual
    least, most = parameter.least or 0, parameter.most or 10**_WHOLE
    if not (value.isascii() and value.isdigit() and len(value) <= _WHOLE and least <= int(value) <= most):
        raise _unfit(parameter.name, f"is not a whole number from {least:,} to {most:,}", "Send one that is.")
    return int(value)


def yes(request: Request, name: str) -> bool:
    """A parameter as a truth value; False where it is absent.

    Raises:
        ParameterError: It is none.
    """
    value = text(request, name, most=10) or "false"
    if value not in {"true", "false"}:
        raise _unfit(name, "is neither true nor false", "Send one of them.")
    return value == "true"


def instant(request: Request, name: str) -> datetime | None:
    """A parameter as a time of ISO 8601; None where it is absent.

    Raises:
        ParameterError: It is none.
    """
    return parse_instant(name, text(request, name, most=40))


def parse_instant(name: str, value: str | None) -> datetime | None:
    """A time of ISO 8601; without an offset it is local to the project.

    Raises:
        ParameterError: It is none, or too far from our days for the project's zone.
    """
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or not 1 < found.year < 9999:
        raise _unfit(name, "is not a time", "Write it as 2026-01-31T18:00:00Z.")
    return found


async def decoded(request: Request, shape: type[B]) -> B:
    """A body decoded into its shape.

    Raises:
        RequestError: It is no JSON, or of another shape.
        DoorError: It did not come, or not in time.
    """
    try:
        async with asyncio.timeout(LONGEST_BODY_S):
            body = await _body(request)
    except TimeoutError:
        raise too_slow(LONGEST_BODY_S) from None
    except ClientDisconnect:
        raise cut_off() from None
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at ")
        field = path.strip("`").removeprefix("$.")[:80] if path else ""
        raise RequestError("BODY-MALFORMED", what=_said(reason), do="`/docs` shows it.", field=field) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise RequestError("BODY-MALFORMED", what="The body is not JSON.", do="`/docs` shows what is taken.") from None


async def _body(request: Request) -> bytes:
    """All of a body, no further than its route takes it."""
    route = request.scope.get("route")
    most = route.declared.described.largest_body if isinstance(route, DeclaredRoute) else LARGEST_BODY
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if most is not None and len(body) > most:
            raise too_large(most)
    return bytes(body)


def _said(reason: str) -> str:
    """What a decoder says, where that cannot quote the body."""
    if reason.startswith("Object contains unknown field"):
        return "The body holds a member that is not taken here."
    known = ("Expected", "Object missing required field")
    return f"The body does not fit: {reason[:200]}." if reason.startswith(known) else "The body does not fit."


def _unfit(name: str, what: str, do: str) -> ParameterError:
    return ParameterError(name, what=f"The parameter {name!r} {what}.", do=do)
