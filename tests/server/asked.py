"""A server on a free port that reads and changes a project, without what takes events in."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from habitue.channels import Network
from habitue.cli.clock import system_surroundings
from habitue.cli.served import Terminal
from habitue.govern.accounts import Accounts, Scope
from habitue.govern.roles import Role
from habitue.govern.sessions import Sessions
from habitue.run.accounts import People
from habitue.run.surroundings import Surroundings
from habitue.run.workspace import Workspace
from habitue.segments import TransitionLog
from habitue.server.api import api_routes, furnish
from habitue.server.asking import Desk
from habitue.server.changes import Changes
from habitue.server.desk import Owner, Readers
from habitue.server.gate import KeyGate
from habitue.server.openid import Provider
from habitue.server.problems import exception_handlers
from habitue.server.reception import Reception
from habitue.server.routing import route
from habitue.server.underway import BuildBoard
from habitue.state.notice import Notice, put_up, take_down
from tests.server.serving import listen
from tests.terminal import Json


@dataclass(kw_only=True)
class Asked:
    """A server that answers.

    Attributes:
        folder: The project.
        url: Where it answers.
        token: That of its owner.
        app: What answers.
        owner: The thread that owns the project.
        changes: What it tells listeners.
        client: Asks as the owner.
    """

    folder: Path
    url: str
    token: str
    app: Starlette
    owner: Owner
    changes: Changes
    client: httpx.Client = field(repr=False)

    def get(self, path: str, *, role: Role = Role.ADMIN, **parameters: object) -> httpx.Response:
        """Ask as a role."""
        given = {name: str(value) for name, value in parameters.items()}
        return self.client.get(path, params=given or None, headers={"Habitue-As": role.value})

    def answer(self, path: str, *, role: Role = Role.ADMIN, **parameters: object) -> Json:
        """What has to be answered."""
        found = self.get(path, role=role, **parameters)
        assert found.status_code == 200, found.text
        return found.json()

    def post(self, path: str, body: object, *, role: Role = Role.ADMIN) -> httpx.Response:
        """Send JSON as a role."""
        return self.client.post(path, json=body, headers={"Habitue-As": role.value})

    def key(self, scope: Scope, role: Role) -> str:
        """A new key of the project."""
        around = system_surroundings()
        now = around.clock()
        with Accounts.open(self.folder, random=around.random) as accounts:
            return accounts.create_key(scope, role=role, expires_at=now + timedelta(days=1), now=now).key


async def _alive(request: Request) -> Response:
    del request
    return Response()


@contextmanager
def asking(
    folder: Path,
    *,
    prepare: Callable[[Workspace], None] = lambda _: None,
    surroundings: Surroundings | None = None,
    network: Network | None = None,
) -> Iterator[Asked]:
    """Serve a project until the end of the block."""
    around, token = surroundings or system_surroundings(), secrets.token_hex(32)
    with ExitStack() as begun:
        owner = Owner(lambda: Workspace.open(folder, around=around))
        begun.callback(owner.close)
        owner.submit(prepare).result()
        readers = Readers(owner, owner.watch)
        begun.callback(readers.close)
        gate = KeyGate(
            lambda: Accounts.open(folder, random=around.random),
            lambda: Sessions.open(folder, random=around.random),
            token=token,
            around=around,
            narrowed=lambda: owner.watch.last.roles,
            address=lambda: owner.watch.last.settings.address,
        )
        begun.callback(gate.close)
        reception = Reception(lambda: People.open(folder, around))
        begun.callback(reception.close)
        changes = Changes(lambda: TransitionLog.open(folder))
        begun.callback(changes.close)
        alive = route("/healthz", _alive, methods=["GET"], permission=None, name="healthz", summary="Whether it lives.")
        app = Starlette(routes=[alive, *api_routes()], exception_handlers=exception_handlers())
        app.state.gate = gate
        provider = Provider(lambda: owner.watch.last.settings.sign_in, around, network)
        board = BuildBoard()
        owner.submit(lambda workspace: setattr(workspace, "builder", board)).result()
        furnish(app, Desk(readers=readers, owner=owner, board=board), reception, provider, changes, Terminal())
        with (
            listen(app) as url,
            httpx.Client(
                base_url=url, timeout=60, trust_env=False, headers={"Authorization": f"Bearer {token}"}
            ) as client,
        ):
            put_up(folder, Notice(url=url, pid=os.getpid(), token=token))
            begun.callback(take_down, folder)
            yield Asked(folder=folder, url=url, token=token, app=app, owner=owner, changes=changes, client=client)
            changes.end()
