"""Changing the master key of a project that nobody else has open, and writing down that it was changed."""

from pathlib import Path

from habitue.govern.audit import AuditAction, AuditEntry
from habitue.govern.rotation import Rotation, rotate
from habitue.run.auditing import open_audit, terminal_actor
from habitue.run.surroundings import Surroundings
from habitue.state import ProjectLock


def rotate_master_key(folder: Path, around: Surroundings) -> Rotation:
    """Put a new master key in place of the present one.

    Raises:
        HabitueError: The present key is lost or another's, or another process has the project.
    """
    now = around.clock()
    with ProjectLock(folder):
        done = rotate(folder, environ=around.environ, home=around.home, random=around.random, now=now)
        with open_audit(folder, around) as log:
            actor = terminal_actor(around.environ)
            log.append(AuditEntry(at=now, actor=actor, action=AuditAction.KEY, about="master key rotated"))
    return done
