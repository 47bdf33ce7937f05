"""`POST /api/v1/command`: a command of the terminal, run where the project is open, for who owns the machine.

Which commands there are, and what they print, is the terminal's to say; it is given here as `Commands`.
"""

import asyncio
from collections.abc import Iterator
from enum import Enum
from typing import Final, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from habitue.records.permissions import Permission
from habitue.run.workspace import Workspace
from habitue.server.asking import Desk, at_one, decoded, desk_of, json_answer
from habitue.server.command_shapes import CommandAsked, CommandDone
from habitue.server.gate import KeyGate
from habitue.server.problems import RequestError
from habitue.server.routing import DeclaredRoute, Described, route

LARGEST: Final = 64 << 20
LONGEST_S: Final = 3600.0


class Doing(Enum):
    """What a command does to a project."""

    LOOKS = "looks"
    WRITES = "writes"
    """It writes something down beside the project's data; answers stay."""
    CHANGES = "changes"


class Commands(Protocol):
    """The commands of the terminal that a server runs."""

    def doing(self, command: str) -> Doing:
        """What a command does to the project.

        Raises:
            HabitueError: It is none that a server runs.
        """
        ...

    def run(self, asked: CommandAsked, workspace: Workspace, desk: Desk) -> CommandDone:
        """What a command leaves behind."""
        ...


def command_routes() -> Iterator[DeclaredRoute]:
    """The route of commands."""
    yield route(
        "/api/v1/command",
        _command,
        methods=["POST"],
        permission=Permission.MANAGE_USERS,
        name="command",
        summary="A command of the terminal, for whoever has the token of this machine.",
        described=Described(body=CommandAsked, answer=CommandDone, group="Operate", largest_body=LARGEST),
    )


async def _command(request: Request) -> Response:
    commands: Commands | None = getattr(request.app.state, "commands", None)
    gate = request.app.state.gate
    if commands is None or not (isinstance(gate, KeyGate) and gate.is_owner(request)):
        raise RequestError("COMMAND-REFUSED", what="Commands are run for the owner of the machine.", do="Use the API.")
    asked = await decoded(request, CommandAsked)
    desk = desk_of(request)
    runner = commands
    doing = runner.doing(asked.command)
    if doing is Doing.LOOKS:
        done = await desk.readers.read(lambda workspace: runner.run(asked, workspace, desk), seconds=LONGEST_S)
        return json_answer(msgspec.json.encode(done))

    if doing is Doing.WRITES:
        done = await at_one(desk, lambda workspace: runner.run(asked, workspace, desk))
        return json_answer(msgspec.json.encode(done))

    def change(workspace: Workspace) -> CommandDone:
        done = runner.run(asked, workspace, desk)
        desk.tell(workspace)
        return done

    # Whoever asked may go away: what was begun is done.
    ended = await asyncio.shield(asyncio.wrap_future(desk.owner.submit(change)))
    return json_answer(msgspec.json.encode(ended))
