"""What may be kept in the log, and the form in which its rows hold it."""

from collections.abc import Iterable
from typing import Final
from zlib import crc32

from habitue.streams.entries import NewFailure, NewRecord
from habitue.streams.refusals import LogRecordError

MAX_ID: Final = 200
MAX_BODY: Final = 16 << 20
_WORD: Final = 0xFFFFFFFF
_EARLIEST: Final = -(1 << 62)
_LATEST: Final = 1 << 62
_MAX_TEXT: Final = 500
_CANONICAL: Final = 36
_UUID_BYTES: Final = 16

Row = tuple[int, int, int, bytes, str, int, bytes]
FailedColumns = tuple[str, str, str, str, int]


def check_records(records: Iterable[NewRecord]) -> int:
    """How many bytes the bodies of some records are.

    Raises:
        LogRecordError: One of them cannot be kept.
    """
    total = 0
    for source, message_id, kind, received_us, body in records:
        if not 0 < len(message_id) <= MAX_ID:
            raise LogRecordError(f"a message id has 1 to {MAX_ID} characters, and this one has {len(message_id)}")
        if not _EARLIEST <= received_us <= _LATEST:
            raise LogRecordError("its time of receipt is out of range")
        if len(body) > MAX_BODY:
            raise LogRecordError(f"it is {len(body)} bytes long, and {MAX_BODY} are the most")
        if not (message_id.isascii() and kind.isascii() and source.isascii()):
            _check_text(message_id, kind, source)
        total += len(body)
    return total


def _check_text(*texts: str) -> None:
    for text in texts:
        try:
            text.encode()
        except UnicodeEncodeError:
            raise LogRecordError("a text in it is not Unicode") from None


def key_of(source: int, message_id: str) -> bytes:
    """What a message is known by: the number of its source and its id, 16 bytes for a UUID in its usual form.

    No two messages have the same key.

    Examples:
        >>> len(key_of(1, "01234567-89ab-cdef-0123-456789abcdef"))
        20
    """
    if len(message_id) == _CANONICAL and message_id[8] == message_id[13] == message_id[18] == message_id[23] == "-":
        try:
            packed = bytes.fromhex(message_id.replace("-", ""))
        except ValueError:
            packed = b""
        if len(packed) == _UUID_BYTES and message_id == message_id.lower():
            return source.to_bytes(3, "big") + b"u" + packed
    return source.to_bytes(3, "big") + b"t" + message_id.encode()


def id_of(key: bytes) -> str:
    """The message id of a key.

    Examples:
        >>> id_of(key_of(1, "01234567-89ab-cdef-0123-456789abcdef"))
        '01234567-89ab-cdef-0123-456789abcdef'
    """
    if key[3:4] == b"t":
        return key[4:].decode()
    digits = key[4:].hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def checksum(place: int, received_us: int, key: bytes, body: bytes) -> int:
    """CRC-32 over a record: its place and time, its key, its body."""
    return crc32(body, crc32(key, (place ^ received_us) & _WORD))


def row_of(place: int, source: int, key: bytes, record: NewRecord) -> Row:
    """A record as a row of the log, at a place, of a source known by number."""
    _, _, kind, received_us, body = record
    return place, received_us, source, key, kind, crc32(body, crc32(key, (place ^ received_us) & _WORD)), body


def failed_columns(failure: NewFailure) -> FailedColumns:
    """The texts of a failed event, none longer than 500 characters, and its time within what can be kept."""
    return (
        _plain(failure.stage),
        _plain(failure.code),
        _plain(failure.field),
        _plain(failure.reason),
        max(_EARLIEST, min(failure.received_us, _LATEST)),
    )


def _plain(text: str) -> str:
    return text[:_MAX_TEXT].encode("utf-8", "backslashreplace").decode("utf-8")
