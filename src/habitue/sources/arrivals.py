"""What one message became at the edge: the body of a record in the log, without anything personal in the clear.

The vault knows the people, keyed names stand for identifiers, masks for personal values; what the message said in the
clear, and what no contract declares, is sealed under the key of the record it is about and is noise once that is gone.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from habitue.errors import HabitueError
from habitue.records import Kind
from habitue.rules.history import Value

Stored = str | int | float | bool | None
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class ArrivedEvent(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """An event that a message became; a list that explodes gives further ones.

    Attributes:
        name: As rules write it.
        properties: As the contract has them, in stored form; a location is two, `<name>_lat` and `<name>_lon`.
        child: 0 for the event itself, else the place of the entry in the order of its lists, from 1.
    """

    name: str
    properties: dict[str, Stored]
    child: int = 0


class ArrivedConsent(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """What a message said about a purpose; the words are those of `govern.consent.ConsentEntry`."""

    purpose: str
    state: str
    strength: str
    source: str
    region: str = ""


class Arrival(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """One message behind the edge.

    Attributes:
        occurred_us: When it happened, µs since 1970 UTC; never later than it was received.
        record: Id of the record it is about; empty when it is about nobody.
        events: What it became.
        traits: What it says of the customer, in stored form, by trait.
        others: Ids of further records that the message says are the same person, with the namespace of the identifier.
        carried: Further identifiers: namespace and keyed name.
        consents: What it says about purposes.
        sealed: Base64 text; JSON sealed under the record's key (see `Sealed`); empty for nothing.
        noted: Codes of what its contract found wrong and let pass.
        tells: Whether what is sealed says anything declared; else it is only what nobody declared, and need not be
            opened to make tables.
    """

    occurred_us: int
    record: str
    events: tuple[ArrivedEvent, ...] = ()
    traits: dict[str, Stored] = {}
    others: tuple[tuple[str, str], ...] = ()
    carried: tuple[tuple[str, str], ...] = ()
    consents: tuple[ArrivedConsent, ...] = ()
    sealed: str = ""
    noted: tuple[str, ...] = ()
    tells: bool = True


class Sealed(msgspec.Struct, omit_defaults=True):
    """What is sealed with a message, as JSON.

    Attributes:
        id: Own identifiers as written: namespace and value, the record's own first.
        identifiers: Further identifiers as written, by namespace.
        traits: Personal traits as written.
        properties: Personal properties by name of the event and name of the property, as written.
        rest: What no contract declares, as it came.
    """

    id: tuple[tuple[str, str], ...] = ()
    identifiers: dict[str, list[str]] = {}
    traits: dict[str, Stored] = {}
    properties: dict[str, dict[str, Stored]] = {}
    rest: dict[str, object] = {}


class ArrivalDamagedError(HabitueError):
    """A record of the log is not what this version writes."""

    code = "ARRIVAL-DAMAGED"

    def __init__(self, why: str) -> None:
        super().__init__(
            what=f"A record of the log cannot be read: {why}.", do="Run `habitue doctor`; the log was not changed."
        )


_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(Arrival)
_sealed: Final = msgspec.json.Decoder(Sealed)


def body_of(arrival: Arrival) -> bytes:
    """The body of its record in the log."""
    return _encoder.encode(arrival)


def read_arrival(body: bytes) -> Arrival:
    """What a record of the log says.

    Raises:
        ArrivalDamagedError: It says something else.
    """
    try:
        return _decoder.decode(body)
    except msgspec.MsgspecError as error:
        raise ArrivalDamagedError(str(error)) from None


def read_sealed(clear: bytes) -> Sealed:
    """What was sealed with a message, once it is opened.

    Raises:
        ArrivalDamagedError: It says something else.
    """
    try:
        return _sealed.decode(clear)
    except msgspec.MsgspecError as error:
        raise ArrivalDamagedError(str(error)) from None


def stored(value: Value | None) -> Stored:
    """A value as the log has it: money as text, an instant as µs since 1970.

    Examples:
        >>> stored(Decimal("1.50")), stored(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)), stored("x")
        ('1.50', 1000000, 'x')
    """
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return (value - _EPOCH) // _MICROSECOND
    return value


Readers = Mapping[str, Callable[[Stored], Value | None]]


def readers_of(kinds: Mapping[str, Kind]) -> dict[str, Callable[[Stored], Value | None]]:
    """How those values are read back that the log has in another form, by name of the column.

    Args:
        kinds: Kinds by name; `personal` for what is masked.
    """
    ways: dict[Kind, Callable[[Stored], Value | None]] = {
        Kind.MONEY: _money,
        Kind.TIME: _instant,
        Kind.DATE: _instant,
        Kind.NUMBER: _number,
    }
    return {name: ways[kind] for name, kind in kinds.items() if kind in ways}


def values_of(properties: Mapping[str, Stored], readers: Readers) -> dict[str, Value | None]:
    """Stored values as rules see them.

    Examples:
        >>> values_of({"price": "1.50", "size": "M"}, readers_of({"price": Kind.MONEY, "size": Kind.TEXT}))
        {'price': Decimal('1.50'), 'size': 'M'}
    """
    read: dict[str, Value | None] = dict(properties)
    if not readers:
        return read
    for name, way in readers.items():
        if name in read:
            read[name] = way(properties[name])
    return read


def _money(value: Stored) -> Value | None:
    return None if value is None else Decimal(str(value))


def _instant(value: Stored) -> Value | None:
    return _EPOCH + int(value) * _MICROSECOND if isinstance(value, int) else None


def _number(value: Stored) -> Value | None:
    return None if value is None else float(value)
