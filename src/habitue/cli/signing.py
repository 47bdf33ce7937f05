"""Links that open the web app for whoever sits at this machine."""

from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from habitue.govern.roles import Role


def local_link(folder: Path, url: str, role: "Role | None" = None) -> str:
    """A link that is good once, for a few minutes.

    Its secret stands behind `#`: browsers send that to nobody, it is the page that shows it.

    Args:
        folder: The project folder.
        url: Where its server answers.
        role: As what it lets somebody in; by default as admin.
    """
    from habitue.cli.clock import system_surroundings
    from habitue.config import read_settings
    from habitue.govern.roles import Role
    from habitue.run.accounts import People
    from habitue.run.signing_in import make_link

    settings, _ = read_settings(folder)
    with People.open(folder, system_surroundings()) as people:
        secret = make_link(people, role or Role.ADMIN)
    return f"{(settings.address if settings else None) or reachable(url)}/sign-in#link={secret}"


def reachable(url: str) -> str:
    """An address as a browser on this machine reaches it.

    Examples:
        >>> reachable("http://0.0.0.0:8321"), reachable("http://127.0.0.1:80")
        ('http://127.0.0.1:8321', 'http://127.0.0.1:80')
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_everywhere = host not in {"", "localhost"} and ip_address(host).is_unspecified
    return f"{parts.scheme}://127.0.0.1:{parts.port}" if is_everywhere else url
