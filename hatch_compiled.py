"""Compiles the busiest modules with mypyc into modules of C, which take the places of the same files as Python.

`hatch_build.py` has it done for a wheel where `HABITUE_COMPILED=1` asks for it; a checkout and every other install run
the files as they are. By hand: `python hatch_compiled.py FOLDER` puts what is compiled there.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

LIVE: Final = (
    *("", "_answering", "_answers", "_asked", "_counts", "_keeping", "_minding", "_moments", "_people"),
    *("_queue", "_routes", "_sequences", "_sums", "_trails"),
)
"""Of the live reading all states of leaves: none of them can be Python beside another that is compiled."""
MODULES: Final = tuple(f"habitue/rules/live{name}.py" for name in LIVE)
NEEDED: Final = ("mypy>=1.18", "setuptools>=77")
_OPTIONS: Final = """
[mypy]
ignore_missing_imports = True
follow_imports = skip
[mypy-habitue.*]
follow_imports = silent
"""
"""Types are asked of this package alone, whatever else is installed where it is built."""
_GROUP: Final = "habitue"
"""Names the library that all of them share: `habitue__mypyc`."""


def compile_into(place: Path, sources: Path, modules: Sequence[str] = MODULES) -> None:
    """Compile some modules; needs a compiler for C and the headers of Python.

    Args:
        place: Where the compiled modules go, each at its own place in the package.
        sources: Where the package lies.
        modules: The files, as seen from there.

    Raises:
        SystemExit: A module is not typed as it has to be, or there is no compiler.
    """
    from mypyc.build import mypycify
    from setuptools import setup

    target = place.resolve()
    with TemporaryDirectory() as scratch:
        # Module names are told by paths, as seen from where the package lies.
        os.chdir(sources)
        rules = Path(scratch, "mypy.ini")
        rules.write_text(_OPTIONS, encoding="ascii")
        options = [f"--config-file={rules}", f"--cache-dir={scratch}/cache"]
        extensions = mypycify(
            [*options, *modules], opt_level="2", debug_level="0", target_dir=f"{scratch}/c", group_name=_GROUP
        )
        folders = ["--build-lib", str(target), "--build-temp", f"{scratch}/objects"]
        setup(name=_GROUP, packages=[], ext_modules=extensions, script_args=["--quiet", "build_ext", *folders])


if __name__ == "__main__":
    compile_into(Path(sys.argv[1]), Path(__file__).resolve().parent / "src", sys.argv[2:] or MODULES)
