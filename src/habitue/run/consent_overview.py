"""How a project's people stand to its purposes, and what was said about them day by day.

Cost: one answer of every purpose for everybody, and one pass over what was said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import ibis

from habitue.engines import Warehouse
from habitue.govern.roles import Access, Permission
from habitue.govern.spec import LegalBasis
from habitue.records import Kind
from habitue.rules.batch import answer
from habitue.rules.expressions import literal
from habitue.run.consents import RESTRICTED, spoken
from habitue.run.workspace import Workspace

DAYS: Final = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeFigures:
    """How everybody stands to one purpose.

    Attributes:
        purpose: Its name.
        label: A few words for people.
        description: What it is.
        basis: The legal basis that it is pursued on.
        allowed: Customers whose data may be used for it now.
        agreed: Customers whose last word allows it.
        refused: Customers whose last word refuses it.
        silent: Customers who said nothing about it.
        used_by: Segments and features that are for it, as `segment.NAME`.
    """

    purpose: str
    label: str
    description: str
    basis: LegalBasis
    allowed: int
    agreed: int
    refused: int
    silent: int
    used_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """What was said about a purpose on one day, in UTC.

    Attributes:
        day: `2026-01-31`.
        purpose: Its name.
        agreed: Customers who allowed it from then on.
        refused: Customers who refused it from then on.
    """

    day: str
    purpose: str
    agreed: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentFigures:
    """How a project's people stand to its purposes.

    Attributes:
        as_of: The instant.
        customers: How many there are whose data may be used for anything.
        restricted: How many there are whose data is used for nothing.
        purposes: In the order of the files.
        days: Days on which something was said, of the year before, the oldest first.
    """

    as_of: datetime
    customers: int
    restricted: int
    purposes: tuple[PurposeFigures, ...]
    days: tuple[DayFigures, ...]


def view_consent_figures(workspace: Workspace, access: Access) -> ConsentFigures:
    """How everybody stands to every purpose now, and what was said in the year before.

    Args:
        workspace: The open project.
        access: Who asks.

    Raises:
        RoleForbiddenError: The role does not keep privacy, or sees no people.
        NotBuiltError: Nothing was built yet.
    """
    access.need(Permission.MANAGE_PRIVACY)
    access.need(Permission.SEE_PEOPLE)
    now = max(workspace.as_of(), workspace.clock())
    everybody = workspace.warehouse.count(workspace.tables().customers)
    allowed, said = _allowed(workspace, now), _last_words(workspace)
    users = _users(workspace)
    return ConsentFigures(
        as_of=now.astimezone(UTC),
        customers=everybody,
        restricted=_restricted(workspace.warehouse),
        purposes=tuple(
            PurposeFigures(
                purpose=name,
                label=spec.label or name,
                description=spec.description,
                basis=spec.basis,
                allowed=allowed.get(name, 0),
                agreed=said.get((name, True), 0),
                refused=said.get((name, False), 0),
                silent=max(0, everybody - said.get((name, True), 0) - said.get((name, False), 0)),
                used_by=users.get(name, ()),
            )
            for name, spec in workspace.project.purposes.items()
        ),
        days=_days(workspace, now),
    )


def _allowed(workspace: Workspace, now: datetime) -> dict[str, int]:
    purposes = list(workspace.project.purposes)
    if not purposes:
        return {}
    asked = {f"p{place}": workspace.rule(f"consent.{name}") for place, name in enumerate(purposes)}
    table = answer(asked, workspace.question(as_of=now))
    counts = {name: table[name].cast("int64").sum().fill_null(0) for name in asked}
    row = workspace.warehouse.fetch(table.aggregate(**counts)).to_pylist()[0]
    return {name: int(row[f"p{place}"]) for place, name in enumerate(purposes)}


def _last_words(workspace: Workspace) -> Mapping[tuple[str, bool], int]:
    tables = workspace.tables()
    if tables.consents is None:
        return {}
    words = spoken(tables.consents).semi_join(tables.customers, "customer_id")
    last = words.group_by("customer_id", "purpose").aggregate(given=words.given.argmax(words.occurred_at))
    rows = workspace.warehouse.fetch(last.group_by("purpose", "given").aggregate(people=last.count())).to_pylist()
    return {(row["purpose"], row["given"]): row["people"] for row in rows}


def _days(workspace: Workspace, now: datetime) -> tuple[DayFigures, ...]:
    consents = workspace.tables().consents
    if consents is None:
        return ()
    words = spoken(consents)
    words = words.filter(words.occurred_at >= literal(now - timedelta(days=DAYS), Kind.TIME))
    named = words.mutate(day=words.occurred_at.date().cast("string"), agreed=words.given.cast("int64"))
    found = named.group_by("day", "purpose").aggregate(agreed=named.agreed.sum(), said=named.count())
    rows = workspace.warehouse.fetch(found.order_by([ibis.asc("day"), ibis.asc("purpose")])).to_pylist()
    return tuple(
        DayFigures(day=row["day"], purpose=row["purpose"], agreed=row["agreed"], refused=row["said"] - row["agreed"])
        for row in rows
        if row["purpose"] in workspace.project.purposes
    )


def _restricted(warehouse: Warehouse) -> int:
    return warehouse.count(warehouse.table(RESTRICTED)) if RESTRICTED in warehouse.tables() else 0


def _users(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    project = workspace.project
    for space, specs in (("segment", project.segments), ("feature", project.features)):
        for name, spec in specs.items():
            if spec.purpose:
                found.setdefault(spec.purpose, []).append(f"{space}.{name}")
    return {purpose: tuple(names) for purpose, names in found.items()}
