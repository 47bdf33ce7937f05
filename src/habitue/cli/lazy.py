"""Commands that are loaded when they are called: `--help` of the program shows them without loading any."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import ClassVar, Protocol

import typer
from typer.core import TyperCommand, TyperGroup

Command = TyperCommand | TyperGroup


@dataclass(frozen=True, slots=True)
class LazyCommands:
    """A group, or a command by itself, that is not loaded yet.

    Attributes:
        about: What `--help` says of it in a line.
        load: Imports its module and gives the group.
        alone: Whether it is one command and no group.
    """

    about: str
    load: Callable[[], typer.Typer]
    alone: bool = False


class HelpWriter(Protocol):
    """What lists are written to, as the command line parser gives it."""

    def section(self, name: str) -> AbstractContextManager[None]:
        """A part of the help with a heading."""

    def write_dl(self, rows: Sequence[tuple[str, str]]) -> None:
        """Names and what they mean."""


def _nothing(name: str, command: Command) -> None:
    del name, command


def _loaded(declared: LazyCommands) -> Command:
    made = typer.main.get_command(declared.load()) if declared.alone else typer.main.get_group(declared.load())
    if not isinstance(made, TyperCommand | TyperGroup):
        raise TypeError(type(made))
    return made


class LazyGroup(TyperGroup):
    """A program whose groups are loaded on demand; subclasses name them in `lazy`.

    Attributes:
        on_load: Told of every group that is loaded, with its name.
    """

    lazy: ClassVar[Mapping[str, LazyCommands]] = {}
    on_load: Callable[[str, Command], None] = staticmethod(_nothing)

    def list_commands(self, ctx: object) -> list[str]:
        """The names of commands and groups, in the order in which they were declared."""
        del ctx
        return list(dict.fromkeys([*self.commands, *self.lazy]))

    def get_command(self, ctx: object, cmd_name: str) -> Command | None:
        """The command or group of a name, loaded if need be."""
        del ctx
        if cmd_name in self.lazy and cmd_name not in self.commands:
            loaded = _loaded(self.lazy[cmd_name])
            loaded.name = cmd_name
            self.on_load(cmd_name, loaded)
            self.commands[cmd_name] = loaded
        found = self.commands.get(cmd_name)
        if found is None and len(self.commands) < len(self.list_commands(None)):
            # The parser suggests the nearest of the commands that it knows.
            self.everything()
        return found if isinstance(found, TyperCommand | TyperGroup) else None

    def format_commands(self, ctx: object, formatter: HelpWriter) -> None:
        """List commands and groups; the parser cuts none of the lines short."""
        del ctx
        rows = [(name, each.get_short_help_str(100)) for name, each in self.commands.items() if name not in self.lazy]
        rows += [(name, group.about) for name, group in self.lazy.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def everything(self) -> dict[str, Command]:
        """All commands and groups, loaded."""
        found = {name: self.get_command(None, name) for name in self.list_commands(None)}
        return {name: each for name, each in found.items() if each is not None}
