"""A command of the terminal on its way to a server, and what it left behind on its way back; light to import."""

import msgspec


class CommandAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command as it was typed.

    Attributes:
        command: Its words, e.g. `segments list`.
        typed: Everything after the program's name; `{file-0}` for the first file, `{project}` for the project's folder.
        role: As what it acts where it does not say.
        columns: How wide the terminal is.
        colour: Whether it shows colour.
        files: Names of the files it names, with their content where there is some.
    """

    command: str
    typed: list[str]
    role: str
    columns: int
    colour: bool
    files: list[tuple[str, bytes | None]] = []


class CommandDone(msgspec.Struct, frozen=True, kw_only=True):
    """What a command left behind.

    Attributes:
        code: Its exit code.
        out: What it wrote to standard output; `{file-0}` for the first file.
        err: What it wrote to standard error.
        files: The content of each file it was to name, where it wrote one.
    """

    code: int
    out: str
    err: str
    files: list[bytes | None]
