"""The rules of who is who, as a project declares them and as they are when it says nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from habitue.config import Document
from habitue.errors import Fault
from habitue.identity.normalise import Kind, normalise
from habitue.identity.spec import IdentitySpec, Keep, NamespaceSpec

ROLES: Final = ("given_name", "surname", "birth_date", "email", "phone", "postcode", "city", "street")
EVIDENCE: Final = frozenset({"email", "phone"})
ACCOUNT: Final = "user_id"
_ACCOUNTS: Final = 10


class Strength(StrEnum):
    """What sharing an identifier says."""

    CERTAIN = "certain"
    PROBABLE = "probable"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """One kind of identifier.

    Attributes:
        name: `user_id`, `email`, …
        kind: How its values are written.
        limit: At most so many of them a person; 0 means any number.
        links: What sharing one says.
        shared_by: Shared by more records than this, a value is blocked.
        blocked: Values, as they are compared, that identify nobody.
    """

    name: str
    kind: Kind = Kind.TEXT
    limit: int = 0
    links: Strength = Strength.CERTAIN
    shared_by: int = 20
    blocked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """What keeps different people apart, whatever their links say.

    Attributes:
        birth_date: Refuse people born in different years on different days of the year.
        size: At most so many records a person.
        matched_size: At most so many where likeness alone joins them.
        support: Share of the pairs across two persons that must be links where likeness alone joins them.
        limits: At most so many values a person, by place of the namespace; 0 means any number.
    """

    birth_date: bool = True
    size: int = 200
    matched_size: int = 20
    support: float = 0.25
    limits: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """Matching records by likeness.

    Attributes:
        columns: The column that holds each of `ROLES`, by role; roles without a column are absent.
        also: More columns that speak for a person.
        link: Probability from which two records are linked.
        review: Probability from which a person should look at them.
    """

    columns: MappingProxyType[str, str]
    also: tuple[str, ...] = ()
    link: float = 0.5
    review: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class TraitRule:
    """Which of several values of a trait a person keeps.

    Attributes:
        keep: The way of choosing.
        sources: For `source_priority`, the most trusted first.
    """

    keep: Keep = "latest"
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRules:
    """Who is who, for one project.

    Attributes:
        namespaces: Kinds of identifiers, the most trusted first.
        region: Country of telephone numbers without a country code, or None.
        guards: What keeps different people apart.
        matching: Matching by likeness, or None.
        traits: Rules of traits; others keep the latest value.
        household_by: Traits that members of a household share; empty for none.
        household_largest: More people at an address are no household.
        account_by: The trait that holds the account; empty for none.
    """

    namespaces: tuple[Namespace, ...]
    region: str | None = None
    guards: Guards = field(default_factory=Guards)
    matching: Matching | None = None
    traits: MappingProxyType[str, TraitRule] = field(default_factory=lambda: MappingProxyType({}))
    household_by: tuple[str, ...] = ()
    household_largest: int = 12
    account_by: str = ""

    def namespace(self, name: str) -> Namespace | None:
        """The namespace of that name, or None."""
        return next((each for each in self.namespaces if each.name == name), None)

    def normalise(self, name: str, values: Sequence[str | None]) -> list[str | None]:
        """Identifiers of a namespace as they are compared; None where one identifies nobody.

        Examples:
            >>> DEFAULT_RULES.normalise("email", ["ANN@example.org", "null"])
            ['ann@example.org', None]
        """
        rule = self.namespace(name) or Namespace(name=name)
        return normalise(rule.kind, values, region=self.region, blocked=rule.blocked)


DEFAULT_NAMESPACES: Final = (
    Namespace(name=ACCOUNT, limit=1, shared_by=200),
    Namespace(name="loyalty_card", limit=3),
    Namespace(name="email", kind=Kind.EMAIL, limit=5),
    Namespace(name="phone", kind=Kind.PHONE, limit=5, links=Strength.PROBABLE),
    Namespace(name="device", limit=20),
    Namespace(name="cross_domain_id", limit=100),
    Namespace(name="cookie", limit=100),
    Namespace(name="ga_client_id", limit=100),
)


def _limits(namespaces: Sequence[Namespace]) -> tuple[int, ...]:
    return tuple(each.limit for each in namespaces)


DEFAULT_RULES: Final = IdentityRules(namespaces=DEFAULT_NAMESPACES, guards=Guards(limits=_limits(DEFAULT_NAMESPACES)))


def read_rules(documents: Sequence[Document[IdentitySpec]]) -> tuple[IdentityRules, list[Fault]]:
    """The rules a project declares, over the defaults; and what is wrong with them.

    Args:
        documents: Those of `identity/*.yaml`; none means the defaults.
    """
    if not documents:
        return DEFAULT_RULES, []
    first, *others = documents
    faults = [
        each.fault(
            "identity",
            code="IDENTITY-TWICE",
            what=f"Identity is declared a second time; {first.file} declares it already.",
            do="Keep one document.",
        )
        for each in others
    ]
    faults += _faults(first)
    return _rules(first.value), faults


def _faults(document: Document[IdentitySpec]) -> list[Fault]:
    spec, faults = document.value, []
    if spec.matching is not None and len(_columns(spec)) + len(spec.matching.columns.also) < 2:
        faults.append(
            document.fault(
                "matching",
                "columns",
                code="IDENTITY-COLUMNS",
                what="Matching by likeness needs at least two columns.",
                do="Name the traits that hold given_name, surname, birth_date and so on.",
            )
        )
    seen: dict[int, str] = {}
    for name, each in spec.namespaces.items():
        if each.priority is None:
            continue
        if each.priority in seen:
            faults.append(
                document.fault(
                    "namespaces",
                    name,
                    "priority",
                    code="IDENTITY-PRIORITY",
                    what=f"{name!r} and {seen[each.priority]!r} have the same priority.",
                    do="Give each its own; 1 is trusted most.",
                )
            )
        seen[each.priority] = name
    return faults


def _columns(spec: IdentitySpec) -> dict[str, str]:
    if spec.matching is None:
        return {}
    named = {role: getattr(spec.matching.columns, role) for role in ROLES}
    return {role: str(column) for role, column in named.items() if column is not None}


def _rules(spec: IdentitySpec) -> IdentityRules:
    namespaces = _namespaces(spec)
    guards = Guards(
        birth_date=spec.guards.birth_date,
        size=spec.guards.size,
        matched_size=spec.guards.matched_size,
        support=spec.guards.support,
        limits=_limits(namespaces),
    )
    matching = spec.matching
    return IdentityRules(
        namespaces=namespaces,
        region=spec.region,
        guards=guards,
        matching=None
        if matching is None
        else Matching(
            columns=MappingProxyType(_columns(spec)),
            also=tuple(matching.columns.also),
            link=matching.link,
            review=matching.review,
        ),
        traits=MappingProxyType(
            {name: TraitRule(keep=each.keep, sources=tuple(each.sources)) for name, each in spec.traits.items()}
        ),
        household_by=tuple(spec.households.by) if spec.households else (),
        household_largest=spec.households.largest if spec.households else 12,
        account_by=spec.accounts.by if spec.accounts else "",
    )


def _namespaces(spec: IdentitySpec) -> tuple[Namespace, ...]:
    """Declared namespaces in order of priority, then the default ones that are not declared."""
    places = {name: place for place, name in enumerate(spec.namespaces)}
    order = sorted(spec.namespaces, key=lambda name: (spec.namespaces[name].priority or 1000, places[name]))
    known = {each.name: each for each in DEFAULT_NAMESPACES}
    rest = [name for name in known if name not in spec.namespaces]
    return tuple(
        _namespace(name, spec.namespaces.get(name, NamespaceSpec()), known.get(name), spec) for name in [*order, *rest]
    )


def _namespace(name: str, declared: NamespaceSpec, default: Namespace | None, spec: IdentitySpec) -> Namespace:
    """What is declared over what is known.

    Where records are matched by likeness, contact details are evidence for it, and people may have several accounts.
    """
    known = default or Namespace(name=name, shared_by=spec.guards.shared_by)
    if spec.matching is not None and name == ACCOUNT:
        known = replace(known, limit=_ACCOUNTS)
    kind = Kind(declared.kind) if declared.kind else known.kind
    usual = Strength.PROBABLE if spec.matching is not None and name in EVIDENCE else known.links
    return Namespace(
        name=name,
        kind=kind,
        limit=known.limit if declared.limit is None else declared.limit,
        links=Strength(declared.links) if declared.links else usual,
        shared_by=declared.shared_by or (known.shared_by if name == ACCOUNT else spec.guards.shared_by),
        blocked=frozenset(each for each in normalise(kind, declared.blocked, region=spec.region) if each is not None),
    )
