"""Events as PostHog's libraries send them: at its paths, with its ways of packing, keys in the body."""

import base64
import binascii
from typing import Final
from urllib.parse import parse_qs

from starlette.requests import Request

from habitue.server.bodies import FORM, Share, content_coding, content_type, unpacked
from habitue.server.collect import Collector, collect_route
from habitue.server.intake import Understood
from habitue.server.refusals import DoorError
from habitue.server.routing import DeclaredRoute
from habitue.streams.messages import MessageRefusal
from habitue.streams.posthog import POSTHOG_LIMITS, PostHogDecoder

_PATHS: Final = {
    "/i/v0/e/": "posthog_event",
    "/i/v0/e": "posthog_event_bare",
    "/e/": "posthog_e",
    "/e": "posthog_e_bare",
    "/capture/": "posthog_capture",
    "/capture": "posthog_capture_bare",
    "/batch/": "posthog_batch",
    "/batch": "posthog_batch_bare",
}
_GZIP: Final = b"\x1f\x8b"
_FORMS: Final = frozenset({FORM})


def posthog_routes(collector: Collector) -> list[DeclaredRoute]:
    """The paths of PostHog's capture API."""
    decoder = PostHogDecoder()

    def read(body: bytes, received_us: int) -> Understood:
        try:
            plain = _plain(body)
        except (DoorError, binascii.Error, ValueError):
            return MessageRefusal("BODY-MALFORMED", "", "The body is not what its form says.")
        return decoder.body(plain, received_us=received_us)

    async def body(request: Request, share: Share) -> tuple[bytes, str]:
        content_type(request, also=_FORMS)
        sent, coding = await collector.any_body(request, share), content_coding(request)
        # A browser cannot set Content-Encoding on everything it sends: the address says it, or the first bytes.
        return sent, coding or ("gzip" if sent[:2] == _GZIP else "")

    handler = collector.handler(read, body)
    return [
        collect_route(path, handler, name=name, summary="Events as PostHog's libraries send them.")
        for path, name in _PATHS.items()
    ]


def _plain(body: bytes) -> bytes:
    """The JSON of a form with `data=`, as text or base64, packed or not; any other body as it is."""
    if not body.startswith((b"data=", b"compression=", b"ip=", b"_=", b"ver=")):
        return body
    said = parse_qs(body.decode("ascii"), max_num_fields=20).get("data", [""])[0]
    if said[:1] in {"{", "["}:
        return said.encode()
    clear = base64.b64decode(said.replace(" ", "+"), validate=True)
    return unpacked(clear, "gzip" if clear[:2] == _GZIP else "", POSTHOG_LIMITS.batch_bytes)
