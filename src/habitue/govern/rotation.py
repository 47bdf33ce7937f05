"""Changing the master key: every key is kept under a new one, and the old one is gone.

Names, graves and cards stay what they are. Copies of the vault from before still open with the old key, if somebody
kept it: those copies are what a rotation is for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from habitue.govern.keys import MasterKeyLostError, MasterKeyWrongError, RandomBytes, key_file
from habitue.govern.opening import known_place, open_with
from habitue.govern.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """A change of the master key.

    Attributes:
        vault_id: Of which vault.
        people: Keys of records that are now under the new master key.
        place: Where the new master key is.
        resumed: Whether it ended a rotation that was cut short.
        rotated_at: When, UTC.
    """

    vault_id: str
    people: int
    place: str
    resumed: bool
    rotated_at: datetime


def rotate(folder: Path, *, environ: Mapping[str, str], home: Path, random: RandomBytes, now: datetime) -> Rotation:
    """Change the master key of a project's vault; no other process may have the vault open.

    In this order: the new key is kept beside the old one; all keys are wrapped anew, in one transaction; the new key
    takes the place of the old one. Cut short anywhere, the vault opens with one of the two, and rotating again ends
    what was begun.

    Args:
        folder: The project folder, locked by the caller.
        environ: Environment variables.
        home: The user's home folder.
        random: Where keys and nonces come from.
        now: The present time, aware.

    Raises:
        MasterKeyLostError: The present key is nowhere.
        MasterKeyWrongError: It is another vault's.
        KeyPlaceError: It is in the environment, and the next one is not.
    """
    vault_id, place = known_place(folder, environ=environ, home=home)
    before = place.held()
    if not before:
        raise MasterKeyLostError(vault_id, key_file(vault_id, environ, home))
    fresh = place.make_next(random)
    try:
        vault = Vault.open(folder, fresh, vault_id=vault_id, random=random)
        resumed = True
    except MasterKeyWrongError:
        vault = open_with(folder, before, vault_id=vault_id, random=random)
        resumed = False
    with vault:
        people = vault.count() if resumed else vault.rewrap(fresh)
        if resumed:
            # What was cut short may have left keys under the old master key.
            vault.compact()
    place.promote()
    held = next(each for each in place.held() if each.secret == fresh.secret)
    return Rotation(vault_id=vault_id, people=people, place=held.place, resumed=resumed, rotated_at=now)
