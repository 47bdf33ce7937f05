"""What happens to a decoded message before it is in the log: names, contract, vault; or why it is not taken in.

Everything personal is behind the edge when this is done: records stand for identifiers, masks for personal values, and
what nobody declared is sealed under the key of the record it is about.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from habitue.errors import HabitueError
from habitue.govern.consent import ConsentEntry
from habitue.govern.ledger import ConsentLedger
from habitue.govern.recent import Recent
from habitue.govern.spec import PolicySpec
from habitue.govern.vault import Vault
from habitue.sources.arrivals import Arrival, Sealed, body_of
from habitue.sources.collecting import ContractMode
from habitue.sources.inbox_consents import CONSENT_SIGNS, ConsentsReader, arrived
from habitue.sources.inbox_people import ERASED, HELD, NOBODY, UNKNOWN, Admission, Key, Names
from habitue.sources.inbox_sources import CollectedSource
from habitue.sources.inbox_values import Wrong
from habitue.sources.plans import CollectPlan, SourcesProject
from habitue.streams import NewFailure, NewRecord
from habitue.streams.messages import Message, MessageKind, MessageRefusal

STORED: Final = "stored"
FAILED: Final = "failed"
REFUSED: Final = "refused"
SUPPRESSED: Final = "suppressed"
MESSAGE_ID: Final = "message_id"
_TELLING: Final = 4
DECODE: Final = "decode"
CONTRACT: Final = "contract"


class Result(NamedTuple):
    """What became of one message.

    Attributes:
        status: `stored`, `failed` (it is in the failed lane), `refused`, or `suppressed`: about somebody erased, and
            therefore not kept.
        code: Stable code of the reason; empty where it was taken in.
        field: Path of the field that is wrong.
        reason: One sentence, without any value of the message.
        noted: What its contract found wrong and let pass: code and field each.
    """

    status: str
    code: str = ""
    field: str = ""
    reason: str = ""
    noted: tuple[str, ...] = ()


class Taken(NamedTuple):
    """What became of the messages of a request.

    Attributes:
        records: What is to be appended to the log.
        failures: What is to be put into the failed lane.
        results: What became of each message, in their order.
        suppressed: How many were about somebody erased.
        consents: What was said about purposes, for `keep_consents` once the log has the records.
    """

    records: list[NewRecord]
    failures: list[NewFailure]
    results: list[Result]
    suppressed: int
    consents: list[ConsentEntry]


class SourceNotLiveError(HabitueError, KeyError):
    """Events are sent for a source that no file declares as live."""

    code = "SOURCE-NOT-LIVE"

    def __init__(self, source: str) -> None:
        super().__init__(
            what=f"No live source is called {source[:100]!r}.",
            do="Declare it in sources/ with `collect: true`, or use a key of another source.",
        )


_NOBODY: Final = Wrong("IDENTIFIER-NOBODY", "is no identifier of anybody, and there is no other")
_ALIAS: Final = MessageKind.ALIAS
_NO_RECORD: Final = frozenset({ERASED, NOBODY, UNKNOWN})
_NOTHING: Final[Mapping[str, list[str]]] = {}
_STORED: Final = Result(STORED)
_SUPPRESSED: Final = Result(SUPPRESSED)


class _Door(NamedTuple):
    """A live source, and the records known by its two identifiers."""

    source: CollectedSource
    users: Recent[str, str]
    devices: Recent[str, str]


class Inbox:
    """Takes messages in; one for each server, used from one thread, whose vault it is.

    Args:
        project: Says what live sources there are.
        purposes: The declared purposes.
        identity_rules: How identifiers are compared.
        vault: Knows the people.
        clock: The present time, aware.
        ledger: Where consents are kept that messages tell of; None keeps none.
        held: How many identifiers are remembered.
    """

    def __init__(
        self,
        project: SourcesProject,
        purposes: Mapping[str, PolicySpec],
        identity_rules: Names,
        vault: Vault,
        *,
        clock: Callable[[], datetime],
        ledger: ConsentLedger | None = None,
        held: int = HELD,
    ) -> None:
        self._consents = ConsentsReader(purposes.values())
        self._people = Admission(vault, identity_rules, clock, held=held)
        compiled = [CollectedSource(plan, vault.mask) for plan in project.collected]
        self._doors = {
            each.plan.name: _Door(each, self._people.records(each.user), self._people.records(each.device))
            for each in compiled
        }
        self._vault = vault
        self._ledger = ledger
        self._encoder = msgspec.json.Encoder()

    def plan(self, source: str) -> CollectPlan:
        """The plan of a live source.

        Raises:
            SourceNotLiveError: There is none of that name.
        """
        return self._door(source).source.plan

    def forget(self, records: Collection[str]) -> None:
        """Have erased records forgotten before the next message; may be called from any thread."""
        self._people.forget(records)

    def take(
        self,
        source: str,
        results: Sequence[Message | MessageRefusal],
        *,
        received_us: int,
        headers: Iterable[tuple[object, object]] = (),
    ) -> Taken:
        """What becomes of the messages of one request; nothing is in the log yet.

        Args:
            source: The source they came for.
            results: Each message, or why it was not understood.
            received_us: When they came, µs since 1970 UTC.
            headers: Of the request, for Global Privacy Control.

        Raises:
            SourceNotLiveError: There is no such live source.
            HabitueError: The vault cannot be written.
        """
        into = self._door(source)
        self._people.refresh()
        aliases = self._admit(into, results)
        gpc = self._consents.says_gpc(headers)
        taken = Taken([], [], [], 0, [])
        for place, each in enumerate(results):
            if isinstance(each, Message):
                result = self._message(taken, into, each, aliases.get(place), gpc=gpc)
            else:
                result = self._misread(taken, into, each, received_us)
            taken.results.append(result)
        return taken._replace(suppressed=taken.results.count(_SUPPRESSED))

    def keep_consents(self, taken: Taken) -> int:
        """Write what messages told about purposes into the ledger, once the log has them; gives how many were new."""
        if self._ledger is None or not taken.consents:
            return 0
        return self._ledger.keep(taken.consents)

    def _door(self, source: str) -> _Door:
        found = self._doors.get(source)
        if found is None:
            raise SourceNotLiveError(source)
        return found

    def prepare(self, requests: Iterable[tuple[str, Sequence[Message | MessageRefusal]]]) -> None:
        """Have a record for everybody in several requests, in one transaction; each is given to `take` then.

        It saves a commit a request where several wait; `take` does the same for what was not prepared.

        Args:
            requests: The source and the messages of each; one for a source that is not live is passed over.
        """
        self._people.refresh()
        unknown: list[Key] = []
        for source, results in requests:
            door = self._doors.get(source)
            if door is not None:
                unknown += _unknown(door, results)[0]
        if unknown:
            self._people.admit(unknown)

    def _admit(self, into: _Door, results: Sequence[Message | MessageRefusal]) -> dict[int, Key]:
        """Have a record for every identifier; gives what each alias lays to another, which may come right before it."""
        unknown, aliases = _unknown(into, results)
        if unknown:
            self._people.admit(unknown)
        if not aliases:
            return {}
        spaces = (into.source.user, into.source.device)
        found = {place: (self._people.namespace_of(value, spaces), value) for place, value in aliases.items()}
        self._people.admit(found.values())
        return found

    def _who(self, into: _Door, message: Message, alias: Key | None) -> tuple[str, tuple[tuple[str, str], ...]]:
        """The record that a message is about, or `ERASED` or `NOBODY`; and another of the same person."""
        user, device = message.user_id, message.anonymous_id
        record = NOBODY if user is None else into.users[user]
        if device is None and alias is None:
            return record, ()
        space = into.source.device
        other = NOBODY if device is None else into.devices[device]
        if alias is not None:
            space, value = alias
            other = self._people.records(space)[value]
        if record == NOBODY:
            return other, ()
        if other in _NO_RECORD or other == record:
            return record, ()
        return record, ((space, other),)

    def _misread(self, taken: Taken, into: _Door, refusal: MessageRefusal, received_us: int) -> Result:
        """What was not understood goes to the failed lane, unless the source refuses, or there is no message at all."""
        is_kept = bool(refusal.raw) and into.source.plan.contract is not ContractMode.REFUSE
        if is_kept and self._people.names_erased(refusal.raw, (into.source.user, into.source.device)):
            return _SUPPRESSED
        if is_kept:
            taken.failures.append(
                NewFailure(
                    source=into.source.plan.name,
                    stage=DECODE,
                    code=refusal.code,
                    field=refusal.field,
                    reason=refusal.reason,
                    received_us=received_us,
                    raw=self._vault.lane.seal(refusal.raw.decode("utf-8", "surrogateescape")).encode(),
                )
            )
        return Result(FAILED if is_kept else REFUSED, refusal.code, refusal.field, refusal.reason)

    def _message(self, taken: Taken, into: _Door, message: Message, alias: Key | None, *, gpc: bool) -> Result:
        record, others = self._who(into, message, alias)
        if record == ERASED:
            return _SUPPRESSED
        if record == NOBODY:
            return self._failed(taken, into, message, "userId", _NOBODY)
        said = into.source.read(message)
        noted: tuple[str, ...] = ()
        if said.problems:
            if into.source.plan.contract is not ContractMode.NOTE:
                return self._failed(taken, into, message, *said.problems[0])
            noted = tuple(f"{wrong.code} {name}" for name, wrong in said.problems)
        consents: Sequence[ConsentEntry] = ()
        if gpc or not CONSENT_SIGNS.isdisjoint(message.context):
            consents = self._consents.read(message, record, gpc=gpc)
            taken.consents.extend(consents)
        carried, identifiers = self._carried(said.carried) if said.carried else ((), _NOTHING)
        sealed = "" if said.sealed is None and not identifiers else self._seal(record, said.sealed, identifiers)
        said_so = arrived(consents) if consents else ()
        tells = bool(identifiers) or (said.sealed is not None and bool(said.sealed.traits or said.sealed.properties))
        arrival = Arrival(
            message.occurred_us, record, said.events, said.traits, others, carried, said_so, sealed, noted, tells
        )
        taken.records.append(
            NewRecord(
                into.source.plan.name,
                self._message_id(message),
                message.kind._value_,
                message.received_us,
                body_of(arrival),
            )
        )
        return Result(STORED, noted=noted) if noted else _STORED

    def _message_id(self, message: Message) -> str:
        """The sender's id, kept in the clear; one that would tell an identifier is kept under a keyed name."""
        found, user, device = message.message_id, message.user_id, message.anonymous_id
        tells = (
            "@" in found
            or (user is not None and user in found and len(user) >= _TELLING)
            or (device is not None and device in found and len(device) >= _TELLING)
        )
        return self._vault.name(MESSAGE_ID, found) if tells else found

    def _carried(self, said: Sequence[tuple[str, str]]) -> tuple[tuple[tuple[str, str], ...], dict[str, list[str]]]:
        """Further identifiers: their keyed names, and as they were written."""
        named: list[tuple[str, str]] = []
        identifiers: dict[str, list[str]] = {}
        for space, value in said:
            identifiers.setdefault(space, []).append(value)
            name = self._people.carried(space, value)
            if name is not None:
                named.append((space, name))
        return tuple(named), identifiers

    def _seal(self, record: str, sealed: Sealed | None, identifiers: Mapping[str, list[str]]) -> str:
        whole = sealed or Sealed()
        if identifiers:
            whole.identifiers = dict(identifiers)
        return self._vault.seal_for(record, self._encoder.encode(whole))

    def _failed(self, taken: Taken, into: _Door, message: Message, field: str, wrong: Wrong) -> Result:
        """A message that is not taken in: into the failed lane, unless its source refuses."""
        reason = f"{field} {wrong.says}."
        if into.source.plan.contract is ContractMode.REFUSE:
            return Result(REFUSED, wrong.code, field, reason)
        raw = self._vault.lane.seal(self._encoder.encode(message).decode()).encode()
        taken.failures.append(
            NewFailure(into.source.plan.name, CONTRACT, wrong.code, field, reason, message.received_us, raw)
        )
        return Result(FAILED, wrong.code, field, reason)


def _unknown(into: _Door, results: Sequence[Message | MessageRefusal]) -> tuple[list[Key], dict[int, str]]:
    """The identifiers of messages that nobody has asked for lately; and what each alias lays to another, by place."""
    source, users, devices = into
    found: list[Key] = []
    aliases: dict[int, str] = {}
    for place, each in enumerate(results):
        if isinstance(each, Message):
            user, device = each.user_id, each.anonymous_id
            if user is not None and users[user] == UNKNOWN:
                found.append((source.user, user))
            if device is not None and devices[device] == UNKNOWN:
                found.append((source.device, device))
            if each.kind is _ALIAS and each.previous_id is not None:
                aliases[place] = each.previous_id
    return found, aliases
