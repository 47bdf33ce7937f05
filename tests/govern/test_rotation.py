"""The master key changes and everything stays; stopped at any moment, one of the two keys opens the vault."""

import subprocess
import sys
from pathlib import Path
from sqlite3 import connect

import pytest

from habitue.govern.key_places import NEXT_VARIABLE, KeyPlaceError
from habitue.govern.keys import KEY_VARIABLE, MasterKeyLostError, MasterKeyWrongError, encoded
from habitue.govern.opening import VaultIdError, open_vault
from habitue.govern.rotation import Rotation, rotate
from habitue.govern.vault import Vault
from tests.govern.vaults import LATER, NOW, chance, found_among, people

PEOPLE = 300


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    with opened(folder) as vault:
        records = people(vault, map(str, range(PEOPLE)))
        vault.put_cards("crm", records, records)
        vault.erase(records[:1], now=NOW)
    return folder


def opened(project: Path, *, environ: dict[str, str] | None = None) -> Vault:
    return open_vault(project, environ=environ or {}, home=project.parent, random=chance(1))


def rotated(project: Path, *, environ: dict[str, str] | None = None, seed: int = 3) -> Rotation:
    return rotate(project, environ=environ or {}, home=project.parent, random=chance(seed), now=LATER)


def keys_of(project: Path) -> dict[str, bytes]:
    folder = project.parent / ".config" / "habitue" / "keys"
    vault_id = (project / ".habitue" / "vault.id").read_text(encoding="ascii").strip()
    return {path.name.removeprefix(vault_id): path.read_bytes() for path in folder.iterdir()}


def assert_whole(project: Path, *, environ: dict[str, str] | None = None) -> None:
    with opened(project, environ=environ) as vault:
        names = vault.names("user_id", map(str, range(PEOPLE)))
        records = vault.assign(names, now=LATER)
        assert records[0] is None
        assert {record: card for record, _, card in vault.cards()} == {record: record for record in records[1:]}
        assert vault.count() == PEOPLE - 1


def test_everything_is_as_it_was_under_a_new_key(project: Path) -> None:
    before = keys_of(project)
    with opened(project) as vault:
        sealed = vault.lane.seal("a failed row")
    done = rotated(project)
    assert (done.people, done.resumed, done.rotated_at) == (PEOPLE - 1, False, LATER)
    after = keys_of(project)
    assert list(before) == list(after) == [".key"]
    assert before != after
    assert_whole(project)
    with opened(project) as vault:
        assert vault.lane.open(sealed) == "a failed row"
    with pytest.raises(MasterKeyWrongError):
        opened(project, environ={KEY_VARIABLE: before[".key"].decode()})


def test_no_key_is_left_under_the_old_master_key(project: Path) -> None:
    with opened(project) as vault:
        vault.compact()
    file = project / ".habitue" / "vault.sqlite"
    before = file.read_bytes()
    rotated(project)
    copy = project.parent / "copy.sqlite"
    copy.write_bytes(before)
    other = connect(copy)
    rows = other.execute("SELECT wrapped FROM records UNION ALL SELECT value FROM facts").fetchall()
    marks = [bytes(value) for (value,) in rows]
    other.close()
    assert found_among(marks, before) == marks
    assert found_among(marks, file.read_bytes()) == []


STOPPED = """
import os, sys
from pathlib import Path
from tests.govern.test_rotation import rotated

def stop(frame, event, argument):
    if event == "return" and frame.f_code.co_name == sys.argv[2]:
        os._exit(9)
    return stop

sys.settrace(stop)
rotated(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("moment", ["make_next", "sync", "_page", "rewrap", "keep_data_keys", "compact", "write_anew"])
def test_a_rotation_killed_at_any_moment_can_be_ended(project: Path, moment: str) -> None:
    before = keys_of(project)[".key"]
    killed = subprocess.run([sys.executable, "-c", STOPPED, str(project), moment], check=False)
    assert killed.returncode == 9
    assert keys_of(project)[".key"] == before
    waiting = keys_of(project)[".key.next"]
    assert_whole(project)
    done = rotated(project, seed=8)
    assert done.resumed == (moment in {"compact", "write_anew"})
    assert keys_of(project) == {".key": waiting}
    assert_whole(project)


def test_the_environments_key_is_changed_by_whoever_sets_it(project: Path) -> None:
    old = {KEY_VARIABLE: keys_of(project)[".key"].decode()}
    with pytest.raises(KeyPlaceError):
        rotated(project, environ=old)
    fresh = encoded(chance(6)(32))
    both = old | {NEXT_VARIABLE: fresh}
    assert not rotated(project, environ=both).resumed
    assert_whole(project, environ=both)
    assert rotated(project, environ=both).resumed
    assert_whole(project, environ={KEY_VARIABLE: fresh})
    with pytest.raises(MasterKeyWrongError):
        opened(project, environ=old)


def test_a_rotation_needs_a_vault_and_its_key(project: Path) -> None:
    with pytest.raises(VaultIdError):
        rotated(project.parent)
    for path in (project.parent / ".config" / "habitue" / "keys").iterdir():
        path.unlink()
    with pytest.raises(MasterKeyLostError):
        rotated(project)
    assert list((project.parent / ".config" / "habitue" / "keys").iterdir()) == []
