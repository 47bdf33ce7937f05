"""Putting a copy of a project back into use: whoever was erased since it was made is erased again first."""

from dataclasses import dataclass
from pathlib import Path

from habitue.config import STATE_FOLDER
from habitue.govern.keys import MasterKeyLostError, key_file
from habitue.govern.opening import VAULT_ID_FILE, open_vault
from habitue.run.backing_up import Backup, put_back
from habitue.run.erasing_steps import settle_requests
from habitue.run.surroundings import Surroundings
from habitue.run.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A copy that was put back.

    Attributes:
        backup: What was put back, and where.
        erased_again: Records of people who had been erased since the copy was made.
        needs_key: The file of the master key where it is not there; empty where it is.
    """

    backup: Backup
    erased_again: int
    needs_key: str


def restore(place: Path, to: Path, *, around: Surroundings) -> Restored:
    """Put a copy back, and do what has to be done before anything of it is answered.

    Args:
        place: The copy.
        to: The folder of the project it becomes; not there, or empty.
        around: The time, chance, and where keys are kept.

    Raises:
        HabitueError: The copy is damaged, or something is at `to`; nothing was written.
    """
    backup = put_back(place, to)
    if not (to / STATE_FOLDER / VAULT_ID_FILE).exists():
        return Restored(backup=backup, erased_again=0, needs_key="")
    try:
        before = _records(to, around)
        # Opening carries out what is due; where it cannot, this says why.
        with Workspace.open(to, around=around) as workspace:
            settle_requests(workspace.opened)
            gone = before - workspace.vault.count()
    except MasterKeyLostError:
        missing = key_file(backup.vault, around.environ, around.home)
        return Restored(backup=backup, erased_again=0, needs_key=str(missing))
    return Restored(backup=backup, erased_again=gone, needs_key="")


def _records(folder: Path, around: Surroundings) -> int:
    with open_vault(folder, environ=around.environ, home=around.home, random=around.random) as vault:
        return vault.count()
