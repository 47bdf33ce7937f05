"""What goes wrong as HTTP says it: `application/problem+json` with a stable code, the field, and what to do."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from habitue.errors import Fault, HabitueError, ProjectFaultsError

PROBLEM_TYPE: Final = "application/problem+json"
_URN: Final = "urn:habitue:error:"
_STATUS: Final[Mapping[str, int]] = {
    "AS-OF": 422,
    "BODY-MALFORMED": 400,
    "BODY-TOO-LARGE": 413,
    "BUILD-DIED": 500,
    "BUILD-PAST": 409,
    "BUILD-STOPPED": 503,
    "BUILD-UNDERWAY": 409,
    "CHANNEL-UNKNOWN": 404,
    "COMMAND-REFUSED": 403,
    "COMMAND-SERVED": 409,
    "CURSOR": 422,
    "CUSTOMER-AMBIGUOUS": 409,
    "CUSTOMER-RESTRICTED": 403,
    "CUSTOMER-UNKNOWN": 404,
    "DISK": 507,
    "DISK-FULL": 507,
    "DRAFT-CHANGED": 409,
    "DRAFT-UNKNOWN": 404,
    "DRAFTS-FULL": 409,
    "ENDING": 503,
    "HOST-UNKNOWN": 421,
    "KEY-MISSING": 401,
    "KEY-REFUSED": 401,
    "KEY-UNKNOWN": 404,
    "LINK-REFUSED": 401,
    "LOG-FULL": 507,
    "LOG-OVERLOADED": 429,
    "LOG-STOPPED": 503,
    "MEMORY": 503,
    "METRIC-UNKNOWN": 404,
    "DASHBOARD-UNKNOWN": 404,
    "MARK-UNKNOWN": 404,
    "NOT-ALLOWED": 405,
    "NOT-BUILT": 409,
    "NOT-FOUND": 404,
    "ORIGIN-REFUSED": 403,
    "OVERLOADED": 429,
    "PERSON-UNKNOWN": 404,
    "PROJECT-BUSY": 409,
    "PROVIDER-ABSENT": 404,
    "PROVIDER-REFUSED": 401,
    "PROVIDER-ROLE": 403,
    "PROVIDER-SILENT": 503,
    "RECORD-UNKNOWN": 404,
    "ROLE-FORBIDDEN": 403,
    "SEGMENT-CHANGED": 409,
    "SEGMENT-EXISTS": 409,
    "SEGMENT-UNKNOWN": 404,
    "SEGMENT-USED": 409,
    "SESSION-REFUSED": 401,
    "SESSION-UNKNOWN": 404,
    "SIGN-IN-PAUSED": 429,
    "SIGN-IN-REFUSED": 401,
    "STARTING": 503,
    "STATE-BUSY": 503,
    "STATE-DAMAGED": 500,
    "SUPERSEDED": 409,
    "TAKES-TOO-LONG": 503,
    "UNEXPECTED": 500,
    "USER-KNOWN": 409,
    "USER-SELF": 409,
    "USER-UNKNOWN": 404,
    "WAREHOUSE": 503,
    "WAREHOUSE-CLOSED": 503,
    "WAREHOUSE-FULL": 507,
}
"""The status of each code; what is not listed is what somebody asked that cannot be answered: 422."""


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong.

    Attributes:
        type: The same code as a URI.
        title: The status in words.
        status: The status.
        detail: What is wrong with whose value.
        code: Stable code.
        do: What to do about it.
        field: The member or parameter that it is about.
        column: Where in a rule, from 1.
        faults: Every fault of the project's files.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    do: str
    field: str = ""
    column: int = 0
    faults: tuple[Fault, ...] = ()


class RequestError(HabitueError):
    """A request cannot be answered.

    Attributes:
        code: Stable code; its status is this module's to know.
        field: The member or parameter that it is about.
    """

    def __init__(self, code: str, *, what: str, do: str, field: str = "") -> None:
        super().__init__(what=what, do=do)
        self.code = code
        self.field = field


class ParameterError(HabitueError):
    """A parameter, or a member of a body, is not one that can be answered.

    Attributes:
        field: Its name.
    """

    code = "PARAMETER"

    def __init__(self, field: str, *, what: str, do: str) -> None:
        super().__init__(what=what, do=do)
        self.field = field


def status_of(code: str) -> int:
    """The HTTP status of an error's code."""
    return _STATUS.get(code, 422)


def problem(
    code: str,
    *,
    what: str,
    do: str,
    status: int | None = None,
    field: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An answer that says what went wrong.

    Args:
        code: Stable code.
        what: What is wrong with whose value.
        do: What to do about it.
        status: The HTTP status; by default the code's own.
        field: The member or parameter that it is about.
        headers: Further headers, e.g. `Retry-After`.
    """
    return _answer(_problem(code, what=what, do=do, status=status or status_of(code), field=field), headers)


def problem_of(error: HabitueError, *, headers: Mapping[str, str] | None = None) -> Response:
    """The answer for an error."""
    own = getattr(error, "status", None)
    status = int(own) if isinstance(own, int) else status_of(error.code)
    field = getattr(error, "field", "")
    said = _problem(error.code, what=error.what, do=error.do, status=status, field=str(field or ""))
    column = getattr(error, "column", 0)
    if isinstance(column, int) and column > 0:
        said = msgspec.structs.replace(said, column=column)
    if isinstance(error, ProjectFaultsError):
        detail = f"The project's files have {len(error.faults):,} faults."
        said = msgspec.structs.replace(said, detail=detail, faults=error.faults)
    return _answer(said, {**_headers_for(error, status), **(headers or {})})


def exception_handlers() -> dict[type[Exception], ExceptionHandler]:
    """What Starlette is to do with what routes raise: every answer is a problem, and none quotes a value."""
    return {HabitueError: _on_error, HTTPException: _on_http, Exception: _on_unexpected}


def _problem(code: str, *, what: str, do: str, status: int, field: str) -> Problem:
    title = HTTPStatus(status).phrase
    return Problem(type=f"{_URN}{code}", title=title, status=status, detail=what, code=code, do=do, field=field)


def _answer(said: Problem, headers: Mapping[str, str] | None) -> Response:
    kept = {"Cache-Control": "no-store", **(headers or {})}
    return Response(msgspec.json.encode(said), said.status, headers=kept, media_type=PROBLEM_TYPE)


def _headers_for(error: HabitueError, status: int) -> dict[str, str]:
    if status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": 'Bearer realm="habitue"'}
    seconds = getattr(error, "seconds", 0)
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        return {"Retry-After": str(seconds if isinstance(seconds, int) and seconds > 0 else 1)}
    return {}


def _on_error(request: Request, error: Exception) -> Response:
    del request
    return problem_of(error) if isinstance(error, HabitueError) else _unexpected()


def _on_http(request: Request, error: Exception) -> Response:
    del request
    if not isinstance(error, HTTPException):
        return _unexpected()
    headers = dict(error.headers or {})
    match error.status_code:
        case 404:
            return problem("NOT-FOUND", what="There is nothing here.", do="`/docs` lists what there is.")
        case 405:
            allowed = headers.get("Allow", headers.get("allow", "others"))
            what, do = "This path does not take this method.", f"It takes: {allowed}."
            return problem("NOT-ALLOWED", what=what, do=do, headers=headers)
        case 413:
            return problem("BODY-TOO-LARGE", what="The body is too long.", do="Send less at once.", headers=headers)
    what, do = "The request could not be understood.", "`/docs` says what each path takes."
    return problem("REQUEST", what=what, do=do, status=error.status_code, headers=headers)


def _on_unexpected(request: Request, error: Exception) -> Response:
    del request, error
    return _unexpected()


def _unexpected() -> Response:
    return problem(
        "UNEXPECTED",
        what="Habitue met something it does not foresee.",
        do="The server's log names the place; please report it.",
    )
