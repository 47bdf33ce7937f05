"""What may be kept in the log, and the form in which its rows hold it."""

from collections.abc import Iterable, Mapping, Sequence
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
_SHAPE: Final = bytes(b"0"[0] if byte in b"0123456789abcdef" else byte if byte == b"-"[0] else 0 for byte in range(256))
_UUID_SHAPE: Final = b"00000000-0000-0000-0000-000000000000"

Row = tuple[int, int, int, bytes, str, int, bytes]
FailedColumns = tuple[str, str, str, str, int]


def check_records(records: Iterable[NewRecord]) -> int:
    """How many bytes the bodies of some records are.

    Raises:
        LogRecordError: One of them cannot be kept.
    """
    columns = tuple(zip(*records, strict=True))
    if not columns:
        return 0
    sources, ids, kinds, times, bodies = columns
    sizes = list(map(len, bodies))
    lengths = set(map(len, ids))
    if not 0 < min(lengths) <= max(lengths) <= MAX_ID:
        raise LogRecordError(f"a message id has 1 to {MAX_ID} characters, and this one has {_odd(lengths)}")
    if not _EARLIEST <= min(times) <= max(times) <= _LATEST:
        raise LogRecordError("its time of receipt is out of range")
    if max(sizes) > MAX_BODY:
        raise LogRecordError(f"it is {max(sizes)} bytes long, and {MAX_BODY} are the most")
    if not "".join(ids).isascii():
        _check_text(*ids)
    _check_text(*set(kinds), *set(sources))
    return sum(sizes)


def _odd(lengths: Iterable[int]) -> int:
    return next(length for length in lengths if not 0 < length <= MAX_ID)


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


def keys_of(numbers: Mapping[str, int], records: Sequence[NewRecord]) -> list[bytes]:
    """The key of each record; all at once where every id is a UUID, as client libraries make them.

    Args:
        numbers: The number of each source, by name.
        records: The records.

    Examples:
        >>> record = NewRecord("web", "01234567-89ab-cdef-0123-456789abcdef", "track", 0, b"")
        >>> keys_of({"web": 1}, [record]) == [key_of(1, record.message_id)]
        True
    """
    ids = [record.message_id for record in records]
    whole = "".join(ids)
    if set(map(len, ids)) != {_CANONICAL} or whole.encode().translate(_SHAPE) != _UUID_SHAPE * len(ids):
        return [key_of(numbers[record.source], record.message_id) for record in records]
    packed = bytes.fromhex(whole.replace("-", ""))
    heads = {name: number.to_bytes(3, "big") + b"u" for name, number in numbers.items()}
    begins = range(0, _UUID_BYTES * len(ids), _UUID_BYTES)
    return [
        heads[record.source] + packed[begin : begin + _UUID_BYTES]
        for record, begin in zip(records, begins, strict=True)
    ]


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
