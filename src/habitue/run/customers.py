"""Finding the customer that somebody means."""

from collections.abc import Sequence

import pyarrow as pa

from habitue.errors import HabitueError, did_you_mean
from habitue.identity.normalise import Kind as Written
from habitue.identity.normalise import normalise
from habitue.records import Kind
from habitue.run.workspace import NotBuiltError, Workspace
from habitue.sources.plans import OWN

PERSONS = "persons"
_MOST = 1000


class CustomerNotFoundError(HabitueError):
    """Nobody is known by an identifier."""

    code = "CUSTOMER-UNKNOWN"

    def __init__(self, space: str) -> None:
        super().__init__(
            what=f"No customer is known by this {space}.",
            do="Give a customer's id as `habitue segments members` prints it, or NAME:VALUE with a trait's name.",
        )


class CustomerAmbiguousError(HabitueError):
    """Several customers share an identifier."""

    code = "CUSTOMER-AMBIGUOUS"

    def __init__(self, space: str, count: int) -> None:
        super().__init__(what=f"{count:,} customers share this {space}.", do="Give a customer's id instead.")


class IdentifierError(HabitueError):
    """A customer is asked for by something that is not an identifier here."""

    code = "CUSTOMER-IDENTIFIER"

    def __init__(self, space: str, known: list[str]) -> None:
        near = did_you_mean(space, known)
        do = f"Did you mean {near}:?" if near else f"Known: {', '.join(known)}."
        super().__init__(what=f"{space!r} is not an identifier of this project.", do=do)


def find_speaker(workspace: Workspace, wanted: str) -> str:
    """As `find_customer`, also before the first build, where messages have said who somebody is: for what they say.

    Raises:
        HabitueError: Nobody, or more than one customer, is meant.
    """
    if workspace.control.last_build() is None:
        vault, (space, _, value) = workspace.vault, wanted.partition(":")
        known = [wanted] if vault.record_known(wanted) else records_by(workspace, space, value) if value else []
        known = known or records_by(workspace, OWN, wanted)
        if len(known) == 1:
            return person_of(workspace, known)[0]
    return find_customer(workspace, wanted)


def find_customer(workspace: Workspace, wanted: str) -> str:
    """The internal id of the customer meant by an id, `user_id:42`, or a trait and its value (`city:Leeds`).

    Raises:
        HabitueError: Nobody, or more than one customer, is meant.
    """
    space, found = customers_meant(workspace, wanted)
    if not found:
        raise CustomerNotFoundError(space)
    if len(found) > 1:
        raise CustomerAmbiguousError(space, len(found))
    return found[0]


def customers_meant(workspace: Workspace, wanted: str) -> tuple[str, list[str]]:
    """What kind of identifier somebody gave, and the internal ids of all whom it may mean.

    Raises:
        HabitueError: It is no identifier of this project, or nothing was built yet.
    """
    vault = workspace.vault
    if workspace.control.last_build() is None:
        raise NotBuiltError("The project has")
    if vault.record_known(wanted):
        return "id", person_of(workspace, [wanted])[:1]
    spaces = namespaces(workspace)
    space, colon, value = wanted.partition(":")
    if not colon or space == "id":
        # Somebody may give their own id as it stands in their files, which may itself hold a colon.
        space, value = OWN, value if space == "id" and colon else wanted
    elif space not in spaces and space not in workspace.project.catalogue.traits:
        if not vault.resolve(vault.name(OWN, wanted)):
            raise IdentifierError(space, [*spaces, *workspace.project.catalogue.traits])
        space, value = OWN, wanted
    found = _by_identifier(workspace, space, value) if space in spaces else []
    if not found and space in workspace.project.catalogue.traits:
        found = _by_trait(workspace, space, value)
    return space, found


def namespaces(workspace: Workspace) -> list[str]:
    """The kinds of identifiers that sources declare, that of customers' own ids first."""
    plans = workspace.project.sources.sources
    own = [plan.namespace(field) for plan in plans for field in plan.customers]
    return list(dict.fromkeys([OWN, *own, *(space for plan in plans for space in plan.identifiers)]))


def person_of(workspace: Workspace, records: Sequence[str]) -> list[str]:
    """The customers that records belong to, each once."""
    if PERSONS not in workspace.warehouse.tables():
        return list(dict.fromkeys(records))
    persons = workspace.warehouse.table(PERSONS)
    rows = workspace.warehouse.fetch(persons.filter(persons.record_id.isin(list(records)))).to_pylist()
    moved = {row["record_id"]: row["customer_id"] for row in rows}
    return list(dict.fromkeys(moved.get(each, each) for each in records))


def customers_of(workspace: Workspace, wanted: Sequence[str]) -> pa.Array:
    """The internal id of each of many customers given by internal ids or ids of their own; missing for unknown ones."""
    vault = workspace.vault
    spaces = namespaces(workspace)
    records: dict[str, str] = {}
    for each in dict.fromkeys(wanted):
        if vault.record_known(each):
            records[each] = each
            continue
        space, _, value = each.partition(":")
        own = [vault.resolve(vault.name(OWN, each)), vault.resolve(vault.name(space, value)) if space in spaces else []]
        found = next((one for one in own if len(one) == 1), None)
        if found is not None:
            records[each] = found[0]
    moved = _moved(workspace)
    return pa.array([moved.get(records.get(each, ""), records.get(each)) for each in wanted], pa.string())


def _moved(workspace: Workspace) -> dict[str, str]:
    if PERSONS not in workspace.warehouse.tables():
        return {}
    rows = workspace.warehouse.fetch(workspace.warehouse.table(PERSONS)).to_pylist()
    return {row["record_id"]: row["customer_id"] for row in rows}


def records_meant(workspace: Workspace, wanted: str) -> list[str]:
    """The records that an identifier names; none for internal ids and traits, which name whole persons."""
    space, colon, value = wanted.partition(":")
    if workspace.vault.record_known(wanted):
        return []
    if not colon or space == "id":
        space, value = OWN, value if colon else wanted
    found = records_by(workspace, space, value) if space in namespaces(workspace) else []
    return found or records_by(workspace, OWN, wanted)


def _by_identifier(workspace: Workspace, space: str, value: str) -> list[str]:
    found = records_by(workspace, space, value)
    return person_of(workspace, found) if found else []


def records_by(workspace: Workspace, space: str, value: str) -> list[str]:
    """The records that have an identifier, as it is written or as its kind is usually written."""
    rules = workspace.project.identity
    kind = next((each.kind for each in rules.namespaces if each.name == space), Written.TEXT)
    spellings = dict.fromkeys([value, next(iter(normalise(kind, [value], region=rules.region)), None) or value])
    found = [each for text in spellings for each in workspace.vault.resolve(workspace.vault.name(space, text))]
    return list(dict.fromkeys(found))


def _by_trait(workspace: Workspace, trait: str, value: str) -> list[str]:
    customers = workspace.tables().customers
    personal = workspace.project.catalogue.traits[trait] is Kind.PERSONAL
    said = workspace.vault.mask(trait, value) if personal else value
    rows = customers.filter(customers[trait].cast("string") == said).select("customer_id").limit(_MOST)
    return [str(each) for each in workspace.warehouse.fetch(rows).column("customer_id").to_pylist()]
