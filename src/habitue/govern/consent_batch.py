"""The batch reading of `consent.Standing`: for everybody at once, at every instant at which something was said."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import ibis
import ibis.expr.types as ir

from habitue.govern.consent import ConsentState, Standing, Strength, Terms, kind_of
from habitue.govern.spec import LegalBasis, PolicySpec

KINDS: Final = tuple(Standing.__dataclass_fields__)
"""The kinds of entries about a purpose: what `kind_of` gives."""
SAID: Final = ibis.schema(
    {
        "customer_id": "string",
        "purpose": "string",
        "kind": "string",
        "region": "string",
        "occurred_at": "timestamp(6)",
    }
)
"""What people said, one row an entry; `kind` is one of `KINDS`, or `restricted`, or `lifted`."""
ALWAYS: Final = datetime(1900, 1, 1, tzinfo=UTC)
"""The instant from which silence counts: before anything that is asked about."""
_WHEN: Final = ("last", "then")
"""Use needs a basis now, by the last word of all, and then, by the last word until that instant."""
_RESTRICTIONS: Final = (ConsentState.RESTRICTED.value, ConsentState.LIFTED.value)


def kind_expression(state: ir.StringValue, basis: ir.StringValue) -> ir.StringValue:
    """The kind of an explicit entry; missing where the state is none that there is."""
    explicit = Strength.EXPLICIT
    claimed = kind_of(ConsentState.GIVEN, explicit, LegalBasis.CONTRACT)
    given = kind_of(ConsentState.GIVEN, explicit, LegalBasis.CONSENT)
    by_consent = basis.isnull() | (basis == LegalBasis.CONSENT.value)
    refusals = (ConsentState.WITHDRAWN, ConsentState.OBJECTED)
    return ibis.cases(
        (state == ConsentState.GIVEN.value, ibis.ifelse(by_consent, given, claimed)),
        *((state == each.value, ibis.literal(kind_of(each, explicit, LegalBasis.CONSENT))) for each in refusals),
        *((state == each, ibis.literal(each)) for each in _RESTRICTIONS),
        else_=ibis.null("string"),
    )


def restricted_people(said: ir.Table) -> ir.Table:
    """Whose data may be kept and not used, as customer_id."""
    restricted, lifted = (said.occurred_at.max(where=said.kind == each) for each in _RESTRICTIONS)
    people = said.group_by("customer_id").aggregate(restricted_at=restricted, lifted_at=lifted)
    return people.filter(_refused(people.restricted_at, people.lifted_at)).select("customer_id")


def regions(said: ir.Table) -> ir.Table:
    """Where everybody was when something was last said, as (customer_id, region); nobody whose region is unknown."""
    known = said.filter(said.region != "")
    order = ibis.struct({"at": known.occurred_at, "region": known.region})
    return known.group_by("customer_id").aggregate(region=known.region.argmax(order))


def effective_rows(said: ir.Table, purposes: Mapping[str, PolicySpec], *, kinds: Collection[str] = KINDS) -> ir.Table:
    """Whether there was a basis from each instant on, as (customer_id, purpose, occurred_at, given).

    One row for each instant at which something was said. Use needs a basis both then and now: where the last word
    is a refusal, no earlier instant has a basis.

    Args:
        said: Laid out as `SAID`.
        purposes: The declared ones.
        kinds: The kinds of entries that may be there: the fewer, the less work.
    """
    there = [kind for kind in KINDS if kind in kinds]
    about = said.filter(said.kind.isin(KINDS))
    latest = {kind: about.occurred_at.max(where=about.kind == kind) for kind in there}
    instants = about.group_by("customer_id", "purpose", "occurred_at").aggregate(**latest)
    person = ibis.window(group_by=("customer_id", "purpose"))
    until = ibis.cumulative_window(group_by=("customer_id", "purpose"), order_by="occurred_at")
    ever = {f"last_{kind}": instants[kind].max().over(person) for kind in there}
    then = {f"then_{kind}": instants[kind].max().over(until) for kind in there}
    rows = instants.mutate(**ever, **then)
    rows = with_region(rows, regions(said))
    terms = _TermColumns(purposes, rows.purpose, rows.region)
    never = ibis.null("timestamp(6)")
    last, until_then = (
        terms.allowed({kind: rows[f"{when}_{kind}"] if kind in there else never for kind in KINDS}) for when in _WHEN
    )
    return rows.select("customer_id", "purpose", "occurred_at", given=last & until_then)


def with_region(rows: ir.Table, places: ir.Table) -> ir.Table:
    """The rows with a column `region`, empty where it is not known."""
    places = places.rename(place_of="customer_id")
    joined = rows.left_join(places, rows.customer_id == places.place_of).drop("place_of")
    return joined.mutate(region=joined.region.fill_null(""))


def silence(purpose: PolicySpec, region: ir.StringValue) -> ir.BooleanValue:
    """Whether there is a basis for a purpose while nothing was said."""
    said = [(region == name, ibis.literal(Terms.of(purpose, name).silence)) for name in purpose.regions]
    usual = Terms.of(purpose).silence
    return ibis.cases(*said, else_=usual) if said else ibis.literal(usual)


class _TermColumns:
    """The terms of each row's purpose in its region; those of an undeclared purpose are the strictest."""

    def __init__(self, purposes: Mapping[str, PolicySpec], purpose: ir.StringValue, region: ir.StringValue) -> None:
        self._cases: list[tuple[ir.BooleanValue, Terms]] = []
        for name, policy in purposes.items():
            mine = purpose == name
            self._cases += [(mine & (region == each), Terms.of(policy, each)) for each in policy.regions]
            self._cases.append((mine, Terms.of(policy)))

    def allowed(self, at: Mapping[str, ir.Value]) -> ir.BooleanValue:
        """What `Standing.allowed` says."""
        marketing = self._holds(lambda terms: terms.marketing)
        explicit = _latest([at["given_at"], at["claimed_at"]])
        given = ibis.ifelse(marketing, at["given_at"], explicit)
        said = _latest([explicit, at["signalled_on_at"]])
        absolute = _refused(at["withdrawn_at"], given) | (marketing & _refused(at["signalled_off_at"], given))
        preset = at["preset_off_at"].notnull() | at["preset_on_at"].notnull()
        return ibis.cases(
            (_refused(at["objected_at"], given), False),
            (self._holds(lambda terms: terms.is_firm), True),
            (absolute | _refused(at["signalled_off_at"], said), False),
            (self._holds(lambda terms: terms.basis is not LegalBasis.CONSENT) | said.notnull(), True),
            (preset, ~_refused(at["preset_off_at"], at["preset_on_at"])),
            else_=self._holds(lambda terms: terms.silence),
        )

    def _holds(self, fact: Callable[[Terms], bool]) -> ir.BooleanValue:
        cases = [(mine, ibis.literal(fact(terms))) for mine, terms in self._cases]
        return ibis.cases(*cases, else_=fact(Terms())) if cases else ibis.literal(fact(Terms()))


def _refused(refused_at: ir.Value, allowed_at: ir.Value) -> ir.BooleanValue:
    return refused_at.notnull() & (allowed_at.isnull() | (refused_at >= allowed_at))


def _latest(instants: Sequence[ir.Value]) -> ir.Value:
    """The latest of those that are there; `greatest` is missing on some engines when one of them is."""
    first = ibis.coalesce(*instants)
    return ibis.greatest(*(each.fill_null(first) for each in instants))
