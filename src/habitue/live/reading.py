"""A project as the live reading needs it: how stored values are read, what visits are made of, what purposes mean."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from habitue.features.visits_live import EventSays, says_of
from habitue.govern.spec import PolicySpec
from habitue.identity.rules import IdentityRules
from habitue.records import Kind
from habitue.rules import Catalogue, inline
from habitue.rules.writing import write
from habitue.sources.arrivals import Readers, readers_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How messages of one project are read.

    Attributes:
        events: By event: how stored properties become what rules see.
        traits: The same of traits.
        chosen: Traits of which the latest word counts; others stay as the last build has them.
        catalogue: The project's names.
        visits: Where the events that visits are made of say something of them; none for no visits.
        gap_us: The pause that ends a visit.
        purposes: The declared ones.
    """

    events: Mapping[str, Readers]
    traits: Readers
    chosen: frozenset[str]
    catalogue: Catalogue
    visits: Mapping[str, EventSays] = field(default_factory=lambda: MappingProxyType({}))
    gap_us: int = 30 * 60 * 1_000_000
    purposes: Mapping[str, PolicySpec] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(
        cls,
        catalogue: Catalogue,
        *,
        visit_events: Sequence[str] = (),
        gap: timedelta = timedelta(minutes=30),
        purposes: Mapping[str, PolicySpec] | None = None,
        identity: IdentityRules | None = None,
    ) -> "Reading":
        """From a project's declarations.

        Args:
            catalogue: Its names.
            visit_events: The events that visits are made of.
            gap: The pause that ends a visit.
            purposes: The declared ones.
            identity: Says which of several values of a trait counts; the latest of each when not given.
        """
        kept = identity.traits if identity is not None else {}
        return cls(
            events={name: readers_of(shape.properties) for name, shape in catalogue.events.items()},
            traits=readers_of(catalogue.traits),
            chosen=frozenset(name for name in catalogue.traits if name not in kept or kept[name].keep == "latest"),
            catalogue=catalogue,
            visits=says_of([catalogue.events[each] for each in visit_events]),
            gap_us=gap // timedelta(microseconds=1),
            purposes=purposes or {},
        )

    @property
    def words(self) -> Iterable[str]:
        """The names under which the traits are kept of which the latest word counts."""
        for name in self.chosen:
            if self.catalogue.traits[name] is Kind.LOCATION:
                yield from (f"{name}_lat", f"{name}_lon")
            else:
                yield name

    def chooses(self, trait: str) -> bool:
        """Whether the latest word on a trait counts; a location is two names, `<name>_lat` and `<name>_lon`."""
        return bool({trait, trait.removesuffix("_lat"), trait.removesuffix("_lon")} & self.chosen)

    def rules_of(self, segments: Iterable[str]) -> dict[str, str]:
        """What segments are declared as, with everything they refer to."""
        return {name: self.rule_of(name) for name in segments}

    def rule_of(self, segment: str) -> str:
        """What a segment is declared as, with everything it refers to; empty for one that is not declared."""
        definition = self.catalogue.segments.get(segment)
        if definition is None:
            return ""
        return f"{write(inline(definition.rule, self.catalogue))} | {definition.purpose}"
