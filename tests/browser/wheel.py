"""The wheel as users get it: built from this checkout with the app in it, installed into an environment of its own."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]


def installed_wheel(folder: Path) -> Path:
    """The program `habitue` of a new environment that holds the wheel; what it depends on is shared with this one.

    Args:
        folder: An empty folder, or one that is not there.
    """
    built, place = folder / "wheel", folder / "venv"
    _pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(built), str(ROOT))
    (wheel,) = built.glob("habitue-*.whl")
    venv.create(place, with_pip=False, symlinks=True)
    python = place / "bin" / "python"
    _pip("--python", str(python), "install", "--no-deps", "--no-index", str(wheel))
    # A path alone: the checkout, which another file of that folder leads to, is not seen from there.
    shared = sysconfig.get_path("purelib")
    (site,) = place.glob("lib/python*/site-packages")
    (site / "shared.pth").write_text(f"{shared}\n", encoding="utf-8")
    _check(python, place)
    return place / "bin" / "habitue"


def _check(python: Path, place: Path) -> None:
    asked = "import habitue; print(habitue.__file__)"
    told = subprocess.run([python, "-I", "-c", asked], check=True, capture_output=True, text=True, cwd=place)
    assert Path(told.stdout.strip()).is_relative_to(place), told.stdout


def _pip(*words: str) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
