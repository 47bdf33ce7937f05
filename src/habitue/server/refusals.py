"""What the door for events refuses, each with its status, so that a sender knows whether to send it again."""

from http import HTTPStatus

from habitue.errors import HabitueError
from habitue.streams.messages import MessageRefusal

_TOO_LARGE = frozenset({"BATCH-SIZE", "BATCH-COUNT", "MESSAGE-SIZE"})


class DoorError(HabitueError):
    """A request of a sender is refused.

    Attributes:
        code: Stable code.
        status: The HTTP status.
        field: Path of the field that is wrong; empty when the whole is.
        seconds: How long to wait before it is sent again; 0 where that would not help.
    """

    def __init__(self, code: str, status: HTTPStatus, *, what: str, do: str, field: str = "", seconds: int = 0) -> None:
        super().__init__(what=what, do=do)
        self.code = code
        self.status = status
        self.field = field
        self.seconds = seconds


def overloaded(seconds: int = 1) -> DoorError:
    """More is on its way than the server can take in."""
    return DoorError(
        code="OVERLOADED",
        status=HTTPStatus.TOO_MANY_REQUESTS,
        what="More is on its way than this server can take in at once.",
        do="Send it again a little later; nothing of it was kept.",
        seconds=seconds,
    )


def too_large(most: int) -> DoorError:
    """The body of a request is longer than it may be, as sent or unpacked."""
    return DoorError(
        "BODY-TOO-LARGE",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        what=f"The body is longer than {most:,} bytes.",
        do="Send fewer messages at once.",
    )


def too_slow(seconds: float) -> DoorError:
    """The body of a request did not come in time."""
    return DoorError(
        "BODY-SLOW",
        HTTPStatus.REQUEST_TIMEOUT,
        what=f"The body did not arrive within {seconds:.0f} s.",
        do="Send fewer messages at once.",
    )


def bad_type() -> DoorError:
    """The body of a request is said to be something else than JSON."""
    return DoorError(
        "BODY-TYPE",
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        what="The body is said to be something else than JSON in UTF-8.",
        do="Send `Content-Type: application/json`.",
        field="Content-Type",
    )


def bad_coding() -> DoorError:
    """The body of a request is packed in a way that is not known here."""
    return DoorError(
        "BODY-CODING",
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        what="The body is packed in a way that is not known here.",
        do="Pack it with gzip or deflate, or not at all.",
        field="Content-Encoding",
    )


def malformed(why: str) -> DoorError:
    """The body of a request is not what its headers say."""
    return DoorError(
        "BODY-MALFORMED", HTTPStatus.BAD_REQUEST, what=f"The body {why}.", do="Check what the sender makes of it."
    )


def cut_off() -> DoorError:
    """A sender went away before its request had come; nobody reads the answer."""
    return DoorError(
        "BODY-CUT-OFF",
        HTTPStatus.BAD_REQUEST,
        what="The connection ended before the body had come.",
        do="Send it again.",
    )


def key_missing() -> DoorError:
    """A request names no write key."""
    return DoorError(
        "KEY-MISSING",
        HTTPStatus.UNAUTHORIZED,
        what="The request names no write key.",
        do="Send it by HTTP Basic as the user name, with an empty password.",
    )


def key_refused() -> DoorError:
    """A write key opens nothing; why is not said."""
    return DoorError(
        "KEY-REFUSED",
        HTTPStatus.UNAUTHORIZED,
        what="The write key is not valid.",
        do="Make a new one with `habitue keys create --scope collect`.",
    )


def key_elsewhere() -> DoorError:
    """A key is valid, and not for sending events here."""
    return DoorError(
        "KEY-SCOPE",
        HTTPStatus.FORBIDDEN,
        what="The key is not for sending events to this server.",
        do="Make one with `habitue keys create --scope collect --source SOURCE`, of a source with `collect: true`.",
    )


def not_understood(refusal: MessageRefusal) -> DoorError:
    """A body cannot be taken apart into messages."""
    is_large = refusal.code in _TOO_LARGE
    return DoorError(
        refusal.code,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE if is_large else HTTPStatus.BAD_REQUEST,
        what=refusal.reason,
        do="Send fewer messages at once." if is_large else "Send what the Segment HTTP API describes.",
        field=refusal.field,
    )


def failed_here() -> DoorError:
    """Something that Habitue does not foresee; nothing was acknowledged."""
    return DoorError(
        code="UNEXPECTED",
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        what="Habitue met something it does not foresee; nothing of this was acknowledged.",
        do="Send it again later; the server's log names the place.",
        seconds=5,
    )
