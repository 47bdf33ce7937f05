"""The part of a build that is about people: who is who, what is allowed, what is too old, and one row per customer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from habitue.run.consents import RESTRICTED, consents_digest, project_consents
from habitue.run.identity import PeopleContext, decided, resolve_people
from habitue.run.marks import digest_of
from habitue.run.project import Project
from habitue.run.projecting import live_slots
from habitue.run.relations import RELATIONS, Related, make_relations, relations_digest
from habitue.run.retention import apply_retention, is_overdue, note_retention
from habitue.run.stores import Stores
from habitue.sources.entities import Survival, join_customers
from habitue.sources.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Peopling:
    """What people are settled from.

    Attributes:
        project: The declarations.
        stores: The open files.
        now: The present time.
        progress: Told how far it is.
        marks: What the tables were last made from.
    """

    project: Project
    stores: Stores
    now: datetime
    progress: Progress
    marks: Mapping[str, str] = field(default_factory=dict)

    def digest(self) -> str:
        """Everything that people depend on, sources left out."""
        rules = [repr(self.project.identity), sorted(map(repr, self.project.retention.values()))]
        said = consents_digest(self.project, self.stores.consents)
        return digest_of([rules, decided(self.project.folder), said])

    def is_overdue(self) -> bool:
        """Whether anything has become too old to stay."""
        return is_overdue(self.project, self.stores, self.now)

    def run(self) -> Iterator[tuple[str, int, str]]:
        """Settle people; gives (step, rows, what changed) as each step is done."""
        warehouse = self.stores.warehouse
        people = resolve_people(
            PeopleContext(
                project=self.project,
                warehouse=warehouse,
                vault=self.stores.vault,
                now=self.now,
                progress=self.progress,
            )
        )
        yield "people", sum(people.rows.values()), people.note
        self.progress("consents", 0, 0)
        yield "consents", project_consents(self.project, warehouse, self.stores.consents, now=self.now), ""
        done = apply_retention(self.project, warehouse, self.stores.vault, self.stores.control, now=self.now)
        note_retention(self.stores.audit, done, now=self.now)
        if self.project.retention:
            yield "retention", sum(each.gone for each in done), ""
        self.progress("customers", 0, 0)
        left_out = warehouse.count(warehouse.table(RESTRICTED))
        yield "customers", self.join(), f"{left_out:,} restricted" if left_out else ""
        related = self.relate()
        if related is not None and self.project.catalogue.relations:
            yield RELATIONS, related.rows, related.note

    def relate(self) -> Related | None:
        """Make the groups that people belong to; None where nothing changed that they are made from."""
        warehouse = self.stores.warehouse
        if not self.project.catalogue.relations and RELATIONS not in warehouse.tables():
            return None
        digest = relations_digest(self.project, warehouse)
        if RELATIONS in warehouse.tables() and self.marks.get(RELATIONS) == digest:
            return None
        self.progress(RELATIONS, 0, 0)
        return make_relations(self.project, warehouse, self.stores.vault, progress=self.progress)

    def related_from(self) -> dict[str, str]:
        """The mark of what groups are made from."""
        return {RELATIONS: relations_digest(self.project, self.stores.warehouse)}

    def join(self) -> int:
        """Make one row per customer, those left out whose data is restricted; gives the number of rows."""
        warehouse = self.stores.warehouse
        restricted = warehouse.table(RESTRICTED)
        survival = survival_of(self.project)
        return join_customers(warehouse, self.project.sources, survival=survival, without=restricted)


def survival_of(project: Project) -> Mapping[str, Survival]:
    """Which of several values of a trait a project's customers keep."""
    slots = {plan.name: plan.slot for plan in project.sources.sources} | live_slots(project)
    return {
        name: Survival(keep=rule.keep, slots=tuple(slots[each] for each in rule.sources if each in slots))
        for name, rule in project.identity.traits.items()
    }
