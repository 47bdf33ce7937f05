"""Routes about ways out: who is told when people enter and leave segments, and what became of it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from habitue.channels import DeliveryState
from habitue.records.permissions import Permission
from habitue.run.accounts import People
from habitue.run.channels import (
    ChannelEntry,
    Channels,
    ChannelTested,
    DeliveryEntry,
    enable_channel,
    list_channels,
    list_deliveries,
    renew_channel_secret,
    try_channel,
)
from habitue.server.api_session import reception_of
from habitue.server.asking import check_parameters, check_text, desk_of, json_answer, text, whole, written, yes
from habitue.server.problems import ParameterError
from habitue.server.routing import DeclaredRoute, Described, Parameter, access_of, route

T = TypeVar("T")
_GROUP: Final = "Channels"
_CHANNEL: Final = Parameter(name="channel", about="Only of this channel.")
_STATE: Final = Parameter(name="state", about="Only `waiting`, `delivered`, `given_up` or `withheld`.")
_LIMIT: Final = Parameter(name="limit", about="How many at most.", kind="integer", least=1, most=1000)
_ROTATE: Final = Parameter(name="rotate", about="Replace the present one.", kind="boolean")
_TRIALS_AT_ONCE: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Enabled:
    """A channel that is on again.

    Attributes:
        channel: Its name.
        tried_again: How many deliveries that were given up are tried again.
    """

    channel: str
    tried_again: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretMade:
    """The secret of a channel: the only time that it is shown.

    Attributes:
        channel: Its name.
        secret: What the receiver verifies with.
    """

    channel: str
    secret: str


def channel_routes() -> Iterator[DeclaredRoute]:
    """Every route about ways out."""
    yield route(
        "/api/v1/channels",
        _channels,
        methods=["GET"],
        permission=Permission.SEE_PEOPLE,
        name="list_channels",
        summary="Every channel, and how it is doing.",
        described=Described(answer=list[ChannelEntry], group=_GROUP),
    )
    yield route(
        "/api/v1/channels/deliveries",
        _deliveries,
        methods=["GET"],
        permission=Permission.SEE_PEOPLE,
        name="list_deliveries",
        summary="What became of each delivery; it names nobody.",
        described=Described(parameters=(_CHANNEL, _STATE, _LIMIT), answer=list[DeliveryEntry], group=_GROUP),
    )
    yield route(
        "/api/v1/channels/{name}/test",
        _trying(asyncio.Semaphore(_TRIALS_AT_ONCE)),
        methods=["POST"],
        permission=Permission.EDIT_DEFINITIONS,
        name="test_channel",
        summary="Send a signed message about nobody, once, and say what the receiver answered.",
        described=Described(answer=ChannelTested, group=_GROUP),
    )
    yield route(
        "/api/v1/channels/{name}/enable",
        _enable,
        methods=["POST"],
        permission=Permission.EDIT_DEFINITIONS,
        name="enable_channel",
        summary="Put a channel on again that was put off.",
        described=Described(answer=Enabled, group=_GROUP),
    )
    yield route(
        "/api/v1/channels/{name}/secret",
        _secret,
        methods=["POST"],
        permission=Permission.MANAGE_USERS,
        name="renew_channel_secret",
        summary="A secret for a channel, which is shown this once.",
        described=Described(parameters=(_ROTATE,), answer=SecretMade, group=_GROUP),
    )


async def _with_channels(request: Request, work: Callable[[Channels], T]) -> T:
    folder = desk_of(request).readers.watch.last.folder

    def do(people: People) -> T:
        with Channels.open(folder, people.around) as channels:
            return work(channels)

    return await reception_of(request).do(do)


async def _channels(request: Request) -> Response:
    check_parameters(request)
    return json_answer(written(await _with_channels(request, list_channels)))


async def _deliveries(request: Request) -> Response:
    check_parameters(request)
    channel, limit = text(request, "channel", most=100), whole(request, _LIMIT, usual=100)
    state = _state(text(request, "state", most=20))

    def work(channels: Channels) -> list[DeliveryEntry]:
        return list_deliveries(channels, channel=channel, state=state, limit=limit)

    return json_answer(written(await _with_channels(request, work)))


def _state(said: str | None) -> DeliveryState | None:
    if said is None:
        return None
    try:
        return DeliveryState(said)
    except ValueError:
        known = ", ".join(each.value for each in DeliveryState)
        raise ParameterError("state", what="No delivery stands like that.", do=f"States: {known}.") from None


def _trying(free: asyncio.Semaphore) -> Callable[[Request], Awaitable[Response]]:
    """The route that tries a channel: a receiver that does not answer keeps few threads waiting."""

    async def answer(request: Request) -> Response:
        check_parameters(request)
        name, folder = _name(request), desk_of(request).readers.watch.last.folder
        around = await reception_of(request).do(lambda people: people.around)

        def work() -> ChannelTested:
            with Channels.open(folder, around) as channels:
                return try_channel(channels, name)

        async with free:
            return json_answer(written(await asyncio.to_thread(work)))

    return answer


async def _enable(request: Request) -> Response:
    check_parameters(request)
    name, actor = _name(request), access_of(request).actor
    count = await _with_channels(request, lambda channels: enable_channel(channels, name, actor=actor))
    return json_answer(written(Enabled(channel=name, tried_again=count)))


async def _secret(request: Request) -> Response:
    check_parameters(request)
    name, actor, rotate = _name(request), access_of(request).actor, yes(request, "rotate")

    def work(channels: Channels) -> str:
        return renew_channel_secret(channels, name, rotate=rotate, actor=actor)

    return json_answer(written(SecretMade(channel=name, secret=await _with_channels(request, work))))


def _name(request: Request) -> str:
    return check_text("name", request.path_params["name"], most=100)
