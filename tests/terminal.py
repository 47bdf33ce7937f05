"""The program as a user meets it: words typed, an exit code, and what stands on either output."""

import contextlib
import io
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from unittest.mock import patch

from habitue.cli import main

Json: TypeAlias = Any
"""What a document holds; a test says what it expects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Json:
        """The one document on standard output."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, str]:
        """The error that a command with --json printed."""
        found: dict[str, str] = json.loads(self.out)["error"]
        return found


def habitue(*words: object, columns: int = 100) -> Outcome:
    """Run one command in this process; what it prints is not a terminal."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    typed = ["habitue", *map(str, words)]
    surroundings = {**os.environ, "COLUMNS": str(columns)}
    with (
        patch.object(sys, "argv", typed),
        patch.dict(os.environ, surroundings),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
    return Outcome(code=code, out=out.getvalue(), err=err.getvalue())


def answer(*words: object) -> Json:
    """The document of a command that has to succeed."""
    outcome = habitue(*words, "--json")
    assert outcome.code == 0, outcome.err
    return outcome.json


def command(*words: object, first: str = "") -> list[str]:
    """The same command as a program of its own, for tests that limit, kill or measure it.

    Args:
        words: What is typed.
        first: Python to run before the command.
    """
    program = f"{first}\nfrom habitue.cli import main; main()"
    return [sys.executable, "-c", program, *map(str, words)]


def files_of(folder: Path, *, without: tuple[str, ...] = (".habitue",)) -> dict[str, bytes]:
    """The content of every file of a folder, by relative path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not set(path.relative_to(folder).parts) & set(without)
    }
