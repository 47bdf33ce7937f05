"""The parts of a strptime pattern that the engine knows."""

import re

_DIRECTIVE = re.compile(r"%(-?.)")
_DIRECTIVES = frozenset(
    (
        "a",
        "A",
        "b",
        "B",
        "d",
        "-d",
        "f",
        "g",
        "H",
        "-H",
        "I",
        "-I",
        "j",
        "-j",
        "m",
        "-m",
        "M",
        "-M",
        "n",
        "p",
        "S",
        "-S",
    )
) | frozenset(("y", "-y", "Y", "z", "Z", "%"))


def unknown_directives(pattern: str) -> list[str]:
    """The `%` signs of a strptime pattern that the engine does not know.

    Examples:
        >>> unknown_directives("%d/%m/%Y %Q")
        ['%Q']
    """
    return [f"%{found}" for found in _DIRECTIVE.findall(pattern) if found not in _DIRECTIVES]
