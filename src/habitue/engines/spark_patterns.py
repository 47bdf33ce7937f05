"""RE2 patterns as Java understands them: the same texts match, or the pattern is refused."""

import re
from collections.abc import Callable
from typing import Final

from habitue.errors import HabitueError

_TOKEN: Final = re.compile(
    r"(?P<flags>\(\?[imsU]+\))|(?P<group>\((?:\?:|\?P?<[A-Za-z0-9_]+>|(?!\?)))|(?P<strange>\(\?)|(?P<quote>\\Q.*?(?:\\E|$))"
    r"|(?P<escape>\\(?:[pP]\{\^?\w+\}|.))|(?P<posix>\[:\^?[a-z]+:\])|(?P<counted>\{\d+(?:,\d*)?\})|(?P<one>.)",
    re.DOTALL,
)
_BLANK: Final = r"\t\n\f\r\x20"
_ALIKE: Final = frozenset("dDwWAztnrf")
_IS_BOUNDARY: Final = r"(?:(?<=\w)(?!\w)|(?<!\w)(?=\w))"
_NO_BOUNDARY: Final = r"(?:(?<=\w)(?=\w)|(?<!\w)(?!\w))"
_POSIX: Final = {
    "alnum": "Alnum", "alpha": "Alpha", "digit": "Digit", "lower": "Lower", "punct": "Punct",
    "space": "Space", "upper": "Upper", "xdigit": "XDigit",
}  # fmt: skip


class SparkPatternError(HabitueError):
    """A pattern of `matches` means something else in Spark, or nothing."""

    code = "SPARK-PATTERN"

    def __init__(self, part: str) -> None:
        super().__init__(
            what=f"The pattern's {part[:20]!r} has no equal among Spark's regular expressions.",
            do="Write it with literals, classes such as [a-z], \\d, \\w or \\s, groups, |, ^, $ and repetitions.",
        )


def java_pattern(pattern: str) -> str:
    r"""A Java pattern that is found in just the texts in which RE2 finds the given one.

    Args:
        pattern: One that RE2 accepts.

    Raises:
        SparkPatternError: A part of it has no equal in Java.

    Examples:
        >>> java_pattern("^a.c$")
        '(?d)^a.c\\z'
    """
    inside, multiline, made = False, False, ["(?d)"]
    for found in _TOKEN.finditer(pattern):
        kind, text = str(found.lastgroup), found[0]
        if kind == "flags":
            multiline = multiline or "m" in text
        if inside and kind in ("flags", "group", "quote", "counted", "strange"):
            made += [_one_inside(each) for each in text]
        elif kind == "one" and text == "[" and not inside:
            inside = True
            made.append(text)
        elif kind == "one" and text == "]" and inside and made[-1] not in ("[", "[^"):
            inside = False
            made.append(text)
        elif kind == "one" and text == "^" and made[-1] == "[":
            made[-1] = "[^"
        elif kind == "one":
            made.append(_one_inside(text) if inside else _one_outside(text, multiline=multiline))
        else:
            made.append(_OTHERS[kind](text, inside))
    return "".join(made)


def _one_inside(text: str) -> str:
    return f"\\{text}" if text in "[]&^(){}" else text


def _one_outside(text: str, *, multiline: bool) -> str:
    if text == "$" and not multiline:
        return r"\z"
    return f"\\{text}" if text in "{}]" else text


def _flags(text: str, _: bool) -> str:
    kept = text.replace("U", "").replace("i", "iu")
    return kept if kept != "(?)" else ""


def _group(text: str, _: bool) -> str:
    return "(?:" if text == "(?:" else "("


def _escape(text: str, inside: bool) -> str:
    letter = text[1]
    if letter == "s" or (letter == "S" and not inside):
        return _BLANK if inside else f"[{'^' if letter == 'S' else ''}{_BLANK}]"
    if letter in "bB" and not inside:
        return _IS_BOUNDARY if letter == "b" else _NO_BOUNDARY
    if letter in _ALIKE or not letter.isalnum():
        return text
    raise SparkPatternError(text)


def _posix(text: str, inside: bool) -> str:
    name = text.strip("[:^]")
    if not inside or name not in _POSIX:
        raise SparkPatternError(text)
    return f"\\{'P' if '^' in text else 'p'}{{{_POSIX[name]}}}"


def _strange(text: str, _: bool) -> str:
    raise SparkPatternError(text)


_OTHERS: Final[dict[str, Callable[[str, bool], str]]] = {
    "flags": _flags,
    "group": _group,
    "quote": lambda text, _: re.escape(text.removeprefix("\\Q").removesuffix("\\E")),
    "escape": _escape,
    "posix": _posix,
    "counted": lambda text, _: text,
    "strange": _strange,
}
