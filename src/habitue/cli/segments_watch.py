"""`habitue segments watch`: who enters and leaves, as it happens, told by the running server."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from habitue.cli.acting import AsOption, acting_role
from habitue.cli.opening import project_folder
from habitue.cli.options import JsonOption, ProjectOption, QuietOption
from habitue.cli.printing import remark, say
from habitue.errors import HabitueError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from habitue.state.notice import Notice

_FIRST = 0.001


class NotServedError(HabitueError):
    """Nobody serves the project, so nothing happens live."""

    code = "NOT-SERVED"

    def __init__(self, folder: "Path") -> None:
        super().__init__(
            what=f"Nobody serves the project {str(folder)!r}.",
            do="Run `habitue serve` in another terminal, then this again.",
        )


class ChangesRefusedError(HabitueError):
    """The server does not tell its changes."""

    code = "CHANGES-REFUSED"

    def __init__(self, status: int, what: str, do: str) -> None:
        super().__init__(
            what=what or f"The server answered {status}.", do=do or "See what `habitue serve` writes to its terminal."
        )


def register(app: typer.Typer) -> None:
    """Add the command to those about segments."""
    app.command("watch", short_help="Who enters and leaves, as it happens.")(watch_command)


def watch_command(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only this segment; all when left out.")] = None,
    since: Annotated[
        int | None, typer.Option("--after", metavar="ID", min=0, help="Begin behind this change; 0 with the oldest.")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option("--for", metavar="SECONDS", min=_FIRST, help="End by itself after so long.")
    ] = None,
    as_role: AsOption = None,
    project: ProjectOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Watch who enters and leaves segments, until Ctrl-C. With --json one document a line.

    Example: habitue segments watch cart_abandoner
    """
    from contextlib import suppress
    from datetime import timedelta

    from habitue.cli.clock import system_clock
    from habitue.state.notice import read_notice

    folder = project_folder(project)
    notice = read_notice(folder)
    if notice is None:
        raise NotServedError(folder)
    asked = {} if since is None else {"after": str(since)}
    asked |= {} if name is None else {"segment": name}
    until = None if seconds is None else system_clock() + timedelta(seconds=seconds)
    remark("Waiting for somebody to enter or leave; Ctrl-C ends it.", quiet=quiet or as_json)
    with suppress(KeyboardInterrupt):
        for kind, said in _events(notice, acting_role(as_role).value, asked, until):
            if kind in ("entered", "left"):
                say(json.dumps(said) if as_json else _line(said))


def _line(said: dict[str, Any]) -> str:
    """`12:00:01.250  + cart_abandoner  c1…  time has passed`."""
    why = {"event": "an event", "deadline": "time has passed"}.get(said["cause"], said["cause"])
    sign = "+" if said["entered"] else "-"
    return f"{said['occurred_at'][11:23]}  {sign} {said['segment']}  {said['customer']}  {why}"


def _events(
    notice: "Notice", role: str, asked: dict[str, str], until: "datetime | None"
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Kind and content of each event that the server sends.

    Raises:
        ChangesRefusedError: It sends none.
    """
    import httpx

    from habitue.cli.clock import system_clock

    headers = {"Authorization": f"Bearer {notice.token}", "Habitue-As": role}
    patience = httpx.Timeout(30.0)
    with (
        httpx.Client(base_url=notice.url, headers=headers, timeout=patience, trust_env=False) as client,
        client.stream("GET", "/api/v1/changes", params=asked) as answer,
    ):
        if not answer.is_success:
            answer.read()
            said = answer.json() if "json" in answer.headers.get("content-type", "") else {}
            raise ChangesRefusedError(answer.status_code, said.get("detail", ""), said.get("do", ""))
        kind = ""
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                yield kind, json.loads(value)
            if until is not None and system_clock() >= until:
                return
