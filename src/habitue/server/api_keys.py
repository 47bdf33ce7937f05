"""Routes about API keys: made, listed and revoked; the secret of a new one is shown that once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from habitue.govern.accounts import ApiKey, NewKey, Scope
from habitue.govern.roles import Role
from habitue.records.durations import DurationError, parse_duration
from habitue.records.permissions import Permission
from habitue.run.accounts import People, create_key, revoke_key
from habitue.server.api_session import reception_of
from habitue.server.asking import check_parameters, check_text, decoded, desk_of, json_answer, written
from habitue.server.problems import ParameterError
from habitue.server.routing import DeclaredRoute, Described, access_of, route
from habitue.sources.inbox import SourceNotLiveError

_GROUP: Final = "Settings"
_LONGEST_US: Final = 5 * 365 * 24 * 60 * 60 * 1_000_000


class KeyAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key that is to be made.

    Attributes:
        scope: What it is for.
        role: As what it acts; by default the least for its scope.
        source: The live source that its events are of; only for keys that send events.
        expires: How long it is valid: 90d, 12h.
    """

    scope: Scope
    role: Role | None = None
    source: str = ""
    expires: str = "90d"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyListed:
    """A key, without its secret.

    Attributes:
        id: By which it is revoked.
        scope: What it is for.
        role: As what it acts.
        source: The live source that its events are of; empty where none was named.
        state: `valid`, `expired` or `revoked`.
        made_at: Since when.
        expires_at: From when on it is refused.
        last_at: When it was used last, to about a minute.
    """

    id: str
    scope: str
    role: str
    source: str
    state: str
    made_at: datetime
    expires_at: datetime
    last_at: datetime | None


def key_routes() -> Iterator[DeclaredRoute]:
    """Every route about API keys."""
    yield route(
        "/api/v1/settings/keys",
        _keys,
        methods=["GET"],
        permission=Permission.MANAGE_USERS,
        name="list_keys",
        summary="The API keys, without their secrets.",
        described=Described(answer=list[KeyListed], group=_GROUP),
    )
    yield route(
        "/api/v1/settings/keys",
        _create,
        methods=["POST"],
        permission=Permission.MANAGE_USERS,
        name="create_key",
        summary="A new API key, whose secret is shown this once.",
        described=Described(body=KeyAsked, answer=NewKey, group=_GROUP),
    )
    yield route(
        "/api/v1/settings/keys/{id}",
        _revoke,
        methods=["DELETE"],
        permission=Permission.MANAGE_USERS,
        name="revoke_key",
        summary="Refuse a key from now on.",
        described=Described(answer=KeyListed, group=_GROUP),
    )


async def _keys(request: Request) -> Response:
    check_parameters(request)

    def work(people: People) -> list[KeyListed]:
        kept, now = people.accounts.keys(), people.now
        return [_listed(each, now) for each in kept]

    return json_answer(written(await reception_of(request).do(work)))


async def _create(request: Request) -> Response:
    check_parameters(request)
    actor = access_of(request).actor
    asked = await decoded(request, KeyAsked)
    source, valid_us = check_text("source", asked.source, most=200), _length(asked.expires)
    if source and source not in {plan.name for plan in desk_of(request).readers.watch.last.sources.collected}:
        raise SourceNotLiveError(source)

    def work(people: People) -> NewKey:
        return create_key(people, asked.scope, role=asked.role, valid_us=valid_us, source=source, actor=actor)

    return json_answer(written(await reception_of(request).do(work)))


def _length(text: str) -> int:
    refusal = ParameterError("expires", what="A key is valid for some time.", do="Write 90d, 12h, up to 1825d.")
    try:
        found = parse_duration(check_text("expires", text, most=40))
    except DurationError:
        raise refusal from None
    if not 0 < found <= _LONGEST_US:
        raise refusal
    return found


async def _revoke(request: Request) -> Response:
    check_parameters(request)
    actor, key_id = access_of(request).actor, check_text("id", request.path_params["id"], most=200)

    def work(people: People) -> KeyListed:
        return _listed(revoke_key(people, key_id, actor=actor), people.now)

    return json_answer(written(await reception_of(request).do(work)))


def _listed(key: ApiKey, now: datetime) -> KeyListed:
    expired = "expired" if key.expires_at <= now else "valid"
    return KeyListed(
        id=key.id,
        scope=key.scope.value,
        role=key.role.value,
        source=key.source,
        state=expired if key.revoked_at is None else "revoked",
        made_at=key.made_at,
        expires_at=key.expires_at,
        last_at=key.last_at,
    )
