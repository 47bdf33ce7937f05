"""How a project's people stand to its purposes, and what was said about them day by day.

Cost: two passes over what was said.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import ibis
import ibis.expr.types as ir

from habitue.engines.warehouse import Warehouse
from habitue.govern.roles import Access, Permission
from habitue.govern.spec import LegalBasis
from habitue.measure.periods import Every, Period, within
from habitue.records import Kind
from habitue.rules.expressions import literal
from habitue.rules.windows import local_midnight
from habitue.run.consents import RESTRICTED, SILENT, spoken
from habitue.run.drawn_customers import Estimated, draw_customers
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
class ConsentFigures(Estimated):
    """How a project's people stand to its purposes.

    Attributes:
        as_of: The instant.
        customers: How many there are whose data may be used for anything.
        restricted: How many there are whose data is used for nothing.
        purposes: In the order of the files.
        days: Local days on which something was said, of the year before, the oldest first.
        margin: Of an estimate, how far off a count of a purpose may be at most, 19 times in 20.
    """

    as_of: datetime
    customers: int
    restricted: int
    purposes: tuple[PurposeFigures, ...]
    days: tuple[DayFigures, ...]
    margin: int | None = None


class _Counts(NamedTuple):
    """Customers by where they stand to a purpose."""

    allowed: int
    agreed: int
    refused: int


def view_consent_figures(workspace: Workspace, access: Access, *, estimate: bool = False) -> ConsentFigures:
    """How everybody stands to every purpose now, and what was said in the year before.

    Args:
        workspace: The open project.
        access: Who asks.
        estimate: Whether some people are enough where there are many.

    Raises:
        RoleForbiddenError: The role does not keep privacy, or sees no people.
        NotBuiltError: Nothing was built yet.
    """
    access.need(Permission.MANAGE_PRIVACY)
    access.need(Permission.SEE_PEOPLE)
    now = max(workspace.as_of(), workspace.clock())
    draw, users = draw_customers(workspace, estimate=estimate), _users(workspace)
    consents = workspace.tables().consents
    consents = None if consents is None else draw.some(consents)
    standing, nothing = _standing(workspace, consents, now), _Counts(allowed=0, agreed=0, refused=0)
    counts = {name: _Counts(*map(draw.scaled, standing.get(name, nothing))) for name in workspace.project.purposes}
    told = draw.told(access)
    return ConsentFigures(
        is_estimate=told.is_estimate,
        looked_at=told.looked_at,
        everybody=told.everybody,
        as_of=now.astimezone(UTC),
        customers=draw.everybody,
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
                silent=max(0, draw.everybody - counts[name].agreed - counts[name].refused),
                used_by=users.get(name, ()),
            )
            for name, spec in workspace.project.purposes.items()
        ),
        days=tuple(
            replace(each, agreed=draw.scaled(each.agreed), refused=draw.scaled(each.refused))
            for each in _days(workspace, consents, now)
        ),
        margin=None if draw.is_all else draw.margin(draw.looked_at // 2),
    )


def _standing(workspace: Workspace, consents: ir.Table | None, now: datetime) -> dict[str, _Counts]:
    """How many customers stand how to each purpose: the latest row of each counts, as in every reading of a rule."""
    if consents is None:
        return {}
    rows = consents.semi_join(workspace.tables().customers, "customer_id")
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


def _days(workspace: Workspace, consents: ir.Table | None, now: datetime) -> tuple[DayFigures, ...]:
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
