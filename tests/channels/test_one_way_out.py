"""Only one file of the program opens connections to elsewhere."""

import ast
from pathlib import Path

from tests.house.tree import PACKAGE, parsed, python_files


def reaches_out(path: Path) -> bool:
    """Whether a file imports a library that sends, or opens connections itself."""
    sends = {"aiohttp", "ftplib", "httpcore", "httpx", "requests", "smtplib", "urllib3"}
    opens = {"create_connection", "open_connection", "sock_connect", "urlopen"}
    for node in ast.walk(parsed(path)):
        names = {alias.name.partition(".")[0] for alias in node.names} if isinstance(node, ast.Import) else set()
        if isinstance(node, ast.ImportFrom):
            names = {(node.module or "").partition(".")[0]}
        if names & sends or (isinstance(node, ast.Attribute) and node.attr in opens):
            return True
    return False


def test_only_the_way_out_opens_connections_to_elsewhere() -> None:
    """Whatever else sends something would not look where to; what asks the project's own server knows that it does."""
    own_server = {"cli/segments_watch.py", "server/replaying.py"}
    found = {path.relative_to(PACKAGE).as_posix() for path in python_files("src") if reaches_out(path)}
    assert found - own_server == {"channels/connections.py", "channels/egress.py"}
