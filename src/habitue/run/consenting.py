"""What one person said about purposes: shown, and put on record so that it counts before the answer is given."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from habitue.errors import HabitueError, did_you_mean
from habitue.govern.audit import AuditAction
from habitue.govern.consent import ConsentEntry, ConsentState, Said, Standing, Strength, Terms, fold
from habitue.govern.spec import LegalBasis
from habitue.run.auditing import note
from habitue.run.consents import records_of
from habitue.run.opened import Opened
from habitue.run.refreshing import Turn, catch_up
from habitue.run.workspace import Workspace
from habitue.sources.shapes import SOURCE_CONSENTS

_STATES = frozenset(each.value for each in ConsentState)
REFUSALS = (ConsentState.WITHDRAWN, ConsentState.OBJECTED, ConsentState.RESTRICTED)


class PurposeUnknownError(HabitueError):
    """Something is said about a purpose that there is not."""

    code = "PURPOSE-UNKNOWN"

    def __init__(self, purpose: str, declared: Sequence[str]) -> None:
        near = did_you_mean(purpose, declared)
        known = ", ".join(sorted(declared)) or "none"
        do = f"Did you mean {near}?" if near else f"Declare it under policies/ (declared: {known})."
        super().__init__(what=f"No purpose is called {purpose[:100]!r}.", do=do)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What somebody says.

    Attributes:
        state: What.
        purpose: About which purpose; empty for a restriction and its end.
        occurred_at: When, aware; None for now.
        source: Where it was said.
        text_version: The wording that was shown.
        region: Where the person was.
    """

    state: ConsentState
    purpose: str = ""
    occurred_at: datetime | None = None
    source: str = ""
    text_version: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeState:
    """Where one person and one purpose stand.

    Attributes:
        purpose: Its name.
        label: A few words for people.
        basis: The legal basis it is pursued on, where the person is.
        state: What was last said that counts; None where nothing was.
        allowed: Whether data may be used for it now.
        since: When that was said; None where nothing was.
    """

    purpose: str
    label: str
    basis: LegalBasis
    state: ConsentState | None
    allowed: bool
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentOverview:
    """What one person said, and what it comes to.

    Attributes:
        customer: Internal id.
        restricted: Whether the data is kept and used for nothing.
        region: Where the person was when something was last said; empty where unknown.
        purposes: Every declared purpose, and where it stands.
        entries: Everything that was said, the latest first.
        turns: Who left and entered what because of it.
    """

    customer: str
    restricted: bool
    region: str
    purposes: tuple[PurposeState, ...]
    entries: tuple[ConsentEntry, ...]
    turns: tuple[Turn, ...] = ()


def show_consent(workspace: Workspace, customer: str, *, actor: str = "") -> ConsentOverview:
    """What a person said, and what it comes to; written down in the audit log.

    Args:
        workspace: The open project.
        customer: Internal id.
        actor: Who asks; by default who sits at the terminal.
    """
    note(workspace, AuditAction.READ, subject=customer, about="consent", actor=actor)
    return _overview(workspace.opened, customer, ())


def record_consent(workspace: Workspace, customer: str, word: Word, *, records: Sequence[str] = ()) -> ConsentOverview:
    """Put a person's word on record; it counts in every answer before this returns.

    Args:
        workspace: The open project.
        customer: Internal id.
        word: What is said.
        records: Those of their records that say it, so that it stays with them should the person turn out to be
            several; without any a refusal is each record's, and a permission that of the one that the person goes by.

    Raises:
        PurposeUnknownError: There is no such purpose.
        ConsentFutureError: It is said to have happened later than now.
    """
    opened, now = workspace.opened, workspace.clock()
    purposes = opened.project.purposes
    if word.purpose and word.purpose not in purposes:
        raise PurposeUnknownError(word.purpose, list(purposes))
    own = records_of(opened.stores.warehouse, customer)
    speaking = [each for each in records if each in own] or (own if word.state in REFUSALS else [customer])
    entries = [
        ConsentEntry(
            record_id=record,
            purpose=word.purpose,
            state=word.state,
            source=word.source or "habitue",
            text_version=word.text_version,
            region=word.region.lower(),
            occurred_at=word.occurred_at or now,
            received_at=now,
        )
        for record in speaking
    ]
    note(workspace, AuditAction.CONSENT, subject=customer, about=word.state.value, purpose=word.purpose)
    opened.stores.consents.append(entries)
    for look in opened.live.on_said:
        look(speaking)
    turns = catch_up(opened)
    return _overview(opened, customer, turns)


def _overview(opened: Opened, customer: str, turns: tuple[Turn, ...]) -> ConsentOverview:
    entries = sorted(said_by(opened, customer), key=lambda each: each.occurred_at, reverse=True)
    said = fold(entries)
    return ConsentOverview(
        customer=customer,
        restricted=said.restricted,
        region=said.region,
        purposes=tuple(_state(opened, name, said, entries) for name in opened.project.purposes),
        entries=tuple(entries),
        turns=turns,
    )


def _state(opened: Opened, name: str, said: Said, entries: Sequence[ConsentEntry]) -> PurposeState:
    policy = opened.project.purposes[name]
    standing = said.standings.get(name, Standing())
    state = standing.state
    times = [each.occurred_at for each in entries if each.purpose == name and each.state is state]
    return PurposeState(
        purpose=name,
        label=policy.label,
        basis=Terms.of(policy, said.region).basis,
        state=state,
        allowed=said.allows(policy),
        since=max(times, default=None),
    )


def said_by(opened: Opened, customer: str) -> Iterator[ConsentEntry]:
    """Everything that a person said, in the ledger and in sources, by any of their records."""
    warehouse = opened.stores.warehouse
    records = records_of(warehouse, customer)
    yield from (each.entry for each in opened.stores.consents.entries(records))
    if SOURCE_CONSENTS not in warehouse.tables():
        return
    rows = warehouse.table(SOURCE_CONSENTS)
    loads = opened.stores.control.loads()
    for row in warehouse.fetch(rows.filter(rows.customer_id == customer)).to_pylist():
        state = row["state"] or ("given" if row["given"] else "withdrawn")
        if state not in _STATES or row["occurred_at"] is None:
            continue
        at = row["occurred_at"].replace(tzinfo=UTC)
        loaded = [each.loaded_at for each in loads if each.first_position <= row["position"] <= each.last_position]
        yield ConsentEntry(
            record_id=row["record_id"],
            purpose=row["purpose"],
            state=ConsentState(state),
            strength=Strength.EXPLICIT,
            basis=LegalBasis(row["basis"]) if row["basis"] else LegalBasis.CONSENT,
            source=row["source"] or "",
            text_version=row["text_version"] or "",
            region=row["region"] or "",
            occurred_at=at,
            received_at=max(at, *loaded) if loaded else at,
        )
