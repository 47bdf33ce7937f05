"""Drafts of segments: what somebody is making, kept under their name until it is published or thrown away."""

import json
from dataclasses import dataclass
from datetime import datetime

from habitue.govern.roles import Access, Permission
from habitue.run.workspace import Workspace
from habitue.state.drafts import Draft, Drafts

_KIND = "segment"


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftShown:
    """A draft of a segment.

    Attributes:
        id: Chosen by whoever made it.
        segment: The segment that it changes; empty for a new one.
        body: What the builder keeps.
        version: How many times it was saved.
        made_at: When it was saved first.
        changed_at: When it was saved last.
    """

    id: str
    segment: str
    body: object
    version: int
    made_at: datetime
    changed_at: datetime


def list_drafts(workspace: Workspace, access: Access) -> list[DraftShown]:
    """Somebody's drafts, the one saved last first.

    Raises:
        RoleForbiddenError: The role writes no definitions.
    """
    access.need(Permission.EDIT_DEFINITIONS)
    with Drafts.open(workspace.project.folder) as drafts:
        return [_shown(each) for each in drafts.of(access.actor, _KIND)]


def show_draft(workspace: Workspace, access: Access, number: str) -> DraftShown:
    """One of somebody's drafts.

    Raises:
        RoleForbiddenError: The role writes no definitions.
        DraftUnknownError: They have none of this id.
    """
    access.need(Permission.EDIT_DEFINITIONS)
    with Drafts.open(workspace.project.folder) as drafts:
        return _shown(drafts.find(access.actor, number))


def save_draft(
    workspace: Workspace, access: Access, number: str, *, segment: str, body: object, version: int
) -> DraftShown:
    """Keep a draft; on the disk when this returns.

    Args:
        workspace: The open project.
        access: Who keeps it.
        number: Its id.
        segment: The segment that it changes; empty for a new one.
        body: What the builder keeps.
        version: That which it was made from; 0 for a new one.

    Raises:
        RoleForbiddenError: The role writes no definitions.
        DraftChangedError: It was saved meanwhile.
    """
    access.need(Permission.EDIT_DEFINITIONS)
    now = workspace.clock()
    draft = Draft(
        id=number,
        kind=_KIND,
        owner=access.actor,
        name=segment,
        body=json.dumps(body, ensure_ascii=False),
        version=version,
        made_at=now,
        changed_at=now,
    )
    with Drafts.open(workspace.project.folder) as drafts:
        return _shown(drafts.save(draft, now=now))


def drop_draft(workspace: Workspace, access: Access, number: str) -> bool:
    """Throw a draft away; whether there was one.

    Raises:
        RoleForbiddenError: The role writes no definitions.
    """
    access.need(Permission.EDIT_DEFINITIONS)
    with Drafts.open(workspace.project.folder) as drafts:
        return drafts.drop(access.actor, number)


def _shown(draft: Draft) -> DraftShown:
    return DraftShown(
        id=draft.id,
        segment=draft.name,
        body=json.loads(draft.body),
        version=draft.version,
        made_at=draft.made_at,
        changed_at=draft.changed_at,
    )
