"""A very small disk, for the tests of what happens when it is full."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

import pytest


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[Path]:
    """A disk of so many bytes (`256k`) at a new folder; the test is skipped where mounting one is not allowed."""
    place.mkdir()
    mount, unmount = which("mount"), which("umount")
    if mount is None or unmount is None:
        pytest.skip("needs the program `mount`")
    words = [mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        yield place
    finally:
        subprocess.run([unmount, "-l", str(place)], check=True)
