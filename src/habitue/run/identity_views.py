"""Who is who, as roles may see it: records and what joins them, and pairs that somebody has to look at.

What identifiers and traits say is shown only to who sees people in the clear, for a purpose, and it is written down.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from habitue.config import state_folder
from habitue.govern.roles import Access, Permission
from habitue.identity.links import IDENTITY_FILE
from habitue.run.customer_views import open_customer
from habitue.run.deciding import AskedPair, asked_pairs
from habitue.run.person_records import PersonShown, show_person
from habitue.run.personal_reads import check_purpose, with_basis
from habitue.run.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTrait:
    """What two records say of one thing.

    Attributes:
        left: What the older one says; None where it says nothing or is hidden.
        right: What the younger one says; None where it says nothing or is hidden.
        same: Whether both say the same; None where one says nothing.
    """

    left: str | None = field(repr=False)
    right: str | None = field(repr=False)
    same: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPair:
    """Two records that may be one person, as a role is shown them.

    Attributes:
        left: Record id of the older one.
        right: Record id of the younger one.
        left_person: Customer id of the older one.
        right_person: Customer id of the younger one.
        probability: That they are one person, 0 to 1.
        hidden: Whether what they say is hidden.
        traits: By trait or kind of identifiers.
    """

    left: str
    right: str
    left_person: str
    right_person: str
    probability: float
    hidden: bool
    traits: Mapping[str, SeenTrait]


def view_identity(workspace: Workspace, access: Access, wanted: str, *, purpose: str = "") -> PersonShown:
    """The records of a customer and what joins them.

    Args:
        workspace: The open project.
        access: Who asks.
        wanted: An id, `user_id:42`, `email:…`.
        purpose: What identifiers are shown in the clear for; without a basis for it none are. Empty: none are shown.

    Raises:
        RoleForbiddenError: The role sees no people, or none in the clear.
        ReadPurposeError: The purpose is not declared.
        HabitueError: There is no such customer, nothing was built yet, or their data is restricted.
    """
    customer = open_customer(workspace, access, wanted)
    clear = False
    if purpose:
        access.need(Permission.SEE_PERSONAL)
        check_purpose(workspace, purpose)
        clear = customer in with_basis(workspace, [customer], purpose)
    return show_person(workspace, customer, clear=clear, purpose=purpose, actor=access.actor, noted=True)


def view_pairs(workspace: Workspace, access: Access, *, limit: int = 20, purpose: str = "") -> list[SeenPair]:
    """Pairs of records for somebody to look at, the most likely first; who asks may decide about identity.

    Args:
        workspace: The open project.
        access: Who asks.
        limit: At most so many.
        purpose: What the values are shown for, of pairs of whom both have a basis for it; empty: only what is the same.

    Raises:
        RoleForbiddenError: The role decides nothing about identity, or sees nobody in the clear.
        ReadPurposeError: The purpose is not declared.
    """
    access.need(Permission.MANAGE_IDENTITY)
    if purpose:
        access.need(Permission.SEE_PEOPLE)
        access.need(Permission.SEE_PERSONAL)
        check_purpose(workspace, purpose)
    if not (state_folder(workspace.project.folder) / IDENTITY_FILE).exists():
        return []
    pairs = asked_pairs(workspace, limit=limit, purpose=purpose, actor=access.actor)
    people = {person for each in pairs for person in (each.left_person, each.right_person)}
    allowed = with_basis(workspace, people, purpose) if purpose else frozenset[str]()
    return [_seen_pair(each, shown={each.left_person, each.right_person} <= allowed) for each in pairs]


def _seen_pair(pair: AskedPair, *, shown: bool) -> SeenPair:
    return SeenPair(
        left=pair.left,
        right=pair.right,
        left_person=pair.left_person,
        right_person=pair.right_person,
        probability=pair.probability,
        hidden=not shown,
        traits={
            name: SeenTrait(
                left=one if shown else None,
                right=other if shown else None,
                same=None if one is None or other is None else one == other,
            )
            for name, (one, other) in pair.traits.items()
        },
    )
