"""Where a channel may send to: which addresses of a URL, and which network addresses behind its name.

Everything is refused that is not plainly a public server: a URL from a project file must not become a way into the
machine, its network, or the metadata service of a cloud. `allow_private` opens networks of one's own, for tests and
intranets; link-local addresses, multicast and metadata services stay shut.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias
from urllib.parse import SplitResult, urlsplit

from habitue.errors import HabitueError

Address: TypeAlias = IPv4Address | IPv6Address
PORTS: Final = frozenset({443, 8443})
"""Ports that a channel may send to, unless it may send to one's own network."""
_USUAL: Final = {"https": 443, "http": 80}
_LONGEST: Final = 2_000

_OWN: Final = tuple(
    map(
        IPv4Network,
        ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
    )
)
"""Of one's own network: loopback, private use (RFC 1918), shared between a provider's customers (RFC 6598)."""
_NEVER: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network
            "169.254.0.0/16",  # link-local, the metadata services of most clouds among them
            "192.0.0.0/24",  # protocol assignments
            "192.0.2.0/24",  # documentation, as are 198.51.100.0/24 and 203.0.113.0/24
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",  # 6to4 relays
            "192.175.48.0/24",
            "198.18.0.0/15",  # measuring of devices
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",  # multicast, reserved, broadcast
            "100.100.100.200/32",  # metadata service of Alibaba Cloud
            "168.63.129.16/32",  # the platform behind machines on Azure
        ),
    )
)
_OWN_6: Final = (IPv6Network("::1/128"), IPv6Network("fc00::/7"))
_PUBLIC_6: Final = IPv6Network("2000::/3")
_NEVER_6: Final = tuple(
    map(
        IPv6Network,
        (
            "fd00:ec2::/32",  # metadata services of Amazon
            "fd20:ce::/32",  # of Google
            "2001::/23",  # protocol assignments, Teredo among them
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: an IPv4 address inside
            "3fff::/20",  # documentation
            "5f00::/16",  # segment routing
        ),
    )
)
_WITH_V4_INSIDE: Final = tuple(map(IPv6Network, ("::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96")))
"""IPv4-mapped, IPv4-translated and NAT64 addresses: the last 32 bits are the address that is reached."""
_ISATAP: Final = (0x00005EFE, 0x02005EFE)


class ChannelUrlError(HabitueError, ValueError):
    """A channel may not send to this URL."""

    code = "CHANNEL-URL"


class AddressRefusedError(HabitueError):
    """The name of a receiver stands for an address that nothing is sent to."""

    code = "CHANNEL-ADDRESS"

    def __init__(self, host: str) -> None:
        super().__init__(
            what=f"{host!r} is, or stands for, an address that is not on the public internet.",
            do="Name a public server, or say `allow_private: true` for a server of your own network.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a request goes, read from its URL.

    Attributes:
        scheme: `https` or `http`.
        host: Name or address, without brackets.
        port: The port.
        path: Path and query, as they are sent.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The host, with the port where it is not the usual one, as the header `Host` has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _USUAL[self.scheme] else f"{host}:{self.port}"


def read_target(url: str, *, allow_private: bool = False) -> Target:
    """Where a URL leads, where a channel may send there as far as can be told without asking for its name.

    Args:
        url: An absolute URL.
        allow_private: Whether it may be one of one's own network; then also `http`, and any port.

    Raises:
        ChannelUrlError: It may not.
        AddressRefusedError: Its host is an address that is refused.

    Examples:
        >>> read_target("https://hooks.example.com/in?x=1").authority
        'hooks.example.com'
    """
    parts = _split(url)
    scheme = parts.scheme.lower()
    if scheme not in ("https", "http") or (scheme == "http" and not allow_private):
        raise ChannelUrlError(
            what="A webhook is sent to an https:// address.",
            do="Write https://…; http:// is for servers of your own network, with `allow_private: true`.",
        )
    if parts.username is not None or parts.password is not None:
        raise ChannelUrlError(
            what="A webhook's URL holds a user name or password.",
            do="Take it out; what is sent is signed, and the receiver checks the signature.",
        )
    target = Target(
        scheme=scheme,
        host=(parts.hostname or "").rstrip("."),
        port=_port_of(parts) or _USUAL[scheme],
        path=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
    )
    if not target.host or "%" in target.host:
        raise ChannelUrlError(what="A webhook's URL names no host.", do="Write it whole: https://host/path.")
    if target.port not in PORTS and not allow_private:
        raise ChannelUrlError(
            what=f"A webhook is not sent to port {target.port}.",
            do="Use port 443 or 8443; another port is for servers of your own network, with `allow_private: true`.",
        )
    literal = _as_address(target.host)
    if literal is not None and not is_allowed(literal, allow_private=allow_private):
        raise AddressRefusedError(target.host)
    return target


def _split(url: str) -> SplitResult:
    refusal = ChannelUrlError(
        what="A webhook's URL is not written as a URL is.",
        do="Write it whole, in ASCII and without blanks: https://host/path.",
    )
    if len(url) > _LONGEST or not url.isascii() or any(each <= " " or each in '\\"<>^`{|}\x7f' for each in url):
        raise refusal
    try:
        return urlsplit(url)
    except ValueError:
        raise refusal from None


def _port_of(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        raise ChannelUrlError(what="A webhook's URL names no such port.", do="Leave the port out.") from None


def _as_address(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def is_allowed(address: Address, *, allow_private: bool = False) -> bool:
    """Whether something may be sent to a network address.

    Args:
        address: As the name was resolved.
        allow_private: Whether it may be one of one's own network.

    Examples:
        >>> is_allowed(ip_address("93.184.216.34")), is_allowed(ip_address("::ffff:127.0.0.1"))
        (True, False)
        >>> is_allowed(ip_address("169.254.169.254"), allow_private=True)
        False
    """
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return False
        if any(address in each for each in _WITH_V4_INSIDE):
            address = IPv4Address(int(address) & 0xFFFFFFFF)
    if isinstance(address, IPv4Address):
        if any(address in each for each in _NEVER):
            return False
        return allow_private or not any(address in each for each in _OWN)
    if any(address in each for each in _NEVER_6) or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return False
    return address in _PUBLIC_6 or (allow_private and any(address in each for each in _OWN_6))
