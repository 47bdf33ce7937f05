"""How a project's people stand to its purposes, and what was said about them day by day.

Cost: two passes over what was said.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import ibis

from habitue.engines.warehouse import Warehouse
from habitue.govern.roles import Access, Permission
from habitue.govern.spec import LegalBasis
from habitue.measure.periods import Every, Period, within
from habitue.records import Kind
from habitue.rules.expressions import literal
from habitue.rules.windows import local_midnight
from habitue.run.consents import RESTRICTED, SILENT, spoken
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
    """What was said about a purpose on one day of the project's time zone.

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
        days: Local days on which something was said, of the year before, the oldest first.
    """

    as_of: datetime
    customers: int
    restricted: int
    purposes: tuple[PurposeFigures, ...]
    days: tuple[DayFigures, ...]


class _Counts(NamedTuple):
    """Customers by where they stand to a purpose."""

    allowed: int
    agreed: int
    refused: int


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
    standing, users = _standing(workspace, now), _users(workspace)
    nothing = _Counts(allowed=0, agreed=0, refused=0)
    counts = {name: standing.get(name, nothing) for name in workspace.project.purposes}
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
                allowed=counts[name].allowed,
                agreed=counts[name].agreed,
                refused=counts[name].refused,
                silent=everybody - counts[name].agreed - counts[name].refused,
                used_by=users.get(name, ()),
            )
            for name, spec in workspace.project.purposes.items()
        ),
        days=_days(workspace, now),
    )


def _standing(workspace: Workspace, now: datetime) -> dict[str, _Counts]:
    """How many customers stand how to each purpose: the latest row of each counts, as in every reading of a rule."""
    tables = workspace.tables()
    if tables.consents is None:
        return {}
    rows = tables.consents.semi_join(tables.customers, "customer_id")
    rows = rows.filter(rows.occurred_at <= literal(now, Kind.TIME))
    last = rows.group_by("customer_id", "purpose").aggregate(
        allowed=rows.given.argmax(rows.occurred_at),
        said=rows.given.argmax(rows.occurred_at, where=rows.position > SILENT),
    )
    counted = last.group_by("purpose").aggregate(
        allowed=last.allowed.cast("int64").sum(),
        agreed=last.said.fill_null(False).cast("int64").sum(),
        refused=(~last.said.fill_null(True)).cast("int64").sum(),
    )
    return {
        str(row["purpose"]): _Counts(allowed=row["allowed"], agreed=row["agreed"], refused=row["refused"])
        for row in workspace.warehouse.fetch(counted).to_pylist()
    }


def _days(workspace: Workspace, now: datetime) -> tuple[DayFigures, ...]:
    consents = workspace.tables().consents
    if consents is None:
        return ()
    zone, words = workspace.project.catalogue.zone, spoken(consents)
    since = local_midnight(now.astimezone(zone).date() - timedelta(days=DAYS), zone)
    period = Period(since=since, until=now + timedelta(microseconds=1), zone=zone)
    words = words.filter(*within(words.occurred_at, period))
    day = period.step_of(words.occurred_at, Every.DAY)
    named = words.mutate(day=day.cast("string"), agreed=words.given.cast("int64"))
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
