"""Whoever takes a project's folder takes no key with it."""

import os
from pathlib import Path
from sqlite3 import connect

from habitue.govern.data_keys import read_data_keys, wrap_of
from habitue.govern.keys import decoded, key_file
from tests.govern.vaults import chance, every_byte


def test_no_key_of_a_built_project_is_in_any_of_its_files(shop: Path) -> None:
    vault_id = (shop / ".habitue" / "vault.id").read_text(encoding="ascii").strip()
    text = key_file(vault_id, os.environ, Path.home()).read_text(encoding="ascii")
    master = decoded(text, "its file")
    vault = connect(shop / ".habitue" / "vault.sqlite")
    keys = read_data_keys(vault, wrap_of(master, chance(1)), vault_id=vault_id, place="")
    vault.close()
    written = every_byte(shop)
    assert vault_id.encode() in written  # the search does find what is there
    halves = (keys.names[:32], keys.names[32:], keys.graves, keys.lane, master.secret, master.derive("wrap"))
    for key in halves:
        assert key not in written
        assert key.hex().encode() not in written
        assert key.hex()[:16].encode() not in written
    assert text.strip().encode() not in written
