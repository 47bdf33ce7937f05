"""What a browser says of where a request comes from, and the cookie by which it is known.

A page of another site can make a browser send requests, and its cookies with them. So a session counts only for a
server that is reached by a name of its own, only for requests of its own pages, and for changes only with what no other
page can read.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from habitue.errors import HabitueError

CSRF_HEADER: Final = "x-csrf-token"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""
_OWN_PAGES: Final = frozenset({"same-origin", "none"})
_PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}


class HostRefusedError(HabitueError):
    """A browser reached the server by a name that is not the server's."""

    code = "HOST-UNKNOWN"

    def __init__(self) -> None:
        super().__init__(
            what="People do not reach this server by that name.",
            do="Use http://127.0.0.1, or say `address: https://…` in habitue.yaml when a proxy stands before it.",
        )


class OriginRefusedError(HabitueError):
    """A request with a session does not come from a page of this server, or cannot show that it does."""

    code = "ORIGIN-REFUSED"

    def __init__(self) -> None:
        super().__init__(
            what="This request does not come from a page of this server.",
            do="Load the page anew; a proxy before the server has to pass on the header Host.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a browser reached the server by.

    Attributes:
        scheme: `http` or `https`.
        authority: Host, with the port where it is not the usual one.
    """

    scheme: str
    authority: str

    @property
    def url(self) -> str:
        """As browsers write it."""
        return f"{self.scheme}://{self.authority}"

    @property
    def is_safe(self) -> bool:
        """Whether nobody on the way can read along."""
        return self.scheme == "https"

    @property
    def cookie(self) -> str:
        """The session's cookie: another server on this machine, at another port, has another."""
        if self.is_safe:
            return "__Host-habitue"
        return f"habitue_{urlsplit(self.url).port or _PORTS[self.scheme]}"


def origin_of(request: Request, address: str | None) -> Origin:
    """What a request reached the server by: this machine, or the address that the project says.

    A name that somebody else lets stand for this machine is neither.

    Args:
        request: Of a browser.
        address: What the project says, `https://habitue.example.com`; None where people sit at this machine.

    Raises:
        HostRefusedError: It is neither.
    """
    said = request.headers.get("host", "").lower()
    scheme, _, authority = (address or "").partition("://")
    if authority and said == authority:
        return Origin(scheme=scheme, authority=authority)
    if is_this_machine(said):
        return Origin(scheme="http", authority=said)
    raise HostRefusedError


def is_this_machine(authority: str) -> bool:
    """Whether a host, with or without a port, is one that only this machine can be.

    Examples:
        >>> is_this_machine("localhost:8321"), is_this_machine("[::1]"), is_this_machine("localhost.evil.example")
        (True, True, False)
    """
    try:
        parts = urlsplit(f"//{authority}")
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if host is None or parts.netloc != authority or "@" in authority:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_own_page(request: Request, origin: Origin) -> None:
    """Pass where a request comes from a page of this server, as far as its browser says.

    Raises:
        OriginRefusedError: It comes from elsewhere.
    """
    site = request.headers.get("sec-fetch-site")
    said = request.headers.get("origin")
    if (site is not None and site not in _OWN_PAGES) or (said is not None and said.lower() != origin.url):
        raise OriginRefusedError


def cookie_of(request: Request, name: str) -> str | None:
    """The value of a cookie; None where there is none, or more than one: then one of them is somebody else's."""
    found = [
        value.strip()
        for line in request.headers.getlist("cookie")
        for key, _, value in (each.partition("=") for each in line.split(";"))
        if key.strip() == name
    ]
    return found[0] if len(found) == 1 else None


def set_cookie(response: Response, origin: Origin, value: str, *, seconds: int) -> None:
    """Have the browser send a session with every request of one's own pages, and let no page read it."""
    response.set_cookie(
        origin.cookie, value, max_age=seconds, path="/", secure=origin.is_safe, httponly=True, samesite="strict"
    )


def take_cookie(response: Response, origin: Origin) -> None:
    """Have the browser forget a session."""
    response.delete_cookie(origin.cookie, path="/", secure=origin.is_safe, httponly=True, samesite="strict")
