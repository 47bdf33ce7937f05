"""Commands run inside a server: which ones, and how what they print and write finds its way back."""

import io
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from habitue.cli.lending import Lent, lending
from habitue.errors import HabitueError

if TYPE_CHECKING:
    from habitue.run.workspace import Workspace
    from habitue.server.asking import Desk
    from habitue.server.command_shapes import CommandAsked, CommandDone
    from habitue.server.commands import Doing

READING: Final = frozenset(
    {
        "anomalies",
        "features list",
        "features show",
        "attribution",
        "cohorts",
        "funnel",
        "paths",
        "identity evaluate",
        "identity show",
        "identity plan",
        "measure",
        "privacy audit",
        "privacy export",
        "privacy retention",
        "segments explain",
        "segments history",
        "segments list",
        "segments members",
        "segments overlap",
        "segments preview",
        "segments show",
        "sources failed",
        "sources list",
    }
)
"""Commands that look at the project, as a running server has it open."""
WRITING: Final = frozenset({"features table", "plan", "segments parity", "sources mend", "sources profile"})
"""Commands that write something down beside its data; by the thread that owns it."""
CHANGING: Final = frozenset(
    {
        "build",
        "identity merge",
        "identity review",
        "identity unmerge",
        "privacy consent",
        "privacy erase",
        "sources load",
        "sources replay",
    }
)
"""Commands that change it; one after another, by the thread that owns it."""
ALONE: Final = frozenset({"privacy rotate", "rebuild", "restore"})
"""Commands that need the project for themselves."""
PROJECT: Final = "{project}"


class CommandServedError(HabitueError):
    """A command is none that a server runs."""

    code = "COMMAND-SERVED"

    def __init__(self, command: str) -> None:
        super().__init__(
            what=f"A running server has the project, and cannot do `habitue {command[:60]}`.",
            do="Stop `habitue serve` first, then run the command again.",
        )


class Terminal:
    """Runs commands of the terminal on a project that is open already."""

    def doing(self, command: str) -> "Doing":
        """What a command does to the project.

        Raises:
            CommandServedError: It is none that a server runs.
        """
        from habitue.server.commands import Doing

        for doing, commands in ((Doing.LOOKS, READING), (Doing.WRITES, WRITING), (Doing.CHANGES, CHANGING)):
            if command in commands:
                return doing
        raise CommandServedError(command)

    def run(self, asked: "CommandAsked", workspace: "Workspace", desk: "Desk") -> "CommandDone":
        """What a command leaves behind, as if it had been run by itself.

        Raises:
            CommandServedError: What is typed is another command than the one that is named.
        """
        from habitue.server.command_shapes import CommandDone

        words = asked.command.split()
        if asked.typed[: len(words)] != words:
            raise CommandServedError(asked.command)

        out, err = io.StringIO(), io.StringIO()

        def opened() -> "Workspace":
            workspace.project = desk.readers.watch.current()
            return workspace

        lent = Lent(workspace=opened, role=asked.role, out=out, err=err, columns=asked.columns, colour=asked.colour)
        with tempfile.TemporaryDirectory(prefix="habitue-") as folder:
            paths = _laid_out(Path(folder), asked)
            named = {**paths, PROJECT: workspace.project.folder}
            with lending(lent):
                code = _run([_filled(each, named) for each in asked.typed])
            files = [path.read_bytes() if path.is_file() else None for path in paths.values()]
        back = {
            shape: mark
            for mark, path in paths.items()
            for shape in (str(path), json.dumps(str(path), ensure_ascii=False)[1:-1])
        }
        return CommandDone(code=code, out=_put_back(out, back), err=_put_back(err, back), files=files)


def _run(typed: list[str]) -> int:
    import typer

    from habitue.cli.acting import guarded
    from habitue.cli.app import app
    from habitue.cli.ending import run

    program = guarded(typer.main.get_command(app))
    return run(lambda: program(args=typed, prog_name="habitue", standalone_mode=False), as_json="--json" in typed)


def mark_of(number: int) -> str:
    """What stands for the n-th file of a command."""
    return f"{{file-{number}}}"


def _laid_out(folder: Path, asked: "CommandAsked") -> dict[str, Path]:
    """The files of a command, each in a folder of its own, by what stands for them."""
    found = {}
    for number, (name, content) in enumerate(asked.files):
        place = folder / str(number)
        place.mkdir()
        path = place / (Path(name).name or "file")
        if content is not None:
            path.write_bytes(content)
        found[mark_of(number)] = path
    return found


def _filled(word: str, named: Mapping[str, Path]) -> str:
    """A word with the file it names; alone, or after the `=` of an option."""
    option, equals, value = word.partition("=")
    if word in named:
        return str(named[word])
    return f"{option}={named[value]}" if equals and option.startswith("--") and value in named else word


def _put_back(written: io.StringIO, back: Mapping[str, str]) -> str:
    text = written.getvalue()
    for path, mark in back.items():
        text = text.replace(path, mark)
    return text
