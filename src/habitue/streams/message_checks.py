"""What every message of every dialect is held to: depth, keys, numbers, and what an error of the decoder means."""

import re
from typing import Any, Final

import msgspec

from habitue.streams.messages import MessageLimits, MessageRefusal

_INTEGERS: Final = 1 << 63
_DIGITS: Final = bytes(ord("0") if chr(byte) in "0123456789" else ord(" ") for byte in range(256))
_LONG_NUMBER: Final = b"0" * 19
_PATH: Final = re.compile(r"(.*?) - at `\$\.?(.*)`")
# The closing quote is optional, so that an endless text is passed over once and not once from each of its quotes.
_TOKEN: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
CUT_MARK: Final = b'{"\\u0000too deep":0}'
"""Stands where something was cut out for being too deep; no sender can write it by chance."""


def needs_a_look(raw: bytes, limits: MessageLimits) -> bool:
    """Whether a message may be too deep, too wide, or hold a number too large; most are seen not to at a glance."""
    return is_large(raw, limits) or has_long_number(raw)


def is_large(raw: bytes, limits: MessageLimits) -> bool:
    """Whether a message may be too deep or too wide."""
    return raw.count(b"{") + raw.count(b"[") > limits.depth or raw.count(b":") > limits.keys


def has_long_number(raw: bytes) -> bool:
    """Whether somewhere in it so many digits follow each other that they may be a number too large."""
    return _LONG_NUMBER in raw.translate(_DIGITS)


def look_through(fields: tuple[dict[str, Any] | None, ...], limits: MessageLimits, raw: bytes) -> MessageRefusal | None:
    """Why the objects of a message are too deep, too wide, or hold a number too large; None when they are not."""
    waiting: list[tuple[object, int]] = [(field, 2) for field in fields if field is not None]
    keys = 0
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, dict | list):
            if depth > limits.depth:
                return MessageRefusal("MESSAGE-DEPTH", "", too_deep(limits), raw)
            keys += len(value) if isinstance(value, dict) else 0
            inner = value.values() if isinstance(value, dict) else value
            waiting.extend((each, depth + 1) for each in inner)
        elif isinstance(value, int) and not -_INTEGERS <= value < _INTEGERS:
            return MessageRefusal("MESSAGE-NUMBER", "", "A whole number in it does not fit into 64 bits.", raw)
    if keys > limits.keys:
        reason = f"The objects of a message have at most {limits.keys} keys, and this one's {keys}."
        return MessageRefusal("MESSAGE-KEYS", "", reason, raw)
    return None


def too_deep(limits: MessageLimits) -> str:
    """The sentence for what is too deep."""
    return f"Objects and lists lie in each other at most {limits.depth} deep."


def cut_deep(body: bytes, depth: int) -> bytes:
    """The same with everything deeper than that replaced by a mark, read without going down into it."""
    pieces, begin, level = list[bytes](), 0, 0
    for token in _TOKEN.finditer(body):
        first = token[0][:1]
        if first in b"[{":
            level += 1
            if level == depth + 1:
                pieces.append(body[begin : token.start()])
        elif first in b"]}":
            if level == depth + 1:
                pieces.append(CUT_MARK)
                begin = token.end()
            level -= 1
    return b"".join(pieces) + body[begin:] if level <= depth else b""


def refusal_of(error: Exception, raw: bytes, limits: MessageLimits) -> MessageRefusal:
    """What an error of the decoder means; its sentences hold types and paths, never values."""
    if isinstance(error, RecursionError):
        return MessageRefusal("MESSAGE-DEPTH", "", too_deep(limits), raw)
    if not isinstance(error, msgspec.ValidationError):
        return MessageRefusal("MESSAGE-JSON", "", "It is not JSON in UTF-8.", raw)
    found = _PATH.fullmatch(str(error))
    said, field = (found[1], found[2]) if found else (str(error), "")
    if "out of range" in said:
        return MessageRefusal("MESSAGE-NUMBER", field, "A number in it is too large.", raw)
    if "RFC3339" in said or "datetime" in said:
        return MessageRefusal("MESSAGE-TIME", field, "A time is written like 2026-01-31T18:00:00Z.", raw)
    if "missing required" in said:
        return MessageRefusal("MESSAGE-MISSING", said.split("`")[1], "The field is missing.", raw)
    return MessageRefusal("MESSAGE-TYPE", field, f"{said}.".replace("`", ""), raw)
