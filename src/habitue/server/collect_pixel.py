"""Events as pictures, where nothing but an address can be sent: mails, and pages without scripts."""

import base64
import binascii
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from habitue.server.bodies import Share
from habitue.server.collect import KEY_PARAMETERS, Collector, collect_route, single
from habitue.server.collect_answers import pixel
from habitue.server.refusals import malformed
from habitue.server.routing import DeclaredRoute, Handler
from habitue.streams.decoding import Decoder
from habitue.streams.messages import MessageKind

_PARTS: Final = frozenset({"properties", "context", "traits", "integrations"})
_MOST_PARAMETERS: Final = 200
_MOST_STEPS: Final = 8


def pixel_routes(collector: Collector) -> list[DeclaredRoute]:
    """`/pixel/v1/track|page` as RudderStack has them, `/v1/pixel/track|page` as Segment does."""
    decoder = Decoder()
    return [
        collect_route(
            path.format(kind=kind),
            _as_picture(collector.handler(single(decoder, kind), _body)),
            methods=("GET",),
            name=f"{name}_{kind}",
            summary=f"One {kind} message in the address of a picture.",
        )
        for path, name in (("/pixel/v1/{kind}", "pixel"), ("/v1/pixel/{kind}", "pixel_segment"))
        for kind in (MessageKind.TRACK, MessageKind.PAGE)
    ]


def _as_picture(handler: Handler) -> Handler:
    async def handle(request: Request) -> Response:
        answer = await handler(request)
        return answer if request.method == "OPTIONS" else pixel(answer)

    return handle


async def _body(request: Request, share: Share) -> tuple[bytes, str]:
    """The message that the parameters of an address make."""
    share.take(len(request.scope["query_string"]))
    data = request.query_params.get("data")
    if data is not None:
        return _decoded(data), ""
    pairs = request.query_params.multi_items()
    if len(pairs) > _MOST_PARAMETERS:
        raise malformed("has more parameters than a picture may")
    message: dict[str, Any] = {}
    for name, value in pairs:
        if name not in KEY_PARAMETERS:
            _put(message, name.split("."), value)
    return msgspec.json.encode(message), ""


def _decoded(data: str) -> bytes:
    """Base64 of JSON, in either alphabet, its end filled up or not."""
    plain = data.strip().replace("-", "+").replace("_", "/").replace(" ", "+").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise malformed("has `data` that is not base64") from None


def _put(message: dict[str, Any], steps: list[str], value: str) -> None:
    """`properties.page.title=…` lies that deep; what is not one of the parts is a field by its whole name."""
    if steps[0] not in _PARTS or len(steps) > _MOST_STEPS:
        message[".".join(steps)] = value
        return
    place = message
    for step in steps[:-1]:
        inner = place.setdefault(step, {})
        if not isinstance(inner, dict):
            return
        place = inner
    place[steps[-1]] = value
