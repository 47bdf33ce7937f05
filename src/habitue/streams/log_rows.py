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

Row = tuple[int, int, int, str | bytes, str, int, bytes]
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


def pack_id(message_id: str) -> str | bytes:
    """A message id as it is kept: 16 bytes for a UUID in its usual form, else the text; no two ids share a form."""
    if len(message_id) != _CANONICAL or message_id[8] != "-" or message_id != message_id.lower():
        return message_id
    digits = message_id.replace("-", "")
    try:
        packed = bytes.fromhex(digits)
    except ValueError:
        return message_id
    return packed if unpack_id(packed) == message_id else message_id


def unpack_id(kept: str | bytes) -> str:
    """The message id that is kept in this form.

    Examples:
        >>> unpack_id(pack_id("01234567-89ab-cdef-0123-456789abcdef"))
        '01234567-89ab-cdef-0123-456789abcdef'
    """
    if isinstance(kept, str):
        return kept
    digits = kept.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def checksum(place: int, received_us: int, kept_id: str | bytes, body: bytes) -> int:
    """CRC-32 over a record: its place and time, its id, its body."""
    key = kept_id.encode() if isinstance(kept_id, str) else kept_id
    return crc32(body, crc32(key, (place ^ received_us) & _WORD))


def row_of(place: int, source: int, record: NewRecord) -> Row:
    """A record as a row of the log, at a place, of a source known by number."""
    _, message_id, kind, received_us, body = record
    key = pack_id(message_id)
    return place, received_us, source, key, kind, checksum(place, received_us, key, body), body


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
