"""Asking a running server of the project to run a command: it has the project open, and its answer is the same."""

import http.client
import json
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from habitue.cli.lending import err, lent, out
from habitue.cli.served import ALONE, CHANGING, PROJECT, READING, WRITING, CommandServedError, mark_of
from habitue.errors import HabitueError

if TYPE_CHECKING:
    from habitue.server.command_shapes import CommandAsked, CommandDone
    from habitue.state.notice import Notice

_LOOK_S: Final = 2.0
_LARGEST_FILE: Final = 40 << 20


class ServerError(HabitueError):
    """A running server did not answer as it should."""

    code = "SERVER"

    def __init__(self, why: str) -> None:
        super().__init__(what=f"The running server {why}.", do="Look at what it says; stop and start it if need be.")


class FileLargeError(HabitueError):
    """A file is too long to be handed to a server."""

    code = "SERVER-FILE"

    def __init__(self, path: Path) -> None:
        super().__init__(
            what=f"{path.name} is too long to be handed to the running server.", do="Stop `habitue serve` first."
        )


def run_elsewhere(words: str, values: Mapping[str, object]) -> int | None:
    """Have a command run by the project's server; its exit code, or None where there is no server.

    Args:
        words: The command, e.g. `segments list`.
        values: Its options and arguments, as they were understood.

    Raises:
        HabitueError: There is one, and it cannot do that.
    """
    if words not in READING | WRITING | CHANGING | ALONE or lent() is not None:
        return None
    notice = _notice(values)
    if notice is None or not _answers(notice):
        return None
    if words in ALONE:
        raise CommandServedError(words)
    paths = [value for name, value in values.items() if isinstance(value, Path) and name != "project"]
    done = _ask(notice, _order(words, values, paths))
    named = {mark_of(number): str(path) for number, path in enumerate(paths)}
    for path, content in zip(paths, done.files, strict=True):
        if content is not None and not (path.exists() and path.read_bytes() == content):
            _write(path, content)
    is_json = "--json" in sys.argv
    out().write(_named(done.out, {mark: _in_json(path) for mark, path in named.items()} if is_json else named))
    err().write(_named(done.err, named))
    return done.code


def _notice(values: Mapping[str, object]) -> "Notice | None":
    from habitue.config import find_project
    from habitue.state.notice import read_notice

    project = values.get("project")
    try:
        return read_notice(find_project(project if isinstance(project, Path) else Path()))
    except HabitueError:
        # What is wrong with the folder is told by the command itself.
        return None


def _answers(notice: "Notice") -> bool:
    """Whether the server lives; a notice may be left over, and its process be another one by now."""
    try:
        with closing(_connection(notice, _LOOK_S)) as connection:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False


def _connection(notice: "Notice", seconds: float | None) -> http.client.HTTPConnection:
    url = urlsplit(notice.url)
    return http.client.HTTPConnection(url.hostname or "127.0.0.1", url.port, timeout=seconds)


def _order(words: str, values: Mapping[str, object], paths: list[Path]) -> "CommandAsked":
    from habitue.cli.acting import acting_role
    from habitue.cli.drawing import has_colour, width
    from habitue.server.command_shapes import CommandAsked

    project, as_role = values.get("project"), values.get("as_role")
    marks = {**({project: PROJECT} if isinstance(project, Path) else {})}
    marks.update({path: mark_of(number) for number, path in enumerate(paths)})
    typed = [_marked(word, marks) for word in sys.argv[1:]]
    if not isinstance(project, Path):
        typed += ["--project", PROJECT]
    return CommandAsked(
        command=words,
        typed=typed,
        role=acting_role(as_role if isinstance(as_role, str) else None).value,
        columns=width(),
        colour=has_colour(),
        files=[(path.name, _content(path)) for path in paths],
    )


def _marked(word: str, marks: Mapping[Path, str]) -> str:
    """A word with what stands for the file it names."""
    if Path(word) in marks:
        return marks[Path(word)]
    option, equals, value = word.partition("=")
    if equals and option.startswith("--") and Path(value) in marks:
        return f"{option}={marks[Path(value)]}"
    return word


def _content(path: Path) -> bytes | None:
    if not path.is_file():
        return None
    if path.stat().st_size > _LARGEST_FILE:
        raise FileLargeError(path)
    return path.read_bytes()


def _write(path: Path, content: bytes) -> None:
    from habitue.config import writing

    with writing(path):
        path.write_bytes(content)


def _ask(notice: "Notice", order: "CommandAsked") -> "CommandDone":
    import msgspec

    from habitue.server.command_shapes import CommandDone

    headers = {"Authorization": f"Bearer {notice.token}", "Content-Type": "application/json"}
    try:
        # A build may take its time.
        with closing(_connection(notice, None)) as connection:
            connection.request("POST", "/api/v1/command", body=msgspec.json.encode(order), headers=headers)
            answer = connection.getresponse()
            body = answer.read()
    except (OSError, http.client.HTTPException):
        raise ServerError("ended before it had answered") from None
    if answer.status != http.client.OK:
        raise _refusal(body, answer.status)
    try:
        return msgspec.json.decode(body, type=CommandDone)
    except msgspec.DecodeError:
        raise ServerError("answered something that this version does not understand") from None


def _refusal(body: bytes, status: int) -> HabitueError:
    """What the server refuses, as the same error here."""
    import msgspec

    from habitue.server.problems import Problem

    try:
        said = msgspec.json.decode(body, type=Problem)
    except msgspec.DecodeError:
        return ServerError(f"answered {status}")
    error = HabitueError(what=said.detail, do=said.do)
    error.code = said.code
    return error


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _named(text: str, named: Mapping[str, str]) -> str:
    for mark, path in named.items():
        text = text.replace(mark, path)
    return text
