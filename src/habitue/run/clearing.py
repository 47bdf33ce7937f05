"""What channels ask before something about a person leaves: whether there is a basis now, and what is shown of whom.

A withdrawal counts from the moment it was answered: before every attempt the ledger is asked whether anything was said
since, and consents that sources say are read from the tables.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import duckdb

from habitue.channels import ChannelSpec, Clearance
from habitue.channels.keeping import kept_secrets
from habitue.channels.signing import ChannelSecretError, read_secrets
from habitue.channels.spec import ShownId
from habitue.engines.warehouse_failures import WarehouseClosedError
from habitue.govern.audit import AuditAction, AuditEntry
from habitue.govern.consent import SKEW, ConsentEntry, ConsentState, Said, fold
from habitue.govern.requests import PrivacyJournal
from habitue.govern.spec import LegalBasis
from habitue.identity.ledger import PersonNotFoundError, members
from habitue.identity.links import Links
from habitue.run.person_rows import PERSONS
from habitue.run.project import Project
from habitue.run.workspace import Workspace
from habitue.sources.plans import OWN
from habitue.sources.shapes import SOURCE_CONSENTS

_GIVING: Final = frozenset({ConsentState.GIVEN, ConsentState.LIFTED})
_KNOWN_FOR: Final = timedelta(seconds=2)
"""How long answers are used again while nothing new is said: tables and who is who may change too."""


class HouseClearance:
    """Answers for one thread.

    Args:
        opening: Opens the project for reading by the calling thread.
        declared: The project as its files declare it now.
        links: Who is who.
    """

    def __init__(self, opening: Callable[[], Workspace], declared: Callable[[], Project], links: Links) -> None:
        self._opening = opening
        self._declared = declared
        self._links = links
        self._workspace: Workspace | None = None
        self._said: dict[str, Said | None] = {}
        self._ledger_at = -1
        self._known_until: datetime | None = None
        self._given: set[tuple[str, str, str]] = set()

    def close(self) -> None:
        """Give the project back."""
        workspace, self._workspace = self._workspace, None
        if workspace is not None:
            workspace.close()

    def permitted(self, customers: Collection[str], purpose: str) -> frozenset[str]:
        """Those of some customers about whom something may be said."""
        with self._reading() as workspace:
            policy = workspace.project.purposes.get(purpose)
            if purpose and policy is None:
                return frozenset()
            said = self._known(workspace, customers)
            return frozenset(
                each
                for each in customers
                if (what := said.get(each)) is not None
                and (not what.restricted if policy is None else what.allows(policy))
            )

    def user_ids(self, customers: Collection[str]) -> Mapping[str, str]:
        """Customers' own identifiers: of several that of the record that gave the customer their id, at every attempt.

        So it stays the same when further records turn out to be theirs; and somebody who turned out to be another is
        still known by it where they are to be let go.
        """
        found = {}
        with self._reading() as workspace:
            for customer, records in self._records(workspace, list(customers)).items():
                for record in dict.fromkeys([customer, *records]):
                    cards = workspace.vault.card(record).values() if workspace.vault.record_known(record) else ()
                    values = sorted({each for text in cards for each in _own_ids(text)})
                    if values:
                        found[customer] = values[0]
                        break
        return found

    def secrets(self, spec: ChannelSpec) -> Sequence[bytes]:
        """The keys that a channel signs with now; one that is malformed is none."""
        with self._reading() as workspace:
            text = channel_secrets(workspace, spec)
        try:
            return read_secrets(text, spec.channel)
        except ChannelSecretError:
            return ()

    def note(self, spec: ChannelSpec, customers: Sequence[str]) -> None:
        """Write down who is told, once for each receiver, and about whom where they are named in the clear."""
        if not customers:
            return
        with self._reading() as workspace:
            host, now = spec.target.host, workspace.clock()
            what = "all segments" if isinstance(spec.segments, str) else ", ".join(spec.segments)
            given = (spec.channel, host, what)
            if given not in self._given:
                with PrivacyJournal.open(workspace.project.folder) as journal:
                    journal.give("webhook", host, f"{spec.channel}: {what}", now=now)
                self._given.add(given)
            subjects = customers if spec.identifier is ShownId.USER_ID else []
            workspace.audit.append_all(
                AuditEntry(
                    at=now,
                    actor=f"channel:{spec.channel}",
                    action=AuditAction.EXPORT,
                    subject=each,
                    about=f"webhook to {host}: {spec.identifier.value}",
                    purpose=spec.purpose,
                )
                for each in subjects
            )

    # --- What is known of people --------------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[Workspace]:
        """The project, open for this thread.

        Raises:
            WarehouseClosedError: It is written anew just now; ask again in a moment.
        """
        try:
            if self._workspace is None:
                self._workspace = self._opening()
            self._workspace.project = self._declared()
            with self._workspace.warehouse.in_use():
                yield self._workspace
        except (WarehouseClosedError, duckdb.Error):
            self.close()
            raise WarehouseClosedError from None

    def _known(self, workspace: Workspace, customers: Collection[str]) -> Mapping[str, Said | None]:
        """What each of some customers said; None for whoever is known no longer."""
        newest, now = workspace.stores.consents.newest(), workspace.clock()
        if newest != self._ledger_at or self._known_until is None or now >= self._known_until:
            self._said, self._ledger_at, self._known_until = {}, newest, now + _KNOWN_FOR
        missing = [each for each in customers if each not in self._said]
        self._said |= self._ask(workspace, missing)
        return self._said

    def _ask(self, workspace: Workspace, customers: Sequence[str]) -> dict[str, Said | None]:
        records = self._records(workspace, customers)
        owner = {record: customer for customer, known in records.items() for record in known}
        entries: dict[str, list[ConsentEntry]] = {each: [] for each in customers}
        if owner:
            for each in _said_in_sources(workspace, list(owner)):
                entries[owner[each.record_id]].append(each)
            for numbered in workspace.stores.consents.entries(list(owner)):
                entries[owner[numbered.entry.record_id]].append(numbered.entry)
        now = workspace.clock()
        return {
            each: fold(entry for entry in entries[each] if _counts(entry, now)) if records[each] else None
            for each in customers
        }

    def _records(self, workspace: Workspace, customers: Sequence[str]) -> dict[str, list[str]]:
        """The records of customers that the vault still knows: as messages joined them, else as the tables do."""
        found, others = dict[str, list[str]](), list[str]()
        for customer in customers:
            try:
                found[customer] = members(self._links, customer)
            except PersonNotFoundError:
                others.append(customer)
        found |= _records_in_tables(workspace, others)
        known = workspace.vault.record_known
        return {customer: [each for each in records if known(each)] for customer, records in found.items()}


@contextmanager
def clearance(folder: Path, opening: Callable[[], Workspace], declared: Callable[[], Project]) -> Iterator[Clearance]:
    """What a served project says to its channels, for the thread that opens it.

    Args:
        folder: The project folder.
        opening: Opens the project for reading by the calling thread: `Owner.beside`.
        declared: The project as its files declare it now.
    """
    with Links.open(folder) as links, closing(HouseClearance(opening, declared, links)) as found:
        yield found


def _records_in_tables(workspace: Workspace, customers: Sequence[str]) -> dict[str, list[str]]:
    """The records of customers as the last build has them; whoever it does not name has one, of their own id."""
    owner = {each: each for each in customers}
    if customers and PERSONS in workspace.warehouse.tables():
        persons = workspace.warehouse.table(PERSONS)
        wanted = persons.filter(persons.customer_id.isin(customers) | persons.record_id.isin(customers))
        rows = workspace.warehouse.fetch(wanted).to_pylist()
        # A person goes by the id of one of their records, which may be somebody else's by now.
        owner |= {row["record_id"]: row["customer_id"] for row in rows}
    found: dict[str, list[str]] = {each: [] for each in customers}
    for record, customer in sorted(owner.items()):
        if customer in found:
            found[customer].append(record)
    return found


def channel_secrets(workspace: Workspace, spec: ChannelSpec) -> str:
    """The secrets that a channel signs with now, parted by blanks; empty where it has none."""
    if spec.secret_env is not None:
        return workspace.around.environ.get(spec.secret_env, "")
    return kept_secrets(workspace.vault, spec.channel, now=workspace.clock())


def _counts(entry: ConsentEntry, now: datetime) -> bool:
    """Whether it counts now: a permission that is dated later does not."""
    return entry.state not in _GIVING or entry.occurred_at <= now + SKEW


def _said_in_sources(workspace: Workspace, records: Sequence[str]) -> Iterable[ConsentEntry]:
    """What sources say that some records said."""
    if SOURCE_CONSENTS not in workspace.warehouse.tables():
        return
    table = workspace.warehouse.table(SOURCE_CONSENTS)
    wanted = table.filter(table.record_id.isin(list(records)))
    columns = wanted.select("record_id", "purpose", "given", "occurred_at", "state", "basis", "region")
    for row in workspace.warehouse.fetch(columns).to_pylist():
        state = row["state"] or ("given" if row["given"] else "withdrawn")
        if state not in list(ConsentState):
            continue
        occurred_at = row["occurred_at"].replace(tzinfo=UTC)
        kind = ConsentState(state)
        yield ConsentEntry(
            record_id=row["record_id"],
            purpose="" if kind.is_about_all else row["purpose"],
            state=kind,
            basis=LegalBasis(row["basis"]) if row["basis"] in list(LegalBasis) else LegalBasis.CONSENT,
            region=row["region"] or "",
            occurred_at=occurred_at,
            received_at=occurred_at,
        )


def _own_ids(card: str) -> list[str]:
    """Customers' own identifiers on a card of the vault."""
    said = json.loads(card)
    own = [value for name, value in said.get("id", ()) if name == OWN]
    return [str(each) for each in (*own, *said.get("identifiers", {}).get(OWN, ())) if each is not None]
