"""Finding the customer that somebody means."""

from habitue.errors import HabitueError, did_you_mean
from habitue.run.workspace import Workspace

OWN_IDS = ("user_id", "customer", "customer_id", "id")


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


def find_customer(workspace: Workspace, wanted: str) -> str:
    """The internal id of the customer meant by an id, `user_id:42`, or a trait and its value (`email:…`).

    Raises:
        HabitueError: Nobody, or more than one customer, is meant.
    """
    customers = workspace.tables().customers
    space, colon, value = wanted.partition(":")
    if not colon:
        space, value = "id", wanted
    elif space not in OWN_IDS and space not in workspace.project.catalogue.traits:
        # An id may itself hold a colon.
        whole = customers.filter(customers.customer_id == wanted)
        if workspace.warehouse.count(whole):
            return wanted
        raise IdentifierError(space, [*OWN_IDS[:1], *workspace.project.catalogue.traits])
    column = "customer_id" if space in OWN_IDS else space
    found = customers.filter(customers[column].cast("string") == value).select("customer_id").limit(1000)
    ids = workspace.warehouse.fetch(found).column("customer_id").to_pylist()
    if not ids:
        raise CustomerNotFoundError(space)
    if len(ids) > 1:
        raise CustomerAmbiguousError(space, len(ids))
    return str(ids[0])
