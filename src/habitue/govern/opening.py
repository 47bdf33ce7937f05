"""Opening a project's vault: its id, its master key, and the vault itself, made when they are not there yet."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from habitue.config import state_folder, write_text
from habitue.errors import HabitueError
from habitue.govern.data_keys import has_data_keys
from habitue.govern.key_places import KeyPlace, key_place
from habitue.govern.keys import MasterKey, MasterKeyLostError, MasterKeyWrongError, RandomBytes, key_file
from habitue.govern.vault import VAULT_FILE, Vault
from habitue.govern.vault_tables import VAULT
from habitue.state.sqlite import answering, open_database

VAULT_ID_FILE: Final = "vault.id"
_ID_BYTES: Final = 8


class VaultIdError(HabitueError):
    """The file that names a project's vault is missing or holds something else."""

    code = "VAULT-ID"

    def __init__(self, path: Path) -> None:
        super().__init__(
            what=f"{str(path)!r} does not say the id of the vault beside it.",
            do="Restore it from a backup: it is one line of 16 hex digits, also the name of the master key's file.",
        )


def open_vault(folder: Path, *, environ: Mapping[str, str], home: Path, random: RandomBytes) -> Vault:
    """The vault of a project, opened with its master key; id, key and vault are made where there is no vault yet.

    The key comes from `HABITUE_MASTER_KEY`; else from the system's key store with `HABITUE_KEY_STORE=os`; else from
    `<vault id>.key` in `$XDG_CONFIG_HOME/habitue/keys` or `~/.config/habitue/keys`.

    Args:
        folder: The project folder.
        environ: Environment variables.
        home: The user's home folder.
        random: Where keys, ids and nonces come from: `os.urandom`, but in tests.

    Raises:
        MasterKeyLostError: There is a vault, and its key is nowhere; no other is ever made for it.
        MasterKeyWrongError: A key is there, and it is not the vault's.
        MasterKeyMalformedError: What should be a key is none.
        VaultIdError: The vault's id is missing or malformed.
        KeyStoreError: The system's key store is asked for, and is not there.
    """
    vault_id = _vault_id(folder, random)
    place = key_place(vault_id, environ=environ, home=home)
    keys = place.held()
    if not keys:
        if _has_vault(folder):
            raise MasterKeyLostError(vault_id, key_file(vault_id, environ, home))
        keys = [place.make(random)]
    return open_with(folder, keys, vault_id=vault_id, random=random)


def open_with(folder: Path, keys: list[MasterKey], *, vault_id: str, random: RandomBytes) -> Vault:
    """The vault, opened with the first of these keys that fits: during a rotation there are two.

    Raises:
        MasterKeyWrongError: None of them does.
    """
    refusal: MasterKeyWrongError | None = None
    for key in keys:
        try:
            return Vault.open(folder, key, vault_id=vault_id, random=random)
        except MasterKeyWrongError as error:
            refusal = refusal or error
    raise refusal or MasterKeyLostError(vault_id, folder)


def known_place(folder: Path, *, environ: Mapping[str, str], home: Path) -> tuple[str, KeyPlace]:
    """The id of the vault that a project has, and where its master key is kept."""
    path = state_folder(folder) / VAULT_ID_FILE
    vault_id = _read_id(path)
    if vault_id is None:
        raise VaultIdError(path)
    return vault_id, key_place(vault_id, environ=environ, home=home)


def _vault_id(folder: Path, random: RandomBytes) -> str:
    path = state_folder(folder) / VAULT_ID_FILE
    found = _read_id(path)
    if found is not None:
        return found
    if _has_vault(folder):
        raise VaultIdError(path)
    made = random(_ID_BYTES).hex()
    write_text(path, made + "\n")
    return made


def _read_id(path: Path) -> str | None:
    try:
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise VaultIdError(path) from None
    if len(text) != 2 * _ID_BYTES or not set(text) <= set("0123456789abcdef"):
        raise VaultIdError(path)
    return text


def _has_vault(folder: Path) -> bool:
    path = state_folder(folder) / VAULT_FILE
    if not path.exists():
        return False
    connection = open_database(path, VAULT)
    try:
        with answering(path):
            return has_data_keys(connection)
    finally:
        connection.close()
